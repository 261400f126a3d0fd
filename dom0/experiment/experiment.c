/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads an experiment file as a whole. */
#include "experiment.h"

#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "key_tree.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

const char *const xb_order_words[] = {"interleaved", "sequential", "random", NULL};

/* The file's top level: values that are read directly, and nodes that read_body reads later. */
struct head {
    struct xb_experiment *exp;
    char *name, *description;
    uint32_t repetitions, warmup, max_attempts;
    int order;
    struct fy_node *until, *compare;
    uint64_t seed, timeout_ns, boot_timeout_ns, max_release_error_ns, background_lead_ns;
    int on_guest_failure;
    bool trace, solo;
    struct xb_exp_hooks hooks;
    struct xb_exp_base base;
};

static int keep_node(const struct xb_yaml *yaml XB_UNUSED, struct fy_node *node,
                     const struct xb_yaml_key *key XB_UNUSED, void *value,
                     struct xb_err *err XB_UNUSED)
{
    *(struct fy_node **)value = node;
    return 0;
}

#define HEAD(key) .name = #key, .offset = offsetof(struct head, key)
#define BASE(key) .name = #key, .offset = offsetof(struct head, base.key)
#define HEAD_NS(key)                                                                               \
    .name = #key, .offset = offsetof(struct head, key##_ns), .read = xb_yaml_duration

const struct xb_yaml_key xb_exp_head_keys[] = {
    {HEAD(name), .read = xb_yaml_text, .required = true, .what = "the report's title",
     .help = "the report's title"},
    {HEAD(description), .read = xb_yaml_text, .help = "text for people"},
    {BASE(workload), .read = keep_node, .help = "what the guests run"},
    {BASE(guests), .read = keep_node, .required = true,
     .what = "the guests by name: {web: {image: debian, memory: 512M}}",
     .help = "by name, or how many: g1, g2, ..."},
    {BASE(defaults), .read = keep_node, .help = "of every guest that does not set them itself"},
    {BASE(dom0), .read = keep_node, .help = "Dom0, in every case"},
    {BASE(pools), .read = keep_node, .help = "cpupools, in every case"},
    {BASE(host), .read = keep_node, .help = "the whole host, in every case"},
    {BASE(cases), .read = keep_node, .help = "the allocations that are compared"},
    {BASE(exclude), .read = keep_node, .help = "combinations of lists to leave out"},
    {HEAD(solo), .read = xb_yaml_bool, .help = "measure each guest alone, too"},
    {HEAD(hooks), .read = xb_exp_hooks, .help = "commands in Dom0 around each cell"},
    {HEAD(on_guest_failure), .read = xb_yaml_word, .words = xb_policy_words,
     .help = "stop, mark, keep or discard"},
    {HEAD(repetitions), .read = xb_yaml_uint, .min = 1, .max = 10000,
     .help = "how often to measure each case"},
    {HEAD(until), .read = keep_node, .help = "repeat until the medians are known well enough"},
    {HEAD(compare), .read = keep_node, .help = "cases that are compared in pairs"},
    {HEAD(warmup), .read = xb_yaml_uint, .min = 0, .max = 1000,
     .what = "how many rounds run first and do not count, 0 to 1000",
     .help = "rounds that run first and do not count"},
    {HEAD(order), .read = xb_yaml_word, .words = xb_order_words,
     .help = "interleaved, sequential or random"},
    {HEAD(seed), .read = xb_yaml_u64, .what = "a whole number; the same seed gives the same order",
     .help = "makes a random order repeatable"},
    {HEAD_NS(timeout), .min = XB_NS_PER_MS, .max = 168 * XB_NS_PER_H, .what = "1ms to 168h",
     .help = "for one job"},
    {HEAD_NS(boot_timeout), .min = XB_NS_PER_S, .max = 3600 * XB_NS_PER_S, .what = "1s to 1h",
     .help = "for guests to boot and come to rest"},
    {HEAD_NS(max_release_error), .min = 1000, .max = XB_NS_PER_S, .what = "1us to 1s",
     .help = "a cell whose guests start less in step is repeated"},
    {HEAD_NS(background_lead), .min = 0, .max = 3600 * XB_NS_PER_S, .what = "0s to 1h",
     .help = "how long background load runs before the window"},
    {HEAD(max_attempts), .read = xb_yaml_uint, .min = 1, .max = 100,
     .help = "attempts at one cell"},
    {HEAD(trace), .read = xb_yaml_bool, .help = "record Xen's trace in each cell"},
    {0},
};

static struct xb_key_tree *find_key(struct xb_key_tree *top, const char *name)
{
    for (size_t i = 0; i < top->count; i++)
        if (strcmp(name, top->in[i].key) == 0)
            return &top->in[i];
    return NULL;
}

void xb_exp_note_keys(struct xb_key_tree *top)
{
    for (const struct xb_yaml_key *key = xb_exp_head_keys; key->name; key++) {
        struct xb_key_tree *entry = find_key(top, key->name);
        if (entry)
            entry->note = key->help;
    }
}

void xb_exp_write_unset(struct xb_key_tree *top, FILE *out)
{
    fputs("# Keys that are not set here (docs/experiment.md has all):\n", out);
    for (const struct xb_yaml_key *key = xb_exp_head_keys; key->name; key++)
        if (!find_key(top, key->name))
            fprintf(out, "#   %-18s %s\n", key->name, key->help);
}

int xb_exp_check_name(const struct xb_yaml *yaml, struct fy_node *node, const char *what,
                      const char *text, struct xb_err *err)
{
    if (strlen(text) > XB_EXP_NAME_MAX || strpbrk(text, "\n\r\t"))
        return xb_yaml_fail(yaml, node, err,
                            "%s is `%.80s`; one line of at most %d bytes was expected", what, text,
                            XB_EXP_NAME_MAX);
    return 0;
}

static int read_body(struct xb_yaml *yaml, const struct head *head, struct xb_err *err)
{
    struct xb_experiment *exp = head->exp;
    if (xb_exp_check_name(yaml, xb_yaml_root(yaml), "`name`", exp->name, err) < 0 ||
        xb_exp_read_guests(yaml, &head->base, exp, err) < 0 ||
        xb_exp_read_cases(yaml, &head->base, exp, err) < 0)
        return -1;
    if (xb_exp_settle_builds(exp, err) < 0)
        return -1;
    if (head->until && xb_exp_read_until(yaml, head->until, &exp->until, err) < 0)
        return -1;
    if (head->compare && xb_exp_read_pairs(yaml, head->compare, exp, err) < 0)
        return -1;
    return exp->solo ? xb_exp_add_solos(exp, err) : 0;
}

static bool is_present(uint64_t present, size_t offset)
{
    for (size_t i = 0; xb_exp_head_keys[i].name; i++)
        if (xb_exp_head_keys[i].offset == offset)
            return present >> i & 1;
    return false;
}

static int read_experiment(struct xb_yaml *yaml, struct xb_experiment *exp, struct xb_err *err)
{
    struct head head = {
        .exp = exp,
        .repetitions = 3,
        .boot_timeout_ns = 300 * XB_NS_PER_S,
        .max_release_error_ns = 10 * XB_NS_PER_MS,
        .max_attempts = 3,
        .background_lead_ns = 500 * XB_NS_PER_MS,
        .hooks = {.timeout_ns = 60 * XB_NS_PER_S},
    };
    uint64_t present = 0;
    int r = xb_yaml_map(yaml, xb_yaml_root(yaml), xb_exp_head_keys, xb_exp_aliases, &head, &present,
                        err);
    exp->name = head.name;
    exp->description = head.description;
    exp->repetitions = head.repetitions;
    exp->warmup = head.warmup;
    exp->order = head.order;
    exp->seed = head.seed;
    exp->timeout_ns = head.timeout_ns;
    exp->boot_timeout_ns = head.boot_timeout_ns;
    exp->max_release_error_ns = head.max_release_error_ns;
    exp->max_attempts = head.max_attempts;
    exp->trace = head.trace;
    exp->has_seed = is_present(present, offsetof(struct head, seed));
    if (r == 0 && head.until && is_present(present, offsetof(struct head, repetitions)))
        r = xb_yaml_fail(
            yaml, head.until, err,
            "`repetitions` and `until` exclude each other: give one (`until` has `min` and "
            "`max`)");
    exp->background_lead_ns = head.background_lead_ns;
    exp->on_guest_failure = head.on_guest_failure;
    exp->solo = head.solo;
    exp->hooks = head.hooks;
    return r < 0 ? -1 : read_body(yaml, &head, err);
}

/* A path such as /dev/stdin may lead to a regular file, but the file's folder is not /dev. */
static bool is_handed_over(const char *path)
{
    static const char *const handed[] = {"/dev/stdin", "/dev/fd/", "/proc/self/fd/"};
    struct stat st;
    for (size_t i = 0; i < XB_ARRAY_LEN(handed); i++)
        if (strncmp(path, handed[i], strlen(handed[i])) == 0)
            return true;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* The folder of a file, even of a removed one; for a pipe the current directory. */
static char *folder_of(const char *path)
{
    const char *slash = is_handed_over(path) ? NULL : strrchr(path, '/');
    xb_auto_free char *named = slash == path ? xb_strdup("/")
                               : slash       ? xb_strndup(path, (size_t)(slash - path))
                                             : xb_strdup(".");
    char *real = realpath(named, NULL);
    return real ? real : xb_steal_ptr(&named);
}

static unsigned count_lines(const char *text)
{
    unsigned lines = 1;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

/* Apply the command line's --set options. For messages, each counts as a line below the text. */
static int set_all(struct xb_yaml *yaml, struct xb_experiment *exp, const struct xb_texts *sets,
                   struct xb_err *err)
{
    exp->said_line = count_lines(yaml->text) + 1;
    for (size_t i = 0; i < sets->count; i++) {
        xb_auto_free char *said = xb_asprintf("--set %.80s", sets->v[i]);
        xb_texts_add(&exp->said, said);
        if (xb_exp_set(yaml, sets->v[i], exp->said_line + (unsigned)i, err) < 0)
            return -1;
    }
    return 0;
}

int xb_experiment_read(struct xb_experiment **out, const struct xb_exp_source *source,
                       struct xb_err *err)
{
    struct xb_yaml yaml;
    int r = source->text
                ? xb_yaml_parse(&yaml, source->path, source->text, strlen(source->text), err)
                : xb_yaml_open(&yaml, source->path, err);
    if (r < 0)
        return -1;
    struct xb_experiment *exp = xb_calloc(1, sizeof(*exp));
    exp->path = xb_strdup(yaml.path);
    exp->folder = folder_of(yaml.path);
    exp->text = xb_strdup(yaml.text);
    exp->said_line = 1;
    for (size_t i = 0; source->said && i < source->said->count; i++)
        xb_texts_add(&exp->said, source->said->v[i]);
    if (source->sets && source->sets->count)
        r = set_all(&yaml, exp, source->sets, err);
    if (r == 0)
        r = read_experiment(&yaml, exp, err);
    xb_yaml_close(&yaml);
    if (r < 0) {
        xb_exp_locate(exp, err);
        xb_experiment_free(exp);
    } else {
        *out = exp;
    }
    return r;
}

void xb_exp_locate(const struct xb_experiment *exp, struct xb_err *err)
{
    size_t path = strlen(exp->path);
    char *end = NULL, why[sizeof(err->msg)];
    if (!err || strncmp(err->msg, exp->path, path) != 0 || err->msg[path] != ':')
        return;
    unsigned long line = strtoul(err->msg + path + 1, &end, 10);
    if (*end != ':' || line < exp->said_line || line - exp->said_line >= exp->said.count ||
        !*exp->said.v[line - exp->said_line])
        return;
    snprintf(why, sizeof(why), "%s", end);
    snprintf(err->msg, sizeof(err->msg), "%s%.900s", exp->said.v[line - exp->said_line], why);
}

int xb_experiment_parse(struct xb_experiment **out, const char *path, const char *text,
                        size_t bytes, struct xb_err *err)
{
    xb_auto_free char *copy = xb_strndup(text, bytes);
    return xb_experiment_read(out, &(struct xb_exp_source){.path = path, .text = copy}, err);
}

static void free_guest(struct xb_exp_guest *guest)
{
    free(guest->name);
    free(guest->image);
    free(guest->socket);
}

void xb_exp_case_free(struct xb_exp_case *c, size_t guests)
{
    for (size_t g = 0; c->guests && g < guests; g++)
        xb_allocation_free(&c->guests[g]);
    free(c->guests);
    free(c->parts);
    xb_allocation_free(&c->dom0);
    free(c->name);
}

void xb_experiment_free(struct xb_experiment *exp)
{
    if (!exp)
        return;
    for (size_t c = 0; c < exp->case_count; c++)
        xb_exp_case_free(&exp->cases[c], exp->guest_count);
    for (size_t g = 0; g < exp->guest_count; g++)
        free_guest(&exp->guests[g]);
    free(exp->until.metric);
    for (size_t w = 0; w < exp->workload_count; w++)
        xb_exp_workload_free(&exp->workloads[w]);
    free(exp->workloads);
    xb_texts_free(&exp->hooks.before);
    xb_texts_free(&exp->hooks.after);
    free(exp->cases);
    free(exp->guests);
    free(exp->path);
    free(exp->folder);
    free(exp->text);
    xb_texts_free(&exp->said);
    free(exp->name);
    free(exp->description);
    free(exp);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_start.h"

#include "alloc.h"
#include "base.h"
#include "cpus.h"
#include "files.h"
#include "key_tree.h"
#include "keypath.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define GUESTS_MAX 3
#define CORES_MAX 64
#define MEMORY_BYTES (UINT64_C(512) << 20)
/* A job that any guest can run. */
#define OWN_NAME "count in the shell"
#define OWN_COMMAND "i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done"

/* What is chosen for the experiment. */
struct start {
    const struct xb_host_facts *facts;
    const struct xb_host_image *image; /* NULL: none */
    const char *workload;              /* of the catalogue; NULL: a command */
    const char *names[GUESTS_MAX];     /* of existing guests */
    size_t existing, guests;
    struct xb_cpus cores[CORES_MAX]; /* the online CPUs of each core */
    size_t core_count;
    uint32_t scheduled_cpus;
    bool has_weights; /* Pool-0's scheduler has weights */
    struct xb_key_tree tree;
};

static void list_cores(struct start *s)
{
    const struct xb_host_facts *facts = s->facts;
    uint32_t first[CORES_MAX];
    for (uint32_t cpu = 0; cpu < facts->cpus; cpu++) {
        const struct xb_pcpu *p = &facts->pcpus[cpu];
        size_t i = 0;
        if (!p->online)
            continue;
        while (i < s->core_count && (facts->pcpus[first[i]].core != p->core ||
                                     facts->pcpus[first[i]].socket != p->socket))
            i++;
        if (i == CORES_MAX)
            continue;
        if (i == s->core_count) {
            first[s->core_count++] = cpu;
            s->cores[i] = (struct xb_cpus){0};
        }
        xb_cpus_add(&s->cores[i], cpu);
    }
}

static const char *workload_of(const struct xb_host_image *image)
{
    return json_string_value(json_array_get(image->workloads, 0));
}

/* An image with a workload in it, else any. */
static void choose_image(struct start *s)
{
    for (size_t i = 0; i < s->facts->image_count; i++) {
        const struct xb_host_image *image = &s->facts->images[i];
        if (!s->image || (!workload_of(s->image) && workload_of(image)))
            s->image = image;
    }
    s->workload = s->image ? workload_of(s->image) : NULL;
}

/* Choose the number of guests or, without an image, existing guests. */
static void choose_guests(struct start *s)
{
    const struct xb_host_facts *facts = s->facts;
    uint64_t each = s->image && s->image->min_memory_bytes > MEMORY_BYTES
                        ? s->image->min_memory_bytes
                        : MEMORY_BYTES;
    s->guests = s->core_count > GUESTS_MAX ? GUESTS_MAX : s->core_count > 2 ? 2 : 1;
    if (facts->free_bytes && facts->free_bytes / each < s->guests)
        s->guests = facts->free_bytes / each ? facts->free_bytes / each : 1;
    for (size_t g = 0; !s->image && g < facts->guest_count && s->existing < GUESTS_MAX; g++)
        if (!facts->guests[g].made)
            s->names[s->existing++] = facts->guests[g].name;
    if (s->existing)
        s->guests = s->existing;
}

static const struct xb_pool *pool_zero(const struct xb_host_facts *facts)
{
    return facts->pool_count ? &facts->pools[0] : NULL;
}

static void set(struct xb_key_tree *tree, const char *above, const char *key, const char *value)
{
    struct xb_err none = {0};
    xb_auto_free char *yaml = xb_need(xb_keypath_value(value, false, "", &none));
    char *keys[] = {(char *)(above ? above : key), (char *)key};
    xb_key_tree_set(tree, keys, above ? 2 : 1, yaml, "", true, &none);
}

static const char *guest_name(const struct start *s, size_t g, char out[24])
{
    if (g < s->existing)
        return s->names[g];
    snprintf(out, 24, "g%zu", g + 1);
    return out;
}

static void put_guests(struct start *s)
{
    char count[24], memory[24];
    if (s->existing) {
        struct xb_key_tree *guests = xb_key_tree_at(&s->tree, "guests");
        for (size_t g = 0; g < s->existing; g++)
            xb_key_tree_at(guests, s->names[g]);
        return;
    }
    uint64_t least = s->image ? s->image->min_memory_bytes : 0;
    snprintf(count, sizeof(count), "%zu", s->guests);
    snprintf(memory, sizeof(memory), "%" PRIu64 "M",
             (least > MEMORY_BYTES ? least : MEMORY_BYTES) >> 20);
    set(&s->tree, NULL, "guests", count);
    set(&s->tree, "defaults", "image", s->image ? s->image->name : "debian");
    set(&s->tree, "defaults", "memory", memory);
    set(&s->tree, "defaults", "vcpus", "1");
    if (s->image && s->image->types && !xb_json_has(s->image->types, "pvh"))
        set(&s->tree, "defaults", "type", "pv");
}

static void put_workload(struct start *s)
{
    if (s->workload) {
        set(&s->tree, NULL, "workload", s->workload);
        return;
    }
    set(&s->tree, "workload", "name", OWN_NAME);
    set(&s->tree, "workload", "command", OWN_COMMAND);
    xb_key_tree_at(xb_key_tree_at(&s->tree, "workload"), "command")->note =
        "or a name from `xenbench workload list`";
}

static struct xb_key_tree *add_case(struct xb_key_tree *cases, const char *name)
{
    struct xb_key_tree *entry = xb_append(&cases->in, &cases->count);
    set(entry, NULL, "name", name);
    return entry;
}

static void pin(const struct start *s, struct xb_key_tree *entry, const char *guest,
                const struct xb_cpus *cpus)
{
    char text[XB_CPUS_TEXT_BYTES];
    struct xb_err none = {0};
    xb_cpus_format(cpus, s->facts->cpus, text, sizeof(text));
    xb_auto_free char *value = xb_need(xb_keypath_value(text, true, "", &none));
    char *of_guest[] = {"guests", (char *)guest, "hard"}, *of_dom0[] = {"dom0", "hard"};
    if (guest)
        xb_key_tree_set(entry, of_guest, 3, value, "", true, &none);
    else
        xb_key_tree_set(entry, of_dom0, 2, value, "", true, &none);
}

static void put_cases(struct start *s)
{
    char name[24];
    struct xb_key_tree *cases = xb_key_tree_at(&s->tree, "cases");
    cases->list = true;
    add_case(cases, "as found");
    if (s->core_count > s->guests) {
        struct xb_key_tree *entry = add_case(cases, "a core each");
        pin(s, entry, NULL, &s->cores[0]);
        for (size_t g = 0; g < s->guests; g++)
            pin(s, entry, guest_name(s, g, name), &s->cores[g + 1]);
    }
    if (s->core_count < 2 || s->guests < 2)
        return;
    pin(s, add_case(cases, "one core for all"), "all", &s->cores[s->core_count - 1]);
    if (!s->has_weights)
        return;
    xb_auto_free char *title = xb_asprintf("the same, %s weighs 1024", guest_name(s, 0, name));
    struct xb_key_tree *entry = add_case(cases, title);
    struct xb_err none = {0};
    char *weight[] = {"guests", (char *)guest_name(s, 0, name), "weight"};
    pin(s, entry, "all", &s->cores[s->core_count - 1]);
    xb_key_tree_set(entry, weight, 3, "1024", "", true, &none);
}

/* ---- what the host has, as comments ---- */

static void say_machine(const struct start *s, FILE *out)
{
    const struct xb_host_facts *facts = s->facts;
    size_t threads = 1;
    fprintf(out, "# This host%s%s%s%s:\n", facts->kernel.host_name[0] ? ", " : "",
            facts->kernel.host_name, facts->version[0] ? ", with Xen " : ", without Xen now",
            facts->version);
    for (size_t c = 0; c < s->core_count; c++) {
        size_t own = xb_cpus_count(&s->cores[c], facts->cpus);
        threads = own > threads ? own : threads;
    }
    if (s->core_count)
        fprintf(out, "#   %u CPUs online in %zu cores%s\n", xb_host_cpus_online(facts),
                s->core_count, threads > 1 ? ":" : "");
    for (size_t c = 0; threads > 1 && c < s->core_count; c++) {
        char text[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(&s->cores[c], facts->cpus, text, sizeof(text));
        fprintf(out, "%s%s%s", c % 16 ? "  " : "#     ", text,
                c % 16 == 15 || c + 1 == s->core_count ? "\n" : "");
    }
    for (size_t p = 0; p < facts->pool_count; p++) {
        char text[XB_CPUS_TEXT_BYTES];
        xb_cpus_format(&facts->pools[p].cpus, facts->cpus, text, sizeof(text));
        fprintf(out, "#   pool %s: CPUs %s, scheduler %s\n", facts->pools[p].name, text,
                facts->pools[p].scheduler);
    }
}

static void say_made(const struct start *s, FILE *out)
{
    const struct xb_host_facts *facts = s->facts;
    for (size_t g = 0; g < facts->guest_count; g++)
        fprintf(out, "#   guest %s: %u vcpus, %" PRIu64 "M%s%s, %s\n", facts->guests[g].name,
                facts->guests[g].vcpus, facts->guests[g].memory_bytes >> 20,
                facts->guests[g].image[0] ? ", of image " : "", facts->guests[g].image,
                facts->guests[g].running ? "running" : "stopped");
    for (size_t i = 0; i < facts->image_count; i++) {
        size_t w;
        json_t *workload;
        fprintf(out, "#   image %s: for guests of %" PRIu64 "M or more", facts->images[i].name,
                facts->images[i].min_memory_bytes >> 20);
        json_array_foreach(facts->images[i].workloads, w, workload)
            fprintf(out, "%s%s", w ? ", " : "; workloads ", json_string_value(workload));
        putc('\n', out);
    }
    if (!facts->image_count)
        fputs("#   no image: `xenbench image build debian --workload x264` makes one\n", out);
}

static void say_schedulers(const struct start *s, FILE *out)
{
    const char *between = "#   schedulers for pools of a case's own: ";
    for (size_t i = 0; xb_scheduler_words[i]; i++)
        if (s->facts->schedulers[i] == XB_YES) {
            fprintf(out, "%s%s", between, xb_scheduler_words[i]);
            between = ", ";
        }
    if (*between == ',')
        putc('\n', out);
}

bool xb_start_write(const struct xb_host_facts *facts, FILE *out)
{
    struct start s = {.facts = facts};
    struct xb_texts said = {.v = NULL};
    const struct xb_pool *pool = pool_zero(facts);
    s.has_weights = pool && strncmp(pool->scheduler, "credit", 6) == 0;
    list_cores(&s);
    choose_image(&s);
    choose_guests(&s);
    set(&s.tree, NULL, "name", "a first experiment");
    put_workload(&s);
    put_guests(&s);
    put_cases(&s);
    set(&s.tree, NULL, "warmup", "1");
    set(&s.tree, NULL, "repetitions", "5");
    xb_exp_note_keys(&s.tree);
    fputs("# An experiment to start from: `xenbench plan FILE` shows what it will do.\n#\n", out);
    say_machine(&s, out);
    say_schedulers(&s, out);
    say_made(&s, out);
    putc('\n', out);
    xb_key_tree_write(&s.tree, out, &said);
    putc('\n', out);
    xb_exp_write_unset(&s.tree, out);
    xb_key_tree_clear(&s.tree);
    xb_texts_free(&said);
    return s.image || s.existing;
}

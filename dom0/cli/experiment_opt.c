/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "experiment_opt.h"

#include "alloc.h"
#include "base.h"
#include "run_word.h"

#include <argp.h>
#include <string.h>

void xb_experiment_opt_begin(struct xb_experiment_opt *opt, int argc, char **argv)
{
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0)
        i++;
    opt->after = i < argc ? (size_t)(argc - i - 1) : 0;
}

bool xb_experiment_opt_is_line(const struct xb_experiment_opt *opt)
{
    return opt->after || opt->guests || opt->workload || opt->cases.count || opt->image ||
           opt->name;
}

bool xb_experiment_opt_is_empty(const struct xb_experiment_opt *opt)
{
    return opt->words.count == 0 && !opt->like && !xb_experiment_opt_is_line(opt);
}

static bool names_workload(const struct xb_experiment_opt *opt)
{
    const struct xb_one_line line = {
        .cases = {.v = opt->cases.v, .count = opt->cases.count},
        .sets = {.v = opt->sets.v, .count = opt->sets.count},
    };
    return opt->workload || opt->after || xb_one_line_sets(&line, "workload");
}

void xb_experiment_opt_check(struct argp_state *state, const struct xb_experiment_opt *opt,
                             const char *none)
{
    if (xb_experiment_opt_is_empty(opt))
        argp_error(state, "%s", none);
    if (opt->like && (opt->words.count || xb_experiment_opt_is_line(opt)))
        argp_error(state, "--like takes the experiment of that run: leave out the file, and the "
                          "options for an experiment without a file; --set changes single keys");
    if (opt->words.count > 1 && opt->words.count > opt->after)
        argp_error(state,
                   opt->after ? "a file and a command exclude each other: `%s` stands "
                                "before --"
                              : "`%s` is one argument too many (a command of your own "
                                "follows --)",
                   opt->words.v[opt->after ? 0 : 1]);
    if (!xb_experiment_opt_is_line(opt))
        return;
    if (opt->words.count > opt->after)
        argp_error(state, "%s is a file, which has its own guests and cases: --set changes them",
                   opt->words.v[0]);
    if (!opt->guests)
        argp_error(state,
                   "which guests? --guests N, or --guests NAME,... of guests that are there");
    if (opt->workload && opt->after)
        argp_error(state, "--workload and a command exclude each other");
    if (!names_workload(opt))
        argp_error(state, "what do the guests run? --workload NAME, or a command after --");
}

/* Use the only image that there is. */
static int find_image(struct xb_app *app, char out[XB_IMAGE_NAME_MAX + 1], struct xb_err *err)
{
    struct xb_image *images;
    size_t count;
    char names[300] = "";
    if (xb_image_list(app, &images, &count, err) < 0)
        return -1;
    for (size_t i = 0, used = 0; i < count && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
                                 images[i].name);
    if (count == 1)
        snprintf(out, XB_IMAGE_NAME_MAX + 1, "%s", images[0].name);
    xb_image_list_free(images, count);
    if (count == 1)
        return 0;
    return count ? xb_fail(err, XB_E_INPUT, 0, "--guests: of which image? --image; there are: %s",
                           names)
                 : xb_fail(err, XB_E_INPUT, 0,
                           "--guests: there is no image to make guests of (`xenbench image build` "
                           "makes one; --guests NAME,... takes guests that are there)");
}

static int write_line(struct xb_experiment_given *out, struct xb_app *app,
                      const struct xb_experiment_opt *opt, struct xb_err *err)
{
    char image[XB_IMAGE_NAME_MAX + 1] = "";
    struct xb_one_line line = {
        .name = opt->name,
        .workload = opt->workload,
        .guests = opt->guests,
        .image = opt->image,
        .cases = {.v = opt->cases.v, .count = opt->cases.count},
        .sets = out->sets,
        .command = {.v = opt->words.v, .count = opt->after},
    };
    if (xb_one_line_counts(&line) && !line.image && !xb_one_line_sets(&line, "image") &&
        !xb_one_line_sets(&line, "socket")) {
        if (find_image(app, image, err) < 0)
            return -1;
        line.image = image;
    }
    if (xb_one_line_write(&out->line, &line, err) < 0)
        return -1;
    out->source = (struct xb_exp_source){
        .path = out->line.path, .text = out->line.text, .said = &out->line.said};
    return 0;
}

/* Add a setting, replacing an earlier one of the same key. */
static void put_set(struct xb_texts *sets, const char *set)
{
    size_t key = strcspn(set, "=");
    for (size_t i = 0; i < sets->count; i++) {
        if (strncmp(sets->v[i], set, key) != 0 || sets->v[i][key] != '=')
            continue;
        free(sets->v[i]);
        sets->v[i] = xb_strdup(set);
        return;
    }
    xb_texts_add(sets, set);
}

/* A run of this host keeps its file's path; in another host's, relative paths start here. */
static void name_like(struct xb_experiment_given *out, const char *word)
{
    const char *slash = strrchr(word, '/');
    out->foreign = xb_run_word_is_file(word) || out->like.imported;
    out->like_name = xb_strdup(!out->foreign ? out->like.file : slash ? slash + 1 : word);
}

static int take_like(struct xb_experiment_given *out, struct xb_app *app,
                     const struct xb_experiment_opt *opt, const char *store_path,
                     struct xb_err *err)
{
    struct xb_store *store;
    char id[XB_UUID_BYTES];
    int r = xb_run_word_open(app, store_path, opt->like, &store, id, err);
    if (r == 0)
        r = xb_store_run_source(store, id, &out->like, err);
    xb_store_close(store);
    if (r < 0)
        return -1;
    name_like(out, opt->like);
    for (size_t i = 0; i < out->sets.count; i++)
        put_set(&out->like.sets, out->sets.v[i]);
    out->source = (struct xb_exp_source){
        .path = out->like_name, .text = out->like.text, .sets = &out->like.sets};
    return 0;
}

static int refuse_hooks(const struct xb_exp_hooks *hooks, const char *name, struct xb_err *err)
{
    xb_auto_free char *shown =
        xb_exp_show_command(hooks->before.count ? &hooks->before : &hooks->after);
    return xb_fail(
        err, XB_E_INPUT, 0,
        "%s comes from another host and has hooks, which run in Dom0 as root: `%.200s`. "
        "`xenbench plan --like` shows them; `xenbench runs show --experiment` writes the "
        "experiment as a file, to be read and run as your own",
        name, shown);
}

int xb_experiment_given_check(const struct xb_experiment_given *given, struct xb_err *err)
{
    struct xb_experiment *exp;
    if (!given->foreign)
        return 0;
    if (xb_experiment_read(&exp, &given->source, err) < 0)
        return -1;
    int r = exp->hooks.before.count || exp->hooks.after.count
                ? refuse_hooks(&exp->hooks, given->source.path, err)
                : 0;
    xb_experiment_free(exp);
    return r;
}

int xb_experiment_opt_source(struct xb_experiment_given *out, struct xb_app *app,
                             const struct xb_experiment_opt *opt, const char *store_path,
                             struct xb_err *err)
{
    *out = (struct xb_experiment_given){.sets = {.v = NULL}};
    if (opt->repetitions) {
        xb_auto_free char *set = xb_asprintf("repetitions=%s", opt->repetitions);
        xb_texts_add(&out->sets, set);
    }
    for (size_t i = 0; i < opt->sets.count; i++)
        xb_texts_add(&out->sets, opt->sets.v[i]);
    if (xb_experiment_opt_is_line(opt))
        return write_line(out, app, opt, err);
    if (opt->like)
        return take_like(out, app, opt, store_path, err);
    out->source = (struct xb_exp_source){.path = opt->words.v[0], .sets = &out->sets};
    return 0;
}

void xb_experiment_given_clear(struct xb_experiment_given *given)
{
    xb_texts_free(&given->sets);
    xb_one_line_text_clear(&given->line);
    xb_run_source_clear(&given->like);
    free(given->like_name);
}

void xb_experiment_opt_clear(struct xb_experiment_opt *opt)
{
    xb_words_free(&opt->cases);
    xb_words_free(&opt->sets);
}

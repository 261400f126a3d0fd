/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `run`, `plan` and `fleet submit` take: an experiment file, the words of an experiment
 * without a file, or a run whose experiment it is.
 */
#ifndef XB_EXPERIMENT_OPT_H
#define XB_EXPERIMENT_OPT_H

#include "experiment.h"
#include "one_line.h"
#include "opt.h"
#include "shard.h"
#include "store_run.h"

struct xb_experiment_opt {
    struct xb_words words; /* FILE, or the command after "--" */
    size_t after;          /* how many words follow "--" */
    const char *name, *workload, *guests, *image, *repetitions;
    const char *like; /* a run, in the form of xb_run_word_open */
    struct xb_words cases, sets;
};

/* clang-format off */
#define OPT_EXPERIMENT(type, m)                                                                    \
    OPT_HEADING("An experiment without a file:"),                                                  \
    OPT_STRING(type, m.guests, "guests", 0, "GUESTS",                                              \
               "How many guests (3), made from the image; a range makes a case of each number "    \
               "(1..8); or the names of existing guests: web,db"),                                 \
    OPT_STRING(type, m.workload, "workload", 0, "WORKLOAD",                                        \
               "What they run, from `xenbench workload list`; a,b makes a case of each. For a "    \
               "command of your own, write it last, after --"),                                    \
    OPT_STRINGS(type, m.cases, "case", 0, "'NAME: KEY=VALUE ...'",                                 \
                "An allocation to compare; may be repeated. hard=2-3 is for all guests, "          \
                "hard=1,2,3 gives each guest its own CPU, g1.cap=50 and dom0.hard=0 are for the "  \
                "domain that they name"),                                                          \
    OPT_STRING(type, m.image, "image", 0, "IMAGE",                                                 \
               "Make missing guests from IMAGE (default: the image, if there is just one)"),       \
    OPT_STRING(type, m.name, "name", 0, "NAME", "The report's title"),                             \
    OPT_HEADING("With a file or without:"),                                                        \
    OPT_STRING(type, m.like, "like", 0, "RUN|FILE",                                                     \
               "Instead of FILE: the experiment of an earlier run as it began, with that run's "   \
               "--set (but without its seed, shard or --trace). RUN is "                           \
               "an id, latest, FILE (the latest run of another store or of an export), or "        \
               "FILE:RUN"),                                                                        \
    OPT_STRINGS(type, m.sets, "set", 0, "KEY=VALUE",                                               \
                "Set any key of an experiment file, over FILE: order=random, memory=1G, "          \
                "web.cap=50, dom0.vcpus=1, 'until={interval: 2%, max: 50}'; may be repeated"),     \
    OPT_STRING(type, m.repetitions, "repetitions", 0, "N", "The same as --set repetitions=N")
/* clang-format on */

/* Into an int: enum xb_shard_by plus 1; 0: not given. */
#define OPT_SHARD_BY(type, member)                                                                 \
    OPT_WORD(type, member, "by", xb_shard_words, 1,                                                \
             "What the shards divide: the rounds (default); the groups of cases that are "         \
             "compared; or nothing, because each host repeats all of it")

/* Call before parsing the options: notes how many words follow "--". */
void xb_experiment_opt_begin(struct xb_experiment_opt *opt, int argc, char **argv);
/* Is there no file, no run and no word of an experiment? */
bool xb_experiment_opt_is_empty(const struct xb_experiment_opt *opt);
/* Is the experiment given by options rather than by a file? */
bool xb_experiment_opt_is_line(const struct xb_experiment_opt *opt);
/* Refuse words that exclude each other. `none` is the error if there is no experiment at all. */
void xb_experiment_opt_check(struct argp_state *state, const struct xb_experiment_opt *opt,
                             const char *none);

/*
 * The experiment's source; all of it lives until xb_experiment_given_clear. store_path: the store
 * in which to look for a run's id; NULL: the host's.
 */
struct xb_experiment_given {
    struct xb_exp_source source;
    struct xb_texts sets;
    struct xb_one_line_text line; /* if there is no file */
    struct xb_run_source like;    /* if it is a run's experiment */
    char *like_name;              /* what messages call it */
    bool foreign;                 /* it came from another host */
};
int xb_experiment_opt_source(struct xb_experiment_given *out, struct xb_app *app,
                             const struct xb_experiment_opt *opt, const char *store_path,
                             struct xb_err *err);
/*
 * Call before running it. Hooks run in Dom0 as root, so an experiment that came from another host
 * and has hooks is refused, naming the hooks' command.
 */
int xb_experiment_given_check(const struct xb_experiment_given *given, struct xb_err *err);
void xb_experiment_given_clear(struct xb_experiment_given *given);
void xb_experiment_opt_clear(struct xb_experiment_opt *opt);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench fleet submit */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "experiment_opt.h"
#include "fleet_submit.h"

#include <argp.h>

struct request {
    struct xb_experiment_opt experiment;
    struct xb_fleet_submit submit;
    uint32_t shards; /* 0: not given */
    int by;          /* enum xb_shard_by plus 1; 0: not given */
    const char *hosts, *missing;
    struct xb_words sbatch, lab_images, lab_options;
};

static const struct xb_opt rows[] = {
    OPT_EXPERIMENT(struct request, experiment),
    OPT_HEADING("The shards:"),
    OPT_NUMBER(
        struct request, shards, "shards", 0, "N", 1, XB_SHARDS_MAX,
        "As many tasks, on whichever nodes fit; `xenbench plan --shards N` shows the shards"),
    OPT_STRING(struct request, hosts, "hosts", 0, "NODE,...",
               "A task on each of these nodes, by host unless --by says otherwise"),
    OPT_SHARD_BY(struct request, by),
    OPT_STRING(struct request, missing, "missing", 0, "DIR",
               "Submit the shards of the fleet in DIR that are not finished and neither wait nor "
               "run; they go on where they stopped if they come to the same node"),
    OPT_HEADING("The job:"),
    OPT_TRUE(struct request, submit.print, "print", 0,
             "Print the script for sbatch, and submit nothing"),
    OPT_STRING(struct request, submit.dir, "dir", 0, "DIR",
               "A new directory for logs and results, which all nodes see under this path "
               "(default: FILE's name with .fleet)"),
    OPT_STRING(struct request, submit.copy_to, "copy-to", 0, "HOST:DIR",
               "Nodes do not share DIR: each task copies its results there at its end"),
    OPT_STRING(struct request, submit.copy_with, "copy-with", 0, "PROGRAM",
               "How to copy: PROGRAM FILE HOST:DIR/FOLDER/ is run (default: scp)"),
    OPT_STRING(struct request, submit.constraint, "constraint", 0, "FEATURES",
               "Also ask for these features of nodes, as `xenbench host show --slurm` names them: "
               "xen-4.17"),
    OPT_NUMBER(struct request, submit.minutes, "time", 0, "MINUTES", 1, 525600,
               "A task's time limit (default: by the plan's estimate)"),
    OPT_STRINGS(struct request, sbatch, "sbatch", 0, "OPTION",
                "A further option for sbatch: --sbatch=--partition=night; may be repeated"),
    OPT_STRING(struct request, submit.program, "program", 0, "FILE",
               "The path of xenbench on the nodes (default: " XB_PREFIX "/sbin/xenbench)"),
    OPT_STORE(struct request, submit.store),
    OPT_HEADING("Nodes without Xen:"),
    OPT_STRING(struct request, submit.lab, "lab", 0, "DIR",
               "Where a node has no Xen, boot a lab from xenbench's built source tree there, and "
               "end it with the task"),
    OPT_STRINGS(struct request, lab_images, "lab-image", 0, "IMAGE",
                "An image for labs, as words of `xenbench image build`: 'debian --workload x264'; "
                "may be repeated (default: the experiment's images, without workloads)"),
    OPT_STRINGS(
        struct request, lab_options, "lab-option", 0, "OPTION",
        "A further option of `lab up`: --lab-option=--cpus --lab-option=8; may be repeated"),
    OPT_END,
};

static void check_new(struct argp_state *state, const struct request *o)
{
    xb_experiment_opt_check(state, &o->experiment,
                            "which experiment? Give its file, --guests and --workload, or --like");
    if (!o->shards && !o->hosts)
        argp_error(state, "into how many tasks? --shards N, or --hosts NODE,...");
    if (o->shards && o->hosts)
        argp_error(state,
                   "--hosts and --shards exclude each other: --hosts submits a task for each node");
    if (o->submit.copy_with && !o->submit.copy_to)
        argp_error(state, "--copy-with needs --copy-to HOST:DIR");
    if ((o->lab_images.count || o->lab_options.count) && !o->submit.lab)
        argp_error(state, "--lab-image and --lab-option are for --lab DIR");
}

/* Does the line say anything of what DIR has: the experiment, its shards, the job? */
static bool says_more(const struct request *o)
{
    const struct xb_fleet_submit *s = &o->submit;
    return !xb_experiment_opt_is_empty(&o->experiment) || o->experiment.sets.count ||
           o->experiment.repetitions || o->shards || o->hosts || o->by || s->print || s->dir ||
           s->copy_to || s->copy_with || s->constraint || s->minutes || s->store || s->program ||
           s->lab || o->sbatch.count || o->lab_images.count || o->lab_options.count;
}

static void check(struct argp_state *state, void *out)
{
    struct request *o = out;
    if (!o->missing)
        check_new(state, o);
    else if (says_more(o))
        argp_error(state, "--missing DIR submits the shards as DIR's first submission said: it "
                          "takes no other option");
}

const struct xb_opts xb_opts_fleet_submit = {
    .rows = rows,
    .words = OPT_WORDS(struct request, experiment.words, 0, XB_OPT_MANY, NULL),
    .check = check,
    .args = "FILE --shards N [--by round|case]\nFILE --hosts NODE,... [--by host|round|case]\n"
            "--like RUN --shards N\n"
            "--missing DIR",
    .doc = "Have Slurm run an experiment over several hosts: a job array with a task per shard, "
           "each on a node of its own that has what the experiment needs. A task that is started "
           "again resumes its shard.\v"
           "`xenbench fleet status DIR` follows the tasks, `fleet collect DIR` merges what came "
           "back, and `fleet report DIR/fleet.sqlite` judges it.",
};

static struct xb_texts texts(const struct xb_words *words)
{
    return (struct xb_texts){.v = words->v, .count = words->count};
}

static int submit(struct xb_app *app, struct request *o, struct xb_err *err)
{
    struct xb_experiment_given given;
    if (o->missing)
        return xb_fleet_submit_missing(o->missing, err);
    xb_auto_free char *hosts = o->hosts ? xb_strdup(o->hosts) : NULL;
    int by = o->by ? o->by - 1 : (o->hosts ? XB_SHARD_HOST : XB_SHARD_ROUND);
    int r = xb_experiment_opt_source(&given, app, &o->experiment, o->submit.store, err);
    if (r == 0)
        r = xb_experiment_given_check(&given, err);
    o->submit.source = &given.source;
    o->submit.hosts = hosts;
    o->submit.split = (struct xb_shard){.by = (enum xb_shard_by)by, .count = o->shards};
    o->submit.options = texts(&o->sbatch);
    o->submit.lab_images = texts(&o->lab_images);
    o->submit.lab_options = texts(&o->lab_options);
    if (o->submit.copy_to && !o->submit.copy_with)
        o->submit.copy_with = "scp";
    if (!o->submit.program)
        o->submit.program = XB_PREFIX "/sbin/xenbench";
    if (r == 0)
        r = xb_fleet_submit(app, &o->submit, err);
    xb_experiment_given_clear(&given);
    return r;
}

int xb_cmd_fleet_submit(struct xb_app *app, int argc, char **argv)
{
    struct request o = {0};
    xb_experiment_opt_begin(&o.experiment, argc, argv);
    xb_opts_parse(&xb_opts_fleet_submit, argc, argv, &o);
    int r = submit(app, &o, &app->err);
    xb_experiment_opt_clear(&o.experiment);
    xb_words_free(&o.sbatch);
    xb_words_free(&o.lab_images);
    xb_words_free(&o.lab_options);
    return r < 0 ? (int)app->err.class : 0;
}

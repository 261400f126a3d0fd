/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#define COMMAND(word, id, summary)                                                                 \
    {                                                                                              \
        word, xb_cmd_##id, &xb_opts_##id, summary, NULL                                            \
    }
#define GROUP(word, table, summary)                                                                \
    {                                                                                              \
        word, NULL, NULL, summary, table                                                           \
    }
#define HIDDEN NULL
#define TABLE_END                                                                                  \
    {                                                                                              \
        NULL, NULL, NULL, NULL, NULL                                                               \
    }

static const struct xb_verb image[] = {
    COMMAND("build", image_build, "make an image by its recipe: debian or micro"),
    COMMAND("list", image_list, "list the images"),
    COMMAND("export", image_export, "write an image into one compressed file"),
    COMMAND("import", image_import, "make an image from an exported file"),
    COMMAND("remove", image_remove, "remove an image"),
    COMMAND("check-device", image_check_device, HIDDEN),
    TABLE_END,
};

static const struct xb_verb workload[] = {
    COMMAND("list", workload_list, "list the benchmarks of the catalogue"),
    COMMAND("show", workload_show, "show how a benchmark is installed, run and read"),
    COMMAND("new", workload_new, "write the frame of a workload of your own"),
    COMMAND("check", workload_check,
            "run a benchmark alone: is each metric found, and how much does it vary?"),
    TABLE_END,
};

static const struct xb_verb guest[] = {
    COMMAND("create", guest_create, "make guests from an image"),
    COMMAND("clone", guest_clone, "make guests from a guest"),
    COMMAND("list", guest_list, "list all guests, running or not"),
    COMMAND("start", guest_start, "start guests, all at once"),
    COMMAND("stop", guest_stop, "ask guests to shut down, and wait until they have"),
    COMMAND("destroy", guest_destroy, "end guests at once"),
    COMMAND("remove", guest_remove, "remove stopped guests and their disks"),
    COMMAND("checkpoint", guest_checkpoint,
            "write guests to files and end their domains (or: save)"),
    COMMAND("save", guest_checkpoint, HIDDEN),
    COMMAND("restore", guest_restore, "continue guests from their checkpoints"),
    COMMAND("pause", guest_pause, "take all CPUs from guests"),
    COMMAND("unpause", guest_unpause, "let paused guests continue"),
    COMMAND("reboot", guest_reboot, "ask guests to reboot, and wait until they run again"),
    COMMAND("migrate", guest_migrate, "move guests live to new domains on this host"),
    COMMAND("console", guest_console, "show a guest's console; --follow, --interactive"),
    TABLE_END,
};

static const struct xb_verb runs[] = {
    COMMAND("list", runs_list, "list all runs of the store"),
    COMMAND("show", runs_show, "show one run: what, where, how far, why it stopped"),
    COMMAND("delete", runs_delete, "remove runs and all their measurements"),
    COMMAND("export", runs_export, "write runs into a new store, or as JSON"),
    COMMAND("import", runs_import, "import the runs of other stores"),
    TABLE_END,
};

static const struct xb_verb fleet[] = {
    COMMAND("submit", fleet_submit, "have Slurm run an experiment over several hosts"),
    COMMAND("status", fleet_status, "how far the shards are"),
    COMMAND("collect", fleet_collect, "merge the stores that came back from the hosts"),
    COMMAND("task", fleet_task, HIDDEN),
    COMMAND("report", fleet_report,
            "judge the shards of an experiment, from several hosts, as one"),
    TABLE_END,
};

static const struct xb_verb host[] = {
    COMMAND("prepare", host_prepare, "make a bare Dom0 fit to measure on; shows the plan first"),
    COMMAND("undo", host_undo, "restore what `host prepare` changed"),
    COMMAND("show", host_show, "describe this host as JSON, for `xenbench plan --host FILE`"),
    TABLE_END,
};

const struct xb_verb xb_commands[] = {
    COMMAND("doctor", doctor, "is this Dom0 fit to measure on?"),
    COMMAND("selftest", selftest, "try xenbench here with guests of its own; --bench measures it"),
    GROUP("image", image, "build, list and remove the images that guests are made from"),
    GROUP("workload", workload, "list, show, write and check the benchmarks of the catalogue"),
    GROUP("guest", guest, "create, list, start, stop, save, restore guests; their console"),
    COMMAND("exec", exec, "run a command in one or more guests"),
    COMMAND("push", push, "copy a file into guests"),
    COMMAND("pull", pull, "copy a file out of a guest"),
    COMMAND("plan", plan, "show what an experiment will do, how long it takes, and its doubts"),
    COMMAND("init", init, "write an experiment file for this host, to start from"),
    COMMAND("run", run, "run an experiment, from a file or from options"),
    COMMAND("watch", watch, "follow a run from another terminal"),
    GROUP("runs", runs, "list, show, delete, export and import runs"),
    COMMAND("report", report, "write the tables and charts of a run"),
    COMMAND("compare", compare, "compare runs with a baseline: what differs, what became worse"),
    COMMAND("history", history, "the same experiment over weeks: where its figures changed"),
    GROUP("fleet", fleet, "an experiment over several hosts"),
    COMMAND("trace", trace, "show what vcpus did, from a file of xentrace"),
    GROUP("host", host, "prepare a bare Dom0 to measure on, undo that; describe a host"),
    COMMAND("lifecycle", lifecycle,
            "measure how long guests take to boot, be saved, restored, shut down"),
    COMMAND("clean", clean, "restore the host and remove what runs left"),
    {"domain-helper", xb_cmd_domain_helper, NULL, HIDDEN, NULL},
    TABLE_END,
};

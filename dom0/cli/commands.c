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
    COMMAND("list", image_list, "the images there are"),
    COMMAND("export", image_export, "write an image into one compressed file"),
    COMMAND("import", image_import, "make an image from such a file"),
    COMMAND("remove", image_remove, "remove an image"),
    COMMAND("check-device", image_check_device, HIDDEN),
    TABLE_END,
};

static const struct xb_verb workload[] = {
    COMMAND("list", workload_list, "the benchmarks of the catalogue"),
    COMMAND("show", workload_show, "how one is installed, run and read"),
    TABLE_END,
};

static const struct xb_verb guest[] = {
    COMMAND("create", guest_create, "make guests from an image"),
    COMMAND("clone", guest_clone, "make guests from a guest"),
    COMMAND("list", guest_list, "all guests, running or not"),
    COMMAND("start", guest_start, "start guests, all at once"),
    COMMAND("stop", guest_stop, "ask guests to shut down, and wait until they have"),
    COMMAND("destroy", guest_destroy, "end guests at once"),
    COMMAND("remove", guest_remove, "remove stopped guests and their disks"),
    COMMAND("checkpoint", guest_checkpoint,
            "write guests to files and end their domains (or: save)"),
    COMMAND("save", guest_checkpoint, HIDDEN),
    COMMAND("restore", guest_restore, "let guests go on from their checkpoints"),
    COMMAND("pause", guest_pause, "take all CPUs from guests"),
    COMMAND("unpause", guest_unpause, "let paused guests go on"),
    COMMAND("reboot", guest_reboot, "ask guests to reboot, and wait until they run again"),
    COMMAND("migrate", guest_migrate, "move guests live to new domains on this host"),
    COMMAND("console", guest_console, "what a guest's console said; --follow, --interactive"),
    TABLE_END,
};

static const struct xb_verb runs[] = {
    COMMAND("list", runs_list, "all runs of the store"),
    COMMAND("show", runs_show, "one run: what, where, how far, why it stopped"),
    COMMAND("delete", runs_delete, "remove runs and all that was measured in them"),
    COMMAND("export", runs_export, "runs as a store of their own, or as JSON"),
    COMMAND("import", runs_import, "take in the runs of another store"),
    TABLE_END,
};

static const struct xb_verb host[] = {
    COMMAND("prepare", host_prepare,
            "make a bare Dom0 a host to measure on; the plan is shown first"),
    COMMAND("undo", host_undo, "put back what that changed"),
    COMMAND("show", host_show, "describe this host as JSON, for `xenbench plan --host FILE`"),
    TABLE_END,
};

const struct xb_verb xb_commands[] = {
    COMMAND("doctor", doctor, "is this a Dom0 fit to measure on?"),
    GROUP("image", image, "build, list and remove the images that guests are made from"),
    GROUP("workload", workload, "list and show the benchmarks of the catalogue"),
    GROUP("guest", guest, "create, list, start, stop, save, restore guests; their console"),
    COMMAND("exec", exec, "run a command in one or more guests"),
    COMMAND("push", push, "copy a file into guests"),
    COMMAND("pull", pull, "copy a file out of a guest"),
    COMMAND("plan", plan, "what an experiment will do, how long it takes, and warnings about it"),
    COMMAND("run", run, "run an experiment file"),
    GROUP("runs", runs, "list, show, delete, export and import what was run"),
    COMMAND("report", report, "the tables and plots of a run"),
    COMMAND("trace", trace, "what vcpus did, from a file of xentrace"),
    GROUP("host", host, "prepare a bare Dom0 as a host to measure on, undo that; describe a host"),
    COMMAND("lifecycle", lifecycle, "how long guests take to boot, be saved, restored, shut down"),
    COMMAND("clean", clean, "put the host back and remove what xenbench made"),
    {"domain-helper", xb_cmd_domain_helper, NULL, HIDDEN, NULL},
    TABLE_END,
};

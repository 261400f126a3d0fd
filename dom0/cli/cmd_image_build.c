/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench image build KIND`: runs the recipe share_dir/KIND/build. The recipe has its own
 * options, log and messages, so that it can be used and changed without this program. This file
 * sets the recipe's environment and passes signals on.
 */
#include "base.h"
#include "child.h"
#include "commands.h"
#include "image.h"
#include "interrupt.h"

#include <limits.h>
#include <signal.h>

struct request {
    struct xb_words words;
};

/* The recipe reads its own options, so there are no rows. */
const struct xb_opts xb_opts_image_build = {
    .words = OPT_WORDS(struct request, words, 1, XB_OPT_MANY, "which kind: debian or micro?"),
    .args = "KIND [NAME] [OPTION...]",
    .doc =
        "Make an image by its recipe."
        "\v  debian     a small Debian (or Ubuntu) with the agent and chosen workloads on an "
        "ext4 disk\n"
        "  micro      a kernel and an initramfs whose init is the agent: ready in seconds\n\n"
        "NAME is the image's name (default: KIND). An image that exists and is up to date is left "
        "as it is. `xenbench image build KIND --help` lists the options.",
};

static int find_recipe(struct xb_app *app, const char *kind, char *out, size_t out_bytes)
{
    int n = snprintf(out, out_bytes, "%s/%s/build", app->share_dir, kind);
    if (n < 0 || (size_t)n >= out_bytes || !xb_image_name_ok(kind) || access(out, X_OK) < 0)
        return xb_fail(&app->err, XB_E_INPUT, 0,
                       "there is no recipe `%.60s` in %s (debian and micro come with xenbench)",
                       kind, app->share_dir);
    return 0;
}

static void set_surroundings(const struct xb_app *app)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    setenv("XENBENCH", self, 1);
    setenv("XENBENCH_STATE", app->state_dir, 1);
    setenv("XENBENCH_SHARE", app->share_dir, 1);
    setenv("XENBENCH_LIB", app->lib_dir, 1);
}

/* Wait for the recipe and pass a signal on to it. Returns an exit status. */
static int wait_for_recipe(struct xb_child *child, int interrupt)
{
    int told = 0;
    if (xb_child_await(child, UINT64_MAX, interrupt) == XB_CHILD_STOP) {
        told = xb_interrupt_take(interrupt);
        xb_child_kill(child, told);
    }
    int status = xb_child_reap(child, NULL);
    if (told)
        fputs("xenbench: stopped; the incomplete image is removed\n", stderr);
    return told || status < 0 || status > (int)XB_E_HOST ? (int)XB_E_HOST : status;
}

/* The recipe has a process group of its own, so that one signal stops the whole build. */
static int run_recipe(const char *path, char **argv, struct xb_err *err)
{
    const struct xb_child_spec spec = {
        .program = path,
        .argv = (const char *const *)argv,
        .group = true,
        .death_signal = SIGTERM,
    };
    struct xb_child child;
    int interrupt = xb_interrupt_open(err);
    if (interrupt < 0)
        return (int)err->class;
    int status = xb_child_start(&child, &spec, err) < 0 ? (int)XB_E_HOST
                                                        : wait_for_recipe(&child, interrupt);
    xb_interrupt_close(interrupt);
    return status;
}

int xb_cmd_image_build(struct xb_app *app, int argc, char **argv)
{
    char path[PATH_MAX];
    struct request request = {0};
    if (argc < 2 || argv[1][0] == '-')
        xb_opts_parse(&xb_opts_image_build, argc < 2 ? argc : 2, argv, &request);
    if (find_recipe(app, argv[1], path, sizeof(path)) < 0)
        return (int)app->err.class;
    set_surroundings(app);
    return run_recipe(path, argv + 1, &app->err);
}

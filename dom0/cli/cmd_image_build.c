/*
 * `xenbench image build KIND`: runs the recipe share_dir/KIND/build. The recipe owns its options,
 * its log and its messages, so that it can be used and changed without this program. This file sets
 * the recipe's environment and passes signals on.
 */
#include "base.h"
#include "commands.h"
#include "image.h"
#include "interrupt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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

/* In the child: a process group of its own, so that one signal stops the whole build. */
static void become_recipe(const char *path, char **argv)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    xb_interrupt_heed_parent();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(path, argv);
    fprintf(stderr, "xenbench: cannot start %s: %s\n", path, strerror(errno));
    _exit(XB_E_HOST);
}

/* Wait for the recipe and pass signals on to it. Returns an exit status. */
static int wait_for_recipe(pid_t pid, int interrupt)
{
    xb_auto_close int process = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd fds[] = {{.fd = process, .events = POLLIN}, {.fd = interrupt, .events = POLLIN}};
    int status, told = 0;
    while (process >= 0 && !(fds[0].revents & POLLIN)) {
        if (poll(fds, XB_ARRAY_LEN(fds), -1) > 0 && fds[1].revents) {
            told = xb_interrupt_take(interrupt);
            kill(-pid, told);
            fds[1].fd = -1;
        }
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (told)
        fputs("xenbench: stopped; the incomplete image is removed\n", stderr);
    if (WIFEXITED(status) && !told)
        return WEXITSTATUS(status) > XB_E_HOST ? XB_E_HOST : WEXITSTATUS(status);
    return XB_E_HOST;
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
    int interrupt = xb_interrupt_open(&app->err);
    if (interrupt < 0)
        return (int)app->err.class;
    pid_t pid = fork();
    if (pid < 0) {
        xb_fail(&app->err, XB_E_HOST, errno, "cannot start %s", path);
    } else {
        if (pid == 0)
            become_recipe(path, argv + 1);
        setpgid(pid, pid); /* in both processes: either may run first */
    }
    int status = pid < 0 ? (int)XB_E_HOST : wait_for_recipe(pid, interrupt);
    xb_interrupt_close(interrupt);
    return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `block add` and `block remove`, as libxl calls them. */
#include "base.h"
#include "block.h"
#include "loopdev.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#define LOCK_DIR "/run/xen-hotplug"
#define LOCK_PATH LOCK_DIR "/block"

/*
 * Take the lock of xl's own block script, so that both never check the same disk at once. The
 * holder may remove the file, so the lock counts only if the file still has the name.
 */
static int claim_lock(struct xb_err *err)
{
    mkdir(LOCK_DIR, 0755);
    for (;;) {
        struct stat named, locked;
        xb_auto_close int fd = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
            return xb_fail(err, XB_E_HOST, errno, "cannot open the lock %s", LOCK_PATH);
        while (flock(fd, LOCK_EX) < 0)
            if (errno != EINTR)
                return xb_fail(err, XB_E_HOST, errno, "cannot take the lock %s", LOCK_PATH);
        if (fstat(fd, &locked) == 0 && stat(LOCK_PATH, &named) == 0 &&
            named.st_dev == locked.st_dev && named.st_ino == locked.st_ino)
            return xb_steal_fd(&fd);
    }
}

/* The guest may have been destroyed since libxl gave the order to add the disk. */
static int check_wanted(const struct xb_block *block, struct xb_err *err)
{
    char state[8] = "";
    if (xb_block_read(block, "state", state, sizeof(state)) && strcmp(state, "2") == 0)
        return 0;
    return xb_fail(err, XB_E_HOST, 0, "%s no longer waits for its disk (state %s)", block->path,
                   state[0] ? state : "gone");
}

static int add_locked(struct xb_block *block, struct xb_loop *loop, struct xb_err *err)
{
    xb_auto_close int lock = claim_lock(err);
    if (lock < 0 || check_wanted(block, err) < 0 || xb_block_check_sharing(block, err) < 0)
        return -1;
    if (S_ISBLK(block->target_stat.st_mode))
        return xb_block_connect(block, NULL, block->target, block->target_stat.st_rdev, err);
    if (xb_loop_attach(loop, block, err) < 0)
        return -1;
    return xb_block_connect(block, loop->path, loop->path, loop->number, err);
}

static int add(struct xb_block *block, struct xb_err *err)
{
    char there[32];
    struct xb_loop loop = {.fd = -1};
    if (xb_block_read(block, "physical-device", there, sizeof(there)))
        return 0; /* a second call for the same disk */
    if (xb_block_look(block, err) < 0)
        return -1;
    int status = add_locked(block, &loop, err);
    if (status == 0 && loop.fd >= 0)
        status = xb_loop_hand_over(block, err);
    if (loop.fd >= 0)
        close(loop.fd);
    return status;
}

/* A disk without a loop device, or one that was never attached, has nothing to undo. */
static int take_away(struct xb_block *block, struct xb_err *err)
{
    char node[PATH_MAX];
    return xb_block_read(block, "node", node, sizeof(node)) ? xb_loop_detach(block, node, err) : 0;
}

static int run(struct xb_block *block, const char *command, struct xb_err *err)
{
    bool adds = strcmp(command, "add") == 0;
    if (!adds && strcmp(command, "remove") != 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "usage: block add|remove (libxl runs it for a disk with script=)");
    if (xb_block_from_env(block, err) < 0)
        return -1;
    block->xs = xs_open(0);
    if (!block->xs)
        return xb_fail(err, XB_E_HOST, errno, "cannot talk to xenstored");
    int status = adds ? add(block, err) : take_away(block, err);
    if (status < 0 && adds)
        xb_block_tell_failure(block, err->msg);
    xs_close(block->xs);
    return status;
}

int main(int argc, char **argv)
{
    struct xb_block block = {0};
    struct xb_err err = {0};
    if (run(&block, argc == 2 ? argv[1] : "", &err) == 0)
        return 0;
    fprintf(stderr, "xenbench block: %s%s%s\n", block.path, block.path[0] ? ": " : "", err.msg);
    return (int)err.class;
}

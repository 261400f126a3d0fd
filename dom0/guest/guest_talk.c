/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock file: a byte for each lock, then a record for each process present, with its pid,
 * activity and command. A process locks its record's first byte.
 */
#include "guest_talk.h"

#include "base.h"
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Locks. Newcomers wait at the gate, so that they cannot delay a measurement for ever. */
enum { PRESENT = 0, GATE = 1, WINDOW = 2, DOOR = 3 };

#define RECORD_BYTES 160
#define RECORDS 64

/* The activity in a process's record. */
enum { TALKS = 't', MEASURES = 'm', HAS_DOOR = 'd' };

static off_t record_at(int slot)
{
    return (slot + 1) * (off_t)RECORD_BYTES;
}

/*
 * This command's line, "xenbench exec w -- sleep 8"; characters that are not plain text become `?`.
 */
static void command_line(char *out, size_t bytes)
{
    xb_auto_fclose FILE *f = fopen("/proc/self/cmdline", "re");
    size_t n = f ? fread(out, 1, bytes - 1, f) : 0;
    while (n > 0 && out[n - 1] == '\0')
        n--;
    out[n] = '\0';
    for (size_t i = 0; i < n; i++) {
        if (out[i] == '\0')
            out[i] = ' ';
        else if (out[i] < 0x20 || out[i] > 0x7e)
            out[i] = '?';
    }
    const char *space = strchr(out, ' ');
    size_t word = space ? (size_t)(space - out) : n;
    const char *slash = memrchr(out, '/', word);
    if (slash)
        memmove(out, slash + 1, n - (size_t)(slash - out));
}

static void write_record(const struct xb_guest_talk *talk, char does)
{
    char text[RECORD_BYTES] = "", command[100];
    if (talk->slot < 0)
        return;
    command_line(command, sizeof(command));
    snprintf(text, sizeof(text), "%c%d (%s)\n", does, (int)getpid(), command);
    if (pwrite(talk->fd, text, sizeof(text), record_at(talk->slot)) < 0)
        return; /* the record serves messages only */
}

/* Describe another process present, preferably one with this activity. False if there is none. */
static bool find_other(const struct xb_guest_talk *talk, char does, char *out, size_t bytes)
{
    bool found = false;
    for (int slot = 0; slot < RECORDS; slot++) {
        char text[RECORD_BYTES + 1] = "";
        if (slot == talk->slot || !xb_lock_byte_is_taken(talk->fd, record_at(slot)) ||
            pread(talk->fd, text, RECORD_BYTES, record_at(slot)) < 2)
            continue;
        text[strcspn(text, "\n")] = '\0';
        bool fits = text[0] == does;
        if (found && !fits)
            continue;
        found = true;
        snprintf(out, bytes, "process %s", text + 1);
        if (fits)
            break;
    }
    if (!found)
        snprintf(out, bytes, "another xenbench");
    return found;
}

/* Is the lock file still there? One that a sweep removed excludes nobody. */
static bool is_still_there(const struct xb_guest_talk *talk)
{
    struct stat named, ours;
    return stat(talk->path, &named) == 0 && fstat(talk->fd, &ours) == 0 &&
           named.st_ino == ours.st_ino && named.st_dev == ours.st_dev;
}

static int open_file(struct xb_guest_talk *talk, struct xb_err *err)
{
    for (;;) {
        talk->fd = open(talk->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (talk->fd < 0)
            return xb_fail(err, XB_E_HOST, errno, "cannot open the lock %s", talk->path);
        /* A sweeping process locks the whole file for a moment. */
        if (!xb_lock_byte(talk->fd, F_RDLCK, PRESENT) && errno != EAGAIN && errno != EACCES)
            return xb_fail(err, XB_E_HOST, errno, "cannot take the lock %s", talk->path);
        if (is_still_there(talk) && xb_lock_byte(talk->fd, F_RDLCK, PRESENT))
            return 0;
        close(talk->fd);
    }
}

static void take_record(struct xb_guest_talk *talk)
{
    for (talk->slot = RECORDS - 1; talk->slot >= 0; talk->slot--) {
        if (xb_lock_byte(talk->fd, F_WRLCK, record_at(talk->slot)))
            break;
    }
    write_record(talk, TALKS);
}

int xb_guest_talk_open(struct xb_guest_talk *out, struct xb_app *app, const char *key,
                       const char *name, struct xb_err *err)
{
    *out = (struct xb_guest_talk){.name = name, .fd = -1, .slot = -1};
    if (xb_make_dirs(app->run_dir, err) < 0 ||
        xb_path(out->path, sizeof(out->path), err, "%s/guest-%s.lock", app->run_dir, key) < 0 ||
        open_file(out, err) < 0)
        return -1;
    take_record(out);
    return 0;
}

void xb_guest_talk_close(struct xb_guest_talk *talk)
{
    xb_cleanup_close(&talk->fd);
    talk->fd = -1;
}

struct waiting {
    const struct xb_guest_talk *talk;
    const struct xb_talk_wait *wait;
    bool to_measure;
};

static void tell(void *arg)
{
    const struct waiting *w = arg;
    char other[RECORD_BYTES + 16], text[RECORD_BYTES + 200];
    find_other(w->talk, w->to_measure ? TALKS : MEASURES, other, sizeof(other));
    snprintf(text, sizeof(text), "guest %s: waiting for %s, %s", w->talk->name, other,
             w->to_measure ? "which talks to it and must end before the measurement"
                           : "which measures it");
    w->wait->tell(w->wait->arg, text);
}

static int too_late(const struct waiting *w, int r, struct xb_err *err)
{
    char other[RECORD_BYTES + 16];
    if (r < 0)
        return -1;
    if (r == XB_LOCK_STOP_FD)
        return xb_fail(err, XB_E_BENCH, 0, "interrupted while waiting for guest %s", w->talk->name);
    find_other(w->talk, w->to_measure ? TALKS : MEASURES, other, sizeof(other));
    if (w->to_measure)
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s cannot be measured: %s still talks to it (end that first; for "
                       "load beside a measurement, use a guest with the role `background`)",
                       w->talk->name, other);
    return xb_fail(err, XB_E_BENCH, 0,
                   "guest %s is being measured by %s, and others must wait until the "
                   "repetition has ended (a longer --connect-timeout waits for that)",
                   w->talk->name, other);
}

static int take(const struct waiting *w, short type, off_t at, struct xb_err *err)
{
    struct xb_lock_await how = {.deadline_ns = w->wait->deadline_ns,
                                .stop_fd = w->wait->stop_fd,
                                .tell = tell,
                                .arg = (void *)w};
    int r = xb_lock_await(w->talk->fd, type, at, &how, err);
    return r == XB_LOCK_TAKEN ? 0 : too_late(w, r, err);
}

int xb_guest_talk_join(struct xb_guest_talk *talk, const struct xb_talk_wait *wait,
                       struct xb_err *err)
{
    struct waiting w = {.talk = talk, .wait = wait};
    int r = take(&w, F_RDLCK, GATE, err);
    if (r == 0)
        r = take(&w, F_RDLCK, WINDOW, err);
    xb_lock_byte(talk->fd, F_UNLCK, GATE);
    return r;
}

int xb_guest_talk_measure(struct xb_guest_talk *talk, const struct xb_talk_wait *wait,
                          struct xb_err *err)
{
    struct waiting w = {.talk = talk, .wait = wait, .to_measure = true};
    write_record(talk, MEASURES);
    xb_lock_byte(talk->fd, F_UNLCK, WINDOW);
    talk->measures = true;
    if (take(&w, F_WRLCK, GATE, err) == 0 && take(&w, F_WRLCK, WINDOW, err) == 0)
        return 0;
    xb_guest_talk_measured(talk);
    return -1;
}

void xb_guest_talk_measured(struct xb_guest_talk *talk)
{
    if (!talk->measures)
        return;
    talk->measures = false;
    xb_lock_byte(talk->fd, F_RDLCK, WINDOW);
    xb_lock_byte(talk->fd, F_UNLCK, GATE);
    write_record(talk, TALKS);
}

bool xb_guest_door_take(struct xb_guest_talk *talk)
{
    if (!xb_lock_byte(talk->fd, F_WRLCK, DOOR))
        return false;
    xb_guest_door_taken(talk);
    return true;
}

int xb_guest_door_wait(struct xb_guest_talk *talk, struct xb_lock_wait *out, struct xb_err *err)
{
    return xb_lock_wait_begin(out, talk->fd, F_WRLCK, DOOR, err);
}

void xb_guest_door_taken(struct xb_guest_talk *talk)
{
    write_record(talk, HAS_DOOR);
}

void xb_guest_door_leave(struct xb_guest_talk *talk)
{
    xb_lock_byte(talk->fd, F_UNLCK, DOOR);
    write_record(talk, talk->measures ? MEASURES : TALKS);
}

void xb_guest_door_holder(const struct xb_guest_talk *talk, char *out, size_t bytes)
{
    find_other(talk, HAS_DOOR, out, bytes);
}

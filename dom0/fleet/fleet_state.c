/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_state.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "fleet_back.h"

#include <fcntl.h>
#include <string.h>

#define LOG_TAIL_BYTES 8192

const char *const xb_fleet_end_words[] = {"unknown", "waiting", "running", "finished",
                                          "failed",  "stopped", "lost",    NULL};

/* The cells in the last line "[7/12] ..." of the last task's progress; 0: there is none. */
static uint32_t cells_in(const char *text)
{
    uint32_t cells = 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        unsigned at = 0, all = 0;
        line += *line == '\n';
        if (strncmp(line, XB_FLEET_LOG_BEGINS, strlen(XB_FLEET_LOG_BEGINS)) == 0)
            cells = 0;
        else if (sscanf(line, "[%5u/%5u]", &at, &all) == 2 && at <= all)
            cells = at;
    }
    return cells;
}

/* How many cells a running task has done, by its log (which stays on the node with --copy-to). */
static uint32_t cells_in_log(const struct xb_fleet_job *job, uint32_t shard)
{
    char path[PATH_MAX], tail[LOG_TAIL_BYTES + 1];
    struct xb_err ignored = {0};
    if (xb_path(path, sizeof(path), &ignored, "%s/%s/%u.log", job->dir, XB_FLEET_LOGS, shard) < 0)
        return 0;
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return 0;
    off_t end = lseek(fd, 0, SEEK_END), from = end > LOG_TAIL_BYTES ? end - LOG_TAIL_BYTES : 0;
    ssize_t n = end < 0 ? -1 : pread(fd, tail, LOG_TAIL_BYTES, from);
    if (n <= 0)
        return 0;
    tail[n] = '\0';
    return cells_in(tail);
}

static bool is_under_way(const struct xb_fleet_part *part)
{
    return part->state == XB_FLEET_WAITING || part->state == XB_FLEET_RUNNING;
}

static int add_stores(const struct xb_fleet_job *job, struct xb_fleet_part *parts,
                      struct xb_err *err)
{
    struct xb_texts files;
    struct xb_fleet_run *best = xb_calloc(job->split.count, sizeof(*best));
    int r = xb_fleet_files(job, XB_FLEET_STORES, XB_FLEET_STORE_ENDING, &files, err);
    for (size_t i = 0; r == 0 && i < files.count; i++) {
        char path[PATH_MAX], node[65];
        uint32_t shard = 0;
        struct xb_fleet_run run = {.id = ""};
        struct xb_err ignored = {0};
        xb_fleet_file_name(files.v[i], XB_FLEET_STORE_ENDING, &shard, node);
        struct xb_fleet_run *one = &best[shard - 1];
        struct xb_fleet_part *part = &parts[shard - 1];
        if (xb_path(path, sizeof(path), &ignored, "%s/%s/%s", job->dir, XB_FLEET_STORES,
                    files.v[i]) == 0 &&
            xb_fleet_look(job, path, shard, &run, &ignored) == 0 &&
            (!one->id[0] || xb_fleet_run_before(&run, one))) {
            *one = run;
            /* A task that waits or runs is where Slurm says, whoever measured before. */
            if (run.whole || !is_under_way(part))
                snprintf(part->node, sizeof(part->node), "%s", node);
        }
    }
    for (uint32_t s = 0; s < job->split.count; s++) {
        parts[s].done = best[s].done;
        parts[s].failed_samples = best[s].failed;
        if (best[s].cells)
            parts[s].cells = best[s].cells;
        if (best[s].whole)
            parts[s].state = XB_FLEET_FINISHED;
    }
    xb_texts_free(&files);
    free(best);
    return r;
}

/* Leave out a run's advice to resume it by hand: `fleet submit --missing` does that. */
static void tell_why(struct xb_fleet_part *part, const char *message)
{
    const char *advice = strstr(message, "; `xenbench run --resume");
    int length = advice ? (int)(advice - message) : (int)strlen(message);
    xb_auto_free char *why = xb_asprintf("%.*s%s", length, message, advice ? ")" : "");
    /* A task that was killed at its limit has told no reason, or an earlier task's. */
    if (length > 0 && strcmp(part->slurm, XB_SLURM_TIMEOUT) != 0)
        xb_escaped_into(part->reason, sizeof(part->reason), why);
}

/*
 * Is this the record that says why the shard ended? That of the node that Slurm names or, where
 * Slurm has forgotten the task, the one whose latest attempt is the latest.
 */
static bool tells(const struct xb_fleet_part *part, const char *node,
                  const struct xb_fleet_attempts *attempts, const struct xb_fleet_attempts *last)
{
    if (part->slurm[0])
        return strcmp(part->node, node) == 0;
    return !last->count || strcmp(attempts->began_at, last->began_at) > 0;
}

/* What the last task's record says of a shard that Slurm calls ended, or has forgotten. */
static void add_end(struct xb_fleet_part *part, const struct xb_fleet_attempts *last)
{
    if (part->state == XB_FLEET_UNKNOWN && !part->slurm[0] && last->message[0])
        part->state = XB_FLEET_FAILED;
    if (part->state == XB_FLEET_FAILED || part->state == XB_FLEET_STOPPED ||
        part->state == XB_FLEET_LOST)
        tell_why(part, last->message);
}

static int add_tasks(const struct xb_fleet_job *job, struct xb_fleet_part *parts,
                     struct xb_err *err)
{
    struct xb_texts files;
    xb_auto_free struct xb_fleet_attempts *last = xb_calloc(job->split.count, sizeof(*last));
    int r = xb_fleet_files(job, XB_FLEET_TASKS, ".json", &files, err);
    for (size_t i = 0; r == 0 && i < files.count; i++) {
        char path[PATH_MAX], node[65];
        uint32_t shard = 0;
        struct xb_fleet_attempts attempts;
        struct xb_err ignored = {0};
        xb_fleet_file_name(files.v[i], ".json", &shard, node);
        struct xb_fleet_part *part = &parts[shard - 1];
        if (xb_path(path, sizeof(path), &ignored, "%s/%s/%s", job->dir, XB_FLEET_TASKS,
                    files.v[i]) < 0 ||
            xb_fleet_attempts_read(path, &attempts, &ignored) < 0)
            continue;
        bool runs = part->state == XB_FLEET_RUNNING && strcmp(part->node, node) == 0;
        part->attempts += attempts.count;
        part->lost += attempts.open - (runs && attempts.open);
        if (!tells(part, node, &attempts, &last[shard - 1]))
            continue;
        last[shard - 1] = attempts;
        if (!part->slurm[0])
            snprintf(part->node, sizeof(part->node), "%s", node);
    }
    for (uint32_t s = 0; s < job->split.count; s++)
        add_end(&parts[s], &last[s]);
    xb_texts_free(&files);
    return r;
}

static void estimate(const struct xb_fleet_job *job, uint32_t s, struct xb_fleet_part *part)
{
    double known = json_number_value(json_object_get(json_array_get(job->parts, s), "known_s"));
    if (part->state == XB_FLEET_FINISHED || part->cells == 0 || known <= 0 || known > 1e9)
        return;
    uint32_t left = part->cells > part->done ? part->cells - part->done : 0;
    part->left_ns = (uint64_t)(known * 1e9 * left / part->cells);
}

int xb_fleet_state(const struct xb_fleet_job *job, struct xb_fleet_part **out, struct xb_err *err)
{
    struct xb_fleet_part *parts = *out = xb_calloc(job->split.count, sizeof(*parts));
    for (uint32_t s = 0; s < job->split.count; s++)
        parts[s].cells =
            (uint32_t)json_integer_value(json_object_get(json_array_get(job->parts, s), "cells"));
    if (xb_fleet_queue(job, parts, err) < 0 || add_tasks(job, parts, err) < 0 ||
        add_stores(job, parts, err) < 0)
        return -1;
    for (uint32_t s = 0; s < job->split.count; s++) {
        struct xb_fleet_part *part = &parts[s];
        uint32_t logged = part->state == XB_FLEET_RUNNING ? cells_in_log(job, s + 1) : 0;
        part->done = logged > part->done ? logged : part->done;
        if (part->state == XB_FLEET_UNKNOWN && part->attempts)
            part->state = XB_FLEET_LOST;
        estimate(job, s, part);
    }
    return 0;
}

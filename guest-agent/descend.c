/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "descend.h"

#include "base.h"
#include "gate.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

/*
 * A process may fork between two scans of /proc, until a SIGKILL for it is pending. So each round
 * kills what was forked during the one before: this many rounds outlast any fork bomb.
 */
#define ROUNDS_MAX 64

struct process {
    pid_t pid, parent, group, session;
    enum { UNKNOWN, STRANGER, OURS } family;
};

/* Sorted by pid: a job may have left as many processes as there are numbers. */
struct process_list {
    struct process *items;
    size_t count, room;
};

/* Read the fields of /proc/PID/stat after the process's name, which may contain any character. */
static bool read_process(pid_t pid, struct process *out)
{
    char path[32], text[512];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (n <= 0)
        return false;
    text[n] = '\0';
    const char *after_name = strrchr(text, ')');
    char state;
    int parent, group, session;
    if (!after_name || sscanf(after_name, ") %c %d %d %d", &state, &parent, &group, &session) != 4)
        return false;
    *out = (struct process){.pid = pid, .parent = parent, .group = group, .session = session};
    return state != 'Z' && state != 'X';
}

static bool append(struct process_list *list, const struct process *process)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 256;
        struct process *items = reallocarray(list->items, room, sizeof(*items));
        if (!items)
            return false;
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = *process;
    return true;
}

static int compare_pids(const void *a, const void *b)
{
    pid_t left = ((const struct process *)a)->pid, right = ((const struct process *)b)->pid;
    return (left > right) - (left < right);
}

static void sort(struct process_list *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_pids);
}

static struct process *find(const struct process_list *list, pid_t pid)
{
    const struct process wanted = {.pid = pid};
    return list->count > 0
               ? bsearch(&wanted, list->items, list->count, sizeof(wanted), compare_pids)
               : NULL;
}

static void list_processes(struct process_list *list)
{
    xb_auto_closedir DIR *proc = opendir("/proc");
    const struct dirent *entry;
    list->count = 0;
    while (proc && (entry = readdir(proc))) {
        struct process process;
        if (isdigit((unsigned char)entry->d_name[0]) &&
            read_process((pid_t)strtol(entry->d_name, NULL, 10), &process) &&
            !append(list, &process))
            break;
    }
    sort(list);
}

/* Did the process's initial environment have our variable with this tag? */
static bool has_tag(pid_t pid, const char *tag)
{
    char path[32], wanted[64];
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    snprintf(wanted, sizeof(wanted), "%s=%s", XA_GATE_TAG_VARIABLE, tag);
    xb_auto_fclose FILE *file = fopen(path, "re");
    xb_auto_free char *entry = NULL;
    size_t room = 0;
    while (file && getdelim(&entry, &room, '\0', file) > 0) {
        if (strcmp(entry, wanted) == 0)
            return true;
    }
    return false;
}

static bool is_root_of_job(const struct process *process, pid_t leader, const char *tag)
{
    if (leader > 0 &&
        (process->pid == leader || process->group == leader || process->session == leader))
        return true;
    return process->parent == getpid() && has_tag(process->pid, tag);
}

/* Find out whether a process descends from a root. A cycle, from numbers used again, does not. */
static void judge(const struct process_list *list, struct process *process)
{
    struct process *at = process;
    while (at && at->family == UNKNOWN) {
        at->family = STRANGER;
        at = find(list, at->parent);
    }
    if (!at || at->family != OURS)
        return;
    for (struct process *of = process; of != at; of = find(list, of->parent))
        of->family = OURS;
}

static void mark(struct process_list *list, pid_t leader, const char *tag)
{
    for (size_t i = 0; i < list->count; i++)
        list->items[i].family = is_root_of_job(&list->items[i], leader, tag) ? OURS : UNKNOWN;
    for (size_t i = 0; i < list->count; i++)
        judge(list, &list->items[i]);
}

/* Kill the marked processes; true if any was not killed in an earlier round. */
static bool kill_marked(const struct process_list *list, struct process_list *killed)
{
    bool found_new = false;
    size_t killed_before = killed->count;
    for (size_t i = 0; i < list->count; i++) {
        const struct process *process = &list->items[i];
        const struct process_list before = {.items = killed->items, .count = killed_before};
        if (process->family != OURS || find(&before, process->pid))
            continue;
        kill(process->pid, SIGKILL);
        found_new = append(killed, process);
    }
    sort(killed);
    return found_new;
}

void xa_descend_kill(pid_t pid, const char *tag)
{
    struct process_list list = {0}, killed = {0};
    bool more = true;
    for (int round = 0; more && round < ROUNDS_MAX; round++) {
        list_processes(&list);
        mark(&list, pid, tag);
        more = kill_marked(&list, &killed);
    }
    /* Only after the scans, which need the complete tree. Without /proc, this is all we can do. */
    if (pid > 0) {
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
    }
    free(list.items);
    free(killed.items);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seeds_trace FOLDER: writes valid traces for fuzz_trace, one per file. */
#include "trace_make.h"

#include "base.h"

#include <string.h>

static void save(const char *folder, const char *name, const struct trace_make *m)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    xb_auto_fclose FILE *file = fopen(path, "we");
    if (!file || fwrite(m->bytes, 1, m->size, file) != m->size) {
        perror(path);
        exit(1);
    }
}

static struct trace_make two_cpus(void)
{
    struct trace_make m = {0};
    make_window(&m, 1);
    make_change(&m, 1000, 1, 0, XB_BLOCKED, XB_RUNNABLE);
    make_change(&m, 2500, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_continue(&m, 3000, 1, 0);
    make_change(&m, 6000, 1, 0, XB_RUNNING, XB_RUNNABLE);
    make_wrap(&m, 3);
    make_window(&m, 0);
    make_change(&m, 1500, XB_DOMID_IDLE, 0, XB_RUNNING, XB_RUNNABLE);
    make_change(&m, 6500, 1, 0, XB_RUNNABLE, XB_RUNNING);
    make_change(&m, 9000, 1, 0, XB_RUNNING, XB_OFFLINE);
    return m;
}

static struct trace_make with_a_gap(void)
{
    struct trace_make m = two_cpus();
    make_window(&m, 0);
    make_lost(&m, 12000, 5, 9500);
    make_change(&m, 12500, 1, 0, XB_OFFLINE, XB_RUNNABLE);
    return m;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    struct trace_make plain = two_cpus(), gap = with_a_gap();
    save(argv[1], "two-cpus", &plain);
    save(argv[1], "gap", &gap);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench workload new */
#include "base.h"
#include "commands.h"
#include "files.h"
#include "newfile.h"
#include "workload.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

struct request {
    struct xb_words name;
};

/* A valid workload that runs in any guest, so that `workload check` can try it unchanged. */
static const char frame[] =
    "# A workload of xenbench: xenbench-workload(5) describes every key.\n"
    "# `xenbench workload check %s --guest GUEST` tries it.\n"
    "name: %s\n"
    "summary: what it measures, in one line\n"
    "\n"
    "# Debian packages that an image needs: `xenbench image build debian --workload %s`.\n"
    "#packages: [mbw]\n"
    "# Programs and files from this directory that an image needs:\n"
    "#files:\n"
    "#  - {from: data.bin, to: /usr/lib/xenbench/data.bin}\n"
    "\n"
    "# Run in the guest before anything else: if it fails, its last line says what is missing.\n"
    "#requires: test -x /usr/bin/mbw\n"
    "# Run once in each guest, and in each guest before every repetition; neither is timed.\n"
    "#prepare: [mkdir, -p, /run/xenbench]\n"
    "#each: sync; echo 3 >/proc/sys/vm/drop_caches\n"
    "\n"
    "# The job, timed: a list of words, or a text for the shell.\n"
    "command: |\n"
    "  i=0\n"
    "  while [ $i -lt 100000 ]; do i=$((i + 1)); done\n"
    "  echo \"steps: $i\"\n"
    "#env: {LC_ALL: C}\n"
    "#user: nobody\n"
    "#cwd: /tmp\n"
    "timeout: 10min\n"
    "\n"
    "# Figures that the benchmark reports. The group in the pattern is the number. `time`, from the\n"
    "# release of the job to its end, is always there.\n"
    "metrics:\n"
    "  - name: steps\n"
    "    pattern: '^steps: ([0-9]+)$'\n"
    "    from: stdout                 # or stderr, or a file in the guest: /run/xenbench/result\n"
    "    unit: steps\n"
    "    better: more                 # or less\n"
    "# A histogram of latencies adds latency.p50, .p90, .p99, .p99.9 and .max:\n"
    "#  - name: latency\n"
    "#    histogram: counts            # or values, cumulative\n"
    "#    pattern: '^([0-9]+) us: ([0-9]+) times$'\n"
    "#    from: stdout\n"
    "#    unit: us\n"
    "#    better: less\n"
    "primary: time                    # the figure of tables: time, or a metric's name\n";

const struct xb_opts xb_opts_workload_new = {
    .words = OPT_WORDS(struct request, name, 1, 1, "which name shall the workload have?"),
    .args = "NAME",
    .doc = "Write the frame of a workload, with comments, to /var/lib/xenbench/workloads/NAME.yaml."
           "\vIt runs as it is: `xenbench workload check` tries it, before and after you change "
           "it. A file that is there is never replaced.",
};

static int make(struct xb_app *app, const char *name, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    char folder[PATH_MAX], path[PATH_MAX];
    if (!xb_workload_is_name(name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "a workload cannot be called `%.60s`: a word of letters, digits and . _ + "
                       "- was expected",
                       name);
    if (xb_path(folder, sizeof(folder), err, "%s/workloads", app->state_dir) < 0 ||
        xb_path(path, sizeof(path), err, "%s/%s.yaml", folder, name) < 0 ||
        xb_make_dirs(folder, err) < 0 || xb_newfile_open(&file, path, 0644, false, err) < 0)
        return -1;
    FILE *out = xb_newfile_stream(&file, err);
    if (!out)
        return -1;
    fprintf(out, frame, name, name, name);
    if (fclose(out) != 0)
        return xb_fail(err, XB_E_HOST, errno, "%s cannot be written", path);
    if (xb_newfile_show(&file, err) < 0)
        return -1;
    printf("%s is written; `xenbench workload check %s --guest GUEST` tries it\n", path, name);
    return 0;
}

int xb_cmd_workload_new(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.name = {0}};
    xb_opts_parse(&xb_opts_workload_new, argc, argv, &o);
    return make(app, o.name.v[0], &app->err) < 0 ? (int)app->err.class : 0;
}

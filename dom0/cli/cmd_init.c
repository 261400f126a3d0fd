/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench init */
#include "base.h"
#include "commands.h"
#include "outfile.h"
#include "plan_start.h"

#include <errno.h>
#include <string.h>

#define FILE_DEFAULT "experiment.yaml"

struct request {
    struct xb_words file;
    const char *host;
    bool force;
};

static const struct xb_opt rows[] = {
    OPT_FORCE(struct request, force, "Replace FILE"),
    OPT_STRING(struct request, host, "host", 0, "FILE",
               "Write for this description of a host, from `xenbench host show`, instead of this "
               "host"),
    OPT_END,
};

const struct xb_opts xb_opts_init = {
    .rows = rows,
    .words = OPT_WORDS(struct request, file, 0, 1, NULL),
    .args = "[FILE]",
    .doc =
        "Write an experiment to start from, for this host: comments say which CPUs, pools, guests "
        "and images there are, and which keys an experiment can have.\v"
        "FILE is " FILE_DEFAULT " by default; - is stdout. The run that it describes is small: "
        "`xenbench plan FILE` shows it.",
};

static int write_experiment(const struct request *o, const struct xb_host_facts *facts,
                            struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    const char *path = o->file.count ? o->file.v[0] : FILE_DEFAULT;
    if (xb_outfile_open(&file, path, 0644, o->force, "--force replaces it", err) < 0)
        return -1;
    FILE *out = xb_newfile_stream(&file, err);
    if (!out)
        return -1;
    bool ready = xb_start_write(facts, out);
    if (fclose(out) != 0)
        return xb_fail(err, XB_E_HOST, errno, "%s cannot be written", path);
    if (xb_newfile_show(&file, err) < 0)
        return -1;
    if (strcmp(path, "-") == 0)
        return 0;
    fprintf(stderr, "%s is written; `xenbench plan %s` shows what it will do\n", path, path);
    if (!ready)
        fputs("there is no image and no guest yet: `xenbench image build debian` makes an image\n",
              stderr);
    return 0;
}

int xb_cmd_init(struct xb_app *app, int argc, char **argv)
{
    xb_auto_facts struct xb_host_facts facts = {.max_cstate = -1};
    struct request o = {.force = false};
    xb_opts_parse(&xb_opts_init, argc, argv, &o);
    if (!o.host)
        xb_host_facts_collect(app, &facts);
    else if (xb_host_facts_load(&facts, o.host, &app->err) < 0)
        return (int)app->err.class;
    return write_experiment(&o, &facts, &app->err) < 0 ? (int)app->err.class : 0;
}

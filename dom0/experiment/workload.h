/*
 * The catalogue: one YAML file for each benchmark, in state_dir/workloads (the user's own, which
 * win) and share_dir/workloads (those that come with xenbench). docs/workloads.md describes the
 * file for people.
 */
#ifndef XB_WORKLOAD_H
#define XB_WORKLOAD_H

#include "app.h"
#include "yaml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_WORKLOAD_NAME_MAX 64
#define XB_WORKLOAD_METRICS_MAX 8
/* The metric that every workload has: from the release of the job to its end, in seconds, less is
 * better. */
#define XB_WORKLOAD_TIME "time"

enum xb_workload_better { XB_WORKLOAD_LESS = 0, XB_WORKLOAD_MORE = 1 }; /* as in enum xb_better */

/* A file of xenbench or of the user that goes into images with the workload. */
struct xb_workload_file {
    char *from; /* its name: in lib_dir, or beside the workload's own file */
    char *to;   /* an absolute path in the guest */
};

/* A number that the benchmark itself reports. */
struct xb_workload_metric {
    char *name;
    char *pattern; /* POSIX extended regular expression; its first group is the number */
    char *from;    /* stdout, stderr, or the absolute path of a file in the guest */
    char *unit;    /* NULL: none */
    int better;    /* enum xb_workload_better */
};

struct xb_workload {
    char *path; /* of its file */
    char *name;
    char *summary;
    struct xb_texts packages; /* Debian's, into the image */
    struct xb_workload_file *files;
    size_t file_count;
    struct xb_texts requires; /* run in the guest: not 0 means something is missing, and its output
                                 says what; may be empty */
    struct xb_texts
        prepare;          /* run once in the guest before the first job, not timed; may be empty */
    struct xb_texts each; /* likewise before every job; may be empty */
    struct xb_texts command; /* the job */
    struct xb_texts env;     /* of all four: "NAME=VALUE" */
    char *user, *cwd;        /* NULL: the agent's own */
    char *argument;          /* the variable of env that "NAME:VALUE" sets; NULL: it takes none */
    uint64_t timeout_ns;     /* of one job; 0: the experiment's */
    struct xb_workload_metric *metrics;
    size_t metric_count;
    char *primary; /* a metric's name, or XB_WORKLOAD_TIME */
};

/*
 * Read an entry of the catalogue by its name, or "NAME:ARGUMENT" where the workload takes one
 * ("spec2006:401.bzip2"). XB_E_INPUT where there is none (the message names one that is near) or
 * the file is wrong ("FILE:LINE: ...").
 */
int xb_workload_find(struct xb_app *app, const char *name, struct xb_workload **out,
                     struct xb_err *err);

/* Read a file, whose base name must be the workload's name; or text in memory, path being for
 * messages. */
int xb_workload_open(struct xb_workload **out, const char *path, struct xb_err *err);
int xb_workload_parse(struct xb_workload **out, const char *path, const char *text, size_t bytes,
                      struct xb_err *err);
void xb_workload_free(struct xb_workload *workload); /* NULL is allowed */

/* Set the argument, a word of letters, digits and . _ + -. XB_E_INPUT where the workload takes
 * none. */
int xb_workload_set_argument(struct xb_workload *workload, const char *value, struct xb_err *err);

/* The catalogue's names in order, in *out (end with xb_texts_free). */
int xb_workload_names(struct xb_app *app, struct xb_texts *out, struct xb_err *err);

/* Where a file of the workload lies on this machine. XB_E_INPUT where it is nowhere. out has
 * PATH_MAX bytes. */
int xb_workload_file_path(struct xb_app *app, const struct xb_workload *workload,
                          const struct xb_workload_file *file, char *out, struct xb_err *err);

/* The primary metric; NULL where that is the time. */
const struct xb_workload_metric *xb_workload_primary(const struct xb_workload *workload);

/* What a guest wrote, which may be anything: the end of it, where there was more than is kept. */
struct xb_metric_source {
    const char *text;
    size_t bytes;
    uint64_t lost_bytes; /* before text */
};

/*
 * Find the metric's number: the last match of all counts, and lines end with \n, \r or NUL. A line whose beginning is lost
 * is not searched. XB_E_BENCH, with what was seen, where nothing matches or where the last match is not, for sure, the whole
 * of a number.
 */
int xb_workload_metric_read(const struct xb_workload_metric *metric,
                            const struct xb_metric_source *source, double *value,
                            struct xb_err *err);

#endif

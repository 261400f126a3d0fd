/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The catalogue: a YAML file per benchmark, in state_dir/workloads (the user's, which take
 * precedence) and share_dir/workloads (those of xenbench). docs/workloads.md describes the file.
 */
#ifndef XB_WORKLOAD_H
#define XB_WORKLOAD_H

#include "app.h"
#include "dist.h"
#include "yaml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_WORKLOAD_NAME_MAX 64
#define XB_WORKLOAD_METRICS_MAX 8
/* With the percentiles of histograms. */
#define XB_WORKLOAD_FIGURES_MAX (XB_WORKLOAD_METRICS_MAX * (1 + XB_PERCENTILES))
/* The metric of every workload: seconds from the release of the job to its end; less is better. */
#define XB_WORKLOAD_TIME "time"

enum xb_workload_better { XB_WORKLOAD_LESS = 0, XB_WORKLOAD_MORE = 1 };
extern const char *const xb_better_words[]; /* "less", "more", NULL */

/* A file of xenbench or of the user that images need for the workload. */
struct xb_workload_file {
    char *from; /* its name: in lib_dir, or beside the workload's own file */
    char *to;   /* an absolute path in the guest */
};

enum xb_workload_dist {
    XB_WORKLOAD_NUMBER = 0, /* no histogram */
    XB_WORKLOAD_VALUES,     /* each match is a value */
    XB_WORKLOAD_COUNTS,     /* a value, and how often it occurred */
    XB_WORKLOAD_CUMULATIVE, /* a value, and how many values are not above it */
};

/* A figure that the benchmark itself reports. */
struct xb_workload_metric {
    char *name;
    char *pattern;     /* POSIX extended regular expression; its first group is the number */
    char *from;        /* stdout, stderr, or the absolute path of a file in the guest */
    char *unit;        /* NULL: none */
    int better;        /* enum xb_workload_better */
    int histogram;     /* enum xb_workload_dist */
    char *begin, *end; /* of a histogram: patterns for the lines around its rows; NULL: none */
    char *over;        /* of a histogram: pattern for the count of values above its rows; or NULL */
    /* Of "latency.p99", which belongs to the last histogram before it, "latency"; else NULL. */
    const struct xb_percentile *percentile;
};

struct xb_workload {
    char *path; /* of its file */
    char *name;
    char *summary;
    struct xb_texts packages; /* Debian's, into the image */
    struct xb_workload_file *files;
    size_t file_count;
    struct xb_texts requires; /* run in the guest: fails if something is missing; may be empty */
    struct xb_texts prepare;  /* run once in each guest, not timed; may be empty */
    struct xb_texts each;     /* run before every repetition, not timed; may be empty */
    struct xb_texts command;  /* the job */
    struct xb_texts env;      /* for all four of these: "NAME=VALUE" */
    char *user, *cwd;         /* NULL: the agent's own */
    char *argument;           /* the variable of env that "NAME:VALUE" sets; NULL: none */
    uint64_t timeout_ns;      /* of one job; 0: the experiment's */
    struct xb_workload_metric *metrics;
    size_t metric_count;
    char *primary; /* a metric's name, or XB_WORKLOAD_TIME */
};

/*
 * Read a catalogue entry by name, or "NAME:ARGUMENT" if the workload takes one
 * ("spec2006:401.bzip2"). XB_E_INPUT if there is none (naming a similar one) or its file is wrong
 * ("FILE:LINE: ...").
 */
int xb_workload_find(struct xb_app *app, const char *name, struct xb_workload **out,
                     struct xb_err *err);

/*
 * Read a file whose base name is the workload's name; or text in memory, which messages call path.
 */
int xb_workload_open(struct xb_workload **out, const char *path, struct xb_err *err);
int xb_workload_parse(struct xb_workload **out, const char *path, const char *text, size_t bytes,
                      struct xb_err *err);
void xb_workload_free(struct xb_workload *workload); /* NULL is allowed */

/*
 * Set the argument, a word of letters, digits and . _ + -. XB_E_INPUT if the workload takes none.
 */
int xb_workload_set_argument(struct xb_workload *workload, const char *value, struct xb_err *err);

/* Is this a valid name for a workload? A word of letters, digits and . _ + -, not first . or -. */
bool xb_workload_is_name(const char *text);

/* The catalogue's names, sorted, in *out (end with xb_texts_free). */
int xb_workload_names(struct xb_app *app, struct xb_texts *out, struct xb_err *err);

/*
 * Find a file of the workload on this machine; XB_E_INPUT if it is missing. out has PATH_MAX bytes.
 */
int xb_workload_file_path(struct xb_app *app, const struct xb_workload *workload,
                          const struct xb_workload_file *file, char *out, struct xb_err *err);

/*
 * Add a histogram's percentiles as metrics of their own, after it: "latency.p99". The functions
 * above that read a workload have done this.
 */
void xb_workload_add_percentiles(struct xb_workload *workload);
/*
 * Why a metric's keys do not fit together: a constant text to follow the name of the key at fault,
 * which is *key. NULL if they do fit.
 */
const char *xb_workload_dist_wrong(const struct xb_workload_metric *metric, const char **key);
/* The words of enum xb_workload_dist from VALUES on, NULL-terminated, and their reader. */
extern const char *const xb_workload_dist_words[];
xb_yaml_read_fn xb_workload_read_dist;

/* The primary metric; NULL if it is the time. */
const struct xb_workload_metric *xb_workload_primary(const struct xb_workload *workload);

/* What a guest wrote (not trusted): the last part, if there was more than is kept. */
struct xb_metric_source {
    const char *text;
    size_t bytes;
    uint64_t lost_bytes; /* before text */
    bool end_lost;       /* output after text is lost */
};

/*
 * Find the metric's number: the last match of all, in lines ended by \n, \r or NUL. A line that
 * lost its beginning is skipped; a text that lost its end is refused. XB_E_BENCH, with what was
 * seen, if nothing matches or if the last match is not certainly a complete number.
 */
int xb_workload_metric_read(const struct xb_workload_metric *metric,
                            const struct xb_metric_source *source, double *value,
                            struct xb_err *err);

/*
 * Find a histogram: every match in the lines between `begin` and `end`. hist->buckets is to free.
 * XB_E_BENCH, with what was seen, if nothing matches, or if a match is not a value or count.
 */
int xb_workload_dist_read(const struct xb_workload_metric *metric,
                          const struct xb_metric_source *source, struct xb_dist *hist,
                          struct xb_err *err);

#endif

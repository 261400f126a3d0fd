/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports of a run, made from the store alone: pages for people, and files for other programs.
 */
#ifndef XB_REPORT_H
#define XB_REPORT_H

#include "store.h"

#include <stdio.h>

/* The schema of results.json; a change that breaks readers raises it. */
#define XB_REPORT_SCHEMA "xenbench-results/1"

/*
 * The table of formats: identifier, name, what it is, and the function that writes it
 * (report_formats.h). `compare` and `history` write the first four too.
 */
#define XB_REPORT_PAGES(F)                                                                         \
    F(TABLE, "table", "the report for a terminal", xb_report_table_write)                          \
    F(MARKDOWN, "md", "the report in Markdown", xb_report_markdown_write)                          \
    F(HTML, "html", "the report as one HTML file, with charts", xb_report_html_write)              \
    F(JSON, "json", "everything about the run: results.json", xb_report_json_write)
#define XB_REPORT_FORMATS(F)                                                                       \
    XB_REPORT_PAGES(F)                                                                             \
    F(CSV, "csv", "a row for each sample, for spreadsheets, R and SQL", xb_report_csv_write)       \
    F(CSV_DISTRIBUTIONS, "csv-distributions", "a row for each bucket of each sample's histograms", \
      xb_report_csv_distributions_write)                                                           \
    F(OPENMETRICS, "openmetrics", "medians as gauges, and histograms, for Prometheus",             \
      xb_report_openmetrics_write)                                                                 \
    F(HYPERFINE, "hyperfine", "times as hyperfine exports them", xb_report_hyperfine_write)        \
    F(GITHUB_SMALLER, "github-smaller",                                                            \
      "for github-action-benchmark: figures of which less is better",                              \
      xb_report_github_smaller_write)                                                              \
    F(GITHUB_BIGGER, "github-bigger",                                                              \
      "for github-action-benchmark: figures of which more is better",                              \
      xb_report_github_bigger_write)                                                               \
    F(TRACE_EVENTS, "trace-events", "when each job ran, as Chrome trace events, for Perfetto",     \
      xb_report_events_write)

#define XB_REPORT_ID(id, name, what, write) XB_REPORT_##id,
enum xb_report_format { XB_REPORT_FORMATS(XB_REPORT_ID) };
/* The names of all formats, and of the page formats alone; both lists end with NULL. */
extern const char *const xb_report_formats[], *const xb_report_pages[];

/* Write one report of the run with this complete id. XB_E_HOST if out cannot be written. */
int xb_report_write(struct xb_store *store, const char *run, enum xb_report_format format,
                    FILE *out, struct xb_err *err);

/* Write one report to path (outfile.h); NULL: to stdout. */
int xb_report_file(struct xb_store *store, const char *run, enum xb_report_format format,
                   const char *path, struct xb_err *err);

/* Write the report as a table, in the width and colours of the terminal if out is one. */
int xb_report_table(struct xb_store *store, const char *run, FILE *out, struct xb_err *err);

/* Write report.html, report.md and results.json into dir; create dir if it does not exist. */
int xb_report_directory(struct xb_store *store, const char *run, const char *dir,
                        struct xb_err *err);

#endif

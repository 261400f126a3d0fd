/*
 * Reports of a run, made from the store alone: a table for the terminal, Markdown, one HTML file,
 * JSON.
 */
#ifndef XB_REPORT_H
#define XB_REPORT_H

#include "store.h"

#include <stdio.h>

/* The schema of results.json; a change that breaks readers raises it. */
#define XB_REPORT_SCHEMA "xenbench-results/1"

enum xb_report_format {
    XB_REPORT_TABLE = 0,
    XB_REPORT_MARKDOWN,
    XB_REPORT_HTML,
    XB_REPORT_JSON,
};
/* The formats' names, NULL-terminated: table, md, html, json. */
extern const char *const xb_report_formats[];

/* Write one report of a run (its whole id). XB_E_HOST where out cannot be written. */
int xb_report_write(struct xb_store *store, const char *run, enum xb_report_format format,
                    FILE *out, struct xb_err *err);

/* Write one report to the path that the user named (outfile.h). */
int xb_report_file(struct xb_store *store, const char *run, enum xb_report_format format,
                   const char *path, struct xb_err *err);

/* Write the table, in the width and colours of the terminal where out is one. */
int xb_report_table(struct xb_store *store, const char *run, FILE *out, struct xb_err *err);

/* Write report.html, report.md and results.json to dir; make dir where it does not exist. */
int xb_report_directory(struct xb_store *store, const char *run, const char *dir,
                        struct xb_err *err);

#endif

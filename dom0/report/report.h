/*
 * What a run found, told to people and programs: a table for the terminal, Markdown, one HTML file,
 * JSON. All are made
 * from the store alone.
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
/* The words for these, NULL-terminated: table, md, html, json. */
extern const char *const xb_report_formats[];

/* Write one report of a run (its whole id). XB_E_HOST where out cannot be written. */
int xb_report_write(struct xb_store *store, const char *run, enum xb_report_format format,
                    FILE *out, struct xb_err *err);

/* The same to where the user said (outfile.h). */
int xb_report_file(struct xb_store *store, const char *run, enum xb_report_format format,
                   const char *path, struct xb_err *err);

/* For a person at a terminal, or whatever stands in for it. */
int xb_report_table(struct xb_store *store, const char *run, FILE *out, struct xb_err *err);

/* report.html, report.md and results.json in a directory, which is made where there is none. */
int xb_report_directory(struct xb_store *store, const char *run, const char *dir,
                        struct xb_err *err);

#endif

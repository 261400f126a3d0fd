/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report.h"

#include "base.h"
#include "files.h"
#include "outfile.h"
#include "report_build_i.h"
#include "report_formats.h"
#include "report_json.h"
#include "report_page.h"
#include "streams.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#define NAME(id, name, what, write) name,
const char *const xb_report_formats[] = {XB_REPORT_FORMATS(NAME) NULL};
const char *const xb_report_pages[] = {XB_REPORT_PAGES(NAME) NULL};

#define WRITE(id, name, what, write) write,
static xb_report_write_fn *const writers[] = {XB_REPORT_FORMATS(WRITE)};

void xb_report_dump(json_t *json, FILE *out)
{
    json_dumpf(json, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    fputc('\n', out);
    json_decref(json);
}

int xb_report_json_write(const struct xb_report *r, FILE *out, struct xb_err *err)
{
    json_t *json = xb_report_json(r->store, r->m, err);
    if (!json)
        return -1;
    json_dumpf(json, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(json);
    return 0;
}

static int write_page(const struct xb_model *model, enum xb_report_format format, FILE *out)
{
    struct xb_doc doc;
    xb_doc_build(&doc, model);
    if (format == XB_REPORT_HTML)
        xb_report_add_samples(&doc, model);
    xb_page_write(&doc, model->run.name, format, out);
    xb_doc_free(&doc);
    return 0;
}

int xb_report_table_write(const struct xb_report *r, FILE *out, struct xb_err *err XB_UNUSED)
{
    return write_page(r->m, XB_REPORT_TABLE, out);
}

int xb_report_markdown_write(const struct xb_report *r, FILE *out, struct xb_err *err XB_UNUSED)
{
    return write_page(r->m, XB_REPORT_MARKDOWN, out);
}

int xb_report_html_write(const struct xb_report *r, FILE *out, struct xb_err *err XB_UNUSED)
{
    return write_page(r->m, XB_REPORT_HTML, out);
}

int xb_report_write(struct xb_store *store, const char *run, enum xb_report_format format,
                    FILE *out, struct xb_err *err)
{
    struct xb_model model;
    if (xb_model_load(&model, store, run, err) < 0)
        return -1;
    int r = writers[format](&(struct xb_report){store, &model}, out, err);
    if (r == 0)
        r = xb_stream_flush(out, "the report", err);
    xb_model_free(&model);
    return r;
}

struct written {
    struct xb_store *store;
    const char *run;
    enum xb_report_format format;
};

static int print(const void *arg, FILE *out, struct xb_err *err)
{
    const struct written *w = arg;
    return xb_report_write(w->store, w->run, w->format, out, err);
}

int xb_report_file(struct xb_store *store, const char *run, enum xb_report_format format,
                   const char *path, struct xb_err *err)
{
    const struct written written = {store, run, format};
    return xb_outfile_print(path, "the report", print, &written, err);
}

int xb_report_table(struct xb_store *store, const char *run, FILE *out, struct xb_err *err)
{
    return xb_report_write(store, run, XB_REPORT_TABLE, out, err);
}

int xb_report_directory(struct xb_store *store, const char *run, const char *dir,
                        struct xb_err *err)
{
    static const struct {
        const char *name;
        enum xb_report_format format;
    } files[] = {{"report.html", XB_REPORT_HTML},
                 {"report.md", XB_REPORT_MARKDOWN},
                 {"results.json", XB_REPORT_JSON}};
    /* Anyone may read reports, unlike the files in xenbench's own directories. */
    if (mkdir(dir, 0755) < 0 && errno != EEXIST && xb_make_dirs(dir, err) < 0)
        return -1;
    for (size_t i = 0; i < XB_ARRAY_LEN(files); i++) {
        char path[PATH_MAX];
        if (xb_path(path, sizeof(path), err, "%s/%s", dir, files[i].name) < 0)
            return -1;
        if (xb_report_file(store, run, files[i].format, path, err) < 0)
            return -1;
    }
    return 0;
}

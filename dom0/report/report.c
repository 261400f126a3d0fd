#include "report.h"

#include "base.h"
#include "files.h"
#include "outfile.h"
#include "report_html.h"
#include "report_json.h"
#include "report_page.h"
#include "streams.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

const char *const xb_report_formats[] = {"table", "md", "html", "json", NULL};

static int write_json(struct xb_store *store, const struct xb_model *model, FILE *out,
                      struct xb_err *err)
{
    json_t *json = xb_report_json(store, model, err);
    if (!json)
        return -1;
    json_dumpf(json, out, JSON_INDENT(1));
    fputc('\n', out);
    json_decref(json);
    return 0;
}

static void write_doc(const struct xb_model *model, enum xb_report_format format, FILE *out)
{
    struct xb_doc doc;
    xb_doc_build(&doc, model);
    if (format == XB_REPORT_HTML)
        xb_html_write(&doc, model, out);
    else
        xb_page_write(&doc, model->run.name, format, out);
    xb_doc_free(&doc);
}

static int write_model(struct xb_store *store, const struct xb_model *model,
                       enum xb_report_format format, FILE *out, struct xb_err *err)
{
    if (format != XB_REPORT_JSON)
        write_doc(model, format, out);
    else if (write_json(store, model, out, err) < 0)
        return -1;
    return xb_stream_flush(out, "the report", err);
}

int xb_report_write(struct xb_store *store, const char *run, enum xb_report_format format,
                    FILE *out, struct xb_err *err)
{
    struct xb_model model;
    if (xb_model_load(&model, store, run, err) < 0)
        return -1;
    int r = write_model(store, &model, format, out, err);
    xb_model_free(&model);
    return r;
}

int xb_report_file(struct xb_store *store, const char *run, enum xb_report_format format,
                   const char *path, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (xb_outfile_open(&file, path, 0666, true, NULL, err) < 0)
        return -1;
    xb_auto_fclose FILE *out = xb_newfile_stream(&file, err);
    if (!out)
        return -1;
    if (xb_report_write(store, run, format, out, err) < 0)
        return xb_fail_context(err, "%s", path);
    return xb_newfile_show(&file, err);
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

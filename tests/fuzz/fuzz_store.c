/*
 * Any bytes as another's export: a store or JSON, taken over or refused. Of what was taken over each
 * report is made: text that a terminal may show, and JSON.
 * For: dom0/store/store_foreign.c dom0/store/store_foreign_json.c dom0/store/store_check.c
 */
#include "base.h"
#include "escape.h"
#include "report.h"
#include "store_foreign.h"
#include "store_run.h"

#include <jansson.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_text(const char *text, size_t bytes)
{
    for (size_t i = 0, n; i < bytes; i += n) {
        n = text[i] == '\n' ? 1 : xb_printable((const uint8_t *)text + i, bytes - i);
        if (n == 0)
            abort();
    }
}

static void check_json(const char *text, size_t bytes)
{
    json_t *json = json_loadb(text, bytes, 0, NULL);
    if (!json)
        abort();
    json_decref(json);
}

static void report(struct xb_store *store, const char *run, enum xb_report_format format)
{
    xb_auto_free char *text = NULL;
    size_t bytes = 0;
    struct xb_err err = {0};
    FILE *out = open_memstream(&text, &bytes);
    int r = xb_report_write(store, run, format, out, &err);
    fclose(out);
    if (r < 0 ? !err.class : bytes == 0)
        abort();
    if (r == 0 && format == XB_REPORT_JSON)
        check_json(text, bytes);
    else if (r == 0)
        check_text(text, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[40], run[XB_UUID_BYTES];
    struct xb_err err = {0};
    struct xb_store *store = NULL;
    xb_auto_close int fd = memfd_create("store", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int r = xb_store_open_export(&store, path, &err);
    if (r < 0 && !err.class)
        abort();
    if (r == 0 && xb_store_run_find(store, NULL, false, run, &err) == 0)
        for (enum xb_report_format format = XB_REPORT_TABLE; format <= XB_REPORT_JSON; format++)
            report(store, run, format);
    xb_store_close(store);
    return 0;
}

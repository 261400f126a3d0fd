/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a foreign export: a store or JSON, imported or refused. Every report is made of what
 * was imported, and must be text that a terminal may show, or JSON. If the input begins with S, the
 * rest is a list of changes to an empty store: where, how many bytes, and the bytes.
 * For: dom0/store/store_foreign.c dom0/store/store_foreign_json.c dom0/report/report_model_parts.c
 */
#include "base.h"
#include "escape.h"
#include "report.h"
#include "store_foreign.h"
#include "store_foreign_i.h"
#include "store_run.h"

#include <fcntl.h>
#include <jansson.h>

#define PAGE_BYTES 512
#define CHANGE_BYTES 5 /* offset in pages, offset in the page, count */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The bytes of an empty store's file, made once. */
static const uint8_t *empty_store(size_t *bytes)
{
    static uint8_t *image;
    static sqlite3_int64 size;
    if (!image) {
        struct xb_store *store = xb_store_open_private("empty", NULL);
        if (!store || sqlite3_exec(store->db, "PRAGMA page_size = 512", NULL, NULL, NULL) ||
            xb_store_migrate(store, 0, xb_store_version, NULL) < 0)
            abort();
        image = sqlite3_serialize(store->db, "main", &size, 0);
        xb_store_close(store);
    }
    *bytes = (size_t)size;
    return image;
}

static void write_changed(int fd, const uint8_t *data, size_t bytes)
{
    size_t size;
    const uint8_t *empty = empty_store(&size);
    if (write(fd, empty, size) != (ssize_t)size)
        abort();
    while (bytes > CHANGE_BYTES) {
        size_t at = ((size_t)data[0] | (size_t)data[1] << 8) * PAGE_BYTES +
                    ((size_t)data[2] | (size_t)data[3] << 8) % PAGE_BYTES;
        size_t count = data[4];
        data += CHANGE_BYTES;
        bytes -= CHANGE_BYTES;
        count = count > bytes ? bytes : count;
        if (pwrite(fd, data, count, (off_t)(at % size)) != (ssize_t)count)
            abort();
        data += count;
        bytes -= count;
    }
}

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

static bool is_json(enum xb_report_format format)
{
    return format != XB_REPORT_TABLE && format != XB_REPORT_MARKDOWN && format != XB_REPORT_HTML &&
           format != XB_REPORT_CSV && format != XB_REPORT_CSV_DISTRIBUTIONS &&
           format != XB_REPORT_OPENMETRICS;
}

static void report(struct xb_store *store, const char *run, enum xb_report_format format)
{
    xb_auto_free char *text = NULL;
    size_t bytes = 0;
    struct xb_err err = {0};
    FILE *out = open_memstream(&text, &bytes);
    int r = xb_report_write(store, run, format, out, &err);
    fclose(out);
    if (r < 0 && !err.class)
        abort();
    if (r == 0 && is_json(format))
        check_json(text, bytes);
    else if (r == 0)
        check_text(text, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[] = "/dev/shm/xb-fuzz-store-XXXXXX", run[XB_UUID_BYTES];
    struct xb_err err = {0};
    struct xb_store *store = NULL;
    xb_auto_close int fd = mkostemp(path, O_CLOEXEC); /* SQLite needs a path */
    if (fd < 0)
        abort();
    if (bytes > 0 && data[0] == 'S')
        write_changed(fd, data + 1, bytes - 1);
    else if (write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    int r = xb_store_open_export(&store, path, &err);
    if (r < 0 && !err.class)
        abort();
    if (r == 0 && xb_store_run_find(store, NULL, false, run, &err) == 0)
        for (size_t format = 0; xb_report_formats[format]; format++)
            report(store, run, (enum xb_report_format)format);
    xb_store_close(store);
    unlink(path);
    return 0;
}

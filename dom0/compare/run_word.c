/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_word.h"

#include "alloc.h"
#include "base.h"
#include "store_foreign.h"

#include <string.h>
#include <unistd.h>

/* The beginning of a UUID, or `latest`. A file with such a name needs its folder: ./beef. */
static bool is_id(const char *word)
{
    size_t length = strlen(word);
    return strcmp(word, XB_RUN_LATEST) == 0 ||
           (length > 0 && length < XB_UUID_BYTES && strspn(word, "0123456789abcdef-") == length);
}

bool xb_run_word_is_file(const char *word)
{
    return !is_id(word);
}

static int open_file(const char *word, struct xb_store **store, char id[XB_UUID_BYTES],
                     struct xb_err *err)
{
    xb_auto_free char *path = xb_strdup(word);
    char *colon = access(path, F_OK) == 0 ? NULL : strrchr(path, ':');
    if (colon)
        *colon = '\0';
    if (access(path, F_OK) != 0)
        return xb_fail(err, XB_E_INPUT, 0,
                       "`%s` is neither the beginning of a run's id (`xenbench runs list` shows "
                       "them) nor a file, nor FILE:RUN",
                       word);
    if (xb_store_open_export(store, path, err) < 0)
        return -1;
    return xb_store_run_find(*store, colon && colon[1] ? colon + 1 : NULL, false, id, err);
}

int xb_run_word_open(struct xb_app *app, const char *store_path, const char *word,
                     struct xb_store **store, char id[XB_UUID_BYTES], struct xb_err *err)
{
    *store = NULL;
    if (!is_id(word))
        return open_file(word, store, id, err);
    return xb_store_open(store, app, store_path, false, err) < 0
               ? -1
               : xb_store_run_find(*store, word, false, id, err);
}

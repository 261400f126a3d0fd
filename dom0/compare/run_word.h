/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a command line names a run: a beginning of its id, `latest`, FILE, or FILE:RUN.
 */
#ifndef XB_RUN_WORD_H
#define XB_RUN_WORD_H

#include "store_run.h"

/*
 * Open the store that the word names (for an id, store_path; NULL: the host's) and find the run; of
 * a FILE, the latest. A FILE is copied and checked, and never changed. XB_E_INPUT if there is no
 * such run. The caller closes *store even on failure (NULL is allowed).
 */
int xb_run_word_open(struct xb_app *app, const char *store_path, const char *word,
                     struct xb_store **store, char id[XB_UUID_BYTES], struct xb_err *err);

/* Does the word name another store's run (FILE or FILE:RUN), not one of the store's own? */
bool xb_run_word_is_file(const char *word);

#endif

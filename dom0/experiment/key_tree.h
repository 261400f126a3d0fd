/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of an experiment, built key by key. Each line remembers the option that asked for it.
 */
#ifndef XB_KEY_TREE_H
#define XB_KEY_TREE_H

#include "err.h"
#include "yaml.h"

#include <stdio.h>

struct xb_key_tree {
    char *key;
    char *value;      /* YAML in one line; NULL: keys, or nothing */
    char *said;       /* the option that asked for it, for messages; NULL: none */
    const char *note; /* a comment beside it; NULL: none */
    struct xb_key_tree *in;
    size_t count;
    bool list; /* the entries of `in` are a list, each a mapping */
};

/* The entry of this key, added if there is none. */
struct xb_key_tree *xb_key_tree_at(struct xb_key_tree *tree, const char *key);
/*
 * Set the value (YAML in one line) below these keys, replacing what is there. XB_E_INPUT if one of
 * the keys above has a value itself or, with again false, if the last key has one.
 */
int xb_key_tree_set(struct xb_key_tree *tree, char *const *keys, size_t count, const char *value,
                    const char *said, bool again, struct xb_err *err);
/* Write all entries as YAML, and add to said, for each line, the option that asked for it or "". */
void xb_key_tree_write(const struct xb_key_tree *tree, FILE *out, struct xb_texts *said);
/* What set the first key in it, as its messages name that; NULL: nothing. */
const char *xb_key_tree_said(const struct xb_key_tree *tree);
void xb_key_tree_clear(struct xb_key_tree *tree);

/* experiment.c: give the keys of the file's top level their comments. */
void xb_exp_note_keys(struct xb_key_tree *top);
/* experiment.c: list, as comments, the keys of the top level that are not in the tree. */
void xb_exp_write_unset(struct xb_key_tree *top, FILE *out);

#endif

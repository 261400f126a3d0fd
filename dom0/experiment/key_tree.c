/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "key_tree.h"

#include "alloc.h"
#include "base.h"
#include "keypath.h"
#include "width.h"

#include <string.h>

#define NOTE_COLUMN 44

static struct xb_key_tree *find(struct xb_key_tree *tree, const char *key)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->in[i].key && strcmp(tree->in[i].key, key) == 0)
            return &tree->in[i];
    return NULL;
}

struct xb_key_tree *xb_key_tree_at(struct xb_key_tree *tree, const char *key)
{
    struct xb_key_tree *entry = find(tree, key);
    if (!entry) {
        entry = xb_append(&tree->in, &tree->count);
        entry->key = xb_strdup(key);
    }
    return entry;
}

int xb_key_tree_set(struct xb_key_tree *tree, char *const *keys, size_t count, const char *value,
                    const char *said, bool again, struct xb_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (tree->value || tree->list)
            return xb_fail(err, XB_E_INPUT, 0, "%s: `%s` is %s, so it has no key `%s`", said,
                           tree->key, tree->value ? tree->value : "a list", keys[i]);
        tree = xb_key_tree_at(tree, keys[i]);
    }
    if (tree->value && !again)
        return xb_fail(err, XB_E_INPUT, 0, "%s: `%s` has two values here, %s and %s", said,
                       tree->key, tree->value, value);
    for (size_t i = 0; i < tree->count; i++)
        xb_key_tree_clear(&tree->in[i]);
    free(tree->in);
    free(tree->value);
    free(tree->said);
    tree->in = NULL;
    tree->count = 0;
    tree->value = xb_strdup(value);
    tree->said = xb_strdup(said);
    return 0;
}

/* The option that asked for an entry or, if it has none, for the first of the entries in it. */
const char *xb_key_tree_said(const struct xb_key_tree *entry)
{
    const char *said = entry->said;
    for (size_t i = 0; !said && i < entry->count; i++)
        said = xb_key_tree_said(&entry->in[i]);
    return said;
}

static void write_entry(const struct xb_key_tree *entry, const char *before, int indent, FILE *out,
                        struct xb_texts *said);

static void write_all(const struct xb_key_tree *tree, int indent, FILE *out, struct xb_texts *said)
{
    for (size_t i = 0; i < tree->count; i++)
        write_entry(&tree->in[i], "", indent, out, said);
}

/* An entry of a list: its first key has the dash. */
static void write_item(const struct xb_key_tree *item, int indent, FILE *out, struct xb_texts *said)
{
    for (size_t i = 0; i < item->count; i++)
        write_entry(&item->in[i], i ? "  " : "- ", indent, out, said);
}

static void write_entry(const struct xb_key_tree *entry, const char *before, int indent, FILE *out,
                        struct xb_texts *said)
{
    const char *asked = xb_key_tree_said(entry);
    xb_auto_free char *key = xb_keypath_text(entry->key);
    xb_auto_free char *line =
        xb_asprintf("%*s%s%s:%s%s", indent, "", before, key, entry->value ? " " : "",
                    entry->value ? entry->value : "");
    fputs(line, out);
    if (entry->note)
        fprintf(out, "%*s  # %s",
                NOTE_COLUMN - 2 - xb_width(line) > 0 ? NOTE_COLUMN - 2 - xb_width(line) : 0, "",
                entry->note);
    putc('\n', out);
    xb_texts_add(said, asked ? asked : "");
    indent += 2 + (int)strlen(before);
    for (size_t i = 0; entry->list && i < entry->count; i++)
        write_item(&entry->in[i], indent, out, said);
    if (!entry->list)
        write_all(entry, indent, out, said);
}

void xb_key_tree_write(const struct xb_key_tree *tree, FILE *out, struct xb_texts *said)
{
    write_all(tree, 0, out, said);
}

void xb_key_tree_clear(struct xb_key_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        xb_key_tree_clear(&tree->in[i]);
    free(tree->in);
    free(tree->key);
    free(tree->value);
    free(tree->said);
    *tree = (struct xb_key_tree){.key = NULL};
}

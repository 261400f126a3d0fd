/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading YAML into structs by tables of keys. Each error names file, line, mistake and remedy.
 */
#ifndef XB_YAML_H
#define XB_YAML_H

#include "base.h"
#include "err.h"

#include <libfyaml.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_YAML_FILE_MAX XB_MIB

struct xb_yaml_axes;

struct xb_yaml {
    const char *path; /* for messages; owned by the caller */
    char *text;       /* the whole file, NUL-terminated */
    size_t text_bytes;
    struct fy_parser *parser;
    struct fy_document *doc;
    struct xb_yaml_axes *axes; /* collects lists as axes (yaml_axes.h); NULL: refuse lists */
};

/*
 * Read the file at path: one document whose root is a mapping. XB_E_INPUT for any mistake in it;
 * nothing is left to close then.
 */
int xb_yaml_open(struct xb_yaml *yaml, const char *path, struct xb_err *err);
/* The same for text in memory, which is copied; messages call it path. */
int xb_yaml_parse(struct xb_yaml *yaml, const char *path, const char *text, size_t bytes,
                  struct xb_err *err);
void xb_yaml_close(struct xb_yaml *yaml); /* a zeroed one is allowed */

struct fy_node *xb_yaml_root(const struct xb_yaml *yaml);
/* The line where a node starts, from 1; for an empty collection, its key's line. */
unsigned xb_yaml_line(struct fy_node *node);
/* Fail with XB_E_INPUT and "PATH:LINE: " before the message. Always returns -1. */
int xb_yaml_fail(const struct xb_yaml *yaml, struct fy_node *at, struct xb_err *err,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A key of a mapping: its name, where its value goes, and how to read it. */
struct xb_yaml_key;
typedef int xb_yaml_read_fn(const struct xb_yaml *yaml, struct fy_node *node,
                            const struct xb_yaml_key *key, void *value, struct xb_err *err);
struct xb_yaml_key {
    const char *name;
    size_t offset; /* of the value in the struct */
    xb_yaml_read_fn *read;
    uint64_t min, max;        /* for numbers, sizes and times; both 0: no bounds */
    const char *const *words; /* xb_yaml_word: NULL-terminated; the value is the index */
    const char *what;         /* what would be right, for messages; NULL: the reader says it */
    bool required;
    bool matrix;      /* a list here means one value per case */
    const char *help; /* for a comment beside the key; NULL: none */
};

/* Other names that users may try, for suggestions: {"cpus", "hard"}. Ends with {NULL, NULL}. */
struct xb_yaml_alias {
    const char *tried, *meant;
};

/*
 * Read a mapping into the struct at into; members without a key in it stay. keys ends with a
 * nameless entry. An unknown key is refused with the nearest known one. present (may be NULL) gets
 * bit i for key i.
 */
int xb_yaml_map(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_yaml_key *keys,
                const struct xb_yaml_alias *aliases, void *into, uint64_t *present,
                struct xb_err *err);

/* Readers for tables. Pointer values are to free; an earlier value is freed first. */
xb_yaml_read_fn xb_yaml_text;  /* char *; never empty */
xb_yaml_read_fn xb_yaml_texts; /* struct xb_texts: a list of strings */
xb_yaml_read_fn xb_yaml_uint;  /* uint32_t */
xb_yaml_read_fn xb_yaml_int;   /* int, not negative */
xb_yaml_read_fn xb_yaml_u64;   /* uint64_t */
xb_yaml_read_fn xb_yaml_bool;  /* bool: true or false */
xb_yaml_read_fn xb_yaml_word;  /* int */
xb_yaml_read_fn
    xb_yaml_size; /* uint64_t, bytes: "512M", "2G"; a bare number is MiB, as in xl.cfg */
xb_yaml_read_fn xb_yaml_duration; /* uint64_t, ns: "500us", "50ms", "30s", "5min", "2h" */

/* struct xb_texts: a command. A list is executed as it is; a text is for the guest's shell. */
xb_yaml_read_fn xb_yaml_command;
xb_yaml_read_fn xb_yaml_env; /* struct xb_texts: a mapping as "NAME=VALUE" */
/* char *: a POSIX extended regular expression whose first group is a number. */
xb_yaml_read_fn xb_yaml_pattern;
xb_yaml_read_fn xb_yaml_regex;  /* likewise, but no group is needed */
xb_yaml_read_fn xb_yaml_source; /* char *: stdout, stderr or an absolute path in the guest */

struct xb_texts {
    char **v; /* NULL-terminated */
    size_t count;
};
void xb_texts_add(struct xb_texts *texts, const char *text); /* a copy */
void xb_texts_free(struct xb_texts *texts);

/* The text of a scalar, owned by the document; NULL if the node is no scalar. */
const char *xb_yaml_scalar(struct fy_node *node);
/* Describe a node for messages: "a list", "a mapping", "`text`". Returns buf. */
const char *xb_yaml_shown(struct fy_node *node, char *buf, size_t bytes);

#endif

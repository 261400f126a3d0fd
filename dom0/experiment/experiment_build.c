/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of struct xb_exp_build: a new parameter of a guest's build needs one besides its key. */
#include "base.h"
#include "experiment_i.h"

#include <string.h>

struct row {
    const char *name; /* the key in experiment files */
    const char *json; /* the key in results */
    enum { TEXT, WORD, NUMBER, BYTES } kind;
    size_t offset, bytes;
    const char *const *words; /* of a WORD: an int, -1 if not set (other kinds: "" or 0) */
    bool remade;              /* another value needs a guest made anew, not only a domain */
};
#define BUILD(member)                                                                              \
    offsetof(struct xb_exp_build, member), sizeof(((struct xb_exp_build *)0)->member)

static const struct row rows[] = {
    {"image", "image", TEXT, BUILD(image), NULL, true},
    {"type", "type", WORD, BUILD(type), xb_guest_type_words, true},
    {"maxvcpus", "maxvcpus", NUMBER, BUILD(maxvcpus), NULL, true},
    {"memory", "memory_bytes", BYTES, BUILD(memory_bytes), NULL, false},
    {"tsc_mode", "tsc_mode", WORD, BUILD(tsc_mode), xb_tsc_mode_words, false},
    {"nodes", "nodes", TEXT, BUILD(nodes), NULL, false},
};

static const void *value_of(const struct row *row, const struct xb_exp_build *build)
{
    return (const char *)build + row->offset;
}

static bool is_said(const struct row *row, const struct xb_exp_build *build)
{
    const void *value = value_of(row, build);
    return row->kind == TEXT     ? *(const char *)value != '\0'
           : row->kind == WORD   ? *(const int *)value >= 0
           : row->kind == NUMBER ? *(const uint32_t *)value > 0
                                 : *(const uint64_t *)value > 0;
}

static bool is_same(const struct row *row, const struct xb_exp_build *a,
                    const struct xb_exp_build *b)
{
    const void *p = value_of(row, a), *q = value_of(row, b);
    return row->kind == TEXT ? strcmp(p, q) == 0 : memcmp(p, q, row->bytes) == 0;
}

static json_t *to_json(const struct row *row, const struct xb_exp_build *build)
{
    const void *value = value_of(row, build);
    return row->kind == TEXT     ? json_string(value)
           : row->kind == WORD   ? json_string(row->words[*(const int *)value])
           : row->kind == NUMBER ? json_integer(*(const uint32_t *)value)
                                 : json_integer((json_int_t) * (const uint64_t *)value);
}

void xb_exp_build_over(struct xb_exp_build *build, const struct xb_exp_build *over)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(rows); i++)
        if (is_said(&rows[i], over))
            memcpy((char *)build + rows[i].offset, value_of(&rows[i], over), rows[i].bytes);
}

void xb_exp_build_put(const struct xb_exp_build *build, json_t *json)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(rows); i++) {
        /* A guest without an image keeps the type that it was made with. */
        bool is_type = rows[i].offset == offsetof(struct xb_exp_build, type);
        if (is_said(&rows[i], build) && (build->image[0] || !is_type))
            json_object_set_new(json, rows[i].json, to_json(&rows[i], build));
    }
}

static const char *first_difference(const struct xb_exp_build *a, const struct xb_exp_build *b,
                                    bool remade_only)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(rows); i++)
        if ((rows[i].remade || !remade_only) && !is_same(&rows[i], a, b))
            return rows[i].name;
    return NULL;
}

const char *xb_exp_build_key(const struct xb_exp_build *a, const struct xb_exp_build *b)
{
    return first_difference(a, b, false);
}

const char *xb_exp_remade_key(const struct xb_exp_build *a, const struct xb_exp_build *b)
{
    return first_difference(a, b, true);
}

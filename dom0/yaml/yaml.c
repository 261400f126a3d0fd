/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "yaml.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "yaml_axes.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static int read_file(struct xb_yaml *yaml, const char *path, struct xb_err *err)
{
    xb_auto_fclose FILE *file = fopen(path, "re");
    if (!file)
        return xb_fail(err, XB_E_INPUT, errno, "%s: cannot be opened", path);
    yaml->text = xb_malloc(XB_YAML_FILE_MAX + 1);
    yaml->text_bytes = fread(yaml->text, 1, XB_YAML_FILE_MAX + 1, file);
    if (ferror(file))
        return xb_fail(err, XB_E_INPUT, errno, "%s: cannot be read", path);
    if (yaml->text_bytes > XB_YAML_FILE_MAX)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s: longer than 1 MiB, so not an experiment or "
                       "workload",
                       path);
    yaml->text[yaml->text_bytes] = '\0';
    return 0;
}

/*
 * All text shown later comes from this file, so refuse control characters that a terminal would
 * obey.
 */
static int check_text(const struct xb_yaml *yaml, struct xb_err *err)
{
    const uint8_t *text = (const uint8_t *)yaml->text;
    unsigned line = 1;
    for (size_t at = 0; at < yaml->text_bytes;) {
        size_t n = xb_printable(text + at, yaml->text_bytes - at);
        if (text[at] == '\n')
            line++;
        else if (n == 0 && text[at] != '\t' && text[at] != '\r')
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: byte 0x%02x is not text; the file must be UTF-8 without control "
                           "characters",
                           yaml->path, line, text[at]);
        at += n ? n : 1;
    }
    return 0;
}

/*
 * The first text whose escapes ("\\x1b") produce control characters; *byte is the first of these.
 */
static struct fy_node *find_control(struct fy_node *node, uint8_t *byte)
{
    void *iter = NULL;
    struct fy_node *item, *found = NULL;
    struct fy_node_pair *pair;
    size_t bytes = 0;
    if (node && fy_node_is_sequence(node))
        while (!found && (item = fy_node_sequence_iterate(node, &iter)))
            found = find_control(item, byte);
    if (node && fy_node_is_mapping(node))
        while (!found && (pair = fy_node_mapping_iterate(node, &iter))) {
            found = find_control(fy_node_pair_key(pair), byte);
            found = found ? found : find_control(fy_node_pair_value(pair), byte);
        }
    const uint8_t *text =
        node && fy_node_is_scalar(node) ? (const uint8_t *)fy_node_get_scalar(node, &bytes) : NULL;
    for (size_t at = 0, n; text && !found && at < bytes; at += n ? n : 1) {
        n = xb_printable(text + at, bytes - at);
        if (n == 0 && !memchr("\n\t\r", text[at], 3)) {
            *byte = text[at];
            found = node;
        }
    }
    return found;
}

static bool has_error(struct fy_diag *diag)
{
    void *iter = NULL;
    return fy_diag_errors_iterate(diag, &iter) != NULL;
}

static int fail_syntax(const struct xb_yaml *yaml, struct fy_diag *diag, struct xb_err *err)
{
    void *iter = NULL;
    struct fy_diag_error *first = fy_diag_errors_iterate(diag, &iter);
    if (!first || !first->msg)
        return xb_fail(err, XB_E_INPUT, 0, "%s:1: not YAML", yaml->path);
    return xb_fail(err, XB_E_INPUT, 0, "%s:%d: not YAML: %s", yaml->path, first->line, first->msg);
}

static int parse_document(struct xb_yaml *yaml, struct fy_diag *diag, struct xb_err *err)
{
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_RESOLVE_DOCUMENT,
                               .diag = diag};
    yaml->parser = xb_need(fy_parser_create(&cfg));
    if (fy_parser_set_string(yaml->parser, yaml->text, yaml->text_bytes) != 0)
        return xb_fail(err, XB_E_HOST, 0, "%s: libfyaml does not take the text", yaml->path);
    yaml->doc = fy_parse_load_document(yaml->parser);
    if (has_error(diag))
        return fail_syntax(yaml, diag, err);
    if (!yaml->doc || !fy_document_root(yaml->doc))
        return xb_fail(err, XB_E_INPUT, 0, "%s:1: the file is empty", yaml->path);
    if (!fy_node_is_mapping(fy_document_root(yaml->doc)))
        return xb_yaml_fail(yaml, fy_document_root(yaml->doc), err,
                            "`key: value` lines were expected");
    uint8_t byte = 0;
    struct fy_node *control = find_control(fy_document_root(yaml->doc), &byte);
    if (control)
        return xb_yaml_fail(yaml, control, err,
                            "a text has the control character 0x%02x, which nothing can show",
                            byte);
    struct fy_document *second = fy_parse_load_document(yaml->parser);
    if (second) {
        unsigned line = fy_document_root(second) ? xb_yaml_line(fy_document_root(second)) : 1;
        fy_parse_document_destroy(yaml->parser, second);
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s:%u: a second document starts here; one file holds one", yaml->path,
                       line);
    }
    return has_error(diag) ? fail_syntax(yaml, diag, err) : 0;
}

static int parse_text(struct xb_yaml *yaml, struct xb_err *err)
{
    if (check_text(yaml, err) < 0)
        return -1;
    struct fy_diag_cfg cfg;
    fy_diag_cfg_default(&cfg);
    cfg.level = FYET_ERROR;
    struct fy_diag *diag = xb_need(fy_diag_create(&cfg));
    fy_diag_set_collect_errors(diag, true);
    int r = parse_document(yaml, diag, err);
    fy_diag_destroy(diag); /* unlike unref, this frees the errors it collected */
    return r;
}

int xb_yaml_open(struct xb_yaml *yaml, const char *path, struct xb_err *err)
{
    *yaml = (struct xb_yaml){.path = path};
    if (read_file(yaml, path, err) == 0 && parse_text(yaml, err) == 0)
        return 0;
    xb_yaml_close(yaml);
    return -1;
}

int xb_yaml_parse(struct xb_yaml *yaml, const char *path, const char *text, size_t bytes,
                  struct xb_err *err)
{
    *yaml = (struct xb_yaml){.path = path, .text = xb_strndup(text, bytes), .text_bytes = bytes};
    yaml->text_bytes = strlen(yaml->text);
    if (parse_text(yaml, err) == 0)
        return 0;
    xb_yaml_close(yaml);
    return -1;
}

void xb_yaml_close(struct xb_yaml *yaml)
{
    if (yaml->doc)
        fy_parse_document_destroy(yaml->parser, yaml->doc);
    if (yaml->parser)
        fy_parser_destroy(yaml->parser);
    free(yaml->text);
    *yaml = (struct xb_yaml){0};
}

struct fy_node *xb_yaml_root(const struct xb_yaml *yaml)
{
    return fy_document_root(yaml->doc);
}

/* The line of the first scalar in a node; 0 if there is none. */
static unsigned inner_line(struct fy_node *node)
{
    if (fy_node_is_scalar(node)) {
        struct fy_token *token = fy_node_get_scalar_token(node);
        const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
        return mark ? (unsigned)mark->line + 1 : 0;
    }
    void *iter = NULL;
    struct fy_node *item = NULL;
    if (fy_node_is_sequence(node)) {
        item = fy_node_sequence_iterate(node, &iter);
    } else {
        struct fy_node_pair *pair = fy_node_mapping_iterate(node, &iter);
        item = pair ? fy_node_pair_key(pair) : NULL;
    }
    return item ? inner_line(item) : 0;
}

unsigned xb_yaml_line(struct fy_node *node)
{
    for (; node; node = fy_node_get_parent(node)) {
        unsigned line = inner_line(node);
        if (line)
            return line;
        struct fy_node *parent = fy_node_get_parent(node);
        void *iter = NULL;
        struct fy_node_pair *pair;
        while (parent && fy_node_is_mapping(parent) &&
               (pair = fy_node_mapping_iterate(parent, &iter)))
            if (fy_node_pair_value(pair) == node && fy_node_pair_key(pair))
                return inner_line(fy_node_pair_key(pair));
    }
    return 1;
}

int xb_yaml_fail(const struct xb_yaml *yaml, struct fy_node *at, struct xb_err *err,
                 const char *fmt, ...)
{
    char what[768];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return xb_fail(err, XB_E_INPUT, 0, "%s:%u: %s", yaml->path,
                   xb_yaml_line(xb_yaml_axes_origin(yaml->axes, at)), what);
}

const char *xb_yaml_scalar(struct fy_node *node)
{
    return node && fy_node_is_scalar(node) ? fy_node_get_scalar0(node) : NULL;
}

const char *xb_yaml_shown(struct fy_node *node, char *buf, size_t bytes)
{
    const char *text = xb_yaml_scalar(node);
    if (!node || (text && !*text))
        snprintf(buf, bytes, "nothing");
    else if (text)
        snprintf(buf, bytes, "`%.60s`", text);
    else
        snprintf(buf, bytes, fy_node_is_sequence(node) ? "a list" : "a mapping");
    return buf;
}

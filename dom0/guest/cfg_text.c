/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cfg_text.h"

#include "alloc.h"
#include "base.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define CFG_MAX_BYTES XB_MIB

char *xb_cfg_read(const char *path, struct xb_err *err)
{
    struct stat st;
    xb_auto_free char *text = NULL;
    xb_auto_fclose FILE *in = fopen(path, "re");
    if (!in || fstat(fileno(in), &st) < 0) {
        xb_fail(err, XB_E_INPUT, errno, "cannot read %s", path);
        return NULL;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > (off_t)CFG_MAX_BYTES) {
        xb_fail(err, XB_E_INPUT, 0, "%s is not an xl.cfg (a text file of at most 1 MiB)", path);
        return NULL;
    }
    text = xb_calloc(1, (size_t)st.st_size + 2);
    size_t n = fread(text, 1, (size_t)st.st_size, in);
    if (ferror(in)) {
        xb_fail(err, XB_E_INPUT, errno, "cannot read %s", path);
        return NULL;
    }
    if (memchr(text, '\0', n)) {
        xb_fail(err, XB_E_INPUT, 0, "%s is not an xl.cfg: it contains NUL bytes", path);
        return NULL;
    }
    if (n > 0 && text[n - 1] != '\n')
        text[n] = '\n'; /* libxlutil needs a newline after each setting */
    return xb_steal_ptr(&text);
}

/* The end of the token at `at`: a string, a comment, or one character. */
static size_t token_end(const char *text, size_t at)
{
    char quote = text[at];
    if (quote == '#')
        return at + strcspn(text + at, "\n");
    if (quote != '"' && quote != '\'')
        return at + (quote != '\0');
    for (at++; text[at] && text[at] != '\n'; at++) {
        if (text[at] == quote)
            return at + 1;
        if (text[at] == '\\' && text[at + 1] && text[at + 1] != '\n')
            at++;
    }
    return at;
}

static bool starts_key(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

/* A value ends at a newline or semicolon outside brackets. */
static size_t value_end(const char *text, size_t at)
{
    size_t end = at;
    for (int depth = 0; text[at]; at = token_end(text, at)) {
        if (depth <= 0 && (text[at] == '\n' || text[at] == ';'))
            break;
        depth += (text[at] == '[') - (text[at] == ']');
        if (!strchr("# \t\r\n", text[at]))
            end = token_end(text, at);
    }
    return end;
}

bool xb_cfg_next_setting(const char *text, size_t *at, struct xb_cfg_part *out)
{
    while (text[*at] && !starts_key(text[*at]))
        *at = token_end(text, *at);
    if (!text[*at])
        return false;
    *out = (struct xb_cfg_part){*at, value_end(text, *at)};
    *at = out->to;
    return true;
}

bool xb_cfg_is_key(const char *text, struct xb_cfg_part setting, const char *key)
{
    size_t n = strlen(key);
    if (setting.to - setting.from <= n || strncmp(text + setting.from, key, n) != 0)
        return false;
    char next = text[setting.from + n];
    return !isalnum((unsigned char)next) && next != '_';
}

bool xb_cfg_next_string(const char *text, size_t *at, struct xb_cfg_part setting,
                        struct xb_cfg_part *out)
{
    if (*at < setting.from)
        *at = setting.from;
    while (*at < setting.to && text[*at] != '"' && text[*at] != '\'')
        *at = token_end(text, *at);
    if (*at >= setting.to)
        return false;
    *out = (struct xb_cfg_part){*at, token_end(text, *at)};
    *at = out->to;
    return true;
}

/*
 * The byte that an escape means. *at points behind the backslash and moves to the escape's last
 * character.
 */
static char unescape(const char *text, size_t *at)
{
    static const char names[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
    char c = text[*at];
    const char *name = strchr(names, c);
    if (c && name)
        return bytes[name - names];
    unsigned value = 0;
    int base = c == 'x' ? 16 : 8, used = 0;
    if (c != 'x' && (c < '0' || c > '7'))
        return c;
    const char *digits = text + *at + (c == 'x');
    for (; used < (c == 'x' ? 2 : 3) && isxdigit((unsigned char)digits[used]); used++) {
        char digit[2] = {digits[used], '\0'};
        if (base == 8 && digit[0] > '7')
            break;
        value = value * (unsigned)base + (unsigned)strtoul(digit, NULL, base);
    }
    *at += (size_t)used - (c != 'x');
    return (char)value;
}

char *xb_cfg_unquote(const char *text, struct xb_cfg_part string)
{
    char *out = xb_malloc(string.to - string.from + 1), *end = out;
    for (size_t at = string.from + 1; at < string.to; at++) {
        if (at + 1 == string.to && text[at] == text[string.from])
            break;
        if (text[at] == '\\' && at + 1 < string.to) {
            at++;
            *end++ = unescape(text, &at);
        } else {
            *end++ = text[at];
        }
    }
    *end = '\0';
    return out;
}

void xb_cfg_put_quoted(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n') {
            fputs("\\n", out);
            continue;
        }
        if (*text == '"' || *text == '\\')
            putc('\\', out);
        putc(*text, out);
    }
}

void xb_cfg_put_string(FILE *out, const char *key, const char *value)
{
    fprintf(out, "%s = \"", key);
    xb_cfg_put_quoted(out, value);
    fputs("\"\n", out);
}

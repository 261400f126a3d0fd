/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual pages' parts that come from a command's options and help, in troff. */
#include "base.h"
#include "opt.h"

#include <ctype.h>
#include <string.h>

/* Spell what troff would change: a reader searches for these characters and copies them. */
static const char *spelled(char c)
{
    switch (c) {
    case '-':
        return "\\-";
    case '\\':
        return "\\e";
    case '\'':
        return "\\(aq";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    default:
        return NULL;
    }
}

static void put_char(char c, FILE *out)
{
    const char *spelling = spelled(c);
    if (spelling)
        fputs(spelling, out);
    else
        putc(c, out);
}

/* Write text; what is in backquotes becomes bold. */
static void put_text(const char *text, size_t length, FILE *out)
{
    bool bold = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '`') {
            put_char(text[i], out);
            continue;
        }
        bold = !bold;
        fputs(bold ? "\\fB" : "\\fR", out);
    }
    if (bold)
        fputs("\\fR", out);
}

/* Write a line so that troff does not take it for a request. */
static void put_line(const char *text, size_t length, FILE *out)
{
    if (length && *text == '.')
        fputs("\\&", out);
    put_text(text, length, out);
    putc('\n', out);
}

static void begin_paragraph(bool as_is, bool was_as_is, FILE *out)
{
    if (was_as_is && !as_is)
        fputs(".fi\n", out);
    fputs(".PP\n", out);
    if (as_is && !was_as_is)
        fputs(".nf\n", out);
}

/* Write lines of help. Lines that begin with blanks (examples and tables) keep their form. */
static void put_lines(const char *text, FILE *out)
{
    bool as_is = false, gap = false;
    while (*text && *text != '\v') {
        size_t length = strcspn(text, "\n\v");
        if (length && (gap || (*text == ' ') != as_is))
            begin_paragraph(*text == ' ', as_is, out);
        if (length) {
            as_is = *text == ' ';
            put_line(text, length, out);
        }
        gap = length == 0;
        text += length + (text[length] == '\n');
    }
    if (as_is)
        fputs(".fi\n", out);
}

/* The length of the word at text if it has its own font: an option, or a name in capitals. */
static size_t styled(const char *text, bool *is_option)
{
    size_t length = 0;
    *is_option = text[0] == '-' && (text[1] == '-' || islower((unsigned char)text[1]));
    if (*is_option)
        return strspn(text, "-abcdefghijklmnopqrstuvwxyz0123456789");
    while (isupper((unsigned char)text[length]))
        length++;
    return length;
}

/* Write words of a usage line: options in bold, what stands for a value in italics. */
static void put_words(const char *text, size_t length, FILE *out)
{
    while (length) {
        bool is_option;
        size_t n = styled(text, &is_option);
        if (n)
            fputs(is_option ? "\\fB" : "\\fI", out);
        else
            put_char(*text, out);
        put_text(text, n, out);
        if (n)
            fputs("\\fR", out);
        n += n == 0;
        text += n;
        length -= n;
    }
}

static void put_row(const struct xb_opt *row, FILE *out)
{
    char buf[XB_OPT_ARG_BYTES];
    const char *arg = xb_opt_arg(row, buf);
    fputs(".TP\n", out);
    if (row->letter)
        fprintf(out, "\\fB\\-%c\\fR%s", row->letter, row->name ? ", " : "");
    if (row->name) {
        fputs("\\fB\\-\\-", out);
        put_text(row->name, strlen(row->name), out);
        fputs("\\fR", out);
    }
    if (arg && *arg == '[')
        fputs("[=", out);
    else if (arg)
        fputs(row->name ? "=" : " ", out);
    if (arg)
        put_words(arg + (*arg == '['), strlen(arg) - (*arg == '['), out);
    putc('\n', out);
    put_line(row->help, strlen(row->help), out);
}

void xb_opts_man_forms(const char *command, const struct xb_opts *opts, FILE *out)
{
    for (const char *form = opts->args ? opts->args : ""; form;) {
        const char *next = strchr(form, '\n');
        fprintf(out, "\\fBxenbench %s\\fR%s%s", command, opts->rows ? " [\\fIOPTION\\fR...]" : "",
                *form ? " " : "");
        put_words(form, strcspn(form, "\n"), out);
        fputs(next ? "\n.br\n" : "\n", out);
        form = next ? next + 1 : NULL;
    }
}

void xb_opts_man_text(const struct xb_opts *opts, FILE *out)
{
    const char *more = strchr(opts->doc, '\v');
    put_lines(opts->doc, out);
    if (!more)
        return;
    if (more[1] != ' ')
        fputs(".PP\n", out);
    put_lines(more + 1, out);
}

void xb_opts_man_rows(const struct xb_opts *opts, const char *heading, FILE *out)
{
    for (const struct xb_opt *row = opts->rows; row && row->kind != XB_OPT_END; row++)
        if (row->kind == XB_OPT_HEADING)
            fprintf(out, "%s\n%s\n", heading, row->help);
        else
            put_row(row, out);
}

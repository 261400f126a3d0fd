#include "base.h"
#include "opt.h"

#include <string.h>

/* Write text with "-" as a real minus, which a reader can search for and copy. */
static void put_text(const char *text, size_t length, FILE *out)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '-')
            fputs("\\-", out);
        else if (text[i] == '\\')
            fputs("\\e", out);
        else
            putc(text[i], out);
    }
}

/* Write a line that troff does not take for a request. */
static void put_line(const char *text, size_t length, FILE *out)
{
    if (length && (*text == '.' || *text == '\''))
        fputs("\\&", out);
    put_text(text, length, out);
    putc('\n', out);
}

/* Write lines of help; lines that begin with blanks, examples and tables, stay as they are. */
static void put_lines(const char *text, FILE *out)
{
    bool as_is = false;
    while (*text && *text != '\v') {
        size_t length = strcspn(text, "\n\v");
        if (length && (*text == ' ') != as_is) {
            as_is = !as_is;
            fputs(as_is ? ".PP\n.nf\n" : ".fi\n", out);
        }
        if (length)
            put_line(text, length, out);
        else
            fputs(".PP\n", out);
        text += length + (text[length] == '\n');
    }
    if (as_is)
        fputs(".fi\n", out);
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
        fprintf(out, "[%s\\fI%.*s\\fR]", row->name ? "=" : "", (int)strlen(arg) - 2, arg + 1);
    else if (arg)
        fprintf(out, " \\fI%s\\fR", arg);
    putc('\n', out);
    put_line(row->help, strlen(row->help), out);
}

static void put_forms(const char *command, const struct xb_opts *opts, FILE *out)
{
    for (const char *form = opts->args ? opts->args : ""; form;) {
        const char *next = strchr(form, '\n');
        fprintf(out, ".B xenbench %s\n%s", command, opts->rows ? "[options]\n" : "");
        if (*form)
            put_line(form, strcspn(form, "\n"), out);
        if (next)
            fputs(".br\n", out);
        form = next ? next + 1 : NULL;
    }
}

void xb_opts_man(const char *command, const struct xb_opts *opts, FILE *out)
{
    const char *more = strchr(opts->doc, '\v');
    fprintf(out, ".SS %s\n", command);
    put_forms(command, opts, out);
    fputs(".PP\n", out);
    put_lines(opts->doc, out);
    for (const struct xb_opt *row = opts->rows; row && row->kind != XB_OPT_END; row++) {
        if (row->kind == XB_OPT_HEADING)
            fprintf(out, ".PP\n%s\n", row->help);
        else
            put_row(row, out);
    }
    if (more) {
        fputs(".PP\n", out);
        put_lines(more + 1, out);
    }
}

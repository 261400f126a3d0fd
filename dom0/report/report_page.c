#include "report_page.h"

#include "report_html.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 100
#define COLUMNS_MIN 40
#define COLUMNS_MAX 120

static int terminal_columns(FILE *out)
{
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_MIN   ? COLUMNS_MIN
           : size.ws_col > COLUMNS_MAX ? COLUMNS_MAX
                                       : size.ws_col;
}

static bool wants_colour(FILE *out)
{
    return isatty(fileno(out)) && !getenv("NO_COLOR");
}

void xb_page_write(const struct xb_doc *doc, const char *title, enum xb_report_format format,
                   FILE *out)
{
    if (format == XB_REPORT_MARKDOWN) {
        xb_doc_as_markdown(doc, out);
        return;
    }
    if (format == XB_REPORT_HTML) {
        xb_html_begin(title, out);
        xb_doc_as_html(doc, out);
        xb_html_end(out);
        return;
    }
    xb_doc_as_text(doc, out, terminal_columns(out), wants_colour(out));
}

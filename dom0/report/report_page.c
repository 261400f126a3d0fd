#include "report_page.h"

#include "colour.h"
#include "report_chart.h"
#include "report_html.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN 40

static int terminal_columns(FILE *out)
{
    struct winsize size;
    if (!isatty(fileno(out)))
        return XB_COLUMNS_NONE;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_MIN ? COLUMNS_MIN : size.ws_col;
}

void xb_page_write_charts(const struct xb_doc *doc, const json_t *charts, const char *title,
                          enum xb_report_format format, FILE *out)
{
    if (format == XB_REPORT_MARKDOWN) {
        xb_doc_as_markdown(doc, out);
        return;
    }
    if (format == XB_REPORT_HTML) {
        xb_html_begin(title, out);
        xb_doc_as_html(doc, out);
        if (charts && !xb_charts_write(charts, out))
            xb_charts_excuse(out);
        xb_html_end(out);
        return;
    }
    xb_doc_as_text(doc, out, terminal_columns(out), xb_colour_wanted(out));
}

void xb_page_write(const struct xb_doc *doc, const char *title, enum xb_report_format format,
                   FILE *out)
{
    xb_page_write_charts(doc, NULL, title, format, out);
}

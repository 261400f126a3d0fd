/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_watch.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "progress.h"
#include "report_words.h"
#include "width.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define NAME_COLUMNS_MAX 32

/* Where lines go, cut to the terminal's size. */
struct screen {
    FILE *out;
    int columns, rows, used;
    const char *end_of_line;
};

static void put_line(struct screen *screen, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void put_line(struct screen *screen, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    xb_auto_free char *text = xb_vasprintf(fmt, ap);
    va_end(ap);
    if (screen->used >= screen->rows)
        return;
    fprintf(screen->out, "%.*s%s\n", (int)xb_width_cut(text, screen->columns), text,
            screen->end_of_line);
    screen->used++;
}

/* Names come from files and guests: made safe for a terminal. To free. */
static char *safe(const char *text)
{
    char *clean = xb_escaped(text);
    for (char *c = clean; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    return clean;
}

/* The mean of the cells of the case, or of all cells where the case has none yet; 0: not known. */
static double cell_ns(const struct xb_watch *watch, const struct xb_watch_case *c)
{
    double sum = 0;
    size_t known = 0;
    if (!isnan(c->mean_ns))
        return c->mean_ns;
    for (size_t i = 0; i < watch->case_count; i++)
        if (!isnan(watch->cases[i].mean_ns)) {
            sum += watch->cases[i].mean_ns;
            known++;
        }
    return known ? sum / (double)known : 0;
}

/* ", 40 s left", estimated from the cells that are done; "" if there is no estimate. */
static const char *time_left(const struct xb_watch *watch, char out[XB_TIME_WORDS_BYTES])
{
    char words[XB_TIME_WORDS_BYTES];
    double ns = 0;
    for (size_t c = 0; c < watch->case_count; c++)
        ns += cell_ns(watch, &watch->cases[c]) * watch->cases[c].planned;
    out[0] = '\0';
    if (ns >= 1e9 && ns < 1e18)
        snprintf(out, XB_TIME_WORDS_BYTES, ", %s%.26s left", watch->open_ended ? "at least " : "",
                 xb_time_words((uint64_t)ns, words));
    return out;
}

static void head(const struct xb_watch *watch, struct screen *screen)
{
    char left[XB_TIME_WORDS_BYTES];
    xb_auto_free char *name = safe(watch->name), *state = safe(watch->state);
    const struct xb_watch_cell *now = &watch->now;
    put_line(screen, "%s: %u of %s%u cells, %.0f %%%s", name, watch->done,
             watch->open_ended ? "at least " : "", watch->cells,
             watch->cells ? 100.0 * watch->done / watch->cells : 0.0, time_left(watch, left));
    if (watch->has_now) {
        xb_auto_free char *of = safe(now->case_name);
        put_line(screen, "run %.8s, cell %u: %s, %s %u%s, %s", watch->run, now->cell + 1, of,
                 now->warmup ? "warm-up" : "repetition", now->repetition + 1,
                 now->attempt > 1 ? " (repeated)" : "",
                 strcmp(now->state, "planned") == 0 ? "being set up" : now->state);
    } else {
        put_line(screen, "run %.8s, %s", watch->run, state);
    }
}

static void put_medians(const struct xb_watch *watch, uint32_t case_no, char **line)
{
    const char *before = "  ";
    for (size_t i = 0; i < watch->median_count; i++) {
        const struct xb_watch_median *m = &watch->medians[i];
        if (m->case_no != case_no)
            continue;
        xb_auto_free char *guest = safe(m->guest), *unit = safe(m->unit), *old = *line;
        *line = xb_asprintf("%s%s%s %.*f%s%s", old, before, guest, xb_report_digits(m->median),
                            m->median, *unit ? " " : "", unit);
        before = ", ";
    }
}

static void cases(const struct xb_watch *watch, struct screen *screen)
{
    int width = 4;
    for (size_t c = 0; c < watch->case_count; c++) {
        xb_auto_free char *name = safe(watch->cases[c].name);
        int own = xb_width(name);
        width = own > width ? own : width;
    }
    width = width > NAME_COLUMNS_MAX ? NAME_COLUMNS_MAX : width;
    put_line(screen, "%s", "");
    put_line(screen, "  %-*s  DONE  MEDIANS SO FAR", width, "CASE");
    for (uint32_t c = 0; c < watch->case_count; c++) {
        xb_auto_free char *name = safe(watch->cases[c].name), *line = NULL;
        int cut = (int)xb_width_cut(name, width);
        line = xb_asprintf("  %.*s%*s  %4u", cut, name, width - xb_width_of(name, (size_t)cut), "",
                           watch->cases[c].done);
        put_medians(watch, c, &line);
        put_line(screen, "%s", line);
    }
}

static char *state_of(const struct xb_watch *watch, const struct xb_watch_guest *guest)
{
    const char *cell = watch->has_now ? watch->now.state : "";
    if (guest->outcome)
        return isnan(guest->wall_ns)
                   ? safe(guest->outcome)
                   : xb_asprintf("%s after %.3f s",
                                 strcmp(guest->outcome, "exited") ? "failed" : "done",
                                 guest->wall_ns / 1e9);
    if (guest->role && strcmp(guest->role, "idle") == 0)
        return xb_strdup("idle");
    if (!guest->armed)
        return xb_strdup(watch->has_now ? "waits for its job" : "-");
    return xb_strdup(strcmp(cell, "armed") == 0 ? "has its job, waits for the start" : "runs");
}

static void guests(const struct xb_watch *watch, struct screen *screen)
{
    int width = 5;
    for (size_t g = 0; g < watch->guest_count; g++) {
        int own = xb_width(watch->guests[g].name);
        width = own > width ? own : width;
    }
    put_line(screen, "%s", "");
    put_line(screen, "  %-*s  STATE", width, "GUEST");
    for (size_t g = 0; g < watch->guest_count; g++) {
        xb_auto_free char *name = safe(watch->guests[g].name);
        xb_auto_free char *state = state_of(watch, &watch->guests[g]);
        put_line(screen, "  %s%*s  %s%s", name,
                 width - xb_width(name) > 0 ? width - xb_width(name) : 0, "", state,
                 watch->guests[g].role && strcmp(watch->guests[g].role, "background") == 0
                     ? " (background)"
                     : "");
    }
}

int xb_watch_draw(const struct xb_watch *watch, int columns, int rows, const char *end_of_line,
                  FILE *out)
{
    struct screen screen = {out, columns, rows, 0, end_of_line};
    head(watch, &screen);
    cases(watch, &screen);
    guests(watch, &screen);
    return screen.used;
}

void xb_watch_tell(const struct xb_watch *watch, FILE *out)
{
    char left[XB_TIME_WORDS_BYTES];
    for (size_t i = 0; i < watch->news_count; i++) {
        const struct xb_watch_cell *cell = &watch->news[i];
        xb_auto_free char *name = safe(cell->case_name), *samples = safe(cell->samples);
        fprintf(out, "[%u/%u] %s%s: %s%s\n", cell->cell + 1, watch->cells, name,
                cell->warmup ? " (warm-up)" : "", samples,
                i + 1 == watch->news_count ? time_left(watch, left) : "");
    }
    fflush(out);
}

void xb_watch_tell_end(const struct xb_watch *watch, FILE *out)
{
    xb_auto_free char *name = safe(watch->name), *state = safe(watch->state);
    fprintf(out, "run %.8s of `%s`: %s, %u of %u cells\n", watch->run, name, state, watch->done,
            watch->cells);
}

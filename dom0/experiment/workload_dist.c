/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a histogram from a benchmark's output. The output comes from a guest, so a locked down
 * process searches it, and that process's answer is checked, too.
 */
#include "alloc.h"
#include "base.h"
#include "figure.h"
#include "metric_search.h"
#include "workload.h"

#include <inttypes.h>
#include <math.h>
#include <regex.h>
#include <string.h>
#include <sys/mman.h>

enum wrong {
    FINE = 0,
    NO_GROUP,     /* a group of the pattern matched nothing */
    NO_NUMBER,    /* text that is no number, or a part of one */
    OUT_OF_RANGE, /* a value that no histogram holds */
    NO_COUNT,     /* a count with a fraction, below 0 or too large */
    FALLING,      /* a cumulative count below that of a smaller value */
    TOO_MANY,     /* values */
    WRONGS
};

static const char *const wrong_words[WRONGS] = {
    [NO_GROUP] = "a group of the pattern is empty there",
    [NO_NUMBER] = "it is no number, or a part of one",
    [OUT_OF_RANGE] = "values are 0, or from 1e-9 to below 1e15",
    [NO_COUNT] = "a count is a whole number of at most 2^50",
    [FALLING] = "cumulative counts do not fall while values rise",
    [TOO_MANY] = "a histogram has at most 2^50 values",
};

/* What the search found, in memory that its process shares with this one. */
struct rows {
    uint32_t wrong;    /* enum wrong */
    struct xb_span at; /* of what is wrong, in the text */
    bool begun;        /* `begin` was found */
    double least, most;
    uint64_t over, greatest;
    uint64_t counts[XB_DIST_SLOTS]; /* until subtract: cumulative ones as they are read */
};

struct search {
    const struct xb_workload_metric *metric;
    const struct xb_metric_source *source;
    regex_t pattern, begin, end, over;
    char *copy; /* of the text, with lines that end with NUL */
    bool inside;
    struct rows *rows;
};

static bool fail_row(struct search *s, enum wrong wrong, struct xb_span at)
{
    s->rows->wrong = wrong;
    s->rows->at = at;
    return false;
}

/* The number in a group of a match. All spans are offsets in the text. */
static bool read_group(struct search *s, struct xb_span line, struct xb_span match,
                       struct xb_span group, double *out)
{
    const char *text = s->copy + line.from;
    struct xb_span number, inner = {group.from - line.from, group.to - line.from};
    if (group.from == group.to)
        return fail_row(s, NO_GROUP, match);
    if (xb_figure_read(s->copy + group.from, group.to - group.from, out) ||
        xb_figure_cut(text, line.to - line.from, inner, match.from == group.from,
                      match.to == group.to, &number))
        return fail_row(s, NO_NUMBER, match);
    return true;
}

static bool read_count(struct search *s, struct xb_span line, struct xb_span match,
                       struct xb_span group, uint64_t *out)
{
    double number;
    if (!read_group(s, line, match, group, &number))
        return false;
    if (!(number >= 0 && number <= (double)XB_DIST_TOTAL_MAX && number == floor(number)))
        return fail_row(s, NO_COUNT, match);
    *out = (uint64_t)number;
    return true;
}

/* With cumulative counts, the greatest value is the smallest one that has the highest count. */
static void add_row(struct search *s, double value, uint32_t slot, uint64_t count)
{
    struct rows *rows = s->rows;
    uint64_t *at = &rows->counts[slot];
    rows->least = fmin(rows->least, value);
    if (s->metric->histogram != XB_WORKLOAD_CUMULATIVE) {
        rows->most = fmax(rows->most, value);
        *at += count;
        return;
    }
    if (count > rows->greatest || (count == rows->greatest && value < rows->most)) {
        rows->greatest = count;
        rows->most = value;
    }
    *at = count > *at ? count : *at;
}

static bool take_match(struct search *s, struct xb_span line, struct xb_span match,
                       struct xb_span value_at, struct xb_span count_at)
{
    double value;
    uint64_t count = 1;
    if (!read_group(s, line, match, value_at, &value) ||
        (s->metric->histogram != XB_WORKLOAD_VALUES &&
         !read_count(s, line, match, count_at, &count)))
        return false;
    uint32_t slot = xb_dist_slot(value);
    if (slot >= XB_DIST_SLOTS)
        return fail_row(s, OUT_OF_RANGE, match);
    if (count == 0)
        return true;
    if (s->rows->counts[slot] > XB_DIST_TOTAL_MAX)
        return fail_row(s, TOO_MANY, match);
    add_row(s, value, slot, count);
    return true;
}

static struct xb_span span_of(size_t line, regmatch_t match)
{
    if (match.rm_so < 0)
        return (struct xb_span){line, line};
    return (struct xb_span){line + (size_t)match.rm_so, line + (size_t)match.rm_eo};
}

/* Every match in a line: each search starts at the end of the match before. */
static bool take_line(struct search *s, struct xb_span line)
{
    regmatch_t m[3];
    for (size_t at = line.from; at < line.to;) {
        if (regexec(&s->pattern, s->copy + at, XB_ARRAY_LEN(m), m,
                    at > line.from ? REG_NOTBOL : 0) != 0)
            break;
        struct xb_span match = span_of(at, m[0]);
        if (match.to > match.from &&
            !take_match(s, line, match, span_of(at, m[1]), span_of(at, m[2])))
            return false;
        at = match.to > match.from ? match.to : match.to + 1;
    }
    return true;
}

static bool take_over(struct search *s, struct xb_span line)
{
    regmatch_t m[2];
    if (!s->metric->over || regexec(&s->over, s->copy + line.from, XB_ARRAY_LEN(m), m, 0) != 0)
        return true;
    return read_count(s, line, span_of(line.from, m[0]), span_of(line.from, m[1]), &s->rows->over);
}

static bool read_line(struct search *s, struct xb_span line)
{
    const char *text = s->copy + line.from;
    if (!take_over(s, line))
        return false;
    if (s->metric->begin && regexec(&s->begin, text, 0, NULL, 0) == 0) {
        s->inside = s->rows->begun = true;
        return true;
    }
    if (s->inside && s->metric->end && regexec(&s->end, text, 0, NULL, 0) == 0)
        s->inside = false;
    return !s->inside || take_line(s, line);
}

/* Turn cumulative counts into counts. */
static void subtract(struct rows *rows)
{
    uint64_t before = 0;
    for (uint32_t i = 0; i < XB_DIST_SLOTS; i++) {
        uint64_t here = rows->counts[i];
        if (here == 0)
            continue;
        if (here < before) {
            rows->wrong = FALLING;
            rows->at = (struct xb_span){0, 0};
            return;
        }
        rows->counts[i] = here - before;
        before = here;
    }
}

static void search_all(void *arg)
{
    struct search *s = arg;
    struct xb_span line = {0, 0};
    memcpy(s->copy, s->source->text, s->source->bytes);
    s->copy[s->source->bytes] = '\0';
    for (size_t i = 0; i <= s->source->bytes; i++) {
        if (i < s->source->bytes && !xb_ends_line(s->copy[i]))
            continue;
        s->copy[i] = '\0';
        line.to = i;
        if (!read_line(s, line))
            return;
        line.from = i + 1;
    }
    if (s->metric->histogram == XB_WORKLOAD_CUMULATIVE)
        subtract(s->rows);
}

/* ---- what was found ---- */

static int fail_wrong(const struct search *s, struct xb_err *err)
{
    struct xb_shown shown;
    const struct rows *rows = s->rows;
    const struct xb_workload_metric *metric = s->metric;
    if (rows->wrong >= WRONGS || rows->at.from > rows->at.to || rows->at.to > s->source->bytes)
        return xb_search_fail_answer(err);
    bool shows = rows->at.to > rows->at.from;
    return xb_fail(
        err, XB_E_BENCH, 0, "histogram %s: %s%s%s in %s: %s", metric->name,
        shows ? "`" : "what matches",
        shows ? xb_shown(s->source->text + rows->at.from, rows->at.to - rows->at.from, &shown) : "",
        shows ? "`" : "", metric->from, wrong_words[rows->wrong]);
}

static int fail_none(const struct search *s, struct xb_err *err)
{
    const struct xb_workload_metric *metric = s->metric;
    if (metric->begin && !s->rows->begun)
        return xb_fail(err, XB_E_BENCH, 0,
                       "histogram %s: no line in %s matches its `begin`, %.200s", metric->name,
                       metric->from, metric->begin);
    return xb_fail(err, XB_E_BENCH, 0, "histogram %s: nothing in %s%s matches `%.200s`",
                   metric->name, metric->from, metric->begin ? " after its `begin`" : "",
                   metric->pattern);
}

/* Make buckets of the counts; false if an honest search cannot have found them. */
static bool make_buckets(const struct rows *rows, struct xb_dist *hist)
{
    for (uint32_t i = 0; i < XB_DIST_SLOTS; i++) {
        uint64_t count = rows->counts[i];
        if (count == 0)
            continue;
        if (count > XB_DIST_TOTAL_MAX || (hist->total += count) > XB_DIST_TOTAL_MAX)
            return false;
        *xb_append(&hist->buckets, &hist->count) = (struct xb_dist_bucket){xb_dist_value(i), count};
    }
    hist->over = rows->over;
    hist->least = rows->least;
    hist->most = hist->over > 0 ? NAN : rows->most;
    if (hist->count == 0)
        return true;
    return hist->over <= XB_DIST_TOTAL_MAX && rows->least <= rows->most &&
           xb_dist_slot(rows->least) < XB_DIST_SLOTS && xb_dist_slot(rows->most) < XB_DIST_SLOTS;
}

static int judge(const struct search *s, struct xb_dist *hist, struct xb_err *err)
{
    const struct xb_workload_metric *metric = s->metric;
    if (s->rows->wrong != FINE)
        return fail_wrong(s, err);
    if (!make_buckets(s->rows, hist))
        return xb_search_fail_answer(err);
    if (hist->count > XB_DIST_BUCKETS_MAX)
        return xb_fail(err, XB_E_BENCH, 0,
                       "histogram %s: %zu values in %s differ in their first three digits; at most "
                       "%d are kept",
                       metric->name, hist->count, metric->from, XB_DIST_BUCKETS_MAX);
    return hist->count == 0 ? fail_none(s, err) : 0;
}

static int search_and_judge(struct search *s, struct xb_dist *hist, struct xb_err *err)
{
    s->rows->least = INFINITY;
    s->rows->most = -INFINITY;
    s->inside = !s->metric->begin;
    if (s->source->bytes <= XB_SEARCH_SMALL_BYTES)
        search_all(s);
    else if (xb_search_apart(search_all, s, s->source->bytes, err) < 0)
        return xb_fail_context(err, "histogram %s: %s", s->metric->name, s->metric->from);
    struct xb_dist found = {0};
    int r = judge(s, &found, err);
    if (r < 0)
        free(found.buckets);
    else
        *hist = found;
    return r;
}

/* ---- regular expressions ---- */

static bool compile(regex_t *out, const char *pattern)
{
    return regcomp(out, pattern ? pattern : "", REG_EXTENDED | REG_NEWLINE) == 0;
}

/* The patterns were compiled once before, when the workload's file was read. */
static int with_patterns(struct search *s, struct xb_dist *hist, struct xb_err *err)
{
    regex_t *const regexes[] = {&s->pattern, &s->begin, &s->end, &s->over};
    const char *const texts[] = {s->metric->pattern, s->metric->begin, s->metric->end,
                                 s->metric->over};
    size_t made = 0;
    while (made < XB_ARRAY_LEN(regexes) && compile(regexes[made], texts[made]))
        made++;
    int r = made == XB_ARRAY_LEN(regexes)
                ? search_and_judge(s, hist, err)
                : xb_fail(err, XB_E_INPUT, 0,
                          "histogram %s: `%s` is not an extended regular expression",
                          s->metric->name, texts[made]);
    while (made > 0)
        regfree(regexes[--made]);
    return r;
}

int xb_workload_dist_read(const struct xb_workload_metric *metric,
                          const struct xb_metric_source *source, struct xb_dist *hist,
                          struct xb_err *err)
{
    if (source->end_lost || source->lost_bytes > 0)
        return xb_fail(err, XB_E_BENCH, 0,
                       "histogram %s: only a part of %s was kept (the last %zu of %" PRIu64
                       " bytes): let the job write the histogram to a file that `from` names",
                       metric->name, metric->from, source->bytes,
                       source->bytes + source->lost_bytes);
    xb_auto_free char *copy = xb_malloc(source->bytes + 1);
    struct search search = {.metric = metric, .source = source, .copy = copy};
    search.rows = xb_search_shared(sizeof(*search.rows), err);
    if (!search.rows)
        return -1;
    int r = with_patterns(&search, hist, err);
    munmap(search.rows, sizeof(*search.rows));
    return r;
}

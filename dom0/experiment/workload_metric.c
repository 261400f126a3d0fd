/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a number from a benchmark's output. The output comes from a guest, so neither its size nor
 * its bytes are trusted, and regexec may run forever.
 */
#include "alloc.h"
#include "base.h"
#include "figure.h"
#include "metric_search.h"
#include "pattern.h"
#include "workload.h"

#include <ctype.h>
#include <inttypes.h>
#include <regex.h>
#include <string.h>
#include <sys/mman.h>

#define LITERAL_MIN_BYTES 3

/* The last match in a text, and the line of that match. */
struct found {
    bool found;
    struct xb_span line;
    struct xb_span match, group; /* offsets in the line */
    bool has_group;
};

/* The line that ends at `end`. */
static struct xb_span line_before(const char *text, size_t end)
{
    struct xb_span line = {end, end};
    while (line.from > 0 && !xb_ends_line(text[line.from - 1]))
        line.from--;
    return line;
}

/* The next line upwards, for a loop that starts with *end at the text's length; false: no more. */
static bool next_line(const struct xb_metric_source *source, size_t *end, struct xb_span *line)
{
    size_t at = *end;
    if (at == 0)
        return false;
    if (xb_ends_line(source->text[at - 1]))
        at--;
    *line = line_before(source->text, at);
    *end = line->from;
    /* The start of the first line may be lost, with a part of a number. */
    return line->from > 0 || source->lost_bytes == 0;
}

/* Find the last match in a line: each search starts at the end of the match before. */
static bool search_line(const regex_t *regex, const char *line, size_t bytes, struct found *found)
{
    for (size_t at = 0; at <= bytes;) {
        regmatch_t match[2] = {{.rm_so = (regoff_t)at, .rm_eo = (regoff_t)bytes}};
        if (regexec(regex, line, XB_ARRAY_LEN(match), match, REG_STARTEND) != 0)
            break;
        struct xb_span whole = {(size_t)match[0].rm_so, (size_t)match[0].rm_eo};
        at = whole.to > whole.from ? whole.to : whole.to + 1;
        if (whole.to == whole.from)
            continue;
        found->found = true;
        found->match = whole;
        found->has_group = match[1].rm_so >= 0;
        found->group = (struct xb_span){(size_t)match[1].rm_so, (size_t)match[1].rm_eo};
    }
    return found->found;
}

/* Search a copy whose lines end with NUL: a sanitizer's regexec ignores REG_STARTEND's length. */
static void search(const regex_t *regex, const struct xb_metric_source *source, char *copy,
                   struct found *found)
{
    size_t end = source->bytes;
    memcpy(copy, source->text, source->bytes);
    copy[source->bytes] = '\0';
    while (next_line(source, &end, &found->line)) {
        copy[found->line.to] = '\0';
        if (search_line(regex, copy + found->line.from, found->line.to - found->line.from, found))
            return;
    }
}

struct apart {
    const regex_t *regex;
    const struct xb_metric_source *source;
    char *copy;
    struct found *found; /* in shared memory */
};

static void search_in_child(void *arg)
{
    const struct apart *apart = arg;
    search(apart->regex, apart->source, apart->copy, apart->found);
}

/* What a child found must lie in the text: a guest may have taken the child over. */
static bool is_within(const struct found *found, size_t bytes)
{
    const struct xb_span *line = &found->line, *match = &found->match, *group = &found->group;
    if (!found->found)
        return true;
    size_t length = line->to - line->from;
    return line->from <= line->to && line->to <= bytes && match->from <= match->to &&
           match->to <= length &&
           (!found->has_group || (group->from <= group->to && group->to <= length));
}

/* The same search in a child, which is killed if it takes too long: 0, or -1 with err filled. */
static int search_apart(const regex_t *regex, const struct xb_metric_source *source, char *copy,
                        struct found *found, struct xb_err *err)
{
    struct found *shared = xb_search_shared(sizeof(*shared), err);
    if (!shared)
        return -1;
    struct apart apart = {regex, source, copy, shared};
    int r = xb_search_apart(search_in_child, &apart, source->bytes, err);
    *found = *shared;
    munmap(shared, sizeof(*shared));
    if (r < 0)
        return -1;
    return is_within(found, source->bytes) ? 0 : xb_search_fail_answer(err);
}

/* Describe what was there instead of a match: the nearest line, or the last. */
static void tell_seen(const struct xb_workload_metric *metric,
                      const struct xb_metric_source *source, char *out, size_t out_bytes)
{
    struct xb_shown shown;
    struct xb_span line, last = {0, 0}, literal = xb_pattern_literal(metric->pattern);
    size_t end = source->bytes, n = literal.to - literal.from;
    while (next_line(source, &end, &line)) {
        if (last.to == last.from)
            last = line;
        const char *at = n < LITERAL_MIN_BYTES
                             ? NULL
                             : memmem(source->text + line.from, line.to - line.from,
                                      metric->pattern + literal.from, n);
        if (!at)
            continue;
        snprintf(out, out_bytes, "the last line with `%.*s` in it reads `%s` from there",
                 (int)(n < 40 ? n : 40), metric->pattern + literal.from,
                 xb_shown(at, (size_t)(source->text + line.to - at), &shown));
        return;
    }
    if (last.to > last.from)
        snprintf(out, out_bytes, "its last line is `%s`",
                 xb_shown(source->text + last.from, last.to - last.from, &shown));
    else if (source->bytes > 0 && source->lost_bytes > 0)
        snprintf(out, out_bytes, "it ends with a line whose beginning was not kept");
    else
        snprintf(out, out_bytes, "it is empty");
}

static int fail_missing(const struct xb_workload_metric *metric,
                        const struct xb_metric_source *source, struct xb_err *err)
{
    char seen[sizeof(struct xb_shown) + 128], kept[128] = "";
    tell_seen(metric, source, seen, sizeof(seen));
    if (source->lost_bytes > 0)
        snprintf(kept, sizeof(kept),
                 " in the complete lines among the last %zu of its %" PRIu64
                 " bytes (no more is kept)",
                 source->bytes, source->bytes + source->lost_bytes);
    return xb_fail(err, XB_E_BENCH, 0, "metric %s: nothing in %s%s matches `%.200s`; %s",
                   metric->name, metric->from, kept, metric->pattern, seen);
}

static int read_found(const struct xb_workload_metric *metric,
                      const struct xb_metric_source *source, const struct found *found,
                      double *value, struct xb_err *err)
{
    struct xb_shown shown, whole;
    const char *line = source->text + found->line.from;
    struct xb_span number = found->group;
    struct xb_pattern_sides sides = xb_pattern_sides(metric->pattern);
    if (!found->has_group || number.from == number.to)
        return xb_fail(
            err, XB_E_BENCH, 0, "metric %s: `%s` in %s matches `%.200s`, but its group is empty",
            metric->name,
            xb_shown(line + found->match.from, found->match.to - found->match.from, &shown),
            metric->from, metric->pattern);
    const char *why = xb_figure_read(line + number.from, number.to - number.from, value);
    if (why)
        return xb_fail(err, XB_E_BENCH, 0,
                       "metric %s: `%s` was found in %s, but is not a "
                       "number: %s",
                       metric->name, xb_shown(line + number.from, number.to - number.from, &shown),
                       metric->from, why);
    why = xb_figure_cut(line, found->line.to - found->line.from, found->group,
                        sides.before || found->match.from == found->group.from,
                        sides.after || found->match.to == found->group.to, &number);
    if (!why)
        return 0;
    return xb_fail(
        err, XB_E_BENCH, 0,
        "metric %s: the group in `%.200s` matches only `%s`, a part of `%s`, in %s: %s. Let the "
        "group match the whole number, as in ([0-9.,e+-]+), and let the pattern continue after it "
        "with the unit%s",
        metric->name, metric->pattern,
        xb_shown(line + found->group.from, found->group.to - found->group.from, &shown),
        xb_shown(line + number.from, number.to - number.from, &whole), metric->from, why,
        sides.before ? "; what stands before the group may take a part of the number: end it with "
                       "a blank or a word"
                     : "");
}

int xb_workload_metric_read(const struct xb_workload_metric *metric,
                            const struct xb_metric_source *source, double *value,
                            struct xb_err *err)
{
    regex_t regex;
    int status = 0;
    struct found found = {0};
    if (source->end_lost)
        return xb_fail(
            err, XB_E_BENCH, 0,
            "metric %s: the job's output filled the guest's memory for output, and the end "
            "of %s is lost: let the job write less, or write to a file that `from` names",
            metric->name, metric->from);
    xb_auto_free char *copy = xb_malloc(source->bytes + 1);
    if (regcomp(&regex, metric->pattern, REG_EXTENDED | REG_NEWLINE) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "metric %s: `%s` is not an extended regular expression",
                       metric->name, metric->pattern);
    if (source->bytes <= XB_SEARCH_SMALL_BYTES)
        search(&regex, source, copy, &found);
    else
        status = search_apart(&regex, source, copy, &found, err);
    regfree(&regex);
    if (status < 0)
        return xb_fail_context(err, "metric %s: %s", metric->name, metric->from);
    return found.found ? read_found(metric, source, &found, value, err)
                       : fail_missing(metric, source, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure.h"

#include "base.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_MAX_BYTES 64

static const char commas[] =
    "a comma separates groups of three digits (4,720,415), and the decimal point is a full stop";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(const char *text, size_t bytes)
{
    size_t n = 0;
    while (n < bytes && is_digit(text[n]))
        n++;
    return n;
}

/* The bytes of groups of three digits after a number's first digits; 0 where there are none. */
static size_t groups_at(const char *text, size_t bytes, size_t first, char separator)
{
    size_t n = first;
    while (n < bytes && text[n] == separator && digits_at(text + n + 1, bytes - n - 1) == 3)
        n += 4;
    /* No program writes 0,123 for 123. */
    return first >= 1 && first <= 3 && text[0] != '0' ? n - first : 0;
}

static size_t exponent_at(const char *text, size_t bytes)
{
    size_t sign = bytes > 1 && (text[1] == '+' || text[1] == '-');
    if (bytes == 0 || (text[0] != 'e' && text[0] != 'E'))
        return 0;
    size_t digits = digits_at(text + 1 + sign, bytes - 1 - sign);
    return digits ? 1 + sign + digits : 0;
}

static const char *why_none(const char *text, size_t bytes)
{
    if (bytes > 1 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return "hexadecimal numbers are not accepted";
    if (bytes >= 3 && (strncasecmp(text, "inf", 3) == 0 || strncasecmp(text, "nan", 3) == 0))
        return "it is not a finite number";
    return memchr(text, ',', bytes) ? commas : "it is no decimal number";
}

/* strtod would accept more than this grammar, and depends on the locale. */
static const char *check(const char *text, size_t bytes)
{
    size_t digits = digits_at(text, bytes);
    size_t n = digits + groups_at(text, bytes, digits, ',');
    if (n < bytes && text[n] == '.') {
        size_t fraction = digits_at(text + n + 1, bytes - n - 1);
        digits += fraction;
        n += 1 + fraction;
    }
    if (digits == 0)
        return why_none(text, bytes);
    n += exponent_at(text + n, bytes - n);
    return n == bytes ? NULL : why_none(text, bytes);
}

const char *xb_figure_read(const char *text, size_t bytes, double *value)
{
    char number[NUMBER_MAX_BYTES], *end = number;
    while (bytes > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, bytes--;
    while (bytes > 0 && (text[bytes - 1] == ' ' || text[bytes - 1] == '\t'))
        bytes--;
    size_t sign = bytes > 0 && (text[0] == '-' || text[0] == '+');
    if (bytes >= sizeof(number))
        return "it is too long for a number";
    const char *why = check(text + sign, bytes - sign);
    if (why)
        return why;
    for (size_t i = 0; i < bytes; i++)
        if (text[i] != ',')
            *end++ = text[i];
    *end = '\0';
    errno = 0;
    double read = strtod(number, &end);
    if (*end || errno == ERANGE || !isfinite(read))
        return "it is out of range";
    *value = read;
    return NULL;
}

static bool is_of_number(char c)
{
    return is_digit(c) || c == '.' || c == ',';
}

/* Are digits with commas and full stops between them one number, in any common style? */
static bool reads_as_number(const char *run, size_t bytes)
{
    size_t first = digits_at(run, bytes);
    size_t by_comma = groups_at(run, bytes, first, ','),
           by_stop = groups_at(run, bytes, first, '.');
    size_t n = first + (by_comma ? by_comma : by_stop);
    if (n == bytes)
        return true;
    char point = (char)(by_stop ? ',' : by_comma ? '.' : run[n]);
    return run[n] == point && n + 1 + digits_at(run + n + 1, bytes - n - 1) == bytes;
}

/* Does the full stop follow a word, as in result.5? */
static bool is_of_a_name(const char *line, size_t at)
{
    return line[at] == '.' && at > 0 && isalpha((unsigned char)line[at - 1]);
}

/* The digits, commas and full stops around a group, without those that end a sentence or item. */
static struct xb_span run_around(const char *line, size_t bytes, struct xb_span group)
{
    struct xb_span run = group;
    while (run.from > 0 && is_of_number(line[run.from - 1]))
        run.from--;
    while (run.to < bytes && is_of_number(line[run.to]))
        run.to++;
    while (run.from < group.from && (line[run.from] == ',' || is_of_a_name(line, run.from)))
        run.from++;
    while (run.to > group.to && !is_digit(line[run.to - 1]))
        run.to--;
    return run;
}

/* The bytes of a separator between groups of three digits at the start of a text; 0: none. */
static size_t separator(const char *line, size_t from, size_t to)
{
    static const char *const separators[] = {
        "'", "_", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x99"};
    for (size_t i = 0; i < XB_ARRAY_LEN(separators); i++) {
        size_t n = strlen(separators[i]);
        if (to - from >= n && memcmp(line + from, separators[i], n) == 0)
            return n;
    }
    return 0;
}

static const char *cut_before(const char *line, size_t bytes, struct xb_span group)
{
    size_t at = group.from;
    char before = line[at - 1], before_that = (char)(at > 1 ? line[at - 2] : ' ');
    if (before == '-' && !isalnum((unsigned char)before_that) && before_that != ')' &&
        before_that != '-' && is_of_number(line[at]))
        return "its sign is left out";
    size_t e = before == '-' || before == '+' ? at - 2 : at - 1; /* where an e would be */
    if (at >= 3 - (e == at - 1) && (line[e] == 'e' || line[e] == 'E') && is_of_number(line[e - 1]))
        return "it is an exponent";
    if (before_that == '0' && (before == 'x' || before == 'X'))
        return "it is a part of a hexadecimal number";
    if (before == ':' && is_digit(before_that) && digits_at(line + at, bytes - at) == 2)
        return "it is a part of a time in minutes and seconds";
    for (size_t n = 1; n <= 3 && n < at; n++)
        if (separator(line, at - n, at) == n && is_digit(line[at - n - 1]) &&
            digits_at(line + at, bytes - at) == 3)
            return "it is a part of a number with separators";
    return NULL;
}

/* Is this a unit with a prefix (k, M, m, u...)? The program may print another prefix next time. */
static bool is_scaled_unit(const char *text, size_t bytes)
{
    size_t prefix = bytes >= 2 && memcmp(text, "\xc2\xb5", 2) == 0 ? 2 : 1;
    if (bytes == 0 || (prefix == 1 && !memchr("numkKMGTP", text[0], 9)))
        return false;
    size_t n = prefix;
    if (n + 1 < bytes && text[n] == 'i' && (text[n + 1] == 'B' || text[n + 1] == 'b'))
        n++;
    if (n < bytes && memchr("BbsH", text[n], 4))
        return true;
    return n == bytes || !isalpha((unsigned char)text[n]);
}

/* After a blank, only kB, MB/s, Gbit/s and so on count: programs change these with the figure. */
static bool is_scaled_unit_apart(const char *text, size_t bytes)
{
    size_t n = 2;
    if (bytes < 3 || text[0] != ' ' || !memchr("kKMGT", text[1], 5))
        return false;
    n += text[n] == 'i';
    return n < bytes && (text[n] == 'B' || text[n] == 'b');
}

static const char *cut_after(const char *line, size_t bytes, struct xb_span group)
{
    const char *after = line + group.to;
    size_t left = bytes - group.to;
    if (exponent_at(after, left))
        return "its exponent is left out";
    if (left > 1 && (after[0] == 'x' || after[0] == 'X') && isxdigit((unsigned char)after[1]) &&
        group.to == group.from + 1 && line[group.from] == '0')
        return "it is the beginning of a hexadecimal number";
    if (left > 2 && after[0] == ':' && digits_at(after + 1, left - 1) == 2)
        return "it is a part of a time in minutes and seconds";
    size_t n = separator(line, group.to, bytes);
    if (n && digits_at(after + n, left - n) == 3)
        return "it is a part of a number with separators";
    if (is_scaled_unit(after, left) || is_scaled_unit_apart(after, left))
        return "the pattern does not include the unit";
    return NULL;
}

/* The text around a group that the error shows: up to the next blanks. */
static struct xb_span word_around(const char *line, size_t bytes, struct xb_span group)
{
    struct xb_span word = group;
    while (word.from > 0 && line[word.from - 1] != ' ' && line[word.from - 1] != '\t' &&
           group.from - word.from < NUMBER_MAX_BYTES / 2)
        word.from--;
    while (word.to < bytes && line[word.to] != ' ' && line[word.to] != '\t' &&
           word.to - group.to < NUMBER_MAX_BYTES / 2)
        word.to++;
    return word;
}

const char *xb_figure_cut(const char *line, size_t bytes, struct xb_span group, bool open_before,
                          bool open_after, struct xb_span *number)
{
    const char *why = NULL;
    open_before = open_before && group.from > 0;
    open_after = open_after && group.to < bytes;
    if (group.from == group.to || !(is_digit(line[group.to - 1]) || line[group.to - 1] == '.'))
        return NULL;
    struct xb_span run = run_around(line, bytes, group);
    if (!open_before)
        run.from = group.from;
    if (!open_after)
        run.to = group.to;
    bool joined = (open_before && run.from < group.from && line[group.from - 1] != ',') ||
                  (open_after && run.to > group.to && line[group.to] != ',');
    if ((run.from < group.from || run.to > group.to) &&
        (joined || reads_as_number(line + run.from, run.to - run.from)))
        why = "it is a part of a longer number";
    if (!why && open_before)
        why = cut_before(line, bytes, group);
    if (!why && open_after)
        why = cut_after(line, bytes, group);
    if (why)
        *number = word_around(line, bytes, group);
    return why;
}

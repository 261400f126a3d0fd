/* A number out of a benchmark's output. The output comes from a guest: its size and its bytes are
 * not trusted. */
#include "base.h"
#include "workload.h"

#include <math.h>
#include <regex.h>
#include <string.h>

#define LINE_MAX_BYTES                                                                             \
    4096 /* no benchmark writes its result in a longer line; what is longer is not searched */
#define NUMBER_MAX_BYTES 64

/* The number in line, false where the line does not match or holds none. */
static bool read_line(const regex_t *regex, const char *line, size_t bytes, double *value)
{
    regmatch_t match[2] = {{.rm_so = 0, .rm_eo = (regoff_t)bytes}};
    char number[NUMBER_MAX_BYTES], *end;
    if (bytes > LINE_MAX_BYTES ||
        regexec(regex, line, XB_ARRAY_LEN(match), match, REG_STARTEND) != 0 || match[1].rm_so < 0)
        return false;
    size_t length = (size_t)(match[1].rm_eo - match[1].rm_so);
    if (length == 0 || length >= sizeof(number))
        return false;
    memcpy(number, line + match[1].rm_so, length);
    number[length] = '\0';
    double read = strtod(number, &end);
    if (end != number + length || !isfinite(read))
        return false;
    *value = read;
    return true;
}

int xb_workload_metric_read(const struct xb_workload_metric *metric, const char *text, size_t bytes,
                            double *value, struct xb_err *err)
{
    regex_t regex;
    bool found = false;
    if (regcomp(&regex, metric->pattern, REG_EXTENDED | REG_NEWLINE) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "metric %s: `%s` is no extended regular expression",
                       metric->name, metric->pattern);
    while (bytes > 0) {
        const char *newline = memchr(text, '\n', bytes);
        size_t line = newline ? (size_t)(newline - text) : bytes;
        found = read_line(&regex, text, line, value) || found;
        size_t step = newline ? line + 1 : line;
        text += step;
        bytes -= step;
    }
    regfree(&regex);
    if (!found)
        return xb_fail(err, XB_E_BENCH, 0, "metric %s: nothing in %s matches `%s`", metric->name,
                       metric->from, metric->pattern);
    return 0;
}

#include "options.h"

#include "base.h"
#include "err.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void xb_options_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    char name[64];
    char *plain = argv[0];
    snprintf(name, sizeof(name), "xenbench %s", plain);
    argp_err_exit_status = XB_E_INPUT;
    argv[0] = name;
    if (argp_parse(argp, argc, argv, 0, NULL, input) != 0)
        exit(XB_E_INPUT); /* argp has said why */
    argv[0] = plain;
}

bool xb_option_seconds(const char *text, uint64_t *out_ns)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !isfinite(seconds) || seconds <= 0 || seconds > 10 * 365.25 * 86400)
        return false;
    *out_ns = (uint64_t)llround(seconds * 1e9);
    return *out_ns > 0;
}

bool xb_option_bytes(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    uint64_t n = strtoull(text, &end, 10);
    if (errno)
        return false;
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (*end && (!unit || end[1]))
        return false;
    return !__builtin_mul_overflow(n, UINT64_C(1) << (unit ? 10 * (unit - units + 1) : 0), out);
}

long xb_option_number(const struct argp_state *state, const char *option, const char *text,
                      long low, long high)
{
    char *end;
    long n = strtol(text, &end, 10);
    if ((*text != '-' && (*text < '0' || *text > '9')) || *end || n < low || n > high)
        argp_error(state, "--%s=%s is not a number from %ld to %ld", option, text, low, high);
    return n;
}

error_t xb_option_json(int key, char *arg, struct argp_state *state)
{
    bool *json = state->input;
    if (key == 'j')
        *json = true;
    else if (key == ARGP_KEY_ARG)
        argp_error(state, "`%s`: no argument is expected", arg);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

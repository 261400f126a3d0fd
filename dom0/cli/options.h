/*
 * What the commands' options have in common.
 */
#ifndef XB_OPTIONS_H
#define XB_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * argp_parse for a subcommand: "xenbench NAME" in help and messages, and the documented exit status
 * at usage errors. The options of argv come first in it; help and errors end the process.
 */
void xb_options_parse(const struct argp *argp, int argc, char **argv, void *input);

/* "2", "0.5": seconds as nanoseconds, more than 0 and at most ten years. */
bool xb_option_seconds(const char *text, uint64_t *out_ns);

/* "4096", "512K", "2G": bytes, with K, M, G and T for powers of 1024. */
bool xb_option_bytes(const char *text, uint64_t *out);

/* The number of --OPTION, from low to high; the process ends with a message where it is none. */
long xb_option_number(const struct argp_state *state, const char *option, const char *text,
                      long low, long high);

/* The parser of commands that take --json and no argument; its input is a bool. */
error_t xb_option_json(int key, char *arg, struct argp_state *state);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options as data: an option is a row, which says where the value goes. Parsing, help, the nearest
 * word for a typo, the manual pages and completion come from the same rows.
 *
 *   struct request {
 *       bool json;
 *       uint64_t timeout_ns;
 *       struct xb_words guests;
 *   };
 *   static const struct xb_opt rows[] = {
 *       OPT_JSON(struct request, json),
 *       OPT_TIMEOUT(struct request, timeout_ns, "Wait at most so long (default: 120)"),
 *       OPT_END,
 *   };
 *   const struct xb_opts xb_opts_guest_start = {
 *       .rows = rows,
 *       .words = OPT_WORDS(struct request, guests, 1, XB_OPT_MANY, "which guests?"),
 *       .args = "NAME...",
 *       .doc = "What it does.\vMore about it.",
 *   };
 *   struct request request = {.timeout_ns = 120 * XB_NS_PER_S};
 *   xb_opts_parse(&xb_opts_guest_start, argc, argv, &request);
 */
#ifndef XB_OPT_H
#define XB_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct argp_state;

enum xb_opt_kind {
    XB_OPT_END = 0,
    XB_OPT_HEADING, /* help is the heading of the rows that follow */
    XB_OPT_TRUE,    /* a bool, set */
    XB_OPT_FALSE,   /* a bool, cleared */
    XB_OPT_VALUE,   /* an int or enum, set to value */
    XB_OPT_STRING,  /* a const char * into argv */
    XB_OPT_STRINGS, /* a struct xb_words, to which each use adds a word */
    XB_OPT_NUMBER,  /* an int or uint32_t, low to high */
    XB_OPT_SECONDS, /* a uint64_t in nanoseconds */
    XB_OPT_BYTES,   /* a uint64_t, at least low */
    XB_OPT_WORD,    /* an int or enum: value for the first of words, value + 1 for the second */
    XB_OPT_CALL,    /* call handles the value */
};

/* Words of the command line, which argv owns; v is NULL-terminated. */
struct xb_words {
    char **v;
    size_t count;
};
/* Free a list that XB_OPT_STRINGS filled. */
void xb_words_free(struct xb_words *words);

/* out is the command's struct; value is NULL if optional and not given. Fails with argp_error. */
typedef void xb_opt_fn(struct argp_state *state, char *value, void *out);

struct xb_opt {
    enum xb_opt_kind kind;
    const char *name; /* without the dashes; NULL: only a letter */
    int letter;       /* 0: none. dom0/README.md lists what each letter means, in all commands */
    const char *arg;  /* the value's name in the help; in brackets if it is optional */
    const char *help; /* capital first, no full stop */
    size_t at;        /* where the value is in the command's struct */
    long low, high;
    const char *const *words;
    int value;
    xb_opt_fn *call;
};

/* The member's offset, after a check of the member's type, or of its size for an int. */
#define XB_OPT_AT(type, member, of)                                                                \
    .at = offsetof(type, member) + 0 * sizeof((of *)NULL == &((type *)NULL)->member)
#define XB_OPT_AT_INT(type, member)                                                                \
    .at = offsetof(type, member) +                                                                 \
          0 * sizeof(char[sizeof(((type *)NULL)->member) == sizeof(int) ? 1 : -1])
#define XB_OPT_ROW(k, n, l, a, h) .kind = (k), .name = (n), .letter = (l), .arg = (a), .help = (h)

/* clang-format off */
#define OPT_END {.kind = XB_OPT_END}
#define OPT_HEADING(text) {.kind = XB_OPT_HEADING, .help = (text)}
#define OPT_TRUE(type, member, name, letter, help)                                                 \
    {XB_OPT_ROW(XB_OPT_TRUE, name, letter, NULL, help), XB_OPT_AT(type, member, bool)}
#define OPT_FALSE(type, member, name, letter, help)                                                \
    {XB_OPT_ROW(XB_OPT_FALSE, name, letter, NULL, help), XB_OPT_AT(type, member, bool)}
#define OPT_VALUE(type, member, name, letter, set_to, help)                                        \
    {XB_OPT_ROW(XB_OPT_VALUE, name, letter, NULL, help), XB_OPT_AT_INT(type, member),              \
     .value = (set_to)}
#define OPT_STRING(type, member, name, letter, arg, help)                                          \
    {XB_OPT_ROW(XB_OPT_STRING, name, letter, arg, help), XB_OPT_AT(type, member, const char *)}
#define OPT_STRINGS(type, member, name, letter, arg, help)                                         \
    {XB_OPT_ROW(XB_OPT_STRINGS, name, letter, arg, help), XB_OPT_AT(type, member, struct xb_words)}
#define OPT_NUMBER(type, member, name, letter, arg, least, most, help)                             \
    {XB_OPT_ROW(XB_OPT_NUMBER, name, letter, arg, help), XB_OPT_AT_INT(type, member),              \
     .low = (least), .high = (most)}
#define OPT_SECONDS(type, member, name, help)                                                      \
    {XB_OPT_ROW(XB_OPT_SECONDS, name, 0, "SECONDS", help), XB_OPT_AT(type, member, uint64_t)}
#define OPT_BYTES(type, member, name, letter, least, help)                                         \
    {XB_OPT_ROW(XB_OPT_BYTES, name, letter, "SIZE", help), XB_OPT_AT(type, member, uint64_t),      \
     .low = (least)}
/* list ends with NULL; help shows its words as the value. */
#define OPT_WORD(type, member, name, list, first, help)                                            \
    {XB_OPT_ROW(XB_OPT_WORD, name, 0, NULL, help), XB_OPT_AT_INT(type, member),                    \
     .words = (list), .value = (first)}
/* The same with a name for the value in the help, for a list that is too long to show there. */
#define OPT_NAMED_WORD(type, member, name, arg, list, first, help)                                 \
    {XB_OPT_ROW(XB_OPT_WORD, name, 0, arg, help), XB_OPT_AT_INT(type, member),                     \
     .words = (list), .value = (first)}
#define OPT_CALL(fn, name, letter, arg, help)                                                      \
    {XB_OPT_ROW(XB_OPT_CALL, name, letter, arg, help), .call = (fn)}

/* Rows that many commands share. */
#define OPT_JSON(type, member) OPT_TRUE(type, member, "json", 'j', XB_OPT_JSON_HELP)
#define XB_OPT_JSON_HELP "Print JSON"
#define OPT_QUIET(type, member) OPT_TRUE(type, member, "quiet", 'q', "Show no progress")
#define OPT_WAIT(type, member) OPT_TRUE(type, member, "wait", 'w', "Wait for the guests' agents")
#define OPT_TIMEOUT(type, member, help) OPT_SECONDS(type, member, "timeout", help)
/* Takes effect at once, so it needs no member. */
#define OPT_COLOR                                                                                  \
    OPT_CALL(xb_opt_color, "color", 0, "auto|always|never",                                                     \
             "Colours; auto: on a terminal, unless NO_COLOR is set")
#define OPT_STORE(type, member)                                                                    \
    OPT_STRING(type, member, "store", 0, "FILE", "Use the store in FILE, not the host's")
#define OPT_ALL_RUNNING(type, member)                                                              \
    OPT_TRUE(type, member, "all", 'a', "All running guests that xenbench made")
#define OPT_FORCE(type, member, help) OPT_TRUE(type, member, "force", 'f', help)
#define OPT_CONNECT_TIMEOUT(type, member)                                                          \
    OPT_SECONDS(type, member, "connect-timeout",                                                   \
                "How long to wait for agents, at the start and after a restore, and for the end "  \
                "of a measurement in a guest (default: 60)")
#define OPT_THREADS(type, member, help)                                                            \
    OPT_NUMBER(type, member, "threads", 'T', "N", 1, 16, help)
#define OPT_ZSTD(type, member, low, high)                                                          \
    OPT_NUMBER(type, member, "zstd", 'z', "LEVEL", low, high,                                      \
               "Compress at this level of zstd, -7 to 19 (default: 1)")
/* clang-format on */

/* The rows of a command whose only option is --json, into a bool. */
extern const struct xb_opt xb_opt_rows_json[];

xb_opt_fn xb_opt_color;
/* Set the use of colours by a word; false if there is no such word. */
bool xb_read_color(const char *word);

#define XB_OPT_MANY SIZE_MAX

struct xb_opts_words {
    size_t at; /* where the struct xb_words is in the command's struct */
    size_t least, most;
    const char *missing; /* the error for fewer than least */
};
#define OPT_WORDS(type, member, least, most, missing)                                              \
    {                                                                                              \
        offsetof(type, member) + 0 * sizeof((struct xb_words *)NULL == &((type *)NULL)->member),   \
            least, most, missing                                                                   \
    }
#define OPT_GUESTS(type, member) OPT_WORDS(type, member, 1, XB_OPT_MANY, XB_OPT_WHICH_GUESTS)
#define XB_OPT_WHICH_GUESTS "which guests? (`xenbench guest list` shows them)"

/* A command's options and words. */
struct xb_opts {
    const struct xb_opt *rows;  /* NULL: none */
    struct xb_opts_words words; /* most 0: none is expected */
    const char *args;           /* for the usage line; a line for each form */
    const char *doc;            /* text after \v goes below the options in the help */
    /* Called last: refuses options that exclude each other, with argp_error. NULL: no check. */
    void (*check)(struct argp_state *state, void *out);
};

/*
 * Read a command line into out, which holds the defaults. argv[0] is the command as the user wrote
 * it, without "xenbench". Help and errors end the process.
 */
void xb_opts_parse(const struct xb_opts *opts, int argc, char **argv, void *out);

/*
 * opt_man.c: print a command's part of a manual page, in troff: its usage, a line for each form;
 * its help; its options. heading is the troff request for a heading of the rows.
 */
void xb_opts_man_forms(const char *command, const struct xb_opts *opts, FILE *out);
void xb_opts_man_text(const struct xb_opts *opts, FILE *out);
void xb_opts_man_rows(const struct xb_opts *opts, const char *heading, FILE *out);

#define XB_OPT_ARG_BYTES 40
/* The name of an option's value in the help, in brackets if it is optional; NULL: no value. */
const char *xb_opt_arg(const struct xb_opt *row, char out[XB_OPT_ARG_BYTES]);

/* Read a number for the option `shown` ("--threads"); ends the process if text is not a number. */
long xb_opt_number(const struct argp_state *state, const char *shown, const char *text, long low,
                   long high);
uint64_t xb_opt_seconds(const struct argp_state *state, const char *shown, const char *text);

/* For a command's check: require either --all or names, and not both. */
void xb_opt_check_all(const struct argp_state *state, bool all, const struct xb_words *words,
                      const char *missing);

/* Read seconds, "2" or "0.5", as nanoseconds; false unless more than 0 and at most ten years. */
bool xb_read_seconds(const char *text, uint64_t *out_ns);
/* Read bytes, "4096", "512K" or "2G": K, M, G and T are powers of 1024. False for anything else. */
bool xb_read_bytes(const char *text, uint64_t *out);

#endif

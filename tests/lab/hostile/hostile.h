/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the attacks of a hostile guest. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "base.h"
#include "frame.h"
#include "keys.h"
#include "link.h"

#include <libxenvchan.h>
#include <sys/types.h>
#include <xenstore.h>

/* Longer than the controller waits between two attempts to connect. */
#define RINGS_STAND_NS (700 * XB_NS_PER_MS)
#define READ_RING_BYTES (128 * XB_KIB)
#define WRITE_RING_BYTES (256 * XB_KIB)
#define LOOK_NS (200 * XB_NS_PER_MS)

/* Sent in strings and on the console: escape sequences, a NUL, invalid UTF-8, HTML. */
#define EVIL "\x1b]0;owned\x07\x1b[2J\xff\xfe\xc0\x80\0<script>alert(1)</script>|`,\"'\r\n=1+1"

struct harm {
    struct xs_handle *xs; /* NULL: no Xen */
    const char *listen,
        *agent; /* without Xen: where the controller connects, and the agent's socket */
    int listen_fd;
    char **args;
    uint32_t generation;
    uint64_t until_ns, look_ns;
    bool halted;
    int ready_fd;  /* reports to our starter that the attack has begun; -1: done */
    pid_t helper;  /* 0: none */
    unsigned turn; /* counts attempts, each of which varies the attack */
};

/* One connection. A real agent behind us answers, and we change what it sends. */
struct relay {
    struct harm *harm;
    struct xb_link *dom0, *agent;
    struct libxenvchan *vchan;
    pid_t storm; /* 0: none */
    bool ends, silent;
};

struct attack {
    const char *name;
    void (*run)(struct harm *); /* NULL: a relay */
    /*
     * A relay calls these once the job is released; instead of passing on a FETCH; and for each
     * frame of the agent, which is dropped if on_frame returns true. room is for a longer body.
     */
    void (*on_release)(struct relay *);
    void (*on_fetch)(struct relay *, const struct xb_frame *);
    bool (*on_frame)(struct relay *, struct xb_frame *, uint8_t *room);
};

/* main.c */
bool is_over(struct harm *h);
void nap(uint64_t ns);
uint32_t any_number(void);
void fill_with_noise(void *bytes, size_t count);
void remove_key(struct harm *h, const char *key);
void write_text(struct harm *h, const char *key, const char *text);
/* Announce the rings of h->generation. */
void publish(struct harm *h);
/* Advance to the next generation, and return the path of its rings. */
const char *next_path(struct harm *h, char path[XB_KEY_PATH_MAX + 1]);

/* keys.c, rings.c */
void attack_keys(struct harm *h);
void attack_restless(struct harm *h);
void attack_claims(struct harm *h);
void attack_rings(struct harm *h);
void attack_anew(struct harm *h);
void lie_about_order(struct libxenvchan *v, unsigned turn);
void fill_pages(struct libxenvchan *v, unsigned turn);

/* relay.c: serve one connection after the other with this attack. */
void attack_in_the_middle(struct harm *h, const struct attack *a);

/* lies.c */
void begin_storm(struct relay *r);
void end_storm(struct relay *r);
bool end_storm_with_job(struct relay *r, struct xb_frame *frame, uint8_t *room);
void shake_indices(struct relay *r);
bool end_in_mid_frame(struct relay *r, struct xb_frame *frame, uint8_t *room);
bool stop_in_mid_frame(struct relay *r, struct xb_frame *frame, uint8_t *room);
bool lie_about_times(struct relay *r, struct xb_frame *frame, uint8_t *room);
bool lie_about_clock(struct relay *r, struct xb_frame *frame, uint8_t *room);
bool say_evil(struct relay *r, struct xb_frame *frame, uint8_t *room);
bool claim_output(struct relay *r, struct xb_frame *frame, uint8_t *room);
void flood(struct relay *r, const struct xb_frame *asked);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session of the controller with an agent that follows a script (fake_agent.h).
 */
#ifndef XB_HOSTILE_H
#define XB_HOSTILE_H

#include "agent.h"
#include "base.h"
#include "fake_agent.h"

#define SOON_NS (10 * XB_NS_PER_S)

struct session {
    struct fake_agent fake;
    struct xb_agent *agent;
    struct xb_err err;
};

/* Set-up and tear-down of a group of tests. */
int hostile_make_run_dir(void **state);
int hostile_remove_run_dir(void **state);
const char *hostile_run_dir(void);

/* Start an agent and connect: 0, or -1 with s->err. */
int hostile_start(struct session *s, fake_script *script, uint64_t timeout_ns);
/* Two agents at once, each session with its own err. */
void hostile_start_two(struct session s[2], fake_script *one, fake_script *two);
void hostile_end(struct session *s);
/* Assert that the session's error contains this part, and blames the guest. */
void hostile_says(const struct session *s, const char *part);

void hostile_arm(struct session *s, uint32_t job_id, uint64_t credit_bytes);
/* For xb_agents_wait: accept every message and do nothing. */
int hostile_ignore(void *arg, struct xb_agent *agent, const struct xb_msg *msg, struct xb_err *err);

/* For scripts: send an OUTPUT of zeros. */
void hostile_send_output(int fd, uint32_t job_id, int stream, size_t bytes, bool eof);

#endif

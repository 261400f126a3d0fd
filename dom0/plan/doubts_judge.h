/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of a judgement of one case, shared by doubts.c and doubts_*.c.
 */
#ifndef XB_DOUBTS_JUDGE_H
#define XB_DOUBTS_JUDGE_H

#include "doubts_view.h"

#define XB_DOUBT_BYTES 640

struct xb_judge {
    const struct xb_doubt_case *c;
    const struct xb_host_facts *host;
    struct xb_view *guests; /* domains that run something (count of them), then idle ones */
    size_t count, all_count;
    struct xb_view dom0;
    xb_doubt_fn *tell;
    void *arg;
};

static inline const char *xb_judge_cpus(const struct xb_judge *j, const struct xb_cpus *cpus,
                                        char *buf)
{
    xb_cpus_format(cpus, j->host->cpus, buf, XB_CPUS_TEXT_BYTES);
    return buf;
}

/* doubts_weight.c: the effect of weights and caps. */
struct xb_weights; /* the promises with and without weights */
struct xb_weights *xb_judge_weights_new(const struct xb_judge *j);
void xb_judge_weights_free(struct xb_weights *w);
int xb_judge_weight(const struct xb_judge *j, const struct xb_weights *w, size_t guest,
                    struct xb_err *err);
int xb_judge_dom0_weight(const struct xb_judge *j, struct xb_err *err);
/* doubts_smt.c: hyperthreads of one core. */
int xb_judge_siblings(const struct xb_judge *j, struct xb_err *err);
int xb_judge_smt(const struct xb_judge *j, struct xb_err *err);
/* doubts_sched.c: pools under rtds and arinc653. */
int xb_judge_schedulers(const struct xb_judge *j, struct xb_err *err);

#endif

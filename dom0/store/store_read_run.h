/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run consists of: its head, guests, cases and parts, the host's facts, warnings.
 */
#ifndef XB_STORE_READ_RUN_H
#define XB_STORE_READ_RUN_H

#include "store_read.h"

struct xb_run_row {
    char *id, *name, *file, *state, *order, *workload, *metric, *unit, *better, *version,
        *started_at, *ended_at;
    char *until, *compare; /* JSON; until NULL: a count was asked for */
    char *shard_by; /* NULL: the run covers the whole experiment, and shards and shard are 0 */
    int64_t seed;
    uint32_t warmup, resumed;
    uint32_t shards, shard;
    uint32_t cells, cells_done, discarded; /* cells: without discarded ones */
};
/* XB_E_INPUT where there is no such run. */
int xb_read_run(const struct xb_read *in, struct xb_run_row *run);

struct xb_case_row {
    char *name, *settings;
    char *stopped, *stopped_why; /* why it gets no more repetitions; NULL: it may get more */
    uint32_t repetitions;        /* done */
};
/* In the order of their numbers. */
int xb_read_cases(const struct xb_read *in, struct xb_case_row **rows, size_t *count);

struct xb_guest_row {
    char *name, *image, *type, *clocksource, *net; /* image, type: of all cases, with commas */
};
/* In the order of their positions. */
int xb_read_guests(const struct xb_read *in, struct xb_guest_row **rows, size_t *count);

/* What a guest was made of, as text; commas separate several images, types, kernels, workloads. */
struct xb_traits_row {
    char *guest, *image, *type, *kernel, *workload, *os, *clocksource, *memory_bytes, *vcpus;
    char *agent, *agent_sha256, *kernel_sha256, *initrd_sha256, *disk_sha256;
};
/* In the order of their positions. */
int xb_read_traits(const struct xb_read *in, struct xb_traits_row **rows, size_t *count);

/* What a guest does in a case. */
struct xb_part_row {
    int64_t case_no, guest; /* guest: its position */
    int64_t solo_case;      /* where the guest runs alone under the same settings; -1: nowhere */
    char *role, *metric, *unit, *better, *kernel;
};
int xb_read_parts(const struct xb_read *in, struct xb_part_row **rows, size_t *count);

struct xb_warning_row {
    int64_t case_no, cell;
    char *guest, *code, *message;
};
/* In the order of code and message. */
int xb_read_warnings(const struct xb_read *in, struct xb_warning_row **rows, size_t *count);

struct xb_fact_row {
    char *key, *value;
};
int xb_read_facts(const struct xb_read *in, struct xb_fact_row **rows, size_t *count);

#endif

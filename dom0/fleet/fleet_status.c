/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `xenbench fleet status`. */
#include "base.h"
#include "escape.h"
#include "fleet_state.h"
#include "progress.h"
#include "streams.h"

#include <string.h>

struct sum {
    uint32_t of[XB_FLEET_LOST + 1]; /* shards in each state */
    uint32_t cells, done, failed, lost;
    uint64_t left_ns; /* of the shard with the most time left */
    bool unknown;     /* some shard's time is not known */
};

static struct sum sum_of(const struct xb_fleet_job *job, const struct xb_fleet_part *parts)
{
    struct sum sum = {.cells = 0};
    for (uint32_t s = 0; s < job->split.count; s++) {
        const struct xb_fleet_part *part = &parts[s];
        sum.of[part->state]++;
        sum.cells += part->cells;
        sum.done += part->done;
        sum.failed += part->failed_samples;
        sum.lost += part->lost;
        sum.left_ns = part->left_ns > sum.left_ns ? part->left_ns : sum.left_ns;
        sum.unknown = sum.unknown || (part->state != XB_FLEET_FINISHED && part->left_ns == 0);
    }
    return sum;
}

static void print_sum(const struct xb_fleet_job *job, const struct sum *sum)
{
    char words[XB_TIME_WORDS_BYTES];
    xb_auto_free char *name = xb_escaped(job->name);
    printf("%s: %u of %u cells done, %u sample%s failed, %u task%s lost\n", name, sum->done,
           sum->cells, sum->failed, xb_plural(sum->failed), sum->lost, xb_plural(sum->lost));
    printf("  %u shard%s by %s:", job->split.count, xb_plural(job->split.count),
           xb_shard_words[job->split.by]);
    const char *comma = " ";
    for (size_t i = 0; i <= XB_FLEET_LOST; i++)
        if (sum->of[i]) {
            printf("%s%u %s", comma, sum->of[i], xb_fleet_end_words[i]);
            comma = ", ";
        }
    if (sum->left_ns)
        printf("; about %s left%s, once they run", xb_time_words(sum->left_ns, words),
               sum->unknown ? " at least" : "");
    putchar('\n');
}

static void print_part(uint32_t shard, const struct xb_fleet_part *part)
{
    char words[XB_TIME_WORDS_BYTES];
    printf("  %5u  %-9s %-16s %4u of %-5u", shard, xb_fleet_end_words[part->state],
           part->node[0] ? part->node : "-", part->done, part->cells);
    if (part->left_ns)
        printf(" about %s left", xb_time_words(part->left_ns, words));
    if (part->failed_samples)
        printf("  %u sample%s failed", part->failed_samples, xb_plural(part->failed_samples));
    if (part->lost)
        printf("  %u task%s, %u lost", part->attempts, xb_plural(part->attempts), part->lost);
    if (part->reason[0] && part->state != XB_FLEET_FINISHED && part->state != XB_FLEET_RUNNING)
        printf("  (%s)", part->reason);
    else if (part->state == XB_FLEET_UNKNOWN)
        printf("  (Slurm does not know it any more)");
    putchar('\n');
}

static json_t *part_to_json(uint32_t shard, const struct xb_fleet_part *part)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:f}", "shard", (int)shard,
                     "state", xb_fleet_end_words[part->state], "slurm", part->slurm, "node",
                     part->node, "reason", part->reason, "cells", (int)part->cells, "done",
                     (int)part->done, "failed_samples", (int)part->failed_samples, "attempts",
                     (int)part->attempts, "lost", (int)part->lost, "left_s",
                     (double)part->left_ns / 1e9);
}

static void print_json(const struct xb_fleet_job *job, const struct xb_fleet_part *parts,
                       const struct sum *sum)
{
    json_t *list = json_array();
    for (uint32_t s = 0; s < job->split.count; s++)
        json_array_append_new(list, part_to_json(s + 1, &parts[s]));
    xb_auto_json json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:f, s:o}", "schema", XB_FLEET_STATUS_SCHEMA,
        "id", job->id, "experiment", job->name, "by", xb_shard_words[job->split.by], "cells",
        (int)sum->cells, "done", (int)sum->done, "failed_samples", (int)sum->failed, "lost",
        (int)sum->lost, "left_s", (double)sum->left_ns / 1e9, "shards", list);
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
}

int xb_fleet_status(const char *dir, bool json, struct xb_err *err)
{
    xb_auto_fleet_job struct xb_fleet_job job = {.json = NULL};
    xb_auto_free struct xb_fleet_part *parts = NULL;
    if (xb_fleet_job_load(&job, dir, err) < 0 || xb_fleet_state(&job, &parts, err) < 0)
        return -1;
    const struct sum sum = sum_of(&job, parts);
    if (json) {
        print_json(&job, parts, &sum);
    } else {
        print_sum(&job, &sum);
        printf("  shard  %-9s %-16s %s\n", "state", "node", "cells");
        for (uint32_t s = 0; s < job.split.count; s++)
            print_part(s + 1, &parts[s]);
    }
    return xb_stream_flush(stdout, "the status", err);
}

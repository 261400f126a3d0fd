/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an experiment is split into shards, which are measured separately. */
#include "alloc.h"
#include "base.h"
#include "plan_view.h"

#include <inttypes.h>

#define SHARDS_SHOWN_MAX 200

bool xb_plan_shard_has(const struct xb_plan_view *view, uint32_t s, uint32_t case_no)
{
    return view->shard_of[case_no] == 0 || view->shard_of[case_no] == s + 1;
}

int xb_plan_shards(struct xb_plan_view *view, const struct xb_shard *split,
                   const struct xb_texts *sets, struct xb_err *err)
{
    const struct xb_experiment *exp = view->exp;
    if (xb_shard_check(exp, split, err) < 0)
        return -1;
    view->split = *split;
    view->split_seed = xb_shard_seed(exp, sets);
    view->shards = xb_calloc(split->count, sizeof(*view->shards));
    view->shard_of = xb_calloc(exp->case_count, sizeof(*view->shard_of));
    if (split->by == XB_SHARD_CASE && split->count > 1)
        xb_shard_cases(exp, view->split_seed, split->count, view->shard_of);
    for (uint32_t s = 0; s < split->count; s++) {
        struct xb_plan_shard *shard = &view->shards[s];
        const struct xb_shard one = {split->by, s + 1, split->count};
        xb_shard_repetitions(exp, &one, &shard->from, &shard->end);
        for (uint32_t c = 0; c < exp->case_count; c++)
            shard->cases += xb_plan_shard_has(view, s, c);
        shard->cells = shard->cases * (exp->warmup + shard->end - shard->from);
    }
    return 0;
}

static void print_cases(const struct xb_plan_view *view, uint32_t s, FILE *out)
{
    bool first = true;
    for (uint32_t c = 0; c < view->exp->case_count; c++)
        if (xb_plan_shard_has(view, s, c)) {
            fprintf(out, "%s%s", first ? "" : "; ", view->exp->cases[c].name);
            first = false;
        }
}

static void print_shard(const struct xb_plan_view *view, uint32_t s, FILE *out)
{
    const struct xb_plan_shard *shard = &view->shards[s];
    fprintf(out, "  %3u/%u  %zu cells", s + 1, view->split.count, shard->cells);
    if (shard->time.known_cells) {
        fprintf(out, ", about ");
        xb_plan_print_time(out, shard->time.known_ns);
    }
    if (shard->time.most_ns) {
        fprintf(out, "%s at most ", shard->time.known_cells ? " and for the others" : ",");
        xb_plan_print_time(out, shard->time.most_ns);
    }
    fprintf(out, ": ");
    if (view->split.by == XB_SHARD_CASE)
        print_cases(view, s, out);
    else if (view->split.by == XB_SHARD_HOST)
        fprintf(out, "all of it");
    else if (shard->end - shard->from == 1)
        fprintf(out, "repetition %u", shard->end);
    else
        fprintf(out, "repetitions %u to %u", shard->from + 1, shard->end);
    putc('\n', out);
}

void xb_plan_print_shards(const struct xb_plan_view *view, FILE *out)
{
    const struct xb_shard *split = &view->split;
    if (split->count == 0)
        return;
    fprintf(out, "\nShards, by %s (seed %" PRIu64 ")\n", xb_shard_words[split->by],
            view->split_seed);
    for (uint32_t s = 0; s < split->count && s < SHARDS_SHOWN_MAX; s++)
        print_shard(view, s, out);
    if (split->count > SHARDS_SHOWN_MAX)
        fprintf(out, "  ... and %u more (--json has all)\n", split->count - SHARDS_SHOWN_MAX);
    if (view->exp->warmup && split->by != XB_SHARD_CASE && split->count > 1)
        fprintf(out, "  Each has the warm-up rounds, which warm its host and do not count.\n");
    fprintf(out, "  `xenbench run FILE --shard K/%u%s%s` runs one of them.\n", split->count,
            split->by ? " --by " : "", split->by ? xb_shard_words[split->by] : "");
}

json_t *xb_plan_shards_to_json(const struct xb_plan_view *view)
{
    if (view->split.count == 0)
        return json_null();
    json_t *list = json_array();
    for (uint32_t s = 0; s < view->split.count; s++) {
        const struct xb_plan_shard *shard = &view->shards[s];
        json_t *cases = json_array();
        for (uint32_t c = 0; c < view->exp->case_count; c++)
            if (xb_plan_shard_has(view, s, c))
                json_array_append_new(cases, json_integer(c));
        json_array_append_new(
            list, json_pack("{s:i, s:o, s:i, s:i, s:i, s:o}", "number", (int)s + 1, "cases", cases,
                            "first_repetition", (int)shard->from, "repetitions",
                            (int)(shard->end - shard->from), "cells", (int)shard->cells, "time",
                            xb_plan_time_to_json(&shard->time)));
    }
    return json_pack("{s:s, s:I, s:o}", "by", xb_shard_words[view->split.by], "seed",
                     (json_int_t)view->split_seed, "list", list);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lifecycle's results as JSON; docs/lifecycle.md names the fields.
 */
#include "base.h"
#include "files.h"
#include "lifecycle_summary.h"
#include "outfile.h"

#include <string.h>

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *stats_json(const struct xb_stats *s)
{
    if (s->n == 0)
        return json_null();
    return json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "n", (json_int_t)s->n, "median",
                     s->median, "mad", s->mad, "min", s->min, "max", s->max, "ci_low", s->ci_low,
                     "ci_high", s->ci_high, "ci_coverage", s->ci_coverage);
}

static json_t *ratio_json(const struct xb_stats *ours, const struct xb_stats *theirs)
{
    if (ours->n == 0 || theirs->n == 0 || theirs->median <= 0)
        return json_null();
    return json_real(ours->median / theirs->median);
}

static json_t *sample_json(const struct xb_life *life, const struct xb_life_sample *s)
{
    json_t *out =
        json_pack("{s:s, s:i, s:s, s:s, s:o}", "guest", life->guests[s->guest].name, "repetition",
                  (int)s->repetition, "phase", xb_phase_name(s->phase), "by",
                  s->by == XB_BY_XL ? "xl" : "xenbench", "total_ns", number(s->total_ns));
    if (s->by == XB_BY_XL)
        json_object_set_new(out, "command_ns", number(s->command_ns));
    json_t *parts = json_array();
    for (size_t i = 0; i < s->part_count; i++)
        json_array_append_new(parts,
                              json_pack("{s:s, s:o, s:b}", "name", s->parts[i].name, "ns",
                                        number(s->parts[i].ns), "guests_word", s->parts[i].guest));
    if (s->part_count)
        json_object_set_new(out, "parts", parts);
    else
        json_decref(parts);
    if (s->parts_refused)
        json_object_set_new(out, "parts_refused", json_true());
    if (s->raw_bytes) {
        json_object_set_new(out, "raw_bytes", number(s->raw_bytes));
        json_object_set_new(out, "stored_bytes", number(s->stored_bytes));
    }
    if (s->frozen_ns) {
        json_object_set_new(out, "frozen_ns", number(s->frozen_ns));
        json_object_set_new(out, "guest_frozen_ns", number(s->guest_frozen_ns));
    }
    return out;
}

static json_t *summary_json(const struct xb_life *life, size_t guest,
                            const struct xb_life_summary *s)
{
    json_t *parts = json_object();
    for (size_t i = 0; i < s->part_count; i++)
        json_object_set_new(parts, s->parts[i].name, stats_json(&s->parts[i].stats));
    json_t *out = json_pack("{s:s, s:s, s:o, s:o}", "guest", life->guests[guest].name, "phase",
                            xb_phase_name(s->phase), "total_ns",
                            stats_json(&s->total[XB_BY_XENBENCH]), "parts_ns", parts);
    if (life->options->xl) {
        json_object_set_new(out, "xl_command_ns", stats_json(&s->command));
        json_object_set_new(out, "xl_total_ns", stats_json(&s->total[XB_BY_XL]));
        json_object_set_new(out, "ratio_to_xl_command",
                            ratio_json(&s->total[XB_BY_XENBENCH], &s->command));
        json_object_set_new(out, "ratio_to_xl_total",
                            ratio_json(&s->total[XB_BY_XENBENCH], &s->total[XB_BY_XL]));
    }
    return out;
}

static json_t *guests_json(const struct xb_life *life)
{
    json_t *guests = json_array();
    for (size_t i = 0; i < life->count; i++) {
        const struct xb_guest_def *def = &life->guests[i];
        json_array_append_new(guests, json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}", "name", def->name,
                                                "uuid", def->uuid, "image", def->image, "type",
                                                def->type, "vcpus", (int)def->vcpus, "memory_bytes",
                                                number(def->memory_bytes)));
    }
    return guests;
}

static json_t *life_json(const struct xb_life *life)
{
    const struct xb_life_options *o = life->options;
    json_t *samples = json_array(), *summary = json_array();
    for (size_t i = 0; i < life->sample_count; i++)
        json_array_append_new(samples, sample_json(life, &life->samples[i]));
    for (size_t g = 0; g < life->count; g++) {
        struct xb_life_summary s[XB_PHASES];
        size_t count = xb_life_summarise(life, g, s);
        for (size_t i = 0; i < count; i++)
            json_array_append_new(summary, summary_json(life, g, &s[i]));
    }
    return json_pack("{s:s, s:i, s:b, s:s, s:i, s:o, s:o, s:o}", "xenbench", XB_VERSION, "repeat",
                     (int)o->repeat, "parallel", o->parallel, "packing",
                     o->save.compress ? "zstd" : "none", "level",
                     o->save.compress ? o->save.level : 0, "guests", guests_json(life), "summary",
                     summary, "samples", samples);
}

int xb_life_save_json(const struct xb_life *life, const char *path, struct xb_err *err)
{
    xb_auto_json json_t *json = life_json(life);
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    xb_auto_free char *text = json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!text)
        return xb_fail(err, XB_E_HOST, 0, "cannot write %s: a name is not UTF-8", path);
    if (xb_outfile_open(&file, path, 0600, true, NULL, err) < 0 ||
        xb_outfile_write(&file, text, strlen(text), err) < 0 ||
        xb_outfile_write(&file, "\n", 1, err) < 0)
        return -1;
    return xb_newfile_show(&file, err);
}

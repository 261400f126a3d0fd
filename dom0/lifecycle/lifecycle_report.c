/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lifecycle's results as tables.
 */
#include "lifecycle_summary.h"

#include "base.h"
#include "width.h"

#include <inttypes.h>
#include <string.h>

#define NAME_COLUMNS 12

static double seconds(double ns)
{
    return ns / 1e9;
}

/* "1.234 ± 0.005", or a dash if nothing was measured. */
static void put_time(const struct xb_stats *stats, int columns)
{
    char text[48] = "-";
    if (stats->n)
        snprintf(text, sizeof(text), "%.3f ± %.3f", seconds(stats->median), seconds(stats->mad));
    xb_put(stdout, text, -columns);
}

static void put_ratio(const struct xb_stats *ours, const struct xb_stats *theirs)
{
    if (ours->n && theirs->n && theirs->median > 0)
        printf("%8.2f", ours->median / theirs->median);
    else
        printf("%8s", "-");
}

static void print_phase(const struct xb_life *life, const struct xb_life_summary *s)
{
    printf("    %-*s", NAME_COLUMNS, xb_phase_name(s->phase));
    put_time(&s->total[XB_BY_XENBENCH], 17);
    if (life->options->xl) {
        put_time(&s->command, 18);
        put_ratio(&s->total[XB_BY_XENBENCH], &s->command);
        put_time(&s->total[XB_BY_XL], 18);
        put_ratio(&s->total[XB_BY_XENBENCH], &s->total[XB_BY_XL]);
    }
    putchar('\n');
}

static void print_parts(const struct xb_life_summary *s)
{
    if (s->part_count == 0)
        return;
    printf("    %-*s", NAME_COLUMNS, xb_phase_name(s->phase));
    for (size_t i = 0; i < s->part_count; i++)
        printf("%s%s %.3f", i ? ", " : " ", s->parts[i].name, seconds(s->parts[i].stats.median));
    if (s->refused)
        printf(" (%zu of %zu repetitions left out: the times that the guest reports for its start "
               "are impossible)",
               s->refused, s->total[XB_BY_XENBENCH].n);
    if (s->phase == XB_PHASE_CHECKPOINT && s->raw_bytes.n)
        printf("; %.1f MiB of %.1f", s->stored_bytes.median / (1 << 20),
               s->raw_bytes.median / (1 << 20));
    if (s->frozen.n)
        printf("; frozen for %.3f by Dom0's clock, %.3f by the guest's", seconds(s->frozen.median),
               seconds(s->guest_frozen.median));
    putchar('\n');
}

static void print_guest(const struct xb_life *life, size_t guest)
{
    const struct xb_guest_def *def = &life->guests[guest];
    struct xb_life_summary summary[XB_PHASES];
    size_t count = xb_life_summarise(life, guest, summary);
    printf("%s: %s, %s, %" PRIu64 " MiB, %u vcpu%s\n", def->name, def->image, def->type,
           def->memory_bytes >> 20, def->vcpus, xb_plural(def->vcpus));
    printf("    %-*s%17s", NAME_COLUMNS, "", "xenbench");
    if (life->options->xl)
        printf("%18s%8s%18s%8s", "time xl", "ratio", "xl, to same end", "ratio");
    putchar('\n');
    for (size_t i = 0; i < count; i++)
        print_phase(life, &summary[i]);
    puts("  of which");
    for (size_t i = 0; i < count; i++)
        print_parts(&summary[i]);
    putchar('\n');
}

void xb_life_print(const struct xb_life *life)
{
    const struct xb_life_options *o = life->options;
    printf("%zu guest%s, %u repetition%s, %s. Seconds: median ± median absolute deviation.\n\n",
           life->count, xb_plural(life->count), o->repeat, xb_plural(o->repeat),
           life->count == 1 ? "alone"
           : o->parallel    ? "all guests at the same time"
                            : "one guest after the other");
    for (size_t i = 0; i < life->count; i++)
        print_guest(life, i);
    fputs("Boot, reboot, restore, unpause and migrate end when the guest's agent answers a "
          "ping; checkpoint\nends when the file is on the disk and verified and the domain is "
          "gone; shutdown ends when the domain is gone.\n",
          stdout);
    if (o->xl)
        fputs("`time xl` is how long the xl command takes: create, reboot, restore, unpause and "
              "shutdown -w return\nbefore the end that is stated above, and save does not wait for "
              "the disk.\n",
              stdout);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule.h"

#include "base.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With shorter entries the CPU would only switch between vcpus. */
#define ENTRY_LEAST_NS (10 * UINT64_C(1000))
#define ENTRY_MOST_NS (10 * XB_NS_PER_S)

static const struct {
    const char *word;
    uint64_t ns;
} units[] = {{"us", 1000}, {"ms", XB_NS_PER_MS}, {"s", XB_NS_PER_S}};

static uint64_t unit_ns(const char *word)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(units); i++)
        if (strcmp(units[i].word, word) == 0)
            return units[i].ns;
    return 0;
}

/* "web", "web:1" */
static bool parse_who(char *who, struct xb_schedule_entry *out)
{
    int end = 0;
    char vcpu[4] = "0", *colon = strchr(who, ':');
    if (colon) {
        *colon = '\0';
        if (sscanf(colon + 1, "%3[0-9]%n", vcpu, &end) != 1 || colon[1 + end])
            return false;
    }
    out->vcpu = (uint32_t)strtoul(vcpu, NULL, 10);
    snprintf(out->guest, sizeof(out->guest), "%.*s", XB_SCHEDULE_NAME_MAX, who);
    return who[0] && strlen(who) <= XB_SCHEDULE_NAME_MAX &&
           !(colon && xb_schedule_is_idle(out->guest));
}

static bool parse_entry(const char *text, struct xb_schedule_entry *out)
{
    char who[XB_SCHEDULE_NAME_MAX + 8], unit[4];
    unsigned long long number;
    int end = 0;
    *out = (struct xb_schedule_entry){.vcpu = 0};
    if (sscanf(text, " %71s %9llu%3[a-z] %n", who, &number, unit, &end) != 3 || text[end] ||
        !parse_who(who, out))
        return false;
    out->run_ns = number * unit_ns(unit);
    return out->run_ns >= ENTRY_LEAST_NS && out->run_ns <= ENTRY_MOST_NS;
}

int xb_schedule_parse(const char *text, struct xb_schedule *out, struct xb_err *err)
{
    *out = (struct xb_schedule){.count = 0};
    for (const char *at = text, *comma; at; at = comma ? comma + 1 : NULL) {
        at += strspn(at, " ");
        comma = strchr(at, ',');
        char entry[160];
        size_t n = comma ? (size_t)(comma - at) : strlen(at);
        snprintf(entry, sizeof(entry), "%.*s", (int)n, at);
        if (out->count == XB_SCHEDULE_ENTRIES_MAX)
            return xb_fail(err, XB_E_INPUT, 0, "more than %d entries, the most that Xen accepts",
                           XB_SCHEDULE_ENTRIES_MAX);
        if (n >= sizeof(entry) || !parse_entry(entry, &out->entries[out->count++]))
            return xb_fail(err, XB_E_INPUT, 0,
                           "`%.80s` is no entry; a guest and a time of 10us to 10s were expected, "
                           "as in \"a 4ms, b:1 500us, idle 5ms\" (b:1 is vcpu 1 of b)",
                           entry);
    }
    return 0;
}

static void format_entry(const struct xb_schedule_entry *entry, char *out, size_t bytes)
{
    char vcpu[16] = "";
    size_t unit = XB_ARRAY_LEN(units) - 1;
    while (unit > 0 && entry->run_ns % units[unit].ns != 0)
        unit--;
    if (entry->vcpu > 0)
        snprintf(vcpu, sizeof(vcpu), ":%u", entry->vcpu);
    snprintf(out, bytes, "%s%s %" PRIu64 "%s", entry->guest, vcpu, (entry->run_ns / units[unit].ns),
             units[unit].word);
}

bool xb_schedule_format(const struct xb_schedule *schedule, char *out, size_t bytes)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < schedule->count; i++) {
        char entry[XB_SCHEDULE_NAME_MAX + 48];
        format_entry(&schedule->entries[i], entry, sizeof(entry));
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", i ? ", " : "", entry);
        if (used >= bytes)
            return false;
    }
    return true;
}

uint64_t xb_schedule_frame_ns(const struct xb_schedule *schedule)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < schedule->count; i++)
        sum += schedule->entries[i].run_ns;
    return sum;
}

uint64_t xb_schedule_run_ns(const struct xb_schedule *schedule, const char *guest, uint32_t vcpu)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < schedule->count; i++)
        if (schedule->entries[i].vcpu == vcpu && strcmp(schedule->entries[i].guest, guest) == 0)
            sum += schedule->entries[i].run_ns;
    return sum;
}

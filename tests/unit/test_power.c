/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restoring governors, turbo and C-states, of a Xen that this file plays. */
#include "base.h"
#include "files.h"
#include "host_power.h"
#include "xen_power.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#define CPUS 4

static struct {
    struct xb_cpufreq cpus[CPUS];
    int refuses; /* this CPU's governor cannot be set; -1: none */
    int64_t cstate;
} played;

bool xb_cpufreq_read(struct xb_xen *xen XB_UNUSED, uint32_t cpu, struct xb_cpufreq *out)
{
    *out = played.cpus[cpu];
    return true;
}

int xb_cpufreq_set_governor(struct xb_xen *xen XB_UNUSED, uint32_t cpu, const char *governor)
{
    if ((int)cpu == played.refuses) {
        errno = EBUSY;
        return -1;
    }
    snprintf(played.cpus[cpu].governor, sizeof(played.cpus[cpu].governor), "%s", governor);
    return 0;
}

int xb_cpufreq_set_turbo(struct xb_xen *xen XB_UNUSED, uint32_t cpu, bool on)
{
    played.cpus[cpu].turbo = on;
    return 0;
}

bool xb_cstates_known(struct xb_xen *xen XB_UNUSED)
{
    return true;
}

int64_t xb_cstate_limit(struct xb_xen *xen XB_UNUSED)
{
    return played.cstate;
}

int xb_cstate_set_limit(struct xb_xen *xen XB_UNUSED, uint32_t limit)
{
    played.cstate = limit;
    return 0;
}

/* What a run found: "ondemand" with turbo everywhere, C-states down to 3. It set something else. */
static json_t *change_all(int refuses)
{
    json_t *cpus = json_array();
    played.refuses = refuses;
    played.cstate = 1;
    for (int cpu = 0; cpu < CPUS; cpu++) {
        played.cpus[cpu] = (struct xb_cpufreq){.governor = "performance", .turbo = false};
        json_array_append_new(
            cpus, json_pack("{s:i, s:s, s:b}", "cpu", cpu, "governor", "ondemand", "turbo", 1));
    }
    return json_pack("{s:o, s:i}", "cpus", cpus, "max_cstate", 3);
}

static int restored(void)
{
    int count = 0;
    for (int cpu = 0; cpu < CPUS; cpu++)
        count += strcmp(played.cpus[cpu].governor, "ondemand") == 0 && played.cpus[cpu].turbo;
    return count;
}

static void all_is_restored(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_json json_t *record = change_all(-1);
    assert_int_equal(xb_power_undo(NULL, record, &err), 0);
    assert_int_equal(restored(), CPUS);
    assert_int_equal(played.cstate, 3);
}

/* A CPU that refuses keeps neither the others nor the C-states from what they were. */
static void goes_on_after_a_failure(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_json json_t *record = change_all(1);
    assert_int_equal(xb_power_undo(NULL, record, &err), -1);
    assert_non_null(strstr(err.msg, "CPU 1: cannot set the governor ondemand"));
    assert_int_equal(restored(), CPUS - 1);
    assert_int_equal(played.cstate, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_restored),
        cmocka_unit_test(goes_on_after_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

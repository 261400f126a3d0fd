/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts about a host, as doctor judges them and as a run stores them. */
#include "base.h"
#include "doctor.h"
#include "run_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static struct xb_pcpu cpus[] = {
    {.cpu = 0, .online = true},
    {.cpu = 1, .online = true, .core = 1},
    {.cpu = 2},
    {.cpu = 3, .online = true, .core = 1, .socket = 1, .node = 1},
};
static struct xb_pool pools[2];
static struct xb_gran grans[] = {{"core"}, {""}};
static struct xb_host_guest guests[] = {{.name = "web", .running = true}, {.name = "db"}};

static struct xb_host_facts small_host(void)
{
    pools[0] =
        (struct xb_pool){.name = "Pool-0", .scheduler = "credit2", .params = XB_POOL_PARAMS_KEEP};
    pools[1] = (struct xb_pool){
        .id = 1, .name = "bench", .scheduler = "null", .params = XB_POOL_PARAMS_KEEP};
    pools[0].params.ratelimit_us = 1000;
    return (struct xb_host_facts){
        .kernel = {.host_name = "iron",
                   .release = "6.1.0",
                   .cpu_vendor = "GenuineIntel",
                   .cpu_model = "A CPU",
                   .microcode = "0x1"},
        .xen = {.version = {.major = 4,
                            .minor = 17,
                            .text = "4.17.5",
                            .command_line = "",
                            .changeset = "abc"},
                .machine = {.cpus = 3,
                            .threads_per_core = 1,
                            .cores_per_socket = 2,
                            .numa_nodes = 2,
                            .cpu_khz = 2400000,
                            .memory_bytes = 8ULL << 30,
                            .free_bytes = 1ULL << 30,
                            .pv = true,
                            .hvm = true,
                            .hap = true},
                .boot = {.pv = true, .pvh = true, .hvm = true},
                .toolstack = "libxenlight.so.4.17.0",
                .dom0_vcpus = 2,
                .dom0_memory_bytes = 2ULL << 30,
                .node_bytes = {4ULL << 30, XB_NODE_NONE, 4ULL << 30},
                .node_count = 3,
                .gran_from = "hypfs, /params/sched-gran"},
        .pools = pools,
        .pool_count = 2,
        .pool_grans = grans,
        .pcpus = cpus,
        .cpus = XB_ARRAY_LEN(cpus),
        .guests = guests,
        .guest_count = 2,
        .smt = XB_NO,
        .sched_gran = "core",
        .lab_host_cpus = 2,
        .lab_cpus = 4,
    };
}

static void a_run_keeps_them_in_words(void **state XB_UNUSED)
{
    struct xb_host_facts host = small_host();
    json_t *facts = xb_run_facts_in_words(&host, true);
    xb_auto_free char *text = json_dumps(facts, JSON_INDENT(1));
    assert_string_equal(text,
                        "{\n"
                        " \"dom0_kernel\": \"6.1.0\",\n"
                        " \"cpu_model\": \"A CPU\",\n"
                        " \"host_name\": \"iron\",\n"
                        " \"cpu_microcode\": \"0x1\",\n"
                        " \"toolstack\": \"libxenlight.so.4.17.0\",\n"
                        " \"cpu_topology\": \"0:0.0.0 1:0.1.0 3:1.1.1\",\n"
                        " \"smt\": \"off\",\n"
                        " \"numa\": \"0: 4096 MiB, 2: 4096 MiB\",\n"
                        " \"dom0_vcpus\": \"2\",\n"
                        " \"dom0_memory_bytes\": \"2147483648\",\n"
                        " \"governor\": \"none\",\n"
                        " \"scheduler_granularity\": \"core\",\n"
                        " \"scheduler_granularity_from\": \"hypfs, /params/sched-gran\",\n"
                        " \"lab_host_cpus\": \"2\",\n"
                        " \"lab_cpus\": \"4\",\n"
                        " \"xen_version\": \"4.17.5\",\n"
                        " \"xen_command_line\": \"\",\n"
                        " \"xen_changeset\": \"abc\",\n"
                        " \"cpus\": \"3\",\n"
                        " \"threads_per_core\": \"1\",\n"
                        " \"cores_per_socket\": \"2\",\n"
                        " \"numa_nodes\": \"2\",\n"
                        " \"cpu_khz\": \"2400000\",\n"
                        " \"memory_bytes\": \"8589934592\",\n"
                        " \"pool_Pool-0\": \"credit2, ratelimit 1000 us, granularity core\",\n"
                        " \"scheduler\": \"credit2\",\n"
                        " \"pool_bench\": \"null\"\n"
                        "}");
    json_decref(facts);
    host.xen.scaled = true;
    host.xen.frequency = (struct xb_cpufreq){
        .governor = "performance", .governors = "performance powersave", .turbo = true};
    facts = xb_run_facts_in_words(&host, true);
    assert_string_equal(json_string_value(json_object_get(facts, "governor")), "performance");
    assert_string_equal(json_string_value(json_object_get(facts, "turbo")), "on");
    json_decref(facts);
}

static const struct xb_finding *found(const struct xb_doctor *doctor, const char *what)
{
    for (size_t i = 0; i < doctor->count; i++)
        if (strcmp(doctor->findings[i].what, what) == 0)
            return &doctor->findings[i];
    fail_msg("doctor says nothing about %s", what);
    return NULL;
}

static void expect(const struct xb_doctor *doctor, const char *what, enum xb_health health,
                   const char *text)
{
    const struct xb_finding *finding = found(doctor, what);
    assert_string_equal(finding->text, text);
    assert_int_equal(finding->health, health);
}

static void doctor_judges_them(void **state XB_UNUSED)
{
    struct xb_host_facts host = small_host();
    struct xb_doctor doctor = {.facts = &host};
    host.balloons = XB_YES;
    xb_doctor_hypervisor(&doctor);
    xb_doctor_frequency(&doctor);
    expect(&doctor, "hypervisor", XB_HEALTH_OK, "Xen 4.17.5, toolstack 4.17");
    expect(&doctor, "command line", XB_HEALTH_OK, "(none)");
    expect(&doctor, "guest types", XB_HEALTH_OK, "PV, PVH");
    expect(&doctor, "cpus", XB_HEALTH_OK, "3 CPUs, 2 NUMA nodes, 2400 MHz");
    expect(&doctor, "dom0 vcpus", XB_HEALTH_OK, "2 of 3 CPUs");
    expect(&doctor, "dom0 memory", XB_HEALTH_WARNING,
           "2048 MiB, not fixed: it shrinks when guests start");
    expect(&doctor, "free memory", XB_HEALTH_OK, "1024 MiB for guests");
    expect(&doctor, "scheduler", XB_HEALTH_OK, "credit2, ratelimit 1000 us");
    expect(&doctor, "cpupools", XB_HEALTH_WARNING, "2, so Pool-0 does not have all CPUs");
    expect(&doctor, "guests", XB_HEALTH_WARNING, "1 running: web");
    expect(&doctor, "frequency", XB_HEALTH_OK,
           "not exposed: Xen does not scale frequencies here (the firmware or a host may)");
}

/* What fixes Dom0's memory is what xl goes by: its autoballoon, and only then dom0_mem=. */
static void doctor_says_what_fixes_dom0(void **state XB_UNUSED)
{
    static const struct {
        enum xb_known balloons;
        const char *command_line, *text, *advice;
        enum xb_health memory, free_memory;
    } cases[] = {
        {XB_NO, "dom0_mem=2G", "2048 MiB, fixed by dom0_mem=", "", XB_HEALTH_OK, XB_HEALTH_FAIL},
        {XB_NO, "", "2048 MiB, fixed by autoballoon in /etc/xen/xl.conf", "", XB_HEALTH_OK,
         XB_HEALTH_FAIL},
        {XB_YES, "dom0_mem=2G", "2048 MiB, not fixed: it shrinks when guests start",
         "set autoballoon=\"off\"", XB_HEALTH_WARNING, XB_HEALTH_WARNING},
        {XB_YES, "", "2048 MiB, not fixed: it shrinks when guests start",
         "put dom0_mem=", XB_HEALTH_WARNING, XB_HEALTH_WARNING},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(cases); i++) {
        struct xb_host_facts host = small_host();
        struct xb_doctor doctor = {.facts = &host};
        host.balloons = cases[i].balloons;
        host.xen.machine.free_bytes = 100 << 20;
        host.xen.version.command_line = cases[i].command_line;
        xb_doctor_hypervisor(&doctor);
        expect(&doctor, "dom0 memory", cases[i].memory, cases[i].text);
        expect(&doctor, "free memory", cases[i].free_memory, "100 MiB for guests");
        const char *advice = found(&doctor, "dom0 memory")->advice;
        assert_memory_equal(advice, cases[i].advice, strlen(cases[i].advice));
    }
}

static void doctor_judges_what_there_is(void **state XB_UNUSED)
{
    struct xb_host_facts host = small_host();
    struct xb_doctor parts = {.facts = &host}, none = {.facts = &host};
    xb_fail(&host.why[XB_FACTS_GUESTS], XB_E_HOST, 0, "cannot list the domains");
    xb_doctor_hypervisor(&parts);
    expect(&parts, "guests", XB_HEALTH_FAIL, "cannot list the domains");
    expect(&parts, "scheduler", XB_HEALTH_OK, "credit2, ratelimit 1000 us");
    xb_fail(&host.why[XB_FACTS_XEN], XB_E_HOST, 0, "this is no Dom0");
    xb_doctor_hypervisor(&none);
    expect(&none, "scheduler", XB_HEALTH_FAIL, "unknown: no hypervisor answers");
    assert_int_equal(none.count, 10);
}

static void doctor_names_offline_cpus(void **state XB_UNUSED)
{
    struct xb_pcpu pcpus[] = {{.cpu = 0, .online = true}, {.cpu = 1}, {.cpu = 2, .online = true}};
    struct xb_host_facts host = small_host();
    struct xb_doctor one = {.facts = &host}, all = {.facts = &host};
    host.pcpus = pcpus;
    host.cpus = XB_ARRAY_LEN(pcpus);
    xb_doctor_hypervisor(&one);
    expect(&one, "offline cpus", XB_HEALTH_WARNING, "CPU 1");
    pcpus[1].online = true;
    xb_doctor_hypervisor(&all);
    for (size_t i = 0; i < all.count; i++)
        assert_string_not_equal(all.findings[i].what, "offline cpus");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_keeps_them_in_words),
        cmocka_unit_test(doctor_judges_them),
        cmocka_unit_test(doctor_says_what_fixes_dom0),
        cmocka_unit_test(doctor_judges_what_there_is),
        cmocka_unit_test(doctor_names_offline_cpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

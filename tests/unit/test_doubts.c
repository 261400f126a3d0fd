/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doubts about an allocation, which depend on the scheduler. */
#include "base.h"
#include "doubts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct told {
    char codes[512], texts[4096];
};

static int tell(void *arg, const char *guest, enum xb_warning warning, const char *message,
                struct xb_err *err XB_UNUSED)
{
    struct told *told = arg;
    size_t used = strlen(told->codes);
    assert_true(strlen(message) > 20);
    snprintf(told->codes + used, sizeof(told->codes) - used, "%s%s%s%s", used ? " " : "",
             xb_warning_kinds[warning].code, guest ? ":" : "", guest ? guest : "");
    used = strlen(told->texts);
    snprintf(told->texts + used, sizeof(told->texts) - used, "%s\n", message);
    return 0;
}

static struct xb_pool pool_of(const char *name, const char *scheduler, const char *cpus)
{
    struct xb_pool pool = {.params = XB_POOL_PARAMS_KEEP};
    struct xb_err err = {0};
    snprintf(pool.name, sizeof(pool.name), "%s", name);
    snprintf(pool.scheduler, sizeof(pool.scheduler), "%s", scheduler);
    assert_int_equal(xb_cpus_parse(cpus, &pool.cpus, &err), 0);
    return pool;
}

/* An experiment with these settings and guests a, b, c, on a host with four CPUs; Dom0 on CPU 0. */
static struct xb_experiment *read_case(const char *settings)
{
    struct xb_experiment *exp = NULL;
    struct xb_err err = {0};
    char text[512];
    snprintf(text, sizeof(text),
             "name: t\nworkload: x\nguests: {a: , b: , c: }\ndom0: {hard: \"0\"}\ncases:\n  - %s\n",
             settings);
    if (xb_experiment_parse(&exp, "t.yaml", text, strlen(text), &err) < 0)
        fail_msg("%s", err.msg);
    return exp;
}

/*
 * Expect doubts with these codes, and a text among them (NULL: any), on a host with these facts
 * (pcpus NULL: topology unknown).
 */
static void expect_at(const struct xb_host_facts *known, const char *scheduler,
                      const char *settings, const char *codes, const char *text)
{
    struct xb_experiment *exp = read_case(settings);
    struct xb_pool pool = pool_of("Pool-0", scheduler, "0-3");
    struct xb_pcpu copy[4];
    struct xb_host_facts host = *known;
    host.cpus = 4;
    host.pools = &pool;
    host.pool_count = 1;
    host.pcpus = known->pcpus ? memcpy(copy, known->pcpus, sizeof(copy)) : NULL;
    struct xb_doubt_case c = {exp, 0, &exp->cases[0].dom0, exp->cases[0].guests};
    struct told told = {.codes = ""};
    struct xb_err err = {0};
    if (xb_doubts_possible(&c, &host, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(xb_doubts_tell(&c, &host, tell, &told, &err), 0);
    if (strcmp(told.codes, codes) != 0)
        fail_msg("%s, {%s}: got `%s`, expected `%s`", scheduler, settings, told.codes, codes);
    if (text && !strstr(told.texts, text))
        fail_msg("%s, {%s}: got `%s`, expected `%s`", scheduler, settings, told.texts, text);
    xb_experiment_free(exp);
}

static void expect_on(const struct xb_pcpu *pcpus, const char *scheduler, const char *settings,
                      const char *codes, const char *text)
{
    struct xb_host_facts known = {.pcpus = (struct xb_pcpu *)pcpus};
    expect_at(&known, scheduler, settings, codes, text);
}

static void expect_doubts(const char *scheduler, const char *settings, const char *codes)
{
    expect_on(NULL, scheduler, settings, codes, NULL);
}

/* Expect a refusal, in any line, on a host with these facts (NULL: none known). */
static void expect_refusal_at(const struct xb_host_facts *known, const char *scheduler,
                              const char *settings, const char *message)
{
    struct xb_experiment *exp = read_case(settings);
    struct xb_pool pool = pool_of("Pool-0", scheduler, "0-3");
    struct xb_host_facts host = known ? *known : (struct xb_host_facts){.cpus = 4};
    host.cpus = 4;
    host.pools = &pool;
    host.pool_count = 1;
    struct xb_doubt_case c = {exp, 0, &exp->cases[0].dom0, exp->cases[0].guests};
    struct xb_err err = {0};
    assert_int_equal(xb_doubts_possible(&c, &host, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    if (!strstr(err.msg, message))
        fail_msg("got `%s`, expected `%s`", err.msg, message);
    xb_experiment_free(exp);
}

/* Expect the refusal in the line of the key at fault: at the file's top level, or in the case. */
static void expect_refusal_in(unsigned line, const char *settings, const char *message)
{
    char at[16];
    snprintf(at, sizeof(at), "t.yaml:%u: ", line);
    struct xb_experiment *exp = read_case(settings);
    struct xb_pool pool = pool_of("Pool-0", "credit2", "0-3");
    struct xb_host_facts host = {
        .cpus = 4,
        .pools = &pool,
        .pool_count = 1,
        .memory_bytes = UINT64_C(8) << 30,
        .free_bytes = UINT64_C(4) << 30,
        .dom0 = {.weight = -1, .cap = -1, .memory_bytes = UINT64_C(1) << 30}};
    struct xb_doubt_case c = {exp, 0, &exp->cases[0].dom0, exp->cases[0].guests};
    struct xb_err err = {0};
    assert_int_equal(xb_doubts_possible(&c, &host, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    if (!strstr(err.msg, message) || strncmp(err.msg, at, strlen(at)) != 0)
        fail_msg("got `%s`, expected `%s` in line %u", err.msg, message, line);
    xb_experiment_free(exp);
}

static void expect_refusal(const char *settings, const char *message)
{
    expect_refusal_in(6, settings, message);
}

#define ALL_ON_2_3 "{name: x, guests: {all: {hard: \"2-3\"}, a: {weight: 4096}}}"

/*
 * The fourth case of four-cases.yaml: credit divides the complete pool by weight, credit2 only the
 * CPUs for which the vcpus compete.
 */
static void test_weight_of_the_pinned(void **state XB_UNUSED)
{
    expect_doubts("credit", ALL_ON_2_3, "weight-unbound:a note-more-vcpus");
    expect_doubts("credit2", ALL_ON_2_3, "note-more-vcpus");
}

static void test_weight_in_a_pool_of_its_own(void **state XB_UNUSED)
{
    expect_doubts("credit",
                  "{name: x, pools: {p: {cpus: \"1\", scheduler: credit}}, guests: {all: {pool: "
                  "p}, a: {weight: 512}}}",
                  "note-more-vcpus");
}

static void test_weight_alone(void **state XB_UNUSED)
{
    expect_doubts(
        "credit2",
        "{name: x, guests: {a: {hard: \"1\", weight: 512}, b: {hard: \"2\"}, c: {hard: \"3\"}}}",
        "weight-alone:a");
}

/*
 * Pinned vcpus under credit are still entitled to their share of the pool: six busy vcpus leave the
 * others less than a CPU each.
 */
static void test_weight_that_binds_under_pinning(void **state XB_UNUSED)
{
    expect_doubts(
        "credit",
        "{name: x, dom0: {hard: \"0\"}, guests: {a: {hard: \"3\", weight: 16}, b: {hard: \"3\"},"
        " c: {hard: \"1-2\", vcpus: 6}}}",
        "note-more-vcpus note-more-vcpus");
    expect_on(
        NULL, "credit",
        "{name: x, guests: {a: {hard: \"3\", weight: 16}, b: {hard: \"3\"}, c: {hard: \"1-3\", vcpus: 6}}}",
        "weight-unsure:a note-more-vcpus note-more-vcpus", "may bind less than it seems");
}

/* Three vcpus have room on four CPUs, so weights cannot bind under any scheduler. */
static void test_weight_where_there_is_room(void **state XB_UNUSED)
{
    expect_on(NULL, "credit2", "{name: x, guests: {a: {weight: 512}}}",
              "weight-unbound:a note-dom0-shares",
              "the weight of a (512, against 256 of b) cannot bind: with every weight at 256");
    expect_doubts("credit", "{name: x, guests: {a: {weight: 512}}}",
                  "weight-unbound:a note-dom0-shares");
}

static void test_weight_beside_dom0(void **state XB_UNUSED)
{
    expect_on(
        NULL, "credit2",
        "{name: x, guests: {a: {hard: \"0\", weight: 512}, b: {hard: \"2\"}, c: {hard: \"3\"}}}",
        "weight-alone:a note-dom0-shares", "shares its CPUs with Dom0 alone, which does little");
    expect_on(
        NULL, "credit2",
        "{name: x, dom0: {weight: 1024}, guests: {a: {hard: \"1\"}, b: {hard: \"2\"}, c: {hard: \"3\"}}}",
        "weight-alone", "Dom0 has weight 1024, but no guest may run on its CPUs");
    expect_on(
        NULL, "credit2",
        "{name: x, dom0: {weight: 1024}, guests: {a: {hard: \"0\"}, b: {hard: \"2\"}, c: {hard: \"3\"}}}",
        "note-dom0-shares note-dom0-weight",
        "Dom0 has weight 1024 where it shares CPUs with a (256)");
}

/* Credit2 applies weights within a runqueue, and each socket has its own. */
static void test_weight_over_two_sockets(void **state XB_UNUSED)
{
    static const struct xb_pcpu sockets[] = {
        {0, true, 0, 0, 0, 0}, {1, true, 1, 0, 0, 0}, {2, true, 0, 1, 0, 0}, {3, true, 1, 1, 0, 0}};
#define WIDE "{name: x, guests: {all: {hard: \"%s\", vcpus: 2, weight: 512}, a: {weight: 1024}}}"
    char settings[200];
    snprintf(settings, sizeof(settings), WIDE, "1-2");
    expect_on(sockets, "credit2", settings, "note-runqueues:a note-more-vcpus",
              "in at least 2 runqueues");
    snprintf(settings, sizeof(settings), WIDE, "2-3");
    expect_on(sockets, "credit2", settings, "note-more-vcpus", NULL);
}

static void test_caps(void **state XB_UNUSED)
{
    /* Two vcpus compete for one CPU. */
    expect_on(
        NULL, "credit2",
        "{name: x, guests: {a: {hard: \"1\", vcpus: 2, cap: 120}, b: {hard: \"2\"}, c: {hard: \"3\"}}}",
        "cap-unbound:a note-more-vcpus", "2 vcpus on 1 CPU cannot use more than 100 %");
    expect_doubts(
        "credit2",
        "{name: x, guests: {a: {hard: \"1-2\", vcpus: 2, cap: 120}, b: {hard: \"3\"}, c: {hard: \"3\"}}}",
        "note-cap:a note-more-vcpus");
    expect_doubts("credit",
                  "{name: x, guests: {a: {hard: \"1\", cap: 20}, b: {hard: \"2\"}, c: {hard: "
                  "\"3\", cap: 100}}}",
                  "note-cap:a cap-unbound:c");
}

static void test_dom0_shares(void **state XB_UNUSED)
{
    expect_doubts("credit2", "{name: x}", "note-dom0-shares");
    expect_doubts("credit2",
                  "{name: x, guests: {a: {hard: \"1\"}, b: {hard: \"2\"}, c: {hard: \"3\"}}}", "");
    /* Dom0's two vcpus share CPU 0, unless the case gives Dom0 a single vcpu. */
    const struct xb_host_facts two = {.dom0 = {.vcpus = 2}};
    expect_at(&two, "credit2",
              "{name: x, guests: {a: {hard: \"1\"}, b: {hard: \"2\"}, c: {hard: \"3\"}}}",
              "note-dom0-crowd", "Dom0 has 2 vcpus on 1 CPU (0)");
    expect_at(&two, "credit2",
              "{name: x, dom0: {vcpus: 1}, guests: {a: {hard: \"1\"}, b: {hard: \"2\"}, c: {hard: "
              "\"3\"}}}",
              "", NULL);
}

/* CPUs 0 and 1 are the threads of a core, 2 and 3 those of another. */
static const struct xb_pcpu threads[] = {
    {0, true, 0, 0, 0, 0}, {1, true, 0, 0, 0, 0}, {2, true, 1, 0, 0, 0}, {3, true, 1, 0, 0, 0}};

static void test_siblings(void **state XB_UNUSED)
{
    /* One doubt per pair of threads, whichever vcpu comes first. */
    expect_on(threads, "credit2",
              "{name: x, guests: {a: {hard: \"1\"}, b: {hard: \"2\"}, c: {hard: \"3\"}}}",
              "smt-sibling:a smt-sibling:b",
              "CPUs 1 (a) and 0 (Dom0) are hyperthreads of one core: each slows the other down\n"
              "CPUs 2 (b) and 3 (c) are");
    /* A guest's own vcpus. */
    expect_on(threads, "credit2", "{name: x, active: [a], guests: {a: {hard: \"2-3\", vcpus: 2}}}",
              "smt-sibling:a", "CPUs 2 and 3, on which vcpus of a run at the same time");
    /* A single vcpu has nobody beside it on the other thread. */
    expect_on(threads, "credit2", "{name: x, active: [a], guests: {a: {hard: \"2-3\"}}}", "", NULL);
    /* Two guests, each on both threads. */
    expect_on(threads, "credit2", "{name: x, active: [b, c], guests: {all: {hard: \"2-3\"}}}",
              "smt-sibling:b", "CPUs 2 and 3, on which vcpus of b, c run at the same time");
    /* Nobody is pinned, except by the pool. */
    expect_on(
        threads, "credit2",
        "{name: x, active: [a], dom0: {hard: all}, pools: {p: {cpus: \"1\"}}, guests: {a: {pool: p}}}",
        "smt-sibling:a", "CPUs 1 (a) and 0 (Dom0)");
    /* An unpinned vcpu is not bound to a thread. */
    expect_on(threads, "credit2", "{name: x, dom0: {hard: all}, guests: {a: {vcpus: 4}}}",
              "note-more-vcpus note-dom0-shares", NULL);
}

/*
 * Core scheduling never runs two domains on one core's threads at once, but may run one domain's
 * vcpus there.
 */
static void test_core_scheduling(void **state XB_UNUSED)
{
    struct xb_host_facts cpu = {
        .pcpus = (struct xb_pcpu *)threads, .smt = XB_YES, .sched_gran = "cpu"};
    struct xb_host_facts core = {
        .pcpus = (struct xb_pcpu *)threads, .smt = XB_YES, .sched_gran = "core"};
    static const char anywhere[] = "{name: x, dom0: {hard: all}}";
    static const char alone[] = "{name: x, active: [a], guests: {a: {hard: \"2-3\", vcpus: 2}}}";
    expect_at(&cpu, "credit2", anywhere, "note-dom0-shares note-smt", NULL);
    expect_at(&core, "credit2", anywhere, "note-more-vcpus note-dom0-shares",
              "3 vcpus of guests have 2 cores (CPUs all) to run on, and two guests never share");
    expect_at(&cpu, "credit2", alone, "smt-sibling:a", NULL);
    expect_at(&core, "credit2", alone, "smt-sibling:a", NULL);
    expect_at(&cpu, "credit2", ALL_ON_2_3, "note-more-vcpus smt-sibling:a", NULL);
    expect_at(&core, "credit2", ALL_ON_2_3, "note-more-vcpus", NULL);
    /* The pool's own granularity counts. */
    expect_at(&cpu, "credit2",
              "{name: x, pools: {p: {cpus: \"2-3\", sched_gran: core}}, guests: {all: {pool: p}}}",
              "note-more-vcpus", NULL);
    expect_at(&core, "credit2",
              "{name: x, pools: {p: {cpus: \"2-3\", sched_gran: cpu}}, guests: {all: {pool: p}}}",
              "note-more-vcpus smt-sibling:a", NULL);
}

static void test_null_and_rtds_crowds(void **state XB_UNUSED)
{
#define POOL(scheduler, cpus) "pools: {p: {cpus: \"" cpus "\", scheduler: " scheduler "}}"
    expect_doubts("credit2", "{name: x, " POOL("\"null\"", "1-3") ", guests: {all: {pool: p}}}",
                  "");
    expect_on(NULL, "credit2", "{name: x, " POOL("rtds", "3") ", guests: {all: {pool: p}}}",
              "note-more-vcpus rtds-crowd", "add up to 1.20 CPUs, but it has 1");
    expect_doubts(
        "credit2",
        "{name: x, " POOL("rtds", "3") ", guests: {all: {pool: p, rtds: {budget_us: 3000}}}}",
        "note-more-vcpus");
}

/* The null scheduler needs a CPU for each vcpu, also for idle guests' and Dom0's. */
static void test_null_refuses_one_vcpu_too_many(void **state XB_UNUSED)
{
    struct xb_host_facts core = {.pcpus = (struct xb_pcpu *)threads, .sched_gran = "core"};
    expect_refusal(
        "{name: x, " POOL("\"null\"", "2-3") ", guests: {all: {pool: p}, c: {idle: true}}}",
        "cpupool p has 2 CPUs for 3 vcpus, but");
    expect_refusal_at(NULL, "null", "{name: x, guests: {all: {hard: \"1-3\"}, a: {vcpus: 2}}}",
                      "4 CPUs for 5 vcpus (Dom0's among them)");
    /* A core for each guest, with room for a second vcpu. */
    expect_at(
        &core, "credit2",
        "{name: x, active: [a], " POOL("\"null\"", "2-3") ", guests: {a: {pool: p, vcpus: 2}}}",
        "smt-sibling:a", NULL);
    expect_refusal_at(
        &core, "credit2",
        "{name: x, " POOL("\"null\"", "2-3") ", guests: {a: {pool: p}, b: {pool: p}}}",
        "cpupool p has 1 core for 2 vcpus, but");
}

/* One doubt per pool, however many guests are in it; none if the guests are not under arinc653. */
static void test_arinc653(void **state XB_UNUSED)
{
    expect_doubts("credit2",
                  "{name: x, dom0: {hard: \"0\"}, pools: {p: {cpus: \"1-3\", scheduler: arinc653}},"
                  " guests: {all: {pool: p}}}",
                  "arinc653-unset");
    expect_doubts(
        "credit2",
        "{name: x, pools: {p: {cpus: \"3\", scheduler: arinc653}}, guests: {a: {hard: \"1\"}, b: {hard: \"1\"},"
        " c: {hard: \"2\"}}}",
        "note-more-vcpus");
}

/* Xen would panic when the run removes the pool. */
static void test_a_pool_of_rtds_is_a_risk(void **state XB_UNUSED)
{
    static const char settings[] = "{name: x, " POOL("rtds", "2-3") ", guests: {all: {pool: p}}}";
    struct xb_host_facts old = {.version = "4.17.5"}, fixed = {.version = "4.23.0"};
    expect_refusal_at(&old, "credit2", settings,
                      "Xen up to 4.22 can panic when a CPU leaves a cpupool of rtds");
    expect_at(&fixed, "credit2", settings, "note-more-vcpus", NULL);
    setenv("XENBENCH_RISK_POOLS", "1", 1);
    expect_at(&old, "credit2", settings, "note-more-vcpus", NULL);
    unsetenv("XENBENCH_RISK_POOLS");
}

#define SCHEDULE(text) "pools: {p: {cpus: \"3\", scheduler: arinc653, schedule: \"" text "\"}}"

static void test_a_schedule_names_every_vcpu(void **state XB_UNUSED)
{
    expect_doubts("credit2",
                  "{name: x, dom0: {hard: \"0\"}, " SCHEDULE(
                      "a 4ms, idle 1ms, b 5ms") ", guests: "
                                                "{a: {pool: p}, b: {pool: p}, c: {hard: \"1\"}}}",
                  "");
    expect_doubts("credit2",
                  "{name: x, pools: {p: {cpus: \"2-3\", scheduler: arinc653, schedule: \"a 4ms\"}},"
                  " guests: {a: {pool: p}, b: {hard: \"1\"}, c: {hard: \"1\"}}}",
                  "note-more-vcpus arinc653-cpus");
    expect_refusal("{name: x, " SCHEDULE("a 4ms, z 1ms") ", guests: {a: {pool: p}}}",
                   "has `z` in its `schedule`, but no guest has that name");
    expect_refusal("{name: x, " SCHEDULE("a 4ms, b 1ms") ", guests: {a: {pool: p}}}",
                   "has guest b in its `schedule`, which is in another pool");
    expect_refusal("{name: x, " SCHEDULE("a 4ms, a:1 1ms") ", guests: {a: {pool: p}}}",
                   "has vcpu 1 of a in its `schedule`; it has 1");
    expect_refusal("{name: x, " SCHEDULE("a 4ms") ", guests: {a: {pool: p, vcpus: 2}}}",
                   "has no entry for vcpu 1 of a");
    expect_refusal("{name: x, pools: {p: {cpus: \"3\", scheduler: arinc653, schedule: \"a 4ms\"},"
                   " q: {cpus: \"2\", scheduler: arinc653}}, guests: {a: {pool: p}}}",
                   "Xen keeps one position in the schedule for both");
}

/* Under core scheduling, pools and masks must contain complete cores. */
static void test_whole_cores_or_none(void **state XB_UNUSED)
{
    struct xb_host_facts cpu = {.pcpus = (struct xb_pcpu *)threads, .sched_gran = "cpu"};
    struct xb_host_facts core = {.pcpus = (struct xb_pcpu *)threads, .sched_gran = "core"};
    expect_refusal_at(&cpu, "credit2", "{name: x, pools: {p: {cpus: \"3\", sched_gran: core}}}",
                      "asks for only a part of a core: CPU 2 is missing");
    expect_refusal_at(
        &core, "credit2", "{name: x, pools: {p: {cpus: \"3\", sched_gran: cpu}}}",
        "under `sched_gran: core`, which Pool-0 has, all CPUs of a core must be in one pool");
    expect_refusal_at(&core, "credit2", "{name: x, guests: {a: {hard: \"3\"}}}",
                      "each by its first CPU (0,2): `hard` of a names none of these");
    expect_refusal_at(&core, "credit2",
                      "{name: x, guests: {a: {vcpus: 2, hard: {0: \"0\", 1: \"2\"}}}}",
                      "places vcpus 0 and 1 of a together");
    /* Two guests with one vcpu each share one core. */
    expect_at(&core, "credit2", "{name: x, active: [a, b], guests: {all: {hard: \"2\"}}}",
              "note-more-vcpus", "2 vcpus of guests have 1 core");
}

static void test_refusals(void **state XB_UNUSED)
{
    expect_refusal("{name: x, guests: {a: {hard: \"4\"}}}",
                   "`hard` names CPU 4; this host has CPUs 0 to 3");
    expect_refusal("{name: x, guests: {a: {hard: {0: \"2-7\"}}}}", "`hard` names CPU 4");
    expect_refusal("{name: x, guests: {a: {pool: none}}}", "there is no cpupool `none`");
    expect_refusal("{name: x, pools: {p: {cpus: \"9\"}}}", "cpupool p asks for CPU 9");
    expect_refusal("{name: x, pools: {p: {cpus: \"1-2\"}, q: {cpus: \"2\"}}}",
                   "cpupools q and p ask for the same CPU");
    expect_refusal("{name: x, pools: {p: {cpus: \"1\"}}, guests: {a: {pool: p, hard: \"2\"}}}",
                   "names no CPU of cpupool p");
    expect_refusal_in(4, "{name: x, pools: {p: {cpus: \"0\"}}}", "names no CPU of cpupool Pool-0");
}

/* Xen's default period is 10 ms if neither the file nor the guest sets one. */
static void test_rtds_beyond_its_period(void **state XB_UNUSED)
{
#define RTDS_CASE(rtds)                                                                                \
    "{name: x, pools: {p: {cpus: \"1-3\", scheduler: rtds}}, guests: {all: {pool: p}, a: {rtds: " rtds \
    "}}}"
    expect_refusal(RTDS_CASE("{budget_us: 20000}"), "a budget of 20000 us in a period of 10000 us");
    expect_refusal(RTDS_CASE("{period_us: 3000}"), "a budget of 4000 us in a period of 3000 us");
    expect_refusal(RTDS_CASE("{0: {budget_us: 20000}}"), "a budget of 20000 us");
    expect_refusal("{name: x, dom0: {memory: 1T}}",
                   "1048576 MiB of memory requested, but this host has 8192");
    expect_refusal("{name: x, dom0: {memory: 6G}}",
                   "6144 MiB of memory requested, but it has 1024, and Xen has only 4096 free");
    struct xb_experiment *exp = read_case(RTDS_CASE("{budget_us: 20000}"));
    struct xb_pool pool = pool_of("Pool-0", "credit2", "0-3");
    struct xb_host_guest found[] = {
        {.name = "a", .pool = "p", .running = true, .now = XB_ALLOCATION_KEEP}};
    struct xb_host_facts host = {
        .cpus = 4, .pools = &pool, .pool_count = 1, .guests = found, .guest_count = 1};
    struct xb_doubt_case c = {exp, 0, &exp->cases[0].dom0, exp->cases[0].guests};
    struct xb_err err = {0};
    assert_int_equal(
        xb_allocation_set_rtds(&found[0].now, 0, &(struct xb_rtds){40000, 4000, 0}, &err), 0);
    if (xb_doubts_possible(&c, &host, &err) < 0)
        fail_msg("%s", err.msg);
    xb_allocation_free(&found[0].now);
    xb_experiment_free(exp);
}

/*
 * Guest a lives in the administrator's pool with its own cap and pinning, which the file does not
 * mention.
 */
static void test_a_guest_in_another_pool(void **state XB_UNUSED)
{
    struct xb_experiment *exp =
        read_case("{name: x, guests: {a: {hard: \"2\"}, b: {hard: \"0\"}, c: {hard: \"1\"}}}");
    struct xb_pool pools[] = {pool_of("Pool-0", "credit2", "0-1"),
                              pool_of("prod", "credit", "2-3")};
    struct xb_host_guest found[] = {{.name = "a", .pool = "prod", .running = true, .vcpus = 2}};
    struct xb_host_facts host = {.cpus = 4,
                                 .pools = pools,
                                 .pool_count = 2,
                                 .guests = found,
                                 .guest_count = 1,
                                 .risky_moves = XB_YES,
                                 .dom0 = XB_ALLOCATION_KEEP};
    struct xb_doubt_case c = {exp, 0, &exp->cases[0].dom0, exp->cases[0].guests};
    xb_auto_wanted struct xb_doubt_wanted wanted = {.count = 0};
    struct told told = {.codes = ""};
    struct xb_err err = {0};
    found[0].now = XB_ALLOCATION_KEEP;
    found[0].now.vcpus = 2;
    found[0].now.cap = 50;
    snprintf(found[0].now.pool, sizeof(found[0].now.pool), "prod");
    if (xb_doubts_possible(&c, &host, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(xb_doubts_wanted(exp, 0, &host, &wanted, &err), 0);
    struct xb_doubt_case over = {exp, 0, &wanted.dom0, wanted.guests};
    assert_int_equal(xb_doubts_tell(&over, &host, tell, &told, &err), 0);
    assert_string_equal(told.codes, "note-cap:a note-more-vcpus note-dom0-shares");
    /* A guest that the run made is rebuilt for the next case, in Pool-0. */
    found[0].made = true;
    assert_int_equal(xb_doubts_possible(&c, &host, &err), -1);
    assert_non_null(strstr(err.msg, "names no CPU of cpupool Pool-0"));
    xb_experiment_free(exp);
}

/* The file does not name the pool's scheduler; the host does. */
static void test_a_parameter_that_the_host_lacks(void **state XB_UNUSED)
{
    static const char *const params[][3] = {{"rtds", "ratelimit_us: 500", "credit and credit2 do"},
                                            {"credit2", "migration_delay_us: 5", "(credit does)"}};
    for (size_t i = 0; i < XB_ARRAY_LEN(params); i++) {
        char text[120];
        snprintf(text, sizeof(text), "{name: x, pools: {prod: {%s}}}", params[i][1]);
        struct xb_experiment *exp = read_case(text);
        struct xb_pool pools[] = {pool_of("Pool-0", "credit2", "0-2"),
                                  pool_of("prod", params[i][0], "3")};
        struct xb_host_facts host = {
            .cpus = 4, .pools = pools, .pool_count = 2, .dom0 = XB_ALLOCATION_KEEP};
        struct xb_doubt_case c = {exp, 0, &exp->cases[0].dom0, exp->cases[0].guests};
        struct xb_err err = {0};
        assert_int_equal(xb_doubts_possible(&c, &host, &err), -1);
        assert_non_null(strstr(err.msg, params[i][2]));
        xb_experiment_free(exp);
    }
}

/* "all" and "all,^1" name no CPUs that a host could lack. */
static void test_all_is_possible(void **state XB_UNUSED)
{
    expect_doubts("credit2", "{name: x, dom0: {hard: all}, guests: {all: {hard: \"all,^0\"}}}",
                  "note-dom0-shares");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weight_of_the_pinned),
        cmocka_unit_test(test_weight_in_a_pool_of_its_own),
        cmocka_unit_test(test_weight_alone),
        cmocka_unit_test(test_weight_that_binds_under_pinning),
        cmocka_unit_test(test_weight_where_there_is_room),
        cmocka_unit_test(test_weight_beside_dom0),
        cmocka_unit_test(test_weight_over_two_sockets),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_dom0_shares),
        cmocka_unit_test(test_siblings),
        cmocka_unit_test(test_core_scheduling),
        cmocka_unit_test(test_null_and_rtds_crowds),
        cmocka_unit_test(test_null_refuses_one_vcpu_too_many),
        cmocka_unit_test(test_arinc653),
        cmocka_unit_test(test_a_pool_of_rtds_is_a_risk),
        cmocka_unit_test(test_a_schedule_names_every_vcpu),
        cmocka_unit_test(test_whole_cores_or_none),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_rtds_beyond_its_period),
        cmocka_unit_test(test_a_guest_in_another_pool),
        cmocka_unit_test(test_a_parameter_that_the_host_lacks),
        cmocka_unit_test(test_all_is_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

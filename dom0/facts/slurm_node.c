/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm_node.h"

#include "base.h"

#include <inttypes.h>
#include <string.h>
#include <sys/sysinfo.h>

bool xb_slurm_is_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= 64 && name[0] != '-' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               length;
}

static void print_feature(FILE *out, enum xb_known is, const char *prefix, const char *word)
{
    if (is == XB_YES)
        fprintf(out, ",%s%s", prefix, word);
}

static void print_features(const struct xb_host_facts *facts, FILE *out)
{
    const char *dot = strchr(facts->version, '.');
    size_t series = dot ? (size_t)(dot - facts->version) + 1 + strcspn(dot + 1, ".") : 0;
    fprintf(out, " Features=%s", XB_SLURM_XEN);
    if (xb_slurm_is_name(facts->version) && series)
        fprintf(out, ",xen-%.*s,xen-%s", (int)series, facts->version, facts->version);
    for (size_t s = 0; s < XB_SCHEDULERS; s++)
        print_feature(out, facts->schedulers[s], XB_SLURM_SCHEDULER, xb_scheduler_words[s]);
    print_feature(out, facts->pv, XB_SLURM_TYPE, "pv");
    print_feature(out, facts->pvh, XB_SLURM_TYPE, "pvh");
    print_feature(out, facts->hvm, XB_SLURM_TYPE, "hvm");
    if (facts->smt != XB_UNKNOWN)
        print_feature(out, XB_YES, XB_SLURM_SMT, facts->smt == XB_YES ? "on" : "off");
    if (facts->sched_gran[0])
        print_feature(out, XB_YES, XB_SLURM_GRAN, facts->sched_gran);
    print_feature(out, facts->cpufreq, XB_SLURM_CPUFREQ, "");
}

/* slurmd runs in Dom0 and counts what Dom0 has. */
static void print_dom0(FILE *out)
{
    struct sysinfo info;
    if (sysinfo(&info) == 0)
        fprintf(out, " CPUs=%ld RealMemory=%" PRIu64, sysconf(_SC_NPROCESSORS_ONLN),
                (uint64_t)info.totalram * info.mem_unit / XB_MIB);
}

void xb_slurm_node_print(const struct xb_host_facts *facts, const char *node, bool own, FILE *out)
{
    uint32_t cpus = xb_host_cpus_online(facts);
    uint64_t mib = facts->free_bytes / XB_MIB;
    fprintf(out, "# slurm.conf\nGresTypes=%s,%s\nNodeName=%s", XB_SLURM_CPUS, XB_SLURM_MEMORY,
            node);
    if (own)
        print_dom0(out);
    print_features(facts, out);
    fprintf(out, " Gres=%s:%u,%s:%" PRIu64 "\n", XB_SLURM_CPUS, cpus, XB_SLURM_MEMORY, mib);
    fprintf(out,
            "# gres.conf\nNodeName=%s Name=%s Count=%u Flags=CountOnly\n"
            "NodeName=%s Name=%s Count=%" PRIu64 " Flags=CountOnly\n",
            node, XB_SLURM_CPUS, cpus, node, XB_SLURM_MEMORY, mib);
}

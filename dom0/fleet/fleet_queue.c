/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Slurm says about a fleet's tasks. */
#include "base.h"
#include "escape.h"
#include "fleet_state.h"
#include "tool.h"

#include <string.h>

/* Slurm's words for the states of jobs (squeue(1), sacct(1)). */
static const struct {
    const char *word;
    enum xb_fleet_end state;
} states[] = {
    {"PENDING", XB_FLEET_WAITING},      {"CONFIGURING", XB_FLEET_WAITING},
    {"REQUEUED", XB_FLEET_WAITING},     {"REQUEUE_HOLD", XB_FLEET_WAITING},
    {"REQUEUE_FED", XB_FLEET_WAITING},  {"RESV_DEL_HOLD", XB_FLEET_WAITING},
    {"SPECIAL_EXIT", XB_FLEET_WAITING}, {"SUSPENDED", XB_FLEET_WAITING},
    {"RUNNING", XB_FLEET_RUNNING},      {"COMPLETING", XB_FLEET_RUNNING},
    {"SIGNALING", XB_FLEET_RUNNING},    {"STAGE_OUT", XB_FLEET_RUNNING},
    {"STOPPED", XB_FLEET_RUNNING},      {"RESIZING", XB_FLEET_RUNNING},
    {"COMPLETED", XB_FLEET_LOST},       {"FAILED", XB_FLEET_FAILED},
    {"OUT_OF_MEMORY", XB_FLEET_FAILED}, {"REVOKED", XB_FLEET_FAILED},
    {"CANCELLED", XB_FLEET_STOPPED},    {XB_SLURM_TIMEOUT, XB_FLEET_FAILED},
    {"DEADLINE", XB_FLEET_STOPPED},     {"PREEMPTED", XB_FLEET_STOPPED},
    {"NODE_FAIL", XB_FLEET_LOST},       {"BOOT_FAIL", XB_FLEET_LOST},
};

static enum xb_fleet_end state_of(const char *word)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(states); i++)
        if (strcmp(states[i].word, word) == 0)
            return states[i].state;
    return XB_FLEET_UNKNOWN;
}

/*
 * Take a line ARRAY_JOB|TASK|STATE|NODE|REASON. The latest job of a shard counts. A line that names
 * no task of this fleet is skipped.
 */
static void take_line(char *line, const struct xb_fleet_job *job, struct xb_fleet_part *parts)
{
    char *fields[5] = {NULL};
    for (size_t i = 0; i < XB_ARRAY_LEN(fields); i++)
        if (!(fields[i] = strsep(&line, "|")))
            return;
    unsigned long long number = strtoull(fields[0], NULL, 10);
    unsigned long task = strtoul(fields[1], NULL, 10);
    if (number == 0 || task == 0 || task > job->split.count)
        return;
    struct xb_fleet_part *part = &parts[task - 1];
    if (part->slurm[0] && number < part->slurm_job)
        return;
    part->slurm_job = number;
    fields[2][strcspn(fields[2], " +")] = '\0'; /* "CANCELLED by 0" */
    part->state = state_of(fields[2]);
    xb_escaped_into(part->slurm, sizeof(part->slurm), fields[2]);
    xb_escaped_into(part->node, sizeof(part->node), fields[3]);
    const char *reason = strcmp(fields[4], "None") == 0 ? "" : fields[4];
    xb_escaped_into(part->reason, sizeof(part->reason),
                    strcmp(fields[2], XB_SLURM_TIMEOUT) == 0 ? "time limit" : reason);
}

static void take_lines(char *text, const struct xb_fleet_job *job, struct xb_fleet_part *parts)
{
    for (char *line; (line = strsep(&text, "\n"));)
        take_line(line, job, parts);
}

/* sacct's lines begin with 12_3, or with 12_[1-3] for tasks that squeue lists anyway. */
static void take_accounted(char *text, const struct xb_fleet_job *job, struct xb_fleet_part *parts)
{
    for (char *line; (line = strsep(&text, "\n"));) {
        char *low = strchr(line, '_');
        if (!low)
            continue;
        *low = '|';
        unsigned long task = strtoul(low + 1, NULL, 10);
        if (task >= 1 && task <= job->split.count && parts[task - 1].state != XB_FLEET_WAITING &&
            parts[task - 1].state != XB_FLEET_RUNNING)
            take_line(line, job, parts);
    }
}

static bool all_known(const struct xb_fleet_job *job, const struct xb_fleet_part *parts)
{
    for (uint32_t s = 0; s < job->split.count; s++)
        if (!parts[s].slurm[0])
            return false;
    return true;
}

int xb_fleet_queue(const struct xb_fleet_job *job, struct xb_fleet_part *parts, struct xb_err *err)
{
    char name[XB_FLEET_NAME_BYTES], option[XB_FLEET_NAME_BYTES + 8];
    char said[XB_TOOL_SAID_BYTES];
    xb_auto_free char *queued = NULL, *accounted = NULL;
    struct xb_err ignored = {0};
    snprintf(option, sizeof(option), "--name=%s", xb_fleet_job_name(job, name));
    const char *const squeue[] = {
        "squeue", "--noheader", "--array", "--states=all", option, "--format=%F|%K|%T|%N|%r", NULL};
    if (xb_tool(squeue, &queued, err, "ask Slurm for the fleet's tasks") < 0)
        return -1;
    take_lines(queued, job, parts);
    if (all_known(job, parts))
        return 0;
    /* Works only where the site keeps accounts; elsewhere, what came back must suffice. */
    const char *const sacct[] = {"sacct",
                                 "--noheader",
                                 "--parsable2",
                                 "--allocations",
                                 option,
                                 "--starttime=now-90days",
                                 "--format=JobID,State,NodeList,Reason",
                                 NULL};
    if (xb_tool_status(sacct, &accounted, said, &ignored) == 0)
        take_accounted(accounted, job, parts);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_script.h"

#include "base.h"
#include "slurm_node.h"

#include <inttypes.h>
#include <string.h>

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Slurm replaces % in paths; the shell interprets blanks, quotes and the like. */
static int check_path(const char *what, const char *path, struct xb_err *err)
{
    const char *strange = path + strspn(path, PLAIN "/._-+=@:,");
    if (path[0] == '/' && !*strange)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s %s: an absolute path of letters, digits and /._-+=@:, is needed, because it "
                   "stands in the script for Slurm",
                   what, path);
}

/* What the fleet relies on: its tasks, where their logs are, how they end and begin again. */
static const struct {
    const char *name;
    char letter; /* 0: there is none */
} ours[] = {
    {"job-name", 'J'}, {"array", 'a'},  {"output", 'o'},   {"error", 'e'},   {"input", 'i'},
    {"nodes", 'N'},    {"ntasks", 'n'}, {"export", 0},     {"open-mode", 0}, {"signal", 0},
    {"wrap", 0},       {"requeue", 0},  {"no-requeue", 0}, {"exclusive", 0},
};

/* sbatch takes the beginning of a name for the name. */
static bool is_ours(const char *word, size_t length)
{
    bool is_long = length > 2 && word[1] == '-';
    size_t name = is_long ? strcspn(word + 2, "= \t") : 0;
    name = name + 2 > length ? length - 2 : name;
    for (size_t i = 0; i < XB_ARRAY_LEN(ours); i++)
        if (is_long ? name && strncmp(ours[i].name, word + 2, name) == 0
                    : length > 1 && word[1] == ours[i].letter)
            return true;
    return false;
}

static int check_option(const char *option, struct xb_err *err)
{
    bool good = option[0] == '-';
    for (const char *c = option; *c && good; c++)
        good = (unsigned char)*c >= ' ' && *c != 0x7f;
    if (!good)
        return xb_fail(err, XB_E_INPUT, 0,
                       "--sbatch %s: an option of sbatch in one word is needed: "
                       "--sbatch=--partition=night",
                       option);
    for (const char *word = option; *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        if (word[0] == '-' && is_ours(word, length))
            return xb_fail(err, XB_E_INPUT, 0,
                           "--sbatch %s: xenbench sets %.*s itself, and its tasks rely on it",
                           option, (int)length, word);
        word += length;
    }
    return 0;
}

int xb_fleet_script_check(const struct xb_fleet_script *script, struct xb_err *err)
{
    const char *constraint = script->constraint;
    if (check_path("--dir", script->job->dir, err) < 0 ||
        check_path("--program", script->program, err) < 0)
        return -1;
    if (constraint && constraint[strspn(constraint, PLAIN "._-+=:&|()[]*")])
        return xb_fail(err, XB_E_INPUT, 0,
                       "--constraint %s: features, joined by & and | are needed: 'xen-4.17&rack2'",
                       constraint);
    for (size_t i = 0; i < script->options->count; i++)
        if (check_option(script->options->v[i], err) < 0)
            return -1;
    return 0;
}

static void write_needs(const struct xb_fleet_script *script, FILE *out)
{
    /* A lab brings its own Xen. */
    const struct xb_fleet_needs none = {.features = ""};
    const struct xb_fleet_needs *needs = script->job->lab ? &none : script->needs;
    const char *more = script->constraint ? script->constraint : "", *have = needs->features;
    bool both = *have && *more;
    if (*have || *more)
        fprintf(out, "#SBATCH --constraint=%s%s%s%s\n", have, both ? "&(" : "", more,
                both ? ")" : "");
    if (needs->cpus || needs->memory_mib) {
        fputs("#SBATCH --gres=", out);
        if (needs->cpus)
            fprintf(out, "%s:%u%s", XB_SLURM_CPUS, needs->cpus, needs->memory_mib ? "," : "");
        if (needs->memory_mib)
            fprintf(out, "%s:%" PRIu64, XB_SLURM_MEMORY, needs->memory_mib);
        putc('\n', out);
    }
}

void xb_fleet_script_write(const struct xb_fleet_script *script, FILE *out)
{
    const struct xb_fleet_job *job = script->job;
    char name[XB_FLEET_NAME_BYTES];
    fprintf(out,
            "#!/bin/sh\n"
            "#SBATCH --job-name=%s\n"
            "#SBATCH --array=1-%u\n"
            "#SBATCH --nodes=1 --ntasks=1 --exclusive --mem=0\n"
            "#SBATCH --requeue --open-mode=append\n"
            "#SBATCH --export=NONE\n"
            "#SBATCH --time=%u\n"
            "#SBATCH --signal=B:TERM@60\n",
            xb_fleet_job_name(job, name), job->split.count, script->minutes);
    if (job->copy_to)
        fprintf(out, "#SBATCH --output=/var/log/%s-%%a.log\n", name);
    else
        fprintf(out, "#SBATCH --output=%s/%s/%%a.log\n", job->dir, XB_FLEET_LOGS);
    write_needs(script, out);
    for (size_t i = 0; i < script->options->count; i++)
        fprintf(out, "#SBATCH %s\n", script->options->v[i]);
    /* The JSON is the task's input. None of its lines begins with a letter, so none ends it. */
    fprintf(out,
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\n"
            "exec %s fleet task <<'XENBENCH-END'\n",
            script->program);
    json_dumpf(job->json, out, JSON_INDENT(2));
    fputs("\nXENBENCH-END\n", out);
}

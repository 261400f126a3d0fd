/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_submit.h"

#include "alloc.h"
#include "base.h"
#include "fleet_script.h"
#include "fleet_state.h"
#include "outfile.h"
#include "plan_view.h"
#include "slurm_node.h"
#include "tool.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Time besides the cells: to make and boot guests; at worst, to make a lab's Dom0 and images. */
#define START_MINUTES 15
#define LAB_MINUTES 30
/* Another host may be slower than the one whose runs gave the estimate. */
#define SLOWER 2

/* "a,b,c" as JSON; cuts the text up. */
static int read_hosts(char *text, json_t **out, struct xb_err *err)
{
    *out = NULL;
    if (!text)
        return 0;
    *out = json_array();
    for (char *host; (host = strsep(&text, ","));) {
        if (!xb_slurm_is_name(host))
            return xb_fail(err, XB_E_INPUT, 0,
                           "--hosts: `%s` is no name of a node; names, separated by commas, are "
                           "needed: n1,n2,n3",
                           host);
        if (xb_json_has(*out, host))
            return xb_fail(err, XB_E_INPUT, 0, "--hosts: %s is named twice", host);
        json_array_append_new(*out, json_string(host));
    }
    return 0;
}

static json_t *parts_to_json(const struct xb_plan_view *view)
{
    json_t *list = json_array();
    for (uint32_t s = 0; s < view->split.count; s++) {
        const struct xb_plan_shard *shard = &view->shards[s];
        json_array_append_new(list, json_pack("{s:i, s:f, s:f}", "cells", (int)shard->cells,
                                              "known_s", (double)shard->time.known_ns / 1e9,
                                              "most_s", (double)shard->time.most_ns / 1e9));
    }
    return list;
}

/* What the longest shard may take, with the starts of guests and labs. */
static uint32_t limit_minutes(const struct xb_plan_view *view, bool lab)
{
    uint64_t most = 0;
    for (uint32_t s = 0; s < view->split.count; s++) {
        const struct xb_plan_time *t = &view->shards[s].time;
        uint64_t ns = SLOWER * t->known_ns + t->most_ns;
        most = ns > most ? ns : most;
    }
    return (uint32_t)(most / (60 * XB_NS_PER_S)) + 1 + START_MINUTES + (lab ? LAB_MINUTES : 0);
}

/* The images that the experiment's guests are made from, as `image build` takes them. */
static json_t *images_to_json(const struct xb_experiment *exp, const struct xb_texts *given)
{
    if (given->count)
        return xb_texts_to_json(given);
    json_t *list = json_array();
    for (size_t c = 0; c < exp->case_count; c++)
        for (size_t g = 0; g < exp->guest_count; g++) {
            const char *image = exp->cases[c].parts[g].build.image;
            if (image[0] && !xb_json_has(list, image))
                json_array_append_new(list, json_string(image));
        }
    return list;
}

static int default_dir(const struct xb_fleet_submit *r, char out[PATH_MAX], struct xb_err *err)
{
    char here[PATH_MAX];
    if (r->dir && r->dir[0] == '/')
        return xb_path(out, PATH_MAX, err, "%s", r->dir);
    if (!getcwd(here, sizeof(here)))
        return xb_fail(err, XB_E_HOST, errno, "cannot find this directory");
    if (r->dir)
        return xb_path(out, PATH_MAX, err, "%s/%s", here, r->dir);
    const char *slash = strrchr(r->source->path, '/'), *base = slash ? slash + 1 : r->source->path;
    if (r->source->said)
        base = "experiment";
    return xb_path(out, PATH_MAX, err, "%s/%.*s.fleet", here, (int)strcspn(base, "."), base);
}

static int make_job(const struct xb_fleet_submit *r, const struct xb_plan_view *view, json_t *hosts,
                    struct xb_fleet_job *job, struct xb_err *err)
{
    char id[XB_UUID_BYTES], now[32], dir[PATH_MAX], file[PATH_MAX];
    const struct xb_experiment *exp = view->exp;
    const char *slash = strrchr(exp->path, '/');
    xb_store_now(now);
    if (xb_uuid_new(id, err) < 0 || default_dir(r, dir, err) < 0 ||
        xb_path(file, sizeof(file), err, "%s/%s", strcmp(exp->folder, "/") ? exp->folder : "",
                slash ? slash + 1 : exp->path) < 0)
        return -1;
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:i, s:s, s:o, s:s*, s:s*, s:s*}",
                  "schema", XB_FLEET_JOB_SCHEMA, "id", id, "xenbench", XB_VERSION, "submitted_at",
                  now, "name", exp->name, "file", file, "experiment", exp->text, "set",
                  xb_texts_to_json(r->source->sets), "by", xb_shard_words[view->split.by], "shards",
                  (int)view->split.count, "dir", dir, "parts", parts_to_json(view), "copy_to",
                  r->copy_to, "copy_with", r->copy_to ? r->copy_with : NULL, "lab", r->lab);
    if (!json)
        return xb_fail(err, XB_E_INPUT, 0, "%s: the file, its name or an option is not UTF-8",
                       exp->path);
    if (r->lab) {
        json_object_set_new(json, "lab_images", images_to_json(exp, &r->lab_images));
        json_object_set_new(json, "lab_options", xb_texts_to_json(&r->lab_options));
    }
    if (hosts)
        json_object_set(json, "hosts", hosts);
    return xb_fleet_job_read(job, json, "this job", err);
}

/* Submit shards, a list as --array takes it (NULL: all), to run on this host (NULL: on any). */
static int sbatch(const struct xb_fleet_job *job, const char *shards, const char *host,
                  struct xb_err *err)
{
    char script[PATH_MAX], array[64], list[80];
    const char *argv[8] = {"sbatch", "--parsable"};
    size_t n = 2;
    xb_auto_free char *out = NULL;
    if (xb_path(script, sizeof(script), err, "%s/%s", job->dir, XB_FLEET_SCRIPT) < 0)
        return -1;
    if (shards) {
        snprintf(array, sizeof(array), "--array=%s", shards);
        argv[n++] = array;
    }
    if (host) {
        snprintf(list, sizeof(list), "--nodelist=%s", host);
        argv[n++] = list;
    }
    argv[n++] = script;
    if (xb_tool(argv, &out, err, "submit the job to Slurm") < 0)
        return -1;
    out[strcspn(out, "\n;")] = '\0';
    printf("Slurm's job %.20s: shard%s %s of %u%s%s\n", out, shards ? "" : "s",
           shards ? shards : "1 to the last", job->split.count, host ? ", on " : "",
           host ? host : "");
    return 0;
}

static int sbatch_all(const struct xb_fleet_job *job, struct xb_err *err)
{
    char number[16];
    if (!job->hosts)
        return sbatch(job, NULL, NULL, err);
    for (uint32_t s = 0; s < job->split.count; s++) {
        snprintf(number, sizeof(number), "%u", s + 1);
        if (sbatch(job, number, json_string_value(json_array_get(job->hosts, s)), err) < 0)
            return -1;
    }
    return 0;
}

static int write_script(const void *arg, FILE *out, struct xb_err *err)
{
    (void)err;
    xb_fleet_script_write(arg, out);
    return 0;
}

static int make_dir(const struct xb_fleet_job *job, struct xb_err *err)
{
    if (mkdir(job->dir, 0755) == 0)
        return 0;
    return xb_fail(err, XB_E_INPUT, errno,
                   "cannot make the fleet's directory %s (--dir DIR chooses another; `xenbench "
                   "fleet submit --missing DIR` submits the missing shards of a fleet that exists)",
                   job->dir);
}

static int fill_dir(const struct xb_fleet_script *script, struct xb_err *err)
{
    static const char *const folders[] = {XB_FLEET_LOGS, XB_FLEET_STORES, XB_FLEET_TASKS};
    const struct xb_fleet_job *job = script->job;
    char path[PATH_MAX];
    for (size_t i = 0; i < XB_ARRAY_LEN(folders); i++)
        if (xb_path(path, sizeof(path), err, "%s/%s", job->dir, folders[i]) < 0 ||
            (mkdir(path, 0755) < 0 &&
             xb_fail(err, XB_E_HOST, errno, "cannot make the directory %s", path) < 0))
            return -1;
    if (xb_path(path, sizeof(path), err, "%s/%s", job->dir, XB_FLEET_SCRIPT) < 0 ||
        xb_outfile_print(path, "the script", write_script, script, err) < 0 ||
        xb_path(path, sizeof(path), err, "%s/%s", job->dir, XB_FLEET_FILE) < 0)
        return -1;
    return xb_json_save(path, job->json, err);
}

/* Cancel the jobs that Slurm took before it refused one. */
static void cancel_all(const struct xb_fleet_job *job)
{
    char name[XB_FLEET_NAME_BYTES], option[XB_FLEET_NAME_BYTES + 8];
    struct xb_err ignored = {0};
    snprintf(option, sizeof(option), "--name=%s", xb_fleet_job_name(job, name));
    xb_tool((const char *const[]){"scancel", option, NULL}, NULL, &ignored, "cancel the job");
}

/* Submit all jobs; on failure, none is left submitted, and no directory. */
static int submit(const struct xb_fleet_script *script, struct xb_err *err)
{
    const struct xb_fleet_job *job = script->job;
    struct xb_err ignored = {0};
    if (make_dir(job, err) < 0)
        return -1;
    bool filled = fill_dir(script, err) == 0;
    if (filled && sbatch_all(job, err) == 0) {
        printf("The fleet's directory is %s: `xenbench fleet status %s` shows how far it is.\n",
               job->dir, job->dir);
        return 0;
    }
    if (filled)
        cancel_all(job);
    xb_remove_tree(job->dir, &ignored);
    return xb_fail_context(err, "nothing was submitted");
}

static int submit_view(const struct xb_fleet_submit *r, struct xb_plan_view *view, json_t *hosts,
                       struct xb_err *err)
{
    xb_auto_fleet_job struct xb_fleet_job job = {.json = NULL};
    struct xb_fleet_needs needs;
    xb_fleet_needs(view->exp, &needs);
    if (make_job(r, view, hosts, &job, err) < 0)
        return -1;
    const struct xb_fleet_script script = {
        .job = &job,
        .needs = &needs,
        .constraint = r->constraint,
        .options = &r->options,
        .program = r->program,
        .minutes = r->minutes ? r->minutes : limit_minutes(view, r->lab),
    };
    if (xb_fleet_script_check(&script, err) < 0)
        return -1;
    return r->print ? xb_outfile_print(NULL, "the script", write_script, &script, err)
                    : submit(&script, err);
}

int xb_fleet_submit(struct xb_app *app, const struct xb_fleet_submit *r, struct xb_err *err)
{
    struct xb_plan_view view = {.facts = {.max_cstate = -1}};
    struct xb_shard split = r->split;
    json_t *hosts = NULL;
    int done = -1;
    if (read_hosts(r->hosts, &hosts, err) == 0 &&
        xb_experiment_read(&view.exp, r->source, err) == 0) {
        if (hosts)
            split.count = (uint32_t)json_array_size(hosts);
        view.seed = xb_shard_seed(view.exp, r->source->sets);
        if (xb_plan_workloads(&view, app, err) == 0 &&
            xb_plan_shards(&view, &split, r->source->sets, err) == 0 &&
            xb_plan_view_make(&view, err) == 0) {
            xb_plan_estimate(&view, app, r->store);
            done = submit_view(r, &view, hosts, err);
        }
    }
    if (done < 0 && view.exp)
        xb_exp_locate(view.exp, err);
    xb_plan_view_clear(&view);
    json_decref(hosts);
    return done;
}

/*
 * The script, and the job that tasks read, name the directory in which the fleet was submitted:
 * tasks would write to that one. A link there to the new place is enough.
 */
static int check_place(const struct xb_fleet_job *job, struct xb_err *err)
{
    const char *then = json_string_value(json_object_get(job->json, "dir"));
    xb_auto_free char *was = realpath(then, NULL), *is = realpath(job->dir, NULL);
    if (job->copy_to || (was && is && strcmp(was, is) == 0))
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s was submitted as %s, where its tasks look for it: move it back, or make a "
                   "link there (`ln -s %s %s`)",
                   job->dir, then, is ? is : job->dir, then);
}

static int submit_missing(const struct xb_fleet_job *job, struct xb_err *err)
{
    xb_auto_free struct xb_fleet_part *parts = NULL;
    char number[16];
    uint32_t count = 0;
    if (xb_fleet_state(job, &parts, err) < 0)
        return -1;
    for (uint32_t s = 0; s < job->split.count; s++) {
        if (parts[s].state == XB_FLEET_FINISHED || parts[s].state == XB_FLEET_WAITING ||
            parts[s].state == XB_FLEET_RUNNING)
            continue;
        snprintf(number, sizeof(number), "%u", s + 1);
        if (sbatch(job, number, json_string_value(json_array_get(job->hosts, s)), err) < 0)
            return -1;
        count++;
    }
    if (count == 0)
        printf("Nothing is missing: all shards are finished, wait or run.\n");
    return 0;
}

int xb_fleet_submit_missing(const char *dir, struct xb_err *err)
{
    xb_auto_fleet_job struct xb_fleet_job job = {.json = NULL};
    char path[PATH_MAX];
    if (xb_fleet_job_load(&job, dir, err) < 0 || check_place(&job, err) < 0 ||
        xb_path(path, sizeof(path), err, "%s/submit.lock", dir) < 0)
        return -1;
    xb_auto_close int lock = xb_lock_take(path, NULL, err);
    if (lock < 0)
        return xb_fail_context(err, "another `xenbench fleet submit --missing` works there");
    return submit_missing(&job, err);
}

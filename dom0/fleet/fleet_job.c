/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet_job.h"

#include "alloc.h"
#include "base.h"
#include "slurm_node.h"

#include <errno.h>
#include <string.h>

/* The texts of a JSON list, which keeps owning them. */
static bool read_texts(const json_t *list, struct xb_texts *out)
{
    size_t count = json_array_size(list);
    out->v = xb_calloc(count + 1, sizeof(*out->v));
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text)
            return false;
        out->v[out->count++] = (char *)text;
    }
    return true;
}

static bool read_split(struct xb_shard *out, const char *by, json_int_t count)
{
    while (xb_shard_words[out->by] && strcmp(xb_shard_words[out->by], by) != 0)
        out->by++;
    out->count = (uint32_t)count;
    return xb_shard_words[out->by] && count >= 1 && count <= XB_SHARDS_MAX;
}

static bool read_job(struct xb_fleet_job *job)
{
    const char *by = NULL;
    json_int_t count = 0;
    json_t *sets = NULL, *images = NULL, *options = NULL;
    if (json_unpack(job->json,
                    "{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:s, s?s, s?s, s?s, s?o, s?o, "
                    "s?o, s:o}",
                    "id", &job->id, "xenbench", &job->version, "submitted_at", &job->submitted_at,
                    "name", &job->name, "file", &job->file, "experiment", &job->text, "set", &sets,
                    "by", &by, "shards", &count, "dir", &job->dir, "copy_to", &job->copy_to,
                    "copy_with", &job->copy_with, "lab", &job->lab, "lab_images", &images,
                    "lab_options", &options, "hosts", &job->hosts, "parts", &job->parts) < 0)
        return false;
    return strlen(job->id) == XB_UUID_BYTES - 1 &&
           strspn(job->id, "0123456789abcdef-") == XB_UUID_BYTES - 1 &&
           read_split(&job->split, by, count) && read_texts(sets, &job->sets) &&
           read_texts(images, &job->lab_images) && read_texts(options, &job->lab_options) &&
           json_array_size(job->parts) == job->split.count &&
           (!job->hosts || json_array_size(job->hosts) == job->split.count) &&
           !job->copy_to == !job->copy_with;
}

int xb_fleet_job_read(struct xb_fleet_job *out, json_t *json, const char *where, struct xb_err *err)
{
    *out = (struct xb_fleet_job){.json = json};
    const char *schema = json_string_value(json_object_get(json, "schema"));
    if (schema && strcmp(schema, XB_FLEET_JOB_SCHEMA) == 0 && read_job(out))
        return 0;
    xb_fleet_job_clear(out);
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s is not what `xenbench fleet submit` of this version writes (%s)", where,
                   XB_FLEET_JOB_SCHEMA);
}

int xb_fleet_job_load(struct xb_fleet_job *out, const char *dir, struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_err why = {0};
    *out = (struct xb_fleet_job){.json = NULL};
    if (xb_path(path, sizeof(path), err, "%s/%s", dir, XB_FLEET_FILE) < 0)
        return -1;
    if (access(path, F_OK) != 0)
        return xb_fail(err, XB_E_INPUT, errno,
                       "%s is no fleet's directory (`xenbench fleet submit` makes one): %s", dir,
                       path);
    json_t *json = xb_json_load(path, &why);
    if (!json)
        return xb_fail(err, XB_E_INPUT, 0, "%s", why.msg);
    int r = xb_fleet_job_read(out, json, path, err);
    out->dir = dir; /* it may have moved since */
    return r;
}

void xb_fleet_job_clear(struct xb_fleet_job *job)
{
    free(job->sets.v);
    free(job->lab_images.v);
    free(job->lab_options.v);
    json_decref(job->json);
    *job = (struct xb_fleet_job){.json = NULL};
}

const char *xb_fleet_job_name(const struct xb_fleet_job *job, char out[XB_FLEET_NAME_BYTES])
{
    snprintf(out, XB_FLEET_NAME_BYTES, "xenbench-%.13s", job->id);
    return out;
}

const char *xb_fleet_job_refuses(const struct xb_fleet_job *job, const struct xb_run_source *run)
{
    xb_auto_json json_t *sets = json_loads(run->overrides, 0, NULL);
    if (strcmp(run->text, job->text) != 0 || !json_equal(sets, json_object_get(job->json, "set")))
        return "is of another experiment";
    if (run->shard.number == 0)
        return "is of a whole experiment, not of a shard";
    if (run->shard.by != job->split.by || run->shard.count != job->split.count)
        return "is of another split into shards";
    return NULL;
}

/* A store's name also has the beginning of its run's id, except that a person gave it. */
static void cut_run(char *node)
{
    char *dot = strrchr(node, '.');
    if (dot && strlen(dot) == 9 && strspn(dot + 1, "0123456789abcdef") == 8)
        *dot = '\0';
}

bool xb_fleet_file_name(const char *name, const char *ending, uint32_t *shard, char *node)
{
    char words[80];
    size_t digits = strspn(name, "0123456789"), length = strlen(name), end = strlen(ending);
    if (digits == 0 || digits > 5 || name[digits] != '.' || length <= digits + 1 + end ||
        strcmp(name + length - end, ending) != 0)
        return false;
    *shard = (uint32_t)strtoul(name, NULL, 10);
    snprintf(words, sizeof(words), "%.*s", (int)(length - digits - 1 - end), name + digits + 1);
    if (strcmp(ending, XB_FLEET_STORE_ENDING) == 0)
        cut_run(words);
    snprintf(node, 65, "%.64s", words);
    return *shard >= 1 && xb_slurm_is_name(words);
}

static int by_shard(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    unsigned long i = strtoul(x, NULL, 10), j = strtoul(y, NULL, 10);
    return i != j ? (i > j) - (i < j) : strcmp(x, y);
}

int xb_fleet_files(const struct xb_fleet_job *job, const char *folder, const char *ending,
                   struct xb_texts *out, struct xb_err *err)
{
    char path[PATH_MAX], node[65];
    uint32_t shard;
    *out = (struct xb_texts){.v = NULL};
    if (xb_path(path, sizeof(path), err, "%s/%s", job->dir, folder) < 0)
        return -1;
    xb_auto_closedir DIR *dir = opendir(path);
    if (!dir)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s", path);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (xb_fleet_file_name(entry->d_name, ending, &shard, node) && shard <= job->split.count)
            xb_texts_add(out, entry->d_name);
    if (out->count)
        qsort(out->v, out->count, sizeof(*out->v), by_shard);
    return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An experiment that Slurm runs over several hosts: the job, in JSON, which each of its tasks
 * reads, and the fleet's directory, where results come together.
 */
#ifndef XB_FLEET_JOB_H
#define XB_FLEET_JOB_H

#include "files.h"
#include "shard.h"
#include "store_run.h"

#include <jansson.h>

#define XB_FLEET_JOB_SCHEMA "xenbench-fleet-job/1"
#define XB_FLEET_STATUS_SCHEMA "xenbench-fleet-status/1"

/* What is in a fleet's directory. */
#define XB_FLEET_FILE "fleet.json" /* the job */
#define XB_FLEET_SCRIPT "job.sh"   /* the script that sbatch got */
#define XB_FLEET_LOGS "logs"       /* K.log: the output of shard K's tasks, one after the other */
#define XB_FLEET_LOG_BEGINS "task of shard " /* how the first line of each begins */
#define XB_FLEET_STORES "stores"             /* K.NODE.RUN.sqlite: what NODE measured of shard K */
#define XB_FLEET_STORE_ENDING ".sqlite"
#define XB_FLEET_TASKS "tasks" /* K.NODE.json: when NODE's tasks of shard K began and ended */
#define XB_FLEET_STORE "fleet.sqlite"

/* The strings belong to json. */
struct xb_fleet_job {
    json_t *json;
    const char *id;      /* a UUID */
    const char *version; /* of the xenbench that submitted it */
    const char *submitted_at;
    const char *name, *file, *text; /* of the experiment; file is absolute */
    struct xb_texts sets;           /* of the command line */
    struct xb_shard split;          /* number 0 */
    const char *dir;                /* the fleet's directory; absolute in json */
    const char *copy_to;            /* where nodes copy results to; NULL: dir is shared */
    const char *copy_with;          /* the program that copies; NULL like copy_to */
    const char *lab;                /* xenbench's tree on nodes without Xen; NULL: none is used */
    struct xb_texts lab_images, lab_options;
    json_t *hosts; /* of shard 1, 2 ...; NULL: Slurm chooses */
    json_t *parts; /* of each shard: cells, known_s, most_s */
};

/* Takes ownership of json, which is freed even on failure. XB_E_INPUT if it is not a job. */
int xb_fleet_job_read(struct xb_fleet_job *out, json_t *json, const char *where,
                      struct xb_err *err);
/* Read the job in the fleet's directory dir, a text that must outlive the job. */
int xb_fleet_job_load(struct xb_fleet_job *out, const char *dir, struct xb_err *err);
void xb_fleet_job_clear(struct xb_fleet_job *job);
#define xb_auto_fleet_job XB_AUTO(xb_fleet_job_clear)

/* The job's name in Slurm, made from its id alone. */
#define XB_FLEET_NAME_BYTES 32
const char *xb_fleet_job_name(const struct xb_fleet_job *job, char out[XB_FLEET_NAME_BYTES]);

/* Does this run belong to the job? NULL, or why not (a constant that continues "run X ..."). */
const char *xb_fleet_job_refuses(const struct xb_fleet_job *job, const struct xb_run_source *run);

/*
 * Is name K.NODE followed by ending? Sets *shard to K and node, which has 65 bytes, to NODE. Before
 * XB_FLEET_STORE_ENDING there may be .RUN, the first 8 digits of a run's id.
 */
bool xb_fleet_file_name(const char *name, const char *ending, uint32_t *shard, char *node);

/*
 * The names of all such files in a folder of the fleet's directory whose shard exists, ordered by
 * shard. To free with xb_texts_free.
 */
int xb_fleet_files(const struct xb_fleet_job *job, const char *folder, const char *ending,
                   struct xb_texts *out, struct xb_err *err);

#endif

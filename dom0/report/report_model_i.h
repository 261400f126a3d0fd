/*
 * Between the files that load a report's model.
 */
#ifndef XB_REPORT_MODEL_I_H
#define XB_REPORT_MODEL_I_H

#include "report_model.h"

int xb_model_no_memory(struct xb_err *err);
/* A column's text, to free; NULL where it is NULL. */
char *xb_model_text(sqlite3_stmt *stmt, int column);
/*
 * One more zeroed element at the end of the array whose pointer lies at array_of; NULL with err
 * filled.
 */
void *xb_model_grow(void *array_of, size_t *count, size_t bytes, struct xb_err *err);
/* NULL where there is no such case or guest. */
struct xb_group *xb_model_group_at(struct xb_model *m, int64_t case_no, int64_t guest);

/* report_model_parts.c: the groups, with what each guest does; and what is compared in pairs. */
int xb_model_load_parts(struct xb_model *m, struct xb_store *store, struct xb_err *err);
int xb_model_load_pairs(struct xb_model *m, struct xb_err *err);
/* report_timeline.c */
int xb_model_load_jobs(struct xb_model *m, struct xb_store *store, struct xb_err *err);
/* report_model_steal.c */
int xb_model_load_steal(struct xb_model *m, struct xb_store *store, struct xb_err *err);

#endif

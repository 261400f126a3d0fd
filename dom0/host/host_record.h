/*
 * The parts of the host record and how each is put back.
 */
#ifndef XB_HOST_RECORD_H
#define XB_HOST_RECORD_H

#include "pool.h"

#include <jansson.h>
#include <stdbool.h>

/* Has one of these objects that value? compare is strcmp, or strcasecmp. */
bool xb_record_lists(const json_t *list, const char *key, const char *value,
                     int (*compare)(const char *a, const char *b));

/* An undo goes on after failures and collects them. */
struct xb_undo {
    struct xb_xen *xen;
    bool failed;
    char text[700]; /* what could not be put back, separated by "; " */
};

/*
 * Is a pool that is there now one that the record's run made? Records of before they named those
 * (made NULL) can only tell which pools were there.
 */
bool xb_pool_is_made(const char *name, const json_t *recorded, const json_t *made);
/*
 * What a recorded pool is to get back: the CPUs that it had, less those that are in pools which others
 * have made since.
 */
struct xb_cpus xb_pool_cpus_back(const struct xb_pool *want, const struct xb_pool *now,
                                 size_t count, const json_t *recorded, const json_t *made);
void xb_undo_pools(struct xb_undo *undo, const json_t *pools, const json_t *made);
/* With memory, what balloons were told is put back too. */
void xb_undo_domains(struct xb_undo *undo, const json_t *domains, bool memory);
void xb_undo_power(struct xb_undo *undo, const json_t *power);

#endif

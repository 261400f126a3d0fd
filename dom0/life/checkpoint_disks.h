/*
 * How a guest's disks stood when it was suspended, and whether they still do: memory that goes on with a disk that is not
 * the one it knows writes nonsense to it.
 */
#ifndef XB_CHECKPOINT_DISKS_H
#define XB_CHECKPOINT_DISKS_H

#include "guest_def.h"
#include "xen.h"

#include <jansson.h>

/*
 * For the tail of a checkpoint; to be called when the domain is suspended. Of files the time of the last change is noted,
 * of all where an ext4 filesystem begins at the first byte what that says of its last mount and write.
 */
json_t *xb_checkpoint_list_disks(const libxl_domain_config *config);

/*
 * Are they as in the tail, and has the guest not begun to run since, by the generation in the head? XB_E_INPUT where not;
 * with stale only what cannot be used at all is refused. path is the checkpoint's, for messages.
 */
int xb_checkpoint_check_disks(const struct xb_guest_def *def, const json_t *head,
                              const json_t *tail, const char *path, bool stale, struct xb_err *err);

#endif

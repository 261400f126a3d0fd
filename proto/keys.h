/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rendezvous in xenstore. The agent writes below its own domain's data/, where a guest may
 * write; the controller reads, and trusts none of it.
 *
 *   data/xenbench/protocol     "1.2": major.minor of this protocol
 *   data/xenbench/agent        the agent's version, for people
 *   data/xenbench/boot         the guest kernel's boot id (a UUID)
 *   data/xenbench/generation   decimal, 1 and up: the rings that are free to connect to; written
 *                              last. Since 1.2, removed from their HELLO until new rings are free
 *   data/xenbench/latest       since 1.2: the highest generation so far, free or not
 *   data/xenbench/rings/<generation>/{ring-ref,event-channel}
 *                              libxenvchan's own; a path per generation, because libxenvchan
 *                              removes its whole path when the server closes
 *   data/xenbench/state        "serving"; "quiesced" (closed before a checkpoint; any other word
 *                              from Dom0 ends that); "stopped"; since 1.2 "full" (no further
 *                              controller can connect). Since 1.1, Dom0 may write "quiesce" or
 *                              "quiesce SECONDS": the agent closes all connections, then writes
 *                              "quiesced"
 */
#ifndef XB_KEYS_H
#define XB_KEYS_H

#define XB_KEY_ROOT "data/xenbench"
#define XB_KEY_PROTOCOL XB_KEY_ROOT "/protocol"
#define XB_KEY_AGENT XB_KEY_ROOT "/agent"
#define XB_KEY_BOOT XB_KEY_ROOT "/boot"
#define XB_KEY_GENERATION XB_KEY_ROOT "/generation"
#define XB_KEY_LATEST XB_KEY_ROOT "/latest"
#define XB_KEY_STATE XB_KEY_ROOT "/state"
#define XB_KEY_RINGS XB_KEY_ROOT "/rings"

#define XB_STATE_SERVING "serving"
#define XB_STATE_FULL "full"
#define XB_STATE_QUIESCE "quiesce"
#define XB_STATE_QUIESCED "quiesced"
#define XB_STATE_RESUME "resume"

/*
 * libxenvchan cuts off paths after 63 bytes.
 * "/local/domain/65535/data/xenbench/rings/4294967295" has 50.
 */
#define XB_KEY_PATH_MAX 63

/* The longest value that the controller accepts from any of these keys. */
#define XB_KEY_VALUE_MAX 64

#define XB_PROTOCOL_MAJOR 1
#define XB_PROTOCOL_MINOR 2

/* The first minor version whose agents support these. */
#define XB_MINOR_PULL_TO_SIZE 2
#define XB_MINOR_LEAVE 2
#define XB_MINOR_PARTS 2
#define XB_MINOR_INPUT 2
#define XB_MINOR_SESSIONS 2 /* serve several controllers at once */

#endif

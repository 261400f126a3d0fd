/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock-down of a process that reads foreign bytes: afterwards it can compute, use the
 * descriptors that it holds, and end. docs/security.md says what each part is for.
 */
#ifndef XB_SANDBOX_H
#define XB_SANDBOX_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* AddressSanitizer's memory and reports need more of the kernel than the program itself. */
#ifdef __SANITIZE_ADDRESS__
#define XB_SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XB_SANDBOX_SANITIZED 1
#endif
#endif
#ifndef XB_SANDBOX_SANITIZED
#define XB_SANDBOX_SANITIZED 0
#endif

/* Set by --no-sandbox, also for helper processes: nothing is locked down. */
#define XB_NO_SANDBOX_ENV "XENBENCH_NO_SANDBOX"
bool xb_sandbox_is_off(void);

enum xb_sandbox_profile {
    XB_SANDBOX_READER,  /* reads and writes its descriptors */
    XB_SANDBOX_SESSION, /* the same for sockets and event channels, and polls them */
};

/*
 * Processes of different users cannot reach each other, so each has its own user: this id plus the
 * process id, which is below 2^22. systemd's list of uid ranges assigns these to nobody.
 */
#define XB_SANDBOX_UID_FIRST UINT32_C(0x78620000)

#define XB_SANDBOX_KEEP_MAX 8

struct xb_sandbox {
    enum xb_sandbox_profile profile;
    size_t memory_bytes; /* limit of the address space; 0: none. Not in builds with sanitizers */
    bool keep_all;       /* keep all open descriptors: the program opened them for its work */
    const int *keep;     /* otherwise: those to keep open beside 0 to 2 */
    size_t keep_count;   /* at most XB_SANDBOX_KEEP_MAX */
};

/*
 * Lock this process down for good; with xb_sandbox_is_off only close descriptors. The process gets
 * SIGKILL when its parent dies. On failure (XB_E_HOST) some rights may be gone: end the process.
 */
int xb_sandbox_enter(const struct xb_sandbox *sandbox, struct xb_err *err);

/*
 * For a process about to execute one of the host's programs on a guest's disk: it stays root, but
 * has no capabilities, can read what programs need, can write only to path, and can reach no
 * network. A no-op with xb_sandbox_is_off.
 */
int xb_sandbox_confine(const char *program, const char *path, struct xb_err *err);

/* What this host offers; found out by locking a child process down. */
struct xb_sandbox_support {
    struct xb_err seccomp; /* XB_E_NONE: a process could be locked down */
    int landlock;          /* the kernel's version of it; 0: none */
    bool own_user;         /* this is root, so sandboxes have users of their own */
};
void xb_sandbox_look(struct xb_sandbox_support *out);

/* The lock-down in words, for results: "seccomp, landlock 7, own user", or "off". */
#define XB_SANDBOX_WORDS_BYTES 64
void xb_sandbox_words(char out[XB_SANDBOX_WORDS_BYTES]);

#endif

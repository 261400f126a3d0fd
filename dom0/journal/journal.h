/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The undo journal. A command that changes something lasting writes a record first, holds the
 * record's lock while it works, and removes the record at the end. An unlocked record was left by a
 * dead process and says what to undo. app->journal lists the kinds of records.
 */
#ifndef XB_JOURNAL_H
#define XB_JOURNAL_H

#include "app.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/* One pass that undoes what dead processes left behind. */
struct xb_recovery {
    struct xb_app *app;
    bool dry_run;                              /* tell, and change nothing */
    void (*told)(void *arg, const char *what); /* called for each undone item; NULL: not reported */
    void *arg;
};

void xb_recovery_tell(const struct xb_recovery *recovery, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
#define XB_REMOVE_REMAINS "remove %s, which was never finished"

/* How many records of a kind there may be, and what their keys look like. */
enum xb_journal_key {
    XB_JOURNAL_ONE,     /* one; its key is "" */
    XB_JOURNAL_GUEST,   /* one per guest; its UUID */
    XB_JOURNAL_PROCESS, /* one per process; see xb_journal_process_key */
};

#define XB_JOURNAL_KEY_BYTES 40

struct xb_journal_kind {
    enum xb_journal_key key;
    const char *record; /* the file is RECORD KEY ".json"; NULL: no records, only a sweep */
    const char *lock;   /* the lock is LOCK KEY ".lock" in run_dir */
    bool survives_boot; /* the file is in state_dir/under-way instead of run_dir */
    int format;         /* of records that we write; earlier formats are undone too */
    bool key_suffices;  /* a damaged record can be undone by its key, with record NULL */
    bool after_guests;  /* undone after the guests of dead runs are removed */

    /*
     * Report what the record asks for and, unless dry_run, do it. The caller holds the lock. A
     * killed undo is repeated from its start.
     */
    int (*undo)(const struct xb_recovery *recovery, const char *key, const json_t *record,
                struct xb_err *err);
    /* Fail with "process holder is working on name". NULL: a record in use is no failure. */
    int (*busy)(const char *name, const char *holder, struct xb_err *err);
    int (*sweep)(const struct xb_recovery *recovery, struct xb_err *err);
    /* A guest is being removed: remove what this kind keeps for it. NULL: it keeps nothing. */
    int (*forget)(const struct xb_recovery *recovery, const char *uuid, struct xb_err *err);
};

/* The key of this process: its pid and its start time. */
void xb_journal_process_key(char out[XB_JOURNAL_KEY_BYTES]);

/*
 * Lock a record and undo what a dead process left. Returns the lock's descriptor; -1 if a live
 * process holds the lock (calls busy with name) or the undo fails.
 */
int xb_journal_take(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    const char *name, struct xb_err *err);
/* Write or rewrite the record, adding the format. The caller holds the lock. */
int xb_journal_write(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                     json_t *record, struct xb_err *err);
/* Read a record; NULL with err filled if it is missing, damaged or of a later format. */
json_t *xb_journal_read(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                        struct xb_err *err);
/* Lock and write the record, whose "name" is its subject. Returns the lock's descriptor. */
int xb_journal_begin(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                     json_t *record, struct xb_err *err);
/* Everything is restored: remove the record and, unless lock_fd is -1, unlock it. */
void xb_journal_end(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    int lock_fd);
/* Undo this process's own record and unlock it; after a failure the record stays. */
int xb_journal_undo(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    int lock_fd, struct xb_err *err);

/* Does the record exist? *owner (may be NULL) is the process that holds its lock, or 0. */
bool xb_journal_recorded(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                         pid_t *owner);

/* Undo what a dead process left, if anything. Calls busy if a live process holds the record. */
int xb_journal_recover(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                       struct xb_err *err);
/* Undo the dead processes' records of all kinds about one guest. */
int xb_journal_recover_guest(struct xb_app *app, const char *uuid, struct xb_err *err);
/* Undo all dead records of a kind, or what its sweep finds. Records in use are skipped. */
int xb_journal_recover_kind(const struct xb_recovery *recovery, const struct xb_journal_kind *kind,
                            struct xb_err *err);
/*
 * Undo all kinds that come before, or after, the removal of dead runs' guests. Continues after
 * failures (a record of an unknown kind is one); err has the first.
 */
int xb_journal_recover_all(const struct xb_recovery *recovery, bool after_guests,
                           struct xb_err *err);

/* A guest is being removed: remove what all kinds keep for it. */
int xb_journal_forget_guest(const struct xb_recovery *recovery, const char *uuid,
                            struct xb_err *err);

#endif

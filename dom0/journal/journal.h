/*
 * The undo journal. A command that changes what outlives it writes a record first, holds the
 * record's lock while it works, and removes the record once all is put back. A process that died
 * leaves a record that nobody has locked, which says what to undo.
 *
 * A kind of record is defined where its knowledge is; app->journal lists all kinds.
 */
#ifndef XB_JOURNAL_H
#define XB_JOURNAL_H

#include "app.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/* One pass that undoes what dead processes left. */
struct xb_recovery {
    struct xb_app *app;
    bool dry_run;                              /* tell, and change nothing */
    void (*told)(void *arg, const char *what); /* each thing that is undone; NULL: not told */
    void *arg;
};

void xb_recovery_tell(const struct xb_recovery *recovery, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
#define XB_REMOVE_REMAINS "remove %s, which was never finished"

/* Which records of a kind there may be, and what their keys look like. */
enum xb_journal_key {
    XB_JOURNAL_ONE,     /* one; its key is "" */
    XB_JOURNAL_GUEST,   /* one a guest; its UUID */
    XB_JOURNAL_PROCESS, /* one a process; see xb_journal_process_key */
};

#define XB_JOURNAL_KEY_BYTES 40

struct xb_journal_kind {
    enum xb_journal_key key;
    const char *record; /* its file is RECORD KEY ".json"; NULL: no records, sweep finds all */
    const char *lock;   /* the lock is LOCK KEY ".lock" in run_dir */
    bool survives_boot; /* the file is in state_dir/under-way, else in run_dir */
    int format;         /* of the records that are written; earlier formats are undone too */
    bool key_suffices;  /* a damaged record is undone by its key, with record NULL */
    bool after_guests;  /* undone once the guests of dead runs are removed */

    /*
     * Tell what the record asks for and, unless dry_run, do so. Only the caller holds the lock. An
     * undo that is killed is begun anew.
     */
    int (*undo)(const struct xb_recovery *recovery, const char *key, const json_t *record,
                struct xb_err *err);
    /* Fail: process holder is at work on name. NULL: a record in use is no failure. */
    int (*busy)(const char *name, const char *holder, struct xb_err *err);
    int (*sweep)(const struct xb_recovery *recovery, struct xb_err *err);
    /* A guest is removed: remove what is kept for it. NULL: nothing is. */
    int (*forget)(const struct xb_recovery *recovery, const char *uuid, struct xb_err *err);
};

/* The key of this process: its id, and when it began. */
void xb_journal_process_key(char out[XB_JOURNAL_KEY_BYTES]);

/*
 * Take the lock of a record, and undo what a dead process left. Returns the lock's descriptor; -1
 * where a live process holds the lock (busy is given name), or where the undo fails.
 */
int xb_journal_take(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    const char *name, struct xb_err *err);
/* Write the record, for the first time or again; adds the format. The caller holds the lock. */
int xb_journal_write(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                     json_t *record, struct xb_err *err);
/* NULL with err filled where there is no record, or it is damaged or of a later format. */
json_t *xb_journal_read(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                        struct xb_err *err);
/* Take the lock and write the record, whose "name" names its subject. Returns the lock. */
int xb_journal_begin(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                     json_t *record, struct xb_err *err);
/* All is put back: remove the record and give the lock up, unless lock_fd is -1. */
void xb_journal_end(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    int lock_fd);
/* Undo this process's own record and give the lock up; after a failure the record stays. */
int xb_journal_undo(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                    int lock_fd, struct xb_err *err);

/* Is there a record? *owner (may be NULL) is the process that holds its lock, or 0. */
bool xb_journal_recorded(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                         pid_t *owner);

/* Undo what a dead process left; 0 also where there is nothing. */
int xb_journal_recover(struct xb_app *app, const struct xb_journal_kind *kind, const char *key,
                       struct xb_err *err);
/* The same for the records of all kinds that concern a guest. */
int xb_journal_recover_guest(struct xb_app *app, const char *uuid, struct xb_err *err);
/* The same for all records of a kind, or what its sweep finds. Records in use are passed over. */
int xb_journal_recover_kind(const struct xb_recovery *recovery, const struct xb_journal_kind *kind,
                            struct xb_err *err);
/*
 * The same for all kinds that are undone before, or after, the guests of dead runs are removed.
 * Goes on after failures, of which a record that no kind knows is one; err tells the first.
 */
int xb_journal_recover_all(const struct xb_recovery *recovery, bool after_guests,
                           struct xb_err *err);

/* A guest is removed: remove what all kinds keep for it. */
int xb_journal_forget_guest(const struct xb_recovery *recovery, const char *uuid,
                            struct xb_err *err);

#endif

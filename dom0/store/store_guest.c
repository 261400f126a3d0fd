/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_guest.h"

#include "alloc.h"
#include "base.h"
#include "store_i.h"

#include <string.h>

int xb_store_guest_own(struct xb_store *store, const char *run, const char *guest,
                       struct xb_guest_owned owned, struct xb_err *err)
{
    return xb_store_do(store, err,
                       "UPDATE guests SET made = ?, started = ? WHERE run = ? AND guest = ?",
                       XB_INT(owned.made), XB_INT(owned.started), XB_TEXT(run), XB_TEXT(guest));
}

int xb_store_guest_owned(struct xb_store *store, const char *run, const char *guest,
                         struct xb_guest_owned *out, struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    *out = (struct xb_guest_owned){0};
    if (xb_store_query(store, &stmt, err,
                       "SELECT made, started FROM guests WHERE run = ? AND guest = ?", XB_TEXT(run),
                       XB_TEXT(guest)) < 0)
        return -1;
    int r = xb_store_step(store, stmt, err);
    if (r > 0)
        *out = (struct xb_guest_owned){sqlite3_column_int(stmt, 0), sqlite3_column_int(stmt, 1)};
    return r < 0 ? -1 : 0;
}

int xb_store_guest_said(struct xb_store *store, const char *run, const char *guest,
                        const struct xb_guest_said *said, struct xb_err *err)
{
    return xb_store_do(store, err,
                       "UPDATE guests SET uuid = ?, memory_bytes = ?, vcpus = ?, agent = ?,"
                       " boot_id = ?, kernel = ?, os = ?, clocksource = ?, net = ?, settled = ?"
                       " WHERE run = ? AND guest = ?",
                       XB_TEXT(said->uuid), XB_INT(said->memory_bytes), XB_INT(said->vcpus),
                       XB_TEXT(said->agent), XB_TEXT(said->boot_id), XB_TEXT(said->kernel),
                       XB_TEXT(said->os), XB_TEXT(said->clocksource), XB_TEXT(said->net),
                       XB_INT(said->settled), XB_TEXT(run), XB_TEXT(guest));
}

int xb_store_guest_type(struct xb_store *store, const char *run, const char *guest,
                        const char *type, struct xb_err *err)
{
    return xb_store_do(store, err, "UPDATE guests SET type = ? WHERE run = ? AND guest = ?",
                       XB_TEXT(type), XB_TEXT(run), XB_TEXT(guest));
}

int xb_store_guest_origin(struct xb_store *store, const char *run, const char *guest,
                          const struct xb_guest_origin *origin, struct xb_err *err)
{
    return xb_store_do(
        store, err,
        "UPDATE guests SET image_sha256 = ?, recipe_sha256 = ?, agent_sha256 = ?,"
        " kernel_sha256 = ?, initrd_sha256 = ?, disk_sha256 = ifnull(?, disk_sha256),"
        " image = ? WHERE run = ? AND guest = ?",
        XB_TEXT(origin->image_sha256), XB_TEXT(origin->recipe_sha256),
        XB_TEXT(origin->agent_sha256), XB_TEXT(origin->kernel_sha256),
        XB_TEXT(origin->initrd_sha256), XB_TEXT(origin->disk_sha256), XB_TEXT(origin->image),
        XB_TEXT(run), XB_TEXT(guest));
}

int xb_store_guest_in_case(struct xb_store *store, const char *run, const char *guest,
                           uint32_t case_no, struct xb_err *err)
{
    return xb_store_do(store, err,
                       "UPDATE parts SET (type, kernel, image_sha256) = (SELECT type, kernel,"
                       " image_sha256 FROM guests WHERE guests.run = parts.run AND guests.guest ="
                       " parts.guest) WHERE run = ? AND guest = ? AND case_no = ?",
                       XB_TEXT(run), XB_TEXT(guest), XB_INT(case_no));
}

/* The first column of the first row, in *out (to free); NULL where there is no row. */
static int take_text(struct xb_store *store, sqlite3_stmt *stmt, char **out, struct xb_err *err)
{
    int r = xb_store_step(store, stmt, err);
    *out = r > 0 ? xb_strdup(xb_column_text(stmt, 0)) : NULL;
    return r < 0 ? -1 : 0;
}

int xb_store_guest_other_image(struct xb_store *store, const char *run, const char *guest,
                               const char *image, const char *digest, char **out,
                               struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    return xb_store_query(store, &stmt, err,
                          "SELECT image_sha256 FROM parts WHERE run = ? AND guest = ?"
                          " AND image = ? AND image_sha256 != ? LIMIT 1",
                          XB_TEXT(run), XB_TEXT(guest), XB_TEXT(image), XB_TEXT(digest)) < 0
               ? -1
               : take_text(store, stmt, out, err);
}

int xb_store_guest_set_baseline(struct xb_store *store, const char *run, const char *guest,
                                const json_t *baseline, struct xb_err *err)
{
    xb_auto_free char *text = baseline ? json_dumps(baseline, JSON_COMPACT) : NULL;
    return xb_store_do(store, err, "UPDATE guests SET baseline = ? WHERE run = ? AND guest = ?",
                       XB_TEXT(text), XB_TEXT(run), XB_TEXT(guest));
}

int xb_store_guest_baseline(struct xb_store *store, const char *run, const char *guest, char **out,
                            struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    return xb_store_query(store, &stmt, err,
                          "SELECT baseline FROM guests WHERE run = ? AND guest = ?"
                          " AND baseline IS NOT NULL",
                          XB_TEXT(run), XB_TEXT(guest)) < 0
               ? -1
               : take_text(store, stmt, out, err);
}

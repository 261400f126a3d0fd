/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setting.h"

#include "base.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* No number of Xen's is larger, unless the row says so. */
#define NUMBER_MAX 1000000

static int number(const struct xb_setting *row, const void *in)
{
    return *(const int *)((const char *)in + row->offset);
}

static void set_number(const struct xb_setting *row, void *in, int value)
{
    *(int *)((char *)in + row->offset) = value;
}

static const char *key_of(const struct xb_setting *row)
{
    return row->json ? row->json : row->name;
}

static const char *label_of(const struct xb_setting *row)
{
    return row->label ? row->label : row->name;
}

static bool number_said(const struct xb_setting *row, const void *in)
{
    return number(row, in) != row->keep;
}

static void number_clear(const struct xb_setting *row, void *in)
{
    set_number(row, in, row->keep);
}

static int number_copy(const struct xb_setting *row, void *to, const void *from,
                       struct xb_err *err XB_UNUSED)
{
    set_number(row, to, number(row, from));
    return 0;
}

static bool number_differs(const struct xb_setting *row, const void *want, const void *got,
                           char *why, size_t why_bytes)
{
    int asked = number(row, want), in_force = number(row, got);
    if (asked == in_force)
        return false;
    snprintf(why, why_bytes, "%s%s%s %d asked, %d in force", label_of(row), row->unit ? " in " : "",
             row->unit ? row->unit : "", asked, in_force);
    return true;
}

static json_t *number_to_json(const struct xb_setting *row, const void *in)
{
    return json_integer(number(row, in));
}

/*
 * Accept numbers beyond the row's bounds, because Xen may boot with values that it lets nobody set.
 */
static int number_from_json(const struct xb_setting *row, void *in, const json_t *json,
                            struct xb_err *err)
{
    json_int_t n = json_integer_value(json);
    json_int_t max = row->max > NUMBER_MAX ? (json_int_t)row->max : NUMBER_MAX;
    if (!json_is_integer(json) || n < 0 || n > max)
        return xb_fail(err, XB_E_INPUT, 0, "`%s` is not a number from 0 to %lld", key_of(row),
                       (long long)max);
    set_number(row, in, (int)n);
    return 0;
}

static int number_give(const struct xb_setting *row, void *in, struct xb_err *err XB_UNUSED)
{
    set_number(row, in, row->given);
    return 0;
}

const struct xb_setting_kind xb_setting_number = {
    .said = number_said,
    .clear = number_clear,
    .copy = number_copy,
    .differs = number_differs,
    .to_json = number_to_json,
    .from_json = number_from_json,
    .give = number_give,
};

static json_t *flag_to_json(const struct xb_setting *row, const void *in)
{
    return json_boolean(number(row, in));
}

static int flag_from_json(const struct xb_setting *row, void *in, const json_t *json,
                          struct xb_err *err XB_UNUSED)
{
    set_number(row, in, json_is_true(json));
    return 0;
}

const struct xb_setting_kind xb_setting_flag = {
    .said = number_said,
    .clear = number_clear,
    .copy = number_copy,
    .differs = number_differs,
    .to_json = flag_to_json,
    .from_json = flag_from_json,
    .give = number_give,
};

static bool is_number(const struct xb_setting *row)
{
    return row->kind == &xb_setting_number || row->kind == &xb_setting_flag;
}

const struct xb_setting *xb_settings_find(const struct xb_setting *rows, const char *name)
{
    while (rows->name && strcmp(rows->name, name) != 0)
        rows++;
    return rows->name ? rows : NULL;
}

bool xb_settings_said(const struct xb_setting *rows, const void *in)
{
    for (; rows->name; rows++)
        if (rows->kind->said(rows, in))
            return true;
    return false;
}

int xb_settings_give(const struct xb_setting *rows, void *in, struct xb_err *err)
{
    for (; rows->name; rows++)
        if (rows->kind->give && rows->kind->give(rows, in, err) < 0)
            return -1;
    return 0;
}

void xb_settings_clear(const struct xb_setting *rows, void *in)
{
    for (; rows->name; rows++)
        rows->kind->clear(rows, in);
}

int xb_settings_over(const struct xb_setting *rows, void *to, const void *over, struct xb_err *err)
{
    for (; rows->name; rows++)
        if (rows->kind->said(rows, over) && rows->kind->copy(rows, to, over, err) < 0)
            return -1;
    return 0;
}

bool xb_settings_differ(const struct xb_setting *rows, const void *want, const void *got, char *why,
                        size_t why_bytes)
{
    for (; rows->name; rows++)
        if (rows->kind->said(rows, want) && rows->kind->differs(rows, want, got, why, why_bytes))
            return true;
    return false;
}

void xb_settings_put(const struct xb_setting *rows, const void *in, json_t *json)
{
    for (; rows->name; rows++)
        if (rows->kind->said(rows, in))
            json_object_set_new(json, key_of(rows), rows->kind->to_json(rows, in));
}

int xb_settings_get(const struct xb_setting *rows, void *in, const json_t *json, struct xb_err *err)
{
    for (; rows->name; rows++) {
        const json_t *value = json_object_get(json, key_of(rows));
        if (value && rows->kind->from_json(rows, in, value, err) < 0)
            return -1;
    }
    return 0;
}

void xb_settings_say(const struct xb_setting *rows, const void *in, char *out, size_t bytes)
{
    for (; rows->name; rows++) {
        size_t used = strlen(out);
        if (rows->kind->text && rows->kind->said(rows, in))
            snprintf(out + used, bytes - used, ", %s %s", label_of(rows),
                     rows->kind->text(rows, in));
        if (is_number(rows) && number_said(rows, in))
            snprintf(out + used, bytes - used, ", %s %d%s%s", label_of(rows), number(rows, in),
                     rows->unit ? " " : "", rows->unit ? rows->unit : "");
    }
}

/* Does the setting depend on the scheduler? */
static bool is_schedulers(const struct xb_setting *row)
{
    for (size_t i = 0; i < XB_SCHEDULERS; i++)
        if (row->xen[i])
            return true;
    return false;
}

static bool is_known(const struct xb_setting *row, enum xb_scheduler scheduler)
{
    return scheduler < XB_SCHEDULERS && row->xen[scheduler];
}

const struct xb_setting *xb_settings_unknown(const struct xb_setting *rows, const void *in,
                                             const char *scheduler)
{
    enum xb_scheduler rules = xb_scheduler_of(scheduler);
    for (; rows->name; rows++)
        if (is_schedulers(rows) && !is_known(rows, rules) && rows->kind->said(rows, in))
            return rows;
    return NULL;
}

const char *xb_setting_knowers(const struct xb_setting *row, const char *one, const char *several,
                               char *out, size_t bytes)
{
    size_t used = 0, count = 0;
    out[0] = '\0';
    for (size_t i = 0; i < XB_SCHEDULERS && used < bytes; i++)
        if (row->xen[i])
            used += (size_t)snprintf(out + used, bytes - used, "%s%s", count++ ? " and " : "",
                                     xb_scheduler_words[i]);
    if (used < bytes)
        snprintf(out + used, bytes - used, " %s", count == 1 ? one : several);
    return out;
}

bool xb_settings_said_of_scheduler(const struct xb_setting *rows, const void *in)
{
    for (; rows->name; rows++)
        if (is_schedulers(rows) && rows->kind->said(rows, in))
            return true;
    return false;
}

int xb_settings_fit(const struct xb_setting *rows, void *in, const char *scheduler,
                    struct xb_err *err)
{
    enum xb_scheduler rules = xb_scheduler_of(scheduler);
    for (; rows->name; rows++) {
        if (!is_schedulers(rows))
            continue;
        if (!is_known(rows, rules))
            rows->kind->clear(rows, in);
        else if (!rows->kind->said(rows, in) && rows->kind->give &&
                 rows->kind->give(rows, in, err) < 0)
            return -1;
    }
    return 0;
}

void xb_settings_from_xen(const struct xb_setting *rows, void *in, enum xb_scheduler scheduler,
                          const void *xen)
{
    for (; rows->name; rows++)
        if (is_number(rows) && is_known(rows, scheduler))
            set_number(rows, in, *(const int *)((const char *)xen + rows->xen[scheduler] - 1));
}

void xb_settings_to_xen(const struct xb_setting *rows, const void *in, enum xb_scheduler scheduler,
                        void *xen)
{
    for (; rows->name; rows++)
        if (is_number(rows) && is_known(rows, scheduler) && number_said(rows, in))
            *(int *)((char *)xen + rows->xen[scheduler] - 1) = number(rows, in);
}

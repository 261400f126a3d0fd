/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run of an experiment changes on the host, in words. */
#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "plan_view.h"

#include <stdarg.h>
#include <string.h>

static void __attribute__((format(printf, 2, 3)))
add(struct xb_plan_view *view, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = xb_vasprintf(fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < view->change_count; i++) {
        if (strcmp(view->changes[i], text) == 0) {
            free(text); /* another case has the same change */
            return;
        }
    }
    *xb_append(&view->changes, &view->change_count) = text;
}

/* "vcpus 1, hard 0" */
static void say_allocation(const struct xb_allocation *alloc, uint32_t cpus, char *out,
                           size_t bytes)
{
    struct xb_allocation shown = *alloc;
    shown.host_cpus = cpus;
    json_t *json = xb_allocation_to_json(&shown), *value;
    const char *key;
    size_t used = 0;
    out[0] = '\0';
    json_object_foreach(json, key, value)
    {
        char *text = json_is_array(value) && json_array_size(value) == 1
                         ? json_dumps(json_array_get(value, 0), JSON_COMPACT | JSON_ENCODE_ANY)
                         : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        size_t n = text ? strlen(text) : 0;
        bool quoted = n > 1 && text[0] == '"';
        if (used < bytes && text)
            used += (size_t)snprintf(out + used, bytes - used, "%s%s %.*s", used ? ", " : "", key,
                                     (int)(quoted ? n - 2 : n), quoted ? text + 1 : text);
        free(text);
    }
    json_decref(json);
}

static void change_pool(struct xb_plan_view *view, const struct xb_exp_pool *pool)
{
    char cpus[XB_CPUS_TEXT_BYTES] = "?", params[160] = "";
    const struct xb_pool *found = NULL;
    for (size_t i = 0; i < view->facts.pool_count; i++)
        if (strcmp(view->facts.pools[i].name, pool->name) == 0)
            found = &view->facts.pools[i];
    if (pool->has_cpus)
        xb_cpus_format(&pool->cpus, XB_CPUS_MAX, cpus, sizeof(cpus));
    if (pool->sched_gran >= 0)
        snprintf(params, sizeof(params), ", sched_gran %s", xb_sched_gran_words[pool->sched_gran]);
    xb_settings_say(xb_pool_settings, &pool->params, params, sizeof(params));
    if (found)
        add(view, "cpupool %s: %s%s%s", pool->name, pool->has_cpus ? "CPUs " : "",
            pool->has_cpus ? cpus : "its own CPUs", params);
    else
        add(view, "cpupool %s is created from CPU %s with the scheduler %s%s, and removed",
            pool->name, cpus, pool->scheduler[0] ? pool->scheduler : XB_SCHEDULER_DEFAULT, params);
}

static void change_host(struct xb_plan_view *view, const struct xb_exp_host *host)
{
    if (host->governor[0])
        add(view, "governor of all CPUs: %s", host->governor);
    if (host->turbo >= 0)
        add(view, "turbo: %s", host->turbo ? "on" : "off");
    if (host->max_cstate == XB_CSTATE_UNLIMITED)
        add(view, "C-states: all");
    else if (host->max_cstate >= 0)
        add(view, "C-states: up to C%lld", (long long)host->max_cstate);
}

/* One line for each image, type and number of vcpus that the cases need. */
static void make_guest(struct xb_plan_view *view, size_t g)
{
    const struct xb_experiment *exp = view->exp;
    const struct xb_exp_guest *guest = &exp->guests[g];
    for (uint32_t c = 0; c < exp->case_count; c++) {
        const struct xb_exp_build *build = &exp->cases[c].parts[g].build;
        uint32_t same = 0, vcpus = xb_exp_maxvcpus(exp, c, g);
        while (same < c && xb_exp_made_anew(exp, same, c, g))
            same++;
        if (same == c)
            add(view, "guest %s is made from image %s (type %s, %u vcpu%s)%s", guest->name,
                build->image, xb_guest_type_words[build->type], vcpus, xb_plural(vcpus),
                guest->keep ? ", and stays (keep)" : ", and removed");
    }
}

/* An existing guest's settings are restored; a guest made for the run is removed. */
static void change_guest(struct xb_plan_view *view, size_t g)
{
    const struct xb_exp_guest *guest = &view->exp->guests[g];
    const struct xb_host_guest *found = xb_host_guest(&view->facts, guest->name);
    char text[512];
    if (guest->socket)
        return;
    if (!found && guest->image) {
        make_guest(view, g);
        return;
    }
    if (found && !found->running)
        add(view, "guest %s is started, and stopped", guest->name);
    for (size_t c = 0; c < view->exp->case_count; c++) {
        say_allocation(&view->exp->cases[c].guests[g], view->facts.cpus, text, sizeof(text));
        if (text[0])
            add(view, "guest %s: %s", guest->name, text);
    }
}

void xb_plan_changes(struct xb_plan_view *view)
{
    const struct xb_experiment *exp = view->exp;
    char text[512];
    for (size_t c = 0; c < exp->case_count; c++) {
        say_allocation(&exp->cases[c].dom0, view->facts.cpus, text, sizeof(text));
        if (text[0])
            add(view, "Dom0: %s", text);
        change_host(view, &exp->cases[c].host);
        for (size_t p = 0; p < exp->cases[c].pool_count; p++)
            change_pool(view, &exp->cases[c].pools[p]);
    }
    for (size_t g = 0; g < exp->guest_count; g++)
        change_guest(view, g);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of `xenbench doctor`: is this Dom0 fit to measure on?
 */
#ifndef XB_DOCTOR_H
#define XB_DOCTOR_H

#include "app.h"
#include "host_facts.h"

#include <stddef.h>

enum xb_health { XB_HEALTH_OK, XB_HEALTH_WARNING, XB_HEALTH_FAIL };

struct xb_finding {
    enum xb_health health;
    char what[24];
    char text[320];   /* what was found */
    char advice[320]; /* what to do; "" if nothing */
};

#define XB_FINDINGS_MAX 48

struct xb_doctor {
    struct xb_app *app;
    const struct xb_host_facts *facts;
    struct xb_finding findings[XB_FINDINGS_MAX];
    size_t count;
};

/* Does a hypervisor answer? */
bool xb_doctor_has_xen(const struct xb_doctor *doctor);

/* Add a finding with formatted text; advice belongs to the newest finding. */
void xb_doctor_find(struct xb_doctor *doctor, enum xb_health health, const char *what,
                    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void xb_doctor_advise(struct xb_doctor *doctor, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Dom0 as a system: is it a Dom0, device nodes, services, disk, clock, leftovers of runs. Needs no
 * Xen.
 */
void xb_doctor_system(struct xb_doctor *doctor);

/* What the hypervisor reports; without a hypervisor, each check says so. */
void xb_doctor_hypervisor(struct xb_doctor *doctor);

/* What guests' disks need: the hotplug program, volume groups, thin pools. Needs no Xen. */
void xb_doctor_storage(struct xb_doctor *doctor);

/* Xen's message buffer, and the log of Dom0's kernel. */
void xb_doctor_messages(struct xb_doctor *doctor);

/* Frequency scaling, as Xen does it. */
void xb_doctor_frequency(struct xb_doctor *doctor);

#endif

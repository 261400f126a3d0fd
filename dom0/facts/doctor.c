/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of findings of `xenbench doctor`. */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>

bool xb_doctor_has_xen(const struct xb_doctor *doctor)
{
    return doctor->facts->why[XB_FACTS_XEN].class == XB_E_NONE;
}

void xb_doctor_find(struct xb_doctor *doctor, enum xb_health health, const char *what,
                    const char *fmt, ...)
{
    va_list ap;
    if (doctor->count == XB_FINDINGS_MAX)
        return;
    struct xb_finding *finding = &doctor->findings[doctor->count++];
    *finding = (struct xb_finding){.health = health};
    snprintf(finding->what, sizeof(finding->what), "%s", what);
    va_start(ap, fmt);
    vsnprintf(finding->text, sizeof(finding->text), fmt, ap);
    va_end(ap);
}

void xb_doctor_advise(struct xb_doctor *doctor, const char *fmt, ...)
{
    va_list ap;
    struct xb_finding *finding = &doctor->findings[doctor->count - 1];
    va_start(ap, fmt);
    vsnprintf(finding->advice, sizeof(finding->advice), fmt, ap);
    va_end(ap);
}

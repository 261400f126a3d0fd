/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void xb_fault(const char *step)
{
    static const char stop[] = "stop:";
    const char *wanted = getenv("XENBENCH_FAULT");
    if (!wanted)
        return;
    if (strcmp(wanted, "list") == 0)
        fprintf(stderr, "fault: %s\n", step);
    else if (strcmp(wanted, step) == 0)
        raise(SIGKILL);
    else if (strncmp(wanted, stop, sizeof(stop) - 1) == 0 &&
             strcmp(wanted + sizeof(stop) - 1, step) == 0) {
        unsetenv("XENBENCH_FAULT"); /* the first time only */
        raise(SIGSTOP);
    }
}

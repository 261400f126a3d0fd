/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fault injection for tests: XENBENCH_FAULT=STEP makes this process kill itself (SIGKILL) at that
 * step; XENBENCH_FAULT=list prints the steps on stderr as they come. Tests can thus check each step
 * instead of killing at random moments.
 */
#ifndef XB_FAULT_H
#define XB_FAULT_H

void xb_fault(const char *step);

#endif

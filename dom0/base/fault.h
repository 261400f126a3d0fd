/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fault injection for tests: XENBENCH_FAULT=STEP makes this process kill itself (SIGKILL) at that
 * step, XENBENCH_FAULT=stop:STEP stop itself (SIGSTOP) until somebody continues it, so that a fault
 * of any kind can happen at that moment. XENBENCH_FAULT=list prints the steps on stderr as they
 * come. Tests can thus check each step instead of random moments.
 */
#ifndef XB_FAULT_H
#define XB_FAULT_H

void xb_fault(const char *step);

#endif

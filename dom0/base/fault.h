/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fault injection for tests: XENBENCH_FAULT=STEP makes this process kill itself (SIGKILL) at that
 * step; stop:STEP makes it stop (SIGSTOP) until somebody continues it, so that any other fault can
 * be caused at that moment; list prints each step on stderr as it is reached.
 */
#ifndef XB_FAULT_H
#define XB_FAULT_H

void xb_fault(const char *step);

#endif

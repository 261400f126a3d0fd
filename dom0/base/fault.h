/*
 * Pulling the plug, for tests: XENBENCH_FAULT=STEP kills this process with SIGKILL when it comes to
 * the step of that name, and XENBENCH_FAULT=list tells the steps on stderr as they come. What has
 * to be whole or gone afterwards is then seen at each step, not only where chance kills.
 */
#ifndef XB_FAULT_H
#define XB_FAULT_H

void xb_fault(const char *step);

#endif

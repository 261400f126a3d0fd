/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All commands of xenbench. Each has its options as data beside its function.
 */
#ifndef XB_COMMANDS_H
#define XB_COMMANDS_H

#include "verbs.h"

/* For options: how long to look for guests' agents, and how long guests may boot. */
#define XB_CONNECT_TIMEOUT_NS (60 * XB_NS_PER_S)
#define XB_BOOT_TIMEOUT_NS (120 * XB_NS_PER_S)

extern const struct xb_verb xb_commands[];

/* In the run directory, the store of a `workload check`: PREFIX PID .sqlite; clean sweeps it. */
#define XB_WORKLOAD_CHECK_PREFIX "workload-check-"

#define XB_COMMAND(name)                                                                           \
    xb_command_fn xb_cmd_##name;                                                                   \
    extern const struct xb_opts xb_opts_##name

XB_COMMAND(clean);
XB_COMMAND(compare);
XB_COMMAND(doctor);
XB_COMMAND(exec);
XB_COMMAND(fleet_collect);
XB_COMMAND(fleet_report);
XB_COMMAND(fleet_status);
XB_COMMAND(fleet_submit);
XB_COMMAND(fleet_task);
XB_COMMAND(guest_checkpoint);
XB_COMMAND(guest_clone);
XB_COMMAND(guest_console);
XB_COMMAND(guest_create);
XB_COMMAND(guest_destroy);
XB_COMMAND(guest_list);
XB_COMMAND(guest_migrate);
XB_COMMAND(guest_pause);
XB_COMMAND(guest_reboot);
XB_COMMAND(guest_remove);
XB_COMMAND(guest_restore);
XB_COMMAND(guest_start);
XB_COMMAND(guest_stop);
XB_COMMAND(guest_unpause);
XB_COMMAND(history);
XB_COMMAND(host_prepare);
XB_COMMAND(host_show);
XB_COMMAND(host_undo);
XB_COMMAND(image_build);
XB_COMMAND(image_check_device);
XB_COMMAND(image_export);
XB_COMMAND(image_import);
XB_COMMAND(image_list);
XB_COMMAND(image_remove);
XB_COMMAND(init);
XB_COMMAND(lifecycle);
XB_COMMAND(plan);
XB_COMMAND(pull);
XB_COMMAND(push);
XB_COMMAND(report);
XB_COMMAND(run);
XB_COMMAND(runs_delete);
XB_COMMAND(runs_export);
XB_COMMAND(runs_import);
XB_COMMAND(runs_list);
XB_COMMAND(runs_show);
XB_COMMAND(selftest);
XB_COMMAND(trace);
XB_COMMAND(watch);
XB_COMMAND(workload_check);
XB_COMMAND(workload_list);
XB_COMMAND(workload_new);
XB_COMMAND(workload_show);
#undef XB_COMMAND

#endif

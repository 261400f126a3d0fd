/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's xl.cfg, as libxl reads it.
 */
#ifndef XB_DOMAIN_CONFIG_H
#define XB_DOMAIN_CONFIG_H

#include "base.h"
#include "guest_def.h"
#include "xen.h"

#define xb_auto_config XB_AUTO(libxl_domain_config_dispose)

/*
 * The xl.cfg in a guest's directory, and xl's JSON of it. No guest uses these file names for
 * another file.
 */
int xb_domain_cfg_paths(const char *dir, const char *name, char cfg[PATH_MAX], char json[PATH_MAX],
                        struct xb_err *err);

/*
 * Have xl parse a cfg (`xl -N create`, the only full parser) and write libxl's JSON. XB_E_INPUT
 * with xl's words if xl refuses it.
 */
int xb_domain_cfg_to_json(const char *cfg, const char *json, struct xb_err *err);

/*
 * Run xl (args end with NULL), quietly: 0, or XB_E_HOST with the last line of its errors. At
 * deadline_ns (monotonic) or with a pending stop signal (xb_stop_fd), xl and its children are
 * killed: XB_E_BENCH.
 */
int xb_run_xl(const char *const *args, uint64_t deadline_ns, struct xb_err *err);

/* The configuration of a guest, reread if the cfg changed. Dispose of out, also after a failure. */
int xb_domain_config_load(struct xb_xen *xen, const struct xb_guest_def *def,
                          libxl_domain_config *out, struct xb_err *err);

/* The memory that a configuration sets, in bytes; 0: not set. */
uint64_t xb_domain_config_memory(const libxl_domain_config *config);

#endif

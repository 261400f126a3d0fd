/*
 * From an xl.cfg to a domain.
 */
#ifndef XB_DOMAIN_BUILD_H
#define XB_DOMAIN_BUILD_H

#include "guest_def.h"
#include "xen.h"

#define xb_auto_config __attribute__((cleanup(libxl_domain_config_dispose)))

/* Where in a guest's directory its xl.cfg is, and what xl made of that. Of no guest, whatever its name, is it another of its files. */
int xb_domain_cfg_paths(const char *dir, const char *name, char cfg[PATH_MAX], char json[PATH_MAX],
                        struct xb_err *err);

/*
 * Have xl read a cfg (`xl -N create`, the only reader of all of its syntax) and write libxl's JSON
 * of it. XB_E_INPUT with xl's words where it does not like it.
 */
int xb_domain_cfg_to_json(const char *cfg, const char *json, struct xb_err *err);

/*
 * Run xl with arguments that end in NULL, and no output but what it says when it fails: 0, or
 * XB_E_HOST with its last line. It is ended, with all that it started, at deadline_ns (monotonic
 * clock) or when a stop signal is pending (xb_stop_fd): XB_E_BENCH.
 */
int xb_run_xl(const char *const *args, uint64_t deadline_ns, struct xb_err *err);

/*
 * The configuration of a guest, read anew where the cfg was changed. out is to dispose of, also
 * after a failure.
 */
int xb_domain_config_load(struct xb_xen *xen, const struct xb_guest_def *def,
                          libxl_domain_config *out, struct xb_err *err);

/* The memory that a configuration asks for, in bytes; 0 where it does not say. */
uint64_t xb_domain_config_memory(const libxl_domain_config *config);

/* Build the domain; it is left paused. config gets libxl's defaults filled in. */
int xb_domain_build(struct xb_xen *xen, libxl_domain_config *config, uint32_t *domid,
                    struct xb_err *err);

/* Destroy a domain and wait until its devices are gone. 0 where there is none. */
int xb_domain_destroy(struct xb_xen *xen, uint32_t domid, struct xb_err *err);

/* Would xl take memory from Dom0 for a guest? */
bool xb_memory_may_balloon(struct xb_xen *xen);

/*
 * See that Xen has the memory for these domains, taking it from Dom0 where xl would (autoballoon in
 * xl.conf, and no dom0_mem= on Xen's command line). While *lock_fd stays open no xl builds a domain
 * with what was freed; close it when the domains are built. XB_E_HOST, with the numbers, where it
 * is not to be had.
 */
int xb_memory_free(struct xb_xen *xen, libxl_domain_config *configs, size_t count, int *lock_fd,
                   struct xb_err *err);

#endif

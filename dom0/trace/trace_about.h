/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a trace does not say itself: the rate of its clock, and the domains' names. `run
 * --keep-traces` writes it beside each trace, into FILE.json.
 */
#ifndef XB_TRACE_ABOUT_H
#define XB_TRACE_ABOUT_H

#include "err.h"

#include <jansson.h>
#include <stdint.h>

#define XB_TRACE_ABOUT_SCHEMA "xenbench-trace-about/1"

/* domains: {"5": "web", ...}. */
int xb_trace_about_keep(const char *trace, double tsc_khz, json_t *domains, struct xb_err *err);
/* *out is a new reference, NULL where there is no such file. XB_E_INPUT if it is malformed. */
int xb_trace_about_load(const char *trace, json_t **out, struct xb_err *err);

/* about may be NULL. 0, NULL: not known. */
double xb_trace_about_khz(const json_t *about);
const char *xb_trace_about_name(const json_t *about, uint16_t domid);

#endif

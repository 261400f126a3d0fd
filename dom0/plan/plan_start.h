/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An experiment to start from, for a host: its comments say what the host has.
 */
#ifndef XB_PLAN_START_H
#define XB_PLAN_START_H

#include "host_facts.h"

#include <stdio.h>

/*
 * Write an experiment that the host can run, as far as its facts are known. Returns whether the
 * host has an image or a guest for it; if not, the experiment names the image that must be built.
 */
bool xb_start_write(const struct xb_host_facts *facts, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal_kinds.h"

#include "build_record.h"
#include "checkpoint_record.h"
#include "checkpoint_sweep.h"
#include "destroy_record.h"
#include "guest_dir.h"
#include "host.h"
#include "image.h"
#include "lifecycle_record.h"
#include "selftest_record.h"
#include "trace_capture.h"

const struct xb_journal_kind *const xb_journal_kinds[] = {
    &xb_trace_kind,     &xb_checkpoint_kind, &xb_build_kind, &xb_destroy_kind,
    &xb_life_kind,      &xb_selftest_kind,   &xb_host_kind,  &xb_checkpoint_file_kind,
    &xb_guest_dir_kind, &xb_image_kind,      NULL,
};

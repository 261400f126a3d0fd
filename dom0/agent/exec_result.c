/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec.h"

#include "base.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int xb_exec_status(const Xb__Result *result)
{
    switch (result->outcome) {
    case XB__OUTCOME__OUTCOME_EXITED:
        return result->status & 0xff;
    case XB__OUTCOME__OUTCOME_SIGNALED:
    case XB__OUTCOME__OUTCOME_KILLED:
    case XB__OUTCOME__OUTCOME_OOM:
        return XB_EXEC_SIGNAL_BASE + (result->status & 0x7f);
    case XB__OUTCOME__OUTCOME_TIMEOUT:
        return XB_EXEC_TIMED_OUT;
    case XB__OUTCOME__OUTCOME_EXEC_FAILED:
        return result->status == ENOENT ? XB_EXEC_NOT_FOUND : XB_EXEC_CANNOT_RUN;
    default:
        return XB_E_HOST; /* cancelled, or an outcome of a newer agent */
    }
}

static const char *outcome_words(const Xb__Result *result)
{
    switch (result->outcome) {
    case XB__OUTCOME__OUTCOME_EXITED:
        return NULL;
    case XB__OUTCOME__OUTCOME_SIGNALED:
        return "ended by signal";
    case XB__OUTCOME__OUTCOME_TIMEOUT:
        return "timed out and was killed";
    case XB__OUTCOME__OUTCOME_EXEC_FAILED:
        return "could not be run";
    case XB__OUTCOME__OUTCOME_OOM:
        return "killed by the guest's kernel, which was out of memory";
    case XB__OUTCOME__OUTCOME_CANCELLED:
        return "cancelled before it ran";
    case XB__OUTCOME__OUTCOME_KILLED:
        return "killed by xenbench";
    default:
        return "ended in a way unknown to this version of xenbench";
    }
}

bool xb_exec_remark(const Xb__Result *result, char *out, size_t bytes)
{
    const char *words = outcome_words(result);
    char signal[64] = "";
    if (result->outcome == XB__OUTCOME__OUTCOME_SIGNALED) {
        const char *name = sigabbrev_np(result->status);
        if (name)
            snprintf(signal, sizeof(signal), " SIG%s", name);
        else
            snprintf(signal, sizeof(signal), " %" PRId32, result->status);
    }
    if (!words && !*result->detail)
        return false;
    snprintf(out, bytes, "%s%s%s%s", words ? words : "", signal,
             words && *result->detail ? ": " : "", result->detail);
    return true;
}

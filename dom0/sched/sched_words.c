/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sched_words.h"

#include <string.h>

const char *const xb_scheduler_words[] = {
    [XB_SCHED_CREDIT] = "credit", [XB_SCHED_CREDIT2] = "credit2",   [XB_SCHED_RTDS] = "rtds",
    [XB_SCHED_NULL] = "null",     [XB_SCHED_ARINC653] = "arinc653", [XB_SCHEDULERS] = NULL,
};

const char *const xb_scheduler_options[] = {
    [XB_SCHED_CREDIT] = "CONFIG_SCHED_CREDIT",     [XB_SCHED_CREDIT2] = "CONFIG_SCHED_CREDIT2",
    [XB_SCHED_RTDS] = "CONFIG_SCHED_RTDS",         [XB_SCHED_NULL] = "CONFIG_SCHED_NULL",
    [XB_SCHED_ARINC653] = "CONFIG_SCHED_ARINC653",
};

const char *const xb_sched_gran_words[] = {"cpu", "core", "socket", NULL};

const char *const xb_tsc_mode_words[] = {"default", "always_emulate", "native", "native_paravirt",
                                         NULL};

const char *const xb_guest_type_words[] = {"default", "pv", "pvh", "hvm", NULL};

const char *const xb_role_words[] = {"measured", "background", "idle", NULL};

/* The word's place in the list, or the list's length if it is not there. */
static size_t find(const char *const *words, const char *word)
{
    size_t i = 0;
    while (words[i] && strcmp(words[i], word) != 0)
        i++;
    return i;
}

enum xb_scheduler xb_scheduler_of(const char *word)
{
    return (enum xb_scheduler)find(xb_scheduler_words, word);
}

int xb_sched_gran_of(const char *word)
{
    size_t i = find(xb_sched_gran_words, word);
    return xb_sched_gran_words[i] ? (int)i : -1;
}

enum xb_role xb_role_of(const char *word)
{
    size_t i = find(xb_role_words, word);
    return xb_role_words[i] ? (enum xb_role)i : XB_ROLE_MEASURED;
}

bool xb_scheduler_has_weights(const char *word)
{
    enum xb_scheduler scheduler = xb_scheduler_of(word);
    return scheduler == XB_SCHED_CREDIT || scheduler == XB_SCHED_CREDIT2;
}

#include "words.h"

#include <string.h>

const char *const xb_scheduler_words[] = {
    [XB_SCHED_CREDIT] = "credit", [XB_SCHED_CREDIT2] = "credit2", [XB_SCHED_RTDS] = "rtds",
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

enum xb_scheduler xb_scheduler_of(const char *word)
{
    size_t i = 0;
    while (xb_scheduler_words[i] && strcmp(xb_scheduler_words[i], word) != 0)
        i++;
    return (enum xb_scheduler)i;
}

bool xb_scheduler_has_weights(const char *word)
{
    enum xb_scheduler scheduler = xb_scheduler_of(word);
    return scheduler == XB_SCHED_CREDIT || scheduler == XB_SCHED_CREDIT2;
}

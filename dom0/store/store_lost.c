/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_lost.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Written before the signal can come, because nothing can be formatted in its handler. */
static char last_words[512];

static void disk_is_lost(int signal)
{
    (void)signal;
    ssize_t ignored = write(STDERR_FILENO, last_words, strlen(last_words));
    (void)ignored;
    _exit(3);
}

void xb_store_lost_tell(const char *path)
{
    struct sigaction on_bus = {.sa_handler = disk_is_lost};
    snprintf(last_words, sizeof(last_words),
             "xenbench: the disk of the store %.300s failed or became read-only; what it has is "
             "kept (`xenbench clean` restores the host)\n",
             path);
    sigaction(SIGBUS, &on_bus, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as the description of a host (`plan --host FILE`): facts that were read and written
 * again read the same.
 * For: dom0/facts/host_facts.c dom0/facts/host_facts_read.c
 */
#include "base.h"
#include "files.h"
#include "host_facts.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static int load(struct xb_host_facts *facts, const void *data, size_t bytes, struct xb_err *err)
{
    char path[40];
    xb_auto_close int fd = memfd_create("host", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return xb_host_facts_load(facts, path, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    xb_auto_facts struct xb_host_facts facts = {0}, again = {0};
    if (load(&facts, data, bytes, &err) < 0) {
        if (!err.class)
            abort();
        return 0;
    }
    xb_auto_json json_t *first = xb_host_facts_to_json(&facts), *second = NULL;
    xb_auto_free char *text = json_dumps(first, 0);
    if (!text || load(&again, text, strlen(text), &err) < 0)
        abort();
    second = xb_host_facts_to_json(&again);
    if (!json_equal(first, second))
        abort();
    return 0;
}

/*
 * Any bytes as another's export: a store or JSON, imported or refused.
 * For: dom0/store/store_foreign.c dom0/store/store_foreign_json.c dom0/store/store_check.c
 */
#include "base.h"
#include "store_foreign.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[40];
    struct xb_err err = {0};
    struct xb_store *store = NULL;
    xb_auto_close int fd = memfd_create("store", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (xb_store_open_export(&store, path, &err) < 0 && !err.class)
        abort();
    xb_store_close(store);
    return 0;
}

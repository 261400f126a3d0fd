/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "descriptors.h"

#include "base.h"

#include <errno.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

int xa_close_all_but(const int *keep, size_t count)
{
    int sorted[XA_DESCRIPTORS_KEPT_MAX];
    if (count > XA_DESCRIPTORS_KEPT_MAX) {
        errno = EINVAL;
        return -1;
    }
    memcpy(sorted, keep, count * sizeof(*keep));
    qsort(sorted, count, sizeof(*sorted), compare);
    int from = STDERR_FILENO + 1;
    for (size_t i = 0; i < count; i++) {
        if (sorted[i] < from)
            continue;
        if (sorted[i] > from && close_range((unsigned)from, (unsigned)sorted[i] - 1, 0) < 0)
            return -1;
        from = sorted[i] + 1;
    }
    return close_range((unsigned)from, ~0U, 0);
}

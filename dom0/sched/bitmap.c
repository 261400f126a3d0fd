/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bitmap.h"

int xb_bitmap_from_cpus(struct xb_xen *xen, const struct xb_cpus *cpus, libxl_bitmap *out,
                        struct xb_err *err)
{
    libxl_bitmap_init(out);
    int rc = libxl_cpu_bitmap_alloc(xen->ctx, out, 0);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot make a CPU mask");
    for (uint32_t cpu = 0; cpu < out->size * 8u; cpu++)
        if (xb_cpus_has(cpus, cpu))
            libxl_bitmap_set(out, (int)cpu);
    return 0;
}

struct xb_cpus xb_bitmap_to_cpus(const libxl_bitmap *bitmap)
{
    struct xb_cpus cpus = {0};
    for (uint32_t cpu = 0; cpu < bitmap->size * 8u; cpu++)
        if (libxl_bitmap_test(bitmap, (int)cpu))
            xb_cpus_add(&cpus, cpu);
    return cpus;
}

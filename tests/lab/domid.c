/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reuses a domain's number, for 58-hostile.bats: waits until the number is free, then makes an
 * empty domain with it. Xen itself would do so after 32,752 domains.
 *
 *   domid make NUMBER | domid destroy NUMBER
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenctrl.h>

#define TRIES 600
#define NAP_US 50000

static int make(xc_interface *xc, uint32_t number)
{
    for (int i = 0; i < TRIES; i++) {
        uint32_t domid = number;
        struct xen_domctl_createdomain config = {
            .handle = {0xba, 0xdb, 0xad},
            .max_vcpus = 1,
            .max_evtchn_port = -1,
            .max_grant_frames = -1,
            .max_maptrack_frames = -1,
            .grant_opts = XEN_DOMCTL_GRANT_version(1),
        };
        if (xc_domain_create(xc, &domid, &config) == 0)
            return domid == number ? 0 : 1;
        if (errno != EEXIST && errno != EINVAL)
            break;
        usleep(NAP_US);
    }
    perror("domid: xc_domain_create");
    return 1;
}

int main(int argc, char **argv)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    if (argc != 3 || !xc)
        return 2;
    uint32_t number = (uint32_t)atoi(argv[2]);
    int r = strcmp(argv[1], "make") == 0 ? make(xc, number) : xc_domain_destroy(xc, number);
    xc_interface_close(xc);
    return r == 0 ? 0 : 1;
}

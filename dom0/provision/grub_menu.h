/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GRUB's menu, /boot/grub/grub.cfg, as grub-mkconfig writes it.
 */
#ifndef XB_GRUB_MENU_H
#define XB_GRUB_MENU_H

/*
 * What the menu lacks to start Xen by default with these words on its command line; NULL: nothing.
 * Judges only the default entry: 20_linux_xen gives recovery entries none of
 * GRUB_CMDLINE_XEN_DEFAULT, and the user's own entries are the user's business.
 */
const char *xb_grub_menu_lacks(const char *menu, const char *words);

#endif

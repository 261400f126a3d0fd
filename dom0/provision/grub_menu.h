/*
 * GRUB's menu, /boot/grub/grub.cfg, as grub-mkconfig writes it.
 */
#ifndef XB_GRUB_MENU_H
#define XB_GRUB_MENU_H

/*
 * What a menu lacks if it is to start Xen by itself with these words on Xen's command line; NULL where it lacks nothing.
 * Only the default entry is judged: 20_linux_xen gives recovery entries none of GRUB_CMDLINE_XEN_DEFAULT, and entries of
 * the user's own are the user's.
 */
const char *xb_grub_menu_lacks(const char *menu, const char *words);

#endif

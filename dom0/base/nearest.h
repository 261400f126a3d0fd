/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suggests the word that the user meant.
 */
#ifndef XB_NEAREST_H
#define XB_NEAREST_H

/*
 * The word in a NULL-terminated list nearest to tried, by edits (insert, delete, replace, swap
 * neighbours); NULL if that takes more edits than a third of tried's letters.
 */
const char *xb_nearest(const char *tried, const char *const *words);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suggests the word that the user meant.
 */
#ifndef XB_NEAREST_H
#define XB_NEAREST_H

/*
 * The word of a NULL-terminated list nearest to tried, by edits (insert, delete, replace, swap of
 * neighbours); NULL if that takes more edits than a third of the word.
 */
const char *xb_nearest(const char *tried, const char *const *words);

#endif

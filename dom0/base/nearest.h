/*
 * The word that somebody meant.
 */
#ifndef XB_NEAREST_H
#define XB_NEAREST_H

/*
 * The word of a NULL-terminated list that is nearest to tried, or NULL where none is near: by edits
 * (insert, delete, replace, swap of neighbours), at most a third of the word.
 */
const char *xb_nearest(const char *tried, const char *const *words);

#endif

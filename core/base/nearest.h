/* "Did you mean ...?" */
#ifndef DD_BASE_NEAREST_H
#define DD_BASE_NEAREST_H

/*
 * Which of the names (NULL at the end) could have been meant by word: the one
 * that the fewest typing slips lead to, when they are few for its length;
 * else NULL.
 */
const char *nearest(const char *word, const char *const *names);

#endif

/*
 * References, gathered to be counted: each is noted once, all are sorted, and then it is known how
 * many there are to anything.
 */
#ifndef REFS_H
#define REFS_H

#include <stddef.h>

/* What is referred to, once for every reference. */
struct refs {
	const void **to;
	size_t n, room;
};

/* Notes one more. 0 or -ENOMEM. */
int refs_add(struct refs *r, const void *to);
void refs_sort(struct refs *r);
/* How many references there are to something, when they are sorted. */
size_t refs_count(const struct refs *r, const void *to);
void refs_free(struct refs *r);

#endif

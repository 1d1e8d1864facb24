/*
 * References, gathered to be counted: what the kernels' checks have in common. Each reference is
 * noted once, all are sorted, and then it is known how many there are to anything.
 */
#ifndef REFS_H
#define REFS_H

#include <stddef.h>

struct fdl_machine;
struct text;

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

/*
 * Users of tables: tasks, and holders by hand; the latter's files, and those in messages, as well. 0
 * or -ENOMEM.
 */
int refs_gather(struct fdl_machine *m, struct refs *tables, struct refs *files);

/*
 * Whether every file's count is that of the references to it, which are sorted; calls in flight may
 * hold more. 0, or -EUCLEAN and why.
 */
int refs_check_files(const struct fdl_machine *m, const struct refs *files, struct text *why);

#endif

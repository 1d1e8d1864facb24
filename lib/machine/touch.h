/*
 * What a step of a call looks at and changes, told to who explores interleavings: two steps of
 * different tasks that touch nothing in common may as well run in the other order. Where nobody
 * explores it costs a predictable branch. A call whose row is not CALL_TRACED, and an object whose
 * operations are not, touch everything: so what was not thought of here is never taken for
 * independent.
 *
 * That two steps are in each other's way must not depend on a third one that has nothing to do with
 * the first: the explorer would not see them meet. So who looks at a number that is free reads
 * which ones are, as whoever is given one could be given that; who takes a file out of a slot, where
 * others find and use it in one step, has to do with all who use it; and who drops a reference, with
 * what the last one ends.
 */
#ifndef TOUCH_H
#define TOUCH_H

#include "machine/machine.h"

#include <stdbool.h>
#include <stdint.h>

enum touch {
	TOUCH_READ,
	TOUCH_UPDATE, /* a change whose order among its like does not matter */
	TOUCH_WRITE,
};

/* Parts of an object; those of a descriptor have its number added. */
#define PART(n) ((uint64_t)(n) << 32)
enum part {
	PART_ITSELF,  /* a description with its position, an inode with its contents, … */
	PART_SLOT,    /* of a table: one descriptor, its bits and its slot */
	PART_NUMBERS, /* which descriptors are free, and next_fd */
	PART_SLOTS,   /* all slots together, for who goes over them */
	PART_CLOEXEC, /* all close-on-exec bits together */
	PART_LAST,    /* the highest descriptor in use, where a table remembers it */
	PART_TABLE,   /* which fdtable is in use, and so how large it is */
	PART_LOCK,    /* of a table: who holds it */
	PART_COUNT,   /* who shares it, or runs it */
	PART_RLIMIT,  /* of a process */
	PART_TASKS,   /* of the machine: who there is, and pids */
	PART_NAMES,   /* what is called how */
	PART_INO,     /* the next inode's number */
	PART_SYSCTL,
};

struct watcher {
	/* Part of an object, which begins a block of memory. rcu: it may have been freed. */
	void (*touch)(struct watcher *w, enum touch how, const void *object, uint64_t part,
		      bool rcu);
	/* This call touches everything, from now to its end. */
	void (*touch_all)(struct watcher *w);
	/* A call that had waited was woken. */
	void (*woke)(struct watcher *w, const struct call *c);
};

/* Whether there is somebody who is told. */
static inline bool is_explored(const struct fdl_machine *m)
{
	return __builtin_expect(m->watcher != NULL, 0);
}

/*
 * A function that does nothing but tell what its caller touches, and is called where is_explored: so
 * that what is called often has one branch for all of it.
 */
#define TOUCHES __attribute__((noinline, cold))

static inline void touch_part(const struct fdl_machine *m, enum touch how, const void *object,
			      uint64_t part)
{
	if (is_explored(m))
		m->watcher->touch(m->watcher, how, object, part, false);
}

static inline void touch(const struct fdl_machine *m, enum touch how, const void *object,
			 enum part part)
{
	touch_part(m, how, object, PART(part));
}

/* What a read section looks at that others may have freed meanwhile, and knows to be so. */
static inline void touch_rcu(const struct fdl_machine *m, const void *object, enum part part)
{
	if (is_explored(m) && object)
		m->watcher->touch(m->watcher, TOUCH_READ, object, PART(part), true);
}

static inline void touch_all(const struct fdl_machine *m)
{
	if (is_explored(m))
		m->watcher->touch_all(m->watcher);
}

#endif

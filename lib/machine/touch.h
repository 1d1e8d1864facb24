/*
 * Touches: the places that a step of a call reads and changes, reported to the explorer of
 * interleavings. Two steps of different tasks that touch nothing in common may run in either order.
 * Without an explorer, a touch costs one predictable branch. A call without CALL_TRACED, and an
 * object whose operations are not traced, touch everything: an operation that does not report its
 * touches is never taken for independent.
 *
 * Whether two steps conflict must not depend on a third. So: allocating a number reads the whole
 * free set, clearing a slot writes the file, dropping a reference writes what the last drop frees.
 */
#ifndef TOUCH_H
#define TOUCH_H

#include "machine/machine.h"

#include <stdbool.h>
#include <stdint.h>

enum touch {
	TOUCH_READ,
	TOUCH_UPDATE, /* a change that commutes with other updates */
	TOUCH_WRITE,
};

/* The parts of an object. A descriptor is added to those that are of one. */
#define PART(n) ((uint64_t)(n) << 32)
enum part {
	PART_ITSELF,  /* a description with its position, an inode with its contents, … */
	PART_SLOT,    /* of a table: a descriptor's bits and slot */
	PART_NUMBERS, /* which descriptors are free, and next_fd */
	PART_SLOTS,   /* all slots together, for a step that goes over them */
	PART_CLOEXEC, /* all close-on-exec bits together */
	PART_LAST,    /* the highest descriptor in use, where a table keeps it */
	PART_TABLE,   /* which fdtable is in use, and so how large it is */
	PART_LOCK,    /* of a table: its holder */
	PART_COUNT,   /* its users */
	PART_RLIMIT,  /* of a process */
	PART_TASKS,   /* of the machine: its tasks and their pids */
	PART_NAMES,   /* of the machine: all dentries */
	PART_LOCKS,   /* of an inode; of the machine: the requests that wait */
	PART_SOCKETS, /* of the machine: all sockets, their names, queues and messages in transit */
	PART_INO,     /* of the machine: the next inode's number */
	PART_SYSCTL,
};

struct watcher {
	/* A part of an object, whose address is that of its allocation. rcu: it may be freed. */
	void (*touch)(struct watcher *w, enum touch how, const void *object, uint64_t part,
		      bool rcu);
	/* The running call touches everything, from now to its end. */
	void (*touch_all)(struct watcher *w);
	/* A call that waited was woken. */
	void (*woke)(struct watcher *w, const struct call *c);
};

/* Whether an explorer watches. */
static inline bool is_explored(const struct fdl_machine *m)
{
	return __builtin_expect(m->watcher != NULL, 0);
}

/*
 * A function that only reports touches; call it under is_explored(), so that a hot path has one
 * branch for all of them.
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

/* An RCU reader's look at an object that may be freed meanwhile, of which it is aware. */
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

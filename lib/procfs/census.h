/*
 * The census: all tasks, which of them share a table, and what holds each description. It is taken
 * for a text that shows them, and kept until the machine changes: the texts of all fdinfo/N need
 * one.
 */
#ifndef CENSUS_H
#define CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct fdl_machine;
struct file;
struct inode;
struct task;

/* A task with a table; or a reference to one that a task took by hand (get_files_struct). */
struct census_sharer {
	uint64_t table;
	void *files;
	int pid;
	bool by_hand;
};

/* A table: sharer[0..ntasks) are its tasks, by pid, and the nheld after them references by hand. */
struct census_table {
	uint64_t id;
	const struct census_sharer *sharer;
	size_t ntasks, nheld;
};

/* A holder of a reference to a description; small, because there may be a million of them. */
struct census_holder {
	uint32_t by;   /* a descriptor of census.by_pid[by]; or one of the two below */
	uint32_t file; /* the description's place among all */
	uint64_t n;    /* the descriptor; or as said below */
};

#define HELD_BY_HAND    UINT32_MAX       /* by fget: n is the pid of the task */
#define HELD_BY_MESSAGE (UINT32_MAX - 1) /* n is the inode of the socket with its queue, or 0 */
#define HELD_BY_CALL    (UINT32_MAX - 2) /* n is the place of the call among those in flight */

/* A description, and its holders: census.holder[holder..holder + n). */
struct census_file {
	const struct file *file;
	size_t holder, n;
	size_t calls; /* of the n, at their end: by calls in flight */
};

/* Descriptions by inode, for a search. */
struct census_end {
	uint64_t ino;
	uint32_t file; /* the description's place among all */
};

struct census {
	struct fdl_machine *machine;
	uint64_t generation, epoch; /* the machine's when it was taken */
	struct task **task;         /* by pid */
	size_t ntasks;
	struct census_sharer *sharer; /* by table; tasks by pid, then references by hand */
	size_t nsharers;
	struct census_table *table; /* by id */
	size_t ntables;
	bool by_hand; /* there are tasks that took references by hand */

	/* The rest only after census_hold. */
	bool held;
	int error;                          /* of census_hold */
	const struct census_table **by_pid; /* tables, by the first sharer; those of tasks first */
	struct census_file *file;           /* by id */
	size_t nfiles;
	struct census_end *end; /* by inode, then by id; those without an inode are left out */
	size_t nends;
	struct census_holder *holder; /* by file; descriptors, by hand, messages, calls */
	size_t nholders;
	const struct call **call; /* in flight, the oldest first */
	size_t ncalls;
};

/*
 * The census of a machine as it is now. It is the machine's, and valid until the machine changes.
 * 0 or -ENOMEM.
 */
int census_take(struct fdl_machine *m, struct census **cp);

/*
 * Adds the descriptions and their holders. 0; -ENOMEM; -EFBIG: they are so many that a text with
 * all of them would be longer than the option text_limit allows.
 */
int census_hold(struct census *c);

/* A task that has a table, for the functions of struct kernel that look at one. */
struct task census_task(const struct census *c, const struct census_table *t);

/* Frees the census that a machine keeps, if there is one. */
void census_drop(struct fdl_machine *m);

#endif

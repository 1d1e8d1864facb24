/*
 * A picture while it is taken, shared by the files that take it.
 */
#ifndef TAKING_H
#define TAKING_H

#include "picture/picture.h"

struct fdl_machine;
struct task;

/* A picture while it is taken. The files and inodes of cards are known only then. */
struct taking {
	struct fdl_machine *m;
	const struct fdl_drawing *choice;
	struct picture *p;
	const struct task **tasks; /* of p->tasks */
	const struct file **files; /* every description, by id; those that are shown have a card */
	size_t *file_card;
	size_t nfiles;
	const struct file **ends; /* those with an inode, by inode and id */
	size_t nends;
	const struct file **objects; /* of each card of an object: the first one of its inode */
	size_t nobjects;
	size_t cap_cards, cap_rows, cap_edges, cap_words, cap_waits,
		cap_retired; /* the room of p's arrays */
	size_t most;         /* of cards, rows and edges */
	bool too_many, failed;
};

/* A new element, zeroed, of one of the picture's arrays. NULL: no memory, or there are too many. */
void *take_more(struct taking *t, void **array, size_t *n, size_t *cap, size_t size);

/* A new card at the end of a column. NULL as of take_more. */
struct card *take_card(struct taking *t, enum picture_column column, uint64_t id);

/* A new line. 0 or -ENOMEM. */
int take_edge(struct taking *t, struct edge e);

/* Whether a task is to be shown; whether a description is one of the console. */
bool is_chosen(const struct taking *t, const struct task *task);
bool is_console(const struct file *f);

/* How the picture names a task; NULL: none, which has no pid. */
struct fdl_task_label label_of(const struct taking *t, const struct task *task);

/* The tasks and their tables, the cards of the first column: tables.c. 0, -ENOMEM or -EFBIG. */
int take_tables(struct taking *t);

/*
 * The tasks that calls in flight wait for, and tables that were replaced: flight.c. 0 or -ENOMEM.
 */
int take_flight(struct taking *t);

#endif

/*
 * A picture while it is taken, shared by the files that take it.
 */
#ifndef TAKING_H
#define TAKING_H

#include "picture/picture.h"

struct fdl_machine;
struct task;

/* A description that a call in flight has noted; it may be gone. */
struct noted_file {
	const void *file; /* its address, to compare */
	uint64_t id;      /* 0: it had none */
	size_t task;      /* in the picture */
	const struct file *found;
};

/* A picture while it is taken. The files and inodes of cards are known only then. */
struct taking {
	struct fdl_machine *m;
	const struct fdl_drawing *choice;
	struct picture *p;
	struct picture_limits limits;
	const struct task **tasks;     /* of p->tasks */
	int last_pid;                  /* tasks of higher pids are left out */
	size_t looked;                 /* slots */
	const struct file **row_files; /* of p->rows, or NULL */
	const struct file **files;     /* of the second column's cards: by id, each once */
	size_t nrow_files, nfiles;
	bool files_left;          /* descriptions without a slot are left out */
	struct noted_file *notes; /* by task */
	size_t nnotes;
	const struct file **ends; /* of files those with an inode, by inode and id */
	size_t nends;
	const struct file **objects; /* of each card of an object: the first one of its inode */
	size_t nobjects;
	size_t nlinks; /* lines to descriptions without a slot */
	size_t cap_cards, cap_rows, cap_row_files, cap_files, cap_notes, cap_edges, cap_words,
		cap_waits, cap_retired; /* the room of the arrays */
	bool failed;
};

/* A new element, zeroed, of an array. NULL: no memory. */
void *take_more(void **array, size_t *n, size_t *cap, size_t size);

/* A new card at the end of a column. NULL: no memory. */
struct card *take_card(struct taking *t, enum picture_column column, uint64_t id);

/* A new line. 0 or -ENOMEM. */
int take_edge(struct taking *t, struct edge e);

/* Whether a task is to be shown; whether a description is one of the console. */
bool is_chosen(const struct taking *t, const struct task *task);
bool is_console(const struct file *f);

/* How the picture names a task; NULL: none, which has no pid. */
struct fdl_task_label label_of(const struct taking *t, const struct task *task);

/* The tasks and their tables, the cards of the first column: tables.c. 0 or -ENOMEM. */
int take_tables(struct taking *t);

/*
 * The descriptions that the tables, the tasks and messages lead to, and their cards: files.c. 0 or
 * -ENOMEM.
 */
int take_files(struct taking *t);

/* The card of a description; NO_CARD: it is not shown. */
size_t file_card(const struct taking *t, const struct file *f);

/*
 * The tasks that calls in flight wait for, and tables that were replaced: flight.c. 0 or -ENOMEM.
 */
int take_flight(struct taking *t);

#endif

/*
 * A picture of a machine in three columns: tasks with their tables, open file descriptions, and the
 * objects that these refer to. It is taken from a machine once, laid out, and written as SVG, as a
 * Graphviz digraph, as JSON or as plain text. A picture holds copies of all that it shows: it may
 * outlive the machine's next call.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include "base/text.h"
#include "fdlab.h"
#include "machine/kernel.h"
#include "machine/sched.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;

enum picture_column { COLUMN_TABLES, COLUMN_FILES, COLUMN_OBJECTS, COLUMNS };

extern const char *const picture_headings[COLUMNS];

/* The kinds of cards by their columns, as a digraph and JSON name cards: "table", … */
extern const char *const picture_kinds[COLUMNS];

#define NO_CARD SIZE_MAX

/*
 * A box of a column: a table with the tasks that use it, a task without a table, a description, an
 * object.
 */
struct card {
	enum picture_column column;
	uint64_t id;       /* of a table or a description, a number of an inode; 0: no table */
	struct text title; /* one line */
	struct text body;  /* lines, each with its newline */
	size_t nlines;     /* of body, wrapped to the column; set by picture_lay_out */
	size_t first_row, nrows;
	uint64_t left;             /* descriptors of a table that have no row */
	size_t first_task, ntasks; /* of a table */
	size_t object;             /* of a description: the card of its object, or NO_CARD */
	size_t first_word, nwords; /* of a table's maps */
	uint64_t max_fds, next_fd;
	uint64_t count; /* of a description; and pos */
	int64_t pos;
	bool console;        /* a description or an object: of the console */
	const char *kind;    /* of an object: "pipe", "epoll" … */
	size_t locks;        /* where in body the locks on an object begin */
	struct text data;    /* the first bytes in a buffer, as they are */
	struct text queue;   /* lines: the messages that wait in a socket */
	uint64_t used, room; /* bytes in a buffer and its size; room 0: it is no buffer */
	int y, height;       /* set by picture_lay_out */
	double wish;         /* where its middle would stand best */
};

/* A descriptor of a table; or several that are folded. */
struct row {
	uint64_t fd, last; /* last: of folded ones, otherwise fd */
	bool cloexec, reserved, folded;
	size_t file; /* the card of its description; NO_CARD: none, or it is not shown */
};

struct shown_task {
	int pid, tgid, ppid;
	bool parent_shown;
	char state;
	char comm[16];
	struct text call;                 /* in flight: "read blocked at pipe_read"; or empty */
	struct text line;                 /* of that call: "read(3, "; or empty */
	const char *points[POINTS_NOTED]; /* that it passed or stopped at */
	size_t npoints;
	bool deadlocked;
	size_t first_wait, nwaits; /* the tasks that its call waits for */
	size_t first_held, nheld;  /* edges: references without a slot */
	size_t card;
};

enum edge_kind {
	EDGE_SLOT,   /* a row of a table, to a description */
	EDGE_OBJECT, /* a description, to its object */
	EDGE_HELD,   /* a table's task holds a description by hand or in a call */
	EDGE_QUEUED, /* a socket has a description in a message of its queue */
	EDGE_PEER,   /* two objects are connected */
	EDGE_WATCH,  /* an epoll watches a description */
};

/* A task on one line: "2 sh, child of 1, is stopped". */
void put_shown_task(struct text *out, const struct shown_task *t);

struct edge {
	enum edge_kind kind;
	size_t from, to; /* cards */
	size_t row;      /* of EDGE_SLOT; otherwise NO_CARD */
	uint64_t fd;     /* of EDGE_WATCH: the descriptor that it was added under */
	int pid;         /* of EDGE_HELD */
};

/* How much a picture shows at most. */
struct picture_limits {
	size_t tasks; /* those of the lowest pids */
	size_t rows;
	size_t slots; /* that are looked at, folded ones included */
	size_t links; /* descriptions without a slot, and lines to them */
	size_t retired;
};

struct picture {
	const char *kernel;
	uint64_t line;      /* the number of the transcript's last */
	struct card *cards; /* by column */
	size_t ncards;
	size_t first[COLUMNS + 1]; /* the first card of each column, and ncards */
	size_t *order;             /* cards, by column, from top to bottom: picture_lay_out sorts */
	struct row *rows;
	size_t nrows;
	struct shown_task *tasks; /* by card and pid */
	size_t ntasks;
	struct edge *edges;
	size_t nedges;
	struct table_word *words;
	size_t nwords;
	int *waits; /* pids */
	size_t nwaits;
	struct retired_table *retired;
	size_t nretired;
	struct {
		size_t tasks;
		uint64_t descriptors; /* of the tables that are shown */
		uint64_t links;
		size_t retired;
	} left;              /* counts what is beyond the limits */
	struct text caption; /* what happened last; or empty */
	int height;          /* set by picture_lay_out */
};

/*
 * Takes a picture; it is to be freed, after an error too. Its cost is bounded by the limits; NULL:
 * there are none. 0 or -ENOMEM.
 */
int picture_take(struct fdl_machine *m, const struct fdl_drawing *choice,
		 const struct picture_limits *limits, struct picture *p);
void picture_free(struct picture *p);

/* Puts the numbers of left in words: "not shown: 39001 tasks"; nothing for a whole picture. */
void picture_put_left(const struct picture *p, struct text *out);

/* Title and details of an object's card: objects.c. */
void describe_object(const struct file *f, struct card *c);

/*
 * Sorts the cards so that few lines cross, and gives each its place: layout.c. Lengths are pixels;
 * text of ROW_HEIGHT. 0 or -ENOMEM.
 */
int picture_lay_out(struct picture *p);

#define ROW_HEIGHT   18
#define TITLE_HEIGHT 22
#define CARD_PADDING 6
#define GAUGE_HEIGHT 12

#define TASKS_SHOWN 12 /* of those that share a table; then a line says how many more there are */

/*
 * The bytes of a text that the first line of a column has room for: all, or up to a place where it
 * may be broken. Where there is none, all: such a word is cut.
 */
size_t picture_part(enum picture_column column, const char *s, size_t len);

/*
 * The lines that a table's card has for its tasks; the height of the part of a card above its rows.
 */
size_t card_task_lines(const struct picture *p, const struct card *c);
int card_head(const struct picture *p, const struct card *c);

/* The height of its rows, with the line that says how many are left out. */
int card_rows(const struct card *c);

/* Write a picture: svg.c (of one that was laid out), dot.c, plain.c, json.c. */
void picture_svg(const struct picture *p, struct text *out);
void picture_dot(const struct picture *p, struct text *out);
void picture_json(const struct picture *p, struct text *out);
void picture_plain(const struct picture *p, struct text *out);

#endif

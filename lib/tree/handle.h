/*
 * Open files of the tree. Most are a text that does not change while it is read. The rows of files
 * that are more (control files, files that grow) have operations. A handle is in its machine's
 * list, and outlives a reset.
 */
#ifndef HANDLE_H
#define HANDLE_H

#include "base/list.h"
#include "fdlab.h"
#include "tree/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tree_text;
struct trail;

struct fdl_handle {
	struct list all; /* in the machine's handles */
	struct fdl_machine *machine;
	fdl_ino ino;
	const struct tree_row *row;
	int flags;
	struct tree_text *text; /* files that are a text, open for reading */
	off_t seen;             /* files that grow: the end of the last read */
	void *private;          /* of the row's operations */
};

/* Operations of files that are more than a text; as the functions of fdlab.h of the same names. */
struct tree_ops {
	/*
	 * A file that grows has this alone: the first *n records of a trail, which at a moment of a
	 * history has more.
	 */
	struct trail *(*trail)(struct fdl_machine *m, uint64_t *n);

	int (*open)(struct fdl_handle *h, const struct node *n);
	void (*close)(struct fdl_handle *h);
	ssize_t (*read)(struct fdl_handle *h, char *buf, size_t size, int flags);
	ssize_t (*write)(struct fdl_handle *h, const char *buf, size_t size, int flags,
			 fdl_done_fn *done, void *ctx);
	/* A write in parts; NULL: it has no parts. */
	size_t (*part)(const char *buf, size_t size, size_t lines);
	ssize_t (*write_more)(struct fdl_handle *h, const char *buf, size_t size);
	void (*cut)(struct fdl_handle *h, size_t written, size_t size, const char *why);
	short (*poll)(struct fdl_handle *h);
	void (*interrupt)(struct fdl_handle *h);
	void (*refuse)(struct fdl_handle *h, const char *buf, size_t size, const char *why);
	void (*reset)(struct fdl_handle *h); /* the machine starts over */
	/* The machine goes back to where its transcript had this mark; and it is there now. */
	void (*rewind)(struct fdl_handle *h, uint64_t mark);
	void (*rewound)(struct fdl_handle *h);
};

/*
 * Ends the writes that wait, with -EINTR, and takes the calls in flight from their handles. Call it
 * once a reset is certain to succeed, before the old tasks and their calls are freed.
 */
void handles_reset(struct fdl_machine *m);

/*
 * Around going back in a machine's past: before the tasks and their calls are freed, and when those
 * are there again that were there where the transcript had this mark. Writes that wait for calls
 * that are undone end with -EINTR; the others wait on.
 */
void handles_rewind(struct fdl_machine *m, uint64_t mark);
void handles_rewound(struct fdl_machine *m);

#endif

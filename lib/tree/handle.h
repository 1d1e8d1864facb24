/*
 * Open files of the tree. Most are a text of one moment; those that are more (control files, files
 * that grow) are rows of operations. A handle belongs to its machine's list, and outlives a reset.
 */
#ifndef HANDLE_H
#define HANDLE_H

#include "fdlab.h"
#include "base/list.h"
#include "tree/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct control;
struct tree_text;
struct trail;

struct fdl_handle {
	struct list all; /* in the machine's handles */
	struct fdl_machine *machine;
	fdl_ino ino;
	const struct tree_row *row;
	int flags;
	struct tree_text *text;  /* files that are a text, open for reading */
	off_t seen;              /* files that grow: where the last read ended */
	struct control *control; /* control files */
};

/* What a file that is more than a text does. As the functions of fdlab.h of the same names. */
struct tree_ops {
	struct trail *(*trail)(struct fdl_machine *m); /* a file that grows has only this */

	int (*open)(struct fdl_handle *h, const struct node *n);
	void (*close)(struct fdl_handle *h);
	ssize_t (*read)(struct fdl_handle *h, char *buf, size_t size, int flags);
	ssize_t (*write)(struct fdl_handle *h, const char *buf, size_t size, int flags,
			 fdl_done_fn *done, void *ctx);
	short (*poll)(struct fdl_handle *h);
	void (*interrupt)(struct fdl_handle *h);
	void (*reset)(struct fdl_handle *h); /* the machine starts over */
};

/*
 * To be called once a reset is certain to succeed, while the old tasks and their calls still are:
 * writers that wait are told EINTR, and no call in flight belongs to a handle any more.
 */
void handles_reset(struct fdl_machine *m);

#endif

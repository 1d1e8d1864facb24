/*
 * A history: a second machine, in a heap of its own, that is put back to checkpoints and runs lines
 * of the transcript of the first.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "base/text.h"
#include "history/moments.h"
#include "history/numbers.h"
#include "machine/machine.h"
#include "tree/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_history {
	struct past past;
	struct fdl_machine *machine; /* whose history it is */
	struct heap *heap;           /* of shown */
	struct fdl_machine *shown;   /* shows a moment, or has shown one; NULL: not made yet */
	struct fdl_handle *control;  /* of shown */
	struct line_range at;        /* the lines after which shown is */
	bool lost;                   /* shown is at none */
	bool looked; /* a moment was asked for since the transcript last grew much */
	struct moments moments;
	size_t limit;       /* bytes of moments */
	struct moments own; /* moments of the machine itself */
	bool returns;       /* it is on its way back to one, and runs lines after another */
	struct text line;
	struct text links; /* where readers find the rootfs/ of the moment links_of */
	uint64_t links_of;
	struct numbers numbers; /* of files at moments */
	struct text changes;    /* of the line whose file in changes/ was read last */
	uint64_t changes_of;    /* the number of that file there; 0: none was */
};

/*
 * Puts shown where the machine was after line n. It is read with libc's heap as the current one,
 * and stays there until the next use of the history. 0, -ENOENT, -ENOMEM, -EIO.
 */
int history_go(struct fdl_history *h, uint64_t n);

/* The moments that there are: after line first, and so on to the present. */
void history_range(const struct fdl_history *h, struct line_range *range);

/* The second machine is made, or was loaded, and is at a moment. */
void history_begin(struct fdl_history *h, const struct line_range *at);

/*
 * A history in a checkpoint of its machine (carry.c). Only a transcript that has lost its beginning
 * needs it: the second machine at the first moment that there is. history_dump adds it to a dump,
 * with numbers for the loader at the end of d->rest; the history is of no use afterwards. 0 or
 * -ENOMEM.
 */
struct dump;
int history_dump(const struct fdl_machine *m, struct dump *d);

/* The bytes that history_dump put into d->rest, and the regions to be loaded: see snapshot.h. */
struct past_seat {
	struct fdl_machine *shown;
	struct fdl_handle *control;
};

#define PAST_HEAP   "past"
#define PAST_STACKS "past stacks"
#define PAST_SEAT   "past seat" /* a struct past_seat */

/*
 * The history takes over a second machine that was loaded, with its heap, after it was told of the
 * first.
 */
void history_adopt(struct fdl_history *h, struct heap *heap, const struct past_seat *seat,
		   const struct line_range *at, unsigned guards);

/* The history of a machine that has one. */
static inline struct fdl_history *history_of(const struct fdl_machine *m)
{
	return container_of(m->past, struct fdl_history, past);
}

/* The most moments that at/ and changes/ list. */
#define LISTED_MAX 1000u

/* Files that the root of a machine with a history has besides (tree.c). */
extern const struct tree_row past_rows[];

/*
 * Drops memory of a machine that can be made again, in libc's heap and in its own: the machine is
 * to be copied, put back or dumped.
 */
void history_drop_made(struct fdl_machine *m);

#endif

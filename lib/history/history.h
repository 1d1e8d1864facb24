/*
 * A history: a second machine, in a heap of its own, that is put back to checkpoints and runs lines
 * of the transcript of the first.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "base/text.h"
#include "history/moments.h"
#include "machine/machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_history {
	struct past past;
	struct fdl_machine *machine; /* whose history it is */
	struct heap *heap;           /* of shown */
	struct fdl_machine *shown;   /* shows a moment, or has shown one; NULL: not made yet */
	struct fdl_handle *control;  /* of shown */
	struct span at;              /* the lines after which shown is */
	bool lost;                   /* shown is at none */
	struct moments moments;
	size_t limit; /* bytes of moments */
	struct text line;
};

/*
 * Puts shown where the machine was after line n. It is read with libc's heap as the current one, and
 * stays there until the next use of the history. 0, -ENOENT, -ENOMEM, -EIO.
 */
int history_go(struct fdl_history *h, uint64_t n);

/* The moments that there are: after line first, and so on to the present. */
void history_range(const struct fdl_history *h, struct span *range);

#endif

/*
 * A reader's progress in the course, kept in a file between runs: fdlab/lessons in XDG_STATE_HOME,
 * usually ~/.local/state. A line has a lesson's name, the step at which its reader left, how many
 * steps it has, how many predictions were right, and how many there were.
 */
#ifndef FDLAB_TOOLS_PROGRESS_H
#define FDLAB_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#define PROGRESS_NAME_SIZE 64

struct progress_lesson {
	char name[PROGRESS_NAME_SIZE];
	unsigned step, steps; /* the same: the lesson was gone through to its end */
	unsigned right, asked;
};

struct progress {
	struct progress_lesson *lessons;
	size_t n_lessons;
};

/*
 * Reads the file; without one, nothing was done. 0, or the error. In every case, *p is to be
 * given to progress_free.
 */
int progress_read(struct progress *p);
void progress_free(struct progress *p);

/* The progress in a lesson, or NULL. */
const struct progress_lesson *progress_find(const struct progress *p, const char *name);

/*
 * Notes how far a lesson is, and writes the file: it is the old or the new one whole at any time. A
 * lesson that was done stays done until it is gone through again. 0 or an error.
 */
int progress_note(const struct progress_lesson *l);

#endif

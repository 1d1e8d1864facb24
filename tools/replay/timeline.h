/*
 * The lifetimes of descriptors as a picture: notes the events of a replay, and writes them.
 */
#ifndef FDLAB_TOOLS_REPLAY_TIMELINE_H
#define FDLAB_TOOLS_REPLAY_TIMELINE_H

#include "replay/findings.h"
#include "replay/table.h"

#include <limits.h>

struct timeline;

#define NO_PANEL UINT_MAX

/* An empty timeline, or NULL: no memory. Free it with timeline_free. */
struct timeline *timeline_new(void);
void timeline_free(struct timeline *t);

/*
 * Adds a process; panels count from 0, in the order of birth. parent: its panel, or NO_PANEL.
 * program may be NULL. ended: the log has its end.
 */
void timeline_process(struct timeline *t, unsigned panel, unsigned parent,
		      const struct process_record *record);
/* Adds a thread of a process, which findings may name. */
void timeline_thread(struct timeline *t, unsigned panel, int pid);
/* Adds an exec of a program. */
void timeline_exec(struct timeline *t, unsigned panel, uint64_t line, const char *program);
/* Adds the lifetime of a descriptor. */
void timeline_bar(struct timeline *t, unsigned panel, int64_t fd, const struct origin *origin,
		  bool cloexec, uint64_t from, uint64_t to);

enum timeline_form {
	TIMELINE_SVG,  /* a picture */
	TIMELINE_HTML, /* a page with it, and with the processes that are folded in it */
};

/* Writes it to a file, with marks for the findings. 0 or a negative errno. */
int timeline_write(struct timeline *t, enum timeline_form form, const char *file, const char *log,
		   const struct findings *findings);

#endif

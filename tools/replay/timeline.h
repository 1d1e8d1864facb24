/*
 * The lifetimes of descriptors as a picture.
 */
#ifndef FDLAB_TOOLS_REPLAY_TIMELINE_H
#define FDLAB_TOOLS_REPLAY_TIMELINE_H

#include "replay/table.h"

struct timeline;

/* An empty timeline, or NULL: no memory. Free it with timeline_free. */
struct timeline *timeline_new(void);
void timeline_free(struct timeline *t);

/* Adds a process; panels count from 0. program may be NULL. */
void timeline_process(struct timeline *t, unsigned panel, int pid, const char *program,
		      uint64_t first, uint64_t last);
void timeline_bar(struct timeline *t, unsigned panel, int64_t fd, const struct origin *origin,
		  bool cloexec, uint64_t from, uint64_t to);
/* Writes the picture. 0 or a negative errno. */
int timeline_write(const struct timeline *t, const char *file, const char *log);

#endif

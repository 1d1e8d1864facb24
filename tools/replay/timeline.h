/*
 * The lifetimes of descriptors, as a drawing.
 */
#ifndef FDLAB_TOOLS_REPLAY_TIMELINE_H
#define FDLAB_TOOLS_REPLAY_TIMELINE_H

#include "replay/table.h"

struct timeline;

/* Makes an empty one; NULL: no memory. Frees one. */
struct timeline *timeline_new(void);
void timeline_free(struct timeline *t);

/* A process of the timeline: its panel's number counts from 0. program may be NULL. */
void timeline_process(struct timeline *t, unsigned panel, int pid, const char *program,
		      uint64_t first, uint64_t last);
void timeline_bar(struct timeline *t, unsigned panel, int64_t fd, const struct origin *origin,
		  bool cloexec, uint64_t from, uint64_t to);
/* Writes it. 0 or a negative errno. */
int timeline_write(const struct timeline *t, const char *file, const char *log);

#endif

/*
 * The watcher of a race: gathers what the running step touches and wakes, and notices a use of
 * freed memory.
 */
#ifndef WATCH_H
#define WATCH_H

#include "explore/race.h"

/* The functions that the machine calls while a step runs. */
extern const struct watcher race_watcher;

/* From now on the running program's call touches everything. */
void race_touch_all(struct race *r);

/* Notes what broke; the first breach of a run stays. */
void race_breach(struct race *r, enum breach kind, const char *why);

#endif

/*
 * The changes between two moments.
 */
#ifndef CHANGES_H
#define CHANGES_H

#include <stdbool.h>
#include <stdint.h>

struct fdl_history;
struct text;

/*
 * Appends what is not the same after line to as it was after line from: a change a line under a
 * header, as fdlab-tree(5) says, or one JSON object. 0, or an error of history_go.
 */
int changes_text(struct fdl_history *h, uint64_t from, uint64_t to, bool json, struct text *out);

#endif

/*
 * A journal that is being played: the machine, and the files that are open.
 */
#ifndef PLAYER_H
#define PLAYER_H

#include "fdlab.h"

#include <stddef.h>
#include <stdint.h>

struct journal_player {
	struct fdl_machine *m;
	struct opened {
		struct fdl_handle *handle; /* NULL: not open */
		size_t written;            /* since the replies were thrown away */
	} * files;
	uint32_t nfiles;
	uint64_t last_start;
	char *err;
	size_t errsize;
};

/* Makes room for the number of an open file. 0, -ENOMEM, -EBADMSG: it is too large. */
int player_room(struct journal_player *p, uint32_t number);

/* Opens a file of the machine for writing. 0 or an error. */
int player_open(struct journal_player *p, uint32_t number, const char *path);

/* A fdl_done_fn of a write that is repeated: nothing waits in it. */
void player_done(void *ctx, ssize_t result);

#endif

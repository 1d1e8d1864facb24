/*
 * The last place in a journal where the machine started over: earlier records have no effect any
 * more, but for the time and the files that were open.
 */
#ifndef RESTART_H
#define RESTART_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct restart {
	uint64_t record; /* the number of the write that says so; 0: none does */
	struct timespec now;
	bool timed; /* now was recorded after the machine's own time */
	struct restart_file {
		uint32_t number;
		const char *path; /* a constant */
	} * files;                /* that are open then */
	size_t nfiles;
};

/* Looks for it in a journal that was checked, from its beginning. 0, -ENOMEM, -EBADMSG. */
int restart_find(struct fdl_journal *j, struct restart *r);
void restart_free(struct restart *r);

#endif

/*
 * Layouts of structures in the memory of a real task. Which argument has which is not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_STRUCTURES_H
#define FDLAB_TOOLS_KERNEL_STRUCTURES_H

#include "fdlab.h"
#include "kernel/pack.h"

#include <stddef.h>

struct layout_field;

struct layout {
	size_t size, n;
	const struct layout_field *field; /* n of them, in the order of fdlab-notation(5) */
};

extern const struct layout rlimit_layout, open_how_layout, clone_args_layout, stat_layout,
	ucred_layout, statx_layout, flock_layout, siginfo_layout, f_owner_ex_layout,
	timespec_layout, timeval_layout, itimerspec_layout, timeout_layout, timeoutval_layout,
	pollfd_layout, epoll_event_layout;

/* Puts the elements of an argument at `at`, which has l->size bytes. */
void put_fields(char *at, const struct layout *l, const struct fdl_arg *a);

/* Makes *a of the structure at `at`. Without room for its elements it has none. */
void take_fields(struct kernel_taker *t, const char *at, const struct layout *l, struct fdl_arg *a);

/* Copies a structure that was given to a call, with the fields that the call wrote at `at`. */
void update_fields(struct kernel_taker *t, const char *at, const struct layout *l,
		   struct fdl_arg *a);

#endif

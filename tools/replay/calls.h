/*
 * The effect of a log's calls on a descriptor table: a row for each. How calls are written, and how
 * the model executes them, is elsewhere.
 */
#ifndef FDLAB_TOOLS_REPLAY_CALLS_H
#define FDLAB_TOOLS_REPLAY_CALLS_H

#include "replay/values.h"

#include <stdbool.h>

enum effect {
	EFFECT_USE,   /* uses descriptors, changes none */
	EFFECT_GIVE,  /* the result is a new descriptor */
	EFFECT_PAIR,  /* fills in an argument with two descriptors */
	EFFECT_DUP,   /* dup */
	EFFECT_DUP2,  /* dup2, dup3 */
	EFFECT_FCNTL, /* depends on the command */
	EFFECT_IOCTL, /* depends on the request */
	EFFECT_CLOSE,
	EFFECT_CLOSE_RANGE,
	EFFECT_MESSAGE, /* recvmsg and recvmmsg: messages carry descriptors */
	EFFECT_FORK,    /* fork, vfork, clone, clone3 */
	EFFECT_UNSHARE,
	EFFECT_EXEC,
	EFFECT_LIMIT, /* prlimit64, setrlimit, getrlimit */
	EFFECT_GETSOCKOPT,
	EFFECT_EXIT, /* exit, exit_group; with an argument: all threads end */
	EFFECT_WAIT,
	EFFECT_HINT, /* uses descriptors, and may open some that the log does not show */
};

/* Numbers are of arguments, from 1; 0: none. */
struct log_call {
	const char *name;
	enum effect effect;
	unsigned char fd[3]; /* the descriptors that it uses */
	/* GIVE: the name of the object; PAIR: the argument filled in; otherwise see effects.c. */
	unsigned char argument;
	bool cloexec;         /* new descriptors are always close-on-exec */
	unsigned char flags;  /* the argument with the close-on-exec flag */
	unsigned cloexec_bit; /* the flag, if it is not O_CLOEXEC */
	/* GIVE: true if this call gives a descriptor; NULL: always. */
	bool (*gives)(const struct fdl_log_call *call);
	const char *shown; /* the name of an object without a path; NULL: the call's */
};

/* The row of a call, or NULL: it neither uses nor changes descriptors. */
const struct log_call *log_call_find(struct span name);

/*
 * For an ioctl that gives a descriptor, the place of the number: a field of the argument ("fd"),
 * "[" for a number in brackets, or "" for the result. *cloexec: it is always close-on-exec. NULL:
 * the ioctl gives none.
 */
const char *ioctl_gives(const struct fdl_value *request, bool *cloexec);

/* Whether an ioctl is known to give no descriptor. */
bool ioctl_is_known(const struct fdl_value *request);

/* How many descriptors a call in flight may have reserved. */
unsigned log_call_reserves(const struct log_call *row);

#endif

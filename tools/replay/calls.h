/*
 * What the calls of a log do to a descriptor table: a row each. How a call is written, and what the
 * model makes of it, is not known here.
 */
#ifndef FDLAB_TOOLS_REPLAY_CALLS_H
#define FDLAB_TOOLS_REPLAY_CALLS_H

#include "replay/values.h"

#include <stdbool.h>

enum effect {
	EFFECT_USE,   /* none; but it uses descriptors */
	EFFECT_GIVE,  /* the result is a new descriptor */
	EFFECT_PAIR,  /* an argument is filled in with two */
	EFFECT_DUP,   /* dup */
	EFFECT_DUP2,  /* dup2, dup3 */
	EFFECT_FCNTL, /* as its command says */
	EFFECT_IOCTL, /* as its request says */
	EFFECT_CLOSE,
	EFFECT_CLOSE_RANGE,
	EFFECT_MESSAGE, /* recvmsg and recvmmsg: descriptors come in messages */
	EFFECT_FORK,    /* fork, vfork, clone, clone3 */
	EFFECT_UNSHARE,
	EFFECT_EXEC,
	EFFECT_LIMIT, /* prlimit64, setrlimit, getrlimit */
	EFFECT_GETSOCKOPT,
	EFFECT_EXIT, /* exit and exit_group, which have an argument: they end all threads */
	EFFECT_WAIT,
	EFFECT_HINT, /* it uses descriptors, and may open some that the log does not show */
};

/* Numbers of arguments, from 1; 0: none. */
struct log_call {
	const char *name;
	enum effect effect;
	unsigned char fd[3];    /* descriptors that it uses */
	unsigned char argument; /* GIVE: the name of what is opened; PAIR: what is filled in;
				 * others: where it differs, as replay_effects.c says */
	bool cloexec;           /* what it gives is always close-on-exec */
	unsigned char flags;    /* the argument that may ask for that */
	unsigned cloexec_bit;   /* where that is not O_CLOEXEC */
	/* GIVE: whether this call is one that gives a descriptor at all; NULL: all are. */
	bool (*gives)(const struct fdl_log_call *call);
	const char *shown; /* how what it gives is called; NULL: by its name */
};

/* The row of a call, or NULL: it has nothing to do with descriptors. */
const struct log_call *log_call_find(struct span name);

/*
 * An ioctl that gives a descriptor: the field of its argument that has it ("fd"), "[" for a number
 * between brackets, or "" for its result. *cloexec: it is always close-on-exec. NULL: it gives none.
 */
const char *ioctl_gives(const struct fdl_value *request, bool *cloexec);

/* Whether an ioctl is known to give none. */
bool ioctl_is_known(const struct fdl_value *request);

/* How many descriptors a call that has begun may have reserved and not yet given. */
unsigned log_call_reserves(const struct log_call *row);

#endif

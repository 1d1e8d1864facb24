/*
 * What was open before a log began: descriptors that a process inherited are in no line of it, and
 * follow from what the kernel passed over and from what is used. Of each descriptor so much can be
 * learned and no more, so that starting again with what was learned comes to an end.
 */
#ifndef FDLAB_TOOLS_REPLAY_INFER_H
#define FDLAB_TOOLS_REPLAY_INFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum belief {
	BELIEF_NONE,    /* nothing speaks for it */
	BELIEF_ASSUMED, /* 0, 1 and 2 are open, usually */
	BELIEF_OPEN,
	BELIEF_CLOEXEC, /* open, and closed by exec */
	BELIEF_CLOSED,  /* for certain */
};

enum evidence { EVIDENCE_NONE, EVIDENCE_SKIPPED, EVIDENCE_USED, EVIDENCE_GIVEN, EVIDENCE_FLAG };

struct inherited {
	int64_t fd;
	enum belief belief;
	enum evidence evidence;
	uint64_t line; /* of the evidence */
};

/* A process that the log does not see made. */
struct root {
	int pid;
	struct inherited *fds; /* in ascending order */
	size_t nfds;
};

struct inference {
	struct root *roots; /* in the order in which they appear */
	size_t nroots, room;
	bool threads; /* all of them are taken for threads of the first */
	bool changed; /* something was learned that makes a difference from the start */
	bool stop;    /* and what was played so far may mislead: start again at once */
	bool no_memory;
};

void inference_free(struct inference *inf);

/* The nth process of unknown descent, which is pid. False: no memory. */
bool inference_root(struct inference *inf, size_t n, int pid);

enum belief inference_belief(const struct inference *inf, unsigned root, int64_t fd);

/* Learns something. False: it contradicts what is known already. */
bool inference_learn(struct inference *inf, unsigned root, int64_t fd, enum belief belief,
		     enum evidence evidence, uint64_t line);

/* The words for it: "skipped", "used", … */
const char *evidence_word(enum evidence evidence);

#endif

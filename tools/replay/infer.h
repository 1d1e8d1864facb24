/*
 * The descriptors that were open before the log began. No line shows the descriptors that a process
 * inherited; they follow from numbers that the kernel skipped and from uses. The belief about a
 * descriptor only moves down enum belief, so that replaying with what was learned ends.
 */
#ifndef FDLAB_TOOLS_REPLAY_INFER_H
#define FDLAB_TOOLS_REPLAY_INFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum belief {
	BELIEF_NONE,    /* no evidence */
	BELIEF_ASSUMED, /* 0, 1 and 2 are usually open */
	BELIEF_OPEN,
	BELIEF_CLOEXEC, /* open, and closed by exec */
	BELIEF_CLOSED,  /* certain */
};

enum evidence { EVIDENCE_NONE, EVIDENCE_SKIPPED, EVIDENCE_USED, EVIDENCE_GIVEN, EVIDENCE_FLAG };

struct inherited {
	int64_t fd;
	enum belief belief;
	enum evidence evidence;
	uint64_t line; /* the line with the evidence */
};

/* A process whose creation the log does not show. */
struct root {
	int pid;
	struct inherited *fds; /* in ascending order */
	size_t nfds;
};

struct inference {
	struct root *roots; /* in order of appearance */
	size_t nroots, room;
	bool threads; /* every root is taken for a thread of the first */
	bool changed; /* something was learned that changes the start */
	bool stop;    /* the lines played so far may be wrong: start again now */
	bool no_memory;
};

void inference_free(struct inference *inf);

/* Registers the nth process of unknown origin, with this pid. False: no memory. */
bool inference_root(struct inference *inf, size_t n, int pid);

enum belief inference_belief(const struct inference *inf, unsigned root, int64_t fd);

/* Learns a belief. False: it contradicts an earlier one. */
bool inference_learn(struct inference *inf, unsigned root, int64_t fd, enum belief belief,
		     enum evidence evidence, uint64_t line);

/* The word for it: "skipped", "used", … */
const char *evidence_word(enum evidence evidence);

#endif

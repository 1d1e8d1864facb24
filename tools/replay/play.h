/*
 * The play of a log: its tasks and their tables on one side, the machine on the other.
 */
#ifndef FDLAB_TOOLS_REPLAY_PLAY_H
#define FDLAB_TOOLS_REPLAY_PLAY_H

#include "replay/calls.h"
#include "replay/findings.h"
#include "replay/infer.h"
#include "replay/model.h"
#include "replay/table.h"
#include "replay/strace_log.h"

struct timeline;

/* A call that has begun and not returned. */
struct log_pending {
	bool active;
	struct log_task *next, **link; /* among all that are in flight */
	bool applied;                  /* a close that was seen to have happened already */
	bool doubtful; /* a close that may have come before something opened the number again */
	const struct log_call *row;
	uint64_t start;    /* its line */
	unsigned reserves; /* so many descriptors may be reserved by it */
	int child;         /* a task that it has made already; 0: none */
	int64_t number[2]; /* its first two arguments, -1 where they are no numbers */
	char *text;        /* its arguments, as far as they are written */
	size_t len, room;
};

struct process {
	struct process *next, *parent; /* parent NULL: the machine's init */
	int pid, model;                /* of the leader */
	unsigned tasks;
	unsigned panel; /* of the timeline */
	uint64_t limit; /* of descriptors, where it is known */
	bool limit_known, limit_guessed;
	uint64_t exit_line; /* exit_group was called there; 0: it was not */
	struct process_record record;
};

struct log_task {
	struct log_task *next; /* in its bucket */
	int pid, model;
	struct process *process;
	struct table *table;
	uint64_t exit_line; /* exit was called there; 0: it was not */
	struct log_pending pending;
};

#define TASK_BUCKETS 1024

/* What to do beside judging. */
struct wishes {
	FILE *scenario;            /* NULL: none */
	struct timeline *timeline; /* NULL: none */
	int state_pid;             /* -1: none; 0: of the only process, in a log without pids */
	uint64_t state_line;
};

struct replay {
	const struct strace_log *log;
	struct log_reader reader;
	uint64_t line;
	bool unseen;    /* some table is a copy made while others were in calls */
	int64_t gone;   /* what the call at hand was given, and another has closed already; or -1 */
	uint64_t begun; /* behind which line the call at hand has happened */
	struct model *model;
	struct fdl_values *values, *ahead_values; /* of the call at hand, and of one further on */
	struct log_task *tasks[TASK_BUCKETS];
	struct log_task *in_flight; /* the latest call first */
	struct process *processes;
	unsigned npanels;
	size_t nroots;
	/* Looking ahead for the parents of tasks that are there before their parent's call returns. */
	struct log_reader ahead;
	bool has_pids;
	int first_pid; /* who the lines without a pid are of; 0: not known yet */
	struct birth {
		int child, parent;
		uint64_t line;
		enum share share;
		bool known; /* the call says what is shared */
	} * births;
	size_t nbirths, births_room;
	struct inference *inference;
	struct findings *findings;
	const struct wishes *wishes;
	char *state; /* the text that was wished for */
	bool no_memory;
};

/*
 * Plays a log once, from its beginning. What was learned about what was open before goes to
 * inference (changed: it should be played again), what was found to findings. 0 or a negative
 * errno. *state is the text that was wished for, malloc's; NULL: there was no such task.
 */
int replay_pass(const struct strace_log *log, struct inference *inference,
		struct findings *findings, const struct wishes *wishes, char **state);

#endif

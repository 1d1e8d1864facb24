/*
 * The play of a log: the log's tasks and tables, and the machine.
 */
#ifndef FDLAB_TOOLS_REPLAY_PLAY_H
#define FDLAB_TOOLS_REPLAY_PLAY_H

#include "replay/calls.h"
#include "replay/findings.h"
#include "replay/infer.h"
#include "replay/model.h"
#include "replay/table.h"
#include "replay/strace_log.h"

#include <sys/queue.h>

struct timeline;
struct replay;
struct log_task;

/* A call that has begun and not returned. */
struct log_pending {
	bool active;
	LIST_ENTRY(log_task) flight;   /* in the list of calls in flight */
	TAILQ_ENTRY(log_task) fork;    /* of a fork: in the list of those */
	struct table *table;           /* of the task */
	LIST_ENTRY(log_task) in_table; /* in a list of the table, if it reserves or has an aim */
	struct aim *aim;               /* of a close or dup2; NULL: it has none */
	LIST_ENTRY(log_task) same_aim;
	bool copied;   /* a table was copied meanwhile, and may have what it reserves */
	bool applied;  /* a close already seen to have happened */
	bool doubtful; /* a close that may have come before the number was opened again */
	const struct log_call *row;
	uint64_t start;    /* the line where it began */
	unsigned reserves; /* descriptors that it may have reserved */
	int child;         /* a task that it has already made; 0: none */
	int64_t number[2]; /* its first two arguments; -1: not a number */
	char *text;        /* its arguments, as far as the log has them */
	size_t len, room;
};

struct process {
	LIST_ENTRY(process) all, sibling;
	struct process *parent; /* NULL: the machine's init */
	LIST_HEAD(, process) children;
	LIST_HEAD(, log_task) members;
	int pid, model; /* of the leader */
	unsigned tasks;
	unsigned panel;        /* its number in the timeline, */
	unsigned parent_panel; /* and that of its parent, or NO_PANEL */
	uint64_t limit;        /* on descriptors, if known */
	bool limit_known, limit_guessed;
	uint64_t exit_line; /* the line of exit_group; 0: not called */
	struct process_record record;
};

struct log_task {
	int pid; /* the first member: the tree of all tasks is searched by it */
	int model;
	TAILQ_ENTRY(log_task) all;
	LIST_ENTRY(log_task) member; /* of its process */
	struct process *process;
	struct table *table;
	uint64_t exit_line; /* the line of exit; 0: not called */
	struct log_pending pending;
};

/* A line read ahead that names a child. */
struct birth {
	int child; /* the first member: the tree is searched by it */
	int parent;
	uint64_t line;
	enum share share;
	bool known;          /* the call says what is shared */
	struct birth *again; /* a later one of a child with the same pid */
	TAILQ_ENTRY(birth) all;
};

/* Functions that are called while a log is played, with the tables and the machine as they are. */
struct replay_watcher {
	/* The last task of a table is about to end. */
	void (*exits)(struct replay_watcher *w, struct replay *r, const struct log_task *task);
	/* A task has executed a program, and has what exec left open. */
	void (*execs)(struct replay_watcher *w, struct replay *r, const struct log_task *task,
		      const char *program);
};

/* Work besides judging. */
struct wishes {
	FILE *scenario;                 /* NULL: none */
	struct timeline *timeline;      /* NULL: none */
	struct replay_watcher *watcher; /* NULL: none */
	int state_pid; /* -1: none; 0: of the only process, in a log without pids */
	uint64_t state_line;
	struct log_drawing *drawing; /* NULL: none */
};

/* Tasks that are found without a search: the last one made of each pid modulo this. */
#define NEWEST_KEPT 64

struct replay {
	const struct strace_log *log;
	struct log_reader reader;
	uint64_t line;
	bool on_stderr;            /* lines have "[pid N]": the programs may write between them */
	bool torn;                 /* the latest line of a call ends in a program's own output */
	LIST_HEAD(, table) unseen; /* tables copied while another task was in a call */
	int64_t gone;   /* the number that the current call got and another task closed; or -1 */
	uint64_t begun; /* the current call happened after this line */
	struct model *model;
	struct fdl_values *values, *ahead_values; /* of the current call, and of a later one */
	void *by_pid;                             /* the tasks, a tree of tsearch(3) */
	struct log_task *newest[NEWEST_KEPT];     /* of it, those made last, by pid */
	TAILQ_HEAD(, log_task) tasks;             /* the oldest first */
	size_t ntasks;
	LIST_HEAD(, log_task) in_flight; /* the latest call first */
	TAILQ_HEAD(, log_task) forks;    /* those in a fork, the longest first */
	LIST_HEAD(, process) processes;  /* the newest first */
	unsigned npanels;
	size_t nroots;
	/* Reads ahead for parents of tasks whose lines precede the return of the parent's call. */
	struct log_reader ahead;
	bool has_pids;
	int first_pid;              /* the pid for lines without one; 0: not known yet */
	TAILQ_HEAD(, birth) births; /* in the order of their lines */
	void *births_by_child;      /* the first of each child, a tree of tsearch(3) */
	struct inference *inference;
	struct findings *findings;
	const struct wishes *wishes;
	char *drawn_line; /* the text of the latest line, for wishes->drawing */
	bool no_memory;
};

/* As fdl_log_call_read; the replay fails at its end where there was no memory. */
int replay_read_call(struct replay *r, struct fdl_values *values, const char *text, size_t len,
		     struct fdl_log_call *call);

/*
 * Plays a log once, from its beginning. Beliefs about what was open before go to inference (if
 * changed is set, the log should be played again), findings to findings. 0 or a negative errno.
 * *state is the text for wishes->state_pid, to be freed; NULL: there was no such task.
 */
int replay_pass(const struct strace_log *log, struct inference *inference,
		struct findings *findings, const struct wishes *wishes, char **state);

#endif

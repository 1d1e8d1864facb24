/*
 * The play of a log: its tasks and their tables on one side, the machine on the other. The rooms of
 * replay_*.c share it: tasks come and go, effects are what the calls do, the judge says
 * whether the machine agrees.
 */
#ifndef FDLAB_TOOLS_REPLAY_PLAY_H
#define FDLAB_TOOLS_REPLAY_PLAY_H

#include "replay/calls.h"
#include "replay/findings.h"
#include "replay/infer.h"
#include "replay/model.h"
#include "replay/table.h"
#include "replay/strace_line.h"
#include "replay/strace_log.h"

struct timeline;

/* A call that has begun and not returned. */
struct pending {
	bool active;
	bool applied; /* a close that was seen to have happened already */
	const struct call_row *row;
	uint64_t start;    /* its line */
	unsigned reserves; /* so many descriptors may be reserved by it */
	int child;         /* a task that it has made already; 0: none */
	char *text;        /* its arguments, as far as they are written */
	size_t len, room;
};

struct process {
	struct process *next, *parent; /* parent NULL: the machine's init */
	int pid, model;                /* of the leader */
	unsigned tasks;
	unsigned panel; /* of the timeline */
	bool limit_known, limit_guessed;
	struct process_record record;
};

struct task {
	struct task *next; /* in its bucket */
	int pid, model;
	struct process *process;
	struct table *table;
	struct pending pending;
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
	struct task *tasks[TASK_BUCKETS];
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

/* ---- replay_tasks.c ------------------------------------------------------------------------- */

/* The pid that a line is of, which may have none. */
int replay_pid(const struct replay *r, int pid);
/* The task with a pid of the log, or NULL. */
struct task *replay_find(const struct replay *r, int pid);
/* Whose line it is, made where it was not known. NULL: no memory. */
struct task *replay_task_of(struct replay *r, int pid);
/* A call made by parent, from start on, has made a task. NULL: no memory. */
struct task *replay_born(struct replay *r, struct task *parent, int pid, struct span args,
			 const struct call_row *row, uint64_t start);
void replay_exit(struct replay *r, struct task *task);
void replay_exec(struct replay *r, struct task *task, const char *program);
/* The leader of this pid is gone: another thread's exec takes its place. */
void replay_supersede(struct replay *r, int pid, int by);
/* The task gets a table of its own. start: of the call that does it. */
void replay_unshare(struct replay *r, struct task *task, uint64_t start);
/* A call is over, and has given these: tables that were copied meanwhile may have them, too. */
void replay_settle_unseen(struct replay *r, int pid, const int64_t *given, size_t n);
/* Calls each on every task but this one that is in a call with this table. */
typedef void replay_each_fn(struct replay *r, struct task *other, void *ctx);
void replay_each_pending(struct replay *r, const struct task *but, const struct table *table,
			 replay_each_fn *each, void *ctx);
/* The end of the log: what still lives is recorded, and everything freed. */
void replay_end(struct replay *r);
/* A descriptor of a table is gone, for the timeline. */
void replay_bar(struct replay *r, const struct task *task, int64_t fd);

/* ---- replay_judge.c ------------------------------------------------------------------------- */

enum gift { GIFT_NEW, GIFT_DUP, GIFT_DUPFD };

/* A descriptor that a call gave. */
struct given {
	enum gift how;
	const char *call; /* a literal */
	const char *name; /* what it is of */
	int64_t number;
	int64_t from;   /* not below this */
	int64_t source; /* GIFT_DUP, GIFT_DUPFD */
	bool cloexec;
};

/* Holds what a call gave against the machine. */
void judge_given(struct replay *r, struct task *task, const struct given *given);
/* The same for the two of a pipe. */
void judge_pair(struct replay *r, struct task *task, const struct given given[2]);
/* A call failed with EMFILE: no number from this one on. */
void judge_full(struct replay *r, struct task *task, const char *call, int64_t from);
/* A call shows that a descriptor is open, or (EBADF) closed. False: it diverges. */
bool judge_open(struct replay *r, struct task *task, const char *call, int64_t fd);
/* The same of a call that closes it. */
bool judge_close(struct replay *r, struct task *task, int64_t fd);
bool judge_closed(struct replay *r, struct task *task, const char *call, int64_t fd);
/* fcntl(F_GETFD) said so. */
void judge_cloexec(struct replay *r, struct task *task, int64_t fd, bool cloexec);
/* A call that was in flight is over, and has given these. */
void judge_over(struct replay *r, struct task *task, const int64_t *given, size_t n, bool failed);
/* Puts something in a place that the machine has empty: origin is taken over. */
void judge_place(struct replay *r, struct task *task, int64_t fd, struct origin *origin,
		 bool cloexec);
/* Closes in the machine and in the table. */
void judge_remove(struct replay *r, struct task *task, int64_t fd, int closer);
void judge_divergence(struct replay *r, const struct task *task, uint64_t line, int64_t fd,
		      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* ---- replay_effects.c ----------------------------------------------------------------------- */

/* A call has returned, which began at line start. */
void replay_effect(struct replay *r, struct task *task, const struct call_row *row,
		   const struct strace_call *call, uint64_t start);
/* How many descriptors a call that begins with these arguments may reserve. */
unsigned replay_reserves(const struct call_row *row, struct span args);

/* ---- replay_svg.c --------------------------------------------------------------------------- */

struct timeline *timeline_new(void);
void timeline_free(struct timeline *t);
/* A process of the timeline: its panel's number counts from 0. program may be NULL. */
void timeline_process(struct timeline *t, unsigned panel, int pid, const char *program,
		      uint64_t first, uint64_t last);
void timeline_bar(struct timeline *t, unsigned panel, int64_t fd, const struct origin *origin,
		  bool cloexec, uint64_t from, uint64_t to);
/* Writes it. 0 or a negative errno. */
int timeline_write(const struct timeline *t, const char *file, const char *log);

#endif

/*
 * A race, and the machine that it is run on over and over: a copy in a heap of its own, which is
 * put back before each run. A run is a sequence of steps, each of which lets one program go on to
 * its next preemption point; search.c chooses them.
 */
#ifndef RACE_H
#define RACE_H

#include "base/arena.h"
#include "base/text.h"
#include "explore/outcome_text.h"
#include "explore/touched.h"
#include "notation/args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAMS_MAX 16 /* tasks that race */
#define LINES_MAX    256

struct heap;

/* A line of a program: a call, or a write to a file of the tree. */
struct race_line {
	char *text;                /* as it was written, without the pid */
	const struct fdl_row *row; /* NULL: a write */
	struct fdl_arg arg[ARGS_MAX];
	char *path;
	size_t len; /* of text, where that is what is written */
	unsigned program;
	/* In the present run: */
	enum fdl_race_state state;
	int64_t result;
	unsigned filled_len;
	char filled[FILLED_MAX]; /* packed arguments */
};

struct program {
	int pid;
	struct task *task;
	unsigned n, line[LINES_MAX]; /* its lines */
	/* In the present run: */
	unsigned next;
	struct call *call; /* in flight */
};

enum breach {
	BREACH_NONE,
	BREACH_INVARIANT,
	BREACH_BUG,
	BREACH_FREED,
	BREACH_DEADLOCK,
};

struct race {
	struct heap *heap;
	struct fdl_machine *m;
	struct arena args;
	unsigned n_programs, n_lines;
	struct program program[PROGRAMS_MAX];
	struct race_line line[LINES_MAX];
	bool frozen;
	bool tight; /* some limit of the machine is near: then everything depends on everything */
	uint64_t bugs;  /* of the machine, at the start */
	ssize_t log_at; /* where the race begins in the transcript */

	/* Of the present run. */
	enum breach breach;
	char why[256];

	/* Of the step that runs, or ran last. */
	struct watcher watcher;
	struct touched *touched;
	unsigned running;    /* the program */
	uint32_t everything; /* programs whose call touches everything */
	uint32_t woken;      /* programs that it woke */
	bool recorded;       /* the transcript has it */
};

/* A copy of a machine, made by running its transcript. 0 or an error, with a message. */
int race_init(struct race *r, struct fdl_machine *m, char *err, size_t errsize);
void race_free(struct race *r);

/* Adds a line to the program of a task. 0; -EINVAL, -ENOMEM with a message. */
int race_add_call(struct race *r, int pid, const char *text, size_t len, char *err, size_t errsize);
int race_add_write(struct race *r, int pid, const char *path, const char *text, size_t len,
		   char *err, size_t errsize);

/* Freezes the machine where the race begins. 0 or -ENOMEM. */
int race_begin(struct race *r);

/* Puts everything back to where the race begins. */
void race_restart(struct race *r);

/* The programs that can go on. */
uint32_t race_enabled(const struct race *r);

/*
 * Lets a program go on. Its touches go to t. False: it used freed memory, or there is no
 * memory left (r->breach).
 */
bool race_step(struct race *r, unsigned program, struct touched *t);

/* Whether the machine is sound. False after a breach. */
bool race_sound(struct race *r);

/* Where no program can go on: false, and a breach, if that is a deadlock. */
bool race_ended(struct race *r);

/* The final state as bytes that are equal for equal states. */
void race_signature(const struct race *r, struct text *out);

/*
 * The final state to be read: the result of a line ("3", "-1 EBUSY", "?" for a call that did not
 * return because its task ended, "-" for one that was never reached), the whole call, and the
 * tables, one a line.
 */
void race_result(const struct race *r, const struct race_line *line, struct text *out);
void race_call(const struct race *r, const struct race_line *line, struct text *out);
void race_tables(const struct race *r, struct text *out);

/* The transcript of the present run. 0 or -ENOMEM. */
int race_log(struct race *r, struct text *out);

/*
 * Reads a file of the tree in the present run: *text is in memory of libc, or NULL where there is
 * no such file. 0 or -ENOMEM.
 */
int race_read(struct race *r, const char *path, char **text);

#endif

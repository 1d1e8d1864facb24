/*
 * Findings in a log, for the report. A limited number of findings of each kind is kept and the rest
 * counted, so that memory is bounded.
 */
#ifndef FDLAB_TOOLS_REPLAY_FINDINGS_H
#define FDLAB_TOOLS_REPLAY_FINDINGS_H

#include "replay/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_kind {
	FINDING_DIVERGENCE,
	FINDING_INCOMPLETE, /* the log lacks calls */
	FINDING_LEAK,       /* open at exit */
	FINDING_EXEC,       /* left open by exec, without O_CLOEXEC */
	FINDING_BADF,       /* use or close of a closed descriptor */
	FINDING_FOREIGN,    /* close of a descriptor that another task opened */
	N_FINDINGS,
};

#define FINDINGS_KEPT 1000 /* of a kind */

struct finding {
	uint64_t line;
	int pid;
	int64_t fd;
	unsigned count;
	uint64_t origin_line; /* 0: no origin */
	int origin_pid;
	const char *origin_call;
	char *text; /* what happened */
	char *name; /* of the open file, or NULL */
};

struct process_record {
	int pid;
	char *program; /* NULL: unknown */
	uint64_t first, last;
	size_t highest; /* the most descriptors open at once */
	uint64_t table_size;
	bool ended;
};

#define PROCESSES_KEPT 10000

struct findings {
	struct {
		struct finding *list;
		size_t n, room, total;
	} of[N_FINDINGS];
	struct process_record *processes;
	size_t nprocesses, room, total_processes;
	uint64_t lines, calls, passed_over, judged, predicted;
	/* The log as a whole, for findings_check_whole. */
	bool has_pids;    /* of the lines */
	bool begins;      /* the first call is the first of a program */
	bool loads;       /* a program loads its libraries */
	bool fails;       /* there are calls that fail */
	bool plain;       /* there are calls that are about neither descriptors nor tasks */
	bool of_tasks;    /* there are calls of fork, wait and exit */
	bool overlaps;    /* there are calls that return after others began */
	bool in_shared;   /* a divergence is in a table of several tasks */
	bool exit_unseen; /* a process exited, and the log has no call of it that exits */
	/* Calls that open names, of close, of exec, of dup2 and dup3. */
	uint64_t opens, closes, execs, places;
	/*
	 * Numbers that diverge: given while the table had them open, used while it had them closed,
	 * passed over while it had them free. Of those given, what an exec had left open; of those
	 * passed over, 0, 1 and 2 that the log closes.
	 */
	struct again {
		uint64_t n, line; /* how many; the first of them */
		int64_t fd;
		int pid;
	} given_again, used_again, passed, outlived, unreplaced;
	/* A number that was passed over is used later, and so is the one given instead. */
	bool passed_used, passer_used;
	unsigned hinted; /* the finding of a number that a call may have opened; 0: none */
	bool cut;        /* the log ends within a line */
	bool no_memory;
};

/* Counts a number that the log and the table do not agree on. */
void finding_count_again(struct again *a, uint64_t line, int pid, int64_t fd);

/* Frees all findings and starts again from none. */
void findings_clear(struct findings *f);

/*
 * Adds a finding; origin may be NULL. Returns the number for finding_again, or 0 if the finding is
 * counted but not kept.
 */
unsigned finding_add(struct findings *f, enum finding_kind kind, uint64_t line, int pid, int64_t fd,
		     const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 7, 8)));
void finding_again(struct findings *f, enum finding_kind kind, unsigned number);

/* Puts one finding, that the log does not show all, in the place of all findings. */
void findings_replace(struct findings *f, uint64_t line, int pid, int64_t fd, const char *text);

/* Records a process that has ended, or still runs at the end of the log. */
void finding_process(struct findings *f, const struct process_record *record);

#endif

/*
 * What a log shows: what the report will say. Of each kind so many are kept, and the others
 * counted, so that a long log does not make for a large memory.
 */
#ifndef FDLAB_TOOLS_REPLAY_FINDINGS_H
#define FDLAB_TOOLS_REPLAY_FINDINGS_H

#include "replay/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_kind {
	FINDING_DIVERGENCE,
	FINDING_INCOMPLETE, /* the log does not show all */
	FINDING_LEAK,       /* open at exit */
	FINDING_EXEC,       /* handed on by exec, without O_CLOEXEC */
	FINDING_BADF,       /* use or close of what is closed */
	FINDING_FOREIGN,    /* close of what another task has opened */
	N_FINDINGS,
};

#define FINDINGS_KEPT 1000 /* of a kind */

struct finding {
	uint64_t line;
	int pid;
	int64_t fd;
	unsigned count;
	uint64_t origin_line; /* 0: there was no origin */
	int origin_pid;
	const char *origin_call;
	char *text; /* what happened */
	char *name; /* of what the descriptor is, or NULL */
};

struct process_record {
	int pid;
	char *program; /* NULL: unknown */
	uint64_t first, last;
	size_t highest; /* the most descriptors open at a time */
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
	uint64_t closes, execs; /* calls that close, and programs that began */
	/* Numbers that were given while they were open, and the first of them. */
	uint64_t given_again, again_line;
	int64_t again_fd;
	int again_pid;
	bool cut; /* the log ends in the middle of a line */
	bool no_memory;
};

/* Back to nothing. */
void findings_clear(struct findings *f);

/*
 * Notes one; origin may be NULL. The number by which finding_again finds it, or 0: it is counted
 * and not kept.
 */
unsigned finding_add(struct findings *f, enum finding_kind kind, uint64_t line, int pid, int64_t fd,
		     const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 7, 8)));
void finding_again(struct findings *f, enum finding_kind kind, unsigned number);

/*
 * At the end: a log that never closes, and gives numbers again, lacks calls. Of all that was found
 * one finding is left then, which says so.
 */
void findings_check_filter(struct findings *f);

/* A process that has ended, or that the log leaves running. */
void finding_process(struct findings *f, const struct process_record *record);

#endif

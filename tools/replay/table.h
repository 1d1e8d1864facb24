/*
 * What a log has told about a descriptor table: which numbers are open, since when, by which call,
 * and how sure that is. The machine has the same table; this one knows the lines.
 */
#ifndef FDLAB_TOOLS_REPLAY_TABLE_H
#define FDLAB_TOOLS_REPLAY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_MAX_SHOWN 128 /* bytes of a name that are kept */

/* Where a descriptor comes from: shared by the copies that fork makes of it. */
struct origin {
	unsigned refs;
	int pid;          /* the task that opened it */
	uint64_t line;    /* where the call ended */
	const char *call; /* a literal; NULL: it was there at the start */
	unsigned execs;   /* how often it was handed on by exec: 0, or its finding's number + 1 */
	char name[];
};

/* One reference more, and one less. NULL is allowed in origin_put. */
struct origin *origin_get(struct origin *origin);
void origin_put(struct origin *origin);
/* A new one with one reference: the caller's. NULL: no memory. */
struct origin *origin_new(int pid, uint64_t line, const char *call, const char *name);

struct log_slot {
	struct origin *origin; /* NULL: closed */
	bool cloexec;
	bool own;           /* opened in this table, not in the one that it is a copy of */
	bool touched;       /* what was at the start of the log does not matter any more */
	bool maybe;         /* open or closed: it was changed while something else changed it */
	bool unseen;        /* opened by something that the log does not show */
	int closer, opener; /* of the latest one that was closed; 0: there was none */
	/*
	 * Lines: what happened, did so behind the one where the call began, and not behind the one
	 * where it ended.
	 */
	uint64_t opening, since;  /* it was opened in this table */
	uint64_t closing, closed; /* it was closed last; 0: never */
	uint64_t closed_before;   /* the same of the time before */
	uint64_t users;           /* a bit for each task that has used it since it was opened */
};

/* A task's latest call that failed, but may have reserved a descriptor while it ran. */
struct failed {
	uint64_t line;
	int pid;
	unsigned reserved;
};

/*
 * A number that was free, and yet passed over: one of the calls that were in flight then must have
 * it. When none of them has, the one that was judged then was wrong.
 */
struct suspect {
	int64_t fd;
	int pids[16];
	unsigned npids;
	int judged;       /* the task whose call was judged */
	uint64_t line;    /* of that call */
	int64_t got;      /* what it got */
	const char *call; /* a literal */
	bool closed;      /* the call judged was a close: who has the number has it no more */
};

/*
 * A task whose call was in flight when the table was copied from its own, and how many descriptors
 * that may have given the copy: which ones will be known when it is over.
 */
struct unseen {
	int pid;
	unsigned n;
};

/* A call that may have opened descriptors without a line that says so. */
struct hint {
	uint64_t line;
	char call[64];
};

#define HINTS_KEPT    4
#define FAILED_KEPT   16
#define UNSEEN_KEPT   16
#define SUSPECTS_KEPT 64
#define CHUNK         64                 /* slots that are made together */
#define FD_LIMIT      ((int64_t)1 << 24) /* no table of this world has more */

struct table {
	unsigned users;           /* tasks */
	struct log_slot **chunks; /* of CHUNK slots each; NULL: nothing was ever there */
	size_t nchunks;
	size_t nopen, first_free;
	size_t nguessed; /* of those that are open: what the log does not show */
	bool execed;     /* since the start of the log */
	unsigned root;   /* what it has from the start is this root's */
	struct unseen unseen[UNSEEN_KEPT];
	unsigned nunseen;
	int64_t swept; /* what was open at the start, from this number on, was closed */
	struct failed failed[FAILED_KEPT]; /* of each task one */
	unsigned nfailed;
	struct suspect *suspects;
	unsigned nsuspects;
	/* The latest range of numbers that was closed, and where. */
	int64_t range_first, range_last;
	uint64_t range_line;
	int64_t top; /* the highest number that was ever open */
	struct hint hints[HINTS_KEPT];
	unsigned nhints;
	int unfollowed; /* a task that shares the table, and whose lines the log does not have */
	bool told_unfollowed; /* and that was said */
};

/* A table with one user, or NULL: no memory. A copy has what is open in the other, since line. */
struct table *table_new(unsigned root);
struct table *table_copy(const struct table *from, uint64_t line);
void table_free(struct table *t);

/* The slot of a number, in reach or made so. NULL: no memory, or no number of a descriptor. */
struct log_slot *table_slot(struct table *t, int64_t fd);
/* The same where it is in reach, or NULL. */
struct log_slot *table_look(const struct table *t, int64_t fd);
bool table_is_open(const struct table *t, int64_t fd);

/* The first open number from this one on, or -1. */
int64_t table_next(const struct table *t, int64_t fd);

/*
 * Opens a number, taking over the reference to origin (which may be NULL: no memory); closes one
 * that is open. False: no memory.
 */
bool table_open(struct table *t, int64_t fd, struct origin *origin, bool cloexec, uint64_t begun,
		uint64_t line);
void table_close(struct table *t, int64_t fd, int pid, uint64_t begun, uint64_t line);

/* A number that is open was opened by something that the log does not show. */
void table_note_unseen_open(struct table *t, int64_t fd);

/* A number was closed that a call in flight had opened, and is not known to be open. */
void table_note_closed(struct table *t, int64_t fd, int pid, uint64_t begun, uint64_t line);

/* Calls that may have opened a number since it was free, in words; empty: none. */
void table_hints(const struct table *t, int64_t fd, char *text, size_t size);

/* What was open at the start in a range does not matter any more. */
void table_touch(struct table *t, int64_t first, int64_t last);

/* Whether what it is may still be what it was at the start of the log. */
bool table_untouched(const struct table *t, int64_t fd);

/* The lowest number from this one on that is closed. */
int64_t table_lowest(struct table *t, int64_t from);

/* A task was in a call, of which the copy may have so many descriptors. */
void table_note_unseen(struct table *t, int pid, unsigned n);
/* That call is over, and has given these. */
void table_settle_unseen(struct table *t, int pid, const int64_t *given, size_t n);

/* A call that reserved so many descriptors failed. */
void table_note_failed(struct table *t, int pid, uint64_t line, unsigned reserved);

#endif

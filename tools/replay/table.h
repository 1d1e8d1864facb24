/*
 * A descriptor table as the log tells it: its open numbers, with the line and the call that opened
 * each, and how certain that is. The machine's table has the same numbers, but not the lines.
 */
#ifndef FDLAB_TOOLS_REPLAY_TABLE_H
#define FDLAB_TOOLS_REPLAY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct log_task;

/* The ends of a pipe. */
enum pipe_end { END_NONE, END_READ, END_WRITE };

#define NAME_MAX_SHOWN 128 /* bytes of a name that are kept */

/* Where a descriptor comes from; shared with the copies that fork makes. */
struct origin {
	unsigned refs;
	int pid;          /* the task that opened it */
	uint64_t line;    /* where the call returned */
	const char *call; /* a literal; NULL: open at the start */
	unsigned execs;   /* its FINDING_EXEC, for finding_again; 0: none */
	enum pipe_end end;
	char name[];
};

/* Take and drop a reference. origin_put accepts NULL. */
struct origin *origin_get(struct origin *origin);
void origin_put(struct origin *origin);
/* A new origin, with a reference for the caller. NULL: no memory. */
struct origin *origin_new(int pid, uint64_t line, const char *call, const char *name);

struct log_slot {
	struct origin *origin; /* NULL: closed */
	bool cloexec;
	bool own;           /* opened in this table, not copied from another */
	bool marked;        /* the log shows a call that sets or clears close-on-exec */
	bool kept;          /* exec was told to leave it open: by F_SETFD, or by dup2 */
	bool touched;       /* what was open at the start no longer matters */
	bool maybe;         /* open or closed: two calls that overlap changed it */
	bool unseen;        /* opened by a call that the log does not show */
	bool passed;        /* and that is known only from a number that diverged */
	bool passes;        /* such a number */
	int closer, opener; /* of the descriptor closed last; 0: none */
	/* Lines (first, last]: it happened after the first line, and not after the last. */
	uint64_t opening, since;  /* opened in this table */
	uint64_t closing, closed; /* closed last; 0: never */
	uint64_t closed_before;   /* closed the time before */
	uint64_t users;           /* a bit for each task that used it since it was opened */
};

/* The latest failed call of a task that may have reserved a descriptor while it ran. */
struct failed {
	uint64_t line;
	int pid;
	unsigned reserved;
};

/*
 * A free number that the kernel skipped: a call then in flight must have it. If none has, the call
 * judged then diverged.
 */
struct suspect {
	int64_t fd;
	int pids[16];
	unsigned npids;
	int judged;       /* the task whose call was judged */
	uint64_t line;    /* of the judged call */
	int64_t got;      /* the number that it got */
	const char *call; /* a literal */
	bool closed;      /* the judged call was a close: no task has the number any more */
};

/*
 * A task whose call was in flight when this table was copied from its table. The copy may have up
 * to n of the call's descriptors; which ones is known when the call returns.
 */
struct unseen {
	int pid;
	unsigned n;
};

/* A call that may have opened descriptors without a line for them. */
struct hint {
	uint64_t line;
	char call[64];
};

#define HINTS_KEPT    4
#define FAILED_KEPT   16
#define UNSEEN_KEPT   16
#define SUSPECTS_KEPT 64
#define CHUNK         64                 /* slots allocated together */
#define FD_LIMIT      ((int64_t)1 << 24) /* no table has more */

struct table {
	unsigned users;           /* tasks */
	struct log_slot **chunks; /* of CHUNK slots each; NULL: never used */
	size_t nchunks;
	size_t nopen, first_free;
	size_t nguessed;    /* open, but the log does not show it */
	bool execed;        /* an exec came since the start of the log */
	uint64_t exec_line; /* the line of the latest; 0: none in this table */
	unsigned root;      /* the root whose descriptors it had at the start */
	struct unseen unseen[UNSEEN_KEPT];
	unsigned nunseen;
	LIST_ENTRY(table) unseen_tables; /* in the list of those with any */
	/*
	 * Calls in flight: those that may have reserved descriptors, and how many they have
	 * together.
	 */
	LIST_HEAD(, log_task) reservers;
	unsigned reserves;
	LIST_HEAD(, log_task) aimers; /* closes, and calls of dup2 */
	void *aims;                   /* the numbers of those, a tree of tsearch(3) */
	unsigned hidden; /* descriptors that were given, with numbers that strace does not show */
	int64_t swept;   /* what was open at the start from this number on was closed */
	struct failed failed[FAILED_KEPT]; /* at most one for each task */
	unsigned nfailed;
	struct suspect *suspects;
	unsigned nsuspects;
	/* The latest range of numbers that was closed, and its line. */
	int64_t range_first, range_last;
	uint64_t range_line;
	int64_t top; /* the highest number ever open */
	struct hint hints[HINTS_KEPT];
	unsigned nhints;
	int unfollowed;       /* a task that shares the table and has no lines in the log */
	bool told_unfollowed; /* unfollowed was reported */
};

/*
 * A table with one user, or NULL: no memory. A copy has the open descriptors of the other, since
 * line.
 */
struct table *log_table_new(unsigned root);
struct table *log_table_copy(const struct table *from, uint64_t line);
void table_free(struct table *t);

/* The slot of a number, allocated if needed. NULL: no memory, or no number of a descriptor. */
struct log_slot *table_slot(struct table *t, int64_t fd);
/* The slot if it is allocated, or NULL. */
struct log_slot *table_look(const struct table *t, int64_t fd);
bool table_is_open(const struct table *t, int64_t fd);

/* The first open number from fd on, or -1. */
int64_t table_next(const struct table *t, int64_t fd);

/*
 * Opens a number, taking over the reference to origin (NULL: no memory); or closes an open one.
 * False: no memory.
 */
bool table_open(struct table *t, int64_t fd, struct origin *origin, bool cloexec, uint64_t begun,
		uint64_t line);
void table_close(struct table *t, int64_t fd, int pid, uint64_t begun, uint64_t line);

/* An open number was opened by a call that the log does not show. */
void table_note_unseen_open(struct table *t, int64_t fd);

/* A number that a call in flight opened was closed, before the table knew it as open. */
void table_note_closed(struct table *t, int64_t fd, int pid, uint64_t begun, uint64_t line);

/* Names the calls that may have opened a number since it was free; empty: none. */
void table_hints(const struct table *t, int64_t fd, char *text, size_t size);

/* The descriptors open at the start in a range no longer matter. */
void table_touch(struct table *t, int64_t first, int64_t last);

/* Whether the number may still have what it had at the start of the log. */
bool table_untouched(const struct table *t, int64_t fd);

/* The lowest closed number from this one on. */
int64_t table_lowest(struct table *t, int64_t from);

/* The copy may have n descriptors of a call in flight of pid. */
void table_note_unseen(struct table *t, int pid, unsigned n);
/* That call has returned and given these. */
void table_settle_unseen(struct table *t, int pid, const int64_t *given, size_t n);

/* A call that reserved descriptors failed. */
void table_note_failed(struct table *t, int pid, uint64_t line, unsigned reserved);

#endif

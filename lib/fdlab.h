/*
 * libfdlab: a laboratory for file-descriptor tables.
 *
 * A machine simulates many tasks, each with the descriptor table of a real kernel. Calls are
 * submitted to it in strace's notation (or, for speed, through fdl_call), and all that can be seen
 * of it is a file in one tree, laid out as procfs is. This header is all that a user of the library
 * may know: see libfdlab(3), fdlab-notation(5) and fdlab-tree(5).
 *
 * Errors travel as negative errno values. Strings are borrowed for the length of a call unless a
 * comment says otherwise. Nothing here locks: a machine belongs to one thread at a time, and
 * different machines are independent of each other. There is no clock and no randomness in a
 * machine: the same submissions always give the same machine.
 */
#ifndef FDLAB_H
#define FDLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is linked, such as "0.1.0". */
const char *fdl_version(void);

/* ---- options ------------------------------------------------------------------------------ */

/*
 * How a machine is made. A field that is 0 (or NULL) means the kernel's usual value.
 * The limits are there so that no client can take more memory than was meant for it.
 */
struct fdl_options {
	const char *kernel;   /* "linux", "netbsd"; must outlive the machine or be a literal */
	uint64_t nofile;      /* RLIMIT_NOFILE of task 1, soft */
	uint64_t nofile_hard; /* RLIMIT_NOFILE of task 1, hard */
	uint64_t nr_open;     /* sysctl fs.nr_open: no table is ever larger */
	uint64_t file_max;    /* sysctl fs.file-max: open file descriptions; ENFILE beyond */
	uint64_t tasks;       /* tasks at one time, EAGAIN beyond */
	uint64_t bytes;       /* bytes of names, file contents and pipes, ENOSPC beyond */
	uint64_t memory;      /* bytes of descriptor tables, ENOMEM beyond */
	uint64_t log;         /* bytes kept of the transcript, and of the events */
	uint64_t uid, gid;    /* who the simulated tasks are; 0 is root */
};

/*
 * Sets one option from text as scenarios and command lines write it: "nofile=20", "kernel=linux".
 * The text of kernel= is looked up, so that the field points to a literal. 0, or -EINVAL with a
 * message in err (NUL-terminated, at most errsize bytes) that names what was wrong.
 */
int fdl_option_set(struct fdl_options *o, const char *assignment, char *err, size_t errsize);

/* The names of the kernels that a machine can run, NULL-terminated. Static. */
const char *const *fdl_kernels(void);

/* ---- machines ----------------------------------------------------------------------------- */

struct fdl_machine;

/*
 * Makes a machine with task 1, "init", whose descriptors 0, 1 and 2 are one description of
 * /dev/console. o may be NULL. The machine is the caller's, to be given to fdl_machine_free.
 * 0, -EINVAL for options that do not fit each other or the kernel, -ENOMEM.
 */
int fdl_machine_new(const struct fdl_options *o, struct fdl_machine **mp);

/* Frees a machine and everything in it. Handles must have been closed before. NULL is allowed. */
void fdl_machine_free(struct fdl_machine *m);

/*
 * Starts a machine over, as new, with other options (NULL: the ones that it was made with). Open
 * handles stay open: those of tasks that no longer are give ESRCH. Writers that wait for a call get
 * EINTR. 0; -EINVAL as of fdl_machine_new, and then the machine is what it was; -ENOMEM, and then
 * it has no tasks until a reset succeeds.
 */
int fdl_machine_reset(struct fdl_machine *m, const struct fdl_options *o);

/*
 * Checks every invariant of the kernel's tables. 0, -EUCLEAN with the first violation in err, or
 * -ENOMEM. What a person did by hand with the kernel's own functions may break them.
 */
int fdl_machine_check(const struct fdl_machine *m, char *err, size_t errsize);

/*
 * Tells the machine the time that is put on what happens from now on (st_mtime and the like in
 * fdl_getattr, and btime in the file stat, which is the first that a machine was told or the one at
 * its reset). It has no other effect on anything. Until it is called the time is 0.
 */
void fdl_machine_stamp(struct fdl_machine *m, struct timespec now);

/* ---- calls through the C interface --------------------------------------------------------- */

struct fdl_row; /* a kind of call: a row of the kernel's table */

/*
 * An argument, after its type in the row: numbers, flags and descriptors are num; a string is num
 * bytes at str; an array or a structure is num elements (fields in the order of
 * fdlab-notation(5)) at sub. What a call fills in is left in the same place, and belongs to the
 * machine until its next call.
 */
struct fdl_arg {
	int64_t num;
	union {
		const char *str;
		struct fdl_arg *sub;
	};
};

/*
 * Finds the row of a call by its name ("dup2") or, for calls that a command divides, by both
 * ("fcntl F_GETFD"). NULL when no kernel has such a call; a system call that only other kernels have
 * than this machine's is there, and fails with ENOSYS. Valid until the machine is freed or reset.
 */
const struct fdl_row *fdl_row_find(const struct fdl_machine *m, const char *name);

/*
 * Runs a call for task pid. args has one element for each argument of the row, what the call fills
 * in and a dividing command included; nargs is their number, missing ones take the usual value.
 * Returns what the call returns: a result, or a negative errno. -ESRCH: no such task. -EALREADY:
 * the task is in another call, or stopped by a signal. -EINVAL: nargs is too large, or an argument
 * without a usual value is missing. -EINPROGRESS: the call blocks, and goes on when what it waits
 * for happens; the log has its result then. (connect returns that as well, where it does not wait.)
 */
int64_t fdl_call(struct fdl_machine *m, int pid, const struct fdl_row *row, struct fdl_arg *args,
		 size_t nargs);

/* ---- the tree ----------------------------------------------------------------------------- */

/*
 * A file of the tree, by number, always below 2^63. The numbers are stable as long as what they
 * stand for exists; one whose task or descriptor is gone is answered with -ENOENT or -ESRCH.
 */
typedef uint64_t fdl_ino;
#define FDL_ROOT ((fdl_ino)1)

struct fdl_dirent {
	fdl_ino ino;
	mode_t mode; /* the file type bits */
	char name[256];
};

/* Finds name in a directory. 0, -ENOENT, -ENOTDIR. */
int fdl_lookup(struct fdl_machine *m, fdl_ino dir, const char *name, fdl_ino *ino);

/* Finds a path from the root ("1/files/slots"; leading and doubled slashes do not matter; the last
 * component is not followed when it is a symbolic link). 0, -ENOENT, -ENOTDIR, -ENAMETOOLONG. */
int fdl_walk(struct fdl_machine *m, const char *path, fdl_ino *ino);

/*
 * Type, permissions, size, links and times of a file. The size is that of the text that a reader
 * who opens it now will get; that of a control file is 0. st_uid and st_gid are left 0: they are
 * for the one who shows the tree.
 */
int fdl_getattr(struct fdl_machine *m, fdl_ino ino, struct stat *st);

/*
 * Says where rootfs/ is for readers of the tree, such as "/tmp/lab/rootfs": from now on fd/N, cwd,
 * exe, root and maps lead there. NULL, as at first: they show the bare names of the machine. Kept
 * through resets. 0 or -ENOMEM.
 */
int fdl_machine_links(struct fdl_machine *m, const char *rootfs);

/*
 * True for a file below rootfs/, which is one of the machine's own: fdl_getattr gives the owner that
 * it has in the machine, and opening it for writing is -EROFS.
 */
bool fdl_is_simulated(struct fdl_machine *m, fdl_ino ino);

/*
 * The next entry of a directory behind *cookie, which it moves on; 0 starts, and "." and ".." come
 * first. A cookie stays good while the directory changes: entries that were there all the time come
 * exactly once, in order. 1 when *de was filled, 0 at the end, or -ENOENT, -ENOTDIR.
 */
int fdl_readdir(struct fdl_machine *m, fdl_ino dir, uint64_t *cookie, struct fdl_dirent *de);

/* The target of a symbolic link, as readlink(2): not NUL-terminated, cut to size. */
ssize_t fdl_readlink(struct fdl_machine *m, fdl_ino ino, char *buf, size_t size);

struct fdl_handle; /* an open file of the tree */

/*
 * Called when a write that was answered -EINPROGRESS is over, with what it would have returned. It
 * runs in the middle of the machine's work: it may note the result or answer somebody, and must
 * not call into the machine or close a handle.
 */
typedef void fdl_done_fn(void *ctx, ssize_t result);

/* Limits of the control files. */
#define FDL_LINE_MAX  ((size_t)65536)  /* a longer line: E2BIG */
#define FDL_WRITE_MAX ((size_t)524288) /* a longer write: EFBIG */

/*
 * Opens a file. flags: the access mode of open(2), O_TRUNC without effect. The handle is
 * the caller's, to be given to fdl_close. 0, -EACCES for a mode that the file does not have,
 * -EISDIR, -ELOOP for a symbolic link, -ENOENT, -ENOMEM, or the error of making the file's text.
 */
int fdl_open(struct fdl_machine *m, fdl_ino ino, int flags, struct fdl_handle **hp);

/* Closes a handle. A call that it started and that still blocks goes on, and nobody is told. */
void fdl_close(struct fdl_handle *h);

/*
 * True when reads of this handle take replies out of a queue (control files): off means
 * nothing, and seeking makes no sense.
 */
bool fdl_is_stream(const struct fdl_handle *h);

/*
 * Reads up to size bytes at off. A text is that of one moment, the one at which it was opened or
 * last read from offset 0; files that can be followed grow. 0 at the end; -EAGAIN where flags has
 * O_NONBLOCK and a reply is still to come.
 */
ssize_t fdl_read(struct fdl_handle *h, char *buf, size_t size, off_t off, int flags);

/*
 * Writes to a file. Control files: one line is a call, whose error is the write's error; several
 * are all run, and the write succeeds. Others check the value as the kernel does. Returns size, or
 * a negative errno, or -EINPROGRESS: a call blocks, the buffer is no longer needed, and done will
 * be called with ctx (never before this function returned) when it is over. With done NULL or
 * O_NONBLOCK in flags such a write returns size at once.
 */
ssize_t fdl_write(struct fdl_handle *h, const char *buf, size_t size, int flags, fdl_done_fn *done,
		  void *ctx);

/*
 * What poll(2) would say: POLLIN when there is more to read, POLLOUT when nobody waits in a write.
 */
short fdl_poll(struct fdl_handle *h);

/* Interrupts, as a signal would, the calls that writers of this handle wait for (EINTR). */
void fdl_interrupt(struct fdl_handle *h);

/*
 * The whole text of a file, or the target of a symbolic link, in memory of malloc, NUL-terminated
 * behind len bytes. 0, or the error of finding or opening it.
 */
int fdl_read_file(struct fdl_machine *m, const char *path, char **text, size_t *len);

/* Writes text to a file of the tree as one write(2). The error of fdl_walk, fdl_open, fdl_write. */
int fdl_write_file(struct fdl_machine *m, const char *path, const char *text, size_t len);

/* ---- lines of the notation, for those who have calls made elsewhere ------------------------- */

#define FDL_PARAMS_MAX 6

/* A parameter of a row, as fdlab-notation(5) has it. */
struct fdl_param {
	const char *name, *type;
	bool out;       /* the call fills it in */
	bool inout;     /* the call changes it */
	bool is_number; /* its argument is num alone */
};

/*
 * The num of a length that goes in and comes out of a socket call: what was given in its low half,
 * in the high half what came, plus one; or this, where there is no pointer to one.
 */
#define FDL_NO_LENGTH INT64_MIN

/* The name of a row's call. */
const char *fdl_row_name(const struct fdl_row *row);

/* True for a function of the kernel that programs cannot call. */
bool fdl_row_is_internal(const struct fdl_row *row);

/* Describes the parameters of a row; returns how many there are. */
size_t fdl_row_params(const struct fdl_row *row, struct fdl_param param[FDL_PARAMS_MAX]);

enum fdl_line_kind {
	FDL_LINE_EMPTY,      /* nothing, a comment, or what strace says between calls */
	FDL_LINE_CALL,       /* a call that runs to its end */
	FDL_LINE_UNFINISHED, /* one that is to stop on its way */
	FDL_LINE_RESUMED,    /* <... NAME resumed> */
	FDL_LINE_STEP,       /* step or finish */
	FDL_LINE_END,        /* +++ exited with N +++, +++ killed by SIG +++ */
};

/* A line, read. */
struct fdl_line {
	enum fdl_line_kind kind;
	int pid;                   /* 0: the line names none */
	const struct fdl_row *row; /* of a call; of a resumed one, the first row of its name */
	struct fdl_arg *args;      /* CALL, UNFINISHED: one for each parameter */
	bool states;               /* it states a result other than "?" */
	int64_t result;            /* that result: a negative errno where it names an error */
	int status;                /* END: as wait4 would tell it */
};

/*
 * Reads a line of len bytes without its newline, as the control file of m would: what it means in
 * terms of m's kernel. m is not changed, and must outlive the line. 0, and *lp is the caller's, to
 * be given to fdl_line_free; -EINVAL with a message in err; -ENOMEM.
 */
int fdl_line_read(const struct fdl_machine *m, const char *text, size_t len, struct fdl_line **lp,
		  char *err, size_t errsize);
void fdl_line_free(struct fdl_line *l);

/* What became of a call. */
enum fdl_outcome {
	FDL_RETURNED, /* it returned */
	FDL_RESUMED,  /* it returned after it had waited */
	FDL_BLOCKED,  /* it waits */
	FDL_ENDED,    /* its task ended in it */
};

/*
 * The reply of a control file to a call that was made elsewhere: one line, with its newline and,
 * behind it, what stated (a line, or NULL) had expected otherwise. args are the call's, with what
 * it filled in; result is what it returned; pid 0 is not written; remark (or NULL) explains an
 * error that no call gave. In memory of malloc; NULL: there is none.
 */
char *fdl_reply(const struct fdl_line *call, const struct fdl_line *stated,
		enum fdl_outcome outcome, int pid, const struct fdl_arg *args, int64_t result,
		const char *remark);

/* ---- calls as they are written -------------------------------------------------------------- */

enum fdl_value_kind {
	FDL_VALUE_NUMBER, /* 10, 0x0a, 012, -1, or a product of such */
	FDL_VALUE_STRING, /* "abc": its escapes are undone, but not in a log */
	FDL_VALUE_WORD,  /* symbols joined by "|", a bare word of the shell's form, anything else */
	FDL_VALUE_ARRAY, /* [3, 4] */
	FDL_VALUE_STRUCT, /* {a=1, b=2} */
	FDL_VALUE_NULL,
	FDL_VALUE_REST, /* ... */
};

/* A value as it is written. */
struct fdl_value {
	enum fdl_value_kind kind;
	bool truncated;   /* "..." follows a string, or ends what brackets enclose */
	bool overflow;    /* a number that 64 bits do not hold */
	int64_t num;      /* of a number; above INT64_MAX as its two's complement */
	const char *text; /* of a string its bytes; otherwise the value as written */
	size_t len;
	const char *raw; /* all of it as written: key, quotes and decoration included */
	size_t raw_len;
	const char *decoration; /* of strace -y: 3</etc/passwd>, without the brackets; or NULL */
	size_t decoration_len;
	const char *comment; /* of a number in a log: what its C comment says; or NULL */
	size_t comment_len;
	const char *key; /* key=value: the name before "="; or NULL */
	size_t key_len;
	struct fdl_value *sub;    /* the first element */
	struct fdl_value *next;   /* the next argument, element or field */
	struct fdl_value *became; /* {...} => {...}: what the call made of it; or NULL */
	size_t nsub;
	size_t column; /* where it stands in the line, from 1 */
};

/* What a line of a log of strace is. */
enum fdl_log_kind {
	FDL_LOG_CALL,       /* name(...) = ...: rest begins after the opening bracket */
	FDL_LOG_UNFINISHED, /* name(... <unfinished ...>: rest is what stands between */
	FDL_LOG_RESUMED,    /* <... name resumed>...: rest begins after the bracket */
	FDL_LOG_EXITED,     /* +++ exited with N +++, +++ killed by SIG +++ */
	FDL_LOG_SUPERSEDED, /* +++ superseded by execve in pid N +++: number is N */
	FDL_LOG_ATTACHED,   /* strace: Process N attached: number is N */
	FDL_LOG_REMARK,     /* a signal, a line of a stack trace, or another word of strace's own */
	FDL_LOG_OTHER,      /* none of strace's, or cut short */
};

struct fdl_log_line {
	enum fdl_log_kind kind;
	int pid; /* 0: the line names none */
	int number;
	const char *before; /* what follows the pid, the call's name first */
	const char *name;   /* of the call; points into the line, as rest does */
	size_t name_len;
	const char *rest;
	size_t rest_len;
};

/*
 * Reads the line of a log that strace 4.5 to 7 wrote, without its newline, as far as the name of the
 * call: its pid, whatever the options of strace put between the pid and the call, and what kind of
 * line it is.
 */
void fdl_log_line_read(const char *text, size_t len, struct fdl_log_line *line);

enum fdl_log_result {
	FDL_LOG_NUMBER,
	FDL_LOG_ERROR,
	FDL_LOG_UNKNOWN, /* "?": the task did not live to see it */
	FDL_LOG_RESTART, /* "?" of a call that a signal interrupted, and that will be made again */
	FDL_LOG_FAKED,   /* strace tampered with the call: it never happened */
};

/* A call of a log, taken apart. It may be of any name. */
struct fdl_log_call {
	const struct fdl_value *args; /* the first of a list */
	size_t nargs;
	enum fdl_log_result result;
	struct fdl_value value; /* of a NUMBER: its number, decoration and comment */
	const char *error;      /* of an ERROR: its name, as it is written */
	size_t error_len;
};

/* Memory for the values of one call at a time; NULL: there is none. To be freed. */
struct fdl_values *fdl_values_new(void);
void fdl_values_free(struct fdl_values *values);

/*
 * Reads the arguments and the result of a call: the rest of a CALL, or that of an UNFINISHED with the
 * rest of its RESUMED behind it. What comes out points into text and values, and is good until values
 * is used again. Strings are as they are written, escapes and all. 0; -EINVAL for what is cut short
 * or none of strace's, with the arguments that could be read; -ENOMEM.
 */
int fdl_log_call_read(struct fdl_values *values, const char *text, size_t len,
		      struct fdl_log_call *call);

/*
 * The number that a symbol of a type of argument stands for, such as "O_CLOEXEC" of "oflags", for
 * logs that have numbers for symbols. False: the type has no such symbol.
 */
bool fdl_symbol(const char *type, const char *name, uint64_t *number);

/*
 * Where in a line of the notation the result begins that it states, behind "=". NULL: it states none,
 * or is no line of the notation.
 */
const char *fdl_stated_result(const char *text, size_t len);

/* ---- races --------------------------------------------------------------------------------- */

/*
 * Enumerates what may come of a race: programs of several tasks, whose calls may be interrupted by
 * each other at every preemption point. What two tasks touch tells which orders make no difference:
 * of those that do not, one is run.
 */
struct fdl_explorer;

/*
 * Makes a copy of a machine as it is, by running its transcript, to explore a race that begins
 * there. No call may be in flight, and the transcript must be whole. m is not touched, and not
 * needed any more. *ep is the caller's, to be given to fdl_explorer_free. 0; -EBUSY, -E2BIG,
 * -ENOMEM, with a message in err.
 */
int fdl_explorer_new(struct fdl_machine *m, struct fdl_explorer **ep, char *err, size_t errsize);
void fdl_explorer_free(struct fdl_explorer *e);

/*
 * Adds to the program of task pid a call, in the notation, without a pid or a result; or a write of
 * text to a file of the tree. 0; -EINVAL, -ENOMEM, with a message in err, and then the explorer can
 * only be freed.
 */
int fdl_explorer_add(struct fdl_explorer *e, int pid, const char *call, size_t len, char *err,
		     size_t errsize);
int fdl_explorer_add_write(struct fdl_explorer *e, int pid, const char *path, const char *text,
			   size_t len, char *err, size_t errsize);

/*
 * Has a file of the tree read at the end of every outcome (what a symbolic link points to); outcomes
 * are told apart by it. A file that tells more of a machine than its tables and their descriptors
 * depends on every order of steps, and so has all of them run. 0 or -ENOMEM.
 */
int fdl_explorer_watch(struct fdl_explorer *e, const char *path);

struct fdl_explore {
	bool naive; /* run every order of steps */
	/* Explore the part-th of so many parts, from 1; 0: all of it. */
	unsigned part, parts;
	/* Called now and then with the runs so far; false ends the exploration. May be NULL. */
	bool (*progress)(void *ctx, uint64_t schedules);
	void *ctx;
};

/*
 * Explores, when everything has been added; once more forgets what was found before. 0, whatever
 * was found; -EINTR when progress said so; -ENOMEM; -E2BIG when a run takes too many steps.
 */
int fdl_explorer_run(struct fdl_explorer *e, const struct fdl_explore *how);

/* What was done. */
struct fdl_explored {
	uint64_t schedules; /* orders that were run to their end */
	uint64_t steps;     /* and the steps of these, repeated ones as well */
	unsigned longest;   /* steps of the longest one */
	size_t copied;      /* bytes that are put back for each run */
};
void fdl_explorer_done(const struct fdl_explorer *e, struct fdl_explored *done);

/* A line of the race, in the order in which they were added. */
struct fdl_race_line {
	int pid;
	const char *name; /* of the call; "echo" for a write */
};
size_t fdl_explorer_lines(const struct fdl_explorer *e);
void fdl_explorer_line(const struct fdl_explorer *e, size_t i, struct fdl_race_line *line);

/* One outcome; what it points to is the explorer's. */
struct fdl_race_outcome {
	uint64_t schedules; /* that had it */
	/*
	 * For each line: what came of it ("3", "-1 EBUSY", "?" for a call in which its task ended,
	 * "<unfinished ...>", "-" for one that was never begun), and the call with it.
	 */
	const char *const *results, *const *calls;
	const char *tables;         /* "1,2: 0-2=/dev/console 3=/etc/hosts", one a line */
	const char *const *watched; /* for each watched file its text, or NULL: it is not there */
};
size_t fdl_explorer_outcomes(const struct fdl_explorer *e);
void fdl_explorer_outcome(const struct fdl_explorer *e, size_t i, struct fdl_race_outcome *o);

/*
 * What should not be: a violated invariant, a BUG, a use of freed memory, a deadlock. Of all ways to
 * the same one, the shortest is kept.
 */
struct fdl_failure {
	const char *kind, *why;
	uint64_t schedules; /* that ran into it */
	unsigned steps;     /* of the shortest one */
};
size_t fdl_explorer_failures(const struct fdl_explorer *e);
void fdl_explorer_failure(const struct fdl_explorer *e, size_t i, struct fdl_failure *f);

/*
 * How an outcome, or a failure, comes about: lines for a scenario, to stand where the race does, in
 * memory of malloc. 0 or -ENOMEM.
 */
int fdl_explorer_witness(struct fdl_explorer *e, size_t outcome, char **text);
int fdl_explorer_failure_witness(struct fdl_explorer *e, size_t failure, char **text);

/* ---- outcomes of races that were run elsewhere ---------------------------------------------- */

/* How far a line of a race has come. */
enum fdl_race_state {
	FDL_RACE_NOT_RUN,
	FDL_RACE_IN_FLIGHT,
	FDL_RACE_RETURNED,
	FDL_RACE_ENDED, /* its task ended in it */
};

/* A descriptor in a table. */
struct fdl_race_slot {
	uint64_t fd;
	bool cloexec, same; /* same: it has the description of the slot before */
	const char *name;   /* of the file, as fd/ shows it; NULL: the number is reserved */
};

/* A table, and the tasks that share it. */
struct fdl_race_table {
	const int *pids;
	size_t n_pids;
	bool gone; /* the task has exited, and has none */
	const struct fdl_race_slot *slots;
	size_t n_slots;
};

/*
 * The texts that struct fdl_race_outcome has, of a race that was run elsewhere, by a real kernel for
 * one: the result of a line, its call, and the tables at the end. args are those of the call, with
 * what it filled in where it returned. In memory of malloc; NULL: there is none.
 */
char *fdl_race_result(enum fdl_race_state state, int64_t result);
char *fdl_race_call(const struct fdl_line *line, int pid, enum fdl_race_state state,
		    const struct fdl_arg *args, int64_t result);
char *fdl_race_tables(const struct fdl_race_table *tables, size_t n);

/* ---- names of errors ----------------------------------------------------------------------- */

/*
 * The number of an error by its name ("EBADF"), or 0; the name of an error by its number, or NULL.
 */
int fdl_errno(const char *name, size_t len);
const char *fdl_errname(int err);

/* ---- numbers of system calls ---------------------------------------------------------------- */

/*
 * The number of a Linux system call on this machine, by its name of len bytes, or -1; and the name
 * by the number, for the numbers that mean the same on all machines (424 and higher), or NULL.
 */
int fdl_syscall(const char *name, size_t len);
const char *fdl_syscall_name(int number);

/* ---- misspelt words ------------------------------------------------------------------------- */

/*
 * Of the known words, an array with NULL at its end, the one that a misspelt word was probably meant
 * to be: the one that the fewest corrections lead to. NULL: it is like none of them.
 */
const char *fdl_suggest(const char *word, const char *const *known);

#ifdef __cplusplus
}
#endif
#endif

/*
 * libfdlab: a laboratory for file-descriptor tables.
 *
 * A machine simulates many tasks, each with the descriptor table of a real kernel. It takes calls
 * in strace's notation (or, faster, by fdl_call), and shows all of its state as files of one tree,
 * laid out as procfs is. This header is the whole interface, with fdlab_journal.h, fdlab_log.h and
 * fdlab_races.h, which it includes: see libfdlab(3), fdlab-notation(5) and fdlab-tree(5).
 *
 * Errors are negative errno values. A string argument is used during the function only, unless a
 * comment says otherwise. Nothing here locks: a machine is used by one thread at a time, and
 * machines are independent of each other. A machine has no clock of its own and no randomness: the
 * same calls always give the same machine.
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
 * How a machine is made. A field that is 0 or NULL stands for the kernel's usual value. The limits
 * bound the memory that the users of a machine can make it take.
 */
struct fdl_options {
	const char *kernel;   /* "linux", "netbsd"; must outlive the machine */
	uint64_t nofile;      /* RLIMIT_NOFILE of task 1, soft */
	uint64_t nofile_hard; /* RLIMIT_NOFILE of task 1, hard */
	uint64_t nr_open;     /* sysctl fs.nr_open: no table is ever larger */
	uint64_t file_max;    /* sysctl fs.file-max: open file descriptions; ENFILE beyond */
	uint64_t tasks;       /* tasks at one time, EAGAIN beyond */
	uint64_t bytes;       /* bytes of names, file contents and pipes, ENOSPC beyond */
	uint64_t memory;      /* bytes of tables, tasks and objects, ENOMEM beyond */
	uint64_t log;         /* bytes kept of the transcript, and of the events */
	uint64_t text_limit;  /* bytes of a file's text, EFBIG beyond */
	uint64_t uid, gid;    /* ids of task 1; 0 is root */
};

/*
 * Sets one option as scenarios and command lines write it: "nofile=20", "kernel=linux". The field
 * kernel then points to a constant. 0, or -EINVAL with a message in err (NUL-terminated, at most
 * errsize bytes).
 */
int fdl_option_set(struct fdl_options *o, const char *assignment, char *err, size_t errsize);

/* The names of the kernels that a machine can run, a constant array that NULL ends. */
const char *const *fdl_kernels(void);

/* ---- machines ----------------------------------------------------------------------------- */

struct fdl_machine;

/*
 * Makes a machine with task 1, "init", whose descriptors 0, 1 and 2 are one description of
 * /dev/console. o may be NULL. *mp is the caller's, to be freed by fdl_machine_free. 0; -EINVAL for
 * options that do not fit each other or the kernel; -ENOMEM.
 */
int fdl_machine_new(const struct fdl_options *o, struct fdl_machine **mp);

/* Frees a machine. Its handles must have been closed before. NULL is allowed. */
void fdl_machine_free(struct fdl_machine *m);

/*
 * Starts a machine over with other options (NULL: the ones that it was made with). Open handles
 * stay open; a handle of a task that is gone gives -ESRCH. A write that waits for a call fails with
 * -EINTR. 0; -EINVAL as of fdl_machine_new, and nothing has changed; -ENOMEM, and the machine has
 * no tasks until a reset succeeds.
 */
int fdl_machine_reset(struct fdl_machine *m, const struct fdl_options *o);

/*
 * Checks every invariant of the machine's tables and files. 0; -EUCLEAN with the first violation in
 * err; -ENOMEM. Calls of the kernel's internal functions may violate them.
 */
int fdl_machine_check(const struct fdl_machine *m, char *err, size_t errsize);

/*
 * Sets the time that is put on what happens from now on: the times of fdl_getattr, and btime in the
 * file stat, which is the first time that was set, or the one at the last reset. It has no other
 * effect. Until it is called the time is 0.
 */
void fdl_machine_stamp(struct fdl_machine *m, struct timespec now);

/* ---- calls through the C interface --------------------------------------------------------- */

struct fdl_row; /* a call that there is: a row of the kernel's table */

/*
 * An argument, by its type in the row: a number, flags or a descriptor is num; a string is num
 * bytes at str; an array or a structure is num elements at sub (fields in the order of
 * fdlab-notation(5)). A value that a call fills in has the same form, and is the machine's: it is
 * valid until the next call.
 */
struct fdl_arg {
	int64_t num;
	union {
		const char *str;
		struct fdl_arg *sub;
	};
};

/*
 * The row of a call by its name ("dup2"), by its name and command ("fcntl F_GETFD"), or by another
 * spelling of its name ("waitpid"). NULL: no kernel has such a call. A system call that only other
 * kernels have fails with ENOSYS. The row is valid until the machine is freed or reset.
 */
const struct fdl_row *fdl_row_find(const struct fdl_machine *m, const char *name);

/*
 * Runs a call for task pid. args has nargs elements, one for each argument of the row in order,
 * with the ones that the call fills in and a command; missing ones at the end take their usual
 * values. Returns the result of the call: a number, or a negative errno. -ESRCH: there is no such
 * task. -EALREADY: the task is in another call, or stopped by a signal. -EINVAL: nargs is too
 * large, or an argument without a usual value is missing. -EINPROGRESS: the call waits; the log
 * will have its result. (A connect that does not wait returns that, too.)
 */
int64_t fdl_call(struct fdl_machine *m, int pid, const struct fdl_row *row, struct fdl_arg *args,
		 size_t nargs);

/* ---- the tree ----------------------------------------------------------------------------- */

/*
 * The number of a file of the tree, below 2^63. It stays the same as long as the file exists; with
 * the number of a file whose task or descriptor is gone, functions fail with -ENOENT or -ESRCH.
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

/*
 * Finds a path from the root ("1/files/slots"). Leading and doubled slashes do not matter; a
 * symbolic link at the end is not followed. 0, -ENOENT, -ENOTDIR, -ENAMETOOLONG.
 */
int fdl_walk(struct fdl_machine *m, const char *path, fdl_ino *ino);

/*
 * Type, permissions, size, links and times of a file. The size of log, events and errors is what
 * can be read, that of a link the length of its target; other files have 0, as in procfs, because
 * their text is not made before it is read. st_uid and st_gid are 0: the program that shows the
 * tree sets them. 0, -ENOENT, -ESRCH, -ENOMEM.
 */
int fdl_getattr(struct fdl_machine *m, fdl_ino ino, struct stat *st);

/*
 * Sets where readers of the tree find rootfs/, such as "/tmp/lab/rootfs": fd/N, cwd, exe, root and
 * maps lead there from now on, through resets. NULL, as at first: they show the machine's own
 * names. 0 or -ENOMEM.
 */
int fdl_machine_links(struct fdl_machine *m, const char *rootfs);

/*
 * True for a file below rootfs/, which is one of the machine's own: fdl_getattr gives its owner in
 * the machine, and opening it for writing fails with -EROFS.
 */
bool fdl_is_simulated(struct fdl_machine *m, fdl_ino ino);

/*
 * True for a file that nothing can change: one below rootfs/, at/ or changes/, and all of a machine
 * of a history.
 */
bool fdl_is_read_only(struct fdl_machine *m, fdl_ino ino);

/*
 * The next entry of a directory after *cookie, which moves on; 0 starts, with "." and "..". A
 * cookie stays valid while the directory changes: an entry that is there all the time comes exactly
 * once. 1 when *de was filled, 0 at the end, or -ENOENT, -ENOTDIR.
 */
int fdl_readdir(struct fdl_machine *m, fdl_ino dir, uint64_t *cookie, struct fdl_dirent *de);

/*
 * The path of a file from the root, without a leading slash, as snprintf: its length, with as much
 * of it and a NUL in buf as fits. Or -ENOENT, -ESRCH, -ENOMEM.
 */
ssize_t fdl_path(struct fdl_machine *m, fdl_ino ino, char *buf, size_t size);

/* The target of a symbolic link, as of readlink(2): not NUL-terminated, cut to size bytes. */
ssize_t fdl_readlink(struct fdl_machine *m, fdl_ino ino, char *buf, size_t size);

struct fdl_handle; /* an open file of the tree */

/*
 * Called when a write that returned -EINPROGRESS is over, with its result. It runs in the middle of
 * the machine's work: it must not call functions of the machine, or close a handle.
 */
typedef void fdl_done_fn(void *ctx, ssize_t result);

/* Limits of the control files. */
#define FDL_LINE_MAX  ((size_t)65536)  /* a longer line: E2BIG */
#define FDL_WRITE_MAX ((size_t)524288) /* a longer write: EFBIG */

/*
 * Opens a file. flags: the access mode of open(2); O_TRUNC has no effect. *hp is the caller's, to
 * be freed by fdl_close. 0; -EACCES for a mode that the file does not have; -EISDIR; -ELOOP for a
 * symbolic link; -ENOENT; -ENOMEM; -EFBIG for a text that is longer than the option text_limit; or
 * another error of making the text.
 */
int fdl_open(struct fdl_machine *m, fdl_ino ino, int flags, struct fdl_handle **hp);

/* Closes a handle. Calls that it started and that wait go on; their replies are lost. */
void fdl_close(struct fdl_handle *h);

/*
 * True for a handle that reads take replies out of (of a control file): offsets have no meaning.
 */
bool fdl_is_stream(const struct fdl_handle *h);

/*
 * Reads up to size bytes at off. A text is made when the file is opened, and again when it is read
 * from offset 0; log, events and errors grow. Returns how many bytes; 0 at the end; -EAGAIN with
 * O_NONBLOCK in flags and a reply still to come.
 */
ssize_t fdl_read(struct fdl_handle *h, char *buf, size_t size, off_t off, int flags);

/*
 * Writes to a file. To a control file: a single line is a call, whose error the write has; of
 * several lines all run, and the write succeeds. Other files check the value as the kernel does.
 * Returns size, a negative errno, or -EINPROGRESS: the call waits, buf is no longer needed, and
 * done is called with ctx when it is over (never before this function has returned). With done
 * NULL, or O_NONBLOCK in flags, such a write returns size at once.
 */
ssize_t fdl_write(struct fdl_handle *h, const char *buf, size_t size, int flags, fdl_done_fn *done,
		  void *ctx);

/*
 * A write of several lines to a control file can be made in parts, and the program does other
 * things in between, such as other writes. fdl_write_part tells how many of the size bytes that
 * are left of a write come next: those of the next lines, 2 or more; or all, also of a write that
 * will be refused, and to a file that has no lines. If the first part is not all, it is written
 * by fdl_write with O_NONBLOCK, and if that has not failed the others are written by
 * fdl_write_more, which returns size, or a negative errno, and then no line of that part was run.
 * Calls, replies and the log are those of a write in one piece. fdl_write_cut adds to the file
 * errors that a write of size bytes ended after some parts of so many bytes, and why; without
 * memory it does nothing.
 */
size_t fdl_write_part(const struct fdl_handle *h, const char *buf, size_t size, size_t lines);
ssize_t fdl_write_more(struct fdl_handle *h, const char *buf, size_t size);
void fdl_write_cut(struct fdl_handle *h, size_t written, size_t size, const char *why);

/*
 * As poll(2): POLLIN when there is more to read, POLLOUT when no write waits.
 */
short fdl_poll(struct fdl_handle *h);

/*
 * Interrupts the calls that writes to this handle wait for, as a signal would, and ends the writes:
 * done is called before it returns. A call that no signal ends, or that stops at a preemption point
 * on its way back, stays in flight, and its write ends with -EINTR.
 */
void fdl_interrupt(struct fdl_handle *h);

/*
 * Notes that a write is refused which the caller could not accept: the replies of a control file,
 * and the file errors, have its first line and why. Nothing else changes.
 */
void fdl_refuse(struct fdl_handle *h, const char *buf, size_t size, const char *why);

/*
 * Reads the whole text of a file, or the target of a symbolic link: len bytes and a NUL in *text,
 * which the caller frees by free. 0, or the error of fdl_walk, fdl_open or fdl_read.
 */
int fdl_read_file(struct fdl_machine *m, const char *path, char **text, size_t *len);

/* The same of a file's number. */
int fdl_read_node(struct fdl_machine *m, fdl_ino ino, char **text, size_t *len);

/*
 * Whether it takes milliseconds to make the text of a file, so that a program that has other things
 * to do should have it made by a copy of itself (fork(2)); and whether a read of a handle from
 * offset 0 does.
 */
bool fdl_takes_long(struct fdl_machine *m, fdl_ino ino);
bool fdl_rereads_long(const struct fdl_handle *h);

/*
 * Grows with every change of a machine that a file may show, and where a file gets a number that a
 * copy of the process does not know.
 */
uint64_t fdl_generation(const struct fdl_machine *m);

/* A text that fdl_read_node gave in another process. */
struct fdl_made {
	int error;  /* 0, or the error, and then there is no text */
	char *text; /* of malloc; it is freed by the function that is given it */
	size_t len;
	uint64_t generation; /* the machine's when it was copied */
};

/*
 * As fdl_open, for reading, and as fdl_read of size bytes from offset 0, with a text that was made
 * elsewhere. made->error is returned, and noted as fdl_open does.
 */
int fdl_open_made(struct fdl_machine *m, fdl_ino ino, int flags, const struct fdl_made *made,
		  struct fdl_handle **hp);
ssize_t fdl_reread(struct fdl_handle *h, const struct fdl_made *made, char *buf, size_t size);

/* Writes text to a file of the tree at once. 0, or the error of fdl_walk, fdl_open or fdl_write. */
int fdl_write_file(struct fdl_machine *m, const char *path, const char *text, size_t len);

/*
 * Runs a line as the machine's control file does: a call ("2 dup2(3, 10)"), a command, or several
 * lines. A call that has to wait stays in flight. *reply gets the replies, a line each, and a NUL;
 * the caller frees it by free. 0; the error of the call, or -EINVAL of a line that could not be
 * read, and *reply says which and why; -ENOMEM, and there is no reply.
 */
int fdl_run_line(struct fdl_machine *m, const char *line, char **reply);

/* ---- pictures ----------------------------------------------------------------------------- */

enum fdl_draw_format { FDL_DRAW_SVG, FDL_DRAW_DOT, FDL_DRAW_TEXT, FDL_DRAW_JSON };

/*
 * Descriptors of /dev/console: one row of a table for those that follow each other, none, or all.
 */
enum fdl_draw_console { FDL_CONSOLE_FOLDED, FDL_CONSOLE_HIDDEN, FDL_CONSOLE_SHOWN };

/* How a picture names a task. */
struct fdl_task_label {
	int pid;          /* 0: it shows none */
	const char *name; /* at most 15 bytes of it are shown */
};

/* The contents of a picture, and its form; all zero: all tasks, the console folded, as SVG. */
struct fdl_drawing {
	enum fdl_draw_format format;
	enum fdl_draw_console console;
	const int *pids; /* the tasks to show, with what they lead to */
	size_t npids;    /* 0: all tasks */
	/*
	 * Changes how the task pid is named, for a machine that stands for processes with other
	 * pids; called with the task's own pid and name. NULL: these are shown.
	 */
	void (*label)(void *ctx, int pid, struct fdl_task_label *label);
	void *ctx;           /* of label */
	const char *caption; /* above the picture; NULL: the last call */
};

/*
 * Draws a machine in three columns: tasks with their tables, open file descriptions, the objects
 * that these refer to. As SVG, a Graphviz digraph, plain text, or JSON: len bytes and a NUL in
 * *text, which the caller frees by free. 0 or -ENOMEM.
 */
int fdl_draw(struct fdl_machine *m, const struct fdl_drawing *how, char **text, size_t *len);

/* ---- lines of the notation, for programs that run calls themselves --------------------------- */

#define FDL_PARAMS_MAX 6

/* A parameter of a row, as in fdlab-notation(5). */
struct fdl_param {
	const char *name, *type;
	bool out;       /* the call fills it in */
	bool inout;     /* the call reads it and changes it */
	bool is_number; /* its argument is num, without str or sub */
};

/*
 * The num of a length that a socket call takes and changes: the length given in its low half, the
 * length that came plus one in its high half. This number: a null pointer.
 */
#define FDL_NO_LENGTH INT64_MIN

/*
 * The room of a receiver whose line states none, in bytes: of a piece of data, and of the control
 * messages, which is enough for all that one message can have.
 */
#define FDL_USUAL_DATA    ((size_t)4096)
#define FDL_USUAL_CONTROL ((size_t)1088)

/* The descriptors that one message can carry: SCM_MAX_FD of the kernel. */
#define FDL_MESSAGE_FDS 253

/* The name of a row's call. */
const char *fdl_row_name(const struct fdl_row *row);

/* True for an internal function of the kernel, which programs cannot call. */
bool fdl_row_is_internal(const struct fdl_row *row);

/* Fills in the parameters of a row, and returns how many there are. */
size_t fdl_row_params(const struct fdl_row *row, struct fdl_param param[FDL_PARAMS_MAX]);

/*
 * The i-th row of the calls that m's kernel has, those of one name after each other; NULL: no more.
 */
const struct fdl_row *fdl_row_at(const struct fdl_machine *m, size_t i);

/* The name of the i-th preemption point of m's kernel; NULL: it has no more. */
const char *fdl_point_name(const struct fdl_machine *m, size_t i);

/* A command that the machine's own control file takes besides calls. */
struct fdl_command {
	const char *name, *args; /* "clock", "+SECONDS" */
	const char *words;
	bool moves;       /* to another moment of the machine, when it succeeds */
	bool starts_over; /* it begins a new transcript */
};

/* The i-th of them; NULL: there are no more. */
const struct fdl_command *fdl_command_at(size_t i);

/* A call that programs make, in words, with the errors that it usually has. */
struct fdl_about {
	const char *name, *words, *errors;
};

/* The i-th of them; NULL: there are no more. */
const struct fdl_about *fdl_about(size_t i);

enum fdl_line_kind {
	FDL_LINE_EMPTY,      /* nothing, a comment, or a remark of strace between calls */
	FDL_LINE_CALL,       /* a call that runs to its end */
	FDL_LINE_UNFINISHED, /* a call that is to stop on its way */
	FDL_LINE_RESUMED,    /* <... NAME resumed> */
	FDL_LINE_STEP,       /* step or finish */
	FDL_LINE_END,        /* +++ exited with N +++, +++ killed by SIG +++ */
	FDL_LINE_INTERRUPT,  /* interrupt */
};

/* A line that was read. */
struct fdl_line {
	enum fdl_line_kind kind;
	int pid;                   /* 0: the line names none */
	const struct fdl_row *row; /* of the call; RESUMED: the first row of its name */
	struct fdl_arg *args;      /* CALL, UNFINISHED: one for each parameter */
	bool states;               /* it states a result other than "?" */
	int64_t result;            /* that result: a negative errno for the name of an error */
	int status;                /* END: as wait4 reports it */
};

/*
 * Reads a line of len bytes, without its newline, as the control file of m would. m does not
 * change, and must outlive the line. 0, and *lp is the caller's, to be freed by fdl_line_free;
 * -EINVAL with a message in err; -ENOMEM.
 */
int fdl_line_read(const struct fdl_machine *m, const char *text, size_t len, struct fdl_line **lp,
		  char *err, size_t errsize);
void fdl_line_free(struct fdl_line *l);

/* How a call came out. */
enum fdl_outcome {
	FDL_RETURNED, /* it returned */
	FDL_RESUMED,  /* it returned after it had waited */
	FDL_BLOCKED,  /* it waits */
	FDL_ENDED,    /* its task ended in it */
};

/*
 * The reply of a control file to a call that the caller has run: one line with its newline, which
 * ends in what stated (a line, or NULL) expected where that did not come out. args are the call's,
 * with what it filled in; result is its result; pid 0 is not written; remark (or NULL) explains an
 * error that is not the call's. The caller frees it by free. NULL: no memory.
 */
char *fdl_reply(const struct fdl_line *call, const struct fdl_line *stated,
		enum fdl_outcome outcome, int pid, const struct fdl_arg *args, int64_t result,
		const char *remark);

/* ---- back and forth ----------------------------------------------------------------------- */

/*
 * Takes a machine back to where it was after a line of the file log, or forth again. The log then
 * ends with that line and a comment that says which lines are undone; they can be redone until the
 * machine takes another call, or is reset. Writes that wait for calls that are undone end with
 * -EINTR, and the other writes wait on. fdl_undo takes back n lines (that are a step of their own,
 * as in struct fdl_history), fdl_redo brings n of them again, fdl_goto goes to the place after line
 * n. 0; -ENOENT, there are not so many lines, or the log has lost its beginning; -ENOMEM; -EROFS
 * for a machine of a history. Without a history, the time that it takes grows with the line that it
 * goes back to.
 */
int fdl_undo(struct fdl_machine *m, uint64_t n);
int fdl_redo(struct fdl_machine *m, uint64_t n);
int fdl_goto(struct fdl_machine *m, uint64_t n);

/* ---- the transcript ----------------------------------------------------------------------- */

/* Which lines the file log has. */
struct fdl_transcript {
	uint64_t first; /* the number of the first line that is kept, from 1 */
	uint64_t last;  /* of the last line; less than first: there are none */
	uint64_t turns; /* how often lines were taken away, by undo, redo, goto or reset */
};
void fdl_transcript(const struct fdl_machine *m, struct fdl_transcript *t);

/*
 * The lines of the file log from number first on, each with its newline, until they have most bytes
 * or more: len bytes and a NUL in *text, which the caller frees by free. After the last line there
 * are 0. 0; -ENOENT, the line is no longer kept; -ENOMEM.
 */
int fdl_transcript_lines(struct fdl_machine *m, uint64_t first, size_t most, char **text,
			 size_t *len);

/* ---- histories ---------------------------------------------------------------------------- */

/*
 * The past of a machine, by its transcript: a moment is the machine as it was after the n-th line
 * of the file log. Line 0 is the start. A line that tells how a call came out that the line before
 * it woke belongs to that line: the machine after both is the same.
 */
struct fdl_history;

/*
 * Begins a history of a machine that was just made; a reset begins it anew. A machine that has
 * taken calls already has moments, and no checkpoints of its own for fdl_undo. memory bounds the
 * bytes of the checkpoints that it keeps, so that a moment need not be made from the first line; 0
 * is 64 MiB. With less memory there are fewer, and a moment takes longer. *hp is the caller's, to
 * be given to fdl_history_free before the machine is freed. The tree gets the directories at/ and
 * changes/, and its files other numbers. 0; -EBUSY, the machine has one; -ENOMEM.
 */
int fdl_history_new(struct fdl_machine *m, size_t memory, struct fdl_history **hp);
void fdl_history_free(struct fdl_history *h);

/*
 * The machine as it was after line n. *mp is the history's: it can be read by the functions of the
 * tree and by fdl_machine_check, and nothing in it can be opened for writing. It is valid until the
 * history is used again or its machine takes a call; handles must be closed by then. 0; -ENOENT,
 * there is no such line, or it is no longer kept; -ENOMEM; -EIO, the transcript lacks something,
 * since the machine ran out of memory.
 */
int fdl_history_at(struct fdl_history *h, uint64_t n, struct fdl_machine **mp);

/*
 * The changes from the moment after line from to that after line to: tasks, tables, slots and
 * descriptions, as the files of changes/ have it; or as JSON. The caller frees *text by free. 0, or
 * an error as of fdl_history_at.
 */
int fdl_history_changes(struct fdl_history *h, uint64_t from, uint64_t to, bool json, char **text,
			size_t *len);

/* The moments that there are: after line *first, and so on to line *last, which is the present. */
void fdl_history_range(const struct fdl_history *h, uint64_t *first, uint64_t *last);

/*
 * Frees what makes the moments near those that were asked for quick. So does a log that grows by
 * 64 KiB of records without a moment being asked for.
 */
void fdl_history_idle(struct fdl_history *h);

/* The bytes of the checkpoints now. */
size_t fdl_history_memory(const struct fdl_history *h);

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
 * Of the known words, an array with NULL at its end, the one that a misspelt word was probably
 * meant to be: the one that the fewest corrections lead to. NULL: it is like none of them.
 */
const char *fdl_suggest(const char *word, const char *const *known);

#ifdef __cplusplus
}
#endif

#include "fdlab_journal.h"
#include "fdlab_log.h"
#include "fdlab_races.h"

#endif

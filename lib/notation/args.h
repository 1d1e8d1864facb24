/*
 * What the arguments of a call mean: a row's signature is compiled into types, and the types read
 * written values into arguments, print them, compare them and pack them. This room knows how each
 * type is written (its flag words, its structures' fields), and nothing of what calls do.
 *
 * A signature is a list of parameters, "fd oldfd, fd newfd, dupflags flags=0". Each is
 *     type [name] [= usual value]   an argument; one with a usual value may be left out at the end
 *     = SYMBOL                      a command that divides calls of one name: "fd fd, =F_DUPFD"
 * with these words in front of the type:
 *     out      filled in by the call; not written in the shell's form
 *     inout    the same, but the call looks at it as well: printed as it was given where it was
 *              not filled in
 *     named    printed as name=value, as strace prints clone
 *     opaque   without meaning for the model: not written in the shell's form, printed as it came,
 *              not printed at the end where it has its usual value
 *     dashed   in the shell's form, "-9" in front of the other arguments is for this one
 *     words    an array of strings: in the shell's form the argument before it and all the words
 *              that are left, as a program's arguments are typed
 * The usual value of a length may be that of another argument: "buf buf, size count=len(buf)".
 * Any argument may be written as name=value.
 */
#ifndef ARGS_H
#define ARGS_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGS_MAX 6

struct arena;
struct line;
struct text;
struct type;
struct fdl_value;
struct task;

/* A kind of call, as the tables of rows have it. */
struct call_row {
	const char *name;
	const char *signature;
	int64_t (*run)(struct task *current, struct fdl_arg *a);
	unsigned flags; /* CALL_*, of whoever runs it */
	/* The type of its result, when that is not a plain number: "oflags"; RESULT_NONE. */
	const char *result;
};

/* The result of a call that does not return when it succeeds: printed "= ?". */
#define RESULT_NONE "none"

/* Other spellings that a person would type: "exec" for execve. Ends with NULL. */
struct call_alias {
	const char *alias, *name;
};

struct param {
	const struct type *type;
	char name[16];
	bool out, inout, named, opaque, words, dashed;
	bool divides; /* "=SYMBOL": usual holds its number */
	bool has_usual;
	bool usual_is_string; /* usual_string is what usual.str would point to */
	unsigned char len_of; /* "=len(buf)": buf's place, from 1; otherwise 0 */
	char usual_string[16];
	struct fdl_arg usual;
};

/* A row, compiled. */
struct fdl_row {
	const struct call_row *call;
	size_t name_len;
	struct param param[ARGS_MAX];
	size_t nparams;
	const struct type *result; /* or NULL: a number */
	bool no_return;            /* RESULT_NONE */
	bool plain;                /* every parameter is a number, and none is filled in */
	bool flat;                 /* the same, but there may be strings */
	unsigned char strings;     /* a bit for each parameter that is one */
	bool has_out;              /* some parameter is filled in */
	/* Places of parameters, from 1; 0 for none. */
	unsigned char divides_place; /* the one that divides */
	unsigned char flags_place;   /* the oflags that a creatmode belongs to */
	unsigned char meaning_end;   /* the last one that is not opaque */
	unsigned index;              /* in its table */
};

/* The elements at sub of the structures, in order. */
enum rlimit_field { RLIMIT_CUR, RLIMIT_MAX, RLIMIT_FIELDS };
enum open_how_field { OPEN_HOW_FLAGS, OPEN_HOW_MODE, OPEN_HOW_RESOLVE, OPEN_HOW_FIELDS };
enum clone_args_field {
	CLONE_ARGS_FLAGS,
	CLONE_ARGS_PIDFD,
	CLONE_ARGS_CHILD_TID,
	CLONE_ARGS_PARENT_TID,
	CLONE_ARGS_EXIT_SIGNAL,
	CLONE_ARGS_STACK,
	CLONE_ARGS_STACK_SIZE,
	CLONE_ARGS_TLS,
	CLONE_ARGS_SET_TID,
	CLONE_ARGS_SET_TID_SIZE,
	CLONE_ARGS_CGROUP,
	CLONE_ARGS_FIELDS,
};
enum siginfo_field {
	SIGINFO_SIGNO,
	SIGINFO_CODE,
	SIGINFO_PID,
	SIGINFO_UID,
	SIGINFO_STATUS,
	SIGINFO_FIELDS,
};
enum f_owner_ex_field { F_OWNER_EX_TYPE, F_OWNER_EX_PID, F_OWNER_EX_FIELDS };
enum flock_field { FLOCK_TYPE, FLOCK_WHENCE, FLOCK_START, FLOCK_LEN, FLOCK_PID, FLOCK_FIELDS };
enum sockaddr_field {
	SOCKADDR_FAMILY,
	SOCKADDR_PATH, /* of AF_UNIX: an abstract name begins with a NUL */
	SOCKADDR_PORT, /* of AF_INET, both in host order */
	SOCKADDR_ADDR,
	SOCKADDR_FIELDS,
};
enum iovec_field { IOVEC_BASE, IOVEC_LEN, IOVEC_FIELDS };
enum cmsg_field {
	CMSG_FIELD_LEN,
	CMSG_FIELD_LEVEL,
	CMSG_FIELD_TYPE,
	CMSG_FIELD_DATA,
	CMSG_FIELDS,
};
enum msghdr_field {
	MSGHDR_NAME,
	MSGHDR_NAMELEN,
	MSGHDR_IOV,
	MSGHDR_IOVLEN,
	MSGHDR_CONTROL,
	MSGHDR_CONTROLLEN,
	MSGHDR_FLAGS,
	MSGHDR_FIELDS,
};
enum stat_field {
	STAT_MODE,
	STAT_SIZE,
	STAT_RDEV,
	STAT_DEV,
	STAT_INO,
	STAT_NLINK,
	STAT_UID,
	STAT_GID,
	STAT_BLKSIZE,
	STAT_BLOCKS,
	STAT_FIELDS,
};
enum statx_field {
	STX_MASK,
	STX_MODE,
	STX_SIZE,
	STX_NLINK,
	STX_UID,
	STX_GID,
	STX_INO,
	STX_BLKSIZE,
	STX_BLOCKS,
	STX_RDEV_MAJOR,
	STX_RDEV_MINOR,
	STX_FIELDS,
};

enum sigsetarg_field { SIGSETARG_SIGMASK, SIGSETARG_SIZE, SIGSETARG_FIELDS };
enum timespec_field { TIMESPEC_SEC, TIMESPEC_NSEC, TIMESPEC_FIELDS };
/* A time that a call waits at most, and what is left of it, which the call fills in. */
enum timeout_field {
	TIMEOUT_SEC,
	TIMEOUT_PART,
	TIMEOUT_LEFT_SEC,
	TIMEOUT_LEFT_PART,
	TIMEOUT_FIELDS
};
enum pollfd_field { POLLFD_FD, POLLFD_EVENTS, POLLFD_REVENTS, POLLFD_FIELDS };
/* A descriptor of a set of select's, and whether it is in the set that select leaves. */
enum fdset_field { FDSET_FD, FDSET_READY, FDSET_FIELDS };

enum itimerspec_field { ITIMERSPEC_INTERVAL, ITIMERSPEC_VALUE, ITIMERSPEC_FIELDS };
enum epoll_data_field { EPOLL_DATA_U32, EPOLL_DATA_U64, EPOLL_DATA_FIELDS };
enum epoll_event_field { EPOLL_EVENT_EVENTS, EPOLL_EVENT_DATA, EPOLL_EVENT_FIELDS };

/* A set of signals as bits: signal 1 is bit 0. And back, in ascending order: 0 or -ENOMEM. */
uint64_t sigset_bits(const struct fdl_arg *set);
int sigset_fill(struct arena *a, uint64_t bits, struct fdl_arg *set);

/*
 * Lengths that go in and come out, as of accept: the low half of their number is what was given, the
 * high half what came, plus one; and one of them stands for no pointer.
 */
#define VALUE_RESULT_NULL INT64_MIN

static inline int64_t value_result(int64_t given, int64_t came)
{
	return (int64_t)((uint64_t)(uint32_t)given | (uint64_t)(uint32_t)(came + 1) << 32);
}

static inline int32_t value_given(int64_t v)
{
	return (int32_t)(uint32_t)v;
}

/* -1: nothing came yet. */
static inline int64_t value_came(int64_t v)
{
	return (int64_t)((uint64_t)v >> 32) - 1;
}

/*
 * Compiles call->signature and call->result. 0, or -EINVAL for a signature that is wrong (a defect
 * of the program: a unit test compiles them all), with a message in why.
 */
int row_compile(struct fdl_row *row, const struct call_row *call, unsigned index, struct text *why);

/*
 * Finds which of the rows from first on that have its name a line means: the first whose dividing
 * parameter equals what is written; a row without one matches all. Never fails when the last row
 * of a name has no dividing parameter; otherwise NULL.
 */
const struct fdl_row *row_select(const struct fdl_row *first, const struct fdl_row *end,
				 const struct line *line);

/*
 * Reads the written arguments of a LINE_CALL or LINE_UNFINISHED into arg[0..nparams): missing
 * trailing ones take their usual value, out parameters are set to 0/NULL. row is what row_select
 * found. 0; -EINVAL with a message (column, parameter, what was expected, what came); -ENOMEM.
 *
 * What the arguments point to is in the arena or the row; the text of the line is not needed any
 * more.
 * Strings have a NUL behind their num bytes. A string, an array or a structure that is given as
 * NULL or as an address has no str or sub, and the address in num. A buffer may be shorter than
 * the count behind it says (strace cut it): what is missing is unknown, so take zeros. An out
 * parameter that is a plain number is, when filled in, an array of one element.
 */
int args_bind(struct arena *a, const struct fdl_row *row, const struct line *line,
	      struct fdl_arg *arg, struct text *why);

/* The same for the C interface: fills arg[nargs..nparams) with the usual values. 0 or -EINVAL. */
int args_complete(const struct fdl_row *row, struct fdl_arg *arg, size_t nargs);

/*
 * Compares what the call filled in with what the line writes out, as far as it does, behind its
 * result too. For
 * LINE_RESUMED the written values are those from the first out parameter on; for others all of
 * them (in the shell's form: none). True when nothing differs; otherwise the first written value
 * that differs is put into what.
 */
bool args_match(struct arena *a, const struct fdl_row *row, const struct line *line,
		const struct fdl_arg *arg, int64_t result, struct text *what);

/* Compares a stated result with what came: a result or a negative errno. "?" matches all. */
bool result_match(const struct line *line, int64_t result);

/*
 * The negative errno that a result is, or 0: it is none, also where it is negative in a row whose
 * result is a number of any sign (-1 of F_MAXFD).
 */
int result_error(const struct fdl_row *row, int64_t result);

enum args_form {
	ARGS_DONE,    /* the call is over: out parameters as filled in */
	ARGS_BLOCKED, /* it is not: out parameters as "..." */
};

/*
 * Prints "name(args)"; ARGS_BLOCKED or a failed call (result < 0) shows out parameters as "...".
 * max is how many bytes of a string that was filled in are printed before "...", as with strace
 * -s. Input strings are always printed whole, so that what is printed can be run again.
 */
void call_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		enum args_form form, int64_t result, size_t max);

/* Prints "<... name resumed>", the first out parameter and those behind it, and the bracket. */
void call_print_resumed(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			int64_t result, size_t max);

/*
 * Prints " = 3", " = 1 ([{fd=3, revents=POLLIN}])", " = -1 EBADF (Bad file descriptor)", " = ? ERESTARTSYS (To be restarted …)",
 * " = 0x8002 (flags O_RDWR|O_LARGEFILE)", or " = ?" of a call that does not return.
 */
void result_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		  int64_t result);

/*
 * Packs arguments into at most size bytes at buf; returns how many it needs (when that is more
 * than size, buf is not complete). Strings that were filled in are cut to max bytes; that they
 * were is kept, so that they print with "..." (their num is then the complement of their length).
 * Unpacking takes memory from the arena; returns the bytes it read, or 0 for damaged input or no
 * memory.
 */
size_t args_pack(const struct fdl_row *row, const struct fdl_arg *arg, char *buf, size_t size,
		 size_t max);
size_t args_unpack(struct arena *a, const struct fdl_row *row, const char *buf, size_t size,
		   struct fdl_arg *arg);

/* The words for a number by its type's name, such as ("oflags", 0x8002): for the tree's files. */
void type_print(struct text *t, const char *type, int64_t num);

#endif

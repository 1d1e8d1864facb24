/*
 * The meaning of a call's arguments. The signature of a row is compiled into types; the types read
 * values into arguments, print them, compare them and pack them. The calls themselves are
 * elsewhere.
 *
 * A signature is a list of parameters, "fd oldfd, fd newfd, dupflags flags=0". Each is
 *     type [name] [= usual value]   an argument; trailing ones with a usual value may be left out
 *     = SYMBOL                      a command that selects among rows of a name: "fd fd, =F_DUPFD"
 * with these words before the type:
 *     out      filled in by the call; may be left out in the shell's form
 *     inout    the same, but the call also reads it: printed as given if it was not filled in
 *     named    printed as name=value, as strace prints clone
 *     opaque   without meaning for the model: may be left out in the shell's form, printed
 *              unchanged, not printed at the end if it has its usual value
 *     dashed   in the shell's form, "-9" before the other arguments is for this parameter
 *     words    an array of strings: in the shell's form, the argument before it and all remaining
 *              words
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

/* A kind of call, as a row of the tables of calls. */
struct call_row {
	const char *name;
	const char *signature;
	int64_t (*run)(struct task *current, struct fdl_arg *a);
	unsigned flags; /* CALL_*, of the machine or the control file */
	/* The type of the result if that is not a plain number: "oflags"; RESULT_NONE. */
	const char *result;
};

/* The result of a call that does not return when it succeeds: printed "= ?". */
#define RESULT_NONE "none"

/* Other spellings: "exec" for execve. Ends with NULL. */
struct call_alias {
	const char *alias, *name;
};

struct param {
	const struct type *type;
	char name[16];
	bool out, inout, named, opaque, words, dashed;
	bool divides; /* "=SYMBOL": usual holds the symbol's number */
	bool has_usual;
	bool usual_is_string; /* usual_string is what usual.str would point to */
	unsigned char len_of; /* "=len(buf)": the place of buf, from 1; otherwise 0 */
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
	bool flat;                 /* as plain, but strings are allowed */
	unsigned char strings;     /* a bit for each parameter that is a string */
	bool has_out;              /* some parameter is filled in */
	/* Places of parameters, from 1; 0 for none. */
	unsigned char divides_place; /* the dividing parameter */
	unsigned char divides_again; /* another one, after it */
	unsigned char flags_place;   /* the oflags that a creatmode depends on */
	unsigned char meaning_end;   /* the last parameter that is not opaque */
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
	SOCKADDR_PATH, /* AF_UNIX: an abstract name begins with a NUL */
	SOCKADDR_PORT, /* AF_INET: port and address in host order */
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
enum ucred_field { UCRED_PID, UCRED_UID, UCRED_GID, UCRED_FIELDS };
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
enum mmsghdr_field { MMSGHDR_HDR, MMSGHDR_LEN, MMSGHDR_FIELDS };
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
enum dirent_field {
	DIRENT_INO,
	DIRENT_OFF,
	DIRENT_RECLEN,
	DIRENT_TYPE,
	DIRENT_NAME,
	DIRENT_FIELDS,
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

enum sigaction_field {
	SIGACTION_HANDLER,
	SIGACTION_MASK,
	SIGACTION_FLAGS,
	SIGACTION_RESTORER,
	SIGACTION_FIELDS,
};
enum sigsetarg_field { SIGSETARG_SIGMASK, SIGSETARG_SIZE, SIGSETARG_FIELDS };
enum timeval_field { TIMEVAL_SEC, TIMEVAL_USEC, TIMEVAL_FIELDS };
enum timespec_field { TIMESPEC_SEC, TIMESPEC_NSEC, TIMESPEC_FIELDS };
/* The longest time that a call waits, and the time left, which the call fills in. */
enum timeout_field {
	TIMEOUT_SEC,
	TIMEOUT_PART,
	TIMEOUT_LEFT_SEC,
	TIMEOUT_LEFT_PART,
	TIMEOUT_FIELDS
};
enum pollfd_field { POLLFD_FD, POLLFD_EVENTS, POLLFD_REVENTS, POLLFD_FIELDS };
/* A descriptor of a set of select, and whether select leaves it in the set. */
enum fdset_field { FDSET_FD, FDSET_READY, FDSET_FIELDS };

enum itimerspec_field { ITIMERSPEC_INTERVAL, ITIMERSPEC_VALUE, ITIMERSPEC_FIELDS };
enum epoll_data_field { EPOLL_DATA_U32, EPOLL_DATA_U64, EPOLL_DATA_FIELDS };
enum epoll_event_field { EPOLL_EVENT_EVENTS, EPOLL_EVENT_DATA, EPOLL_EVENT_FIELDS };

/* A set of signals as bits (signal 1 is bit 0), and back, in ascending order: 0 or -ENOMEM. */
uint64_t sigset_bits(const struct fdl_arg *set);
int sigset_fill(struct arena *a, uint64_t bits, struct fdl_arg *set);

/*
 * A length that goes in and comes out, as accept's: the low half is the length given, the high half
 * the length that came plus 1. VALUE_RESULT_NULL stands for a NULL pointer.
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

/* -1: no length came yet. */
static inline int64_t value_came(int64_t v)
{
	return (int64_t)((uint64_t)v >> 32) - 1;
}

/*
 * Compiles call->signature and call->result. 0, or -EINVAL with a message in why for a wrong
 * signature, which is a defect of the program (a unit test compiles all).
 */
int row_compile(struct fdl_row *row, const struct call_row *call, unsigned index, struct text *why);

/*
 * Selects the row for a line among the rows of its name, from first on: the first whose dividing
 * parameters equal the values in the line; a row without one matches every line.
 * NULL if none matches, which cannot happen if the last row of the name has no dividing parameter.
 */
const struct fdl_row *row_select(const struct fdl_row *first, const struct fdl_row *end,
				 const struct line *line);

/*
 * Reads the arguments of a LINE_CALL or LINE_UNFINISHED into arg[0..nparams): missing trailing
 * arguments take their usual value, out parameters become 0 or NULL. row comes from row_select. 0;
 * -EINVAL with a message (column, parameter, what was expected, what came); -ENOMEM.
 *
 * The arguments point into the arena or the row, not into the text of the line. A string has a NUL
 * after its num bytes. A string, an array or a structure given as NULL or an address has no str or
 * sub, and the address in num. A buffer may be shorter than the count after it (strace cut it):
 * take zeros for the missing bytes. An out parameter that is a plain number becomes, when filled
 * in, an array of one element.
 */
int args_bind(struct arena *a, const struct fdl_row *row, const struct line *line,
	      struct fdl_arg *arg, struct text *why);

/*
 * A plain argument may be any number of 64 bits. This leaves of each what the kernel takes: 3 of
 * the descriptor 4294967299. A caller that makes the call on the running kernel hands over all
 * bits.
 */
void args_narrow(const struct fdl_row *row, struct fdl_arg *arg);

/* args_bind for the C interface: fills arg[nargs..nparams) with the usual values. 0 or -EINVAL. */
int args_complete(const struct fdl_row *row, struct fdl_arg *arg, size_t nargs);

/*
 * Compares the values that the call filled in with the values that the line shows, also those after
 * its result; a value that the line lacks matches. A LINE_RESUMED has the arguments from the first
 * out parameter on, any other line all of them. True if nothing differs; otherwise what gets the
 * first value of the line that differs.
 */
bool args_match(struct arena *a, const struct fdl_row *row, const struct line *line,
		const struct fdl_arg *arg, int64_t result, struct text *what);

/* Compares the line's result with a result or negative errno. "?" matches all. */
bool result_match(const struct line *line, int64_t result);

/*
 * The negative errno that a result stands for, or 0. A negative result is no error in a row whose
 * result may have any sign (-1 of F_MAXFD).
 */
int result_error(const struct fdl_row *row, int64_t result);

enum args_form {
	ARGS_DONE,    /* the call has returned: out parameters as filled in */
	ARGS_BLOCKED, /* the call has not returned: out parameters as "..." */
};

/*
 * Prints "name(args)"; out parameters are "..." with ARGS_BLOCKED or for a failed call (result <
 * 0). At most max bytes of a string that the call filled in are printed, then "...", as with strace
 * -s. Input strings are printed whole, so that the printed call can be run again.
 */
void call_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		enum args_form form, int64_t result, size_t max);

/* Prints "<... name resumed>", the arguments from the first out parameter on, and ")". */
void call_print_resumed(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			int64_t result, size_t max);

/*
 * Prints " = 3", " = 1 ([{fd=3, revents=POLLIN}])", " = -1 EBADF (Bad file descriptor)", " = ?
 * ERESTARTSYS (To be restarted …)", " = 0x8002 (flags O_RDWR|O_LARGEFILE)", or " = ?" of a call
 * that does not return.
 */
void result_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		  int64_t result);

/* Prints the result of a call that has returned, or " = ?" of one in which its task ended. */
void outcome_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		   int64_t result, bool ended);

/*
 * Packs arguments into at most size bytes at buf; returns the bytes needed (if more than size, buf
 * is incomplete). A string that the call filled in is cut to max bytes; its num is then the
 * complement of its length, so that it prints with "...". Unpacking allocates from the arena and
 * returns the bytes read, or 0 for damaged input or no memory.
 */
size_t args_pack(const struct fdl_row *row, const struct fdl_arg *arg, char *buf, size_t size,
		 size_t max);
size_t args_unpack(struct arena *a, const struct fdl_row *row, const char *buf, size_t size,
		   struct fdl_arg *arg);

/* Prints a number in the words of a type, such as ("oflags", 0x8002), for the tree's files. */
void type_print(struct text *t, const char *type, int64_t num);

#endif

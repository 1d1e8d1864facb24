/*
 * libfdlab: calls as they are written, and logs of strace. A program includes fdlab.h, which
 * includes this part of it.
 */
#ifndef FDLAB_LOG_H
#define FDLAB_LOG_H

#include "fdlab.h"

#ifdef __cplusplus
extern "C" {
#endif

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
	const char *comment; /* the C comment after a number in a log, or NULL */
	size_t comment_len;
	const char *key; /* key=value: the name before "="; or NULL */
	size_t key_len;
	struct fdl_value *sub;    /* the first element */
	struct fdl_value *next;   /* the next argument, element or field */
	struct fdl_value *became; /* {...} => {...}: the value after the call, or NULL */
	size_t nsub;
	size_t column; /* where it stands in the line, from 1 */
};

/* The kinds of lines in a log of strace. */
enum fdl_log_kind {
	FDL_LOG_CALL,       /* name(...) = ...: rest begins after the opening bracket */
	FDL_LOG_UNFINISHED, /* name(... <unfinished ...>: rest is the part in between */
	FDL_LOG_RESUMED,    /* <... name resumed>...: rest begins after the bracket */
	FDL_LOG_EXITED,     /* +++ exited with N +++, +++ killed by SIG +++ */
	FDL_LOG_SUPERSEDED, /* +++ superseded by execve in pid N +++: number is N */
	FDL_LOG_ATTACHED,   /* strace: Process N attached: number is N */
	FDL_LOG_REMARK,     /* a signal, a line of a stack trace, or another remark of strace */
	FDL_LOG_OTHER,      /* not strace's, or cut short */
};

struct fdl_log_line {
	enum fdl_log_kind kind;
	int pid;            /* 0: the line names none */
	int number;         /* of a SUPERSEDED, an ATTACHED */
	const char *before; /* the line after the pid; begins with the name of a call */
	const char *name;   /* of the call; points into the line, as rest does */
	size_t name_len;
	const char *rest;
	size_t rest_len;
};

/*
 * Reads a line of a log of strace 4.5 to 7, without its newline, up to the name of the call: its
 * pid, its kind, and what options of strace put between pid and call.
 */
void fdl_log_line_read(const char *text, size_t len, struct fdl_log_line *line);

enum fdl_log_result {
	FDL_LOG_NUMBER,
	FDL_LOG_ERROR,
	FDL_LOG_UNKNOWN, /* "?": the task ended in the call */
	FDL_LOG_RESTART, /* "?": a signal interrupted the call, which will be made again */
	FDL_LOG_FAKED,   /* strace tampered with the call: it did not run */
};

/* A call of a log, of any name, taken apart. */
struct fdl_log_call {
	const struct fdl_value *args; /* the first of a list */
	size_t nargs;
	enum fdl_log_result result;
	struct fdl_value value; /* of a NUMBER: its number, decoration and comment */
	const char *error;      /* of an ERROR: its name, as written */
	size_t error_len;
};

/* Memory for the values of one call at a time, to be freed by fdl_values_free. NULL: no memory. */
struct fdl_values *fdl_values_new(void);
void fdl_values_free(struct fdl_values *values);

/*
 * Reads the arguments and the result of a call: the rest of a CALL, or the rest of an UNFINISHED
 * followed by the rest of its RESUMED. *call points into text and values, until values is used
 * again. Strings keep their escapes. 0; -EINVAL for a call that is cut short or is not strace's,
 * with the arguments that could be read; -ENOMEM.
 */
int fdl_log_call_read(struct fdl_values *values, const char *text, size_t len,
		      struct fdl_log_call *call);

/*
 * The number that a symbol of a type of argument stands for, such as "O_CLOEXEC" of "oflags", for
 * logs that have numbers for symbols. False: the type has no such symbol.
 */
bool fdl_symbol(const char *type, const char *name, uint64_t *number);

/* The name of the i-th symbol of a type of argument, for completion. NULL: it has no more. */
const char *fdl_symbol_name(const char *type, size_t i);

/*
 * The result that a line of the notation states: the first byte after "=" and blanks. NULL: it
 * states none, or is not a line of the notation; errno is ENOMEM where there was no memory to tell,
 * and otherwise stays as it was.
 */
const char *fdl_stated_result(const char *text, size_t len);

/*
 * Splits a line "echo TEXT > PATH", by which the transcript tells of a write to a file of the tree,
 * in place: *text is what it writes, *len bytes with the newline. Returns the path. NULL: it is no
 * such line, and is unchanged.
 */
char *fdl_split_echo(char *line, char **text, size_t *len);

#ifdef __cplusplus
}
#endif
#endif

/*
 * One line of strace's output, taken apart as it really is written: with or without pids and time
 * stamps, in one piece or in two. What the calls mean is not known here. Everything points into the
 * text that was given.
 */
#ifndef FDLAB_TOOLS_STRACE_LINE_H
#define FDLAB_TOOLS_STRACE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const char *s;
	size_t len;
};

enum strace_kind {
	STRACE_CALL,       /* name(…) = …: rest is what stands behind the bracket */
	STRACE_UNFINISHED, /* name(… <unfinished ...>: rest is what stands between */
	STRACE_RESUMED,    /* <... name resumed>…: rest is what stands behind */
	STRACE_EXITED,     /* +++ exited with N +++, +++ killed by SIG +++ */
	STRACE_SUPERSEDED, /* +++ superseded by execve in pid N +++: number is N */
	STRACE_ATTACHED,   /* strace: Process N attached: number is N */
	STRACE_REMARK,     /* a signal, a stack trace: passed over */
	STRACE_OTHER,      /* not strace's, or cut short */
};

struct strace_line {
	enum strace_kind kind;
	int pid; /* 0: none is given */
	int number;
	struct span name, rest;
};

/* Reads a line without its newline. What it cannot read is STRACE_OTHER. */
void strace_line_read(const char *s, size_t len, struct strace_line *line);

enum strace_result {
	RESULT_NUMBER,
	RESULT_ERROR,   /* error is its name */
	RESULT_UNKNOWN, /* "?": the task did not live to see it */
	RESULT_RESTART, /* "?" of a call that a signal interrupted, and that will be made again */
	RESULT_FAKED,   /* strace tampered with the call: it never happened */
};

#define STRACE_ARGS 8 /* more than that no call needs to be known by */

struct strace_call {
	struct span arg[STRACE_ARGS];
	size_t nargs;
	enum strace_result result;
	int64_t number;
	struct span error;
	struct span decoration; /* of the number, by strace -y */
};

/* Reads what stands behind "name(". False: it is cut short, or none of strace's. */
bool strace_call_read(struct span rest, struct strace_call *call);

/* The number that an argument begins with, decorated or not. False: it is none. */
bool span_number(struct span s, int64_t *number);

/* What strace -y says of the descriptor at the start of s: the text in the brackets; or empty. */
struct span span_decoration(struct span s);

bool span_is(struct span s, const char *text);

/* Whether a word of flags (O_RDWR|O_CLOEXEC) is this one, or, in span_has_suffix, ends so. */
bool span_has_word(struct span s, const char *word);
bool span_has_suffix(struct span s, const char *suffix);

/*
 * What stands behind text, up to the end of the value there, at whatever depth it is found, but not
 * in a string. Empty: it is not there. "fd=" finds the field of a structure.
 */
struct span span_behind(struct span s, const char *text);

/*
 * The next element of an array "[3, 4]", or of arguments: *at is where to go on, first the array
 * itself. False: there are no more.
 */
bool span_next(struct span *at, struct span *element);

/* The elements between the brackets of "[…]"; empty where s is none. */
struct span span_elements(struct span s);

/* The inside of the string that s begins with, escapes and all; empty: it is none. */
struct span span_string(struct span s);

#endif

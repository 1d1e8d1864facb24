/*
 * The notation's grammar (fdlab-notation(5)): a line of text becomes a struct line. Which calls
 * exist and what arguments mean is args.h's part.
 */
#ifndef NOTATION_H
#define NOTATION_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct text;

/* Limits of a line: its values are read by recursion, into memory of the arena. */
#define NOTATION_DEPTH_MAX  16u    /* arrays and structures inside each other */
#define NOTATION_VALUES_MAX 16384u /* values, all levels together */

enum line_kind {
	LINE_EMPTY,      /* blank, or a comment */
	LINE_CALL,       /* runs until it returns */
	LINE_UNFINISHED, /* <unfinished ...>, <unfinished at POINT ...> */
	LINE_RESUMED,    /* <... NAME resumed> */
	LINE_STEP,       /* step [POINT] */
	LINE_FINISH,
	LINE_INTERRUPT, /* a signal interrupts the task's call */
	LINE_EXITED,    /* +++ exited with N +++: num is N */
	LINE_KILLED,    /* +++ killed by SIG +++: name is SIG, num 1 when it dumped core */
	LINE_SIGNAL,    /* --- SIG… --- and +++ superseded … +++: skipped */
};

struct line {
	enum line_kind kind;
	int pid;    /* 0: the line has none */
	bool shell; /* the shell's form: out parameters may be left out */
	const char *name;
	size_t name_len, name_column;
	struct fdl_value *args;
	size_t nargs;
	size_t end_column; /* where the arguments end */
	const char *point; /* the point to stop at; NULL: the first */
	size_t point_len;
	int64_t num;

	bool has_result;
	bool result_unknown; /* "?" */
	int64_t result;      /* -1 when it is an error */
	/* If an error is named: its positive number, also ERESTARTSYS (512) and the like; or 0. */
	int error;
	size_t result_column;
	const char *error_name; /* in a log: an error of any name */
	size_t error_name_len;
	const char *remark; /* the text in the last brackets after the result, or NULL */
	size_t remark_len;
};

/*
 * Reads a line (without its newline). *out points into text and the arena. 0; -EINVAL, with the
 * column, what was expected and what came in why; -ENOMEM.
 */
int notation_parse(struct arena *a, const char *text, size_t len, struct line *out,
		   struct text *why);

/* An error's name and text by its number, including strace's ERESTART…; NULL if it has none. */
const char *notation_errname(int err);
const char *notation_errtext(int err);

/* The number of an error by its name, or 0. */
int notation_errno(const char *name, size_t len);

/* True for ERESTARTSYS and the like, which strace shows after "= ?". */
bool notation_is_restart(int err);

#endif

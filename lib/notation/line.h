/*
 * The notation's grammar: a line of text becomes a struct line. This room knows how things are
 * written (fdlab-notation(5)), and neither which calls there are nor what an argument means: that
 * is args.h.
 */
#ifndef NOTATION_H
#define NOTATION_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct text;

/* What one line may take: it is read by recursion, into memory of the arena. */
#define NOTATION_DEPTH_MAX  16u    /* arrays and structures inside each other */
#define NOTATION_VALUES_MAX 16384u /* values, all levels together */

enum line_kind {
	LINE_EMPTY,      /* blank, or a comment */
	LINE_CALL,       /* runs to its end */
	LINE_UNFINISHED, /* <unfinished ...>, <unfinished at POINT ...> */
	LINE_RESUMED,    /* <... NAME resumed> */
	LINE_STEP,       /* step [POINT] */
	LINE_FINISH,
	LINE_INTERRUPT, /* a signal interrupts the task's call */
	LINE_EXITED,    /* +++ exited with N +++: num is N */
	LINE_KILLED,    /* +++ killed by SIG +++: name is SIG, num 1 when it dumped core */
	LINE_SIGNAL,    /* --- SIG… --- and +++ superseded … +++: passed over */
};

struct line {
	enum line_kind kind;
	int pid;    /* 0: none is given */
	bool shell; /* the shell's form: arguments that a call fills in are left out */
	const char *name;
	size_t name_len, name_column;
	struct fdl_value *args;
	size_t nargs;
	size_t end_column; /* where the arguments end */
	const char *point; /* where to stop; NULL: at the first point */
	size_t point_len;
	int64_t num;

	bool has_result;
	bool result_unknown; /* "?" */
	int64_t result;      /* -1 when it is an error */
	int error; /* when result is -1 and an error is named: its positive number; strace's
		    * ERESTARTSYS (512) and its kin included; otherwise 0 */
	size_t result_column;
	const char *error_name; /* in a log: any name of an error */
	size_t error_name_len;
	const char *remark; /* what stands in the last brackets behind the result; or NULL */
	size_t remark_len;
};

/*
 * Reads one line (without its newline). Everything in *out points into text or into the arena.
 * 0; -EINVAL, with the column, what was expected and what came in why; -ENOMEM.
 */
int notation_parse(struct arena *a, const char *text, size_t len, struct line *out,
		   struct text *why);

/* The error's name and its text by its number, strace's ERESTART… included; NULL if it has none. */
const char *notation_errname(int err);
const char *notation_errtext(int err);

/* The number of an error by its name, or 0. */
int notation_errno(const char *name, size_t len);

/* True for ERESTARTSYS and its kin, which strace shows behind "= ?". */
bool notation_is_restart(int err);

#endif

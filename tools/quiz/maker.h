/*
 * Makes a problem: runs the calls of a short program on a machine, and keeps what people see of it,
 * a scenario that repeats it, and the explanation of the answer. The question is the topic's part.
 * The same seed makes the same problem on every machine: all numbers come from fuzz_random().
 */
#ifndef FDLAB_TOOLS_QUIZ_MAKER_H
#define FDLAB_TOOLS_QUIZ_MAKER_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum answer_kind {
	ANSWER_RESULT, /* of a call: "3", "-1 EBADF", "waits" */
	ANSWER_SET,    /* numbers: "0-2,4", "none" */
	ANSWER_CHOICE, /* "a" or "b" */
};

struct problem {
	const char *topic;
	unsigned level;
	char *program;  /* lines, for people */
	char *scenario; /* the same with its results, and what is to hold */
	char *question, *answer, *why;
	enum answer_kind kind;
};

#define FDS_MAX 64

/* Numbers of descriptors, or of tasks. */
struct number_set {
	unsigned of[FDS_MAX];
	size_t n;
};

struct maker {
	struct problem *p;
	struct fdl_machine *m;
	uint64_t random;
	unsigned level; /* from 1 to 3 */
	bool tasks;     /* there are several: lines have their pids */
	FILE *program, *scenario, *why;
	bool failed;  /* a call did not run, or there is no memory */
	bool no_luck; /* nothing can be asked about this program: another one is to be made */
};

/* A random number below n. */
unsigned maker_below(struct maker *k, unsigned n);
bool maker_chance(struct maker *k, unsigned percent);

/* Runs a call of a task. Its result, or a negative errno. */
int64_t maker_call(struct maker *k, int pid, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Runs the call that is asked about; its result is the answer. */
void maker_ask_call(struct maker *k, int pid, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets question and answer; the answer is taken over, and NULL is none. */
void maker_question(struct maker *k, enum answer_kind kind, char *answer, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A file of the tree, without its last newline, to be freed; NULL: it cannot be read. */
char *maker_read(struct maker *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The descriptors that a task has open; and the same as the kernel writes it, to be freed. */
struct number_set maker_open(struct maker *k, int pid);
char *maker_open_text(struct maker *k, int pid);

/* One of them at random. */
unsigned maker_pick(struct maker *k, const struct number_set *of);

/* Whether a number is among them. */
bool numbers_have(const struct number_set *of, unsigned number);

/* Reads "0-2,4", "0 1 2 4" or "none". False: it is no such list. */
bool numbers_read(const char *text, struct number_set *of);

/* Writes "0-2,4" or "none", in memory of malloc. Without memory the program ends. */
char *numbers_text(const struct number_set *of);

#endif

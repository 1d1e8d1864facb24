/*
 * Functions by which the tables of calls write the lines of random programs.
 */
#ifndef FDLAB_TOOLS_FUZZ_WRITER_H
#define FDLAB_TOOLS_FUZZ_WRITER_H

#include "fuzz/program.h"

#define N(array)       (sizeof(array) / sizeof((array)[0]))
#define PICK(p, array) ((array)[fuzz_below(p, N(array))])

/* The line that is being written. */
struct program_writer {
	struct fuzz_program *p;
	char *line;
	size_t len;
};

struct fuzz_call {
	unsigned weight;
	void (*put)(struct program_writer *w);
	bool makes; /* it makes a task */
};

/* The tables, each ended by a weight of 0. */
extern const struct fuzz_call fuzz_table_calls[];  /* on tables and tasks */
extern const struct fuzz_call fuzz_file_calls[];   /* on names, files and locks */
extern const struct fuzz_call fuzz_object_calls[]; /* on what else a descriptor refers to */
extern const struct fuzz_call fuzz_socket_calls[];

/* A random number below n; true once in n times. */
uint64_t fuzz_below(struct fuzz_program *p, uint64_t n);
bool fuzz_one_in(struct fuzz_program *p, uint64_t n);

/* Adds to the line. */
void fuzz_put(struct program_writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A number where a descriptor belongs; one that is likely to be open; one likely to be of this
 * kind.
 */
int fuzz_any_fd(struct fuzz_program *p);
int fuzz_open_fd(struct fuzz_program *p);
int fuzz_fd_of(struct fuzz_program *p, enum fuzz_kind kind);

/* The pid of a task, or a number next to it. */
int fuzz_any_pid(struct fuzz_program *p);

#endif

/*
 * A machine that is used through open files of its tree, and the journal of that, in memory. And
 * the whole tree of a machine as one text. Any error fails the test.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recorder {
	struct fdl_machine *m;
	char *bytes; /* the journal */
	size_t len;
	struct fdl_handle **files; /* by their numbers; NULL: not open */
	uint32_t nfiles;
};

/* Makes a machine, and begins its journal. recorder_free frees both. */
void recorder_init(struct recorder *r, const struct fdl_options *o);
void recorder_free(struct recorder *r);

void recorder_time(struct recorder *r, struct timespec now);

/* Opens a file for writing. False: there is no such file. */
bool recorder_open(struct recorder *r, uint32_t file, const char *path);

void recorder_write(struct recorder *r, uint32_t file, const char *text, size_t len, bool nonblock);

/*
 * The next part of a write of len bytes, in lines as of fdl_write_part; more: it is not the first.
 * Returns the bytes of the part.
 */
size_t recorder_write_part(struct recorder *r, uint32_t file, const char *text, size_t len,
			   size_t lines, bool more);

/* A write in parts. */
void recorder_write_parts(struct recorder *r, uint32_t file, const char *text, size_t len,
			  size_t lines);

void recorder_interrupt(struct recorder *r, uint32_t file);
void recorder_close(struct recorder *r, uint32_t file);

/* Closes all files, as a daemon does that is started again. */
void recorder_start(struct recorder *r);

/* The machine that a journal makes, with these options. */
struct fdl_machine *recorder_replay(const char *bytes, size_t len, const struct fdl_options *o);

/* The paths, attributes and contents of all files of a machine, which the caller frees. */
char *whole_tree(struct fdl_machine *m);

/* Fails the test, and says where they differ, unless both machines have the same whole tree. */
void assert_same_machine(struct fdl_machine *m, struct fdl_machine *other);

#endif

/*
 * Memory of a process as bytes that another process of the same program can load, which has it at
 * other addresses. A dump has the memory as it is, and where each region lies. Two processes that
 * have done the same make a dump each. A word that differs in the two must be a pointer: the
 * snapshot that is made of both has it as a place in a region. The meaning of the memory is not
 * known here.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGION_NAME_MAX 96

/* A region: of memory that the loader makes, or of the program that it is. */
struct snapshot_region {
	char name[REGION_NAME_MAX];
	uint64_t base; /* where it lies; in a snapshot, where it must lie, or 0: anywhere */
	uint64_t size;
};

/* A dump that is written. All zero is an empty one. */
struct dump {
	struct text regions, spans, words, rest;
	uint64_t n_regions, n_spans;
};

/* Whether a process can be dumped: not with AddressSanitizer or valgrind, which know more of it. */
bool snapshot_possible(void);

/* A region of memory that the loader will have under this name. */
void dump_region(struct dump *d, const char *name, const void *base, size_t size);

/*
 * Bytes from an address of the region that was added last; from is where they are now. Whole words
 * of zeros at their beginning and end are left out.
 */
void dump_span(struct dump *d, const void *at, const void *from, size_t len);

/*
 * A region of size bytes, of which the first used are not zeros: those of its pages that are not.
 */
void dump_pages(struct dump *d, const char *name, const char *base, size_t size, size_t used);

/* The program, its libraries, this thread, and its stack, to which no pointer may stay. */
void dump_program(struct dump *d);

/* The dump as bytes; or out->error. */
void dump_print(const struct dump *d, struct text *out);
void dump_free(struct dump *d);

/*
 * The snapshot of two dumps. 0; -ENOMEM; -EINVAL: one of them is broken; -EUCLEAN: they differ in
 * more than addresses; with a message in why.
 */
int snapshot_make(const char *a, size_t a_len, const char *b, size_t b_len, struct text *out,
		  struct text *why);

/* A snapshot that is read; the bytes are the caller's. */
struct snapshot {
	const struct snapshot_region *regions;
	const struct snapshot_span *spans;
	const struct snapshot_reloc *relocs;
	const char *words;
	size_t n_regions, n_spans, n_relocs, n_words;
	const char *rest; /* what its maker put there */
	size_t n_rest;
};

/* Checks a snapshot. 0; -EINVAL with a message in why. */
int snapshot_open(struct snapshot *s, const char *bytes, size_t len, struct text *why);

/*
 * Where a region of the loader lies, and where the bytes that belong there are to be written; or
 * that it has no use for the region, to which no pointer leads from those that it has.
 */
struct snapshot_place {
	const char *name;
	uint64_t base;
	char *to;
	size_t size;
	bool skipped;
};

/*
 * Writes a snapshot into memory. 0; -ENOMEM; -ESTALE: this is another program, or a region is
 * missing, and nothing was written, with a message in why.
 */
int snapshot_load(const struct snapshot *s, const struct snapshot_place *places, size_t n,
		  struct text *why);

#endif

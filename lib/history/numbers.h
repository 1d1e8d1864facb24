/*
 * Small numbers for the files of a tree, which with a moment make the number of a file at that
 * moment.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include "base/hash.h"
#include "fdlab.h"

#include <stddef.h>
#include <stdint.h>

struct number;

struct numbers {
	struct hash by_ino;
	struct number **number; /* by its small number less one */
	size_t n, cap;
};

/* The small number of a file, from 1 to max; 0: no memory, or there are more. The root has 1. */
uint64_t numbers_of(struct numbers *ns, fdl_ino ino, uint64_t max);

/* The file with a small number; 0: none has it. */
fdl_ino numbers_ino(const struct numbers *ns, uint64_t number);

void numbers_free(struct numbers *ns);

#endif

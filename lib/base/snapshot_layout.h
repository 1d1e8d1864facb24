/*
 * The layout of dumps and snapshots, in the order of the machine that made them: another one would
 * have another program.
 */
#ifndef SNAPSHOT_LAYOUT_H
#define SNAPSHOT_LAYOUT_H

#include "base/snapshot.h"

#define WORD  sizeof(uint64_t)
#define PARTS 5 /* regions, spans, relocations, words, rest */

struct snapshot_head {
	char magic[16];
	uint32_t sum; /* the CRC-32 of all that follows */
	uint32_t zero;
	uint64_t n_regions, n_spans, n_relocs, n_words, n_rest;
};

#define SUMMED_FROM (offsetof(struct snapshot_head, zero))

/* Bytes of a region, which are the next len / WORD words. */
struct snapshot_span {
	uint64_t region, at, len;
};

/* A word that is a place in a region, and becomes a pointer. */
struct snapshot_reloc {
	uint32_t word, region;
};

extern const char snapshot_magic[16];

/* Regions with a meaning of their own. The canary's base is the value in frames of functions. */
#define region_thread "thread"
#define region_canary "canary"
#define region_stack  "stack"

/* Writes head and parts, with the sum. */
void snapshot_print(const struct snapshot_head *head, const struct text *const part[PARTS],
		    struct text *out);

#endif

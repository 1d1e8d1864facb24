/*
 * The kernel's formats for bitmaps: %*pb (masks) and %*pbl (lists). The bits of a sparse array flow
 * in, text flows out. It costs what is set, and a mask besides the copying of its zeros.
 */
#ifndef BITMAP_H
#define BITMAP_H

#include "base/sparse.h"

#include <stdint.h>

struct text;

/*
 * The first nbits bits of a map as the kernel prints a mask: 32-bit hexadecimal groups with commas,
 * most significant first, the first group as wide as nbits asks. Nothing for no bits.
 */
void bitmap_mask(struct text *t, const struct sparse *s, enum sparse_map map, uint64_t nbits);

/* The same as a list: "0-2,7"; nothing for an empty one. */
void bitmap_list(struct text *t, const struct sparse *s, enum sparse_map map, uint64_t nbits);

#endif

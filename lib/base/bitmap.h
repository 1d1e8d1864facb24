/*
 * The kernel's formats for bitmaps, %*pb (masks) and %*pbl (lists), of the bits of a sparse array;
 * and a picture of a word. The cost grows with the bits that are set, and for a mask with the
 * length of the text.
 */
#ifndef BITMAP_H
#define BITMAP_H

#include "base/sparse.h"

#include <stdint.h>

struct text;

/*
 * The first nbits bits of a map as the kernel prints a mask: 32-bit hexadecimal groups with commas,
 * most significant first, the first group as wide as nbits needs. Nothing if nbits is 0.
 */
void bitmap_mask(struct text *t, const struct sparse *s, enum sparse_map map, uint64_t nbits);

/* The same bits as a list: "0-2,7"; nothing if no bit is set. */
void bitmap_list(struct text *t, const struct sparse *s, enum sparse_map map, uint64_t nbits);

/*
 * A picture of the lowest n bits of a word, on a line of its own after a label that is padded to
 * width: "1" and ".", lowest first, in groups of eight.
 */
void bitmap_draw(struct text *t, const char *label, int width, uint64_t word, unsigned n);

#endif

/*
 * Bitmaps as the kernel prints them. A mask is laid out as zeros, in long runs; then the groups
 * that have a bit are written over them. A list is made run by run.
 */
#include "base/bitmap.h"

#include "base/text.h"

#define GROUP_BITS  32
#define GROUP_WIDTH 9 /* a comma and 8 digits */

#define GROUP      ",00000000"
#define GROUPS_8   GROUP GROUP GROUP GROUP GROUP GROUP GROUP GROUP
#define GROUPS_64  GROUPS_8 GROUPS_8 GROUPS_8 GROUPS_8 GROUPS_8 GROUPS_8 GROUPS_8 GROUPS_8
#define GROUPS_256 GROUPS_64 GROUPS_64 GROUPS_64 GROUPS_64
#define ZERO_RUN   256

/* From this, long runs of zeros are copied. */
static const char zeros[] = GROUPS_256;

static void put_zeros(struct text *t, unsigned digits, uint64_t groups)
{
	text_put(t, zeros + 1, digits);
	for (; groups >= ZERO_RUN && !t->error; groups -= ZERO_RUN)
		text_put(t, zeros, ZERO_RUN * GROUP_WIDTH);
	text_put(t, zeros, groups * GROUP_WIDTH);
}

/* Writes a group over zeros; its last digit stands before end. */
static void put_group(char *end, uint32_t group)
{
	for (; group; group >>= 4)
		*--end = "0123456789abcdef"[group & 15];
}

/* The bits of word w that are among the first nbits. */
static uint64_t word_within(const struct sparse *s, enum sparse_map map, uint64_t w, uint64_t nbits)
{
	uint64_t word = sparse_word(s, map, w);

	if (nbits - w * 64 < 64)
		word &= ((uint64_t)1 << nbits % 64) - 1;
	return word;
}

void bitmap_mask(struct text *t, const struct sparse *s, enum sparse_map map, uint64_t nbits)
{
	uint64_t i;

	if (!nbits)
		return;
	put_zeros(t, (unsigned)((nbits - 1) % GROUP_BITS / 4 + 1), (nbits - 1) / GROUP_BITS);
	if (t->error)
		return;
	for (i = sparse_next(s, map, 0); i < nbits; i = sparse_next(s, map, (i | 63) + 1)) {
		uint64_t word = word_within(s, map, i / 64, nbits);
		char *end = t->s + t->len - i / 64 * 2 * GROUP_WIDTH;

		put_group(end, (uint32_t)word);
		if (word >> GROUP_BITS)
			put_group(end - GROUP_WIDTH, (uint32_t)(word >> GROUP_BITS));
	}
}

/* Where the run of set bits that begins at i ends: the first clear one, at most nbits. */
static uint64_t run_end(const struct sparse *s, enum sparse_map map, uint64_t i, uint64_t nbits)
{
	while (i < nbits) {
		uint64_t clear = ~sparse_word(s, map, i / 64) >> i % 64;

		if (clear) {
			i += (unsigned)__builtin_ctzll(clear);
			break;
		}
		i = (i | 63) + 1;
	}
	return i < nbits ? i : nbits;
}

void bitmap_list(struct text *t, const struct sparse *s, enum sparse_map map, uint64_t nbits)
{
	const char *between = "";
	uint64_t i, end;

	for (i = sparse_next(s, map, 0); i < nbits; i = sparse_next(s, map, end)) {
		end = run_end(s, map, i, nbits);
		text_puts(t, between);
		text_uint(t, i);
		if (end - i > 1) {
			text_putc(t, '-');
			text_uint(t, end - 1);
		}
		between = ",";
	}
}

void bitmap_draw(struct text *t, const char *label, int width, uint64_t word, unsigned n)
{
	text_printf(t, "%-*s", width, label);
	for (unsigned i = 0; i < n; i++) {
		if (i % 8 == 0)
			text_putc(t, ' ');
		text_putc(t, word >> i & 1 ? '1' : '.');
	}
	text_putc(t, '\n');
}

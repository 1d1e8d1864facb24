/*
 * A journal that is read. The file's bytes are the caller's; records are found in them one after
 * the other, those of a block after it was decompressed.
 */
#ifndef READER_H
#define READER_H

#include "base/snapshot.h"
#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_journal {
	const char *data;
	size_t size;
	size_t at;           /* the next record outside of blocks */
	uint64_t number;     /* of the record that was read last */
	char *block;         /* the records of the block that is being read; NULL: it is in none */
	size_t block_len;    /* of them */
	size_t block_at;     /* the next one in it */
	uint32_t block_left; /* how many more records it should have */
	size_t offset;       /* of the block */
	struct fdl_journal_info info;
	struct snapshot checkpoint;   /* of the machine after the records that base tells of */
	struct fdl_journal_info base; /* all zero: there is none, and records begin at the first */
	bool checked;                 /* all of it: the sums need not be compared again */
};

/*
 * Passes over the block that comes next in a journal that was checked, if its records take at least
 * so many bytes; its own bytes are *len at *bytes. False: there comes none.
 */
bool journal_skip_block(struct fdl_journal *j, size_t unpacked, const char **bytes, size_t *len);

/*
 * Puts the reader at the beginning again, which is after the records of the checkpoint if there is
 * one; and at the first record.
 */
void journal_rewind(struct fdl_journal *j);
void journal_first(struct fdl_journal *j);

#endif

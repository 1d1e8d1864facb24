/*
 * Writes a journal again in less space: records are gathered and compressed in blocks. Their
 * contents stay the same, to the last byte; or records without an effect are left out.
 */
#include "base/heap.h"
#include "base/text.h"
#include "journal/format.h"
#include "journal/reader.h"
#include "journal/restart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* Of 1 to 9: lines of a journal are alike, and more effort gains little. */
#define EFFORT 3

struct block_packer {
	fdl_put_fn *put;
	void *ctx;
	struct text records; /* that are not yet compressed */
	uint32_t n;
};

/* Puts one record out that is not in a block. 0 or an error. */
static int put_out(const struct block_packer *p, const struct fdl_record *r)
{
	struct text t = TEXT_EMPTY;
	int error;

	record_put(&t, r);
	error = t.error ? t.error : p->put(p->ctx, t.s, t.len);
	text_free(&t);
	return error;
}

/* Puts the gathered records out: compressed if that is shorter. 0 or an error. */
static int flush(struct block_packer *p)
{
	uLongf len = compressBound(p->records.len);
	struct fdl_record r = { .kind = FDL_RECORD_PACKED };
	char *block;
	int error;

	if (p->records.error || !p->n)
		return p->records.error;
	block = malloc(PACKED_HEAD + len);
	if (!block)
		return -ENOMEM;
	write_u32(block, p->n);
	write_u32(block + 4, (uint32_t)p->records.len);
	error = compress2((Bytef *)block + PACKED_HEAD, &len, (const Bytef *)p->records.s,
			  p->records.len, EFFORT);
	r.text = block;
	r.len = PACKED_HEAD + len;
	if (error != Z_OK)
		error = -ENOMEM;
	else if (r.len + RECORD_HEAD < p->records.len)
		error = put_out(p, &r);
	else
		error = p->put(p->ctx, p->records.s, p->records.len);
	free(block);
	text_clear(&p->records);
	p->n = 0;
	return error;
}

/* Adds a record to those that are gathered. 0 or an error. */
static int gather(struct block_packer *p, const struct fdl_record *r)
{
	int error = 0;

	if (p->records.len + RECORD_HEAD + r->len > BLOCK)
		error = flush(p);
	if (!error) {
		record_put(&p->records, r);
		p->n++;
	}
	return error;
}

/* The time, and the files that were open, where the machine started over. 0 or an error. */
static int begin_at(struct block_packer *p, const struct restart *at)
{
	struct fdl_record r = { .kind = FDL_RECORD_TIME, .time = at->now };
	int error = at->timed ? gather(p, &r) : 0;

	for (size_t i = 0; !error && i < at->nfiles; i++) {
		r = (struct fdl_record){ .kind = FDL_RECORD_OPEN,
					 .file = at->files[i].number,
					 .text = at->files[i].path,
					 .len = strlen(at->files[i].path) };
		error = gather(p, &r);
	}
	return error;
}

/* Puts out the first record of a journal, and the others from record number at->record on. */
static int pack_all(struct block_packer *p, struct fdl_journal *j, const struct restart *at)
{
	struct fdl_record r;
	const char *block;
	size_t len;
	int error = p->put(p->ctx, journal_head, JOURNAL_HEAD);

	while (!error) {
		/* Blocks that were compressed long ago stay as they are. */
		if (!p->n && j->number && j->number + 1 >= at->record &&
		    journal_skip_block(j, BLOCK / 2, &block, &len)) {
			error = p->put(p->ctx, block, len);
			continue;
		}
		error = fdl_journal_next(j, &r);
		if (error != 1)
			break;
		/* The first one stays readable. */
		if (r.number == 1) {
			error = put_out(p, &r);
			if (!error && at->record)
				error = begin_at(p, at);
			continue;
		}
		error = r.number >= at->record ? gather(p, &r) : 0;
	}
	return error ? error : flush(p);
}

int fdl_journal_pack(struct fdl_journal *j, fdl_put_fn *put, void *ctx)
{
	static const struct restart all;
	struct block_packer p = { .put = put, .ctx = ctx };
	int error;

	journal_rewind(j);
	error = pack_all(&p, j, &all);
	text_free(&p.records);
	return error;
}

int fdl_journal_compact(struct fdl_journal *j, fdl_put_fn *put, void *ctx)
{
	struct block_packer p = { .put = put, .ctx = ctx };
	struct restart at;
	int error = restart_find(j, &at);

	journal_rewind(j);
	if (!error)
		error = pack_all(&p, j, &at);
	text_free(&p.records);
	restart_free(&at);
	return error;
}

/*
 * Reads a journal record by record, and tells an end that was not written from damage.
 */
#include "journal/reader.h"

#include "base/heap.h"
#include "base/number.h"
#include "base/text.h"
#include "journal/checkpoint.h"
#include "journal/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* ---- records ------------------------------------------------------------------------------ */

/* Parts the text of a record from the time in its last line. False: it has none. */
static bool take_time(struct fdl_record *r)
{
	const char *line = r->text;
	const char *newline = r->len > 1 ? memrchr(r->text, '\n', r->len - 1) : NULL;

	if (newline)
		line = newline + 1;
	if (!time_read(line, r->len - (size_t)(line - r->text), &r->time))
		return false;
	r->len = (size_t)(line - r->text);
	return true;
}

/* Makes a record of its head and its text. False: the text is not of that kind. */
static bool make_record(const struct record_head *head, const char *text, struct fdl_record *r)
{
	r->kind = head->kind;
	r->nonblock = head->flags & RECORD_NONBLOCK;
	r->more = head->flags & RECORD_MORE;
	r->file = head->file;
	r->text = text;
	r->len = head->len;
	switch (r->kind) {
	case FDL_RECORD_MACHINE:
		return take_time(r);
	case FDL_RECORD_TIME:
		return take_time(r) && !r->len;
	case FDL_RECORD_INTERRUPT:
	case FDL_RECORD_CLOSE:
		return !r->len;
	default:
		return r->len > 0;
	}
}

/*
 * Reads the record at an offset of some bytes; *end is where it ends, or would. 1; -EBADMSG; or
 * -ENODATA: the bytes end before it does.
 */
static int record_at(const struct fdl_journal *j, const char *bytes, size_t size, size_t at,
		     struct fdl_record *r, size_t *end)
{
	struct record_head head;

	*end = size;
	if (size - at < RECORD_HEAD)
		return -ENODATA;
	*end = at + RECORD_HEAD;
	if (!record_head_read(bytes + at, &head))
		return -EBADMSG;
	if (head.len > size - *end)
		return -ENODATA;
	*end += head.len;
	if (!j->checked && record_sum(bytes + at + RECORD_HEAD, head.len) != head.text_sum)
		return -EBADMSG;
	return make_record(&head, bytes + at + RECORD_HEAD, r) ? 1 : -EBADMSG;
}

/*
 * A crash of the computer may leave a file that is longer than what was written, with zeros at its
 * end. Whether a record that ends at an offset may be broken because of that.
 */
static bool ends_in_zeros(const struct fdl_journal *j, size_t end)
{
	size_t at = j->size;

	while (at >= end && at > 0 && !j->data[at - 1])
		at--;
	return at < end;
}

/* ---- blocks ------------------------------------------------------------------------------- */

static void block_end(struct fdl_journal *j)
{
	free(j->block);
	j->block = NULL;
}

/* Decompresses a block, whose records come next. 0, -EBADMSG, -ENOMEM. */
static int block_begin(struct fdl_journal *j, const struct fdl_record *r, size_t offset)
{
	uLongf len;
	int error;

	if (r->len <= PACKED_HEAD)
		return -EBADMSG;
	len = read_u32(r->text + 4);
	if (!len || len > RECORD_TEXT_MAX)
		return -EBADMSG;
	j->block = malloc(len);
	if (!j->block)
		return -ENOMEM;
	j->block_len = len;
	j->block_at = 0;
	j->block_left = read_u32(r->text);
	j->offset = offset;
	error = uncompress((Bytef *)j->block, &len, (const Bytef *)r->text + PACKED_HEAD,
			   r->len - PACKED_HEAD);
	if (error == Z_OK && len == j->block_len)
		return 0;
	block_end(j);
	return error == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

/* The next record of the block. 1, 0 at its end, or -EBADMSG: a block is whole or broken. */
static int next_in_block(struct fdl_journal *j, struct fdl_record *r)
{
	int found;

	if (j->block_at == j->block_len) {
		block_end(j);
		return 0;
	}
	found = record_at(j, j->block, j->block_len, j->block_at, r, &j->block_at);
	if (found != 1 || r->kind == FDL_RECORD_PACKED || !j->block_left--)
		return -EBADMSG;
	if (j->block_at == j->block_len && j->block_left)
		return -EBADMSG;
	r->offset = j->offset;
	return 1;
}

int fdl_journal_next(struct fdl_journal *j, struct fdl_record *r)
{
	size_t end;
	int found = j->block ? next_in_block(j, r) : 0;

	while (!found) {
		if (j->at >= j->size || (j->checked && j->at >= j->info.whole))
			return 0;
		found = record_at(j, j->data, j->size, j->at, r, &end);
		if (found == -EBADMSG && ends_in_zeros(j, end))
			found = -ENODATA;
		if (found < 0)
			return found;
		r->offset = j->at;
		if (r->kind == FDL_RECORD_PACKED) {
			found = block_begin(j, r, j->at);
			if (!found)
				found = next_in_block(j, r);
		}
		if (found >= 0)
			j->at = end;
	}
	if (found == 1)
		r->number = ++j->number;
	return found;
}

bool journal_skip_block(struct fdl_journal *j, size_t unpacked, const char **bytes, size_t *len)
{
	const char *at = j->data + j->at;
	struct record_head head;

	if ((j->block && j->block_at < j->block_len) || j->at >= j->info.whole ||
	    !record_head_read(at, &head) || head.kind != FDL_RECORD_PACKED ||
	    read_u32(at + RECORD_HEAD + 4) < unpacked)
		return false;
	block_end(j);
	*bytes = at;
	*len = RECORD_HEAD + head.len;
	j->at += *len;
	j->number += read_u32(at + RECORD_HEAD);
	return true;
}

void journal_first(struct fdl_journal *j)
{
	block_end(j);
	j->at = JOURNAL_HEAD;
	j->number = 0;
}

void journal_rewind(struct fdl_journal *j)
{
	journal_first(j);
	if (!j->base.records)
		return;
	j->at = j->base.whole;
	j->number = j->base.records;
}

/* ---- whole journals ----------------------------------------------------------------------- */

/*
 * 0, or -EINVAL, -EPROTONOSUPPORT with a message. A file that was being made when the computer
 * crashed may have a part of the line only.
 */
static int check_head(const char *data, size_t size, char *err, size_t errsize)
{
	const size_t word = strlen("fdlab journal ");
	const char *newline = memchr(data, '\n', size < 64 ? size : 64);
	bool overflow = false;
	uint64_t version;

	if (!memcmp(data, journal_head, size < JOURNAL_HEAD ? size : JOURNAL_HEAD))
		return 0;
	if (newline && (size_t)(newline - data) > word && !memcmp(data, journal_head, word) &&
	    decimal_scan(data + word, newline, &version, &overflow) == newline && version > 1) {
		snprintf(err, errsize,
			 "it was written by a newer fdlab: version %llu of the format",
			 (unsigned long long)version);
		return -EPROTONOSUPPORT;
	}
	snprintf(err, errsize, "it is not a journal of fdlab");
	return -EINVAL;
}

/* Reads all records once. As fdl_journal_open. */
static int check_all(struct fdl_journal *j, char *err, size_t errsize)
{
	struct fdl_record r;
	size_t first = 0; /* the end of the first record */
	int found;

	journal_rewind(j);
	j->info = j->base;
	if (!j->base.records)
		j->info.whole = j->size < JOURNAL_HEAD ? 0 : JOURNAL_HEAD;
	while ((found = fdl_journal_next(j, &r)) == 1) {
		if ((r.kind == FDL_RECORD_MACHINE) != (r.number == 1)) {
			found = -EBADMSG;
			break;
		}
		j->info.records = r.number;
		j->info.bytes += RECORD_HEAD + r.len;
		if (r.kind == FDL_RECORD_START)
			j->info.last_start = r.number;
		if (j->block && j->block_at < j->block_len)
			continue;
		if (j->block)
			j->info.packed += j->at - j->info.whole;
		/* Compaction passes over the first blocks that are large. */
		if (r.number == 1)
			first = j->at;
		else if (j->block && j->block_len >= BLOCK / 2 &&
			 j->info.whole == (j->info.settled ? j->info.settled : first))
			j->info.settled = j->at;
		j->info.whole = j->at;
	}
	if (found == -ENODATA || found == 0) {
		j->info.torn = j->size - j->info.whole;
		j->checked = true;
		journal_rewind(j);
		return 0;
	}
	snprintf(err, errsize, "record %llu, at offset %zu, is broken",
		 (unsigned long long)j->info.records + 1, j->info.whole);
	return found;
}

/* Finds the checkpoint's place in the journal. 0; -ESTALE with a message in why: it has none. */
static int place_checkpoint(struct fdl_journal *j, const char *bytes, size_t size, struct text *why)
{
	struct checkpoint_label label;

	if (!snapshot_possible()) {
		text_puts(why, "checkpoints are not for AddressSanitizer or valgrind");
		return -ESTALE;
	}
	if (snapshot_open(&j->checkpoint, bytes, size, why) ||
	    checkpoint_label(&j->checkpoint, &label, why))
		return -ESTALE;
	if (label.bytes > j->size || label.bytes < JOURNAL_HEAD || !label.records ||
	    crc32_z(crc32(0, NULL, 0), (const Bytef *)j->data, label.bytes) != label.sum) {
		text_puts(why, "it is not of this journal");
		return -ESTALE;
	}
	j->base = (struct fdl_journal_info){
		.records = label.records,
		.bytes = label.plain,
		.last_start = label.last_start,
		.whole = label.bytes,
		.packed = label.bytes - JOURNAL_HEAD,
		.settled = label.bytes,
	};
	return 0;
}

/* As fdl_journal_resume, or fdl_journal_open if the checkpoint is NULL. */
static int open_at(const char *data, size_t size, const char *checkpoint, size_t length,
		   struct fdl_journal **jp, char *err, size_t errsize)
{
	struct text why = TEXT_EMPTY;
	struct fdl_journal *j;
	int error;

	*jp = NULL;
	if (errsize)
		*err = '\0';
	error = check_head(data, size, err, errsize);
	if (error)
		return error;
	j = calloc(1, sizeof(*j));
	if (!j)
		return -ENOMEM;
	j->data = data;
	j->size = size;
	if (checkpoint)
		error = place_checkpoint(j, checkpoint, length, &why);
	if (error)
		snprintf(err, errsize, "%s", why.s && !why.error ? why.s : strerror(-error));
	else
		error = check_all(j, err, errsize);
	text_free(&why);
	if (error && error != -EBADMSG) {
		fdl_journal_close(j);
		return error;
	}
	if (error)
		journal_rewind(j);
	*jp = j;
	return error;
}

int fdl_journal_open(const char *data, size_t size, struct fdl_journal **jp, char *err,
		     size_t errsize)
{
	return open_at(data, size, NULL, 0, jp, err, errsize);
}

int fdl_journal_resume(const char *data, size_t size, const char *checkpoint, size_t length,
		       struct fdl_journal **jp, char *err, size_t errsize)
{
	return open_at(data, size, checkpoint, length, jp, err, errsize);
}

void fdl_journal_info(const struct fdl_journal *j, struct fdl_journal_info *info)
{
	*info = j->info;
}

void fdl_journal_close(struct fdl_journal *j)
{
	if (!j)
		return;
	block_end(j);
	free(j);
}

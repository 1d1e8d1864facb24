/*
 * Records as bytes: writes them, and reads their heads.
 */
#include "journal/format.h"

#include "base/number.h"
#include "base/text.h"

#include <string.h>

#include <zlib.h>

#define NSEC 1000000000

const char journal_head[JOURNAL_HEAD + 1] = "fdlab journal 1\n";

uint32_t record_sum(const char *bytes, size_t len)
{
	return (uint32_t)crc32(0, (const Bytef *)bytes, (uInt)len);
}

/* Numbers are little-endian on every computer. */
uint32_t read_u32(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

void write_u32(char *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (char)(value >> 8 * i);
}

bool record_head_read(const char *bytes, struct record_head *head)
{
	*head = (struct record_head){
		.len = read_u32(bytes),
		.kind = (uint8_t)bytes[4],
		.flags = (uint8_t)bytes[5],
		.file = read_u32(bytes + 8),
		.text_sum = read_u32(bytes + 12),
	};
	return read_u32(bytes + 16) == record_sum(bytes, 16) && head->kind >= FDL_RECORD_MACHINE &&
	       head->kind < RECORD_KINDS && head->flags <= RECORD_FLAGS && !bytes[6] && !bytes[7] &&
	       head->len <= RECORD_TEXT_MAX;
}

static void put_record(struct text *out, const struct fdl_record *r, const char *text, size_t len)
{
	char head[RECORD_HEAD] = { 0 };

	write_u32(head, (uint32_t)len);
	head[4] = (char)r->kind;
	head[5] = (char)((r->nonblock ? RECORD_NONBLOCK : 0) | (r->more ? RECORD_MORE : 0));
	write_u32(head + 8, r->file);
	write_u32(head + 12, record_sum(text, len));
	write_u32(head + 16, record_sum(head, 16));
	text_put(out, head, sizeof(head));
	text_put(out, text, len);
}

static void put_time(struct text *out, struct timespec time)
{
	text_printf(out, "time %lld.%09ld\n", (long long)time.tv_sec, time.tv_nsec);
}

void record_put(struct text *out, const struct fdl_record *r)
{
	struct text text = TEXT_EMPTY;

	if (r->kind != FDL_RECORD_TIME && r->kind != FDL_RECORD_MACHINE) {
		put_record(out, r, r->text, r->len);
		return;
	}
	if (r->kind == FDL_RECORD_MACHINE)
		text_put(&text, r->text, r->len);
	put_time(&text, r->time);
	if (text.error)
		out->error = text.error;
	else
		put_record(out, r, text.s, text.len);
	text_free(&text);
}

bool time_read(const char *text, size_t len, struct timespec *time)
{
	static const char word[] = "time ";
	const size_t n = sizeof(word) - 1;
	const char *at = text + n, *end = text + len;
	uint64_t seconds, nsec;
	bool overflow = false;

	if (len < n || memcmp(text, word, n) != 0)
		return false;
	at = decimal_scan(at, end, &seconds, &overflow);
	if (!at || at == end || *at != '.')
		return false;
	at = decimal_scan(at + 1, end, &nsec, &overflow);
	if (!at || at != end - 1 || *at != '\n' || overflow || nsec >= NSEC ||
	    seconds > INT64_MAX / NSEC)
		return false;
	*time = (struct timespec){ .tv_sec = (time_t)seconds, .tv_nsec = (long)nsec };
	return true;
}

size_t fdl_record_encode(const struct fdl_record *r, char *buf, size_t size)
{
	struct text t = TEXT_EMPTY;
	size_t len;

	record_put(&t, r);
	len = t.error ? 0 : t.len;
	if (len && len <= size)
		memcpy(buf, t.s, len);
	text_free(&t);
	return len;
}

/*
 * The bytes of a journal: a line that names the format and its version, then records, each with a
 * head of fixed size and a text. fdlab-journal(5) describes them.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

#define JOURNAL_HEAD 16u /* bytes of the line at the beginning */
#define RECORD_HEAD  20u /* bytes before the text of a record */

/* The longest text of a record: a write of the largest size, and a block that holds one. */
#define RECORD_TEXT_MAX (FDL_WRITE_MAX + 65536)

/* A block is compressed once its records have so many bytes. */
#define BLOCK ((size_t)262144)

/* The flags of a write. */
#define RECORD_NONBLOCK 1u
#define RECORD_MORE     2u
#define RECORD_FLAGS    (RECORD_NONBLOCK | RECORD_MORE)

#define PACKED_HEAD 8u /* bytes of a block before the compressed ones */

extern const char journal_head[JOURNAL_HEAD + 1];

/* The names of records, as the tools print them, by their kinds. */
#define RECORD_KINDS (FDL_RECORD_PACKED + 1)

/* A record's head, as it is read. */
struct record_head {
	uint32_t len;
	uint8_t kind, flags;
	uint32_t file;
	uint32_t text_sum;
};

/* Reads a head of RECORD_HEAD bytes. False: its checksum is wrong, or it is of no kind there is. */
bool record_head_read(const char *bytes, struct record_head *head);

uint32_t record_sum(const char *bytes, size_t len);

uint32_t read_u32(const char *bytes);
void write_u32(char *bytes, uint32_t value);

/* Appends a record of the journal. */
void record_put(struct text *out, const struct fdl_record *r);

/* Reads a line "time SECONDS.NANOSECONDS". False: the line has another form. */
bool time_read(const char *text, size_t len, struct timespec *time);

#endif

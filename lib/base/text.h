/*
 * A text that grows while it is written. It remembers that memory ran out or that it reached its
 * limit, so that code that writes need check for that only once, at the end.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	char *s; /* NUL-terminated once anything was written; NULL before */
	size_t len, cap;
	size_t limit; /* the most bytes that it may have; 0: there is no limit */
	/* 0; -ENOMEM, -EFBIG (the limit): something is missing, and nothing more is written */
	int error;
};

#define TEXT_EMPTY ((struct text){ 0 })

/* Makes room for more bytes and a NUL. False: the text has an error, now or from before. */
bool text_grow(struct text *t, size_t more);

static inline bool text_room(struct text *t, size_t more)
{
	return (!t->error && t->cap - t->len > more) || text_grow(t, more);
}

/* Append bytes, a string, a character. */
static inline void text_put(struct text *t, const char *s, size_t len)
{
	if (!text_room(t, len))
		return;
	if (len)
		memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

static inline void text_puts(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

static inline void text_putc(struct text *t, char c)
{
	if (!text_room(t, 1))
		return;
	t->s[t->len++] = c;
	t->s[t->len] = '\0';
}

/* As printf(3). */
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Numbers, faster than by printf: decimal, and as %#x and %#o print them. */
void text_int(struct text *t, int64_t v);
void text_uint(struct text *t, uint64_t v);
void text_hex(struct text *t, uint64_t v);
void text_octal(struct text *t, uint64_t v);

/*
 * The bytes between double quotes with C escapes, as strace prints them (the shortest
 * octal escape for what is not printable). Of more than max bytes, the first max, and "...".
 */
void text_quoted(struct text *t, const char *s, size_t len, size_t max);

/*
 * The bytes as valid UTF-8 on one line: a backslash doubled; a control character, and a byte that
 * is not part of UTF-8, as \xNN.
 */
void text_printable(struct text *t, const char *s, size_t len);

/* Appends bytes as a JSON string. Bytes beyond ASCII are shown as Latin-1. */
void text_json(struct text *t, const char *s, size_t len);

/* Keeps the first len bytes. */
void text_cut(struct text *t, size_t len);

/* Makes it empty, without an error, and keeps the memory and the limit. */
void text_clear(struct text *t);

/* Gives memory back that it does not need for what it has. */
void text_shrink(struct text *t);

/* Gives the memory back; the text is empty, without a limit, and can be used again. */
void text_free(struct text *t);

#endif

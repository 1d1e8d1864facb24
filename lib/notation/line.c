/*
 * The grammar of lines: the pid, the name of the call, and strace's lines that are not calls. A
 * line becomes a struct line; the list of calls is elsewhere.
 */
#include "notation/line.h"

#include "base/text.h"
#include "notation/call.h"
#include "notation/prefix.h"
#include "notation/scan.h"

#include <errno.h>
#include <string.h>

/* ---- the call ------------------------------------------------------------------------------- */

static bool is_named(const struct line *l, const char *name)
{
	return *l->name == *name && l->name_len == strlen(name) &&
	       memcmp(l->name, name, l->name_len) == 0;
}

/* Words that act on a task's call in flight: written like calls. */
static const struct {
	const char *word;
	enum line_kind kind;
} flight_words[] = {
	{ "step", LINE_STEP },
	{ "finish", LINE_FINISH },
	{ "interrupt", LINE_INTERRUPT },
};

/* The kind of line that such a word makes; LINE_CALL for any other word. */
static enum line_kind flight_kind(const struct line *l)
{
	for (size_t i = 0; i < sizeof(flight_words) / sizeof(flight_words[0]); i++) {
		if (is_named(l, flight_words[i].word))
			return flight_words[i].kind;
	}
	return LINE_CALL;
}

static int finish_flight(struct reader *r, struct line *out)
{
	const enum line_kind kind = flight_kind(out);
	const struct fdl_value *v = out->args;

	if (kind == LINE_CALL)
		return 0;
	if (out->kind != LINE_CALL)
		return reader_fails(r, out->name, "what goes on cannot be unfinished");
	out->kind = kind;
	if (v && kind == LINE_STEP) {
		out->point = v->raw;
		out->point_len = v->raw_len;
		v = v->next;
	}
	if (v)
		return reader_expected(r, v->raw, "the end of the line");
	return 0;
}

static int read_call(struct reader *r, struct line *out)
{
	const char *after;
	int error;

	out->kind = LINE_CALL;
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	if (!skip_name(r))
		return reader_expected(r, r->p, "a call");
	out->name_len = (size_t)(r->p - out->name);
	after = r->p;
	if (is_named(out, "strace") && looks_at(r, ":")) {
		out->kind = LINE_EMPTY;
		return 0;
	}
	skip_blanks(r);
	if (skip_exactly(r, "(")) {
		error = read_arguments(r, out);
	} else if (r->p == r->end || r->p > after) {
		out->shell = true;
		error = read_words(r, out);
	} else {
		return reader_expected(r, after, "\"(\" or a blank after the name of the call");
	}
	if (error)
		return error;
	return finish_flight(r, out);
}

/* ---- strace's other lines ------------------------------------------------------------------- */

/* Reads <... NAME resumed>; its "<" stands at *r. */
static int read_resumed(struct reader *r, struct line *out)
{
	const char *start = r->p;
	int error;

	out->kind = LINE_RESUMED;
	if (!skip_exactly(r, "<..."))
		return reader_expected(r, start, "a call or \"<... NAME resumed>\"");
	skip_blanks(r);
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	if (!skip_name(r))
		return reader_expected(r, r->p, "the name of a call");
	out->name_len = (size_t)(r->p - out->name);
	skip_blanks(r);
	if (!skip_exactly(r, "resumed>"))
		return reader_expected(r, r->p, "\"resumed>\"");
	skip_blanks(r);
	error = skip_became(r);
	if (error)
		return error;
	skip_exactly(r, ",");
	return read_arguments(r, out);
}

/* Reads the closing "+++" and what may follow it. */
static int read_plusses(struct reader *r, struct line *out)
{
	skip_blanks(r);
	if (!skip_exactly(r, "+++"))
		return reader_expected(r, r->p, "\"+++\"");
	return read_remarks(r, out);
}

static int read_exited(struct reader *r, struct line *out)
{
	struct fdl_value v = { 0 };
	const char *start;

	skip_blanks(r);
	start = r->p;
	if (!read_number(r, &v) || v.overflow || v.num < 0 || v.num > 255)
		return reader_expected(r, start, "an exit status");
	out->kind = LINE_EXITED;
	out->num = v.num;
	return read_plusses(r, out);
}

static int read_killed(struct reader *r, struct line *out)
{
	skip_blanks(r);
	out->kind = LINE_KILLED;
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	if (!skip_name(r))
		return reader_expected(r, r->p, "a signal");
	out->name_len = (size_t)(r->p - out->name);
	skip_blanks(r);
	out->num = skip_exactly(r, "(core dumped)");
	return read_plusses(r, out);
}

/* Reads +++ … +++; its first "+" stands at *r. */
static int read_end(struct reader *r, struct line *out)
{
	if (!skip_exactly(r, "+++"))
		return reader_expected(r, r->p, "a call or \"+++\"");
	skip_blanks(r);
	if (skip_exactly(r, "exited with "))
		return read_exited(r, out);
	if (skip_exactly(r, "killed by "))
		return read_killed(r, out);
	if (!looks_at(r, "superseded by "))
		return reader_expected(r, r->p, "\"exited with\" or \"killed by\"");
	out->kind = LINE_SIGNAL;
	return 0;
}

/* Reads --- SIGCHLD {…} ---; its first "-" stands at *r. */
static int read_signal(struct reader *r, struct line *out)
{
	if (!skip_exactly(r, "---"))
		return reader_expected(r, r->p, "a call or \"---\"");
	skip_blanks(r);
	out->kind = LINE_SIGNAL;
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	skip_name(r);
	out->name_len = (size_t)(r->p - out->name);
	return 0;
}

static int read_line(struct reader *r, struct line *out)
{
	int error;

	skip_blanks(r);
	/* strace -k prints the stack after a call, each line with a ">". */
	if (r->p == r->end || *r->p == '#' || *r->p == '>')
		return 0;
	error = read_prefix(r, &out->pid);
	if (error)
		return error;
	if (r->p == r->end)
		return reader_expected(r, r->p, "a call");
	switch (*r->p) {
	case '#':
		return 0;
	case '<':
		return read_resumed(r, out);
	case '+':
		return read_end(r, out);
	case '-':
		return read_signal(r, out);
	default:
		return read_call(r, out);
	}
}

int notation_parse(struct arena *a, const char *text, size_t len, struct line *out,
		   struct text *why)
{
	struct reader r = { .text = text, .p = text, .end = text + len, .arena = a, .why = why };
	const char *nul;

	*out = (struct line){ .kind = LINE_EMPTY };
	if (!len)
		return 0;
	nul = memchr(text, '\0', len);
	if (nul)
		return reader_fails(&r, nul, "a NUL byte");
	return read_line(&r, out);
}

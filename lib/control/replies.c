/*
 * The replies of a control file: outcomes as text, in a queue of a bounded length.
 */
#include "control/replies.h"

#include "notation/args.h"
#include "notation/line.h"

#include <errno.h>
#include <string.h>

/* Strings that a call filled in are printed up to this length. */
#define REPLY_STRING_MAX ((size_t)4096)

/* A larger buffer is freed once all of it was read. */
#define REPLIES_IDLE ((size_t)65536)

size_t replies_take(struct replies *r, char *buf, size_t size)
{
	size_t left = r->text.len - r->taken;

	if (size > left)
		size = left;
	if (size)
		memcpy(buf, r->text.s + r->taken, size);
	r->taken += size;
	if (r->taken == r->text.len) {
		r->taken = 0;
		text_clear(&r->text);
		if (r->text.cap > REPLIES_IDLE)
			text_shrink(&r->text);
	}
	return size;
}

/*
 * There was no memory for a reply: a line takes the place of what there is of it, if there is room.
 */
static void tell_loss(struct replies *r)
{
	struct text *t = &r->text;
	size_t whole = t->len;

	while (whole > r->taken && t->s[whole - 1] != '\n')
		whole--;
	t->len = whole;
	t->error = 0;
	text_puts(t, "# a reply is lost: out of memory\n");
	if (t->error) {
		t->len = whole;
		t->error = 0;
	}
}

void replies_bound_slow(struct replies *r)
{
	struct text *t = &r->text;
	size_t from = t->len - REPLIES_MAX / 2;
	const char *newline;

	if (t->error)
		tell_loss(r);
	if (t->len - r->taken <= REPLIES_MAX)
		return;
	newline = memchr(t->s + from, '\n', t->len - from);
	from = newline ? (size_t)(newline - t->s) + 1 : t->len;
	memmove(t->s, t->s + from, t->len - from);
	t->len -= from;
	t->s[t->len] = '\0';
	r->taken = 0;
}

static void put_prefix(struct text *t, const struct reply_outcome *o)
{
	if (!o->pid)
		return;
	text_int(t, o->pid);
	text_putc(t, ' ');
}

static void put_stated_result(struct text *t, const struct line *line)
{
	const char *name = line->error ? notation_errname(line->error) : NULL;

	if (line->result_unknown) {
		text_putc(t, '?');
		return;
	}
	text_int(t, line->result);
	if (name) {
		text_putc(t, ' ');
		text_puts(t, name);
	}
}

/* The remark about the first argument that was stated and did not come out. */
static void put_unmatched(struct text *t, struct arena *a, const struct reply_outcome *o)
{
	struct text what = TEXT_EMPTY;

	if (args_match(a, o->row, o->line, o->arg, o->result, &what))
		return;
	text_puts(t, "  # expected ");
	text_put(t, what.s, what.len);
	text_free(&what);
}

/* Ends a line, after the remark about what was stated and did not come out. */
static void put_verdict(struct text *t, struct arena *a, const struct reply_outcome *o)
{
	if (o->remark) {
		text_puts(t, "  # ");
		text_puts(t, o->remark);
	}
	if (o->line && o->line->has_result && !result_match(o->line, o->result)) {
		text_puts(t, "  # expected ");
		put_stated_result(t, o->line);
	} else if (!o->remark && o->line && !o->ended && o->result >= 0 &&
		   (o->line->nargs || o->line->remark)) {
		put_unmatched(t, a, o);
	}
	text_putc(t, '\n');
}

/* The result as call_print should take it: a call that did not return filled nothing in. */
static int64_t printed_result(const struct reply_outcome *o)
{
	return o->ended ? -EINTR : o->result;
}

void reply_done(struct text *t, struct arena *a, const struct reply_outcome *o)
{
	put_prefix(t, o);
	call_print(t, o->row, o->arg, ARGS_DONE, printed_result(o), REPLY_STRING_MAX);
	outcome_print(t, o->row, o->arg, o->result, o->ended);
	put_verdict(t, a, o);
}

void reply_resumed(struct text *t, struct arena *a, const struct reply_outcome *o)
{
	put_prefix(t, o);
	call_print_resumed(t, o->row, o->arg, printed_result(o), REPLY_STRING_MAX);
	outcome_print(t, o->row, o->arg, o->result, o->ended);
	put_verdict(t, a, o);
}

void reply_blocked(struct text *t, const struct reply_outcome *o)
{
	put_prefix(t, o);
	call_print(t, o->row, o->arg, ARGS_BLOCKED, 0, REPLY_STRING_MAX);
	if (o->remark) {
		text_puts(t, "  # ");
		text_puts(t, o->remark);
	} else if (o->line && o->line->has_result && !o->line->result_unknown) {
		text_puts(t, "  # expected ");
		put_stated_result(t, o->line);
	}
	text_putc(t, '\n');
}

void reply_stopped(struct text *t, const struct reply_outcome *o, const char *point)
{
	put_prefix(t, o);
	call_print(t, o->row, o->arg, ARGS_BLOCKED, 0, REPLY_STRING_MAX);
	/* Without the closing bracket the line can be run as it is. */
	if (!t->error && t->len && t->s[t->len - 1] == ')')
		t->s[--t->len] = '\0';
	text_puts(t, " <unfinished at ");
	text_puts(t, point);
	text_puts(t, " ...>\n");
}

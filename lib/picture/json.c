/*
 * A picture as JSON, for programs that draw it themselves: tasks, tables, descriptions, objects,
 * and what refers to what besides slots. Keys stand in the order in which they are written here,
 * and each element of a list has a line of its own.
 */
#include "picture/picture.h"

#include "base/heap.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>

/* Text in UTF-8 as a string. */
static void put_string(struct text *out, const char *s, size_t len)
{
	text_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			text_putc(out, '\\');
		if (c < 0x20)
			text_printf(out, "\\u%04x", c);
		else
			text_putc(out, s[i]);
	}
	text_putc(out, '"');
}

static void put_text(struct text *out, const char *before, const struct text *t)
{
	text_puts(out, before);
	put_string(out, t->s ? t->s : "", t->len);
}

/* The lines of a text from one byte to another, as a list of strings. */
static void put_lines(struct text *out, const char *before, const struct text *t, size_t from,
		      size_t to)
{
	text_puts(out, before);
	text_putc(out, '[');
	for (size_t at = from; at < to;) {
		const char *end = memchr(t->s + at, '\n', to - at);
		const size_t len = end ? (size_t)(end - (t->s + at)) : to - at;

		if (at > from)
			text_puts(out, ", ");
		put_string(out, t->s + at, len);
		at += len + 1;
	}
	text_putc(out, ']');
}

static const char *boolean(bool is)
{
	return is ? "true" : "false";
}

/* Begins an element of a list, with its comma. */
static void begin(struct text *out, bool first)
{
	text_puts(out, first ? "\n" : ",\n");
}

/* ---- tasks and tables --------------------------------------------------------------------- */

static void put_call(struct text *out, const struct picture *p, const struct shown_task *t)
{
	/* "read blocked at pipe_read": the name stands in the line of the call, too. */
	const char *state = t->call.len ? strchr(t->call.s, ' ') : NULL;

	if (!state) {
		text_puts(out, "null");
		return;
	}
	put_text(out, "{\"text\": ", &t->line);
	text_puts(out, ", \"state\": ");
	put_string(out, state + 1, strlen(state + 1));
	text_puts(out, ", \"points\": [");
	for (size_t i = 0; i < t->npoints; i++)
		text_printf(out, "%s\"%s\"", i ? ", " : "", t->points[i]);
	text_puts(out, "], \"waits_for\": [");
	for (size_t i = 0; i < t->nwaits; i++)
		text_printf(out, "%s%d", i ? ", " : "", p->waits[t->first_wait + i]);
	text_printf(out, "], \"deadlocked\": %s}", boolean(t->deadlocked));
}

static void put_held(struct text *out, const struct picture *p, const struct shown_task *t)
{
	for (size_t i = 0; i < t->nheld; i++)
		text_printf(out, "%s%" PRIu64, i ? ", " : "",
			    p->cards[p->edges[t->first_held + i].to].id);
}

static void put_task(struct text *out, const struct picture *p, const struct shown_task *t)
{
	struct text comm = TEXT_EMPTY;

	text_printable(&comm, t->comm, strlen(t->comm));
	text_printf(out, "{\"pid\": %d, \"tgid\": %d, \"ppid\": %d", t->pid, t->tgid, t->ppid);
	put_text(out, ", \"comm\": ", &comm);
	text_printf(out, ", \"state\": \"%c\", \"table\": ", t->state);
	if (p->cards[t->card].id)
		text_uint(out, p->cards[t->card].id);
	else
		text_puts(out, "null");
	text_puts(out, ", \"call\": ");
	put_call(out, p, t);
	text_puts(out, ", \"held\": [");
	put_held(out, p, t);
	text_puts(out, "]}");
	if (comm.error)
		out->error = comm.error;
	text_free(&comm);
}

static void put_rows(struct text *out, const struct picture *p, const struct card *c)
{
	for (size_t i = 0; i < c->nrows && !out->error; i++) {
		const struct row *r = &p->rows[c->first_row + i];

		begin(out, !i);
		text_puts(out, "{\"fd\": ");
		text_uint(out, r->fd);
		if (r->folded)
			text_printf(out, ", \"last\": %" PRIu64 ", \"console\": true", r->last);
		text_printf(out,
			    ", \"cloexec\": %s, \"reserved\": %s, \"file\": ", boolean(r->cloexec),
			    boolean(r->reserved));
		if (r->file == NO_CARD)
			text_puts(out, "null}");
		else
			text_printf(out, "%" PRIu64 "}", p->cards[r->file].id);
	}
}

static void put_words(struct text *out, const struct picture *p, const struct card *c)
{
	for (size_t i = 0; i < c->nwords && !out->error; i++) {
		const struct table_word *w = &p->words[c->first_word + i];
		const int digits = (int)w->bits / 4;

		begin(out, !i);
		text_printf(out,
			    "{\"first\": %" PRIu64 ", \"bits\": %u, \"open_fds\": \"%0*" PRIx64
			    "\", \"close_on_exec\": \"%0*" PRIx64 "\"}",
			    w->first, w->bits, digits, w->open, digits, w->cloexec);
	}
}

static void put_table(struct text *out, const struct picture *p, const struct card *c)
{
	text_printf(out,
		    "{\"id\": %" PRIu64 ", \"max_fds\": %" PRIu64 ", \"next_fd\": %" PRIu64
		    ", \"tasks\": [",
		    c->id, c->max_fds, c->next_fd);
	for (size_t i = 0; i < c->ntasks; i++)
		text_printf(out, "%s%d", i ? ", " : "", p->tasks[c->first_task + i].pid);
	text_puts(out, "], \"rows\": [");
	put_rows(out, p, c);
	text_puts(out, "], \"words\": [");
	put_words(out, p, c);
	text_puts(out, "]}");
}

/* ---- descriptions and objects ------------------------------------------------------------- */

static void put_file(struct text *out, const struct picture *p, const struct card *c)
{
	const char *flags = c->body.s ? c->body.s : "";

	text_printf(out, "{\"id\": %" PRIu64, c->id);
	put_text(out, ", \"title\": ", &c->title);
	put_lines(out, ", \"body\": ", &c->body, 0, c->body.len);
	text_printf(out, ", \"count\": %" PRIu64 ", \"flags\": ", c->count);
	put_string(out, flags, strcspn(flags, "\n"));
	text_printf(out, ", \"pos\": %" PRId64 ", \"console\": %s, \"object\": ", c->pos,
		    boolean(c->console));
	if (c->object == NO_CARD)
		text_puts(out, "null}");
	else
		text_printf(out, "\"object:%" PRIu64 "\"}", p->cards[c->object].id);
}

/* An anonymous inode says in its name what it is: "anon_inode:[eventfd]", "anon_inode:inotify". */
static void put_kind(struct text *out, const struct card *c)
{
	static const char anon[] = "anon_inode:";
	const char *name = c->title.s ? c->title.s : "";
	size_t len;

	if (strcmp(c->kind, "object") != 0 || strncmp(name, anon, sizeof(anon) - 1) != 0) {
		put_string(out, c->kind, strlen(c->kind));
		return;
	}
	name += sizeof(anon) - 1;
	name += *name == '[';
	len = strlen(name);
	put_string(out, name, len && name[len - 1] == ']' ? len - 1 : len);
}

static void put_object(struct text *out, const struct card *c)
{
	text_printf(out, "{\"key\": \"object:%" PRIu64 "\", \"kind\": ", c->id);
	put_kind(out, c);
	put_text(out, ", \"title\": ", &c->title);
	put_lines(out, ", \"body\": ", &c->body, 0, c->locks);
	put_lines(out, ", \"locks\": ", &c->body, c->locks, c->body.len);
	text_printf(out, ", \"console\": %s, \"used\": %" PRIu64 ", \"room\": %" PRIu64,
		    boolean(c->console), c->used, c->room);
	text_puts(out, ", \"data\": ");
	text_json(out, c->data.s ? c->data.s : "", c->data.len);
	put_lines(out, ", \"queue\": ", &c->queue, 0, c->queue.len);
	text_putc(out, '}');
}

/* ---- lines -------------------------------------------------------------------------------- */

static void put_end(struct text *out, const struct picture *p, size_t card)
{
	const struct card *c = &p->cards[card];

	text_printf(out, "\"%s:%" PRIu64 "\"", picture_kinds[c->column], c->id);
}

static void put_edges(struct text *out, const struct picture *p)
{
	static const char *const kinds[] = {
		[EDGE_HELD] = "held",
		[EDGE_QUEUED] = "message",
		[EDGE_PEER] = "peer",
		[EDGE_WATCH] = "watch",
	};
	bool first = true;

	for (size_t i = 0; i < p->nedges && !out->error; i++) {
		const struct edge *e = &p->edges[i];

		if (e->kind == EDGE_SLOT || e->kind == EDGE_OBJECT)
			continue;
		begin(out, first);
		first = false;
		text_printf(out, "{\"kind\": \"%s\", \"from\": ", kinds[e->kind]);
		if (e->kind == EDGE_HELD)
			text_printf(out, "\"task:%d\"", e->pid);
		else
			put_end(out, p, e->from);
		text_puts(out, ", \"to\": ");
		put_end(out, p, e->to);
		if (e->kind == EDGE_WATCH)
			text_printf(out, ", \"fd\": %" PRIu64, e->fd);
		text_putc(out, '}');
	}
}

static void put_retired(struct text *out, const struct retired_table *t)
{
	text_printf(out,
		    "{\"table\": %" PRIu64 ", \"slots\": %" PRIu64
		    ", \"stage\": \"%s\", \"held\": %s, \"readers\": [",
		    t->id, t->max_fds, t->stage, boolean(t->held));
	for (size_t i = 0; i < t->nreaders && i < RETIRED_READERS; i++)
		text_printf(out, "%s%d", i ? ", " : "", t->reader[i]);
	text_puts(out, "]}");
}

/* ---- all of it ---------------------------------------------------------------------------- */

/*
 * Groups of deadlocked tasks: those that wait for each other, directly or not. group[i] is the
 * first task of the group of task i.
 */
static void group_deadlocked(const struct picture *p, size_t *group)
{
	bool again = true;

	for (size_t i = 0; i < p->ntasks; i++)
		group[i] = i;
	while (again) {
		again = false;
		for (size_t i = 0; i < p->ntasks; i++) {
			const struct shown_task *t = &p->tasks[i];

			for (size_t j = 0; t->deadlocked && j < p->ntasks; j++) {
				bool waits = false;

				for (size_t k = 0; p->tasks[j].deadlocked && k < t->nwaits; k++)
					waits |= p->waits[t->first_wait + k] == p->tasks[j].pid;
				if (!waits || group[i] == group[j])
					continue;
				group[i] = group[j] = group[i] < group[j] ? group[i] : group[j];
				again = true;
			}
		}
	}
}

static void put_deadlocks(struct text *out, const struct picture *p)
{
	size_t *group = calloc(p->ntasks + 1, sizeof(*group));
	const char *before = "";

	if (!group) {
		out->error = -ENOMEM;
		return;
	}
	group_deadlocked(p, group);
	for (size_t i = 0; i < p->ntasks; i++) {
		if (!p->tasks[i].deadlocked || group[i] != i)
			continue;
		text_printf(out, "%s[%d", before, p->tasks[i].pid);
		for (size_t j = i + 1; j < p->ntasks; j++) {
			if (p->tasks[j].deadlocked && group[j] == i)
				text_printf(out, ", %d", p->tasks[j].pid);
		}
		text_putc(out, ']');
		before = ", ";
	}
	free(group);
}

static void put_cards(struct text *out, const struct picture *p)
{
	text_puts(out, "],\n\"tables\": [");
	for (size_t i = 0, n = 0; i < p->first[COLUMN_FILES] && !out->error; i++) {
		if (!p->cards[i].id)
			continue; /* a task without a table */
		begin(out, !n++);
		put_table(out, p, &p->cards[i]);
	}
	text_puts(out, "],\n\"files\": [");
	for (size_t i = p->first[COLUMN_FILES]; i < p->first[COLUMN_OBJECTS] && !out->error; i++) {
		begin(out, i == p->first[COLUMN_FILES]);
		put_file(out, p, &p->cards[i]);
	}
	text_puts(out, "],\n\"objects\": [");
	for (size_t i = p->first[COLUMN_OBJECTS]; i < p->first[COLUMNS] && !out->error; i++) {
		begin(out, i == p->first[COLUMN_OBJECTS]);
		put_object(out, &p->cards[i]);
	}
}

void picture_json(const struct picture *p, struct text *out)
{
	text_printf(out, "{\"kernel\": \"%s\", \"line\": %" PRIu64, p->kernel, p->line);
	put_text(out, ", \"last\": ", &p->caption);
	text_puts(out, ",\n\"headings\": [");
	for (size_t i = 0; i < COLUMNS; i++)
		text_printf(out, "%s\"%s\"", i ? ", " : "", picture_headings[i]);
	text_puts(out, "],\n\"tasks\": [");
	for (size_t i = 0; i < p->ntasks && !out->error; i++) {
		begin(out, !i);
		put_task(out, p, &p->tasks[i]);
	}
	put_cards(out, p);
	text_puts(out, "],\n\"edges\": [");
	put_edges(out, p);
	text_puts(out, "],\n\"retired\": [");
	for (size_t i = 0; i < p->nretired && !out->error; i++) {
		begin(out, !i);
		put_retired(out, &p->retired[i]);
	}
	text_puts(out, "],\n\"deadlock\": [");
	put_deadlocks(out, p);
	text_printf(out,
		    "],\n\"left_out\": {\"tasks\": %zu, \"descriptors\": %" PRIu64
		    ", \"references\": %" PRIu64 ", \"retired\": %zu}\n}\n",
		    p->left.tasks, p->left.descriptors, p->left.links, p->left.retired);
}

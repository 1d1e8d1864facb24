/*
 * Changes: the facts of a machine (of its tasks, tables, slots and descriptions) at two moments, in
 * one order, side by side.
 */
#include "history/changes.h"

#include "base/heap.h"
#include "base/text.h"
#include "history/history.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "procfs/census.h"
#include "vfs/file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum fact_subject { TASK, TABLE, SLOT, FILE_ };

/* In the order in which the facts of one subject stand. */
enum attribute {
	STATE,
	COMMAND,
	CALL,
	TASK_TABLE,
	SIZE,
	USERS,
	SLOT_FILE,
	CLOEXEC,
	COUNT,
	FLAGS,
	POSITION,
	NAME,
};

static const char *const subjects[] = { "task", "table", "slot", "file" };

static const char *const attributes[] = {
	[STATE] = "state",      [COMMAND] = "command",   [CALL] = "call",
	[TASK_TABLE] = "table", [SIZE] = "size",         [USERS] = "users",
	[COUNT] = "references", [CLOEXEC] = "cloexec",   [SLOT_FILE] = "file",
	[FLAGS] = "flags",      [POSITION] = "position", [NAME] = "name",
};

/* A value of a subject: of task a, table a, slot b of table a, or file a. */
struct fact {
	enum fact_subject subject;
	enum attribute attribute;
	uint64_t a, b;
	size_t at, len; /* the value, in the text of values */
};

struct facts {
	struct fact *fact;
	size_t n, cap;
	struct text values;
	size_t from; /* where the next value begins */
	int error;
};

/* ---- gathering ---- */

/* The value is what was appended to the values since the last fact. */
static void add(struct facts *fs, enum fact_subject subject, uint64_t a, uint64_t b,
		enum attribute attribute)
{
	if (fs->n == fs->cap) {
		const size_t cap = fs->cap ? 2 * fs->cap : 256;
		struct fact *grown = reallocarray(fs->fact, cap, sizeof(*grown));

		if (!grown) {
			fs->error = -ENOMEM;
			return;
		}
		fs->fact = grown;
		fs->cap = cap;
	}
	fs->fact[fs->n++] =
		(struct fact){ subject, attribute, a, b, fs->from, fs->values.len - fs->from };
	fs->from = fs->values.len;
}

static void add_number(struct facts *fs, enum fact_subject subject, uint64_t a, uint64_t b,
		       enum attribute attribute, uint64_t value)
{
	text_uint(&fs->values, value);
	add(fs, subject, a, b, attribute);
}

static void gather_task(struct facts *fs, const struct task *t)
{
	static const char *const states[] = {
		[TASK_RUNNING] = "running", [TASK_STOPPED] = "stopped", [TASK_ZOMBIE] = "zombie"
	};
	const uint64_t pid = (uint64_t)t->pid;

	text_puts(&fs->values, states[t->state]);
	add(fs, TASK, pid, 0, STATE);
	text_printable(&fs->values, t->comm, strnlen(t->comm, sizeof(t->comm)));
	add(fs, TASK, pid, 0, COMMAND);
	if (t->call) {
		text_printf(&fs->values, "%s at %s", t->call->row->call->name,
			    t->call->where ? t->call->where : "its beginning");
		add(fs, TASK, pid, 0, CALL);
	}
	if (t->files)
		add_number(fs, TASK, pid, 0, TASK_TABLE, t->machine->kernel->table_id(t));
}

static void gather_slots(struct facts *fs, const struct task *any, uint64_t table)
{
	const struct kernel *k = any->machine->kernel;
	struct slot s;

	for (uint64_t fd = 0; !fs->error && k->slot_next(any, fd, &s); fd = s.fd + 1) {
		if (s.file)
			text_uint(&fs->values, s.file->id);
		else
			text_puts(&fs->values, "reserved");
		add(fs, SLOT, table, s.fd, SLOT_FILE);
		add_number(fs, SLOT, table, s.fd, CLOEXEC, s.cloexec);
	}
}

static int gather_tables(struct facts *fs, struct fdl_machine *m)
{
	struct census *c;
	int error = census_take(m, &c);

	for (size_t i = 0; !error && i < c->ntables; i++) {
		const struct task any = census_task(c, &c->table[i]);

		add_number(fs, TABLE, c->table[i].id, 0, SIZE, m->kernel->max_fds(&any));
		add_number(fs, TABLE, c->table[i].id, 0, USERS, c->table[i].ntasks);
	}
	for (size_t i = 0; !error && i < c->ntables; i++) {
		const struct task any = census_task(c, &c->table[i]);

		gather_slots(fs, &any, c->table[i].id);
	}
	return error;
}

static void gather_file(struct facts *fs, const struct file *f)
{
	struct text name = TEXT_EMPTY;

	add_number(fs, FILE_, f->id, 0, COUNT, f->count);
	text_octal(&fs->values, f->flags);
	add(fs, FILE_, f->id, 0, FLAGS);
	text_int(&fs->values, f->pos);
	add(fs, FILE_, f->id, 0, POSITION);
	file_name(f, &name);
	text_printable(&fs->values, name.s, name.len);
	if (name.error)
		fs->error = name.error;
	add(fs, FILE_, f->id, 0, NAME);
	text_free(&name);
}

static int gather(struct fdl_history *h, uint64_t line, struct facts *fs)
{
	struct fdl_machine *m;
	const struct task *t;
	int error = history_go(h, line);

	if (error)
		return error;
	m = h->shown;
	for (int pid = 1; (t = task_next(m, pid)) != NULL; pid = t->pid + 1)
		gather_task(fs, t);
	error = gather_tables(fs, m);
	list_for_each(pos, &m->files)
		gather_file(fs, container_of(pos, struct file, all));
	if (!error)
		error = fs->error ? fs->error : fs->values.error;
	return error;
}

static void facts_free(struct facts *fs)
{
	free(fs->fact);
	text_free(&fs->values);
}

/* ---- side by side ---- */

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const struct fact *x, const struct fact *y)
{
	int o = order(x->subject, y->subject);

	o = o ? o : order(x->a, y->a);
	o = o ? o : order(x->b, y->b);
	return o ? o : order(x->attribute, y->attribute);
}

/* Where changes are written, and the facts that they are made from. */
struct change_writer {
	struct text *out;
	const struct facts *before, *after;
	bool json, any;
};

/* A value; there is none without the fact. */
static void put_value(const struct change_writer *w, const struct facts *fs, const struct fact *f)
{
	if (!f) {
		text_puts(w->out, w->json ? "null" : "-");
		return;
	}
	if (w->json)
		text_json(w->out, fs->values.s + f->at, f->len);
	else
		text_put(w->out, fs->values.s + f->at, f->len);
}

/* A change of a fact: x before and y after, one of which may be NULL. */
static void put_change(struct change_writer *w, const struct fact *x, const struct fact *y)
{
	const struct fact *f = x ? x : y;
	const char *id = f->subject == TASK ? "pid" : f->subject == FILE_ ? "file" : "table";
	struct text *out = w->out;

	if (w->json) {
		text_printf(out, "%s{\"what\":\"%s\",\"%s\":%" PRIu64, w->any ? "," : "",
			    subjects[f->subject], id, f->a);
		if (f->subject == SLOT)
			text_printf(out, ",\"fd\":%" PRIu64, f->b);
		text_printf(out, ",\"attribute\":\"%s\",\"before\":", attributes[f->attribute]);
		put_value(w, w->before, x);
		text_puts(out, ",\"after\":");
		put_value(w, w->after, y);
		text_putc(out, '}');
	} else {
		text_printf(out, "%s\t%" PRIu64, subjects[f->subject], f->a);
		if (f->subject == SLOT)
			text_printf(out, ":%" PRIu64, f->b);
		text_printf(out, "\t%s\t", attributes[f->attribute]);
		put_value(w, w->before, x);
		text_putc(out, '\t');
		put_value(w, w->after, y);
		text_putc(out, '\n');
	}
	w->any = true;
}

static bool same_value(const struct change_writer *w, const struct fact *x, const struct fact *y)
{
	return x->len == y->len &&
	       !memcmp(w->before->values.s + x->at, w->after->values.s + y->at, x->len);
}

static void put_changes(struct change_writer *w)
{
	const struct facts *before = w->before, *after = w->after;
	size_t i = 0, j = 0;

	while (i < before->n || j < after->n) {
		const struct fact *x = i < before->n ? &before->fact[i] : NULL;
		const struct fact *y = j < after->n ? &after->fact[j] : NULL;
		const int o = !x ? 1 : !y ? -1 : compare(x, y);

		if (o || !same_value(w, x, y))
			put_change(w, o <= 0 ? x : NULL, o >= 0 ? y : NULL);
		i += o <= 0;
		j += o >= 0;
	}
}

int changes_text(struct fdl_history *h, uint64_t from, uint64_t to, bool json, struct text *out)
{
	struct facts before = { .n = 0 }, after = { .n = 0 };
	struct change_writer w = { out, &before, &after, json, false };
	int error = gather(h, from, &before);

	if (!error)
		error = gather(h, to, &after);
	if (!error) {
		if (json)
			text_printf(out, "{\"from\":%" PRIu64 ",\"to\":%" PRIu64 ",\"changes\":[",
				    from, to);
		else
			text_puts(out, "what\tid\tattribute\tbefore\tafter\n");
		put_changes(&w);
		if (json)
			text_puts(out, "]}\n");
		error = out->error;
	}
	facts_free(&before);
	facts_free(&after);
	return error;
}

int fdl_history_changes(struct fdl_history *h, uint64_t from, uint64_t to, bool json, char **text,
			size_t *len)
{
	struct text out = TEXT_EMPTY;
	const int error = changes_text(h, from, to, json, &out);

	if (error) {
		text_free(&out);
		return error;
	}
	*text = out.s;
	*len = out.len;
	return 0;
}

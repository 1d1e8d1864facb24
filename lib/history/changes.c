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

/*
 * A value of a subject: of task a, table a, slot b of table a, or file a. A large machine has a
 * million of them: numbers are compared as such, and written only where they differ. The fact of a
 * slot is two in one: the description twice, and one more with close-on-exec.
 */
struct fact {
	uint64_t a, b;
	uint64_t value;    /* a number; or where the text begins among the texts */
	uint32_t len;      /* of the text */
	uint8_t subject;   /* enum fact_subject */
	uint8_t attribute; /* enum attribute */
};

struct facts {
	struct fact *fact;
	size_t n, cap;
	struct text texts;
	size_t from; /* where the next text begins */
	int error;
};

/* ---- gathering ---- */

static bool is_text(enum attribute attribute)
{
	return attribute == COMMAND || attribute == CALL || attribute == NAME;
}

static void add_number(struct facts *fs, enum fact_subject subject, uint64_t a, uint64_t b,
		       enum attribute attribute, uint64_t value)
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
	fs->fact[fs->n++] = (struct fact){ a, b, value, 0, (uint8_t)subject, (uint8_t)attribute };
}

/* The value is the text that was appended to the texts since the last one. */
static void add_text(struct facts *fs, enum fact_subject subject, uint64_t a,
		     enum attribute attribute)
{
	const size_t n = fs->n;

	add_number(fs, subject, a, 0, attribute, fs->from);
	if (fs->n > n)
		fs->fact[n].len = (uint32_t)(fs->texts.len - fs->from);
	fs->from = fs->texts.len;
}

static void gather_task(struct facts *fs, const struct task *t)
{
	const uint64_t pid = (uint64_t)t->pid;

	add_number(fs, TASK, pid, 0, STATE, t->state);
	text_printable(&fs->texts, t->comm, strnlen(t->comm, sizeof(t->comm)));
	add_text(fs, TASK, pid, COMMAND);
	if (t->call) {
		text_printf(&fs->texts, "%s at %s", t->call->row->call->name,
			    t->call->where ? t->call->where : "its beginning");
		add_text(fs, TASK, pid, CALL);
	}
	if (t->files)
		add_number(fs, TASK, pid, 0, TASK_TABLE, t->machine->kernel->table_id(t));
}

static void gather_slots(struct facts *fs, const struct task *any, uint64_t table)
{
	const struct kernel *k = any->machine->kernel;
	struct slot s;

	for (uint64_t fd = 0; !fs->error && k->slot_next(any, fd, &s); fd = s.fd + 1)
		add_number(fs, SLOT, table, s.fd, SLOT_FILE,
			   2 * (s.file ? s.file->id : 0) + s.cloexec);
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
	add_number(fs, FILE_, f->id, 0, FLAGS, f->flags);
	add_number(fs, FILE_, f->id, 0, POSITION, (uint64_t)f->pos);
	file_name(f, &name);
	text_printable(&fs->texts, name.s, name.len);
	if (name.error)
		fs->error = name.error;
	add_text(fs, FILE_, f->id, NAME);
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
		error = fs->error ? fs->error : fs->texts.error;
	return error;
}

static void facts_free(struct facts *fs)
{
	free(fs->fact);
	text_free(&fs->texts);
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

/* The value of an attribute in words. */
static void put_words(const struct facts *fs, const struct fact *f, enum attribute attribute,
		      struct text *out)
{
	static const char *const states[] = {
		[TASK_RUNNING] = "running", [TASK_STOPPED] = "stopped", [TASK_ZOMBIE] = "zombie"
	};

	if (is_text(attribute))
		text_put(out, fs->texts.s + f->value, f->len);
	else if (attribute == STATE)
		text_puts(out, states[f->value]);
	else if (attribute == FLAGS)
		text_octal(out, f->value);
	else if (attribute == POSITION)
		text_int(out, (int64_t)f->value);
	else if (attribute == SLOT_FILE && f->value < 2)
		text_puts(out, "reserved");
	else if (attribute == SLOT_FILE)
		text_uint(out, f->value / 2);
	else
		text_uint(out, attribute == CLOEXEC ? f->value % 2 : f->value);
}

/* A value; there is none without the fact. */
static void put_value(const struct change_writer *w, const struct facts *fs, const struct fact *f,
		      enum attribute attribute)
{
	struct text words = TEXT_EMPTY;

	if (!f) {
		text_puts(w->out, w->json ? "null" : "-");
		return;
	}
	if (!w->json) {
		put_words(fs, f, attribute, w->out);
		return;
	}
	put_words(fs, f, attribute, &words);
	text_json(w->out, words.s ? words.s : "", words.len);
	if (words.error)
		w->out->error = words.error;
	text_free(&words);
}

/* A change of an attribute: x before and y after, one of which may be NULL. */
static void put_change(struct change_writer *w, const struct fact *x, const struct fact *y,
		       enum attribute attribute)
{
	const struct fact *f = x ? x : y;
	const char *id = f->subject == TASK ? "pid" : f->subject == FILE_ ? "file" : "table";
	struct text *out = w->out;

	if (w->json) {
		text_printf(out, "%s{\"what\":\"%s\",\"%s\":%" PRIu64, w->any ? "," : "",
			    subjects[f->subject], id, f->a);
		if (f->subject == SLOT)
			text_printf(out, ",\"fd\":%" PRIu64, f->b);
		text_printf(out, ",\"attribute\":\"%s\",\"before\":", attributes[attribute]);
		put_value(w, w->before, x, attribute);
		text_puts(out, ",\"after\":");
		put_value(w, w->after, y, attribute);
		text_putc(out, '}');
	} else {
		text_printf(out, "%s\t%" PRIu64, subjects[f->subject], f->a);
		if (f->subject == SLOT)
			text_printf(out, ":%" PRIu64, f->b);
		text_printf(out, "\t%s\t", attributes[attribute]);
		put_value(w, w->before, x, attribute);
		text_putc(out, '\t');
		put_value(w, w->after, y, attribute);
		text_putc(out, '\n');
	}
	w->any = true;
}

static bool same_value(const struct change_writer *w, const struct fact *x, const struct fact *y)
{
	if (!is_text(x->attribute))
		return x->value == y->value;
	return x->len == y->len &&
	       !memcmp(w->before->texts.s + x->value, w->after->texts.s + y->value, x->len);
}

/* A fact that is not the same before and after. */
static void put_changed(struct change_writer *w, const struct fact *x, const struct fact *y)
{
	const struct fact *f = x ? x : y;

	if (f->subject != SLOT) {
		put_change(w, x, y, f->attribute);
		return;
	}
	if (!x || !y || x->value / 2 != y->value / 2)
		put_change(w, x, y, SLOT_FILE);
	if (!x || !y || x->value % 2 != y->value % 2)
		put_change(w, x, y, CLOEXEC);
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
			put_changed(w, o <= 0 ? x : NULL, o >= 0 ? y : NULL);
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

/*
 * The outcome of one run of a race: the results of its calls, and the tables that it leaves. In a
 * form that is quick to compare, for each run; and in one to be read, for each outcome that is new.
 */
#include "explore/race.h"

#include "explore/outcome_text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <string.h>

/*
 * Objects that have only a number get one here as they are met: inode numbers depend on which was
 * made first.
 */
struct unnamed {
	const struct inode *inode[UNNAMED_MAX];
	unsigned n;
};

static unsigned unnamed_number(struct unnamed *u, const struct inode *inode)
{
	for (unsigned i = 0; i < u->n; i++) {
		if (u->inode[i] == inode)
			return i + 1;
	}
	if (u->n < UNNAMED_MAX)
		u->inode[u->n++] = inode;
	return u->n;
}

static void put_name(struct unnamed *u, const struct file *f, struct text *out)
{
	if (f->dentry || f->inode->ops->dname) {
		file_name(f, out);
		return;
	}
	text_puts(out, f->inode->ops->name);
	text_puts(out, ":[");
	text_uint(out, unnamed_number(u, f->inode));
	text_putc(out, ']');
}

static struct task *next_task(const struct race *r, int pid)
{
	return task_next(r->m, pid); /* only looks */
}

/* The first task with the same table: the table is told once, with this task. */
static const struct task *first_sharer(const struct race *r, const struct task *task)
{
	const struct task *t = next_task(r, 1);

	while (t->files != task->files)
		t = next_task(r, t->pid + 1);
	return t;
}

static void put_raw(struct text *out, const void *p, size_t len)
{
	text_put(out, p, len);
}

static void sign_table(const struct race *r, const struct task *task, struct unnamed *u,
		       struct text *out)
{
	const struct kernel *k = r->m->kernel;
	const struct file *last = NULL;
	struct slot slot;

	for (uint64_t fd = 0; k->slot_next(task, fd, &slot); fd = slot.fd + 1) {
		const uint64_t head = slot.fd << 2 | (uint64_t)slot.cloexec << 1 | !!slot.file;

		put_raw(out, &head, sizeof(head));
		if (slot.file == last) {
			text_putc(out, '=');
		} else if (slot.file) {
			put_name(u, slot.file, out);
			text_putc(out, '\0');
		}
		last = slot.file;
	}
}

void race_signature(const struct race *r, struct text *out)
{
	struct unnamed u = { .n = 0 };
	const struct task *t;

	for (unsigned i = 0; i < r->n_lines; i++) {
		const struct race_line *line = &r->line[i];

		text_putc(out, (char)line->state);
		if (line->state != FDL_RACE_RETURNED)
			continue;
		put_raw(out, &line->result, sizeof(line->result));
		put_raw(out, line->filled, line->filled_len);
	}
	for (int pid = 1; (t = next_task(r, pid)) != NULL; pid = t->pid + 1) {
		const struct task *first = t->files ? first_sharer(r, t) : NULL;

		put_raw(out, &t->pid, sizeof(t->pid));
		text_putc(out, (char)t->state);
		if (first && first != t)
			put_raw(out, &first->pid, sizeof(first->pid));
		else if (first)
			sign_table(r, t, &u, out);
	}
}

/* ---- to be read ---- */

void race_result(const struct race *r, const struct race_line *line, struct text *out)
{
	(void)r;
	outcome_result(out, line->state, line->result);
}

void race_call(const struct race *r, const struct race_line *line, struct text *out)
{
	text_int(out, r->program[line->program].pid);
	text_putc(out, ' ');
	if (line->row) {
		outcome_call(out, line->row, line->arg, line->filled, line->filled_len,
			     line->result);
	} else {
		text_puts(out, "echo ");
		text_put(out, line->text,
			 line->len - (line->len && line->text[line->len - 1] == '\n'));
		text_printf(out, " > %s", line->path);
	}
	outcome_end(out, line->state, line->result);
}

/* The name of a file in memory of the arena; NULL: there is none. */
static char *copy_name(struct arena *a, const struct file *f)
{
	struct text name = TEXT_EMPTY;
	char *copy;

	file_name(f, &name);
	copy = name.error ? NULL : arena_copy(a, name.s, name.len);
	text_free(&name);
	return copy;
}

/* Gathers the slots of a task's table. False: no memory. */
static bool gather_slots(const struct race *r, const struct task *task, struct arena *a,
			 struct fdl_race_table *table)
{
	const struct kernel *k = r->m->kernel;
	const struct file *last = NULL;
	struct fdl_race_slot *slots;
	struct slot slot;
	size_t n = 0;

	for (uint64_t fd = 0; k->slot_next(task, fd, &slot); fd = slot.fd + 1)
		n++;
	table->slots = slots = arena_alloc(a, (n + 1) * sizeof(*slots));
	if (!slots)
		return false;
	for (uint64_t fd = 0; k->slot_next(task, fd, &slot); fd = slot.fd + 1) {
		struct fdl_race_slot *to = &slots[table->n_slots++];

		*to = (struct fdl_race_slot){ .fd = slot.fd, .cloexec = slot.cloexec };
		to->same = slot.file && slot.file == last;
		to->name = to->same ? to[-1].name : slot.file ? copy_name(a, slot.file) : NULL;
		if (slot.file && !to->name)
			return false;
		last = slot.file;
	}
	return true;
}

/* Gathers a table, with the tasks that share it. False: no memory. */
static bool gather_table(const struct race *r, const struct task *task, size_t n_tasks,
			 struct arena *a, struct fdl_race_table *table)
{
	int *pids = arena_alloc(a, n_tasks * sizeof(*pids));
	const struct task *t;

	*table = (struct fdl_race_table){ .pids = pids, .gone = !task->files };
	if (!pids)
		return false;
	pids[table->n_pids++] = task->pid;
	if (table->gone)
		return true;
	for (int pid = task->pid + 1; (t = next_task(r, pid)) != NULL; pid = t->pid + 1) {
		if (t->files == task->files)
			pids[table->n_pids++] = t->pid;
	}
	return gather_slots(r, task, a, table);
}

void race_tables(const struct race *r, struct text *out)
{
	struct fdl_race_table *tables;
	struct arena a = { 0 };
	const struct task *t;
	size_t n_tasks = 0, n = 0;
	bool whole;

	for (int pid = 1; (t = next_task(r, pid)) != NULL; pid = t->pid + 1)
		n_tasks++;
	tables = arena_alloc(&a, (n_tasks + 1) * sizeof(*tables));
	whole = tables;
	for (int pid = 1; whole && (t = next_task(r, pid)) != NULL; pid = t->pid + 1) {
		if (!t->files || first_sharer(r, t) == t)
			whole = gather_table(r, t, n_tasks, &a, &tables[n++]);
	}
	if (whole)
		outcome_tables(out, tables, n);
	else
		out->error = -ENOMEM;
	arena_free(&a);
}

/*
 * What came of one run of a race: the results of its calls, and the tables that it leaves. In a
 * form that is quick to compare, for each run; and in one to be read, for each outcome that is new.
 */
#include "explore/race.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <string.h>

/*
 * Objects that have only a number get one here as they are met: inode numbers depend on which was
 * made first.
 */
#define UNNAMED_MAX 64

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
		if (line->state != RACE_RETURNED)
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
	const char *name;

	(void)r;
	switch (line->state) {
	case RACE_NOT_RUN:
		text_putc(out, '-');
		return;
	case RACE_IN_FLIGHT:
		text_puts(out, "<unfinished ...>");
		return;
	case RACE_ENDED:
		text_putc(out, '?');
		return;
	case RACE_RETURNED:
		break;
	}
	name = line->result < 0 ? fdl_errname((int)-line->result) : NULL;
	if (name)
		text_printf(out, "-1 %s", name);
	else
		text_int(out, line->result);
}

static void put_line(const struct race_line *line, struct text *out)
{
	struct fdl_arg arg[ARGS_MAX];
	struct arena a = { 0 };
	const bool filled =
		line->filled_len && args_unpack(&a, line->row, line->filled, line->filled_len, arg);

	call_print(out, line->row, filled ? arg : line->arg, filled ? ARGS_DONE : ARGS_BLOCKED,
		   filled ? line->result : -1, FILLED_MAX / 4);
	arena_free(&a);
}

void race_call(const struct race *r, const struct race_line *line, struct text *out)
{
	text_int(out, r->program[line->program].pid);
	text_putc(out, ' ');
	if (line->row) {
		put_line(line, out);
	} else {
		text_puts(out, "echo ");
		text_put(out, line->text,
			 line->len - (line->len && line->text[line->len - 1] == '\n'));
		text_printf(out, " > %s", line->path);
	}
	text_puts(out, line->state == RACE_IN_FLIGHT ? " " : " = ");
	race_result(r, line, out);
}

/* Whether b continues what a begins: the next number, of the same file, marked the same. */
static bool continues(const struct slot *a, const struct slot *b)
{
	return b->fd == a->fd + 1 && b->file == a->file && b->cloexec == a->cloexec && a->file;
}

static void put_slots(const struct race *r, const struct task *task, struct unnamed *u,
		      struct text *out)
{
	const struct kernel *k = r->m->kernel;
	struct slot first, last, slot;
	bool more = k->slot_next(task, 0, &slot);

	while (more) {
		first = last = slot;
		while ((more = k->slot_next(task, last.fd + 1, &slot)) && continues(&last, &slot))
			last = slot;
		text_printf(out, " %llu", (unsigned long long)first.fd);
		if (last.fd > first.fd)
			text_printf(out, "-%llu", (unsigned long long)last.fd);
		if (first.cloexec)
			text_puts(out, "(cloexec)");
		text_putc(out, '=');
		if (first.file)
			put_name(u, first.file, out);
		else
			text_puts(out, "reserved");
	}
}

/* "1,2: 0-2=/dev/console 3(cloexec)=/etc/hosts": one table, with the tasks that share it. */
static void put_table(const struct race *r, const struct task *task, struct unnamed *u,
		      struct text *out)
{
	const struct task *t;

	text_int(out, task->pid);
	for (int pid = task->pid + 1; (t = next_task(r, pid)) != NULL; pid = t->pid + 1) {
		if (t->files == task->files)
			text_printf(out, ",%d", t->pid);
	}
	text_putc(out, ':');
	put_slots(r, task, u, out);
	text_putc(out, '\n');
}

void race_tables(const struct race *r, struct text *out)
{
	struct unnamed u = { .n = 0 };
	const struct task *t;

	text_puts(out, ""); /* there may be no task left */
	for (int pid = 1; (t = next_task(r, pid)) != NULL; pid = t->pid + 1) {
		if (!t->files)
			text_printf(out, "%d: gone\n", t->pid);
		else if (first_sharer(r, t) == t)
			put_table(r, t, &u, out);
	}
}

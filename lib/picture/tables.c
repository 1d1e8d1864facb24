/*
 * The first column of a picture: tasks, and the tables with the descriptors in them.
 */
#include "picture/taking.h"

#include "base/heap.h"
#include "base/sort.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "notation/args.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#define STRING_SHOWN 32 /* bytes of a buffer in a call */

bool is_chosen(const struct taking *t, const struct task *task)
{
	for (size_t i = 0; i < t->choice->npids; i++) {
		if (t->choice->pids[i] == task->pid)
			return true;
	}
	return !t->choice->npids && task->pid <= t->last_pid;
}

bool is_console(const struct file *f)
{
	return f && f->inode && f->inode->ops == &console_inode;
}

/* Tasks that share a table follow each other; tables by their first task. */
static int by_table(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a, *y = *(const struct task *const *)b;
	const struct kernel *k = x->machine->kernel;
	const uint64_t tx = x->files ? k->table_id(x) : UINT64_MAX;
	const uint64_t ty = y->files ? k->table_id(y) : UINT64_MAX;

	if (tx != ty)
		return tx < ty ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int take_tasks(struct taking *t)
{
	struct picture *p = t->p;
	const size_t most = t->m->ntasks < t->limits.tasks ? t->m->ntasks : t->limits.tasks;

	t->last_pid = INT_MAX;
	t->tasks = calloc(most + 1, sizeof(*t->tasks));
	p->tasks = calloc(most + 1, sizeof(*p->tasks));
	if (!t->tasks || !p->tasks)
		return -ENOMEM;
	for (struct task *task = task_next(t->m, 1); task; task = task_next(t->m, task->pid + 1)) {
		if (p->ntasks == most) {
			p->left.tasks = t->m->ntasks - most;
			t->last_pid = task->pid - 1;
			break;
		}
		if (is_chosen(t, task))
			t->tasks[p->ntasks++] = task;
	}
	sort_again(t->tasks, p->ntasks, sizeof(*t->tasks), by_table);
	return 0;
}

struct fdl_task_label label_of(const struct taking *t, const struct task *task)
{
	struct fdl_task_label label = { .pid = task ? task->pid : 0,
					.name = task ? task->comm : "" };

	if (task && t->choice->label)
		t->choice->label(t->choice->ctx, task->pid, &label);
	return label;
}

static void take_task(const struct taking *t, struct shown_task *shown, const struct task *task,
		      size_t card)
{
	const struct task *const parent = task->leader->parent;
	const struct fdl_task_label label = label_of(t, task);
	const struct call *c = task->call;

	*shown = (struct shown_task){
		.pid = label.pid,
		.tgid = label_of(t, task->leader).pid,
		.ppid = label_of(t, parent).pid,
		.parent_shown = parent && is_chosen(t, parent),
		.state = task->state == TASK_ZOMBIE    ? 'Z'
			 : task->state == TASK_STOPPED ? 'T'
						       : 'R',
		.card = card,
	};
	snprintf(shown->comm, sizeof(shown->comm), "%s", label.name);
	if (!c || !c->where)
		return;
	text_printf(&shown->call, "%s %s at %s", c->row->call->name,
		    c->state == CALL_STOPPED ? "stopped" : "blocked", c->where);
	call_print(&shown->line, c->row, c->arg, ARGS_BLOCKED, 0, STRING_SHOWN);
	memcpy(shown->points, c->passed, sizeof(shown->points));
	shown->npoints = c->npassed;
}

void put_shown_task(struct text *out, const struct shown_task *t)
{
	if (t->pid)
		text_printf(out, *t->comm ? "%d " : "%d", t->pid);
	text_printable(out, t->comm, strlen(t->comm));
	if (t->pid != t->tgid)
		text_printf(out, ", thread of %d", t->tgid);
	else if (t->ppid)
		text_printf(out, ", child of %d", t->ppid);
	text_puts(out, t->state == 'Z' ? ", has ended" : t->state == 'T' ? ", is stopped" : "");
}

/* The row of a slot; a console that is not shown in full goes into a folded row, or into none. */
static int take_slot(struct taking *t, const struct card *c, const struct slot *slot)
{
	struct picture *p = t->p;
	const bool fold = t->choice->console != FDL_CONSOLE_SHOWN && is_console(slot->file);
	struct row *row = p->nrows > c->first_row ? &p->rows[p->nrows - 1] : NULL;
	const struct file **file;

	if (fold && t->choice->console == FDL_CONSOLE_HIDDEN)
		return 0;
	if (fold && row && row->folded && row->last + 1 == slot->fd && !slot->cloexec) {
		row->last = slot->fd;
		return 0;
	}
	row = take_more((void **)&p->rows, &p->nrows, &t->cap_rows, sizeof(*row));
	file = take_more((void **)&t->row_files, &t->nrow_files, &t->cap_row_files, sizeof(*file));
	if (!row || !file)
		return -ENOMEM;
	*file = fold ? NULL : slot->file;
	*row = (struct row){
		.fd = slot->fd,
		.last = slot->fd,
		.cloexec = slot->cloexec,
		.reserved = !slot->file,
		.folded = fold,
		.file = NO_CARD,
	};
	return 0;
}

/* Words of the table's maps up to the descriptor end. */
static int take_words(struct taking *t, struct card *c, const struct task *any, uint64_t end)
{
	struct picture *p = t->p;
	struct table_word word;

	c->first_word = p->nwords;
	for (uint64_t fd = 0; t->m->kernel->word_next(any, fd, &word) && word.first < end;
	     fd = word.first + word.bits) {
		struct table_word *new =
			take_more((void **)&p->words, &p->nwords, &t->cap_words, sizeof(*new));

		if (!new)
			return -ENOMEM;
		*new = word;
		c->nwords++;
	}
	return 0;
}

/* How many descriptors of a table are in use, from one on. */
static uint64_t count_slots(const struct kernel *k, const struct task *any, uint64_t from)
{
	struct table_word word;
	uint64_t n = 0;

	for (uint64_t fd = from; k->word_next(any, fd, &word); fd = word.first + word.bits) {
		const uint64_t before = from > word.first ? from - word.first : 0;

		n += (uint64_t)__builtin_popcountll(word.open >> before);
	}
	return n;
}

/* The rows of a table; those beyond the limits are counted. */
static int take_rows(struct taking *t, struct card *c, const struct task *any)
{
	const struct kernel *k = t->m->kernel;
	uint64_t end = UINT64_MAX;
	struct slot slot;
	int error = 0;

	for (uint64_t fd = 0; !error && k->slot_next(any, fd, &slot); fd = slot.fd + 1) {
		if (t->p->nrows == t->limits.rows || t->looked == t->limits.slots) {
			end = slot.fd;
			c->left = count_slots(k, any, end);
			t->p->left.descriptors += c->left;
			break;
		}
		t->looked++;
		error = take_slot(t, c, &slot);
	}
	c->nrows = t->p->nrows - c->first_row;
	return error ? error : take_words(t, c, any, end);
}

static int take_table(struct taking *t, const struct task *any)
{
	const struct kernel *k = t->m->kernel;
	struct card *c = take_card(t, COLUMN_TABLES, any->files ? k->table_id(any) : 0);

	if (!c)
		return -ENOMEM;
	c->first_row = t->p->nrows;
	if (!any->files) {
		text_puts(&c->title, "no table");
		return 0;
	}
	c->max_fds = k->max_fds(any);
	c->next_fd = k->next_fd(any);
	text_printf(&c->title, "table %" PRIu64 ", %" PRIu64 " slots", c->id, c->max_fds);
	return take_rows(t, c, any);
}

int take_tables(struct taking *t)
{
	struct picture *p = t->p;
	int error = take_tasks(t);

	for (size_t i = 0; !error && i < p->ntasks; i++) {
		const struct task *task = t->tasks[i];

		if (i == 0 || !task->files || task->files != t->tasks[i - 1]->files) {
			error = take_table(t, task);
			if (!error)
				p->cards[p->ncards - 1].first_task = i;
		}
		if (!error) {
			take_task(t, &p->tasks[i], task, p->ncards - 1);
			p->cards[p->ncards - 1].ntasks++;
		}
	}
	p->first[COLUMN_FILES] = p->ncards;
	return error;
}

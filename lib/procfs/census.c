/*
 * Taking the census. Its cost grows with the tasks and the open descriptors: a table that many
 * tasks share is looked at once. A machine that holds more than a text may list is not looked at to
 * the end.
 */
#include "procfs/census.h"

#include "base/heap.h"
#include "base/sort.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <stdlib.h>

/* The least length of a holder in a text ("1:99999,"), and of a description's line. */
#define HOLDER_TEXT 8
#define FILE_TEXT   16

/* ---- tasks and tables --------------------------------------------------------------------- */

static int by_table(const void *a, const void *b)
{
	const struct census_sharer *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	if (x->by_hand != y->by_hand)
		return x->by_hand ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Adds a task or a reference by hand to those of its table. room: for how many there is memory. */
static int add_sharer(struct census *c, size_t *room, void *files, int pid, bool by_hand)
{
	const struct task task = { .machine = c->machine, .files = files };
	struct census_sharer *more;

	if (c->nsharers == *room) {
		more = realloc(c->sharer, *room * 2 * sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->sharer = more;
		*room *= 2;
	}
	c->sharer[c->nsharers++] = (struct census_sharer){
		.table = c->machine->kernel->table_id(&task),
		.files = files,
		.pid = pid,
		.by_hand = by_hand,
	};
	return 0;
}

/*
 * Looks at each task once for everything: with many tasks, that is the greatest cost. 0 or -ENOMEM.
 */
static int gather_tasks(struct census *c)
{
	struct fdl_machine *m = c->machine;
	size_t room = m->ntasks + 1;
	int error = 0;

	c->task = calloc(m->ntasks + 1, sizeof(struct task *));
	c->sharer = calloc(room, sizeof(*c->sharer));
	if (!c->task || !c->sharer)
		return -ENOMEM;
	for (struct task *t = task_next(m, 1); t && !error; t = task_next(m, t->pid + 1)) {
		c->task[c->ntasks++] = t;
		c->by_hand |= t->held != NULL;
		if (t->files)
			error = add_sharer(c, &room, t->files, t->pid, false);
		for (const struct held *h = t->held; h && !error; h = h->next) {
			if (h->table)
				error = add_sharer(c, &room, h->table, t->pid, true);
		}
	}
	return error;
}

/* Makes tables of the sharers, which are sorted. */
static void group_tables(struct census *c)
{
	for (size_t i = 0; i < c->nsharers; i++) {
		struct census_table *t = &c->table[c->ntables];

		if (c->ntables && t[-1].id == c->sharer[i].table)
			t--;
		else
			c->table[c->ntables++] =
				(struct census_table){ c->sharer[i].table, &c->sharer[i], 0, 0 };
		if (c->sharer[i].by_hand)
			t->nheld++;
		else
			t->ntasks++;
	}
}

static void census_free(struct census *c)
{
	free(c->task);
	free(c->sharer);
	free(c->table);
	free(c->by_pid);
	free(c->file);
	free(c->end);
	free(c->holder);
	free(c->call);
	free(c);
}

void census_drop(struct fdl_machine *m)
{
	if (m->census)
		census_free(m->census);
	m->census = NULL;
}

int census_take(struct fdl_machine *m, struct census **cp)
{
	struct census *c = m->census;
	int error;

	*cp = c;
	if (c && c->generation == m->generation && c->epoch == m->epoch)
		return 0;
	census_drop(m);
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	*c = (struct census){ .machine = m, .generation = m->generation, .epoch = m->epoch };
	error = gather_tasks(c);
	if (!error) {
		sort_again(c->sharer, c->nsharers, sizeof(*c->sharer), by_table);
		c->table = calloc(c->nsharers + 1, sizeof(*c->table));
	}
	if (error || !c->table) {
		census_free(c);
		return -ENOMEM;
	}
	group_tables(c);
	m->censuses++;
	m->census = *cp = c;
	return 0;
}

struct task census_task(const struct census *c, const struct census_table *t)
{
	return (struct task){ .machine = c->machine, .files = t->sharer[0].files };
}

/* ---- descriptions and their holders ------------------------------------------------------- */

/* Sorts tables of tasks before tables that are only held by hand. */
static int by_first_pid(const void *a, const void *b)
{
	const struct census_table *x = *(const struct census_table *const *)a;
	const struct census_table *y = *(const struct census_table *const *)b;

	if (!x->ntasks != !y->ntasks)
		return !x->ntasks ? 1 : -1;
	if (x->sharer->pid != y->sharer->pid)
		return x->sharer->pid < y->sharer->pid ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_inode(const void *a, const void *b)
{
	const struct census_end *x = a, *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return (x->file > y->file) - (x->file < y->file);
}

/* The descriptions, each of which is told its place, and the search by inode. 0 or an error. */
static int list_files(struct census *c)
{
	struct fdl_machine *m = c->machine;

	if (m->nr_files > m->options.text_limit / FILE_TEXT || m->nr_files > UINT32_MAX)
		return -EFBIG;
	c->file = calloc(m->nr_files + 1, sizeof(*c->file));
	c->end = calloc(m->nr_files + 1, sizeof(*c->end));
	c->by_pid = calloc(c->ntables + 1, sizeof(const struct census_table *));
	if (!c->file || !c->end || !c->by_pid)
		return -ENOMEM;
	list_for_each(pos, &m->files) {
		struct file *f = container_of(pos, struct file, all);

		if (c->nfiles == m->nr_files)
			break;
		if (f->inode)
			c->end[c->nends++] =
				(struct census_end){ f->inode->ino, (uint32_t)c->nfiles };
		f->place = (uint32_t)c->nfiles;
		c->file[c->nfiles++].file = f;
	}
	sort_again(c->end, c->nends, sizeof(*c->end), by_inode);
	for (size_t i = 0; i < c->ntables; i++)
		c->by_pid[i] = &c->table[i];
	sort_again(c->by_pid, c->ntables, sizeof(const struct census_table *), by_first_pid);
	return 0;
}

#define TABLES_COUNTED 1000

/*
 * Whether the first tables alone have more descriptors in use than a text can list. They are
 * counted by words, so that a few tables that are too large cost little; reserved ones count, too.
 */
static bool are_too_many(const struct census *c)
{
	const uint64_t most = c->machine->options.text_limit / HOLDER_TEXT;
	struct table_word word;
	uint64_t n = 0;

	for (size_t i = 0; i < c->ntables && i < TABLES_COUNTED && n <= most; i++) {
		const struct task task = census_task(c, &c->table[i]);

		for (uint64_t fd = 0; n <= most && c->machine->kernel->word_next(&task, fd, &word);
		     fd = word.first + word.bits)
			n += (uint64_t)__builtin_popcountll(word.open);
	}
	return n > most;
}

/* Adds a holder to those that were gathered. 0, -ENOMEM or -EFBIG. */
static int add_holder(struct census *c, size_t *room, const struct file *f, struct census_holder h)
{
	struct census_holder *more;

	/* A file that was not published is in no list. */
	if (f->place >= c->nfiles || c->file[f->place].file != f)
		return 0;
	if (c->nholders == c->machine->options.text_limit / HOLDER_TEXT)
		return -EFBIG;
	if (c->nholders == *room) {
		*room = *room ? *room * 2 : 64;
		more = realloc(c->holder, *room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->holder = more;
	}
	h.file = f->place;
	c->file[f->place].n++;
	c->holder[c->nholders++] = h;
	return 0;
}

static int add_descriptors(struct census *c, size_t *room, uint32_t table)
{
	const struct kernel *k = c->machine->kernel;
	const struct task task = census_task(c, c->by_pid[table]);
	struct slot slot;
	int error = 0;

	for (uint64_t fd = 0; !error && k->slot_next(&task, fd, &slot); fd = slot.fd + 1) {
		if (slot.file)
			error = add_holder(c, room, slot.file,
					   (struct census_holder){ .by = table, .n = slot.fd });
	}
	return error;
}

static int add_by_hand(struct census *c, size_t *room, const struct task *task)
{
	int error = 0;

	for (const struct held *h = task->held; h && !error; h = h->next) {
		if (h->file)
			error = add_holder(c, room, h->file,
					   (struct census_holder){ .by = HELD_BY_HAND,
								   .n = (uint64_t)task->pid });
	}
	return error;
}

static int add_in_transit(struct census *c, size_t *room)
{
	list_for_each(pos, &c->machine->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);
		const struct census_holder h = {
			.by = HELD_BY_MESSAGE,
			.n = fp->to && fp->to->inode ? fp->to->inode->ino : 0,
		};

		for (size_t i = 0; i < fp->n; i++) {
			int error = add_holder(c, room, fp->file[i], h);

			if (error)
				return error;
		}
	}
	return 0;
}

/* A note of a call in flight, and the call's place. */
struct noted {
	struct call_note note;
	size_t call;
};

static int by_address(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	const uintptr_t p = (uintptr_t)x->note.file, q = (uintptr_t)y->note.file;

	if (p != q)
		return p < q ? -1 : 1;
	return (x->call > y->call) - (x->call < y->call);
}

/*
 * Lists the calls in flight and what they have noted: *notes is to be freed. How many, or -ENOMEM.
 */
static ssize_t gather_notes(struct census *c, struct noted **notes)
{
	const struct list *calls = &c->machine->in_flight;
	size_t n = 0, nnotes = 0;

	list_for_each(pos, calls) {
		n++;
		nnotes += container_of(pos, struct call, flight)->nnoted;
	}
	c->call = calloc(n + 1, sizeof(const struct call *));
	*notes = malloc((nnotes + 1) * sizeof(**notes));
	nnotes = 0;
	if (!c->call || !*notes)
		return -ENOMEM;
	list_for_each(pos, calls) {
		const struct call *call = container_of(pos, struct call, flight);

		for (unsigned i = 0; i < call->nnoted; i++)
			(*notes)[nnotes++] = (struct noted){ call->noted[i], c->ncalls };
		c->call[c->ncalls++] = call;
	}
	qsort(*notes, nnotes, sizeof(**notes), by_address);
	return (ssize_t)nnotes;
}

/*
 * The references of calls in flight, as far as they have noted them. Descriptions are looked up in
 * the notes, not the reverse: a note may be of one that is gone.
 */
static int add_calls(struct census *c, size_t *room)
{
	struct noted *notes = NULL;
	const ssize_t n = gather_notes(c, &notes);
	int error = n < 0 ? (int)n : 0;

	for (size_t i = 0; n > 0 && !error && i < c->nfiles; i++) {
		const struct file *f = c->file[i].file;
		size_t low = 0, high = (size_t)n;

		while (low < high) {
			const size_t middle = low + (high - low) / 2;

			if ((uintptr_t)notes[middle].note.file < (uintptr_t)f)
				low = middle + 1;
			else
				high = middle;
		}
		for (; !error && low < (size_t)n && notes[low].note.file == f; low++) {
			const uint64_t id = notes[low].note.id;

			if (!id || id == f->id)
				error = add_holder(c, room, f,
						   (struct census_holder){ .by = HELD_BY_CALL,
									   .n = notes[low].call });
		}
	}
	free(notes);
	return error;
}

/* Puts the holders, which were gathered by table, in the order of their descriptions. */
static int sort_by_file(struct census *c)
{
	struct census_holder *sorted = malloc((c->nholders + 1) * sizeof(*sorted));
	size_t at = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < c->nfiles; i++) {
		c->file[i].holder = at;
		at += c->file[i].n;
		c->file[i].n = 0;
	}
	for (size_t i = 0; i < c->nholders; i++) {
		struct census_file *f = &c->file[c->holder[i].file];

		sorted[f->holder + f->n++] = c->holder[i];
		f->calls += c->holder[i].by == HELD_BY_CALL;
	}
	free(c->holder);
	c->holder = sorted;
	return 0;
}

static int hold(struct census *c)
{
	size_t room = 0;
	int error = are_too_many(c) ? -EFBIG : list_files(c);

	for (size_t i = 0; !error && i < c->ntables; i++)
		error = add_descriptors(c, &room, (uint32_t)i);
	for (size_t i = 0; c->by_hand && !error && i < c->ntasks; i++)
		error = add_by_hand(c, &room, c->task[i]);
	if (!error)
		error = add_in_transit(c, &room);
	if (!error)
		error = add_calls(c, &room);
	return error ? error : sort_by_file(c);
}

int census_hold(struct census *c)
{
	if (c->held)
		return c->error;
	c->error = hold(c);
	c->held = c->error != -ENOMEM;
	if (!c->error)
		return 0;
	/* Without memory, another try begins anew. */
	free(c->by_pid);
	free(c->file);
	free(c->end);
	free(c->holder);
	free(c->call);
	c->by_pid = NULL;
	c->file = NULL;
	c->end = NULL;
	c->holder = NULL;
	c->call = NULL;
	c->nfiles = c->nends = c->nholders = c->ncalls = 0;
	return c->error;
}

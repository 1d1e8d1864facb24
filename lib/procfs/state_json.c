/*
 * The file state.json: the machine, its tasks, tables, descriptions and inodes. Keys stand in the
 * order in which they are written here, lists by pid, table, descriptor, description and inode, and
 * each element of a list has a line of its own.
 */
#include "procfs/views.h"

#include "base/heap.h"
#include "base/sort.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "notation/args.h"
#include "procfs/census.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "tree/tree.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>

struct json_writer {
	struct text *out;
	struct text name, printable; /* scratch */
	bool first;                  /* no comma is needed before the next line */
};

/* ---- values ------------------------------------------------------------------------------- */

/* Bytes as a string. In printable text only the quote and the backslash need an escape. */
static void put_string(struct json_writer *w, const char *s, size_t len)
{
	struct text *t = &w->printable;

	text_clear(t);
	text_printable(t, s, len);
	if (t->error)
		w->out->error = t->error;
	text_putc(w->out, '"');
	for (size_t i = 0; i < t->len; i++) {
		if (t->s[i] == '"' || t->s[i] == '\\')
			text_putc(w->out, '\\');
		text_putc(w->out, t->s[i]);
	}
	text_putc(w->out, '"');
}

/* The string that was written to w->name. */
static void put_name(struct json_writer *w)
{
	if (w->name.error)
		w->out->error = w->name.error;
	put_string(w, w->name.s, w->name.len);
}

static void put_path(struct json_writer *w, const struct dentry *d)
{
	if (!d) {
		text_puts(w->out, "null");
		return;
	}
	text_clear(&w->name);
	d_path(d, &w->name);
	put_name(w);
}

static void put_number(struct json_writer *w, uint64_t n)
{
	/* Many readers of JSON would round RLIM_INFINITY. */
	if (n > INT64_MAX)
		text_puts(w->out, "\"unlimited\"");
	else
		text_uint(w->out, n);
}

/* Puts what is between two values, and a number. */
static void put_member(struct json_writer *w, const char *before, uint64_t n)
{
	text_puts(w->out, before);
	put_number(w, n);
}

static void put_number_or_null(struct json_writer *w, bool is, uint64_t n)
{
	if (is)
		put_number(w, n);
	else
		text_puts(w->out, "null");
}

/* Begins a line; key is NULL for an element of a list. */
static void begin_line(struct json_writer *w, const char *key)
{
	text_puts(w->out, w->first ? "\n" : ",\n");
	w->first = false;
	if (!key)
		return;
	text_putc(w->out, '"');
	text_puts(w->out, key);
	text_puts(w->out, "\": ");
}

static void begin_list(struct json_writer *w, const char *key)
{
	begin_line(w, key);
	text_putc(w->out, '[');
	w->first = true;
}

static void end_list(struct json_writer *w)
{
	text_puts(w->out, "\n]");
	w->first = false;
}

/* ---- the machine -------------------------------------------------------------------------- */

static void put_machine(struct json_writer *w, const struct fdl_machine *m)
{
	begin_line(w, "kernel");
	put_string(w, m->kernel->name, strlen(m->kernel->name));
	begin_line(w, "sysctl");
	put_member(w, "{\"nr_open\": ", m->nr_open);
	put_member(w, ", \"file_max\": ", m->file_max);
	put_member(w, ", \"nr_files\": ", m->nr_files);
	text_putc(w->out, '}');
	begin_line(w, "memory");
	put_member(w, "{\"kmalloc_bytes\": ", m->kmem.kmalloc_bytes);
	put_member(w, ", \"kmalloc_count\": ", m->kmem.kmalloc_count);
	put_member(w, ", \"vmalloc_bytes\": ", m->kmem.vmalloc_bytes);
	put_member(w, ", \"vmalloc_count\": ", m->kmem.vmalloc_count);
	text_putc(w->out, '}');
}

static void put_held(struct json_writer *w, const struct task *task)
{
	const char *before = "";

	for (const struct held *h = task->held; h && !w->out->error; h = h->next) {
		const struct task by = { .machine = task->machine, .files = h->table };

		text_puts(w->out, before);
		if (h->file)
			put_member(w, "{\"file\": ", h->file->id);
		else
			put_member(w, "{\"table\": ", task->machine->kernel->table_id(&by));
		text_putc(w->out, '}');
		before = ", ";
	}
}

static void put_call(struct json_writer *w, const struct call *c)
{
	if (!c || !c->where) {
		text_puts(w->out, "null");
		return;
	}
	text_puts(w->out, "{\"name\": \"");
	text_puts(w->out, c->row->call->name);
	text_puts(w->out, c->state == CALL_STOPPED ? "\", \"state\": \"stopped\", \"at\": \""
						   : "\", \"state\": \"blocked\", \"at\": \"");
	text_puts(w->out, c->where);
	text_puts(w->out, "\"}");
}

static void put_task(struct json_writer *w, const struct task *t)
{
	const struct limits *l = t->leader->limits;
	int len;
	const char *comm = proc_comm(t, &len);

	begin_line(w, NULL);
	text_printf(w->out, "{\"pid\": %d, \"tgid\": %d, \"ppid\": %d, \"comm\": ", t->pid, t->tgid,
		    t->leader->parent ? t->leader->parent->tgid : 0);
	put_string(w, comm, (size_t)len);
	text_printf(w->out, ", \"state\": \"%c\", \"exit_status\": %d, \"cwd\": ", proc_state(t),
		    t->exit_status);
	put_path(w, t->fs ? t->fs->cwd : NULL);
	text_puts(w->out, ", \"exe\": ");
	put_path(w, t->image ? t->image->exe : NULL);
	put_member(w, ", \"nofile\": {\"soft\": ", l->of[RLIMIT_NOFILE].cur);
	put_member(w, ", \"hard\": ", l->of[RLIMIT_NOFILE].max);
	text_puts(w->out, "}, \"table\": ");
	put_number_or_null(w, t->files, t->files ? t->machine->kernel->table_id(t) : 0);
	text_puts(w->out, ", \"held\": [");
	put_held(w, t);
	text_puts(w->out, "], \"call\": ");
	put_call(w, t->call);
	text_putc(w->out, '}');
}

/* A table may be large: its tasks and slots are lists of lines, too. */
static void put_table(struct json_writer *w, const struct census *c, const struct census_table *t)
{
	const struct task any = census_task(c, t);
	const struct kernel *k = any.machine->kernel;
	struct slot slot;

	begin_line(w, NULL);
	put_member(w, "{\"id\": ", t->id);
	put_member(w, ", \"max_fds\": ", k->max_fds(&any));
	begin_list(w, "tasks");
	for (size_t i = 0; i < t->ntasks && !w->out->error; i++) {
		begin_line(w, NULL);
		text_int(w->out, t->sharer[i].pid);
	}
	end_list(w);
	begin_list(w, "slots");
	for (uint64_t fd = 0; !w->out->error && k->slot_next(&any, fd, &slot); fd = slot.fd + 1) {
		begin_line(w, NULL);
		put_member(w, "{\"fd\": ", slot.fd);
		text_puts(w->out, slot.cloexec ? ", \"cloexec\": true, \"file\": "
					       : ", \"cloexec\": false, \"file\": ");
		put_number_or_null(w, slot.file, slot.file ? slot.file->id : 0);
		text_putc(w->out, '}');
	}
	end_list(w);
	text_putc(w->out, '}');
}

static void put_file(struct json_writer *w, const struct file *f)
{
	begin_line(w, NULL);
	put_member(w, "{\"id\": ", f->id);
	put_member(w, ", \"count\": ", f->count);
	text_puts(w->out, ", \"flags\": \"");
	type_print(w->out, "oflags", (int64_t)f->flags);
	text_puts(w->out, "\", \"pos\": ");
	text_int(w->out, f->pos);
	text_puts(w->out, ", \"inode\": ");
	put_number_or_null(w, f->inode, f->inode ? f->inode->ino : 0);
	text_puts(w->out, ", \"name\": ");
	text_clear(&w->name);
	file_name(f, &w->name);
	put_name(w);
	text_putc(w->out, '}');
}

static void put_inode(struct json_writer *w, const struct inode *i)
{
	begin_line(w, NULL);
	put_member(w, "{\"ino\": ", i->ino);
	text_printf(w->out, ", \"mode\": \"0%o\"", (unsigned)i->mode);
	put_member(w, ", \"nlink\": ", i->nlink);
	text_puts(w->out, ", \"size\": ");
	text_int(w->out, i->size);
	text_putc(w->out, '}');
}

static int by_ino(const void *a, const void *b)
{
	const struct inode *x = *(struct inode *const *)a, *y = *(struct inode *const *)b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

/* Lists the descriptions, and gathers the inodes that they are of; returns how many. */
static size_t put_files(struct json_writer *w, const struct fdl_machine *m, struct inode **inodes)
{
	size_t n = 0;

	begin_list(w, "files");
	list_for_each(pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);

		if (w->out->error)
			break;
		put_file(w, f);
		if (f->inode && n < m->nr_files)
			inodes[n++] = f->inode;
	}
	end_list(w);
	return n;
}

static void put_inodes(struct json_writer *w, struct inode **inodes, size_t n)
{
	sort_again(inodes, n, sizeof(struct inode *), by_ino);
	begin_list(w, "inodes");
	for (size_t i = 0; i < n && !w->out->error; i++) {
		if (i == 0 || inodes[i] != inodes[i - 1])
			put_inode(w, inodes[i]);
	}
	end_list(w);
}

/* The files in messages, and the socket in whose queue each is. */
static void put_transit(struct json_writer *w, const struct fdl_machine *m)
{
	begin_list(w, "transit");
	list_for_each(pos, &m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);
		const struct inode *to = fp->to ? fp->to->inode : NULL;

		for (size_t i = 0; i < fp->n && !w->out->error; i++) {
			begin_line(w, NULL);
			put_member(w, "{\"file\": ", fp->file[i]->id);
			text_puts(w->out, ", \"inode\": ");
			put_number_or_null(w, to, to ? to->ino : 0);
			text_putc(w->out, '}');
		}
	}
	end_list(w);
}

static void put_all(struct json_writer *w, const struct census *c, struct inode **inodes)
{
	size_t n;

	text_putc(w->out, '{');
	put_machine(w, c->machine);
	begin_list(w, "tasks");
	for (size_t i = 0; i < c->ntasks && !w->out->error; i++)
		put_task(w, c->task[i]);
	end_list(w);
	begin_list(w, "tables");
	for (size_t i = 0; i < c->ntables && !w->out->error; i++)
		put_table(w, c, &c->table[i]);
	end_list(w);
	n = put_files(w, c->machine, inodes);
	if (!w->out->error)
		put_inodes(w, inodes, n);
	put_transit(w, c->machine);
	text_puts(w->out, "\n}\n");
}

int text_snapshot(const struct node *n, struct text *out)
{
	struct json_writer w = { .out = out, .first = true };
	struct inode **inodes;
	struct census *c;
	int error = census_take(n->machine, &c);

	if (error)
		return error;
	inodes = malloc((n->machine->nr_files + 1) * sizeof(struct inode *));
	if (!inodes)
		return -ENOMEM;
	put_all(&w, c, inodes);
	free(inodes);
	text_free(&w.name);
	text_free(&w.printable);
	return 0;
}

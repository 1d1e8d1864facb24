/*
 * The file state.json: the machine, its tasks, tables, descriptions and inodes. Keys stand in the
 * order in which they are written here, lists by pid, table, descriptor, description and inode.
 */
#include "procfs/views.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "notation/args.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "tree/tree.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* ---- values, NULL without memory, which jansson's functions accept and return ------------- */

static json_t *bytes(const char *s, size_t len)
{
	struct text t = TEXT_EMPTY;
	json_t *value;

	text_printable(&t, s, len);
	value = t.error ? NULL : json_stringn(t.len ? t.s : "", t.len);
	text_free(&t);
	return value;
}

static json_t *words(const char *type, uint64_t num)
{
	struct text t = TEXT_EMPTY;
	json_t *value;

	type_print(&t, type, (int64_t)num);
	value = t.error || !t.len ? NULL : json_stringn(t.s, t.len);
	text_free(&t);
	return value;
}

static json_t *name_of(const struct file *f)
{
	struct text t = TEXT_EMPTY;
	json_t *value;

	file_name(f, &t);
	value = t.error ? NULL : bytes(t.len ? t.s : "", t.len);
	text_free(&t);
	return value;
}

static json_t *path_of(const struct dentry *d)
{
	struct text t = TEXT_EMPTY;
	json_t *value;

	if (!d)
		return json_null();
	d_path(d, &t);
	value = t.error ? NULL : bytes(t.len ? t.s : "", t.len);
	text_free(&t);
	return value;
}

static json_t *number(uint64_t n)
{
	/* Many readers of JSON would round RLIM_INFINITY. */
	return n > INT64_MAX ? json_string("unlimited") : json_integer((json_int_t)n);
}

/*
 * A text that is written value by value, each on a line of its own and freed at once: only the text
 * grows with the machine.
 */
struct writer {
	struct text *out;
	bool first; /* no comma is needed */
	int error;
};

static int dump(const char *s, size_t len, void *out)
{
	text_put(out, s, len);
	return ((struct text *)out)->error;
}

/* Begins a line; key is NULL for an element of a list. */
static void put_key(struct writer *w, const char *key)
{
	text_puts(w->out, w->first ? "\n" : ",\n");
	w->first = false;
	if (key)
		text_printf(w->out, "\"%s\": ", key);
}

/* Writes a value, and frees it. NULL: there was no memory for it. */
static void put_value(struct writer *w, const char *key, json_t *value)
{
	put_key(w, key);
	if (!value || json_dump_callback(value, dump, w->out, JSON_ENCODE_ANY))
		w->error = -ENOMEM;
	json_decref(value);
}

static void begin_list(struct writer *w, const char *key)
{
	put_key(w, key);
	text_putc(w->out, '[');
	w->first = true;
}

static void end_list(struct writer *w)
{
	text_puts(w->out, "\n]");
	w->first = false;
}

/* ---- the machine -------------------------------------------------------------------------- */

static json_t *sysctls(const struct fdl_machine *m)
{
	return json_pack("{s:o, s:o, s:o}", "nr_open", number(m->nr_open), "file_max",
			 number(m->file_max), "nr_files", number(m->nr_files));
}

static json_t *memory(const struct fdl_machine *m)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "kmalloc_bytes", number(m->kmem.kmalloc_bytes),
			 "kmalloc_count", number(m->kmem.kmalloc_count), "vmalloc_bytes",
			 number(m->kmem.vmalloc_bytes), "vmalloc_count",
			 number(m->kmem.vmalloc_count));
}

static json_t *call_of(const struct task *task)
{
	const struct call *c = task->call;

	if (!c || !c->where)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "name", c->row->call->name, "state",
			 c->state == CALL_STOPPED ? "stopped" : "blocked", "at", c->where);
}

static json_t *limits_of(const struct task *task)
{
	const struct limits *l = task->leader->limits;

	return json_pack("{s:o, s:o}", "soft", number(l->of[RLIMIT_NOFILE].cur), "hard",
			 number(l->of[RLIMIT_NOFILE].max));
}

static json_t *held_of(const struct task *task)
{
	json_t *list = json_array();
	int error = 0;

	for (const struct held *h = task->held; h; h = h->next) {
		struct task by = { .machine = task->machine, .files = h->table };
		const uint64_t id = h->file ? h->file->id : task->machine->kernel->table_id(&by);

		error |= json_array_append_new(
			list, json_pack("{s:o}", h->file ? "file" : "table", number(id)));
	}
	if (error) {
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *task_json(const struct task *t)
{
	const struct kernel *k = t->machine->kernel;
	const char state[] = { proc_state(t), '\0' };
	int len;
	const char *comm = proc_comm(t, &len);

	return json_pack(
		"{s:i, s:i, s:i, s:o, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "pid", t->pid,
		"tgid", t->tgid, "ppid", t->leader->parent ? t->leader->parent->tgid : 0, "comm",
		bytes(comm, (size_t)len), "state", state, "exit_status", t->exit_status, "cwd",
		path_of(t->fs ? t->fs->cwd : NULL), "exe", path_of(t->image ? t->image->exe : NULL),
		"nofile", limits_of(t), "table", t->files ? number(k->table_id(t)) : json_null(),
		"held", held_of(t), "call", call_of(t));
}

/* A table may be large: its tasks and slots are lists of lines, too. */
static void put_table(struct writer *w, const struct census_table *t)
{
	const struct task *any = t->task[0];
	const struct kernel *k = any->machine->kernel;
	struct slot slot;

	put_key(w, NULL);
	text_printf(w->out, "{\"id\": %" PRIu64 ", \"max_fds\": %" PRIu64, t->id, k->max_fds(any));
	begin_list(w, "tasks");
	for (size_t i = 0; i < t->ntasks; i++)
		put_value(w, NULL, json_integer(t->task[i]->pid));
	end_list(w);
	begin_list(w, "slots");
	for (uint64_t fd = 0; k->slot_next(any, fd, &slot); fd = slot.fd + 1) {
		/* There may be a million slots: numbers need no jansson. */
		put_key(w, NULL);
		text_printf(w->out, "{\"fd\": %" PRIu64 ", \"cloexec\": %s, \"file\": ", slot.fd,
			    slot.cloexec ? "true" : "false");
		if (slot.file)
			text_uint(w->out, slot.file->id);
		else
			text_puts(w->out, "null");
		text_putc(w->out, '}');
	}
	end_list(w);
	text_putc(w->out, '}');
}

static json_t *file_json(const struct file *f)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "id", number(f->id), "count",
			 number(f->count), "flags", words("oflags", f->flags), "pos",
			 json_integer(f->pos), "inode",
			 f->inode ? number(f->inode->ino) : json_null(), "name", name_of(f));
}

static json_t *inode_json(const struct inode *i)
{
	char mode[16];

	snprintf(mode, sizeof(mode), "0%o", (unsigned)i->mode);
	return json_pack("{s:o, s:s, s:o, s:o}", "ino", number(i->ino), "mode", mode, "nlink",
			 number(i->nlink), "size", json_integer(i->size));
}

static int by_ino(const void *a, const void *b)
{
	const struct inode *x = *(struct inode *const *)a, *y = *(struct inode *const *)b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

/* The descriptions, and the inodes that they are of. */
static void put_files(struct writer *w, const struct fdl_machine *m)
{
	struct inode **inodes = calloc(m->nr_files + 1, sizeof(struct inode *));
	size_t n = 0;

	if (!inodes) {
		w->error = -ENOMEM;
		return;
	}
	begin_list(w, "files");
	list_for_each(pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);

		put_value(w, NULL, file_json(f));
		if (f->inode && n < m->nr_files)
			inodes[n++] = f->inode;
	}
	end_list(w);
	qsort(inodes, n, sizeof(struct inode *), by_ino);
	begin_list(w, "inodes");
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || inodes[i] != inodes[i - 1])
			put_value(w, NULL, inode_json(inodes[i]));
	}
	end_list(w);
	free(inodes);
}

/* The files in messages, and the socket in whose queue each is. */
static void put_transit(struct writer *w, const struct fdl_machine *m)
{
	begin_list(w, "transit");
	list_for_each(pos, &m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);

		for (size_t i = 0; i < fp->n; i++)
			put_value(w, NULL,
				  json_pack("{s:o, s:o}", "file", number(fp->file[i]->id), "inode",
					    fp->to && fp->to->inode ? number(fp->to->inode->ino)
								    : json_null()));
	}
	end_list(w);
}

int text_snapshot(const struct node *n, struct text *out)
{
	struct writer w = { .out = out, .first = true };
	struct fdl_machine *m = n->machine;
	struct census c;
	int error = census_take(m, &c);

	if (error)
		return error;
	text_putc(out, '{');
	put_value(&w, "kernel", json_string(m->kernel->name));
	put_value(&w, "sysctl", sysctls(m));
	put_value(&w, "memory", memory(m));
	begin_list(&w, "tasks");
	for (size_t i = 0; i < c.ntasks; i++)
		put_value(&w, NULL, task_json(c.tasks[i]));
	end_list(&w);
	begin_list(&w, "tables");
	for (size_t i = 0; i < c.ntables; i++)
		put_table(&w, &c.tables[i]);
	end_list(&w);
	put_files(&w, m);
	put_transit(&w, m);
	text_puts(out, "\n}\n");
	census_free(&c);
	return w.error;
}

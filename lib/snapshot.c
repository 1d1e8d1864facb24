/*
 * The file state.json: the machine, its tasks, tables, descriptions and inodes. Keys stand in the
 * order in which they are written here, lists by pid, table, descriptor, description and inode.
 */
#include "snapshot.h"

#include "args.h"
#include "file.h"
#include "kernel.h"
#include "machine.h"
#include "proc.h"
#include "task.h"
#include "text.h"
#include "tree.h"
#include "views.h"
#include "vfs.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/resource.h>

/* ---- values; jansson takes NULL for a value, says so, and so does what it is put into ---- */

static json_t *bytes(const char *s, size_t len)
{
	struct text t = TEXT_EMPTY;
	json_t *value;

	put_printable(&t, s, len);
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
	/* RLIM_INFINITY is no number that JSON's readers would keep. */
	return n > INT64_MAX ? json_string("unlimited") : json_integer((json_int_t)n);
}

/* An array to be filled, put into an object; the object keeps it. NULL: no memory. */
static json_t *list_in(json_t *object, const char *key)
{
	json_t *list = json_array();

	return json_object_set_new(object, key, list) ? NULL : list;
}

/* Puts a value at the end of a list; what there was no memory for is told by *error. */
static void append(json_t *list, json_t *value, int *error)
{
	if (json_array_append_new(list, value))
		*error = -ENOMEM;
}

/* ---- what there is ---- */

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

	for (const struct held *h = task->held; list && h; h = h->next) {
		struct task by = { .machine = task->machine, .files = h->table };
		json_t *one;

		if (h->file)
			one = json_pack("{s:o}", "file", number(h->file->id));
		else
			one = json_pack("{s:o}", "table",
					number(task->machine->kernel->table_id(&by)));
		append(list, one, &error);
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

static json_t *table_json(const struct census_table *t)
{
	const struct task *any = t->task[0];
	const struct kernel *k = any->machine->kernel;
	json_t *table =
		json_pack("{s:o, s:o}", "id", number(t->id), "max_fds", number(k->max_fds(any)));
	json_t *list = list_in(table, "tasks");
	struct slot slot;
	int error = 0;

	for (size_t i = 0; list && i < t->ntasks; i++)
		append(list, json_integer(t->task[i]->pid), &error);
	list = list_in(table, "slots");
	for (uint64_t fd = 0; list && k->slot_next(any, fd, &slot); fd = slot.fd + 1) {
		json_t *file = slot.file ? number(slot.file->id) : json_null();

		append(list,
		       json_pack("{s:o, s:b, s:o}", "fd", number(slot.fd), "cloexec", slot.cloexec,
				 "file", file),
		       &error);
	}
	if (error || !list) {
		json_decref(table);
		return NULL;
	}
	return table;
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
static int add_files(json_t *root, const struct fdl_machine *m)
{
	struct inode **inodes = calloc(m->nr_files + 1, sizeof(struct inode *));
	json_t *list = list_in(root, "files");
	int error = 0;
	size_t n = 0;

	list_for_each (pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);

		append(list, file_json(f), &error);
		if (inodes && f->inode && n < m->nr_files)
			inodes[n++] = f->inode;
	}
	list = list_in(root, "inodes");
	if (inodes)
		qsort(inodes, n, sizeof(struct inode *), by_ino);
	for (size_t i = 0; inodes && i < n; i++) {
		if (i == 0 || inodes[i] != inodes[i - 1])
			append(list, inode_json(inodes[i]), &error);
	}
	free(inodes);
	return inodes ? error : -ENOMEM;
}

static int add_all(json_t *root, const struct fdl_machine *m, const struct census *c)
{
	json_t *list = list_in(root, "tasks");
	int error = 0;

	for (size_t i = 0; i < c->ntasks; i++)
		append(list, task_json(c->tasks[i]), &error);
	list = list_in(root, "tables");
	for (size_t i = 0; i < c->ntables; i++)
		append(list, table_json(&c->tables[i]), &error);
	return error ? error : add_files(root, m);
}

static int dump(const char *s, size_t len, void *out)
{
	text_put(out, s, len);
	return ((struct text *)out)->error;
}

int text_snapshot(const struct node *n, struct text *out)
{
	struct fdl_machine *m = n->machine;
	struct census c;
	json_t *root;
	int error = census_take(m, &c);

	if (error)
		return error;
	root = json_pack("{s:s, s:o, s:o}", "kernel", m->kernel->name, "sysctl", sysctls(m),
			 "memory", memory(m));
	error = root ? add_all(root, m, &c) : -ENOMEM;
	census_free(&c);
	if (!error && json_dump_callback(root, dump, out, JSON_INDENT(1)))
		error = -ENOMEM;
	json_decref(root);
	text_putc(out, '\n');
	return error;
}

/*
 * The file dot: the machine as a Graphviz digraph. Tasks point to tables, slots to descriptions,
 * descriptions to inodes; references without a slot are dashed.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "notation/args.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "tree/tree.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <inttypes.h>

/* Bytes inside a quoted label, in which Graphviz has escapes with a backslash. */
static void put_label(struct text *out, const char *s, size_t len)
{
	struct text t = TEXT_EMPTY;

	text_printable(&t, s, len);
	for (size_t i = 0; i < t.len; i++) {
		if (t.s[i] == '"' || t.s[i] == '\\')
			text_putc(out, '\\');
		text_putc(out, t.s[i]);
	}
	if (t.error)
		out->error = t.error;
	text_free(&t);
}

static void put_file_label(struct text *out, const struct file *f)
{
	struct text name = TEXT_EMPTY;

	file_name(f, &name);
	put_label(out, name.s, name.len);
	if (name.error)
		out->error = name.error;
	text_free(&name);
}

static void put_task(struct text *out, const struct task *t)
{
	int len;
	const char *comm = proc_comm(t, &len);

	text_printf(out, "\ttask%d [label=\"%d ", t->pid, t->pid);
	put_label(out, comm, (size_t)len);
	text_printf(out, "\\n%c", proc_state(t));
	if (t->call && t->call->where) {
		text_puts(out, " in ");
		text_puts(out, t->call->where);
	}
	text_puts(out, "\"];\n");
	if (t->files)
		text_printf(out, "\ttask%d -> table%" PRIu64 ";\n", t->pid,
			    t->machine->kernel->table_id(t));
	for (const struct held *h = t->held; h; h = h->next) {
		const struct task by = { .machine = t->machine, .files = h->table };

		text_printf(out, "\ttask%d -> ", t->pid);
		if (h->file)
			text_printf(out, "file%" PRIu64, h->file->id);
		else
			text_printf(out, "table%" PRIu64, t->machine->kernel->table_id(&by));
		text_puts(out, " [style=dashed, label=\"held\"];\n");
	}
}

/* A table is a record with a field for each slot in use; edges leave from the slots' ports. */
static void put_table(struct text *out, const struct census_table *t)
{
	const struct task *any = t->task[0];
	const struct kernel *k = any->machine->kernel;
	struct slot slot;

	text_printf(out,
		    "\ttable%" PRIu64 " [shape=record, label=\"table %" PRIu64 "\\n%" PRIu64
		    " slots",
		    t->id, t->id, k->max_fds(any));
	for (uint64_t fd = 0; k->slot_next(any, fd, &slot); fd = slot.fd + 1)
		text_printf(out, "|<fd%" PRIu64 "> %" PRIu64 "%s%s", slot.fd, slot.fd,
			    slot.cloexec ? " cloexec" : "", slot.file ? "" : " reserved");
	text_puts(out, "\"];\n");
	for (uint64_t fd = 0; k->slot_next(any, fd, &slot); fd = slot.fd + 1) {
		if (slot.file)
			text_printf(out, "\ttable%" PRIu64 ":fd%" PRIu64 " -> file%" PRIu64 ";\n",
				    t->id, slot.fd, slot.file->id);
	}
}

/* The two ends of a connection share one edge. */
static void put_peer(struct text *out, const struct file *f)
{
	unsigned mode = 0;
	const struct inode *peer = f->ops && f->ops->other_end ? f->ops->other_end(f, &mode) : NULL;

	if (peer && peer->ino > f->inode->ino)
		text_printf(out,
			    "\tinode%" PRIu64 " -> inode%" PRIu64 " [dir=both, style=dotted];\n",
			    f->inode->ino, peer->ino);
}

/* The files in a message: edges from the socket whose queue it is in, if that has an inode. */
static void put_transit(struct text *out, const struct scm_fp_list *fp)
{
	for (size_t i = 0; i < fp->n; i++) {
		text_puts(out, "\t");
		if (fp->to && fp->to->inode)
			text_printf(out, "inode%" PRIu64, fp->to->inode->ino);
		else
			text_puts(out, "transit");
		text_printf(out, " -> file%" PRIu64 " [style=dashed, label=\"in transit\"];\n",
			    fp->file[i]->id);
	}
}

static void put_file(struct text *out, const struct file *f)
{
	text_printf(out, "\tfile%" PRIu64 " [shape=box, label=\"", f->id);
	put_file_label(out, f);
	text_puts(out, "\\n");
	type_print(out, "oflags", (int64_t)f->flags);
	text_printf(out, "\\npos %lld, count %" PRIu64 "\"];\n", (long long)f->pos, f->count);
	if (!f->inode)
		return;
	/* Once for every description of the inode: Graphviz makes one node of them. */
	text_printf(out, "\tinode%" PRIu64 " [shape=folder, label=\"inode %" PRIu64 "\\n%07o\"];\n",
		    f->inode->ino, f->inode->ino, (unsigned)f->inode->mode);
	text_printf(out, "\tfile%" PRIu64 " -> inode%" PRIu64 ";\n", f->id, f->inode->ino);
	put_peer(out, f);
}

int text_dot(const struct node *n, struct text *out)
{
	struct census c;
	int error = census_take(n->machine, &c);

	if (error)
		return error;
	text_puts(out, "digraph fdlab {\n\trankdir=LR;\n");
	for (size_t i = 0; i < c.ntasks; i++)
		put_task(out, c.tasks[i]);
	for (size_t i = 0; i < c.ntables; i++)
		put_table(out, &c.tables[i]);
	list_for_each(pos, &n->machine->files)
		put_file(out, container_of(pos, struct file, all));
	list_for_each(pos, &n->machine->transit)
		put_transit(out, container_of(pos, struct scm_fp_list, transit));
	text_puts(out, "}\n");
	census_free(&c);
	return 0;
}

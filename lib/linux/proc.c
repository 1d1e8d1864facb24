/*
 * The files of the tree that show the Linux kernel's tables: those of <pid>/files, and rcu.
 */
#include "base/bitmap.h"
#include "base/text.h"
#include "linux/calls.h"
#include "linux/fdtable.h"
#include "linux/rcu.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "tree/tree.h"
#include "vfs/file.h"

#include <errno.h>
#include <sys/stat.h>

/* Shows the table of the task; ESRCH for one that has none any more. */
static int with_table(const struct node *n, struct text *out,
		      void (*show)(const struct files_struct *files, struct text *out))
{
	const struct files_struct *files = n->task->files;

	if (!files)
		return -ESRCH;
	show(files, out);
	return 0;
}

static void show_number(struct text *out, uint64_t number)
{
	text_uint(out, number);
	text_putc(out, '\n');
}

static void show_count(const struct files_struct *files, struct text *out)
{
	show_number(out, files->count);
}

static void show_next_fd(const struct files_struct *files, struct text *out)
{
	show_number(out, files->next_fd);
}

static void show_max_fds(const struct files_struct *files, struct text *out)
{
	show_number(out, files->fdt->max_fds);
}

static void show_open_fds(const struct files_struct *files, struct text *out)
{
	bitmap_mask(out, &files->fdt->fd, OPEN_FDS, files->fdt->max_fds);
	text_putc(out, '\n');
}

static void show_open_fds_list(const struct files_struct *files, struct text *out)
{
	bitmap_list(out, &files->fdt->fd, OPEN_FDS, files->fdt->max_fds);
	text_putc(out, '\n');
}

static void show_close_on_exec(const struct files_struct *files, struct text *out)
{
	bitmap_mask(out, &files->fdt->fd, CLOSE_ON_EXEC, files->fdt->max_fds);
	text_putc(out, '\n');
}

static void show_close_on_exec_list(const struct files_struct *files, struct text *out)
{
	bitmap_list(out, &files->fdt->fd, CLOSE_ON_EXEC, files->fdt->max_fds);
	text_putc(out, '\n');
}

static void show_slots(const struct files_struct *files, struct text *out)
{
	const struct fdtable *fdt = files->fdt;

	text_puts(out, "fd\tcloexec\tfile\tmode\tpos\tname\n");
	for (uint64_t fd = 0; !out->error && (fd = fdt_next_used(fdt, fd)) != FD_NONE; fd++) {
		const struct file *f = fdt_slot(fdt, fd);

		text_uint(out, fd);
		text_puts(out, fdt_bit(fdt, CLOSE_ON_EXEC, fd) ? "\t1\t" : "\t0\t");
		if (!f) {
			text_puts(out, "-\t-\t-\t-\n");
			continue;
		}
		text_uint(out, f->id);
		text_putc(out, '\t');
		text_puts(out, mode_word(f));
		text_putc(out, '\t');
		text_int(out, f->pos);
		text_putc(out, '\t');
		put_file_name(out, f);
		text_putc(out, '\n');
	}
}

static void draw_slots(struct text *out, const struct fdt_word *w)
{
	for (uint64_t set = w->open_fds | w->has_file; set; set &= set - 1) {
		unsigned i = (unsigned)__builtin_ctzll(set);
		const struct file *f = w->fd[i];

		text_printf(out, "  %5llu %s ", (unsigned long long)w->first + i,
			    w->close_on_exec >> i & 1 ? "cloexec" : "       ");
		if (!f) {
			text_puts(out, "-> reserved\n");
			continue;
		}
		text_printf(out,
			    "-> file %llu, count %llu, %s, pos %lld: ", (unsigned long long)f->id,
			    (unsigned long long)f->count, mode_word(f), (long long)f->pos);
		file_name(f, out);
		text_putc(out, '\n');
	}
}

/* Unlike the others it looks for the tasks that use the table. */
static int text_fdtable(const struct node *n, struct text *out)
{
	const struct files_struct *files = n->task->files;
	struct fdt_word w = { 0 };

	if (!files)
		return -ESRCH;
	text_printf(out, "files_struct %llu: count %u, next_fd %u, max_fds %u%s\n",
		    (unsigned long long)files->id, files->count, files->next_fd,
		    files->fdt->max_fds, files->fdt == &files->fdtab ? " (embedded)" : "");
	text_puts(out, "tasks ");
	put_table_tasks(out, n->machine, files);
	text_putc(out, '\n');
	while (!out->error && fdt_next_word(files->fdt, &w)) {
		text_printf(out, "\ndescriptors %llu to %llu\n", (unsigned long long)w.first,
			    (unsigned long long)w.first + BITS_PER_LONG - 1);
		bitmap_draw(out, "open_fds", 15, w.open_fds, BITS_PER_LONG);
		bitmap_draw(out, "close_on_exec", 15, w.close_on_exec, BITS_PER_LONG);
		draw_slots(out, &w);
	}
	return 0;
}

#define SHOW(name)                                                                                 \
	static int text_##name(const struct node *n, struct text *out)                             \
	{                                                                                          \
		return with_table(n, out, show_##name);                                            \
	}

SHOW(count)
SHOW(next_fd)
SHOW(max_fds)
SHOW(open_fds)
SHOW(open_fds_list)
SHOW(close_on_exec)
SHOW(close_on_exec_list)
SHOW(slots)

#define FILE_ROW(file)                                                                             \
	{                                                                                          \
		.name = #file, .mode = S_IFREG | 0444, .text = text_##file, .work = work_of_table  \
	}

const struct tree_row linux_files_rows[] = {
	FILE_ROW(count),
	FILE_ROW(next_fd),
	FILE_ROW(max_fds),
	FILE_ROW(open_fds),
	FILE_ROW(open_fds_list),
	FILE_ROW(close_on_exec),
	FILE_ROW(close_on_exec_list),
	FILE_ROW(slots),
	FILE_ROW(fdtable),
	{ 0 },
};

/* Retired tables: of which table, how large, at which stage, and which tasks still read. */
static int text_rcu(const struct node *n, struct text *out)
{
	const struct linux_machine *lm = n->machine->kernel_data;

	text_puts(out, "table\tmax_fds\tbytes\tmemory\tstage\treaders\n");
	list_for_each(pos, &lm->retired) {
		const struct fdtable *fdt = container_of(pos, struct fdtable, retired);
		const struct rcu_reader *r = NULL;
		const char *separator = "";

		if (out->error)
			break;

		text_printf(out, "%llu\t%u\t%zu\t%s\t%s\t", (unsigned long long)fdt->files_id,
			    fdt->max_fds,
			    (size_t)fdt->self.size + (size_t)fdt->array.size +
				    (size_t)fdt->bitmaps.size,
			    is_vmalloc_fdtable(fdt) ? "vmalloc" : "kmalloc",
			    fdtable_stages[fdt->stage]);
		while (!out->error && (r = rcu_next_reader(lm, fdt, r))) {
			text_printf(out, "%s%d", separator, r->task->pid);
			separator = ",";
		}
		if (lm->rcu_held && fdt->stage == FDTABLE_GRACE_PERIOD)
			text_printf(out, "%sheld", separator);
		text_putc(out, '\n');
	}
	return 0;
}

const struct tree_row linux_root_rows[] = {
	{ .name = "rcu", .mode = S_IFREG | 0444, .text = text_rcu },
	{ 0 },
};

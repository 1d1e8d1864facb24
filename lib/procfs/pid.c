/*
 * The rows of <pid>/: procfs's files, the task's control file, and the kernel's own files of its
 * table. The texts of the larger files are in status.c and syscall.c.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "control/control.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "tree/tree.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/lock.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define LINUX_O_CLOEXEC 02000000u

/* ---- small files -------------------------------------------------------------------------- */

static int text_cmdline(const struct node *n, struct text *out)
{
	const struct image *image = n->task->image;

	if (image)
		text_put(out, image->cmdline, image->cmdline_len);
	return 0;
}

static int text_environ(const struct node *n, struct text *out)
{
	const struct image *image = n->task->image;

	if (image)
		text_put(out, image->environ, image->environ_len);
	return 0;
}

static int text_comm(const struct node *n, struct text *out)
{
	int len;
	const char *comm = proc_comm(n->task, &len);

	text_put(out, comm, (size_t)len);
	text_putc(out, '\n');
	return 0;
}

static int store_comm(const struct node *n, const char *text, size_t len)
{
	struct task *task = n->task;

	if (len > sizeof(task->comm) - 1)
		len = sizeof(task->comm) - 1;
	memset(task->comm, 0, sizeof(task->comm));
	memcpy(task->comm, text, len);
	return 0;
}

static int text_fail_nth(const struct node *n, struct text *out)
{
	text_printf(out, "%" PRIu32 "\n", n->task->fail_nth);
	return 0;
}

static int store_fail_nth(const struct node *n, const char *text, size_t len)
{
	uint64_t nth;
	int error = tree_parse_number(text, len, INT32_MAX, &nth);

	if (error)
		return error;
	n->task->fail_nth = (uint32_t)nth;
	n->task->fail_armed = nth > 0;
	return 0;
}

/* ---- links to names ----------------------------------------------------------------------- */

/* The target of a link to a name. */
static int link_to(const struct node *n, const struct dentry *d, struct text *out)
{
	struct text name = TEXT_EMPTY;

	d_path(d, &name);
	put_followable(n->machine, &name, out);
	text_free(&name);
	return 0;
}

static int link_cwd(const struct node *n, struct text *out)
{
	if (!n->task->fs)
		return -ENOENT;
	return link_to(n, n->task->fs->cwd, out);
}

static int link_root(const struct node *n, struct text *out)
{
	if (!n->task->fs)
		return -ENOENT;
	return link_to(n, n->task->fs->root, out);
}

static int link_exe(const struct node *n, struct text *out)
{
	if (!n->task->image || !n->task->image->exe)
		return -ENOENT;
	return link_to(n, n->task->image->exe, out);
}

/* ---- descriptors -------------------------------------------------------------------------- */

static bool next_fd(const struct node *dir, uint64_t from, uint64_t *number)
{
	const struct task *task = dir->task;
	struct slot slot;

	if (!task->files)
		return false;
	while (task->machine->kernel->slot_next(task, from, &slot)) {
		if (slot.file) {
			*number = slot.fd;
			return true;
		}
		from = slot.fd + 1;
	}
	return false;
}

static int link_fd(const struct node *n, struct text *out)
{
	struct slot slot;

	if (!tree_slot(n->task, n->fd, &slot))
		return -ENOENT;
	put_followable_file(n->machine, slot.file, out);
	return 0;
}

static mode_t mode_fd(const struct node *n)
{
	struct slot slot;

	return tree_slot(n->task, n->fd, &slot) ? fd_link_mode(slot.file) : 0;
}

/* A descriptor whose file has no path, by the text of its link: "pipe:[12]". */
static bool find_object(const struct node *dir, const char *name, size_t len, uint64_t *number)
{
	struct text t = TEXT_EMPTY;
	struct slot slot;
	bool found = false;

	if (!len || name[len - 1] != ']')
		return false;
	for (uint64_t fd = 0; !found && next_fd(dir, fd, number); fd = *number + 1) {
		if (!tree_slot(dir->task, *number, &slot) || slot.file->dentry)
			continue;
		text_clear(&t);
		file_name(slot.file, &t);
		found = !t.error && t.len == len && memcmp(t.s, name, len) == 0;
	}
	text_free(&t);
	return found;
}

/* The type of what the link leads to. An object without a file type counts as a regular file. */
static mode_t mode_object(const struct node *n)
{
	struct slot slot;
	mode_t mode;

	if (!tree_slot(n->task, n->fd, &slot))
		return S_IFREG;
	mode = slot.file->inode->mode;
	return mode & S_IFMT ? mode : S_IFREG | mode;
}

static uint64_t ino_object(const struct node *n)
{
	struct slot slot;

	return tree_slot(n->task, n->fd, &slot) ? inode_common(slot.file->inode)->ino : n->ino;
}

static int text_fdinfo(const struct node *n, struct text *out)
{
	const struct file *f;
	struct slot slot;

	if (!tree_slot(n->task, n->fd, &slot))
		return -ENOENT;
	f = slot.file;
	/* There is one mount with names; objects without a name are on another. */
	text_printf(out, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t%d\nino:\t%" PRIu64 "\n",
		    (long long)f->pos, f->flags | (slot.cloexec ? LINUX_O_CLOEXEC : 0),
		    f->dentry ? 1 : 2, inode_common(f->inode)->ino);
	show_fd_locks(out, f, n->machine->kernel->lock_owner(n->task));
	if (f->ops && f->ops->fdinfo)
		f->ops->fdinfo(f, out);
	return put_other_end_of(out, f);
}

/* The holders of the other end are looked for in the whole machine. */
static uint64_t work_fdinfo(const struct node *n)
{
	struct slot slot;

	if (!tree_slot(n->task, n->fd, &slot) || !slot.file->ops || !slot.file->ops->other_end)
		return 0;
	return work_of_machine(n);
}

/* ---- tasks and threads -------------------------------------------------------------------- */

static bool next_process(const struct node *dir, uint64_t from, uint64_t *number)
{
	struct fdl_machine *m = dir->machine;

	while (from < PID_MAX) {
		const struct task *task = task_next(m, (int)from);

		if (!task)
			return false;
		if (task == task->leader) {
			*number = (uint64_t)task->pid;
			return true;
		}
		from = (uint64_t)task->pid + 1;
	}
	return false;
}

/* A thread that does not lead its process can be looked up, but is not listed. */
static bool is_task(const struct node *dir, uint64_t number)
{
	return task_find(dir->machine, (int)number);
}

static size_t count_processes(const struct node *dir)
{
	return dir->machine->ntasks;
}

/* A search for the next thread tries so many pids before it walks the thread group. */
#define NEAR_PIDS 32

static bool next_thread(const struct node *dir, uint64_t from, uint64_t *number)
{
	const struct task *leader = dir->task->leader, *best = NULL;
	uint64_t pid = from;

	for (int i = 0; i < NEAR_PIDS && pid < PID_MAX; i++) {
		const struct task *task = task_next(dir->machine, (int)pid);

		if (!task)
			return false;
		if (task->leader == leader) {
			*number = (uint64_t)task->pid;
			return true;
		}
		pid = (uint64_t)task->pid + 1;
	}
	if ((uint64_t)leader->pid >= from)
		best = leader;
	list_for_each(pos, &leader->threads) {
		const struct task *task = container_of(pos, struct task, threads);

		if ((uint64_t)task->pid >= from && (!best || task->pid < best->pid))
			best = task;
	}
	if (best)
		*number = (uint64_t)best->pid;
	return best;
}

static size_t count_threads(const struct node *dir)
{
	return proc_threads(dir->task);
}

/* ---- the rows ----------------------------------------------------------------------------- */

#define DIR(mode)  (S_IFDIR | (mode))
#define REG(mode)  (S_IFREG | (mode))
#define LINK(mode) (S_IFLNK | (mode))

static const struct tree_row fd_row = { .mode = LINK(0700), .text = link_fd, .mode_of = mode_fd };
static const struct tree_row object_row = { .mode_of = mode_object, .ino_of = ino_object };
static const struct tree_row fdinfo_row = { .mode = REG(0444),
					    .text = text_fdinfo,
					    .work = work_fdinfo };

static const struct tree_index fd_index = { .number = TREE_DESCRIPTORS,
					    .next = next_fd,
					    .entry = &fd_row,
					    .object = &object_row,
					    .find = find_object };
static const struct tree_index fdinfo_index = { .number = TREE_DESCRIPTORS,
						.next = next_fd,
						.entry = &fdinfo_row };

/* The rows that processes and threads share. */
#define TASK_ROWS                                                                                  \
	{ .name = "fd", .mode = DIR(0500), .index = &fd_index },                                   \
		{ .name = "fdinfo", .mode = DIR(0555), .index = &fdinfo_index },                   \
		{ .name = "files", .mode = DIR(0555), .rows = kernel_files },                      \
		{ .name = "control",                                                               \
		  .mode = REG(0644),                                                               \
		  .text = control_text,                                                            \
		  .ops = &control_ops },                                                           \
		{ .name = "status", .mode = REG(0444), .text = proc_status },                      \
		{ .name = "stat", .mode = REG(0444), .text = proc_stat },                          \
		{ .name = "statm", .mode = REG(0444), .text = proc_statm },                        \
		{ .name = "cmdline", .mode = REG(0444), .text = text_cmdline },                    \
		{ .name = "comm", .mode = REG(0644), .text = text_comm, .store = store_comm },     \
		{ .name = "limits", .mode = REG(0444), .text = proc_limits },                      \
		{ .name = "environ", .mode = REG(0400), .text = text_environ },                    \
		{ .name = "maps", .mode = REG(0444), .text = proc_maps },                          \
		{ .name = "smaps", .mode = REG(0444), .text = proc_smaps },                        \
		{ .name = "smaps_rollup", .mode = REG(0444), .text = proc_smaps_rollup },          \
		{ .name = "io", .mode = REG(0400), .text = proc_io },                              \
		{ .name = "mounts", .mode = REG(0444), .text = proc_mounts },                      \
		{ .name = "mountinfo", .mode = REG(0444), .text = proc_mountinfo },                \
		{ .name = "cgroup", .mode = REG(0444), .text = proc_cgroup },                      \
		{ .name = "oom_score", .mode = REG(0444), .text = proc_zero },                     \
		{ .name = "oom_score_adj", .mode = REG(0444), .text = proc_zero },                 \
		{ .name = "cwd", .mode = LINK(0777), .text = link_cwd },                           \
		{ .name = "exe", .mode = LINK(0777), .text = link_exe },                           \
		{ .name = "root", .mode = LINK(0777), .text = link_root },                         \
		{ .name = "syscall", .mode = REG(0400), .text = proc_syscall },                    \
		{ .name = "wchan", .mode = REG(0444), .text = proc_wchan },                        \
		{ .name = "stack", .mode = REG(0400), .text = proc_stack },                        \
	{                                                                                          \
		.name = "fail-nth", .mode = REG(0644), .text = text_fail_nth,                      \
		.store = store_fail_nth                                                            \
	}

static const struct tree_row thread_rows[] = { TASK_ROWS, { 0 } };
static const struct tree_row thread_row = { .mode = DIR(0555), .rows = thread_rows };
static const struct tree_index thread_index = {
	.number = TREE_TASKS,
	.next = next_thread,
	.directories = count_threads,
	.entry = &thread_row,
};

static const struct tree_row process_rows[] = {
	{ .name = "task", .mode = DIR(0555), .index = &thread_index },
	TASK_ROWS,
	{ 0 },
};
static const struct tree_row process_row = { .mode = DIR(0555), .rows = process_rows };

const struct tree_index task_index = {
	.number = TREE_TASKS,
	.next = next_process,
	.hidden = is_task,
	.directories = count_processes,
	.entry = &process_row,
};

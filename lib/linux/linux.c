/*
 * The Linux kernel as the rest of the library sees it: its calls, its limits, and the functions of
 * struct kernel (machine/kernel.h) on its table.
 */
#include "linux/linux.h"

#include "base/heap.h"
#include "linux/calls.h"
#include "linux/fdtable.h"
#include "linux/files.h"
#include "linux/rcu.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "notation/abi.h"
#include "objects/calls.h"
#include "process/calls.h"
#include "socket/calls.h"
#include "vfs/calls.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <errno.h>
#include <stdlib.h>

static const struct call_row table_calls[] = {
	{ "open", "path pathname, oflags flags=O_RDONLY, creatmode mode=0666", linux_open,
	  CALL_MAY_OPEN | CALL_TRACED, NULL },
	{ "openat", "dirfd dirfd, path pathname, oflags flags=O_RDONLY, creatmode mode=0666",
	  linux_openat, CALL_MAY_OPEN | CALL_TRACED, NULL },
	{ "openat2", "dirfd dirfd, path pathname, open_how how, opaque size size=24", linux_openat2,
	  CALL_MAY_OPEN | CALL_TRACED, NULL },
	{ "creat", "path pathname, mode mode=0666", linux_creat, CALL_MAY_OPEN | CALL_TRACED,
	  NULL },
	{ "dup", "fd oldfd", linux_dup, CALL_TRACED, NULL },
	{ "dup2", "fd oldfd, fd newfd", linux_dup2, CALL_TRACED, NULL },
	{ "dup3", "fd oldfd, fd newfd, dupflags flags=0", linux_dup3, CALL_TRACED, NULL },
	{ "close", "fd fd", linux_close, CALL_TRACED, NULL },
	{ "close_range", "uint first, uint last=4294967295, closerangeflags flags=0",
	  linux_close_range, CALL_TRACED, NULL },
	{ "pipe", "out fdpair fds", linux_pipe, CALL_TRACED, NULL },
	{ "pipe2", "out fdpair fds, dupflags flags=0", linux_pipe2, CALL_TRACED, NULL },
	{ 0 },
};

/* A table a line. */
/* clang-format off */
static const struct call_row *const calls[] = {
	table_calls,
	linux_fcntl_calls,
	io_calls,
	name_calls,
	stat_calls,
	readdir_calls,
	link_calls,
	mknod_calls,
	attr_calls,
	task_calls,
	exec_calls,
	limit_calls,
	lock_calls,
	poll_calls,
	splice_calls,
	sendfile_calls,
	epoll_calls,
	eventfd_calls,
	timerfd_calls,
	clock_calls,
	signal_calls,
	sigaction_calls,
	signalfd_calls,
	memfd_calls,
	pidfd_calls,
	waitid_calls,
	inotify_calls,
	linux_kcmp_calls,
	linux_functions,
	socket_calls,
	socket_io_calls,
	mmsg_calls,
	sockopt_calls,
	NULL,
};
/* clang-format on */

static const struct call_alias aliases[] = {
	{ "sigprocmask", "rt_sigprocmask" },
	{ "sigaction", "rt_sigaction" },
	{ "exec", "execve" },
	{ "wait", "wait4" },
	{ "waitpid", "wait4" },
	{ "pread", "pread64" },
	{ "pwrite", "pwrite64" },
	{ "prlimit", "prlimit64" },
	{ "send", "sendto" },
	{ "recv", "recvfrom" },
	{ NULL, NULL },
};

static int machine_init(struct fdl_machine *m)
{
	struct linux_machine *lm = calloc(1, sizeof(*lm));

	if (!lm)
		return -ENOMEM;
	lm->next_files_id = 1;
	files_defer_init(lm);
	m->kernel_data = lm;
	return 0;
}

static void machine_free(struct fdl_machine *m)
{
	struct linux_machine *lm = m->kernel_data;

	list_for_each_safe(pos, next, &lm->retired)
		__free_fdtable(m, container_of(pos, struct fdtable, retired));
	free(lm);
	m->kernel_data = NULL;
}

static int table_new(struct task *task)
{
	struct files_struct *files = files_new(task);

	task->files = files;
	return files ? 0 : -ENOMEM;
}

/* The kernel's copy_files. */
static int table_copy(struct task *current, struct task *child, enum table_fork how)
{
	static const struct fd_range no_hole = { 1, 0 };
	int error = 0;

	/* A task that has no table any more has none to copy. */
	if (!current->files)
		return 0;
	child->files = how == TABLE_SHARE ? get_files_struct(current)
					  : dup_fd(current, current->files, no_hole, &error);
	/* The child is found by its pid only when all has been copied. */
	if (!error)
		preempt(current, "alloc_pid");
	return error;
}

static void table_put(struct task *current, void *table)
{
	put_files_struct(current, table);
}

/* The kernel's unshare_fd: a copy, when there is anything to unshare. NULL and 0: there is not. */
static int unshare_fd(struct task *current, struct files_struct **new)
{
	static const struct fd_range no_hole = { 1, 0 };
	struct files_struct *files = current->files;
	int error = 0;

	*new = NULL;
	if (files && files_count(current, files) > 1)
		*new = dup_fd(current, files, no_hole, &error);
	return error;
}

static int table_unshare(struct task *current)
{
	struct files_struct *new;
	int error = unshare_fd(current, &new);

	if (new)
		reset_files_struct(current, new);
	return error;
}

/*
 * Whether only threads of current's group have the table. They end before exec closes anything, so
 * there is nothing to unshare: the kernel looks after they have gone.
 */
static bool is_the_groups_own(const struct task *current, const struct files_struct *files)
{
	struct task *leader = current->leader;
	unsigned users = leader->files == files;

	list_for_each(pos, &leader->threads)
		users += container_of(pos, struct task, threads)->files == files;
	return files_count(current, files) == users;
}

/* The kernel's unshare_files: the shared table is kept, in case the exec fails. */
static int exec_begin(struct task *current, void **displaced)
{
	struct files_struct *new;
	int error;

	*displaced = NULL;
	if (current->files && is_the_groups_own(current, current->files))
		return 0;
	error = unshare_fd(current, &new);
	if (new) {
		*displaced = current->files;
		current->files = new;
	}
	return error;
}

static void exec_fail(struct task *current, void *displaced)
{
	if (displaced)
		reset_files_struct(current, displaced);
}

static int exec_commit(struct task *current, void *displaced)
{
	if (displaced)
		put_files_struct(current, displaced);
	if (current->files)
		do_close_on_exec(current, current->files);
	return 0;
}

static void file_max_reached(struct fdl_machine *m)
{
	/* Once per crossing. */
	if (!m->file_max_logged)
		printk(m, "VFS: file-max limit %llu reached", (unsigned long long)m->file_max);
	m->file_max_logged = true;
}

static int limit_nofile(const struct fdl_machine *m, uint64_t *cur, uint64_t *max)
{
	(void)cur;
	return *max > m->nr_open ? -EPERM : 0;
}

static struct fd linux_fdget(struct task *current, int64_t fd, bool raw)
{
	struct file *file;
	int needed;

	/* A walk may come through /proc/self/fd in a task that has no table any more. */
	if (!current->files)
		return (struct fd){ 0 };
	file = raw ? fget_raw_light(current, (unsigned)fd, &needed)
		   : fget_light(current, (unsigned)fd, &needed);
	return (struct fd){ file, needed ? FD_REFERENCE : FD_BORROWED };
}

/* The kernel's receive_fd. */
static int fd_new(struct task *current, struct file *f, unsigned oflags)
{
	int fd, error;

	preempt(current, "get_unused_fd_flags");
	error = fd_reserve(current, oflags, &fd, 1);
	return error ? error : fd_complete(current, fd, f, 0);
}

static bool slot_next(const struct task *task, uint64_t fd, struct slot *slot)
{
	const struct files_struct *files = task->files;

	if (!files)
		return false;
	slot->fd = fd;
	return fdt_find_used(files->fdt, &slot->fd, &slot->file, &slot->cloexec);
}

static const void *lock_owner(const struct task *task)
{
	return task->files;
}

static uint64_t max_fds(const struct task *task)
{
	const struct files_struct *files = task->files;

	return files ? files->fdt->max_fds : 0;
}

static uint64_t next_fd(const struct task *task)
{
	const struct files_struct *files = task->files;

	return files ? files->next_fd : 0;
}

static bool word_next(const struct task *task, uint64_t fd, struct table_word *word)
{
	const struct files_struct *files = task->files;
	struct fdt_word w = { .next = fd / BITS_PER_LONG };

	while (files && fdt_next_word(files->fdt, &w)) {
		if (!w.open_fds && !w.close_on_exec)
			continue;
		*word = (struct table_word){ w.first, BITS_PER_LONG, w.open_fds, w.close_on_exec };
		return true;
	}
	return false;
}

static uint64_t table_id(const struct task *task)
{
	const struct files_struct *files = task->files;

	return files ? files->id : 0;
}

static const char *const points[] = {
	"expand_fdtable",
	"expand_fdtable:relock",
	"filp_close",
	"do_close_on_exec",
	"fget:fdt",
	"fget:slot",
	"do_filp_open",
	"fd_install",
	"dup_fd",
	"dup_fd:slot",
	"__range_close",
	"fput",
	"vfs_lock_file",
	"break_lease",
	"fcntl_setlease",
	"finish_wait",
	"unix_insert_bsd_socket",
	"get_unused_fd_flags",
	"put_unused_fd",
	"do_accept",
	"__set_open_fd",
	"alloc_fd",
	"alloc_pid",
	"attach_pid",
	"get_close_on_exec",
	"set_close_on_exec",
	"fget_task_next",
	NULL,
};

static const char *const syscall_entry[] = {
	"do_syscall_64",
	"entry_SYSCALL_64_after_hwframe",
	NULL,
};

const struct kernel linux_kernel = {
	.name = "linux",
	.syscall_prefix = "__x64_sys_",
	.syscall_entry = syscall_entry,
	.ostype = "Linux",
	.osrelease = "3.9.0-fdlab",
	.calls = calls,
	.aliases = aliases,
	.points = points,
	.nofile = 1024,
	.nofile_hard = 4096,
	.nr_open = 1048576,
	.file_max = 1 << 20,
	.clone_flags = UINT64_MAX,
	.open_flags = KERNEL_O_LARGEFILE,
	.names = linux_names,
	.file_max_reached = file_max_reached,
	.limit_nofile = limit_nofile,
	.machine_init = machine_init,
	.machine_free = machine_free,
	.advance = rcu_advance,
	.hold_grace_period = rcu_hold,
	.table_new = table_new,
	.table_copy = table_copy,
	.table_exit = exit_files,
	.table_put = table_put,
	.table_unshare = table_unshare,
	.exec_begin = exec_begin,
	.exec_fail = exec_fail,
	.exec_commit = exec_commit,
	.fdget = linux_fdget,
	.fd_new = fd_new,
	.get_unused_fd = get_unused_fd_flags,
	.fd_install = fd_install,
	.put_unused_fd = put_unused_fd,
	.hz = 250,
	.pipe_wait_event = true,
	.has_leases = true,
	.fault_extends = true,
	.exec_resets_exit_signals = true,
	.one_anon_inode = true,
	.has_creds = true,
	.slot_next = slot_next,
	.lock_owner = lock_owner,
	.max_fds = max_fds,
	.next_fd = next_fd,
	.word_next = word_next,
	.retired = rcu_retired,
	.table_id = table_id,
	.files = linux_files_rows,
	.root = linux_root_rows,
	.check = linux_check,
};

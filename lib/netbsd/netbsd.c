/*
 * The NetBSD kernel as the rest of the library sees it: struct kernel of machine/kernel.h, filled
 * in.
 */
#include "netbsd/netbsd.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "netbsd/calls.h"
#include "netbsd/fdtable.h"
#include "netbsd/filedesc.h"
#include "objects/calls.h"
#include "process/calls.h"
#include "socket/calls.h"
#include "vfs/calls.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

static const struct call_row table_calls[] = {
	{ "open", "path pathname, oflags flags=O_RDONLY, creatmode mode=0666", netbsd_open,
	  CALL_MAY_OPEN | CALL_TRACED, NULL },
	{ "creat", "path pathname, mode mode=0666", netbsd_creat, CALL_MAY_OPEN | CALL_TRACED,
	  NULL },
	{ "dup", "fd oldfd", netbsd_dup, CALL_TRACED, NULL },
	{ "dup2", "fd oldfd, fd newfd", netbsd_dup2, CALL_MAY_CLOSE | CALL_TRACED, NULL },
	{ "close", "fd fd", netbsd_close, CALL_MAY_CLOSE | CALL_TRACED, NULL },
	{ "closefrom", "fd lowfd", netbsd_closefrom, CALL_MAY_CLOSE | CALL_TRACED, NULL },
	{ "pipe", "out fdpair fds", netbsd_pipe, CALL_TRACED, NULL },
	{ "flock", "fd fd, flockop operation", netbsd_flock, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ "kqueue", "", netbsd_kqueue, 0, NULL },
	{ 0 },
};

/* The tables of calls, one a line. */
/* clang-format off */
static const struct call_row *const calls[] = {
	table_calls,
	netbsd_fcntl_calls,
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
	sigaction_calls,
	poll_calls,
	splice_calls,
	sendfile_calls,
	clock_calls,
	socket_calls,
	sockopt_calls,
	socket_io_calls,
	netbsd_functions,
	NULL,
};


/* Calls of the shared tables that NetBSD 4.0 does not have. */
static const char *const lacks[] = {
	"mkdirat", "symlinkat", "linkat", "unlinkat", "renameat", "readlinkat", "faccessat",
	"faccessat2", "newfstatat", "mknodat", "fchmodat", "fchownat", "execveat",
	"clone3", "unshare", "gettid", "exit_group", "prlimit64",
	"ppoll", "pselect6", "clock_nanosleep", "accept4", "preadv2", "pwritev2",
	"statx", "getdents64",
	"splice", "tee", "sendfile", "copy_file_range",
	NULL,
};
/* clang-format on */

static const struct call_alias aliases[] = {
	{ "sigaction", "rt_sigaction" }, { "exec", "execve" },   { "wait", "wait4" },
	{ "waitpid", "wait4" },          { "pread", "pread64" }, { "pwrite", "pwrite64" },
	{ "__clone", "clone" },          { NULL, NULL },
};

static int machine_init(struct fdl_machine *m)
{
	struct netbsd_machine *nm = calloc(1, sizeof(*nm));

	if (!nm)
		return -ENOMEM;
	nm->next_id = 1;
	wait_queue_init(&nm->changed);
	m->kernel_data = nm;
	return 0;
}

static void machine_free(struct fdl_machine *m)
{
	free(m->kernel_data);
	m->kernel_data = NULL;
}

/* Nothing here waits for time to pass. */
static void advance(struct fdl_machine *m)
{
	m->time_matters = false;
}

static void file_max_reached(struct fdl_machine *m)
{
	printk(m, "file: table is full");
}

/* A limit above kern.maxfiles is no error: it is lowered. */
static int limit_nofile(const struct fdl_machine *m, uint64_t *cur, uint64_t *max)
{
	if (*cur > m->file_max)
		*cur = m->file_max;
	if (*max > m->file_max)
		*max = m->file_max;
	return 0;
}

/* A call in flight may be using a file, and so may a call by hand. */
static bool close_waits(const struct fdl_machine *m)
{
	const struct netbsd_machine *nm = m->kernel_data;

	return !list_empty(&m->in_flight) || nm->odd;
}

static int table_new(struct task *task)
{
	task->files = fdinit(task);
	return task->files ? 0 : -ENOMEM;
}

static int table_copy(struct task *current, struct task *child, enum table_fork how)
{
	/* fdfree by hand may have taken the table. */
	if (!current->files && how != TABLE_EMPTY)
		return 0;
	switch (how) {
	case TABLE_COPY:
		child->files = fdcopy(current);
		break;
	case TABLE_SHARE:
		child->files = fdshare(current);
		break;
	case TABLE_EMPTY:
		child->files = fdinit(current);
		break;
	}
	return child->files ? 0 : -ENOMEM;
}

/* Locks belong to a process, and not to its table, which it may share or replace. */
static const void *lock_owner(const struct task *task)
{
	return task->leader;
}

/* Ends the uses that a task holds by hand, so that no close waits for a task that is gone. */
static void drop_uses(struct task *task)
{
	struct held **h = &task->held;

	while (*h) {
		struct file *f = (*h)->file;

		if ((*h)->use) {
			task_unhold(task, h);
			file_unuse(task, f);
		} else {
			h = &(*h)->next;
		}
	}
}

static void table_exit(struct task *task)
{
	struct filedesc *fdp = task->files;

	drop_uses(task);
	if (fdp) {
		task->files = NULL;
		fdfree(task, fdp);
	}
	locks_forget_owner(task->machine, lock_owner(task));
}

static void table_put(struct task *current, void *table)
{
	fdfree(current, table);
}

static int table_unshare(struct task *current)
{
	return current->files ? fdunshare(current) : 0;
}

/* exec changes the table only after the last check that can fail. */
static int exec_begin(struct task *current, void **displaced)
{
	(void)current;
	*displaced = NULL;
	return 0;
}

static void exec_fail(struct task *current, void *displaced)
{
	(void)current, (void)displaced;
}

static int exec_commit(struct task *current, void *displaced)
{
	(void)displaced;
	return current->files ? fdcloseexec(current) : 0;
}

static int exec_setid(struct task *current)
{
	return current->files ? fdcheckstd(current) : 0;
}

static struct fd netbsd_fdget(struct task *current, int64_t fd, bool raw)
{
	struct file *f = current->files ? fd_getfile(current, current->files, fd) : NULL;

	(void)raw;
	if (!f)
		return (struct fd){ 0 };
	file_use(f);
	return (struct fd){ f, FD_USE };
}

static int fd_new(struct task *current, struct file *f, unsigned oflags)
{
	struct filedesc *fdp = current->files;
	int fd, error = fdalloc_expand(current, 0, &fd);

	(void)oflags;
	if (error)
		return error;
	ofile_set(current, fdp, fd, f);
	return fd;
}

/*
 * A marked and empty descriptor, for the calls that kernels share. There are no flags at creation
 * yet.
 */
static int get_unused_fd(struct task *current, unsigned oflags)
{
	int fd, error = oflags & (O_CLOEXEC | O_NONBLOCK) ? -EINVAL : 0;

	if (!error)
		error = fdalloc_expand(current, 0, &fd);
	return error ? error : fd;
}

static void slot_give_back(struct task *current, unsigned fd)
{
	struct filedesc *fdp = current->files;
	struct file *there = fdremove(current, fdp, (int)fd);

	/* A file that dup2 has put there meanwhile is lost, as when an open fails. */
	if (there)
		f_leak(there);
}

/* Closes what dup2 has put there meanwhile, and marks the slot again if a close has freed it. */
static void slot_install(struct task *current, unsigned fd, struct file *f)
{
	struct filedesc *fdp = current->files;
	struct file *there = ofile_peek(current, fdp, fd);

	if (fd_used_still(current, fdp, (int)fd) < 0) {
		f_leak(f);
		return;
	}
	ofile_set(current, fdp, (int)fd, f);
	tell_changed(current);
	if (there) {
		file_use(there);
		closef(current, there);
	}
}

/* The tree shows the descriptor of a larval file as reserved. */
static bool slot_next(const struct task *task, uint64_t fd, struct slot *slot)
{
	const struct filedesc *fdp = task->files;
	int64_t next;

	if (!fdp)
		return false;
	next = next_in_use(fdp, (int64_t)fd);
	if (next == NO_FD)
		return false;
	slot->fd = (uint64_t)next;
	slot->file = file_at(fdp, next);
	if (slot->file && slot->file->larval)
		slot->file = NULL;
	slot->cloexec = is_exclose(fdp, next);
	return true;
}

static uint64_t max_fds(const struct task *task)
{
	const struct filedesc *fdp = task->files;

	return fdp ? fdp->fd_nfiles : 0;
}

static uint64_t next_fd(const struct task *task)
{
	const struct filedesc *fdp = task->files;

	return fdp ? (uint64_t)fdp->fd_freefile : 0;
}

static bool word_next(const struct task *task, uint64_t fd, struct table_word *word)
{
	const struct filedesc *fdp = task->files;
	const int64_t from = (int64_t)(fd / NDENTRIES * NDENTRIES);
	int64_t first, flag;
	uint64_t n;

	if (!fdp)
		return false;
	first = next_in_use(fdp, from);
	flag = next_exclose(fdp, from);
	if (flag < first)
		first = flag;
	if (first == NO_FD)
		return false;
	n = (uint64_t)first / NDENTRIES;
	*word = (struct table_word){ n * NDENTRIES, NDENTRIES, lomap_word(fdp, n),
				     exclose_word(fdp, n) };
	return true;
}

static uint64_t table_id(const struct task *task)
{
	const struct filedesc *fdp = task->files;

	return fdp ? fdp->id : 0;
}

/* The options of the socket layer, of TCP and of IP, by the numbers of Linux. */
static bool has_option(int family, int64_t level, int64_t name)
{
	switch (level) {
	case SOL_SOCKET:
		return name <= SO_BROADCAST || name == SO_SNDBUF || name == SO_RCVBUF ||
		       name == SO_KEEPALIVE || name == SO_OOBINLINE || name == SO_LINGER ||
		       (name >= SO_REUSEPORT && name != SO_PASSCRED && name != SO_PEERCRED &&
			name <= SO_SNDTIMEO) ||
		       name == SO_TIMESTAMP || name == SO_ACCEPTCONN;
	case SOL_TCP:
		return name == TCP_NODELAY || name == TCP_MAXSEG;
	default:
		return family == AF_INET && level == SOL_IP;
	}
}

static const char *const points[] = {
	"fdexpand",
	"closef",
	"finishdup",
	"vn_open",
	"vfs_lock_file",
	"fd_install",
	"fput",
	"finish_wait",
	"unix_insert_bsd_socket",
	"get_unused_fd_flags",
	"put_unused_fd",
	NULL,
};

static const char *const syscall_entry[] = { "syscall_plain", "Xsyscall", NULL };

const struct kernel netbsd_kernel = {
	.name = "netbsd",
	.ostype = "NetBSD",
	.osrelease = "4.0-fdlab",
	.syscall_prefix = "sys_",
	.syscall_entry = syscall_entry,
	.calls = calls,
	.aliases = aliases,
	.lacks = lacks,
	.points = points,
	.clone_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK,
	.nofile = 64,
	.nr_open = 1048576,
	.file_max = 1772,
	.least_bytes = 81920,
	.names = netbsd_names,
	.machine_init = machine_init,
	.machine_free = machine_free,
	.file_max_reached = file_max_reached,
	.limit_nofile = limit_nofile,
	.close_waits = close_waits,
	.advance = advance,
	.table_new = table_new,
	.table_copy = table_copy,
	.table_exit = table_exit,
	.table_put = table_put,
	.table_unshare = table_unshare,
	.exec_begin = exec_begin,
	.exec_fail = exec_fail,
	.exec_commit = exec_commit,
	.exec_setid = exec_setid,
	.fdget = netbsd_fdget,
	.fd_new = fd_new,
	.get_unused_fd = get_unused_fd,
	.fd_install = slot_install,
	.put_unused_fd = slot_give_back,
	.fds_new = unp_externalize,
	.hz = 100,
	.bsd_timeouts = true,
	.bsd_sockets = true,
	.accept_reserves_late = true,
	.accept_inherits = true,
	.has_option = has_option,
	.local_options = 2, /* LOCAL_CREDS, LOCAL_CONNWAIT */
	.slot_next = slot_next,
	.lock_owner = lock_owner,
	.max_fds = max_fds,
	.next_fd = next_fd,
	.word_next = word_next,
	.table_id = table_id,
	.files = netbsd_files_rows,
	.root = netbsd_root_rows,
	.check = netbsd_check,
	.no_empty_iov = true,
};

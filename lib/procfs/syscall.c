/*
 * What /proc/<pid>/{syscall,wchan,stack} say about the call that a task is in. Only a call that
 * blocked or stopped can be seen: all others are over before anybody can look.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/args.h"
#include "tree/tree.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

/* Where pointers of the simulated program point to, and where it calls from. */
#define USER_STACK 0x7ffd00000000ull
#define USER_DATA  0x7f0000000000ull
#define USER_TEXT  0x401000ull

/* The numbers of system calls on this machine. */
static const struct {
	const char *name;
	int number;
} numbers[] = {
#ifdef SYS_open
	{ "open", SYS_open },
	{ "poll", SYS_poll },
	{ "select", SYS_select },
	{ "epoll_create", SYS_epoll_create },
	{ "epoll_wait", SYS_epoll_wait },
	{ "creat", SYS_creat },
	{ "access", SYS_access },
	{ "alarm", SYS_alarm },
	{ "chmod", SYS_chmod },
	{ "chown", SYS_chown },
	{ "eventfd", SYS_eventfd },
	{ "lchown", SYS_lchown },
	{ "link", SYS_link },
	{ "lstat", SYS_lstat },
	{ "mknod", SYS_mknod },
	{ "readlink", SYS_readlink },
	{ "rmdir", SYS_rmdir },
	{ "signalfd", SYS_signalfd },
	{ "stat", SYS_stat },
	{ "symlink", SYS_symlink },
	{ "pipe", SYS_pipe },
	{ "dup2", SYS_dup2 },
	{ "fork", SYS_fork },
	{ "vfork", SYS_vfork },
	{ "unlink", SYS_unlink },
	{ "mkdir", SYS_mkdir },
	{ "rename", SYS_rename },
	{ "getrlimit", SYS_getrlimit },
#endif
#ifdef SYS_faccessat2
	{ "faccessat2", SYS_faccessat2 },
#endif
#ifdef SYS_statx
	{ "statx", SYS_statx },
#endif
#ifdef SYS_memfd_secret
	{ "memfd_secret", SYS_memfd_secret },
#endif
#ifdef SYS_io_uring_setup
	{ "io_uring_setup", SYS_io_uring_setup },
#endif
#ifdef SYS_openat2
	{ "openat2", SYS_openat2 },
	{ "clone3", SYS_clone3 },
	{ "close_range", SYS_close_range },
#endif
#ifdef SYS_fstat
	{ "fstat", SYS_fstat },
#endif
	{ "openat", SYS_openat },
	{ "socket", SYS_socket },
	{ "socketpair", SYS_socketpair },
	{ "bind", SYS_bind },
	{ "listen", SYS_listen },
	{ "connect", SYS_connect },
	{ "accept", SYS_accept },
	{ "accept4", SYS_accept4 },
	{ "sendto", SYS_sendto },
	{ "recvfrom", SYS_recvfrom },
	{ "sendmsg", SYS_sendmsg },
	{ "recvmsg", SYS_recvmsg },
	{ "sendmmsg", SYS_sendmmsg },
	{ "recvmmsg", SYS_recvmmsg },
	{ "shutdown", SYS_shutdown },
	{ "getsockname", SYS_getsockname },
	{ "getpeername", SYS_getpeername },
	{ "getsockopt", SYS_getsockopt },
	{ "setsockopt", SYS_setsockopt },
	{ "readv", SYS_readv },
	{ "writev", SYS_writev },
	{ "preadv", SYS_preadv },
	{ "pwritev", SYS_pwritev },
	{ "preadv2", SYS_preadv2 },
	{ "pwritev2", SYS_pwritev2 },
	{ "sendfile", SYS_sendfile },
	{ "splice", SYS_splice },
	{ "tee", SYS_tee },
	{ "vmsplice", SYS_vmsplice },
	{ "copy_file_range", SYS_copy_file_range },
	{ "fallocate", SYS_fallocate },
	{ "fadvise64", SYS_fadvise64 },
	{ "getdents64", SYS_getdents64 },
	{ "sync_file_range", SYS_sync_file_range },
	{ "syncfs", SYS_syncfs },
	{ "statfs", SYS_statfs },
	{ "fstatfs", SYS_fstatfs },
	{ "inotify_init1", SYS_inotify_init1 },
	{ "inotify_add_watch", SYS_inotify_add_watch },
	{ "inotify_rm_watch", SYS_inotify_rm_watch },
	{ "waitid", SYS_waitid },
	{ "setpgid", SYS_setpgid },
	{ "getpgid", SYS_getpgid },
	{ "setsid", SYS_setsid },
	{ "getsid", SYS_getsid },
	{ "setuid", SYS_setuid },
	{ "setgid", SYS_setgid },
	{ "setreuid", SYS_setreuid },
	{ "setregid", SYS_setregid },
	{ "setresuid", SYS_setresuid },
	{ "setresgid", SYS_setresgid },
	{ "getresuid", SYS_getresuid },
	{ "getresgid", SYS_getresgid },
	{ "setgroups", SYS_setgroups },
	{ "getgroups", SYS_getgroups },
	{ "prctl", SYS_prctl },
	{ "rt_sigaction", SYS_rt_sigaction },
	{ "rt_sigtimedwait", SYS_rt_sigtimedwait },
	{ "rt_sigsuspend", SYS_rt_sigsuspend },
	{ "mmap", SYS_mmap },
	{ "munmap", SYS_munmap },
	{ "msync", SYS_msync },
	{ "renameat2", SYS_renameat2 },
	{ "utimensat", SYS_utimensat },
	{ "chroot", SYS_chroot },
	{ "userfaultfd", SYS_userfaultfd },
	{ "fanotify_init", SYS_fanotify_init },
	{ "fanotify_mark", SYS_fanotify_mark },
	{ "name_to_handle_at", SYS_name_to_handle_at },
	{ "open_by_handle_at", SYS_open_by_handle_at },
	{ "faccessat", SYS_faccessat },
	{ "fdatasync", SYS_fdatasync },
	{ "fsync", SYS_fsync },
	{ "mkdirat", SYS_mkdirat },
	{ "mknodat", SYS_mknodat },
	{ "newfstatat", SYS_newfstatat },
	{ "readlinkat", SYS_readlinkat },
	{ "renameat", SYS_renameat },
	{ "symlinkat", SYS_symlinkat },
	{ "truncate", SYS_truncate },
	{ "umask", SYS_umask },
	{ "unlinkat", SYS_unlinkat },
	{ "dup", SYS_dup },
	{ "dup3", SYS_dup3 },
	{ "fcntl", SYS_fcntl },
	{ "flock", SYS_flock },
	{ "ioctl", SYS_ioctl },
	{ "close", SYS_close },
	{ "pipe2", SYS_pipe2 },
	{ "read", SYS_read },
	{ "write", SYS_write },
	{ "pread64", SYS_pread64 },
	{ "pwrite64", SYS_pwrite64 },
	{ "lseek", SYS_lseek },
	{ "ftruncate", SYS_ftruncate },
	{ "chdir", SYS_chdir },
	{ "fchdir", SYS_fchdir },
	{ "clone", SYS_clone },
	{ "unshare", SYS_unshare },
	{ "execve", SYS_execve },
	{ "execveat", SYS_execveat },
	{ "linkat", SYS_linkat },
	{ "getuid", SYS_getuid },
	{ "geteuid", SYS_geteuid },
	{ "getgid", SYS_getgid },
	{ "getegid", SYS_getegid },
	{ "fchmod", SYS_fchmod },
	{ "fchmodat", SYS_fchmodat },
	{ "fchown", SYS_fchown },
	{ "fchownat", SYS_fchownat },
	{ "exit", SYS_exit },
	{ "exit_group", SYS_exit_group },
	{ "wait4", SYS_wait4 },
	{ "kill", SYS_kill },
	{ "getpid", SYS_getpid },
	{ "getppid", SYS_getppid },
	{ "gettid", SYS_gettid },
	{ "setrlimit", SYS_setrlimit },
	{ "prlimit64", SYS_prlimit64 },
	{ "kcmp", SYS_kcmp },
	{ "ppoll", SYS_ppoll },
	{ "pselect6", SYS_pselect6 },
	{ "epoll_create1", SYS_epoll_create1 },
	{ "epoll_ctl", SYS_epoll_ctl },
	{ "eventfd2", SYS_eventfd2 },
	{ "inotify_init1", SYS_inotify_init1 },
	{ "inotify_add_watch", SYS_inotify_add_watch },
	{ "inotify_rm_watch", SYS_inotify_rm_watch },
	{ "memfd_create", SYS_memfd_create },
	{ "pidfd_open", SYS_pidfd_open },
	{ "pidfd_getfd", SYS_pidfd_getfd },
	{ "pidfd_send_signal", SYS_pidfd_send_signal },
	{ "rt_sigprocmask", SYS_rt_sigprocmask },
	{ "rt_sigpending", SYS_rt_sigpending },
	{ "tgkill", SYS_tgkill },
	{ "tkill", SYS_tkill },
	{ "signalfd4", SYS_signalfd4 },
	{ "timerfd_create", SYS_timerfd_create },
	{ "timerfd_settime", SYS_timerfd_settime },
	{ "timerfd_gettime", SYS_timerfd_gettime },
	{ "nanosleep", SYS_nanosleep },
	{ "clock_nanosleep", SYS_clock_nanosleep },
	{ "clock_gettime", SYS_clock_gettime },
	{ "epoll_pwait", SYS_epoll_pwait },
	{ "epoll_pwait2", SYS_epoll_pwait2 },
};

/* The call that can be seen, or NULL. */
static const struct call *visible_call(const struct task *task)
{
	const struct call *c = task->call;

	return c && c->where ? c : NULL;
}

int proc_call_number(const struct call_row *call)
{
	if (call->flags & CALL_INTERNAL)
		return -1;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!strcmp(numbers[i].name, call->name))
			return numbers[i].number;
	}
	return -1;
}

/* A register: a number as it is, a pointer as an address that differs from the others. */
static uint64_t register_of(const struct call *c, size_t i)
{
	const struct fdl_row *row = c->row;

	if (i >= row->nparams)
		return 0;
	if (!row->param[i].out && !c->arg[i].str)
		return (uint64_t)c->arg[i].num;
	return USER_DATA + i * 0x1000;
}

int proc_syscall(const struct node *n, struct text *out)
{
	const struct call *c = visible_call(n->task);
	int number;

	if (!c) {
		text_puts(out, n->task->state == TASK_ZOMBIE ? "-1 0x0 0x0\n" : "running\n");
		return 0;
	}
	number = proc_call_number(c->row->call);
	text_int(out, number);
	for (size_t i = 0; number >= 0 && i < 6; i++)
		text_printf(out, " 0x%llx", (unsigned long long)register_of(c, i));
	text_printf(out, " 0x%llx 0x%llx\n", USER_STACK, USER_TEXT);
	return 0;
}

int proc_wchan(const struct node *n, struct text *out)
{
	const struct call *c = visible_call(n->task);

	text_puts(out, c ? c->where : "0");
	return 0;
}

static void frame(struct text *out, const char *prefix, const char *function, size_t len)
{
	text_puts(out, "[<0>] ");
	text_puts(out, prefix);
	text_put(out, function, len);
	text_puts(out, "+0x0/0x0\n");
}

static void frame_of(struct text *out, const char *prefix, const char *function)
{
	frame(out, prefix, function, strlen(function));
}

int proc_stack(const struct node *n, struct text *out)
{
	const struct call *c = visible_call(n->task);
	const struct kernel *k = n->machine->kernel;

	if (!c)
		return 0;
	/* A point may name a place inside a function: "expand_fdtable:relock". */
	frame(out, "", c->where, strcspn(c->where, ":"));
	if (c->row->call->flags & CALL_INTERNAL) {
		frame_of(out, "", c->row->call->name);
		return 0;
	}
	frame_of(out, k->syscall_prefix, c->row->call->name);
	for (const char *const *entry = k->syscall_entry; *entry; entry++)
		frame_of(out, "", *entry);
	return 0;
}

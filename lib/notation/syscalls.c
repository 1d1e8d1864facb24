/*
 * Numbers of system calls by name, and names by number. Which calls a simulated kernel has is
 * elsewhere.
 */
#include "notation/syscalls.h"

#include "fdlab.h"

#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>

#define CALL(name)                                                                                 \
	{                                                                                          \
#name, SYS_##name                                                                  \
	}

static const struct {
	const char *name;
	int number;
} calls[] = {
#ifdef SYS_open /* newer machines have only the *at calls and the like */
	CALL(access),
	CALL(alarm),
	CALL(chmod),
	CALL(chown),
	CALL(creat),
	CALL(dup2),
	CALL(epoll_create),
	CALL(epoll_wait),
	CALL(eventfd),
	CALL(fork),
	CALL(getrlimit),
	CALL(inotify_init),
	CALL(lchown),
	CALL(link),
	CALL(lstat),
	CALL(mkdir),
	CALL(mknod),
	CALL(open),
	CALL(pipe),
	CALL(poll),
	CALL(readlink),
	CALL(rename),
	CALL(rmdir),
	CALL(select),
	CALL(signalfd),
	CALL(stat),
	CALL(symlink),
	CALL(unlink),
	CALL(vfork),
#endif
#ifdef SYS_fstat
	CALL(fstat),
#endif
#ifdef SYS_statx
	CALL(statx),
#endif
	CALL(accept),
	CALL(accept4),
	CALL(bind),
	CALL(chdir),
	CALL(chroot),
	CALL(clock_gettime),
	CALL(clock_nanosleep),
	CALL(clone),
	CALL(close),
	CALL(connect),
	CALL(copy_file_range),
	CALL(dup),
	CALL(dup3),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_pwait),
	CALL(eventfd2),
	CALL(execve),
	CALL(execveat),
	CALL(exit),
	CALL(exit_group),
	CALL(faccessat),
	CALL(fadvise64),
	CALL(fallocate),
	CALL(fanotify_init),
	CALL(fanotify_mark),
	CALL(fchdir),
	CALL(fchmod),
	CALL(fchmodat),
	CALL(fchown),
	CALL(fchownat),
	CALL(fcntl),
	CALL(fdatasync),
	CALL(flock),
	CALL(fstatfs),
	CALL(fsync),
	CALL(ftruncate),
	CALL(getdents64),
	CALL(getegid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getgroups),
	CALL(getpeername),
	CALL(getpgid),
	CALL(getpid),
	CALL(getppid),
	CALL(getresgid),
	CALL(getresuid),
	CALL(getsid),
	CALL(getsockname),
	CALL(getsockopt),
	CALL(gettid),
	CALL(getuid),
	CALL(inotify_add_watch),
	CALL(inotify_init1),
	CALL(inotify_rm_watch),
	CALL(ioctl),
	CALL(kcmp),
	CALL(kill),
	CALL(linkat),
	CALL(listen),
	CALL(lseek),
	CALL(memfd_create),
	CALL(mkdirat),
	CALL(mknodat),
	CALL(mmap),
	CALL(msync),
	CALL(munmap),
	CALL(name_to_handle_at),
	CALL(nanosleep),
	CALL(newfstatat),
	CALL(open_by_handle_at),
	CALL(openat),
	CALL(pipe2),
	CALL(ppoll),
	CALL(prctl),
	CALL(pread64),
	CALL(preadv),
	CALL(preadv2),
	CALL(prlimit64),
	CALL(pselect6),
	CALL(pwrite64),
	CALL(pwritev),
	CALL(pwritev2),
	CALL(read),
	CALL(readlinkat),
	CALL(readv),
	CALL(recvfrom),
	CALL(recvmmsg),
	CALL(recvmsg),
	CALL(renameat),
	CALL(renameat2),
	CALL(rt_sigaction),
	CALL(rt_sigpending),
	CALL(rt_sigprocmask),
	CALL(rt_sigsuspend),
	CALL(rt_sigtimedwait),
	CALL(sendfile),
	CALL(sendmmsg),
	CALL(sendmsg),
	CALL(sendto),
	CALL(setgid),
	CALL(setgroups),
	CALL(setpgid),
	CALL(setregid),
	CALL(setresgid),
	CALL(setresuid),
	CALL(setreuid),
	CALL(setrlimit),
	CALL(setsid),
	CALL(setsockopt),
	CALL(setuid),
	CALL(shutdown),
	CALL(signalfd4),
	CALL(socket),
	CALL(socketpair),
	CALL(splice),
	CALL(statfs),
	CALL(symlinkat),
	CALL(sync_file_range),
	CALL(syncfs),
	CALL(tee),
	CALL(tgkill),
	CALL(timerfd_create),
	CALL(timerfd_gettime),
	CALL(timerfd_settime),
	CALL(tkill),
	CALL(truncate),
	CALL(umask),
	CALL(unlinkat),
	CALL(unshare),
	CALL(userfaultfd),
	CALL(utimensat),
	CALL(vmsplice),
	CALL(wait4),
	CALL(waitid),
	CALL(write),
	CALL(writev),
};

/* From this number on, numbers are the same on all machines. */
#define FIRST_COMMON 424

static const char *const common[] = {
	"pidfd_send_signal",
	"io_uring_setup",
	"io_uring_enter",
	"io_uring_register",
	"open_tree",
	"move_mount",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"pidfd_open",
	"clone3",
	"close_range",
	"openat2",
	"pidfd_getfd",
	"faccessat2",
	"process_madvise",
	"epoll_pwait2",
	"mount_setattr",
	"quotactl_fd",
	"landlock_create_ruleset",
	"landlock_add_rule",
	"landlock_restrict_self",
	"memfd_secret",
	"process_mrelease",
	"futex_waitv",
	"set_mempolicy_home_node",
	"cachestat",
	"fchmodat2",
	"map_shadow_stack",
	"futex_wake",
	"futex_wait",
	"futex_requeue",
	"statmount",
	"listmount",
	"lsm_get_self_attr",
	"lsm_set_self_attr",
	"lsm_list_modules",
	"mseal",
	"setxattrat",
	"getxattrat",
	"listxattrat",
	"removexattrat",
	"open_tree_attr",
	"file_getattr",
	"file_setattr",
	"listns",
};

#define N(table) (sizeof(table) / sizeof((table)[0]))

static bool is_called(const char *known, const char *name, size_t len)
{
	return strncmp(known, name, len) == 0 && known[len] == '\0';
}

int notation_syscall(const char *name, size_t len)
{
	for (size_t i = 0; i < N(calls); i++) {
		if (is_called(calls[i].name, name, len))
			return calls[i].number;
	}
	for (size_t i = 0; i < N(common); i++) {
		if (is_called(common[i], name, len))
			return FIRST_COMMON + (int)i;
	}
	return -1;
}

const char *notation_syscall_name(int number)
{
	if (number < FIRST_COMMON || (size_t)(number - FIRST_COMMON) >= N(common))
		return NULL;
	return common[number - FIRST_COMMON];
}

int fdl_syscall(const char *name, size_t len)
{
	return notation_syscall(name, len);
}

const char *fdl_syscall_name(int number)
{
	return notation_syscall_name(number);
}

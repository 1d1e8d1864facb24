#include "support/random_lines.h"
#include "support/random.h"

#include <stdio.h>
#include <string.h>

/* Lines with a meaning; each %d becomes a descriptor, each %p a pid. */
static const char *const lines[] = {
	"dup(%d)",
	"dup2(%d, %d)",
	"dup2(%d, %d)",
	"dup3(%d, %d, O_CLOEXEC)",
	"close(%d)",
	"close(%d)",
	"close_range(%d, %d, CLOSE_RANGE_UNSHARE)",
	"close_range(%d, %d, CLOSE_RANGE_CLOEXEC)",
	"open(\"/etc/passwd\", O_RDONLY)",
	"open(\"/tmp/x\", O_RDWR|O_CREAT|O_CLOEXEC, 0644)",
	"open(\"/nowhere\", O_RDONLY)",
	"openat(AT_FDCWD, \"/tmp/x\", O_PATH)",
	"unlink(\"/tmp/x\")",
	"pipe(...)",
	"pipe2(..., O_NONBLOCK)",
	"pipe2(..., O_CLOEXEC)",
	"socket(AF_UNIX, SOCK_STREAM, 0)",
	"socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)",
	"socket(AF_INET, SOCK_DGRAM, 0)",
	"socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)",
	"socketpair(AF_UNIX, SOCK_DGRAM, 0, ...)",
	"socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, ...)",
	"bind(%d, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110)",
	"bind(%d, {sa_family=AF_UNIX, sun_path=@\"s\"}, 4)",
	"listen(%d, 1)",
	"connect(%d, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110)",
	"connect(%d, {sa_family=AF_UNIX, sun_path=@\"s\"}, 4)",
	"bind(%d, {sa_family=AF_INET, sin_port=htons(5000), sin_addr=inet_addr(\"0.0.0.0\")}, 16)",
	"connect(%d, {sa_family=AF_INET, sin_port=htons(5000), "
	"sin_addr=inet_addr(\"127.0.0.1\")}, 16)",
	"sendto(%d, \"hello\", 5, MSG_NOSIGNAL, {sa_family=AF_INET, sin_port=htons(5000), "
	"sin_addr=inet_addr(\"127.0.0.1\")}, 16)",
	"connect(%d, {sa_family=AF_UNSPEC}, 16)",
	"accept(%d, NULL, NULL)",
	"accept4(%d, ..., [110], SOCK_NONBLOCK)",
	"shutdown(%d, SHUT_WR)",
	"sendmsg %d [%d,%d]",
	"sendmsg %d [%d]",
	"sendmsg(%d, {msg_iov=[{iov_base=\"x\", iov_len=1}], msg_control=[{cmsg_len=24, "
	"cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[%d, %d]}]}, MSG_DONTWAIT)",
	"recvmsg %d",
	"recvmsg(%d, {msg_name={sa_family=AF_UNIX}, msg_namelen=110, msg_iov=[{iov_base=\"\", "
	"iov_len=1}], msg_controllen=24}, MSG_CMSG_CLOEXEC)",
	"recvmsg(%d, {msg_iov=[{iov_base=\"\", iov_len=9}]}, MSG_PEEK)",
	"recvfrom(%d, ..., 10, MSG_DONTWAIT, ..., [110])",
	"sendto(%d, \"hello\", 5, MSG_NOSIGNAL, {sa_family=AF_UNIX, sun_path=@\"s\"}, 4)",
	"unlink(\"/tmp/s\")",
	"getpeername(%d, ..., [110])",
	"setsockopt(%d, SOL_SOCKET, SO_SNDBUF, [1], 4)",
	"ioctl(%d, FIONREAD, ...)",
	"mkfifo(\"/tmp/f\", 0666)",
	"open(\"/tmp/f\", O_RDONLY)",
	"open(\"/tmp/f\", O_WRONLY)",
	"open(\"/tmp/f\", O_RDWR|O_NONBLOCK)",
	"fcntl(%d, F_SETPIPE_SZ, 8192)",
	"read(%d, ..., 10)",
	"read(%d, ..., 10)",
	"write(%d, \"hello\", 5)",
	"lseek(%d, 3, SEEK_SET)",
	"fcntl(%d, F_DUPFD, %d)",
	"fcntl(%d, F_SETFD, FD_CLOEXEC)",
	"fcntl(%d, F_SETFL, O_NONBLOCK)",
	"fork()",
	"vfork()",
	"clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD)",
	"clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)",
	"unshare(CLONE_FILES)",
	"execve(\"/bin/true\", [\"true\"], NULL)",
	"execve(\"/etc/passwd\", [], NULL)",
	"exit(3)",
	"exit_group(1)",
	"wait4(-1, ..., 0)",
	"wait4(-1, ..., WNOHANG)",
	"kill(%p, SIGKILL)",
	"kill(%p, SIGSTOP)",
	"kill(%p, SIGCONT)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=%d, rlim_max=4096})",
	"get_unused_fd_flags(0)",
	"anon_inode_getfd(\"[x]\", O_RDONLY|O_CLOEXEC)",
	"fget(%d)",
	"fput(%d)",
	"get_files_struct(%p)",
	"put_files_struct(%p)",
	"do_close_on_exec()",
	"exit_files()",
	"reset_files_struct(%p)",
	"iterate_fd(%d, NULL, ...)",
	"kcmp(%p, %p, KCMP_FILES, 0, 0)",
	"execve(\"/dev/fd/%d\", [], NULL)",
	"open(\"/proc/self/fd/%d\", O_RDWR)",
	"chdir(\"/tmp\")",
	"write(%d, \"#!/bin/sh -x\\n\")",
	"chmod(\"/tmp/x\", 04755)",
	"fchown(%d, 1000, -1)",
	"execve(\"/tmp/x\", [\"x\"], NULL)",
	"execveat(%d, \"\", [\"x\"], NULL, AT_EMPTY_PATH)",
	"linkat(AT_FDCWD, \"/proc/self/fd/%d\", AT_FDCWD, \"/tmp/x\", AT_SYMLINK_FOLLOW)",
	"open(\"/tmp\", O_RDWR|O_TMPFILE, 0600)",
	"fcntl(%d, F_SETLK, {l_type=F_WRLCK, l_start=%d, l_len=5})",
	"fcntl(%d, F_SETLKW, {l_type=F_WRLCK, l_start=2, l_len=%d})",
	"fcntl(%d, F_SETLKW, {l_type=F_RDLCK, l_len=%d})",
	"fcntl(%d, F_SETLK, {l_type=F_UNLCK, l_start=%d, l_len=2})",
	"fcntl(%d, F_OFD_SETLKW, {l_type=F_WRLCK, l_start=4, l_len=4})",
	"fcntl(%d, F_OFD_GETLK, {l_type=F_UNLCK})",
	"fcntl(%d, F_SETLKW, {l_type=F_WRLCK} <unfinished at vfs_lock_file ...>",
	"flock(%d, LOCK_EX)",
	"flock(%d, LOCK_SH|LOCK_NB)",
	"flock(%d, LOCK_UN)",
	"rename(\"/tmp/x\", \"/tmp/y\")",
	"write(%d, \"x\", 1 <unfinished at fget:fdt ...>",
	"write(%d, \"x\", 70000)",
	"read(%d, ..., 10 <unfinished ...>",
	"read(%d, ..., 10 <unfinished at fget:slot ...>",
	"wait4(-1, ..., 0 <unfinished ...>",
	"exit_group(2 <unfinished ...>",
	"dup(%d <unfinished ...>",
	"dup2(%d, %d <unfinished ...>",
	"close(%d <unfinished at filp_close ...>",
	"open(\"/tmp/x\", O_RDWR|O_CREAT, 0600 <unfinished at fd_install ...>",
	"fork( <unfinished ...>",
	"execve(\"/bin/true\", [], NULL <unfinished ...>",
	"poll([{fd=%d, events=POLLIN}, {fd=%d, events=POLLOUT}], 2, -1)",
	"poll([{fd=%d, events=POLLIN}], 1, 1000)",
	"epoll_create1(0)",
	"epoll_ctl(%d, EPOLL_CTL_ADD, %d, {events=EPOLLIN, data={u64=%d}})",
	"epoll_ctl(%d, EPOLL_CTL_ADD, %d, {events=EPOLLIN|EPOLLOUT|EPOLLET, data={u64=%d}})",
	"epoll_ctl(%d, EPOLL_CTL_MOD, %d, {events=EPOLLIN|EPOLLONESHOT, data={u64=%d}})",
	"epoll_ctl(%d, EPOLL_CTL_DEL, %d, NULL)",
	"epoll_wait(%d, ..., 3, 500)",
	"epoll_wait(%d, ..., 3, -1)",
	"eventfd2(1, 0)",
	"write(%d, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8)",
	"timerfd_create(CLOCK_MONOTONIC, 0)",
	"timerfd_settime(%d, 0, {it_interval={tv_sec=0, tv_nsec=7}, it_value={tv_sec=1}}, NULL)",
	"nanosleep({tv_sec=1, tv_nsec=0}, NULL)",
	"rt_sigprocmask(SIG_BLOCK, [USR1 CHLD TERM ALRM RT_1], [], 8)",
	"rt_sigprocmask(SIG_SETMASK, [], [], 8)",
	"signalfd4(-1, [USR1 CHLD RT_1], 8, 0)",
	"read(%d, ..., 256)",
	"kill(%p, SIGUSR1)",
	"tgkill(%p, %p, SIGRT_1)",
	"alarm(1)",
	"epoll_pwait(%d, ..., 3, 500, [], 8)",
	"clock +0.7",
	"memfd_create(\"m\", MFD_ALLOW_SEALING)",
	"fcntl(%d, F_ADD_SEALS, F_SEAL_GROW)",
	"pidfd_open(%p, 0)",
	"pidfd_open(%p, PIDFD_THREAD)",
	"pidfd_getfd(%d, %d, 0)",
	"pidfd_send_signal(%d, SIGTERM, NULL, 0)",
	"inotify_init1(0)",
	"inotify_add_watch(%d, \"/tmp\", IN_ALL_EVENTS)",
	"inotify_add_watch(%d, \"/tmp/x\", IN_ALL_EVENTS|IN_ONESHOT)",
	"inotify_rm_watch(%d, 1)",
	"rcu hold",
	"rcu release",
	"select(8, [%d], [%d], NULL, {tv_sec=0, tv_usec=300000})",
	"closefrom(%d)",
	"fcntl(%d, F_CLOSEM)",
	"fcntl(0, F_MAXFD)",
	"kqueue()",
	"open(\"/dev/fd/%d\", O_RDONLY)",
	"open(\"/dev/bpf\", O_RDWR)",
	"open(\"/dev/tap\", O_RDWR <unfinished at vn_open ...>",
	"open(\"/tmp/x\", O_RDWR|O_CREAT, 0600 <unfinished at vn_open ...>",
	"open(\"/nowhere\", O_RDONLY <unfinished at vn_open ...>",
	"open(\"/dev/fd/%d\", O_RDONLY <unfinished at vn_open ...>",
	"close(%d <unfinished at closef ...>",
	"dup2(%d, %d <unfinished at finishdup ...>",
	"execve(\"/bin/su\", [], NULL)",
	"fork1(FORK_CLEANFILES)",
	"fork1(FORK_SHAREFILES|FORK_PPWAIT)",
	"fdalloc(%d)",
	"fdexpand()",
	"falloc()",
	"FILE_SET_MATURE(%d, \"/etc/passwd\", O_RDONLY)",
	"fdclone(%d, O_RDWR, \"/dev/bpf\")",
	"fd_getfile(%d)",
	"fdremove(%d)",
	"fdrelease(%d)",
	"ffree(%d)",
	"closef(%d)",
	"fdinit()",
	"fdcopy()",
	"fdshare(%p)",
	"fdfree(%d)",
	"fdfree()",
	"fdunshare()",
	"fdclear()",
	"fdcloseexec()",
	"fdcheckstd()",
	"dupfdopen(%d, %d, O_RDONLY, EDUPFD)",
	"dupfdopen(%d, %d, O_RDONLY, EMOVEFD)",
	"step",
	"step",
	"finish",
	"<... read resumed>..., 10) = -1 EINTR",
	"+++ killed by SIGTERM +++",
};

/* Words without a meaning in this order. */
static const char *const words[] = {
	"dup",   "(",        ")",          " ",          "3", "\"x\"", "<unfinished ...>",
	"<... ", "resumed>", ") = 3",      "= -1 EBADF", "[", "{",     "...",
	"|",     "=",        "4294967296", "O_RDWR",     "#", "\\",    "NULL",
};

static unsigned descriptor(void)
{
	static const unsigned edges[] = { 63, 64, 65, 127, 128, 255, 256, 1023, 1024, 2147483647 };

	return pick(8) ? pick(9) : PICK(edges);
}

size_t add_random_line(char *program, size_t len)
{
	const char *from = PICK(lines);

	/* Time and grace periods belong to no task. */
	if (strncmp(from, "clock", 5) != 0 && strncmp(from, "rcu", 3) != 0)
		len += (size_t)sprintf(program + len, "%u ", 1 + pick(5));
	for (; *from; from++) {
		if (*from == '%') {
			from++;
			len += (size_t)sprintf(program + len, "%u",
					       *from == 'd' ? descriptor() : 1 + pick(5));
		} else {
			program[len++] = *from;
		}
	}
	program[len++] = '\n';
	return len;
}

size_t add_random_words(char *program, size_t len)
{
	for (unsigned n = pick(6); n; n--)
		len += (size_t)sprintf(program + len, "%s%s", PICK(words), pick(2) ? " " : "");
	if (pick(20) == 0)
		program[len++] = (char)pick(256);
	program[len++] = '\n';
	return len;
}

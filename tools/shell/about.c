/*
 * The calls that programs make, each in a line. Arguments come from the library's table; a test
 * holds that each of its system calls has a row here.
 */
#include "shell/about.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const struct about {
	const char *name, *words, *errors;
} rows[] = {
	{ "accept4", "accept, with SOCK_CLOEXEC and SOCK_NONBLOCK for the new descriptor",
	  "EBADF EAGAIN EINVAL EMFILE ENOTSOCK" },
	{ "accept",
	  "takes the oldest connection out of a listening socket's queue, as a new descriptor; "
	  "waits for one",
	  "EBADF EAGAIN EINVAL EMFILE ENOTSOCK EOPNOTSUPP" },
	{ "access", "asks whether the task's real ids may use a name", "EACCES ENOENT ENOTDIR" },
	{ "alarm", "has SIGALRM sent after some seconds", "" },
	{ "bind", "gives a socket its address", "EADDRINUSE EBADF EINVAL ENOENT ENOTSOCK" },
	{ "chdir", "changes the working directory, from which relative names start",
	  "EACCES ENOENT ENOTDIR" },
	{ "chmod",
	  "changes the permission bits of a name; descriptors that are open already do not mind",
	  "ENOENT EPERM" },
	{ "chown", "changes owner and group of a name", "ENOENT EPERM" },
	{ "clock_gettime", "reads a clock; the machine's goes on with calls and with \"clock\"",
	  "EINVAL" },
	{ "clock_nanosleep", "sleeps on a clock, to a time or for one", "EINTR EINVAL" },
	{ "clone3", "clone, with its arguments in a structure", "EAGAIN EINVAL" },
	{ "clone",
	  "makes a task; its flags say what it shares: CLONE_FILES the table, CLONE_FS names, "
	  "CLONE_THREAD the process",
	  "EAGAIN EINVAL EMFILE" },
	{ "close_range", "closes, or marks close-on-exec, all descriptors from one to another",
	  "EINVAL" },
	{ "closefrom", "closes all descriptors from one on", "EBADF" },
	{ "close", "frees a descriptor; the last one of a description closes the file", "EBADF" },
	{ "connect", "connects a socket to an address",
	  "EADDRNOTAVAIL EAGAIN ECONNREFUSED EISCONN ENOENT" },
	{ "copy_file_range", "copies bytes from a file to a file without a buffer",
	  "EBADF EINVAL" },
	{ "creat", "open with O_WRONLY, O_CREAT and O_TRUNC", "EACCES EISDIR EMFILE ENOENT" },
	{ "dup2",
	  "makes a given number lead where another leads; what was open there is closed in the "
	  "same step",
	  "EBADF EBUSY" },
	{ "dup3", "dup2 with O_CLOEXEC, and an error for two equal numbers", "EBADF EBUSY EINVAL" },
	{ "dup",
	  "makes the lowest free number lead where another leads: position and status flags are "
	  "shared",
	  "EBADF EMFILE" },
	{ "epoll_create1", "makes an epoll: a set of descriptions to wait for", "EINVAL EMFILE" },
	{ "epoll_create", "makes an epoll: a set of descriptions to wait for", "EINVAL EMFILE" },
	{ "epoll_ctl", "adds a description to an epoll under a number, changes or removes it",
	  "EBADF EEXIST EINVAL ELOOP ENOENT EPERM" },
	{ "epoll_pwait2", "epoll_pwait with a time in nanoseconds", "EBADF EINTR EINVAL" },
	{ "epoll_pwait", "epoll_wait with a signal mask for as long as it waits",
	  "EBADF EINTR EINVAL" },
	{ "epoll_wait", "waits until something of the set is ready, and tells what",
	  "EBADF EINTR EINVAL" },
	{ "eventfd2", "makes a counter that is read and written as a file", "EINVAL EMFILE" },
	{ "eventfd", "makes a counter that is read and written as a file", "EINVAL EMFILE" },
	{ "execveat", "execve of a name that starts at a descriptor, or of a descriptor itself",
	  "EACCES EBADF ENOENT" },
	{ "execve",
	  "replaces the task's program; closes what is close-on-exec, and keeps all other "
	  "descriptors",
	  "EACCES ENOENT ETXTBSY" },
	{ "exec", "execve in the shell's form: exec /bin/cat", "EACCES ENOENT" },
	{ "exit_group", "ends all threads of the process", "" },
	{ "exit", "ends the task; its descriptors are closed", "" },
	{ "faccessat2", "access from a directory, with flags", "EACCES EBADF EINVAL ENOENT" },
	{ "faccessat", "access from a directory", "EACCES EBADF ENOENT" },
	{ "fchdir", "changes the working directory to an open one", "EBADF ENOTDIR" },
	{ "fchmodat", "chmod from a directory", "EBADF ENOENT EPERM" },
	{ "fchmod", "chmod of an open file", "EBADF EPERM" },
	{ "fchownat", "chown from a directory", "EBADF ENOENT EPERM" },
	{ "fchown", "chown of an open file", "EBADF EPERM" },
	{ "fcntl",
	  "does what its command says: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, locks, owners",
	  "EBADF EINVAL" },
	{ "fdatasync", "writes a file's data to the disk, of which there is none here",
	  "EBADF EINVAL" },
	{ "flock", "locks the file for the description: dup and fork share the lock",
	  "EBADF EINTR EWOULDBLOCK" },
	{ "fork",
	  "makes a child with a copy of the table: numbers are its own, descriptions are shared",
	  "EAGAIN" },
	{ "fstat", "tells what an open file is", "EBADF" },
	{ "fsync", "writes a file to the disk, of which there is none here", "EBADF EINVAL" },
	{ "ftruncate", "sets the length of a file that is open to be written", "EBADF EINVAL" },
	{ "getdents64", "reads names out of an open directory", "EBADF EINVAL ENOTDIR" },
	{ "getegid", "the effective group id", "" },
	{ "geteuid", "the effective user id", "" },
	{ "getgid", "the real group id", "" },
	{ "getpeername", "the address of the socket at the other end", "EBADF ENOTCONN ENOTSOCK" },
	{ "getpid", "the number of the process", "" },
	{ "getppid", "the number of the parent", "" },
	{ "getrlimit", "reads a limit of the process", "EINVAL" },
	{ "getsockname", "the address of a socket", "EBADF ENOTSOCK" },
	{ "getsockopt", "reads an option of a socket", "EBADF ENOPROTOOPT ENOTSOCK" },
	{ "gettid", "the number of the task", "" },
	{ "getuid", "the real user id", "" },
	{ "inotify_add_watch", "has an inotify tell what happens to a name",
	  "EBADF ENOENT ENOSPC" },
	{ "inotify_init1", "makes an inotify, with flags", "EINVAL EMFILE" },
	{ "inotify_init", "makes an inotify: a queue of what happens to names", "EMFILE" },
	{ "inotify_rm_watch", "ends a watch", "EBADF EINVAL" },
	{ "ioctl", "does what its request says: FIOCLEX, FIONBIO, FIONREAD, FIOASYNC",
	  "EBADF ENOTTY" },
	{ "kcmp", "tells whether two tasks' descriptors, tables or others are the same",
	  "EBADF EINVAL ESRCH" },
	{ "kill", "sends a signal to a process; in the shell's form: kill -9 2",
	  "EINVAL EPERM ESRCH" },
	{ "kqueue", "makes NetBSD's queue of events; fork does not hand it on", "EMFILE" },
	{ "lchown", "chown of a symbolic link itself", "ENOENT EPERM" },
	{ "linkat", "link from directories; of a descriptor with AT_EMPTY_PATH",
	  "EBADF EEXIST ENOENT" },
	{ "link", "gives a file another name", "EEXIST ENOENT EPERM" },
	{ "listen", "makes a socket take connections", "EBADF EINVAL EOPNOTSUPP" },
	{ "lseek", "sets the position of a description, which all its descriptors share",
	  "EBADF EINVAL ESPIPE" },
	{ "lstat", "stat of a symbolic link itself", "ENOENT" },
	{ "memfd_create", "makes a file without a name", "EINVAL EMFILE" },
	{ "mkdirat", "mkdir from a directory", "EBADF EEXIST ENOENT" },
	{ "mkdir", "makes a directory", "EEXIST ENOENT" },
	{ "mkfifo", "makes a FIFO: a pipe with a name", "EEXIST ENOENT" },
	{ "mknodat", "mknod from a directory", "EBADF EEXIST ENOENT" },
	{ "mknod", "makes a file, a FIFO or a device", "EEXIST ENOENT EPERM" },
	{ "nanosleep", "sleeps", "EINTR EINVAL" },
	{ "newfstatat", "stat from a directory", "EBADF ENOENT" },
	{ "openat2", "openat, with its arguments in a structure and rules for the walk",
	  "EAGAIN EINVAL ELOOP EXDEV" },
	{ "openat", "open of a name that starts at a directory", "EACCES EBADF EMFILE ENOENT" },
	{ "open", "makes a description and the lowest free number for it",
	  "EACCES EEXIST EISDIR EMFILE ENOENT ENOTDIR ENXIO" },
	{ "pidfd_getfd", "takes a descriptor out of another task's table",
	  "EBADF EMFILE EPERM ESRCH" },
	{ "pidfd_open", "makes a descriptor that stands for a process", "EINVAL EMFILE ESRCH" },
	{ "pidfd_send_signal", "sends a signal to the process of a pidfd",
	  "EBADF EINVAL EPERM ESRCH" },
	{ "pipe2", "pipe, with O_CLOEXEC, O_NONBLOCK or O_DIRECT", "EINVAL EMFILE ENFILE" },
	{ "pipe", "makes a pipe: the first number reads, the second writes", "EMFILE ENFILE" },
	{ "poll", "waits until one of the descriptors is ready", "EINTR EINVAL" },
	{ "ppoll", "poll with a signal mask for as long as it waits", "EINTR EINVAL" },
	{ "pread64", "reads at a position, and leaves the description's alone",
	  "EBADF EINVAL ESPIPE" },
	{ "preadv2", "preadv with flags", "EBADF EINVAL EOPNOTSUPP" },
	{ "preadv", "pread into several buffers", "EBADF EINVAL ESPIPE" },
	{ "pread", "reads at a position, and leaves the description's alone",
	  "EBADF EINVAL ESPIPE" },
	{ "prlimit64", "reads and sets a limit of a process", "EINVAL EPERM ESRCH" },
	{ "prlimit", "reads and sets a limit of a process", "EINVAL EPERM ESRCH" },
	{ "pselect6", "select with a signal mask for as long as it waits", "EBADF EINTR EINVAL" },
	{ "pwrite64", "writes at a position, and leaves the description's alone",
	  "EBADF EINVAL ESPIPE" },
	{ "pwritev2", "pwritev with flags", "EBADF EINVAL EOPNOTSUPP" },
	{ "pwritev", "pwrite of several buffers", "EBADF EINVAL ESPIPE" },
	{ "pwrite", "writes at a position, and leaves the description's alone",
	  "EBADF EINVAL ESPIPE" },
	{ "readlinkat", "readlink from a directory", "EBADF EINVAL ENOENT" },
	{ "readlink", "reads where a symbolic link leads", "EINVAL ENOENT" },
	{ "readv", "read into several buffers", "EAGAIN EBADF EINVAL" },
	{ "read", "reads from the position on, and moves it; 0 is the end of the file",
	  "EAGAIN EBADF EINTR EISDIR" },
	{ "recvfrom", "recv, with the address of the sender", "EAGAIN EBADF ENOTCONN ENOTSOCK" },
	{ "recvmmsg", "receives several messages", "EAGAIN EBADF ENOTSOCK" },
	{ "recvmsg", "receives a message with what came along: descriptors become new numbers",
	  "EAGAIN EBADF ENOTCONN ENOTSOCK" },
	{ "recv", "receives a message, or bytes of a stream", "EAGAIN EBADF ENOTCONN ENOTSOCK" },
	{ "renameat", "rename from directories", "EBADF ENOENT EXDEV" },
	{ "rename",
	  "gives a file another name in the place of its old one; what is open stays open",
	  "EISDIR ENOENT ENOTEMPTY EXDEV" },
	{ "rmdir", "removes an empty directory", "ENOENT ENOTDIR ENOTEMPTY" },
	{ "rt_sigaction", "says what becomes of a signal: default, ignored, or a handler",
	  "EINVAL" },
	{ "rt_sigpending", "the signals that wait because they are blocked", "" },
	{ "rt_sigprocmask", "blocks signals, and lets them through again", "EINVAL" },
	{ "select",
	  "waits until a descriptor of three sets is ready; sets end at FD_SETSIZE in libc",
	  "EBADF EINTR EINVAL" },
	{ "sendfile", "copies bytes from a file to a descriptor without a buffer", "EBADF EINVAL" },
	{ "sendmmsg", "sends several messages", "EAGAIN EBADF ENOTSOCK" },
	{ "sendmsg", "sends a message, with descriptors for the receiver if it has SCM_RIGHTS",
	  "EAGAIN EBADF ENOTSOCK EPIPE ETOOMANYREFS" },
	{ "sendto", "send, to an address", "EAGAIN EBADF ECONNREFUSED ENOTSOCK" },
	{ "send", "sends a message, or bytes on a stream", "EAGAIN EBADF ENOTCONN ENOTSOCK EPIPE" },
	{ "setrlimit",
	  "sets a limit of the process; descriptors above a lower RLIMIT_NOFILE stay open",
	  "EINVAL EPERM" },
	{ "setsockopt", "sets an option of a socket", "EBADF ENOPROTOOPT ENOTSOCK" },
	{ "shutdown", "ends one direction of a connection, or both, for all descriptors of it",
	  "EBADF ENOTCONN ENOTSOCK" },
	{ "sigaction", "says what becomes of a signal: default, ignored, or a handler", "EINVAL" },
	{ "signalfd4", "makes a descriptor that reads signals, with flags", "EBADF EINVAL EMFILE" },
	{ "signalfd", "makes a descriptor that reads signals", "EBADF EINVAL EMFILE" },
	{ "sigprocmask", "blocks signals, and lets them through again", "EINVAL" },
	{ "socketpair", "makes two sockets that are connected to each other",
	  "EINVAL EMFILE EOPNOTSUPP" },
	{ "socket", "makes a socket", "EAFNOSUPPORT EINVAL EMFILE" },
	{ "splice", "moves bytes between a pipe and a file", "EAGAIN EBADF EINVAL ESPIPE" },
	{ "statx", "stat, with a mask of what is wanted", "EBADF EINVAL ENOENT" },
	{ "stat", "tells what a name is", "ENOENT ENOTDIR" },
	{ "symlinkat", "symlink from a directory", "EBADF EEXIST ENOENT" },
	{ "symlink", "makes a symbolic link", "EEXIST ENOENT" },
	{ "tee", "copies bytes from a pipe to a pipe, which keeps them", "EAGAIN EBADF EINVAL" },
	{ "tgkill", "sends a signal to a task of a process", "EINVAL ESRCH" },
	{ "timerfd_create", "makes a timer that is read as a file", "EINVAL EMFILE" },
	{ "timerfd_gettime", "what is left of a timer", "EBADF EINVAL" },
	{ "timerfd_settime", "starts a timer, or stops it", "EBADF EINVAL" },
	{ "tkill", "sends a signal to a task", "EINVAL ESRCH" },
	{ "truncate", "sets the length of a file", "EACCES EINVAL ENOENT" },
	{ "umask", "sets the permissions that new files do not get", "" },
	{ "unlinkat", "unlink from a directory", "EBADF EISDIR ENOENT" },
	{ "unlink", "removes a name; the file stays as long as a descriptor leads to it",
	  "EISDIR ENOENT EPERM" },
	{ "unshare", "gives the task a table or names of its own", "EINVAL EMFILE" },
	{ "vfork", "fork, in which the parent waits until the child has called exec or exit",
	  "EAGAIN" },
	{ "wait4", "waits for a child to end, and removes it", "ECHILD EINTR EINVAL" },
	{ "waitid", "waits for a child, by pid, group or pidfd", "ECHILD EINTR EINVAL" },
	{ "waitpid", "waits for a child to end", "ECHILD EINTR EINVAL" },
	{ "wait", "waits for a child to end", "ECHILD" },
	{ "writev", "write of several buffers", "EAGAIN EBADF EINVAL" },
	{ "write",
	  "writes from the position on, and moves it; with O_APPEND at the end of the file",
	  "EAGAIN EBADF EFBIG ENOSPC EPIPE" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const char *const *about_names(void)
{
	static const char *names[N_ROWS + 1];

	for (size_t i = 0; i < N_ROWS; i++)
		names[i] = rows[i].name;
	return names;
}

static const struct about *find(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	}
	return NULL;
}

/* "dup2(fd oldfd, fd newfd)": what the call fills in is marked. */
static void print_arguments(const struct fdl_row *row, FILE *to)
{
	struct fdl_param params[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(row, params);

	fprintf(to, "  %s(", fdl_row_name(row));
	for (size_t i = 0; i < n; i++)
		fprintf(to, "%s%s%s %s", i ? ", " : "", params[i].out ? "out " : "", params[i].type,
			params[i].name);
	fputs(")\n", to);
}

int about_call(const struct fdl_machine *m, const char *name, FILE *to)
{
	const struct fdl_row *row = fdl_row_find(m, name);
	const struct about *about = find(name);

	if (!row && !about)
		return -ENOENT;
	if (row)
		print_arguments(row, to);
	if (row && fdl_row_is_internal(row))
		fputs("  a function of the kernel, which no program calls: see fdlab-notation(5)\n",
		      to);
	if (about)
		fprintf(to, "  %s\n", about->words);
	if (about && *about->errors)
		fprintf(to, "  errors: %s\n", about->errors);
	return 0;
}

/*
 * Calls on descriptor tables and on tasks, with the function that writes the arguments of each.
 */
#include "fuzz/writer.h"

#include <limits.h>

static uint64_t any_limit(struct fuzz_program *p)
{
	static const uint64_t limits[] = { 0,  1,   3,   4,   8,   20,  63,  64,
					   65, 100, 127, 128, 129, 256, 512, 1024 };
	const uint64_t limit =
		fuzz_one_in(p, 4) ? p->nofile_hard + fuzz_below(p, 2) : PICK(p, limits);

	return fuzz_one_in(p, 3) ? p->nofile : limit;
}

/* ---- words ---------------------------------------------------------------------------------- */

static const char *const names[] = { "/etc/passwd", "/etc/hosts", "/tmp/a",
				     "/tmp/b",      "/dev/null",  "/dev/zero",
				     "/tmp",        "/missing",   "/tmp/d/x" };
static const char *const oflags[] = {
	"O_RDONLY",
	"O_RDWR",
	"O_WRONLY",
	"O_RDONLY|O_CLOEXEC",
	"O_RDWR|O_CREAT",
	"O_RDWR|O_CREAT|O_CLOEXEC",
	"O_WRONLY|O_CREAT|O_EXCL",
	"O_RDWR|O_CREAT|O_TRUNC",
	"O_WRONLY|O_APPEND",
	"O_PATH",
	"O_PATH|O_CLOEXEC",
	"O_RDONLY|O_DIRECTORY",
	"O_RDONLY|O_NONBLOCK",
};
static const char *const dupflags[] = { "0",         "0",          "O_CLOEXEC",
					"O_CLOEXEC", "O_NONBLOCK", "O_CLOEXEC|O_NONBLOCK",
					"O_APPEND" };

/* ---- calls ---------------------------------------------------------------------------------- */

static void put_dup(struct program_writer *w)
{
	fuzz_put(w, "dup(%d)", fuzz_open_fd(w->p));
}

static void put_dup2(struct program_writer *w)
{
	int from = fuzz_open_fd(w->p);

	fuzz_put(w, "dup2(%d, %d)", from, fuzz_one_in(w->p, 8) ? from : fuzz_any_fd(w->p));
}

static void put_dup3(struct program_writer *w)
{
	int from = fuzz_open_fd(w->p);

	fuzz_put(w, "dup3(%d, %d, %s)", from, fuzz_one_in(w->p, 8) ? from : fuzz_any_fd(w->p),
		 PICK(w->p, dupflags));
}

static void put_close(struct program_writer *w)
{
	fuzz_put(w, "close(%d)", fuzz_open_fd(w->p));
}

static void put_close_range(struct program_writer *w)
{
	static const char *const flags[] = { "0",
					     "0",
					     "CLOSE_RANGE_UNSHARE",
					     "CLOSE_RANGE_CLOEXEC",
					     "CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC",
					     "1",
					     "8" };
	unsigned first = (unsigned)fuzz_any_fd(w->p);
	unsigned last = fuzz_one_in(w->p, 4) ? UINT_MAX : first + (unsigned)fuzz_below(w->p, 70);

	if (fuzz_one_in(w->p, 10))
		last = (unsigned)fuzz_any_fd(w->p);
	fuzz_put(w, "close_range(%u, %u, %s)", first, last, PICK(w->p, flags));
}

static void put_dupfd(struct program_writer *w)
{
	fuzz_put(w, "fcntl(%d, %s, %d)", fuzz_open_fd(w->p),
		 fuzz_one_in(w->p, 2) ? "F_DUPFD" : "F_DUPFD_CLOEXEC", fuzz_any_fd(w->p));
}

static void put_getfd(struct program_writer *w)
{
	fuzz_put(w, "fcntl(%d, F_GETFD)", fuzz_open_fd(w->p));
}

static void put_setfd(struct program_writer *w)
{
	static const char *const flags[] = { "0", "FD_CLOEXEC", "FD_CLOEXEC", "2", "3" };

	fuzz_put(w, "fcntl(%d, F_SETFD, %s)", fuzz_open_fd(w->p), PICK(w->p, flags));
}

static void put_getfl(struct program_writer *w)
{
	fuzz_put(w, "fcntl(%d, F_GETFL)", fuzz_open_fd(w->p));
}

static void put_setfl(struct program_writer *w)
{
	static const char *const flags[] = { "0", "O_APPEND", "O_NONBLOCK", "O_APPEND|O_NONBLOCK",
					     "O_NONBLOCK|O_CLOEXEC" };

	fuzz_put(w, "fcntl(%d, F_SETFL, %s)", fuzz_open_fd(w->p), PICK(w->p, flags));
}

static void put_ioctl(struct program_writer *w)
{
	fuzz_put(w, "ioctl(%d, %s)", fuzz_open_fd(w->p),
		 fuzz_one_in(w->p, 2) ? "FIOCLEX" : "FIONCLEX");
}

static void put_open(struct program_writer *w)
{
	fuzz_put(w, "open(\"%s\", %s, 0644)", PICK(w->p, names), PICK(w->p, oflags));
}

static void put_openat(struct program_writer *w)
{
	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "openat(AT_FDCWD, \"%s\", %s, 0600)", PICK(w->p, names),
			 PICK(w->p, oflags));
	else
		fuzz_put(w, "openat(%d, \"%s\", %s, 0600)", fuzz_open_fd(w->p),
			 fuzz_one_in(w->p, 2) ? "a" : ".", PICK(w->p, oflags));
}

static void put_openat2(struct program_writer *w)
{
	fuzz_put(w, "openat2(AT_FDCWD, \"%s\", {flags=%s, mode=0, resolve=0}, 24)",
		 PICK(w->p, names), PICK(w->p, oflags));
}

static void put_creat(struct program_writer *w)
{
	fuzz_put(w, "creat(\"%s\", 0600)", PICK(w->p, names));
}

static void put_pipe(struct program_writer *w)
{
	fuzz_put(w, "pipe()");
}

static void put_pipe2(struct program_writer *w)
{
	/* Mostly nonblocking: calls that wait take long. */
	fuzz_put(w, "pipe2(..., %s)", fuzz_one_in(w->p, 3) ? PICK(w->p, dupflags) : "O_NONBLOCK");
}

static void put_read(struct program_writer *w)
{
	fuzz_put(w, "read(%d, ..., %d)", fuzz_open_fd(w->p), (int)fuzz_below(w->p, 20));
}

static void put_write(struct program_writer *w)
{
	fuzz_put(w, "write(%d, \"%.*s\", %d)", fuzz_open_fd(w->p), 3, "abc", 3);
}

static void put_lseek(struct program_writer *w)
{
	static const char *const whences[] = { "SEEK_SET", "SEEK_CUR", "SEEK_END" };

	fuzz_put(w, "lseek(%d, %d, %s)", fuzz_open_fd(w->p), (int)fuzz_below(w->p, 30) - 5,
		 PICK(w->p, whences));
}

static void put_unlink(struct program_writer *w)
{
	fuzz_put(w, "unlink(\"/tmp/%s\")", fuzz_one_in(w->p, 2) ? "a" : "b");
}

static void put_fchdir(struct program_writer *w)
{
	fuzz_put(w, "fchdir(%d)", fuzz_open_fd(w->p));
}

static void put_fork(struct program_writer *w)
{
	fuzz_put(w, "fork()");
}

static void put_vfork(struct program_writer *w)
{
	fuzz_put(w, "vfork()");
}

/* Flags that need others mostly have them, and sometimes not. */
static const char *const clones[] = {
	"CLONE_FILES|SIGCHLD",
	"CLONE_FILES|SIGCHLD",
	"CLONE_FILES|CLONE_FS|SIGCHLD",
	"CLONE_FS|SIGCHLD",
	"CLONE_VM|CLONE_FILES|SIGCHLD",
	"CLONE_VM|CLONE_VFORK|SIGCHLD",
	"CLONE_FILES|CLONE_VFORK|SIGCHLD",
	"CLONE_PARENT|CLONE_FILES|SIGCHLD",
	"CLONE_VM|CLONE_SIGHAND|SIGCHLD",
	"CLONE_FILES",
	"CLONE_THREAD|CLONE_FILES",
	"CLONE_SIGHAND|SIGCHLD",
};
#define THREAD "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD"

static void put_clone(struct program_writer *w)
{
	w->p->makes_thread = fuzz_one_in(w->p, 3);
	fuzz_put(w, "clone(child_stack=NULL, flags=%s)",
		 w->p->makes_thread ? THREAD : PICK(w->p, clones));
}

static void put_clone3(struct program_writer *w)
{
	w->p->makes_thread = fuzz_one_in(w->p, 4);
	if (w->p->makes_thread)
		fuzz_put(w,
			 "clone3({flags=" THREAD ", exit_signal=0, stack=NULL, stack_size=0}, 88)");
	else
		fuzz_put(w, "clone3({flags=%s, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88)",
			 fuzz_one_in(w->p, 2) ? "CLONE_FILES" : "CLONE_FS");
}

static void put_unshare(struct program_writer *w)
{
	static const char *const flags[] = { "CLONE_FILES", "CLONE_FILES", "CLONE_FILES|CLONE_FS",
					     "CLONE_FS",    "CLONE_VM",    "CLONE_THREAD" };

	fuzz_put(w, "unshare(%s)", PICK(w->p, flags));
}

static void put_execve(struct program_writer *w)
{
	static const char *const programs[] = { "/bin/true", "/bin/cat", "/missing", "/etc/passwd",
						"/tmp" };

	fuzz_put(w, "execve(\"%s\", [\"x\"], NULL)", PICK(w->p, programs));
}

/* Never by task 1, with which all tasks would end. */
static void put_exit(struct program_writer *w)
{
	if (w->p->maker.pid == 1)
		put_getfd(w);
	else if (w->p->maker.leader == 1 || fuzz_one_in(w->p, 2))
		fuzz_put(w, "exit(%d)", (int)fuzz_below(w->p, 4));
	else
		fuzz_put(w, "exit_group(%d)", (int)fuzz_below(w->p, 300));
}

/* With threads, the kernel looks at children of the caller first: so no wait for any child then. */
static void put_wait4(struct program_writer *w)
{
	static const char *const options[] = { "WNOHANG", "WNOHANG", "WNOHANG|__WALL",
					       "WNOHANG|WUNTRACED|WCONTINUED", "WNOHANG|__WCLONE" };
	int pid = fuzz_any_pid(w->p);

	if (!w->p->threads && fuzz_one_in(w->p, 2))
		pid = -1;
	else if (w->p->threads && !pid)
		pid = 1;
	fuzz_put(w, "wait4(%d, ..., %s, NULL)", pid,
		 fuzz_one_in(w->p, 40) ? "0" : PICK(w->p, options));
}

static void put_kill(struct program_writer *w)
{
	/* No SIGSTOP: a stopped task cannot tell the result of its call. */
	static const char *const signals[] = {
		"0", "0", "SIGKILL", "SIGTERM", "SIGCONT", "SIGCHLD"
	};

	fuzz_put(w, "kill(%d, %s)", fuzz_any_pid(w->p), PICK(w->p, signals));
}

static void put_kcmp(struct program_writer *w)
{
	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "kcmp(%d, %d, KCMP_FILES, 0, 0)", fuzz_any_pid(w->p),
			 fuzz_any_pid(w->p));
	else
		fuzz_put(w, "kcmp(%d, %d, KCMP_FILE, %d, %d)", fuzz_any_pid(w->p),
			 fuzz_any_pid(w->p), (int)fuzz_below(w->p, 8), (int)fuzz_below(w->p, 8));
}

static void put_getrlimit(struct program_writer *w)
{
	fuzz_put(w, "getrlimit(RLIMIT_NOFILE, ...)");
}

/* The hard limit stays: it cannot be raised again. */
static void put_setrlimit(struct program_writer *w)
{
	uint64_t limit = any_limit(w->p);

	w->p->limit = limit;
	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "prlimit64(%d, RLIMIT_NOFILE, {rlim_cur=%llu, rlim_max=%llu}, NULL)",
			 fuzz_any_pid(w->p), (unsigned long long)limit,
			 (unsigned long long)w->p->nofile_hard);
	else
		fuzz_put(w, "setrlimit(RLIMIT_NOFILE, {rlim_cur=%llu, rlim_max=%llu})",
			 (unsigned long long)limit, (unsigned long long)w->p->nofile_hard);
}

static void put_getpid(struct program_writer *w)
{
	static const char *const calls[] = { "getpid()", "gettid()", "getppid()" };

	fuzz_put(w, "%s", PICK(w->p, calls));
}

/* clang-format off */
const struct fuzz_call fuzz_table_calls[] = {
	{ 120, put_dup,         false },
	{ 140, put_dup2,        false },
	{ 100, put_dup3,        false },
	{ 130, put_close,       false },
	{  30, put_close_range, false },
	{ 120, put_dupfd,       false },
	{  60, put_getfd,       false },
	{  60, put_setfd,       false },
	{  20, put_getfl,       false },
	{  20, put_setfl,       false },
	{  20, put_ioctl,       false },
	{  60, put_open,        false },
	{  40, put_openat,      false },
	{  10, put_openat2,     false },
	{  10, put_creat,       false },
	{  10, put_pipe,        false },
	{  30, put_pipe2,       false },
	{  30, put_read,        false },
	{  30, put_write,       false },
	{  30, put_lseek,       false },
	{  10, put_unlink,      false },
	{   5, put_fchdir,      false },
	{  10, put_fork,        true  },
	{   2, put_vfork,       true  },
	{  14, put_clone,       true  },
	{   4, put_clone3,      true  },
	{  12, put_unshare,     false },
	{  10, put_execve,      false },
	{  12, put_exit,        false },
	{  16, put_wait4,       false },
	{   6, put_kill,        false },
	{  10, put_kcmp,        false },
	{   6, put_getrlimit,   false },
	{  12, put_setrlimit,   false },
	{   6, put_getpid,      false },
	{ 0 },
};
/* clang-format on */

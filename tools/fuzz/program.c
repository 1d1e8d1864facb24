/*
 * Lines of random programs: a table of calls with their weights, each with the function that writes
 * its arguments.
 */
#include "fuzz/program.h"

#include "cli/number.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* splitmix64: every state is valid. */
uint64_t fuzz_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t below(struct fuzz_program *p, uint64_t n)
{
	return fuzz_random(&p->random) % n;
}

static bool one_in(struct fuzz_program *p, uint64_t n)
{
	return below(p, n) == 0;
}

#define PICK(p, array) ((array)[below(p, N(array))])

/* ---- numbers -------------------------------------------------------------------------------- */

/* Where tables grow, where words of bitmaps end, and numbers that are no descriptors. */
static const int edges[] = { 31,   32,   33,   62,   63,   64,   65,  66,      126,    127,  128,
			     129,  191,  192,  255,  256,  257,  511, 512,     513,    1022, 1023,
			     1024, 1025, 2047, 2048, 4095, 4096, -1,  INT_MAX, INT_MIN };

static int any_fd(struct fuzz_program *p)
{
	switch (below(p, 10)) {
	case 0 ... 3:
		return p->nrecent ? p->recent[below(p, p->nrecent)] : 0;
	case 4 ... 6:
		return (int)below(p, 10);
	case 7:
		return (int)(p->limit + below(p, 3)) - 1;
	default:
		return PICK(p, edges);
	}
}

/* A descriptor that is likely to be open. */
static int open_fd(struct fuzz_program *p)
{
	if (one_in(p, 8))
		return any_fd(p);
	return p->nrecent && one_in(p, 2) ? p->recent[below(p, p->nrecent)] : (int)below(p, 6);
}

static int any_pid(struct fuzz_program *p)
{
	if (one_in(p, 10))
		return (int)below(p, (uint64_t)p->last_pid + 2);
	return p->task[below(p, p->ntasks)].pid;
}

static uint64_t any_limit(struct fuzz_program *p)
{
	static const uint64_t limits[] = { 0,  1,   3,   4,   8,   20,  63,  64,
					   65, 100, 127, 128, 129, 256, 512, 1024 };
	const uint64_t limit = one_in(p, 4) ? p->nofile_hard + below(p, 2) : PICK(p, limits);

	return one_in(p, 3) ? p->nofile : limit;
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

struct program_writer {
	struct fuzz_program *p;
	char *line;
	size_t len;
};

static void put(struct program_writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void put(struct program_writer *w, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(w->line + w->len, FUZZ_LINE_MAX - w->len, format, args);
	va_end(args);
	if (n > 0)
		w->len += (size_t)n;
	if (w->len >= FUZZ_LINE_MAX)
		abort(); /* no line here is that long */
}

/* ---- calls ---------------------------------------------------------------------------------- */

static void put_dup(struct program_writer *w)
{
	put(w, "dup(%d)", open_fd(w->p));
}

static void put_dup2(struct program_writer *w)
{
	int from = open_fd(w->p);

	put(w, "dup2(%d, %d)", from, one_in(w->p, 8) ? from : any_fd(w->p));
}

static void put_dup3(struct program_writer *w)
{
	int from = open_fd(w->p);

	put(w, "dup3(%d, %d, %s)", from, one_in(w->p, 8) ? from : any_fd(w->p),
	    PICK(w->p, dupflags));
}

static void put_close(struct program_writer *w)
{
	put(w, "close(%d)", open_fd(w->p));
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
	unsigned first = (unsigned)any_fd(w->p);
	unsigned last = one_in(w->p, 4) ? UINT_MAX : first + (unsigned)below(w->p, 70);

	if (one_in(w->p, 10))
		last = (unsigned)any_fd(w->p);
	put(w, "close_range(%u, %u, %s)", first, last, PICK(w->p, flags));
}

static void put_dupfd(struct program_writer *w)
{
	put(w, "fcntl(%d, %s, %d)", open_fd(w->p), one_in(w->p, 2) ? "F_DUPFD" : "F_DUPFD_CLOEXEC",
	    any_fd(w->p));
}

static void put_getfd(struct program_writer *w)
{
	put(w, "fcntl(%d, F_GETFD)", open_fd(w->p));
}

static void put_setfd(struct program_writer *w)
{
	static const char *const flags[] = { "0", "FD_CLOEXEC", "FD_CLOEXEC", "2", "3" };

	put(w, "fcntl(%d, F_SETFD, %s)", open_fd(w->p), PICK(w->p, flags));
}

static void put_getfl(struct program_writer *w)
{
	put(w, "fcntl(%d, F_GETFL)", open_fd(w->p));
}

static void put_setfl(struct program_writer *w)
{
	static const char *const flags[] = { "0", "O_APPEND", "O_NONBLOCK", "O_APPEND|O_NONBLOCK",
					     "O_NONBLOCK|O_CLOEXEC" };

	put(w, "fcntl(%d, F_SETFL, %s)", open_fd(w->p), PICK(w->p, flags));
}

static void put_ioctl(struct program_writer *w)
{
	put(w, "ioctl(%d, %s)", open_fd(w->p), one_in(w->p, 2) ? "FIOCLEX" : "FIONCLEX");
}

static void put_open(struct program_writer *w)
{
	put(w, "open(\"%s\", %s, 0644)", PICK(w->p, names), PICK(w->p, oflags));
}

static void put_openat(struct program_writer *w)
{
	if (one_in(w->p, 2))
		put(w, "openat(AT_FDCWD, \"%s\", %s, 0600)", PICK(w->p, names), PICK(w->p, oflags));
	else
		put(w, "openat(%d, \"%s\", %s, 0600)", open_fd(w->p), one_in(w->p, 2) ? "a" : ".",
		    PICK(w->p, oflags));
}

static void put_openat2(struct program_writer *w)
{
	put(w, "openat2(AT_FDCWD, \"%s\", {flags=%s, mode=0, resolve=0}, 24)", PICK(w->p, names),
	    PICK(w->p, oflags));
}

static void put_creat(struct program_writer *w)
{
	put(w, "creat(\"%s\", 0600)", PICK(w->p, names));
}

static void put_pipe(struct program_writer *w)
{
	put(w, "pipe()");
}

static void put_pipe2(struct program_writer *w)
{
	/* Mostly nonblocking: calls that wait take long. */
	put(w, "pipe2(..., %s)", one_in(w->p, 3) ? PICK(w->p, dupflags) : "O_NONBLOCK");
}

static void put_read(struct program_writer *w)
{
	put(w, "read(%d, ..., %d)", open_fd(w->p), (int)below(w->p, 20));
}

static void put_write(struct program_writer *w)
{
	put(w, "write(%d, \"%.*s\", %d)", open_fd(w->p), 3, "abc", 3);
}

static void put_lseek(struct program_writer *w)
{
	static const char *const whences[] = { "SEEK_SET", "SEEK_CUR", "SEEK_END" };

	put(w, "lseek(%d, %d, %s)", open_fd(w->p), (int)below(w->p, 30) - 5, PICK(w->p, whences));
}

static void put_unlink(struct program_writer *w)
{
	put(w, "unlink(\"/tmp/%s\")", one_in(w->p, 2) ? "a" : "b");
}

static void put_fchdir(struct program_writer *w)
{
	put(w, "fchdir(%d)", open_fd(w->p));
}

static void put_fork(struct program_writer *w)
{
	put(w, "fork()");
}

static void put_vfork(struct program_writer *w)
{
	put(w, "vfork()");
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
	w->p->makes_thread = one_in(w->p, 3);
	put(w, "clone(child_stack=NULL, flags=%s)",
	    w->p->makes_thread ? THREAD : PICK(w->p, clones));
}

static void put_clone3(struct program_writer *w)
{
	w->p->makes_thread = one_in(w->p, 4);
	if (w->p->makes_thread)
		put(w, "clone3({flags=" THREAD ", exit_signal=0, stack=NULL, stack_size=0}, 88)");
	else
		put(w, "clone3({flags=%s, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88)",
		    one_in(w->p, 2) ? "CLONE_FILES" : "CLONE_FS");
}

static void put_unshare(struct program_writer *w)
{
	static const char *const flags[] = { "CLONE_FILES", "CLONE_FILES", "CLONE_FILES|CLONE_FS",
					     "CLONE_FS",    "CLONE_VM",    "CLONE_THREAD" };

	put(w, "unshare(%s)", PICK(w->p, flags));
}

static void put_execve(struct program_writer *w)
{
	static const char *const programs[] = { "/bin/true", "/bin/cat", "/missing", "/etc/passwd",
						"/tmp" };

	put(w, "execve(\"%s\", [\"x\"], NULL)", PICK(w->p, programs));
}

/* Never by task 1, with which all tasks would end. */
static void put_exit(struct program_writer *w)
{
	if (w->p->maker.pid == 1)
		put_getfd(w);
	else if (w->p->maker.leader == 1 || one_in(w->p, 2))
		put(w, "exit(%d)", (int)below(w->p, 4));
	else
		put(w, "exit_group(%d)", (int)below(w->p, 300));
}

/* With threads, the kernel looks at children of the caller first: so no wait for any child then. */
static void put_wait4(struct program_writer *w)
{
	static const char *const options[] = { "WNOHANG", "WNOHANG", "WNOHANG|__WALL",
					       "WNOHANG|WUNTRACED|WCONTINUED", "WNOHANG|__WCLONE" };
	int pid = any_pid(w->p);

	if (!w->p->threads && one_in(w->p, 2))
		pid = -1;
	else if (w->p->threads && !pid)
		pid = 1;
	put(w, "wait4(%d, ..., %s, NULL)", pid, one_in(w->p, 40) ? "0" : PICK(w->p, options));
}

static void put_kill(struct program_writer *w)
{
	/* No SIGSTOP: a stopped task cannot tell the result of its call. */
	static const char *const signals[] = {
		"0", "0", "SIGKILL", "SIGTERM", "SIGCONT", "SIGCHLD"
	};

	put(w, "kill(%d, %s)", any_pid(w->p), PICK(w->p, signals));
}

static void put_kcmp(struct program_writer *w)
{
	if (one_in(w->p, 2))
		put(w, "kcmp(%d, %d, KCMP_FILES, 0, 0)", any_pid(w->p), any_pid(w->p));
	else
		put(w, "kcmp(%d, %d, KCMP_FILE, %d, %d)", any_pid(w->p), any_pid(w->p),
		    (int)below(w->p, 8), (int)below(w->p, 8));
}

static void put_getrlimit(struct program_writer *w)
{
	put(w, "getrlimit(RLIMIT_NOFILE, ...)");
}

/* The hard limit stays: it cannot be raised again. */
static void put_setrlimit(struct program_writer *w)
{
	uint64_t limit = any_limit(w->p);

	w->p->limit = limit;
	if (one_in(w->p, 3))
		put(w, "prlimit64(%d, RLIMIT_NOFILE, {rlim_cur=%llu, rlim_max=%llu}, NULL)",
		    any_pid(w->p), (unsigned long long)limit,
		    (unsigned long long)w->p->nofile_hard);
	else
		put(w, "setrlimit(RLIMIT_NOFILE, {rlim_cur=%llu, rlim_max=%llu})",
		    (unsigned long long)limit, (unsigned long long)w->p->nofile_hard);
}

static void put_getpid(struct program_writer *w)
{
	static const char *const calls[] = { "getpid()", "gettid()", "getppid()" };

	put(w, "%s", PICK(w->p, calls));
}

/* clang-format off */
static const struct {
	unsigned weight;
	void (*put)(struct program_writer *w);
	bool makes; /* it makes a task */
} calls[] = {
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
};
/* clang-format on */

static size_t choose_call(struct fuzz_program *p)
{
	unsigned total = 0;
	uint64_t at;

	for (size_t i = 0; i < N(calls); i++)
		total += calls[i].weight;
	at = below(p, total);
	for (size_t i = 0;; i++) {
		if (at < calls[i].weight)
			return i;
		at -= calls[i].weight;
	}
}

/* Mostly a task that does not wait. */
static const struct fuzz_task *choose_task(struct fuzz_program *p)
{
	const struct fuzz_task *t = NULL;

	for (int i = 0; i < 8; i++) {
		t = &p->task[below(p, p->ntasks)];
		if (!t->busy)
			break;
	}
	return t;
}

const char *const fuzz_first[FUZZ_FIRST] = {
	"1 open(\"/dev/null\", O_RDWR)",
	"1 dup2(3, 0)",
	"1 dup2(3, 1)",
	"1 dup2(3, 2)",
	"1 close(3)",
};

void fuzz_program_next(struct fuzz_program *p, char line[FUZZ_LINE_MAX])
{
	struct program_writer w = { .p = p, .line = line };
	size_t call;

	p->makes_thread = false;
	if (p->nlines < FUZZ_FIRST) {
		p->maker = p->task[0];
		put(&w, "%s", fuzz_first[p->nlines++]);
		return;
	}
	p->nlines++;
	p->maker = *choose_task(p);
	do
		call = choose_call(p);
	while (calls[call].makes && p->ntasks == FUZZ_TASKS);
	put(&w, "%d ", p->maker.pid);
	calls[call].put(&w);
}

/* ---- what came of it ------------------------------------------------------------------------ */

static struct fuzz_task *find_task(struct fuzz_program *p, int pid)
{
	for (size_t i = 0; i < p->ntasks; i++)
		if (p->task[i].pid == pid)
			return &p->task[i];
	return NULL;
}

static void add_task(struct fuzz_program *p, int pid)
{
	if (pid > p->last_pid)
		p->last_pid = pid;
	if (p->ntasks == FUZZ_TASKS || find_task(p, pid))
		return;
	p->threads |= p->makes_thread;
	p->task[p->ntasks++] = (struct fuzz_task){
		.pid = pid,
		.leader = p->makes_thread ? p->maker.leader : pid,
	};
}

static void remove_task(struct fuzz_program *p, int pid)
{
	struct fuzz_task *t = find_task(p, pid);

	if (t && pid != 1)
		*t = p->task[--p->ntasks];
}

static void add_recent(struct fuzz_program *p, int fd)
{
	if (p->nrecent < FUZZ_RECENT)
		p->recent[p->nrecent++] = fd;
	else
		p->recent[below(p, FUZZ_RECENT)] = fd;
}

static bool is_about(const char *call, const char *name)
{
	return !strncmp(call, name, strlen(name));
}

static bool makes_task(const char *call)
{
	return is_about(call, "fork(") || is_about(call, "vfork(") || is_about(call, "clone(") ||
	       is_about(call, "clone3(") || is_about(call, "<... vfork ") ||
	       is_about(call, "<... clone");
}

static bool makes_descriptor(const char *call)
{
	return is_about(call, "dup") || is_about(call, "open") || is_about(call, "creat") ||
	       is_about(call, "fcntl(") || is_about(call, "pipe");
}

/* A call that waits has no result yet. A vfork that waits has made its task. */
static void told_waiting(struct fuzz_program *p, struct fuzz_task *task, const char *call)
{
	if (task)
		task->busy = true;
	if (makes_task(call))
		add_task(p, p->last_pid + 1);
}

/* The number at the beginning of a result; 0: there is none. */
static int number_in(const char *result)
{
	uint64_t number;

	return decimal_at(result, &number) ? (int)number : 0;
}

static void told_result(struct fuzz_program *p, int pid, const char *call, const char *result)
{
	const bool failed = is_about(result, "-1 ");
	struct fuzz_task *task = find_task(p, pid);

	if (is_about(call, "<...") && task)
		task->busy = false;
	if (failed && strstr(result, "# there is no task"))
		remove_task(p, pid);
	else if (failed && strstr(result, "# task") && strstr(result, "has exited"))
		remove_task(p, pid);
	else if (failed && strstr(result, "# task") && task)
		task->busy = true; /* or stopped: other tasks have their turn for a while */
	else if (*result == '?')
		remove_task(p, pid);
	else if (!failed && makes_task(call))
		add_task(p, number_in(result));
	else if (!failed && is_about(call, "pipe"))
		add_recent(p, number_in(strchr(call, '[') ? strchr(call, '[') + 1 : "0"));
	else if (!failed && makes_descriptor(call))
		add_recent(p, number_in(result));
}

void fuzz_program_told(struct fuzz_program *p, const char *replies)
{
	while (*replies) {
		size_t len = strcspn(replies, "\n");
		char reply[1024], *call, *result;
		uint64_t pid = 0;

		snprintf(reply, sizeof(reply), "%.*s", (int)len, replies);
		replies += len + (replies[len] == '\n');
		call = (char *)decimal_at(reply, &pid);
		call = call ? call + (*call == ' ') : reply;
		result = strstr(call, ") = ");
		if (result)
			told_result(p, (int)pid, call, result + strlen(") = "));
		else
			told_waiting(p, find_task(p, (int)pid), call);
	}
	/* A task that was stopped may have been continued. */
	if (one_in(p, 50))
		for (size_t i = 0; i < p->ntasks; i++)
			p->task[i].busy = false;
}

void fuzz_program_start(struct fuzz_program *p, uint64_t seed, uint64_t hard)
{
	static const uint64_t limits[] = {
		16, 63, 64, 65, 100, 127, 128, 129, 256, 1000, 1024, 2048
	};

	*p = (struct fuzz_program){
		.random = seed,
		.task = { { .pid = 1, .leader = 1 } },
		.ntasks = 1,
		.last_pid = 1,
	};
	p->nofile = PICK(p, limits);
	p->nofile_hard = one_in(p, 3) ? p->nofile : 4096;
	if (p->nofile_hard > hard)
		p->nofile_hard = hard;
	if (p->nofile > p->nofile_hard)
		p->nofile = p->nofile_hard;
	p->limit = p->nofile;
}

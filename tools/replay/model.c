/*
 * Drives a machine through libfdlab's C interface.
 */
#include "replay/model.h"

#include "cli/number.h"
#include "fdlab.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* The calls used, in the form of fdl_row_find. */
enum row {
	ROW_OPEN,
	ROW_DUP,
	ROW_DUPFD,
	ROW_DUPFD_CLOEXEC,
	ROW_DUP3,
	ROW_DUP2,
	ROW_PIPE2,
	ROW_CLOSE,
	ROW_CLOSE_RANGE,
	ROW_GETFD,
	ROW_SETFD,
	ROW_SETRLIMIT,
	ROW_FORK,
	ROW_CLONE,
	ROW_UNSHARE,
	ROW_EXEC,
	ROW_EXIT,
	ROW_WAIT,
	N_ROWS,
};

static const char *const row_names[N_ROWS] = {
	[ROW_OPEN] = "anon_inode_getfd",
	[ROW_DUP] = "dup",
	[ROW_DUPFD] = "fcntl F_DUPFD",
	[ROW_DUPFD_CLOEXEC] = "fcntl F_DUPFD_CLOEXEC",
	[ROW_DUP3] = "dup3",
	[ROW_DUP2] = "dup2",
	[ROW_PIPE2] = "pipe2",
	[ROW_CLOSE] = "close",
	[ROW_CLOSE_RANGE] = "close_range",
	[ROW_GETFD] = "fcntl F_GETFD",
	[ROW_SETFD] = "fcntl F_SETFD",
	[ROW_SETRLIMIT] = "setrlimit",
	[ROW_FORK] = "fork",
	[ROW_CLONE] = "clone",
	[ROW_UNSHARE] = "unshare",
	[ROW_EXEC] = "execve",
	[ROW_EXIT] = "exit",
	[ROW_WAIT] = "wait4",
};

/* Limits that no program reaches unless it sets its own. */
#define NR_OPEN  1073741816
#define A_LOT    ((uint64_t)1 << 48)
#define LOG_SIZE ((uint64_t)1 << 16)

struct model {
	struct fdl_machine *machine;
	const struct fdl_row *row[N_ROWS];
	FILE *scenario;
	uint64_t line, line_written; /* of the log: the current one, and the last one noted */
	int error;
};

static int make_machine(struct model *m)
{
	const struct fdl_options options = {
		.kernel = "linux",
		.nofile = NR_OPEN,
		.nofile_hard = NR_OPEN,
		.nr_open = NR_OPEN,
		.file_max = A_LOT,
		.tasks = 4000000,
		.bytes = A_LOT,
		.memory = A_LOT,
		.log = LOG_SIZE,
	};
	int error = fdl_machine_new(&options, &m->machine);

	for (size_t i = 0; !error && i < N_ROWS; i++) {
		m->row[i] = fdl_row_find(m->machine, row_names[i]);
		if (!m->row[i])
			error = -ENOSYS;
	}
	return error;
}

struct model *model_new(FILE *scenario)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	if (make_machine(m)) {
		model_free(m);
		return NULL;
	}
	m->scenario = scenario;
	if (scenario)
		fprintf(scenario,
			"option kernel=linux nofile=%d nofile_hard=%d nr_open=%d tasks=4000000\n"
			"option file_max=%llu bytes=%llu memory=%llu\n",
			NR_OPEN, NR_OPEN, NR_OPEN, (unsigned long long)A_LOT,
			(unsigned long long)A_LOT, (unsigned long long)A_LOT);
	return m;
}

void model_free(struct model *m)
{
	fdl_machine_free(m->machine);
	free(m);
}

int model_error(const struct model *m)
{
	return m->error;
}

void model_line(struct model *m, uint64_t line)
{
	m->line = line;
}

/* Notes the line of the log that the next call is for, if it has changed. */
static void write_line(struct model *m)
{
	if (m->line != m->line_written)
		fprintf(m->scenario, "# line %llu\n", (unsigned long long)m->line);
	m->line_written = m->line;
}

void model_note(struct model *m, const char *format, ...)
{
	va_list args;

	if (!m->scenario)
		return;
	write_line(m);
	va_start(args, format);
	fputs("# ", m->scenario);
	vfprintf(m->scenario, format, args);
	putc('\n', m->scenario);
	va_end(args);
}

/* Writes a call into the scenario, with arguments in the notation. */
static void write_down(struct model *m, int task, int64_t result, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void write_down(struct model *m, int task, int64_t result, const char *format, ...)
{
	const char *error = result < 0 ? fdl_errname((int)-result) : NULL;
	va_list args;

	if (!m->scenario)
		return;
	write_line(m);
	fprintf(m->scenario, "%d ", task);
	va_start(args, format);
	vfprintf(m->scenario, format, args);
	va_end(args);
	if (error)
		fprintf(m->scenario, " = -1 %s\n", error);
	else
		fprintf(m->scenario, " = %lld\n", (long long)result);
}

/* Quotes a string for the notation. out has room for four times the length and 3. */
static const char *quote(const char *s, char *out)
{
	char *p = out;

	*p++ = '"';
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			p += sprintf(p, "\\%c", c);
		else if (c < ' ' || c >= 0x7f)
			p += sprintf(p, "\\%03o", c);
		else
			*p++ = *s;
	}
	strcpy(p, "\"");
	return out;
}

#define QUOTED_MAX (4 * 256 + 3)

static int64_t call(struct model *m, int task, enum row row, struct fdl_arg *args, size_t n)
{
	return fdl_call(m->machine, task, m->row[row], args, n);
}

/* For a call that must succeed: the machine is set up for it. */
static int64_t must(struct model *m, int64_t result)
{
	if (result < 0 && !m->error)
		m->error = (int)result;
	return result;
}

static struct fdl_arg number(int64_t n)
{
	return (struct fdl_arg){ .num = n };
}

static struct fdl_arg string(const char *s)
{
	return (struct fdl_arg){ .num = (int64_t)strlen(s), .str = s };
}

/* ---- tasks ---------------------------------------------------------------------------------- */

int model_fork(struct model *m, int parent, enum share share)
{
	static const struct {
		int flags;
		const char *text;
	} how[] = {
		[SHARE_FILES] = { CLONE_FILES | SIGCHLD, "CLONE_FILES|SIGCHLD" },
		[SHARE_THREAD] = { CLONE_FILES | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
				   "CLONE_FILES|CLONE_VM|CLONE_SIGHAND|CLONE_THREAD" },
	};
	struct fdl_arg args[2] = { { .num = 0 } };
	int64_t pid;

	if (share == SHARE_NOTHING) {
		pid = must(m, call(m, parent, ROW_FORK, args, 0));
		write_down(m, parent, pid, "fork()");
		return (int)pid;
	}
	args[1] = number(how[share].flags);
	pid = must(m, call(m, parent, ROW_CLONE, args, 2));
	write_down(m, parent, pid, "clone(flags=%s)", how[share].text);
	return (int)pid;
}

void model_exit(struct model *m, int task)
{
	struct fdl_arg args[1] = { number(0) };

	call(m, task, ROW_EXIT, args, 1);
	if (!m->scenario)
		return;
	write_line(m);
	fprintf(m->scenario, "%d exit(0) = ?\n", task);
}

void model_reap(struct model *m, int parent, int process)
{
	struct fdl_arg args[3] = { number(process), number(0), number(WNOHANG | __WALL) };
	int64_t pid = call(m, parent, ROW_WAIT, args, 3);

	write_down(m, parent, pid, "wait4(%d, ..., WNOHANG|__WALL)", process);
}

void model_exec(struct model *m, int task, const char *name)
{
	static const char program[] = "/bin/true";
	struct fdl_arg argv[1] = { string(name) };
	struct fdl_arg args[2] = { string(program), { .num = 1, .sub = argv } };
	char quoted[QUOTED_MAX];
	int64_t result = must(m, call(m, task, ROW_EXEC, args, 2));

	write_down(m, task, result, "execve(\"%s\", [%s])", program, quote(name, quoted));
}

void model_unshare(struct model *m, int task)
{
	struct fdl_arg args[1] = { number(CLONE_FILES) };
	int64_t result = must(m, call(m, task, ROW_UNSHARE, args, 1));

	write_down(m, task, result, "unshare(CLONE_FILES)");
}

int model_limit(struct model *m, int task, uint64_t soft, uint64_t hard)
{
	struct fdl_arg limit[2];
	struct fdl_arg args[2] = { number(RLIMIT_NOFILE), { .num = 2, .sub = limit } };
	int64_t result;

	if (hard > NR_OPEN)
		hard = NR_OPEN;
	if (soft > hard)
		soft = hard;
	limit[0] = number((int64_t)soft);
	limit[1] = number((int64_t)hard);
	result = must(m, call(m, task, ROW_SETRLIMIT, args, 2));
	write_down(m, task, result, "setrlimit(RLIMIT_NOFILE, {rlim_cur=%llu, rlim_max=%llu})",
		   (unsigned long long)soft, (unsigned long long)hard);
	return (int)result;
}

/* ---- descriptors ---------------------------------------------------------------------------- */

int model_open(struct model *m, int task, const char *name, bool cloexec)
{
	struct fdl_arg args[2] = { string(name), number(O_RDWR | (cloexec ? O_CLOEXEC : 0)) };
	int64_t fd = call(m, task, ROW_OPEN, args, 2);
	char quoted[QUOTED_MAX];

	if (fd != -EMFILE)
		must(m, fd);
	write_down(m, task, fd, "anon_inode_getfd(%s, O_RDWR%s)", quote(name, quoted),
		   cloexec ? "|O_CLOEXEC" : "");
	return (int)fd;
}

int model_dup(struct model *m, int task, int fd)
{
	struct fdl_arg args[1] = { number(fd) };
	int64_t result = call(m, task, ROW_DUP, args, 1);

	write_down(m, task, result, "dup(%d)", fd);
	return (int)result;
}

int model_dupfd(struct model *m, int task, int fd, int64_t from, bool cloexec)
{
	struct fdl_arg args[3] = { number(fd), number(0), number(from) };
	int64_t result = call(m, task, cloexec ? ROW_DUPFD_CLOEXEC : ROW_DUPFD, args, 3);

	write_down(m, task, result, "fcntl(%d, F_DUPFD%s, %lld)", fd, cloexec ? "_CLOEXEC" : "",
		   (long long)from);
	return (int)result;
}

int model_dup2(struct model *m, int task, int fd, int64_t to, bool cloexec)
{
	struct fdl_arg args[3] = { number(fd), number(to), number(O_CLOEXEC) };
	int64_t result = call(m, task, cloexec ? ROW_DUP3 : ROW_DUP2, args, cloexec ? 3 : 2);

	if (cloexec)
		write_down(m, task, result, "dup3(%d, %lld, O_CLOEXEC)", fd, (long long)to);
	else
		write_down(m, task, result, "dup2(%d, %lld)", fd, (long long)to);
	return (int)result;
}

int model_pipe(struct model *m, int task, bool cloexec, int fds[2])
{
	struct fdl_arg args[2] = { number(0), number(cloexec ? O_CLOEXEC : 0) };
	int64_t result = call(m, task, ROW_PIPE2, args, 2);

	if (result != -EMFILE)
		must(m, result);
	if (!result) {
		fds[0] = (int)args[0].sub[0].num;
		fds[1] = (int)args[0].sub[1].num;
		write_down(m, task, 0, "pipe2([%d, %d], %s)", fds[0], fds[1],
			   cloexec ? "O_CLOEXEC" : "0");
	} else {
		write_down(m, task, result, "pipe2(..., %s)", cloexec ? "O_CLOEXEC" : "0");
	}
	return (int)result;
}

int model_close(struct model *m, int task, int64_t fd)
{
	struct fdl_arg args[1] = { number(fd) };
	int64_t result = call(m, task, ROW_CLOSE, args, 1);

	write_down(m, task, result, "close(%lld)", (long long)fd);
	return (int)result;
}

int model_close_range(struct model *m, int task, unsigned first, unsigned last, bool unshare,
		      bool cloexec)
{
	static const char *const flags[] = { "0", "CLOSE_RANGE_UNSHARE", "CLOSE_RANGE_CLOEXEC",
					     "CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC" };
	int64_t bits = (unshare ? CLOSE_RANGE_UNSHARE : 0) | (cloexec ? CLOSE_RANGE_CLOEXEC : 0);
	struct fdl_arg args[3] = { number(first), number(last), number(bits) };
	int64_t result = must(m, call(m, task, ROW_CLOSE_RANGE, args, 3));

	write_down(m, task, result, "close_range(%u, %u, %s)", first, last,
		   flags[unshare + 2 * cloexec]);
	return (int)result;
}

int model_get_cloexec(struct model *m, int task, int64_t fd)
{
	struct fdl_arg args[1] = { number(fd) };
	int64_t result = call(m, task, ROW_GETFD, args, 1);

	write_down(m, task, result, "fcntl(%lld, F_GETFD)", (long long)fd);
	return (int)result;
}

int model_set_cloexec(struct model *m, int task, int64_t fd, bool cloexec)
{
	struct fdl_arg args[3] = { number(fd), number(0), number(cloexec) };
	int64_t result = call(m, task, ROW_SETFD, args, 3);

	write_down(m, task, result, "fcntl(%lld, F_SETFD, %s)", (long long)fd,
		   cloexec ? "FD_CLOEXEC" : "0");
	return (int)result;
}

/* ---- the tree ------------------------------------------------------------------------------- */

int model_read(struct model *m, const char *path, char **text, size_t *len)
{
	return fdl_read_file(m->machine, path, text, len);
}

uint64_t model_table_size(struct model *m, int task)
{
	char path[64];
	char *text;
	size_t len;
	uint64_t size = 0;

	snprintf(path, sizeof(path), "%d/files/max_fds", task);
	if (!model_read(m, path, &text, &len)) {
		decimal_at(text, &size);
		free(text);
	}
	return size;
}

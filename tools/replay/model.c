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
enum used_row {
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

/* Writes a call with its outcome into the scenario. */
static void write_down(struct model *m, int task, enum used_row row, const struct fdl_arg *args,
		       int64_t result)
{
	const struct fdl_line line = { .kind = FDL_LINE_CALL, .row = m->row[row] };
	char *text = fdl_reply(&line, NULL, row == ROW_EXIT ? FDL_ENDED : FDL_RETURNED, task, args,
			       result, NULL);

	if (!text) {
		m->error = -ENOMEM;
		return;
	}
	write_line(m);
	fputs(text, m->scenario);
	free(text);
}

/* args has room for all arguments of the row: n of them are given, the others are 0. */
static int64_t call(struct model *m, int task, enum used_row row,
		    struct fdl_arg args[FDL_PARAMS_MAX], size_t n)
{
	int64_t result = fdl_call(m->machine, task, m->row[row], args, n);

	/* The machine's limits are so high that these are of the computer's memory. */
	if (result == -ENOMEM || result == -ENFILE)
		m->error = -ENOMEM;
	if (m->scenario)
		write_down(m, task, row, args, result);
	return result;
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
	static const int flags[] = {
		[SHARE_FILES] = CLONE_FILES | SIGCHLD,
		[SHARE_THREAD] = CLONE_FILES | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
	};
	struct fdl_arg args[FDL_PARAMS_MAX] = { { .num = 0 } };

	if (share == SHARE_NOTHING)
		return (int)must(m, call(m, parent, ROW_FORK, args, 0));
	args[1] = number(flags[share]);
	return (int)must(m, call(m, parent, ROW_CLONE, args, 2));
}

void model_exit(struct model *m, int task)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(0) };

	call(m, task, ROW_EXIT, args, 1);
}

void model_reap(struct model *m, int parent, int process)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(process), number(0),
						number(WNOHANG | __WALL) };

	call(m, parent, ROW_WAIT, args, 3);
}

void model_exec(struct model *m, int task, const char *name)
{
	struct fdl_arg argv[1] = { string(name) };
	struct fdl_arg args[FDL_PARAMS_MAX] = { string("/bin/true"), { .num = 1, .sub = argv } };

	must(m, call(m, task, ROW_EXEC, args, 2));
}

void model_unshare(struct model *m, int task)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(CLONE_FILES) };

	must(m, call(m, task, ROW_UNSHARE, args, 1));
}

int model_limit(struct model *m, int task, uint64_t soft, uint64_t hard)
{
	struct fdl_arg limit[2];
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(RLIMIT_NOFILE), { .num = 2, .sub = limit } };

	if (hard > NR_OPEN)
		hard = NR_OPEN;
	if (soft > hard)
		soft = hard;
	limit[0] = number((int64_t)soft);
	limit[1] = number((int64_t)hard);
	return (int)must(m, call(m, task, ROW_SETRLIMIT, args, 2));
}

/* ---- descriptors ---------------------------------------------------------------------------- */

int model_open(struct model *m, int task, const char *name, bool cloexec)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { string(name),
						number(O_RDWR | (cloexec ? O_CLOEXEC : 0)) };
	int64_t fd = call(m, task, ROW_OPEN, args, 2);

	if (fd != -EMFILE)
		must(m, fd);
	return (int)fd;
}

int model_dup(struct model *m, int task, int fd)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(fd) };

	return (int)call(m, task, ROW_DUP, args, 1);
}

int model_dupfd(struct model *m, int task, int fd, int64_t from, bool cloexec)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(fd),
						number(cloexec ? F_DUPFD_CLOEXEC : F_DUPFD),
						number(from) };

	return (int)call(m, task, cloexec ? ROW_DUPFD_CLOEXEC : ROW_DUPFD, args, 3);
}

int model_dup2(struct model *m, int task, int fd, int64_t to, bool cloexec)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(fd), number(to), number(O_CLOEXEC) };

	return (int)call(m, task, cloexec ? ROW_DUP3 : ROW_DUP2, args, cloexec ? 3 : 2);
}

int model_pipe(struct model *m, int task, bool cloexec, int fds[2])
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(0), number(cloexec ? O_CLOEXEC : 0) };
	int64_t result = call(m, task, ROW_PIPE2, args, 2);

	if (result != -EMFILE)
		must(m, result);
	for (size_t i = 0; !result && i < 2; i++)
		fds[i] = (int)args[0].sub[i].num;
	return (int)result;
}

int model_close(struct model *m, int task, int64_t fd)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(fd) };

	return (int)call(m, task, ROW_CLOSE, args, 1);
}

int model_close_range(struct model *m, int task, unsigned first, unsigned last, bool unshare,
		      bool cloexec)
{
	int64_t flags = (unshare ? CLOSE_RANGE_UNSHARE : 0) | (cloexec ? CLOSE_RANGE_CLOEXEC : 0);
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(first), number(last), number(flags) };

	return (int)must(m, call(m, task, ROW_CLOSE_RANGE, args, 3));
}

int model_get_cloexec(struct model *m, int task, int64_t fd)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(fd), number(F_GETFD) };

	return (int)call(m, task, ROW_GETFD, args, 2);
}

int model_set_cloexec(struct model *m, int task, int64_t fd, bool cloexec)
{
	struct fdl_arg args[FDL_PARAMS_MAX] = { number(fd), number(F_SETFD), number(cloexec) };

	return (int)call(m, task, ROW_SETFD, args, 3);
}

/* ---- the tree ------------------------------------------------------------------------------- */

int model_read(struct model *m, const char *path, char **text, size_t *len)
{
	return fdl_read_file(m->machine, path, text, len);
}

int model_draw(struct model *m, const struct fdl_drawing *how, char **text, size_t *len)
{
	return fdl_draw(m->machine, how, text, len);
}

int model_table_size(struct model *m, int task, uint64_t *size)
{
	char path[64];
	char *text;
	size_t len;
	int error;

	*size = 0;
	snprintf(path, sizeof(path), "%d/files/max_fds", task);
	error = model_read(m, path, &text, &len);
	if (error)
		return error == -ENOMEM ? error : 0;
	decimal_at(text, size);
	free(text);
	return 0;
}

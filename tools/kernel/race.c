/*
 * Writes the plan of a race into the memory that it shares with the tasks, orders batches of runs
 * from them (task/race_maker.c), and reads the records.
 */
#include "kernel/race.h"

#include "kernel/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE         300    /* seconds without a run until a batch is lost */
#define CLONE3_TID_AT    16     /* child_tid in struct clone_args */
#define CLONE3_SIGNAL_AT 32     /* and exit_signal */
#define PIDS_APART       0x1000 /* runs start over with low pids when no more than these are left */

struct kernel_race {
	const struct kernel_race_plan *plan;
	struct kernel_tasks tasks;
	struct race_shared *shared; /* in the tasks' memory */
};

static struct kernel_memory memory_of(struct race_shared *shared, size_t line)
{
	const size_t at = RACE_DATA_AT + line * RACE_DATA_STRIDE;

	return (struct kernel_memory){
		.data = (char *)shared + at,
		.address = RACE_AT + (int64_t)at,
	};
}

static char *given_of(struct race_shared *shared, size_t line)
{
	return (char *)shared + RACE_GIVEN_AT + line * RACE_DATA_STRIDE;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

/* ---- what cannot be run --------------------------------------------------------------------- */

/* Calls that change files by their names. */
static const char *const changers[] = {
	"bind",    "creat",     "link",     "linkat",   "mkdir",     "mkdirat",
	"mknod",   "mknodat",   "rename",   "renameat", "renameat2", "rmdir",
	"symlink", "symlinkat", "truncate", "unlink",   "unlinkat",  NULL,
};

/* Calls that tell inode numbers, times and devices, which differ between machines. */
static const char *const tellers[] = {
	"stat", "lstat", "fstat", "newfstatat", "statx", NULL,
};

/*
 * The name of a file in an argument, *len bytes: a path, or the address that bind gives to a
 * socket. NULL: there is none.
 */
static const char *name_in(const struct fdl_row *row, const struct fdl_param *param,
			   const struct fdl_arg *arg, size_t *len)
{
	if (!strcmp(param->type, "path")) {
		*len = arg->str ? (size_t)arg->num : 0;
		return arg->str;
	}
	if (!strcmp(param->type, "sockaddr") && !strcmp(fdl_row_name(row), "bind"))
		return sockaddr_name(arg, len);
	return NULL;
}

/* Names in these directories are removed after a run. */
static bool is_private(const char *name, size_t len)
{
	return len < RACE_PATH &&
	       ((len > 5 && !memcmp(name, "/tmp/", 5)) || (len > 6 && !memcmp(name, "/home/", 6)));
}

/* Devices exist before any run, and stay. */
static bool is_device(const char *name, size_t len)
{
	return len > 5 && !memcmp(name, "/dev/", 5);
}

static bool may_write(const struct fdl_param *param, const struct fdl_arg *arg)
{
	const int64_t changing = O_ACCMODE | O_CREAT | O_TRUNC;

	if (!strcmp(param->type, "open_how"))
		return arg->sub && (arg->sub[0].num & changing);
	return begins(param->type, "oflags") && (arg->num & changing);
}

static bool changes_the_world(const struct fdl_line *line)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(line->row, param);
	bool writes = is_one_of(fdl_row_name(line->row), changers);

	for (size_t i = 0; i < n; i++)
		writes |= may_write(&param[i], &line->args[i]);
	for (size_t i = 0; writes && i < n; i++) {
		size_t len;
		const char *name = name_in(line->row, &param[i], &line->args[i], &len);

		if (name && !is_private(name, len) && !is_device(name, len))
			return true;
	}
	return false;
}

/* The flags of clone and clone3; 0: the line is another. */
static int64_t flags_of(const struct fdl_line *line)
{
	const char *name = fdl_row_name(line->row);
	const struct fdl_arg *args = line->args;

	if (!strcmp(name, "clone"))
		return args[1].num; /* the first is the stack */
	return !strcmp(name, "clone3") && args[0].sub ? args[0].sub[0].num : 0;
}

/*
 * A signal to init that no real task can ignore, or to all tasks, of which a run is not all. Once
 * init has threads, any pid may be that of one; once a process shares the actions of another, init
 * ignores no signal.
 */
static const char *signal_refuses(int pid, const struct fdl_line *line,
				  struct kernel_context *before)
{
	static const char *const senders[] = { "kill", "tkill", "tgkill", NULL };
	const char *name = fdl_row_name(line->row);
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(line->row, param);
	const bool by_pidfd = !strcmp(name, "pidfd_send_signal");
	bool reaches = is_one_of(name, senders) && (line->args[0].num <= 1 || before->threads);
	const int64_t flags = flags_of(line);
	bool ends = false;

	before->threads |= pid == 1 && (flags & CLONE_THREAD);
	before->shares |= (flags & (CLONE_SIGHAND | CLONE_THREAD)) == CLONE_SIGHAND;
	before->pidfd |= !strcmp(name, "pidfd_open") && line->args[0].num == 1;
	reaches |= by_pidfd && (before->pidfd || before->threads);
	for (size_t p = 0; p < n; p++)
		ends |= !strcmp(param[p].type, "signal") &&
			(line->args[p].num == SIGKILL || line->args[p].num == SIGSTOP ||
			 (before->shares && line->args[p].num));
	if (!strcmp(name, "kill") && line->args[0].num == -1)
		return pid != 1 ? "signal to all" : NULL;
	return reaches && ends ? "signal to init" : NULL;
}

/* The links of /proc tell inode numbers, too. */
static bool reads_proc_link(const struct fdl_line *line)
{
	const bool at = !strcmp(fdl_row_name(line->row), "readlinkat");
	const struct fdl_arg *path = &line->args[at];

	return (at || !strcmp(fdl_row_name(line->row), "readlink")) && path->str && path->num > 6 &&
	       !memcmp(path->str, "/proc/", 6);
}

const char *kernel_race_refuses(int pid, const struct fdl_line *line, struct kernel_context *before)
{
	const char *why;

	if (line->kind == FDL_LINE_END)
		return "end of a task from outside";
	if (line->kind != FDL_LINE_CALL)
		return "in flight";
	if (pid > RACE_TASKS)
		return "too many tasks";
	why = kernel_call_refuses(line->row) ?: signal_refuses(pid, line, before);
	if (why)
		return why;
	/* The tasks need one signal to end a run. */
	if (!strcmp(fdl_row_name(line->row), "rt_sigaction") && line->args[0].num == RACE_KICK)
		return "signal of the runs";
	if (is_one_of(fdl_row_name(line->row), tellers) || reads_proc_link(line))
		return "differs between machines";
	return changes_the_world(line) ? "files of all runs" : NULL;
}

/* ---- the plan ------------------------------------------------------------------------------- */

static const char *const pid_calls[] = {
	"fork", "vfork", "clone", "clone3", "getpid", "getppid", "gettid", "wait4", NULL,
};

/* The struct clone_args that a call of clone3 reads; NULL: it is given no memory of a line. */
static char *clone_args_of(const struct kernel_order *order, const struct kernel_memory *memory)
{
	const int64_t at = order->arg[0] - memory->address;

	return at >= 0 && at < KERNEL_DATA_SIZE ? memory->data + at : NULL;
}

/*
 * Turns the call of the i-th line, which makes a task, into one whose task shares memory: tables do
 * not depend on it, and it takes a tenth of the time. The kernel tells the new task's pid there.
 */
static void share_memory(struct kernel_order *order, const struct kernel_memory *memory, size_t i)
{
#if defined(__aarch64__)
	enum { CHILD_TID = 4 };
#else
	enum { CHILD_TID = 3 };
#endif
	const int64_t pointers = CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	const int64_t tid = RACE_AT + (int64_t)(offsetof(struct race_shared, run.birth) +
						i * sizeof(struct race_birth));
	char *data = NULL;
	int64_t flags = order->arg[0];

	switch (order->number) {
#ifdef SYS_fork
	case SYS_fork:
		flags = SIGCHLD;
		break;
	case SYS_vfork:
		flags = CLONE_VFORK | SIGCHLD;
		break;
#endif
	case SYS_clone3:
		data = clone_args_of(order, memory);
		if (!data)
			return; /* the call fails */
		memcpy(&flags, data, sizeof(flags));
		break;
	}
	flags = (flags & ~pointers) | CLONE_CHILD_SETTID;
	if (!(flags & CLONE_SIGHAND)) /* without CLONE_VM that is an error, and must stay one */
		flags |= CLONE_VM;
	if (order->number == SYS_clone3) {
		memcpy(data, &flags, sizeof(flags));
		memcpy(data + CLONE3_TID_AT, &tid, sizeof(tid));
	} else {
		const int64_t parent_tid = order->number == SYS_clone ? order->arg[2] : 0;

		order->number = SYS_clone;
		memset(order->arg, 0, sizeof(order->arg));
		order->arg[0] = flags;
		order->arg[CHILD_TID] = tid;
		if (flags & CLONE_PIDFD)
			order->arg[2] = parent_tid;
	}
}

/* Whether the p-th argument is a pid. That of waitid may be a descriptor. */
static bool is_pid(const struct fdl_row *row, const struct fdl_param *param,
		   const struct fdl_arg *args, size_t p)
{
	return !strcmp(param[p].type, "pid") &&
	       (strcmp(fdl_row_name(row), "waitid") != 0 || args[0].num == P_PID);
}

static bool gets_owner(const struct fdl_line *line)
{
	return !strcmp(fdl_row_name(line->row), "fcntl") && line->args[1].num == F_GETOWN;
}

static int plan_line(struct race_shared *shared, size_t i, const struct kernel_race_line *from)
{
	const struct fdl_row *row = from->line->row;
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(row, param);
	struct race_order *to = &shared->plan.line[i];
	struct kernel_order order;
	const struct kernel_memory memory = memory_of(shared, i);

	if (kernel_call_pack(row, from->line->args, &memory, &order))
		return -E2BIG;
	if (order.forks)
		share_memory(&order, &memory, i);
	*to = (struct race_order){
		.task = (uint32_t)from->pid - 1,
		.forks = order.forks,
		.execs = order.execs,
		.ends = order.ends,
		.pid_result = is_one_of(fdl_row_name(row), pid_calls) || gets_owner(from->line),
		.states = from->line->states,
		.result = from->line->result,
		.number = order.number,
	};
	memcpy(to->arg, order.arg, sizeof(to->arg));
	for (size_t p = 0; p < n; p++)
		to->pid_args |= (uint32_t)is_pid(row, param, from->line->args, p) << p;
	if (kernel_call_fills(row) && i >= shared->plan.n_setup)
		to->kept = (uint32_t)order.used;
	if (to->kept > RACE_KEPT)
		return -E2BIG;
	if (kernel_call_rewrites(row) || order.number == SYS_sendmsg)
		to->given = (uint32_t)order.used;
	memcpy(given_of(shared, i), memory.data, to->given);
	if (i < shared->plan.n_setup)
		shared->plan.setup_ends |= order.ends || order.signals;
	return 0;
}

static int plan_path(struct race_plan *plan, const char *name, size_t len)
{
	for (uint32_t i = 0; i < plan->n_paths; i++)
		if (!strncmp(plan->path[i], name, len) && !plan->path[i][len])
			return 0;
	if (plan->n_paths == RACE_PATHS)
		return -E2BIG;
	memcpy(plan->path[plan->n_paths], name, len);
	plan->path[plan->n_paths++][len] = '\0';
	return 0;
}

/* Adds the names that a line may create to the plan. */
static int plan_paths(struct race_plan *plan, const struct fdl_line *line)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(line->row, param);

	for (size_t p = 0; p < n; p++) {
		size_t len;
		const char *name = name_in(line->row, &param[p], &line->args[p], &len);
		int error = name && is_private(name, len) ? plan_path(plan, name, len) : 0;

		if (error)
			return error;
	}
	return 0;
}

static uint64_t bit_of(int64_t sig)
{
	return sig >= 1 && sig <= 64 ? UINT64_C(1) << (sig - 1) : 0;
}

/* The flags of a call that makes a task, with the signal that its end sends; 0 for any other. */
static int64_t clone_flags(struct race_shared *shared, size_t i)
{
	const struct race_order *to = &shared->plan.line[i];
	const struct kernel_memory memory = memory_of(shared, i);
	const struct kernel_order order = { .arg[0] = to->arg[0] };
	const char *data;
	int64_t flags, signal;

	if (!to->forks || to->number != SYS_clone3)
		return to->forks ? to->arg[0] : 0;
	data = clone_args_of(&order, &memory);
	if (!data)
		return 0;
	memcpy(&flags, data, sizeof(flags));
	memcpy(&signal, data + CLONE3_SIGNAL_AT, sizeof(signal));
	return flags | (signal & CSIGNAL);
}

/* The signals that a call may send, or have sent. flags: those of a task that it makes. */
static uint64_t signals_of(const struct fdl_line *line, int64_t flags)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(line->row, param);
	uint64_t bits = bit_of(flags & CSIGNAL);

	for (size_t p = 0; p < n; p++)
		if (!strcmp(param[p].type, "signal"))
			bits |= bit_of(line->args[p].num);
	return bits;
}

/*
 * The signals that a run may raise, and that init ignores. Not if a process shares the actions of
 * another: they are the same for both.
 */
static uint64_t signals_spared(const struct kernel_race_plan *from, struct race_shared *shared)
{
	const uint64_t never =
		bit_of(SIGKILL) | bit_of(SIGSTOP) | bit_of(SIGCHLD) | bit_of(RACE_KICK);
	uint64_t bits = bit_of(SIGPIPE) | bit_of(SIGIO) | bit_of(SIGXFSZ) | bit_of(SIGALRM);

	for (size_t i = 0; i < from->n_lines; i++) {
		const int64_t flags = clone_flags(shared, i);

		if ((flags & (CLONE_SIGHAND | CLONE_THREAD)) == CLONE_SIGHAND)
			return 0;
		bits |= signals_of(from->line[i].line, flags);
	}
	return bits & ~never;
}

static void plan_processors(struct race_plan *plan)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) < 2)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE && plan->n_cpus < RACE_TASKS; cpu++)
		if (CPU_ISSET(cpu, &set))
			plan->cpu[plan->n_cpus++] = cpu;
}

static uint32_t pid_bound(void)
{
	FILE *f = fopen("/proc/sys/kernel/pid_max", "re");
	unsigned max = 0;

	if (f) {
		if (fscanf(f, "%u", &max) != 1)
			max = 0;
		fclose(f);
	}
	return (max > 2 * PIDS_APART ? max : 2 * PIDS_APART) - PIDS_APART;
}

static int make_plan(struct kernel_race *r)
{
	const struct kernel_race_plan *from = r->plan;
	struct race_plan *plan = &r->shared->plan;
	uint32_t racers = 0;
	int error = 0;

	if (from->n_lines > RACE_LINES)
		return -E2BIG;
	plan->n_setup = (uint32_t)from->n_setup;
	plan->n_lines = (uint32_t)from->n_lines;
	plan->fd_bound = from->fd_bound;
	plan->seed = from->seed;
	plan->pid_bound = pid_bound();
	plan_processors(plan);
	for (size_t i = 0; !error && i < from->n_lines; i++) {
		error = plan_line(r->shared, i, &from->line[i]);
		if (!error)
			error = plan_paths(plan, from->line[i].line);
		if (i >= from->n_setup)
			racers |= UINT32_C(1) << plan->line[i].task;
	}
	plan->n_racers = (uint32_t)__builtin_popcount(racers);
	plan->spared = signals_spared(from, r->shared);
	return error;
}

/* ---- start and end -------------------------------------------------------------------------- */

static int start(struct kernel_race *r, char *err, size_t errsize)
{
	struct kernel_start how = r->plan->start;
	int error;

	how.races = true;
	error = kernel_tasks_start(&r->tasks, &how, err, errsize);
	if (error)
		return error;
	r->shared = (struct race_shared *)(r->tasks.shared + (RACE_AT - KERNEL_SHARED_AT));
	error = make_plan(r);
	if (error)
		snprintf(err, errsize, "the race is too large for real tasks");
	return error;
}

int kernel_race_new(const struct kernel_race_plan *plan, struct kernel_race **rp, char *err,
		    size_t errsize)
{
	struct kernel_race *r = calloc(1, sizeof(*r));
	int error;

	if (!r) {
		snprintf(err, errsize, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	r->plan = plan;
	r->tasks = (struct kernel_tasks){ .proc = -1 };
	error = start(r, err, errsize);
	if (error)
		kernel_race_free(r);
	else
		*rp = r;
	return error;
}

void kernel_race_free(struct kernel_race *r)
{
	if (r)
		kernel_tasks_stop(&r->tasks);
	free(r);
}

/* ---- records -------------------------------------------------------------------------------- */

/* The next part of a record. */
static const void *take(const char **at, size_t size)
{
	const char *part = *at;

	*at += (size + 7) & ~(size_t)7;
	return part;
}

static void read_record(const struct kernel_race *r, const char *at, struct kernel_race_run *run)
{
	const struct race_plan *plan = &r->shared->plan;
	const size_t n = plan->n_lines - plan->n_setup;
	const struct race_record *record = take(&at, sizeof(*record));

	run->done = take(&at, n * sizeof(*run->done));
	for (size_t i = 0; i < n; i++)
		run->kept[i] = take(&at, plan->line[plan->n_setup + i].kept);
	run->n_tasks = record->n_tasks;
	run->base = record->base;
	for (size_t i = 0; i < run->n_tasks; i++) {
		const struct race_told *told = take(&at, sizeof(*told));
		struct kernel_race_table *table = &run->table[i];

		table->kind = told->kind;
		table->sharer = told->sharer;
		table->stopped = told->stopped;
		table->n_slots = told->n_slots;
		table->slot = take(&at, told->n_slots * sizeof(*table->slot));
		table->names = take(&at, told->names_len);
	}
}

void kernel_race_filled(const struct kernel_race *r, const struct kernel_race_run *run, size_t i,
			struct kernel_filled *filled)
{
	const struct kernel_race_plan *plan = r->plan;
	const size_t line = plan->n_setup + i;
	struct kernel_memory memory = memory_of(r->shared, line);
	struct kernel_order order = { 0 };

	memory.data = (char *)(uintptr_t)run->kept[i]; /* it is only read */
	memory.pid_base = run->base - 1;
	memcpy(order.arg, r->shared->plan.line[line].arg, sizeof(order.arg));
	kernel_call_unpack(plan->line[line].line->row, plan->line[line].line->args, &order, &memory,
			   run->done[i].result, filled);
}

static int check_record(const struct race_record *record, char *err, size_t errsize)
{
	if (record->wrong_setup) {
		const char *name = fdl_errname((int)-record->wrong_result);

		snprintf(err, errsize, "before the race, call %u returned %lld%s%s",
			 record->wrong_setup, name ? -1LL : (long long)record->wrong_result,
			 name ? " " : "", name ? name : "");
		return -EPROTO;
	}
	return 0;
}

/* ---- batches -------------------------------------------------------------------------------- */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void kernel_race_order(struct kernel_race *r, uint64_t first, uint32_t n)
{
	uint32_t *batch = &r->shared->batch;

	r->shared->want = n;
	r->shared->first = first;
	__atomic_store_n(batch, BATCH_ORDERED, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, batch, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int wait_for_batch(struct kernel_race *r, char *err, size_t errsize)
{
	const struct timespec second = { 1, 0 };
	double start = seconds();
	uint32_t *batch = &r->shared->batch, had = 0, now;

	while (__atomic_load_n(batch, __ATOMIC_SEQ_CST) != BATCH_DONE) {
		if (waitpid(r->tasks.init, NULL, WNOHANG) == r->tasks.init) {
			r->tasks.init = 0;
			snprintf(err, errsize, "the tasks have ended");
			return -EIO;
		}
		now = __atomic_load_n(&r->shared->had, __ATOMIC_SEQ_CST);
		if (now != had)
			start = seconds();
		had = now;
		if (seconds() - start > PATIENCE) {
			snprintf(err, errsize, "the runs came to no end");
			return -ETIMEDOUT;
		}
		syscall(SYS_futex, batch, FUTEX_WAIT, BATCH_ORDERED, &second, NULL, 0);
	}
	return 0;
}

/* Starts over in a new namespace, with low pids. */
static int restart(struct kernel_race *r, char *err, size_t errsize)
{
	kernel_tasks_stop(&r->tasks);
	return start(r, err, errsize);
}

int64_t kernel_race_collect(struct kernel_race *r, kernel_race_look_fn *look, void *ctx, char *err,
			    size_t errsize)
{
	int error = wait_for_batch(r, err, errsize);
	const uint32_t had = error ? 0 : r->shared->had;
	const char *at = r->shared->records;

	for (uint32_t i = 0; !error && i < had; i++) {
		const struct race_record *record = (const struct race_record *)(uintptr_t)at;
		struct kernel_race_run run;

		error = record->lost ? 0 : check_record(record, err, errsize);
		if (error)
			break;
		if (!record->lost)
			read_record(r, at, &run);
		error = look(ctx, r, record->lost ? NULL : &run);
		if (error)
			snprintf(err, errsize, "%s",
				 error == -ETIMEDOUT ? "runs came to no end" : strerror(-error));
		at += record->size;
	}
	if (!error && r->shared->tired)
		error = restart(r, err, errsize);
	return error ? error : (int64_t)had;
}

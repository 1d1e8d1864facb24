#include "support/lock_oracle.h"

#include "machine/machine.h"
#include "machine/task.h"
#include "support/bound_line.h"
#include "support/valgrind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FDS 12

static const char *const names[] = { "a", "b", NULL };

struct lock_oracle lock_oracle;

#define DIFFER(...)                                                                                \
	do {                                                                                       \
		print_error("%s", lock_oracle.played.s);                                           \
		fail_msg(__VA_ARGS__);                                                             \
	} while (0)

/* ---- one call ------------------------------------------------------------------------------ */

static void put_outcome(struct text *t, const struct bound *b, int64_t result)
{
	if (result < 0) {
		text_printf(t, "-1 %s", fdl_errname((int)-result) ?: "?");
		return;
	}
	text_int(t, result);
	for (size_t i = 0; i < b->row->nparams; i++) {
		const struct fdl_arg *found = b->arg[i].sub;

		if (!b->row->param[i].out || !kt_is(&b->row->param[i], &type_flock))
			continue;
		text_printf(t, " type %d", (int)found[FLOCK_TYPE].num);
		if (found[FLOCK_TYPE].num != F_UNLCK)
			text_printf(t, " whence %d start %lld len %lld",
				    (int)found[FLOCK_WHENCE].num, (long long)found[FLOCK_START].num,
				    (long long)found[FLOCK_LEN].num);
	}
}

/* The pids in a found lock are compared as tasks. */
static int found_pid(const struct bound *b, bool kernel)
{
	const struct fdl_arg *found = b->row->nparams == 4 ? b->arg[3].sub : NULL;
	int pid = found && found[FLOCK_TYPE].num != F_UNLCK ? (int)found[FLOCK_PID].num : 0;

	return kernel && pid > 0 ? kt_number_of(&lock_oracle.kt, pid) : pid;
}

static bool machine_waits(int pid)
{
	struct task *task = task_find(lock_oracle.m, pid);

	return task && task->call && task->call->state == CALL_BLOCKED;
}

/* The result of a call that waited, from the last line of the task's control file. */
static int64_t machine_result(int pid)
{
	char path[32], *text, *at;
	size_t len;
	int64_t result;

	snprintf(path, sizeof(path), "%d/control", pid);
	assert_int_equal(fdl_read_file(lock_oracle.m, path, &text, &len), 0);
	at = strrchr(text, '=');
	assert_non_null(at);
	result = atoll(at + 1);
	if (result < 0)
		result = -fdl_errno(at + 5, strcspn(at + 5, " \n"));
	free(text);
	return result;
}

/* ---- the kernel's tasks ---------------------------------------------------------------------- */

/*
 * Runs on one processor, so that /proc/locks has one list, and in order of wake-ups if that is
 * allowed.
 */
static void tame(pid_t pid)
{
	const struct sched_param priority = { .sched_priority = 1 };
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(pid, sizeof(first), &first) < 0 ||
	    sched_setscheduler(pid, SCHED_FIFO, &priority) < 0)
		lock_oracle.in_order = false;
}

/* Is the task asleep in its call? A wait for memory does not count, and cannot be interrupted. */
static bool kernel_waits(int pid)
{
	const struct kt_post *p = &lock_oracle.kt.shared->post[pid];
	char path[64];
	long number = -1;
	FILE *f;

	if (atomic_load(&p->state) != KT_ORDERED)
		return false;
	kt_proc_path(&lock_oracle.kt, pid, "syscall", path, sizeof(path));
	f = fopen(path, "re");
	if (f && fscanf(f, "%ld", &number) != 1)
		number = -1;
	if (f)
		fclose(f);
	return number == p->number && kt_process_state(p->pid) == 'S';
}

static bool kernel_ended(int pid)
{
	char state = kt_process_state(labs(lock_oracle.kt.shared->post[pid].pid));

	return state == 'Z' || state == 'X' || state == 0;
}

/* Waits until every task has answered, waits, or is gone; twice, because one may wake another. */
static void settle(void)
{
	for (int quiet = 0; quiet < 2; quiet++) {
		for (int pid = 1; pid <= lock_oracle.kt.last; pid++) {
			const struct kt_post *p = &lock_oracle.kt.shared->post[pid];

			while (!lock_oracle.gone[pid] && atomic_load(&p->state) == KT_ORDERED &&
			       !kernel_waits(pid) && !kernel_ended(pid)) {
				quiet = 0;
				sched_yield();
			}
		}
	}
}

/* ---- what procfs says ------------------------------------------------------------------------ */

static void slurp(const char *path, struct text *t)
{
	char buf[4096];
	FILE *f = fopen(path, "re");
	size_t n;

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put(t, buf, n);
	if (f)
		fclose(f);
}

static void machine_file(const char *path, struct text *t)
{
	size_t len;
	char *text;

	if (fdl_read_file(lock_oracle.m, path, &text, &len) == 0) {
		text_put(t, text, len);
		free(text);
	}
}

static uint64_t ino_of(const char *fdinfo)
{
	const char *at = fdinfo ? strstr(fdinfo, "ino:") : NULL;

	return at ? strtoull(at + 4, NULL, 10) : 0;
}

/*
 * Normalizes one line of locks: the file's letter for its inode, the task's number for its pid.
 * False: the line is about another file.
 */
static bool put_line(struct text *t, const char *line, size_t len, bool kernel, int *number)
{
	char copy[160], kind[40], type[8], range[64];
	unsigned long long ino;
	int pid, at = 0;
	char *name;

	snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
	name = strstr(copy, ": ");
	if (!name)
		return false;
	name += 2;
	if (sscanf(name, "%*[ ->]%n", &at) == EOF)
		at = 0;
	if (sscanf(name + at, "%39[A-Z] ADVISORY %7s %d %*x:%*x:%llu %63[^\n]", kind, type, &pid,
		   &ino, range) != 5)
		return false;
	if (ino != lock_oracle.ino[kernel][0] && ino != lock_oracle.ino[kernel][1])
		return false;
	if (at == 0)
		++*number;
	text_printf(t, "%d: %.*s%s %s %d %c %s\n", *number, at, name, kind, type,
		    kernel && pid > 0 ? kt_number_of(&lock_oracle.kt, pid) : pid,
		    ino == lock_oracle.ino[kernel][0] ? 'a' : 'b', range);
	return true;
}

static void put_locks(struct text *t, const char *text, bool kernel)
{
	int number = 0;

	for (const char *line = text; line && *line; line += *line == '\n') {
		size_t len = strcspn(line, "\n");

		put_line(t, line, len, kernel, &number);
		line += len;
	}
}

/* How often the kernel's lines may change while they are read before they count as different. */
#define LOOKS 50

/*
 * The kernel makes /proc/locks in pieces. Locks that other programs take and drop between two
 * pieces shift the lines, and some are read twice or not at all. So the file is read again where
 * the two differ.
 */
static void compare_texts(const char *what, const char *path, const struct text *machine)
{
	struct text m = TEXT_EMPTY, k = TEXT_EMPTY, kernel = TEXT_EMPTY;
	bool same = false;

	put_locks(&m, machine->s, false);
	text_puts(&m, "");
	for (int look = 0; look < LOOKS && !same; look++) {
		text_clear(&kernel);
		text_clear(&k);
		slurp(path, &kernel);
		put_locks(&k, kernel.s, true);
		text_puts(&k, "");
		same = m.len == k.len && memcmp(m.s ? m.s : "", k.s ? k.s : "", m.len) == 0;
	}
	if (!same)
		DIFFER("%s:\nmachine:\n%s\nkernel:\n%s", what, m.s ? m.s : "", k.s ? k.s : "");
	text_free(&m);
	text_free(&k);
	text_free(&kernel);
}

static void compare_procfs(void)
{
	struct text m = TEXT_EMPTY;
	char own[96], path[96], file[32];

	machine_file("locks", &m);
	compare_texts("locks", "/proc/locks", &m);
	for (int pid = 1; pid <= lock_oracle.kt.last; pid++) {
		for (int fd = 3; fd < FDS && !lock_oracle.gone[pid]; fd++) {
			text_clear(&m);
			snprintf(file, sizeof(file), "fdinfo/%d", fd);
			snprintf(own, sizeof(own), "%d/%s", pid, file);
			machine_file(own, &m);
			kt_proc_path(&lock_oracle.kt, pid, file, path, sizeof(path));
			compare_texts(own, path, &m);
		}
	}
	text_free(&m);
}

/* ---- lines ---------------------------------------------------------------------------------- */

void lock_oracle_start(void)
{
	bool in_order = lock_oracle.in_order;

	lock_oracle = (struct lock_oracle){ .in_order = in_order };
	assert_int_equal(fdl_machine_new(NULL, &lock_oracle.m), 0);
	assert_true(kt_start(&lock_oracle.kt, (struct rlimit){ 1024, 4096 }));
	tame(lock_oracle.kt.shared->post[1].pid);
}

int lock_oracle_stop(void **state)
{
	(void)state;
	kt_stop(&lock_oracle.kt, names);
	fdl_machine_free(lock_oracle.m);
	arena_free(&lock_oracle.arena);
	text_free(&lock_oracle.played);
	return 0;
}

/* The inodes are known after both files were opened. */
static void learn_inodes(void)
{
	char path[96], file[32];

	for (int i = 0; i < 2; i++) {
		struct text m = TEXT_EMPTY, k = TEXT_EMPTY;

		snprintf(path, sizeof(path), "1/fdinfo/%d", 3 + i);
		machine_file(path, &m);
		snprintf(file, sizeof(file), "fdinfo/%d", 3 + i);
		kt_proc_path(&lock_oracle.kt, 1, file, path, sizeof(path));
		slurp(path, &k);
		if (!lock_oracle.ino[0][i])
			lock_oracle.ino[0][i] = ino_of(m.s);
		if (!lock_oracle.ino[1][i])
			lock_oracle.ino[1][i] = ino_of(k.s);
		text_free(&m);
		text_free(&k);
	}
}

/* Compares calls that waited and have returned on either side. */
static void compare_resumed(void)
{
	for (int pid = 1; pid <= lock_oracle.kt.last; pid++) {
		struct kt_post *p = &lock_oracle.kt.shared->post[pid];
		bool waits = machine_waits(pid);

		if (!lock_oracle.waits[pid])
			continue;
		if (waits != kernel_waits(pid))
			DIFFER("task %d waits on the %s alone", pid, waits ? "machine" : "kernel");
		if (waits)
			continue;
		lock_oracle.waits[pid] = false;
		if (machine_result(pid) != p->result)
			DIFFER("task %d resumed: machine %lld, kernel %ld", pid,
			       (long long)machine_result(pid), p->result);
	}
}

/* A task that was made to end must be gone on both lock_oracle. */
static void note_end(int pid)
{
	if (pid < 1 || pid > lock_oracle.kt.last || lock_oracle.gone[pid])
		return;
	while (!kernel_ended(pid))
		sched_yield();
	lock_oracle.gone[pid] = true;
	lock_oracle.waits[pid] = false;
	if (lock_oracle.kt.shared->post[pid].pid > 0)
		lock_oracle.kt.shared->post[pid].pid = -lock_oracle.kt.shared->post[pid].pid;
}

static int64_t kernel_line(struct bound *b, struct fdl_arg *room)
{
	const char *name = b->row->call->name;

	if (strcmp(name, "fcntl") != 0 && strcmp(name, "flock") != 0)
		return kt_call(&lock_oracle.kt, b->pid, b->row, b->arg, room);
	/* Starts a call that may wait, and looks at its outcome when no task runs. */
	kt_order(&lock_oracle.kt, b->pid, b->row, b->arg);
	settle();
	if (kernel_waits(b->pid))
		return -EINPROGRESS;
	if (lock_oracle.kt.shared->post[b->pid].result == 0 && b->row->nparams == 4)
		kt_take(&lock_oracle.kt.shared->post[b->pid], b->row, 3, b->arg, room);
	return lock_oracle.kt.shared->post[b->pid].result;
}

void lock_oracle_play(const char *line)
{
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	struct fdl_arg room[4 * ARGS_MAX];
	struct bound m, k;
	int64_t result;

	arena_reset(&lock_oracle.arena);
	bind_line(lock_oracle.m, &lock_oracle.arena, line, strlen(line), &m);
	k = m;
	text_printf(&lock_oracle.played, "%s\n", line);
	if (lock_oracle.waits[m.pid])
		DIFFER("task %d waits, and cannot be told anything", m.pid);
	result = fdl_call(lock_oracle.m, m.pid, m.row, m.arg, m.row->nparams);
	put_outcome(&machine, &m, result);
	text_printf(&machine, " %d", result ? 0 : found_pid(&m, false));
	lock_oracle.waits[m.pid] = result == -EINPROGRESS;
	result = kernel_line(&k, room);
	put_outcome(&kernel, &k, result);
	text_printf(&kernel, " %d", result ? 0 : found_pid(&k, true));
	if (strcmp(m.row->call->name, "exit") == 0)
		note_end(m.pid);
	if (strcmp(m.row->call->name, "kill") == 0 && !result)
		note_end((int)m.arg[0].num);
	if (strcmp(m.row->call->name, "fork") == 0 || strcmp(m.row->call->name, "clone") == 0)
		tame(lock_oracle.kt.shared->post[lock_oracle.kt.last].pid);
	if (strcmp(machine.s, kernel.s) != 0)
		DIFFER("%s\n    machine: %s\n    kernel:  %s", line, machine.s, kernel.s);
	settle();
	learn_inodes();
	compare_resumed();
	compare_procfs();
	text_free(&machine);
	text_free(&kernel);
}

/* ---- where this can be done ----------------------------------------------------------------- */

static bool can_compare(void)
{
	if (under_valgrind()) {
		print_message("skipped: valgrind would answer here, not the kernel\n");
		return false;
	}
	if (access("/proc/self/syscall", R_OK) < 0 || access("/proc/locks", R_OK) < 0) {
		print_message(
			"skipped: procfs does not show here which task waits, and for what\n");
		return false;
	}
	if (kt_number("open") < 0) {
		print_message("skipped: this kernel has no open and dup2 any more\n");
		return false;
	}
	return true;
}

/* Whether the kernel's tasks can be run one after the other. */
static void look_for_order(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		lock_oracle.in_order = true;
		tame(getpid());
		_exit(!lock_oracle.in_order);
	}
	lock_oracle.in_order = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
	if (!lock_oracle.in_order)
		print_message("not allowed to run in order: random calls do not wait here\n");
}

bool lock_oracle_possible(void)
{
	if (!can_compare())
		return false;
	look_for_order();
	return true;
}

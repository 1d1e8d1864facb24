/*
 * Locks compared with the running kernel: sequences of calls by several tasks, some of which wait
 * for each other, made by a machine and by processes. After each call it compares every result, the
 * waiting tasks, and procfs's text of all locks and of each descriptor.
 */
#include "support/kernel_tasks.h"

#include "base/arena.h"
#include "machine/call_table.h"
#include "machine/machine.h"
#include "notation/line.h"
#include "machine/task.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TASKS 5 /* at most, in a sequence */
#define FDS   12

static const char *const names[] = { "a", "b", NULL };

static struct sides {
	struct fdl_machine *m;
	struct kt kt;
	struct arena arena;    /* of the current line */
	bool waits[TASKS + 1]; /* the machine's tasks in a call */
	bool gone[TASKS + 1];  /* exited */
	uint64_t ino[2][2];    /* of "a" and "b", of the machine and the kernel */
	struct text played;    /* all the lines so far */
} sides;

static bool in_order; /* the kernel's tasks run in the order in which they are woken */
static bool may_wait; /* the next random call */

#define DIFFER(...)                                                                                \
	do {                                                                                       \
		print_error("%s", sides.played.s);                                                 \
		fail_msg(__VA_ARGS__);                                                             \
	} while (0)

/* ---- one call ------------------------------------------------------------------------------ */

struct bound {
	int pid;
	const struct fdl_row *row;
	struct fdl_arg arg[ARGS_MAX];
};

static void bind(const char *text, struct bound *b)
{
	const struct fdl_row *first, *end = sides.m->table->rows + sides.m->table->nrows;
	struct text why = TEXT_EMPTY;
	struct line line;

	if (notation_parse(&sides.arena, text, strlen(text), &line, &why) < 0)
		fail_msg("%s: %s", text, why.s);
	b->pid = line.pid ? line.pid : 1;
	first = call_table_find(sides.m->table, line.name, line.name_len);
	b->row = first ? row_select(first, end, &line) : NULL;
	if (!b->row || args_bind(&sides.arena, b->row, &line, b->arg, &why) < 0)
		fail_msg("%s: %s", text, why.s ? why.s : "there is no such call");
	text_free(&why);
}

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

	return kernel && pid > 0 ? kt_number_of(&sides.kt, pid) : pid;
}

static bool machine_waits(int pid)
{
	struct task *task = task_find(sides.m, pid);

	return task && task->call && task->call->state == CALL_BLOCKED;
}

/* The result of a call that waited, from the last line of the task's control file. */
static int64_t machine_result(int pid)
{
	char path[32], *text, *at;
	size_t len;
	int64_t result;

	snprintf(path, sizeof(path), "%d/control", pid);
	assert_int_equal(fdl_read_file(sides.m, path, &text, &len), 0);
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
		in_order = false;
}

/* Is the task asleep in its call? A wait for memory does not count, and cannot be interrupted. */
static bool kernel_waits(int pid)
{
	const struct kt_post *p = &sides.kt.shared->post[pid];
	char path[64];
	long number = -1;
	FILE *f;

	if (atomic_load(&p->state) != KT_ORDERED)
		return false;
	kt_proc_path(&sides.kt, pid, "syscall", path, sizeof(path));
	f = fopen(path, "re");
	if (f && fscanf(f, "%ld", &number) != 1)
		number = -1;
	if (f)
		fclose(f);
	return number == p->number && kt_process_state(p->pid) == 'S';
}

static bool kernel_ended(int pid)
{
	char state = kt_process_state(labs(sides.kt.shared->post[pid].pid));

	return state == 'Z' || state == 'X' || state == 0;
}

/* Waits until every task has answered, waits, or is gone; twice, because one may wake another. */
static void settle(void)
{
	for (int quiet = 0; quiet < 2; quiet++) {
		for (int pid = 1; pid <= sides.kt.last; pid++) {
			const struct kt_post *p = &sides.kt.shared->post[pid];

			while (!sides.gone[pid] && atomic_load(&p->state) == KT_ORDERED &&
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

	if (fdl_read_file(sides.m, path, &text, &len) == 0) {
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
	if (ino != sides.ino[kernel][0] && ino != sides.ino[kernel][1])
		return false;
	if (at == 0)
		++*number;
	text_printf(t, "%d: %.*s%s %s %d %c %s\n", *number, at, name, kind, type,
		    kernel && pid > 0 ? kt_number_of(&sides.kt, pid) : pid,
		    ino == sides.ino[kernel][0] ? 'a' : 'b', range);
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
 * The kernel makes /proc/locks in pieces. Locks that other programs take and drop between two pieces
 * shift the lines, and some are read twice or not at all: what differs is read again.
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
	for (int pid = 1; pid <= sides.kt.last; pid++) {
		for (int fd = 3; fd < FDS && !sides.gone[pid]; fd++) {
			text_clear(&m);
			snprintf(file, sizeof(file), "fdinfo/%d", fd);
			snprintf(own, sizeof(own), "%d/%s", pid, file);
			machine_file(own, &m);
			kt_proc_path(&sides.kt, pid, file, path, sizeof(path));
			compare_texts(own, path, &m);
		}
	}
	text_free(&m);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void start(void)
{
	memset(&sides, 0, sizeof(sides));
	assert_int_equal(fdl_machine_new(NULL, &sides.m), 0);
	assert_true(kt_start(&sides.kt, (struct rlimit){ 1024, 4096 }));
	tame(sides.kt.shared->post[1].pid);
}

static int stop(void **state)
{
	(void)state;
	kt_stop(&sides.kt, names);
	fdl_machine_free(sides.m);
	arena_free(&sides.arena);
	text_free(&sides.played);
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
		kt_proc_path(&sides.kt, 1, file, path, sizeof(path));
		slurp(path, &k);
		if (!sides.ino[0][i])
			sides.ino[0][i] = ino_of(m.s);
		if (!sides.ino[1][i])
			sides.ino[1][i] = ino_of(k.s);
		text_free(&m);
		text_free(&k);
	}
}

/* Compares calls that waited and have returned on either side. */
static void compare_resumed(void)
{
	for (int pid = 1; pid <= sides.kt.last; pid++) {
		struct kt_post *p = &sides.kt.shared->post[pid];
		bool waits = machine_waits(pid);

		if (!sides.waits[pid])
			continue;
		if (waits != kernel_waits(pid))
			DIFFER("task %d waits on the %s alone", pid, waits ? "machine" : "kernel");
		if (waits)
			continue;
		sides.waits[pid] = false;
		if (machine_result(pid) != p->result)
			DIFFER("task %d resumed: machine %lld, kernel %ld", pid,
			       (long long)machine_result(pid), p->result);
	}
}

/* A task that was made to end must be gone on both sides. */
static void note_end(int pid)
{
	if (pid < 1 || pid > sides.kt.last || sides.gone[pid])
		return;
	while (!kernel_ended(pid))
		sched_yield();
	sides.gone[pid] = true;
	sides.waits[pid] = false;
	if (sides.kt.shared->post[pid].pid > 0)
		sides.kt.shared->post[pid].pid = -sides.kt.shared->post[pid].pid;
}

static int64_t kernel_line(struct bound *b, struct fdl_arg *room)
{
	const char *name = b->row->call->name;

	if (strcmp(name, "fcntl") != 0 && strcmp(name, "flock") != 0)
		return kt_call(&sides.kt, b->pid, b->row, b->arg, room);
	/* Starts a call that may wait, and looks at its outcome when no task runs. */
	kt_order(&sides.kt, b->pid, b->row, b->arg);
	settle();
	if (kernel_waits(b->pid))
		return -EINPROGRESS;
	if (sides.kt.shared->post[b->pid].result == 0 && b->row->nparams == 4)
		kt_take(&sides.kt.shared->post[b->pid], b->row, 3, b->arg, room);
	return sides.kt.shared->post[b->pid].result;
}

static void play(const char *line)
{
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	struct fdl_arg room[4 * ARGS_MAX];
	struct bound m, k;
	int64_t result;

	arena_reset(&sides.arena);
	bind(line, &m);
	k = m;
	text_printf(&sides.played, "%s\n", line);
	if (sides.waits[m.pid])
		DIFFER("task %d waits, and cannot be told anything", m.pid);
	result = fdl_call(sides.m, m.pid, m.row, m.arg, m.row->nparams);
	put_outcome(&machine, &m, result);
	text_printf(&machine, " %d", result ? 0 : found_pid(&m, false));
	sides.waits[m.pid] = result == -EINPROGRESS;
	result = kernel_line(&k, room);
	put_outcome(&kernel, &k, result);
	text_printf(&kernel, " %d", result ? 0 : found_pid(&k, true));
	if (strcmp(m.row->call->name, "exit") == 0)
		note_end(m.pid);
	if (strcmp(m.row->call->name, "kill") == 0 && !result)
		note_end((int)m.arg[0].num);
	if (strcmp(m.row->call->name, "fork") == 0 || strcmp(m.row->call->name, "clone") == 0)
		tame(sides.kt.shared->post[sides.kt.last].pid);
	if (strcmp(machine.s, kernel.s) != 0)
		DIFFER("%s\n    machine: %s\n    kernel:  %s", line, machine.s, kernel.s);
	settle();
	learn_inodes();
	compare_resumed();
	compare_procfs();
	text_free(&machine);
	text_free(&kernel);
}

#define AGREES(name, ...)                                                                          \
	static void name##_agrees_with_the_kernel(void **state)                                    \
	{                                                                                          \
		static const char *const lines[] = { __VA_ARGS__ };                                \
                                                                                                   \
		(void)state;                                                                       \
		start();                                                                           \
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)                      \
			play(lines[i]);                                                            \
	}

/* clang-format off */
#define TWO_FILES "open(\"a\", O_RDWR|O_CREAT, 0600)", "open(\"b\", O_RDWR|O_CREAT, 0600)"
#define LOCK(cmd, type, start, len) "(3, " cmd ", {l_type=" type ", l_whence=SEEK_SET, l_start=" start ", l_len=" len "})"
#define SETLK(type, start, len)  "fcntl" LOCK("F_SETLK", type, start, len)
#define SETLKW(type, start, len) "fcntl" LOCK("F_SETLKW", type, start, len)
#define GETLK(type, start, len)  "fcntl" LOCK("F_GETLK", type, start, len)

AGREES(what_is_refused,
	TWO_FILES, "open(\"a\", O_RDONLY)", "open(\"a\", O_WRONLY)", "open(\"a\", O_PATH)", "pipe2 0",
	"fcntl(99, F_SETLK, {l_type=F_WRLCK})", "fcntl(99, F_SETLK, NULL)", "fcntl(3, F_SETLK, NULL)",
	"fcntl(3, F_GETLK, NULL)", "fcntl(7, F_SETLK, {l_type=F_RDLCK})", "flock(7, LOCK_SH)",
	"fcntl(5, F_SETLK, {l_type=F_WRLCK})", "fcntl(5, F_SETLK, {l_type=F_UNLCK})",
	"fcntl(6, F_SETLK, {l_type=F_RDLCK})", "fcntl(5, F_GETLK, {l_type=F_WRLCK})",
	"fcntl(5, F_SETLK, {l_type=F_WRLCK, l_whence=9})", "fcntl(5, F_SETLK, {l_type=9})",
	"fcntl(3, F_SETLK, {l_type=3})", "fcntl(3, F_GETLK, {l_type=F_UNLCK})",
	"fcntl(3, F_GETLK, {l_type=F_UNLCK, l_whence=9})", "fcntl(3, F_GETLK, {l_type=7})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=3})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=-1})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=5, l_len=-6})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=5, l_len=-5})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=9223372036854775807, l_len=1})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_start=9223372036854775807, l_len=2})",
	"lseek(3, 10, SEEK_SET)",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_CUR, l_start=9223372036854775800})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_CUR, l_start=-11})",
	"fcntl(3, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_CUR, l_start=-10, l_len=3})",
	"write(3, \"hello\", 5)", "fcntl(3, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_END, l_len=-2})",
	"fcntl(3, F_OFD_SETLK, {l_type=F_RDLCK, l_pid=1})", "fcntl(3, F_OFD_GETLK, {l_type=F_RDLCK, l_pid=1})",
	"fcntl(5, F_OFD_SETLK, {l_type=F_WRLCK, l_pid=1})", "fcntl(3, F_SETLK, {l_type=F_RDLCK, l_pid=1})",
	"flock(3, 0)", "flock(99, 0)", "flock(99, LOCK_SH)", "flock(3, LOCK_SH|LOCK_EX)", "flock(3, LOCK_NB)",
	"flock(99, LOCK_MAND|LOCK_READ)", "flock(3, 16)", "fcntl(8, F_SETLK, {l_type=F_RDLCK})",
	"fcntl(8, F_SETLK, {l_type=F_WRLCK})", "fcntl(9, F_SETLK, {l_type=F_WRLCK})", "flock(8, LOCK_EX)",
	"flock(9, LOCK_SH|LOCK_NB)", "open(\"a\", O_ACCMODE)", "flock(10, LOCK_SH)", "flock(10, LOCK_UN)")

AGREES(splitting_and_merging,
	TWO_FILES, SETLK("F_WRLCK", "0", "100"), SETLK("F_UNLCK", "40", "10"), SETLK("F_RDLCK", "45", "30"),
	SETLK("F_RDLCK", "40", "5"), SETLK("F_WRLCK", "40", "5"), SETLK("F_WRLCK", "45", "0"),
	SETLK("F_RDLCK", "10", "1"), SETLK("F_RDLCK", "12", "1"), SETLK("F_RDLCK", "11", "1"),
	SETLK("F_UNLCK", "12", "1"), SETLK("F_UNLCK", "0", "1"), SETLK("F_WRLCK", "0", "0"),
	SETLK("F_UNLCK", "5", "0"), SETLK("F_RDLCK", "0", "0"), SETLK("F_WRLCK", "2", "2"),
	SETLK("F_WRLCK", "6", "2"), SETLK("F_WRLCK", "4", "2"), SETLK("F_UNLCK", "0", "0"),
	SETLK("F_UNLCK", "0", "0"), "fcntl(4, F_SETLK, {l_type=F_RDLCK, l_len=3})", SETLK("F_RDLCK", "7", "3"))

AGREES(any_close_of_the_file,
	TWO_FILES, SETLK("F_WRLCK", "0", "10"), "open(\"a\", O_RDONLY)", "dup(3)", "fork()",
	"2 " GETLK("F_RDLCK", "5", "0"), "2 close(3)", "2 close(5)", "1 close(5)", "2 fcntl(6, F_SETLK, {l_type=F_RDLCK})",
	"1 " SETLK("F_WRLCK", "0", "0"), "1 " SETLK("F_RDLCK", "20", "0"), "1 close(6)", "2 close(6)",
	"1 " SETLK("F_WRLCK", "0", "0"), "1 dup2(4, 3)", "1 open(\"a\", O_PATH)", "1 open(\"a\", O_RDWR)",
	"1 fcntl(6, F_SETLK, {l_type=F_WRLCK})", "1 close(5)", "1 close(6)")

AGREES(inheritance,
	TWO_FILES, SETLK("F_WRLCK", "0", "10"), "flock(4, LOCK_EX)", "fcntl(4, F_OFD_SETLK, {l_type=F_WRLCK, l_len=5})",
	"fork()", "2 " SETLK("F_WRLCK", "5", "10"), "2 flock(4, LOCK_SH|LOCK_NB)",
	"2 fcntl(4, F_OFD_SETLK, {l_type=F_UNLCK, l_start=2, l_len=1})", "2 open(\"b\", O_RDWR)",
	"2 flock(5, LOCK_EX|LOCK_NB)", "2 fcntl(5, F_OFD_GETLK, {l_type=F_RDLCK})", "2 fcntl(5, F_GETLK, {l_type=F_RDLCK})",
	"2 fcntl(5, F_OFD_SETLK, {l_type=F_RDLCK, l_start=3, l_len=4})", "1 execve(\"/bin/true\")",
	"2 " GETLK("F_WRLCK", "0", "0"), "1 close(4)", "2 flock(5, LOCK_EX|LOCK_NB)", "2 close(4)", "2 flock(5, LOCK_EX|LOCK_NB)",
	"1 close(3)", "2 " SETLK("F_WRLCK", "5", "10"), "2 fcntl(5, F_OFD_GETLK, {l_type=F_UNLCK})")

AGREES(a_shared_table,
	TWO_FILES, SETLK("F_WRLCK", "0", "10"), "clone(flags=CLONE_FILES|SIGCHLD)", "2 " GETLK("F_WRLCK", "0", "0"),
	"2 " SETLK("F_RDLCK", "5", "10"), "2 unshare(CLONE_FILES)", "2 " SETLK("F_RDLCK", "0", "3"),
	"2 " GETLK("F_WRLCK", "0", "0"), "1 clone(flags=CLONE_FILES|SIGCHLD)", "3 " SETLK("F_WRLCK", "30", "1"),
	"3 exit(0)", "2 " GETLK("F_WRLCK", "20", "0"), "1 close(3)", "2 " GETLK("F_WRLCK", "0", "0"))

AGREES(converting,
	TWO_FILES, "open(\"a\", O_RDONLY)", "flock(3, LOCK_EX)", "flock(5, LOCK_SH|LOCK_NB)", "flock(3, LOCK_SH)",
	"flock(5, LOCK_SH|LOCK_NB)", "flock(3, LOCK_EX|LOCK_NB)", "flock(5, LOCK_EX|LOCK_NB)", "flock(3, LOCK_SH|LOCK_NB)",
	"flock(5, LOCK_SH)", "flock(3, LOCK_UN)", "flock(3, LOCK_UN)", "flock(5, LOCK_EX)", "dup(5)", "flock(6, LOCK_SH)",
	"close(5)", "flock(3, LOCK_EX|LOCK_NB)", "close(6)", "flock(3, LOCK_EX|LOCK_NB)")

AGREES(waiting,
	TWO_FILES, "fork()", "fork()", SETLK("F_WRLCK", "0", "0"), "2 " SETLKW("F_WRLCK", "0", "10"),
	"3 " SETLKW("F_RDLCK", "5", "10"), "1 " SETLK("F_UNLCK", "20", "0"), "1 " SETLK("F_RDLCK", "0", "20"),
	"1 close(3)", "3 close(3)", "2 close(3)")

AGREES(waiting_for_flock,
	TWO_FILES, "flock(3, LOCK_EX)", "fork()", "fork()", "2 open(\"a\", O_RDWR)", "3 open(\"a\", O_RDWR)",
	"2 flock(5, LOCK_EX)", "3 flock(5, LOCK_SH)", "1 flock(3, LOCK_SH)", "1 flock(3, LOCK_UN)", "1 flock(4, LOCK_EX)",
	"3 close(5)", "2 flock(4, LOCK_SH)")

AGREES(deadlocks,
	TWO_FILES, "fork()", "fork()", "1 " SETLK("F_WRLCK", "1", "1"), "2 " SETLK("F_WRLCK", "2", "1"),
	"3 " SETLK("F_WRLCK", "3", "1"), "1 " SETLKW("F_WRLCK", "2", "1"), "2 " SETLKW("F_WRLCK", "3", "1"),
	"3 " SETLKW("F_WRLCK", "1", "1"), "3 " SETLKW("F_RDLCK", "0", "0"), "3 fcntl(3, F_OFD_SETLK, {l_type=F_RDLCK, l_start=7})",
	"3 " SETLK("F_UNLCK", "0", "0"))

AGREES(a_waiter_that_is_killed,
	TWO_FILES, "fork()", "fork()", "fork()", "1 " SETLK("F_WRLCK", "0", "0"), "2 " SETLKW("F_WRLCK", "0", "0"),
	"3 " SETLKW("F_WRLCK", "0", "0"), "4 " SETLKW("F_RDLCK", "0", "0"), "1 kill(2, SIGKILL)", "1 kill(3, SIGKILL)",
	"1 " SETLK("F_RDLCK", "0", "0"), "4 exit(0)")

AGREES(closed_while_waiting,
	TWO_FILES, "fork()", "1 " SETLK("F_WRLCK", "0", "0"), "2 clone(flags=CLONE_FILES|SIGCHLD)",
	"2 " SETLKW("F_WRLCK", "5", "5"), "3 close(3)", "1 " SETLK("F_UNLCK", "0", "0"), "3 open(\"a\", O_RDWR)",
	"1 " GETLK("F_WRLCK", "0", "0"))
/* clang-format on */

/* ---- random calls --------------------------------------------------------------------------- */

static uint64_t random_state;

static unsigned pick(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % n;
}

#define PICK(from) (from)[pick(sizeof(from) / sizeof((from)[0]))]

static void random_lock(char *line, size_t size, int pid, int fd)
{
	static const char *const commands[] = { "F_SETLK",      "F_SETLK",    "F_SETLKW",
						"F_SETLKW",     "F_GETLK",    "F_OFD_SETLK",
						"F_OFD_SETLKW", "F_OFD_GETLK" };
	static const char *const polite[] = { "F_SETLK", "F_GETLK", "F_OFD_SETLK", "F_OFD_GETLK" };
	static const char *const types[] = { "F_RDLCK", "F_WRLCK", "F_UNLCK" };
	static const char *const from[] = { "SEEK_SET", "SEEK_SET", "SEEK_SET", "SEEK_CUR",
					    "SEEK_END" };
	static const int lengths[] = { 0, 1, 1, 2, 3, 5, -1, -3 };

	snprintf(line, size, "%d fcntl(%d, %s, {l_type=%s, l_whence=%s, l_start=%d, l_len=%d})",
		 pid, fd, may_wait ? PICK(commands) : PICK(polite), PICK(types), PICK(from),
		 (int)pick(12) - 1, PICK(lengths));
}

static void random_line(char *line, size_t size, int pid)
{
	static const char *const opens[] = { "O_RDWR", "O_RDWR", "O_RDONLY", "O_WRONLY", "O_PATH" };
	static const char *const operations[] = { "LOCK_SH", "LOCK_EX", "LOCK_UN",
						  "LOCK_SH|LOCK_NB", "LOCK_EX|LOCK_NB" };
	static const char *const files[] = { "a", "a", "b" };
	int fd = 3 + (int)pick(6);

	switch (pick(20)) {
	case 0:
		snprintf(line, size, "%d close(%d)", pid, fd);
		return;
	case 1:
		snprintf(line, size, "%d dup2(%d, %d)", pid, fd, 3 + (int)pick(6));
		return;
	case 2 ... 3:
		snprintf(line, size, "%d open(\"%s\", %s)", pid, PICK(files), PICK(opens));
		return;
	case 4:
		snprintf(line, size, "%d lseek(%d, %u, SEEK_SET)", pid, fd, pick(8));
		return;
	case 5 ... 7:
		if (may_wait)
			snprintf(line, size, "%d flock(%d, %s)", pid, fd, PICK(operations));
		else
			snprintf(line, size, "%d flock(%d, %s|LOCK_NB)", pid, fd,
				 pick(2) ? "LOCK_SH" : "LOCK_EX");
		return;
	default:
		random_lock(line, size, pid, fd);
		return;
	}
}

/* A task that can take a call, or 0: all wait for each other. */
static int idle_task(void)
{
	int idle[TASKS], n = 0;

	for (int pid = 1; pid <= sides.kt.last; pid++) {
		if (!sides.waits[pid] && !sides.gone[pid])
			idle[n++] = pid;
	}
	/* The last task wakes the others one after the other. */
	may_wait = in_order && n > 1;
	return n ? idle[pick((unsigned)n)] : 0;
}

static void random_sequence(unsigned calls)
{
	static const char *const first[] = { TWO_FILES, "open(\"a\", O_RDWR)", "fork()", "fork()",
					     "clone(flags=CLONE_FILES|SIGCHLD)" };
	char line[160];
	int pid;

	start();
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		play(first[i]);
	for (unsigned i = 0; i < calls && (pid = idle_task()) != 0; i++) {
		random_line(line, sizeof(line), pid);
		if (pick(60) == 0 && pid > 2)
			snprintf(line, sizeof(line), pick(2) ? "%d kill(2, SIGKILL)" : "%d exit(0)",
				 pid);
		play(line);
	}
	stop(NULL);
}

static uint64_t setting(const char *name, uint64_t usual)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : usual;
}

/* FDLAB_ORACLE_SEED and FDLAB_ORACLE_CALLS choose other calls and their number. */
static void random_calls_agree_with_the_kernel(void **state)
{
	uint64_t calls = setting("FDLAB_ORACLE_CALLS", 4000);

	(void)state;
	random_state = setting("FDLAB_ORACLE_SEED", 1);
	for (uint64_t i = 0; i < calls; i += 100)
		random_sequence(100);
	start(); /* for the signal that stops it */
}

/* ---- where this can be done ----------------------------------------------------------------- */

static bool under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "vgpreload");
}

static bool look_around(void)
{
	if (under_valgrind()) {
		print_message("skipped: it is valgrind who would answer here, not the kernel\n");
		return false;
	}
	if (access("/proc/self/syscall", R_OK) < 0 || access("/proc/locks", R_OK) < 0) {
		print_message("skipped: procfs does not say here who waits, or for what\n");
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
		in_order = true;
		tame(getpid());
		_exit(!in_order);
	}
	in_order = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
	if (!in_order)
		print_message("not allowed to run in order: random calls do not wait here\n");
}

#define TEST(name) cmocka_unit_test_teardown(name##_agrees_with_the_kernel, stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_refused),
		TEST(splitting_and_merging),
		TEST(any_close_of_the_file),
		TEST(inheritance),
		TEST(a_shared_table),
		TEST(converting),
		TEST(waiting),
		TEST(waiting_for_flock),
		TEST(deadlocks),
		TEST(a_waiter_that_is_killed),
		TEST(closed_while_waiting),
		cmocka_unit_test_teardown(random_calls_agree_with_the_kernel, stop),
	};

	kt_main(argc, argv);
	if (!look_around())
		return 77;
	look_for_order();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

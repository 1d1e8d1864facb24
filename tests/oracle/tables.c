/*
 * The model's tables compared with the running kernel's: sequences of calls by several tasks, and
 * twenty thousand random ones by one. Every result is compared, and after each call (of the random
 * ones: from time to time) procfs's view of each task's table: its size, its open descriptors,
 * their flags and positions.
 */
#include "support/kernel_tasks.h"

#include "base/arena.h"
#include "machine/call_table.h"
#include "machine/machine.h"
#include "notation/line.h"
#include "base/text.h"

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The files that the sequences make in their directory. */
static const char *const names[] = { "a", "b", "text", "data", "d", NULL };

static struct rlimit nofile = { 1024, 4096 };
static uint64_t nr_open = 1048576;
static bool has_kcmp;

/* The two sides. */
struct sides {
	struct fdl_machine *m;
	struct kt kt;
	struct arena arena; /* of the current line */
};

static struct sides sides;

/* ---- a call on both sides ------------------------------------------------------------------- */

struct bound {
	int pid;
	const struct fdl_row *row;
	struct fdl_arg arg[ARGS_MAX];
};

static void bind(struct sides *s, const char *text, struct bound *b)
{
	const struct fdl_row *first, *end = s->m->table->rows + s->m->table->nrows;
	struct text why = TEXT_EMPTY;
	struct line line;

	if (notation_parse(&s->arena, text, strlen(text), &line, &why) < 0)
		fail_msg("%s: %s", text, why.s);
	b->pid = line.pid ? line.pid : 1;
	first = call_table_find(s->m->table, line.name, line.name_len);
	b->row = first ? row_select(first, end, &line) : NULL;
	if (!b->row || args_bind(&s->arena, b->row, &line, b->arg, &why) < 0)
		fail_msg("%s: %s", text, why.s ? why.s : "there is no such call");
	text_free(&why);
}

static void put_out(struct text *t, const struct param *p, const struct fdl_arg *a)
{
	if (kt_is(p, &type_buf)) {
		text_putc(t, ' ');
		text_quoted(t, a->str, (size_t)a->num, SIZE_MAX);
	} else if (a->sub && kt_is(p, &type_wstatus)) {
		text_printf(t, " %llx", (unsigned long long)a->sub[0].num);
	} else if (a->sub) {
		text_printf(t, " [%lld, %lld]", (long long)a->sub[0].num, (long long)a->sub[1].num);
	}
}

static void put_outcome(struct text *t, const struct bound *b, int64_t result)
{
	text_clear(t);
	if (result < 0) {
		text_printf(t, "-1 %s", fdl_errname((int)-result) ?: "?");
		return;
	}
	/* The order of kcmp is not compared. */
	if (strcmp(b->row->call->name, "kcmp") == 0)
		result = result != 0;
	text_int(t, result);
	for (size_t i = 0; i < b->row->nparams; i++) {
		if (b->row->param[i].out && (result || !kt_is(&b->row->param[i], &type_wstatus)))
			put_out(t, &b->row->param[i], &b->arg[i]);
	}
}

/* ---- what procfs says ----------------------------------------------------------------------- */

/* Reads a file of a task of one side. False: there is none. */
typedef bool look_fn(struct sides *s, int pid, const char *file, struct text *t);

static bool machine_file(struct sides *s, int pid, const char *file, struct text *t)
{
	char path[64], *text;
	size_t len;

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	if (fdl_read_file(s->m, path, &text, &len))
		return false;
	text_put(t, text, len);
	free(text);
	return true;
}

static bool kernel_file(struct sides *s, int pid, const char *file, struct text *t)
{
	char path[64], buf[4096];
	size_t n;
	FILE *f;

	kt_proc_path(&s->kt, pid, file, path, sizeof(path));
	f = fopen(path, "re");
	if (!f)
		return false;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_put(t, buf, n);
	fclose(f);
	return true;
}

static int machine_fds(struct sides *s, int pid, int *fds, int room)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;
	char path[32];
	fdl_ino dir;
	int n = 0;

	snprintf(path, sizeof(path), "%d/fd", pid);
	if (fdl_walk(s->m, path, &dir))
		return 0;
	while (n < room && fdl_readdir(s->m, dir, &cookie, &de) > 0) {
		if (isdigit((unsigned char)de.name[0]))
			fds[n++] = atoi(de.name);
	}
	return n;
}

static int kernel_fds(struct sides *s, int pid, int *fds, int room)
{
	struct dirent *de;
	char path[64];
	int n = 0;
	DIR *dir;

	kt_proc_path(&s->kt, pid, "fd", path, sizeof(path));
	dir = opendir(path);
	if (!dir)
		return 0;
	while (n < room && (de = readdir(dir)) != NULL) {
		if (isdigit((unsigned char)de->d_name[0]))
			fds[n++] = atoi(de->d_name);
	}
	closedir(dir);
	return n;
}

/* Adds the lines that begin with this key. */
static void put_line_of(struct text *t, const struct text *from, const char *key)
{
	for (const char *line = from->s; line && *line;) {
		size_t len = strcspn(line, "\n");

		if (strncmp(line, key, strlen(key)) == 0) {
			text_puts(t, " ");
			text_put(t, line, len);
		}
		line += len + (line[len] == '\n');
	}
}

#define FDS_MAX 5000

/* The visible state of a task's table: a line for its size, and one for each descriptor. */
static void put_table(struct text *t, struct sides *s, int pid, look_fn *look,
		      int (*list)(struct sides *, int, int *, int))
{
	static int fds[FDS_MAX];
	struct text file = TEXT_EMPTY;
	int n = list(s, pid, fds, FDS_MAX);

	if (look(s, pid, "status", &file)) {
		text_printf(t, "task %d:", pid);
		text_putc(&file, '\0');
		put_line_of(t, &file, "FDSize:");
		text_putc(t, '\n');
	}
	for (int i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "fdinfo/%d", fds[i]);
		text_clear(&file);
		if (!look(s, pid, name, &file))
			continue;
		text_putc(&file, '\0');
		text_printf(t, "  %d", fds[i]);
		put_line_of(t, &file, "pos:");
		put_line_of(t, &file, "flags:");
		text_putc(t, '\n');
	}
	text_free(&file);
}

static void compare_tables(struct sides *s, const char *after)
{
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	char why[256];

	if (fdl_machine_check(s->m, why, sizeof(why)))
		fail_msg("%s: %s", after, why);
	for (int pid = 1; pid <= s->kt.last; pid++) {
		put_table(&machine, s, pid, machine_file, machine_fds);
		put_table(&kernel, s, pid, kernel_file, kernel_fds);
	}
	text_putc(&machine, '\0');
	text_putc(&kernel, '\0');
	if (strcmp(machine.s, kernel.s) != 0)
		fail_msg("after %s the machine has\n%sand the kernel\n%s", after, machine.s,
			 kernel.s);
	text_free(&machine);
	text_free(&kernel);
}

/* ---- comparing ------------------------------------------------------------------------------ */

static void compare_line(struct sides *s, const char *line)
{
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	struct fdl_arg room[2 * ARGS_MAX];
	struct bound ours, theirs;
	int64_t result;

	arena_reset(&s->arena);
	bind(s, line, &ours);
	theirs = ours;
	result = fdl_call(s->m, ours.pid, ours.row, ours.arg, ours.row->nparams);
	if (result == -EINPROGRESS || result == -EALREADY)
		fail_msg("%s blocks", line);
	put_outcome(&machine, &ours, result);
	result = kt_call(&s->kt, theirs.pid, theirs.row, theirs.arg, room);
	put_outcome(&kernel, &theirs, result);
	text_putc(&machine, '\0');
	text_putc(&kernel, '\0');
	if (strcmp(machine.s, kernel.s) != 0)
		fail_msg("%s: the machine says %s, the kernel %s", line, machine.s, kernel.s);
	text_free(&machine);
	text_free(&kernel);
}

/*
 * Gives the machine's task 1 what the kernel's has: /dev/null three times, its own directory, a
 * limit.
 */
static void start(struct sides *s)
{
	static const char *const lines[] = {
		"close_range(0, 9, 0)", "open(\"/dev/null\", O_RDWR)", "dup(0)", "dup(0)",
		"chdir(\"/tmp\")",
	};
	struct fdl_options o = { .nofile = nofile.rlim_cur,
				 .nofile_hard = nofile.rlim_max,
				 .nr_open = nr_open,
				 .uid = geteuid(),
				 .gid = getegid() };
	struct bound b;

	*s = (struct sides){ 0 };
	assert_int_equal(fdl_machine_new(&o, &s->m), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bind(s, lines[i], &b);
		assert_in_range(fdl_call(s->m, 1, b.row, b.arg, b.row->nparams), 0, 2);
	}
	assert_true(kt_start(&s->kt, nofile));
	compare_tables(s, "the start");
}

/* Runs after every test, even a failed one. */
static int stop(void **state)
{
	(void)state;
	kt_stop(&sides.kt, names);
	fdl_machine_free(sides.m);
	arena_free(&sides.arena);
	return 0;
}

static void compare(const char *const *lines)
{
	start(&sides);
	for (; *lines; lines++) {
		if (!has_kcmp && strstr(*lines, "kcmp("))
			continue;
		compare_line(&sides, *lines);
		compare_tables(&sides, *lines);
	}
}

#define COMPARE(...) compare((const char *const[]){ __VA_ARGS__, NULL })
#define AGREES(name, ...)                                                                          \
	static void name##_agrees_with_the_kernel(void **state)                                    \
	{                                                                                          \
		(void)state;                                                                       \
		COMPARE(__VA_ARGS__);                                                              \
	}

/* clang-format off */
AGREES(dup,
	"dup(0)", "dup(3)", "dup(9)", "dup(-1)", "dup(2147483647)", "dup(-2147483648)", "close(1)",
	"dup(0)", "close(3)", "close(0)", "dup(1)", "dup(1)", "dup(1)", "close(4)", "close(4)",
	"close(-1)", "close(64)", "close(2147483647)")

AGREES(dup2_and_its_errors,
	"dup2(0, 3)", "dup2(0, 3)", "dup2(3, 3)", "dup2(9, 9)", "dup2(-1, -1)", "dup2(9, 0)",
	"dup2(0, -1)", "dup2(-1, 0)", "dup2(0, 1023)", "dup2(0, 1024)", "dup2(1023, 1024)",
	"dup2(1024, 1024)", "dup2(9, 1024)", "dup2(0, 2147483647)", "dup2(2147483647, 0)",
	"dup3(0, 5, 0)", "dup3(0, 5, O_CLOEXEC)", "dup3(5, 6, 0)", "dup3(0, 0, 0)",
	"dup3(9, 9, O_CLOEXEC)", "dup3(0, 7, O_NONBLOCK)", "dup3(9, 9, O_APPEND)",
	"dup3(0, 5000, 1)", "dup3(0, 5000, O_CLOEXEC)", "dup3(9, 7, O_CLOEXEC)", "dup2(0, 5)",
	"fcntl(5, F_GETFD)", "dup3(1, 5, O_CLOEXEC)", "fcntl(5, F_GETFD)")

AGREES(growing,
	"dup2(0, 63)", "dup2(0, 64)", "dup2(0, 65)", "dup2(0, 127)", "dup2(0, 128)", "dup2(0, 255)",
	"dup2(0, 256)", "dup2(0, 511)", "dup2(0, 512)", "dup2(0, 1000)", "close(1000)", "close(512)",
	"dup(0)")

AGREES(growing_at_once,
	"dup2(0, 1023)", "close(1023)", "fcntl(0, F_DUPFD, 1000)")

AGREES(growing_to_no_avail,
	"dup2(9, 64)", "dup2(9, 128)", "dup3(9, 500, O_CLOEXEC)", "dup2(9, 1023)", "dup2(9, 1024)")

AGREES(growing_one_by_one,
	"fcntl(0, F_DUPFD, 62)", "fcntl(0, F_DUPFD, 62)", "fcntl(0, F_DUPFD, 62)",
	"fcntl(0, F_DUPFD, 127)", "fcntl(0, F_DUPFD, 127)", "fcntl(0, F_DUPFD_CLOEXEC, 255)",
	"fcntl(0, F_DUPFD_CLOEXEC, 255)")

AGREES(a_limit_below_what_is_open,
	"dup2(0, 100)", "dup2(0, 20)", "setrlimit(RLIMIT_NOFILE, {rlim_cur=20, rlim_max=4096})",
	"dup(100)", "fcntl(100, F_DUPFD, 19)", "fcntl(100, F_DUPFD, 20)", "fcntl(100, F_DUPFD, 19)",
	"dup2(0, 20)", "dup2(0, 19)", "dup2(100, 100)", "close(20)", "close(100)", "dup2(0, 100)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=0, rlim_max=4096})", "dup(0)", "dup2(0, 0)",
	"dup2(0, 1)", "fcntl(0, F_DUPFD, 0)", "fcntl(9, F_DUPFD, 0)", "open(\"missing\", O_RDONLY)",
	"getrlimit(RLIMIT_NOFILE)")

AGREES(a_full_table,
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=4096})", "dup(0)", "dup(0)", "dup(0)",
	"dup(9)", "open(\"missing\", O_RDONLY)", "open(\"/dev/null\", O_RDONLY)", "pipe2 0",
	"fcntl(0, F_DUPFD, 4)", "fcntl(0, F_DUPFD, 5)", "dup2(0, 4)", "close(3)", "pipe2 0",
	"pipe2 O_APPEND", "close(4)", "pipe2 O_CLOEXEC", "open(\"\", O_RDONLY)",
	"open(\"/dev\", O_CREAT|O_DIRECTORY, 0600)", "openat(99, \"x\", O_RDONLY)")

AGREES(limits,
	"getrlimit(RLIMIT_NOFILE)", "prlimit64(0, RLIMIT_NOFILE)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=4})",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=RLIM64_INFINITY})",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=RLIM64_INFINITY, rlim_max=RLIM64_INFINITY})",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=RLIM64_INFINITY, rlim_max=5})",
	"setrlimit(99, {rlim_cur=5, rlim_max=5})",
	"prlimit64(0, RLIMIT_NOFILE, {rlim_cur=70, rlim_max=80})", "getrlimit(RLIMIT_NOFILE)",
	"dup2(0, 69)", "dup2(0, 70)", "fork()", "2 dup2(0, 70)",
	"1 prlimit64(2, RLIMIT_NOFILE, {rlim_cur=3, rlim_max=70})", "2 dup(0)", "1 dup(0)",
	"1 prlimit64(4000000, RLIMIT_NOFILE)")

AGREES(F_DUPFD,
	"fcntl(0, F_DUPFD, 0)", "fcntl(0, F_DUPFD, 10)", "fcntl(0, F_DUPFD, 10)",
	"fcntl(0, F_DUPFD, -1)", "fcntl(0, F_DUPFD, 1023)", "fcntl(0, F_DUPFD, 1023)",
	"fcntl(0, F_DUPFD, 1024)", "fcntl(9, F_DUPFD, 1024)", "fcntl(0, F_DUPFD, 2147483647)",
	"fcntl(0, F_DUPFD_CLOEXEC, 0)", "fcntl(0, F_DUPFD_CLOEXEC, 70)", "fcntl(70, F_GETFD)",
	"fcntl(70, F_DUPFD, 71)", "fcntl(71, F_GETFD)")

AGREES(fcntl_and_ioctl,
	"fcntl(0, F_GETFD)", "fcntl(0, F_SETFD, FD_CLOEXEC)", "fcntl(0, F_GETFD)",
	"fcntl(0, F_SETFD, 2)", "fcntl(0, F_SETFD, 3)", "fcntl(9, F_SETFD, 1)",
	"fcntl(0, F_GETFL)", "fcntl(0, F_SETFL, O_NONBLOCK)", "fcntl(1, F_GETFL)",
	"fcntl(0, F_SETFL, O_APPEND|O_CREAT|O_WRONLY)", "fcntl(0, F_GETFL)", "fcntl(0, F_SETFL, 0)",
	"fcntl(9, F_GETFL)", "fcntl(9, F_SETFL, 0)", "fcntl(0, 9999)", "fcntl(9, 9999)",
	"ioctl(1, FIOCLEX)", "ioctl(1, FIONCLEX)", "ioctl(9, FIOCLEX)", "ioctl(0, 0x1234)",
	"ioctl(9, 0x1234)", "open(\"a\", O_RDWR|O_CREAT|O_EXCL, 0600)",
	"fcntl(3, F_SETFL, O_APPEND|O_NONBLOCK|O_NOATIME|O_SYNC)", "fcntl(3, F_GETFL)",
	"fcntl(3, F_SETFL, O_ASYNC)", "fcntl(3, F_GETFL)", "pipe2 O_NONBLOCK",
	"fcntl(4, F_SETFL, O_ASYNC)", "fcntl(4, F_GETFL)", "fcntl(5, F_SETFL, O_DIRECT)",
	"fcntl(5, F_GETFL)", "fcntl(4, F_GETFL)")

AGREES(O_PATH,
	"open(\"a\", O_RDWR|O_CREAT, 0600)", "open(\"a\", O_PATH|O_CLOEXEC)", "fcntl(4, F_GETFL)",
	"fcntl(4, F_GETFD)", "fcntl(4, F_SETFD, 0)", "dup(4)", "dup2(4, 8)",
	"dup3(4, 9, O_CLOEXEC)", "fcntl(4, F_DUPFD, 20)", "fcntl(4, F_DUPFD_CLOEXEC, 20)",
	"fcntl(4, F_SETFL, 0)", "fcntl(4, F_GETOWN)", "fcntl(4, 9999)", "ioctl(4, FIOCLEX)",
	"ioctl(4, FIONCLEX)", "ioctl(4, 0x1234)", "read(4, ..., 1)", "write(4, \"x\", 1)",
	"lseek(4, 0, SEEK_CUR)", "fork()", "2 close(4)", "open(\".\", O_PATH)",
	"openat(6, \"a\", O_RDONLY)", "openat(4, \"a\", O_RDONLY)", "openat(0, \"a\", O_RDONLY)",
	"close_range(8, 8, CLOSE_RANGE_CLOEXEC)", "close(4)")

AGREES(opening,
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "open(\"a\", O_RDONLY)", "close(0)",
	"open(\"a\", O_WRONLY|O_APPEND)", "creat(\"b\", 0644)", "openat(AT_FDCWD, \"b\", O_RDWR)",
	"open(\"missing\", O_RDONLY|O_CLOEXEC)", "dup(1)", "open(\".\", O_RDONLY|O_DIRECTORY)",
	"open(\"a\", O_RDONLY|O_DIRECTORY)", "openat(7, \"b\", O_RDONLY|O_CLOEXEC)",
	"fcntl(8, F_GETFL)", "fcntl(7, F_GETFL)")

AGREES(the_shared_position,
	"open(\"a\", O_RDWR|O_CREAT, 0600)", "write(3, \"hello world\", 11)", "dup(3)",
	"lseek(4, 2, SEEK_SET)", "read(3, ..., 3)", "lseek(4, 0, SEEK_CUR)", "open(\"a\", O_RDONLY)",
	"read(5, ..., 100)", "read(5, ..., 100)", "fork()", "2 lseek(3, 1, SEEK_SET)",
	"1 read(4, ..., 2)", "2 read(3, ..., 2)", "2 close(3)", "1 read(3, ..., 2)",
	"fcntl(3, F_SETFL, O_APPEND)", "write(4, \"!\", 1)", "lseek(3, 0, SEEK_CUR)")

AGREES(pipes,
	"pipe2 0", "pipe2 O_CLOEXEC", "pipe2 O_NONBLOCK", "pipe2 O_CREAT", "close(3)", "pipe2 0",
	"fcntl(7, F_GETFL)", "fcntl(8, F_GETFL)", "read(7, ..., 5)", "write(8, \"abc\", 3)",
	"read(7, ..., 2)", "close(8)", "read(7, ..., 5)", "read(7, ..., 5)", "lseek(7, 0, SEEK_SET)",
	"read(8, ..., 5)", "write(7, \"x\", 1)")

AGREES(close_range,
	"dup2(0, 10)", "dup2(0, 64)", "dup2(0, 200)", "close_range(5, 4, 0)",
	"close_range(3, 9, 0)", "close_range(10, 10, 0)", "close_range(3, 100, 8)",
	"close_range(2, 4294967295, CLOSE_RANGE_CLOEXEC)", "fcntl(200, F_GETFD)", "dup(0)",
	"fcntl(3, F_GETFD)", "close_range(3, 4294967295, 0)", "close_range(100, 4294967295, 0)",
	"close_range(4294967295, 4294967295, 0)", "close_range(0, 0, CLOSE_RANGE_UNSHARE)", "dup(1)",
	"close_range(0, 4294967295, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC)")

AGREES(close_range_that_unshares,
	"dup2(0, 70)", "dup2(0, 200)", "clone(flags=CLONE_FILES|SIGCHLD)", "kcmp(1, 2, KCMP_FILES)",
	"2 close_range(100, 300, CLOSE_RANGE_UNSHARE)", "kcmp(1, 2, KCMP_FILES)", "2 dup(0)",
	"1 clone(flags=CLONE_FILES|SIGCHLD)",
	"3 close_range(2, 100, CLOSE_RANGE_UNSHARE|CLOSE_RANGE_CLOEXEC)", "1 fcntl(70, F_GETFD)",
	"3 fcntl(70, F_GETFD)", "1 clone(flags=CLONE_FILES|SIGCHLD)",
	"4 close_range(50, 100, CLOSE_RANGE_UNSHARE)", "1 dup(0)", "4 dup(0)")

AGREES(fork,
	"dup2(0, 300)", "open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "fork()", "close(300)",
	"fork()", "3 fork()", "dup2(0, 63)", "2 close(0)", "2 dup(1)", "3 dup2(0, 64)",
	"kcmp(1, 2, KCMP_FILES)", "kcmp(1, 2, KCMP_FILE, 3, 3)", "kcmp(1, 2, KCMP_FILE, 1, 3)",
	"kcmp(3, 4, KCMP_FILE, 0, 1)", "kcmp(1, 2, KCMP_FILE, 99, 3)", "kcmp(1, 2, 99)",
	"kcmp(1, 4000000, KCMP_FILES)", "2 exit(3)", "wait4(2)", "wait4(2)")

AGREES(the_childs_table,
	"dup2(0, 63)", "dup2(0, 64)", "fork()", "1 dup2(0, 127)", "1 dup2(0, 128)", "1 close(64)",
	"fork()", "1 close(128)", "1 close(127)", "fork()", "2 dup2(0, 500)", "4 dup2(0, 65)")

AGREES(CLONE_FILES,
	"clone(flags=CLONE_FILES|SIGCHLD)", "2 dup(0)", "1 close(0)", "2 dup2(1, 100)",
	"1 fcntl(100, F_SETFD, FD_CLOEXEC)", "2 fcntl(100, F_GETFD)", "kcmp(1, 2, KCMP_FILES)",
	"kcmp(1, 2, KCMP_FILE, 100, 100)", "1 clone(flags=SIGCHLD)", "3 dup(1)", "2 exit(0)",
	"1 wait4(2)", "1 dup(1)", "1 dup(1)")

AGREES(unshare,
	"unshare(CLONE_FILES)", "dup2(0, 200)", "clone(flags=CLONE_FILES|SIGCHLD)", "close(200)",
	"1 unshare(CLONE_FILES)", "kcmp(1, 2, KCMP_FILES)", "1 dup(0)", "2 dup2(0, 5)",
	"2 unshare(CLONE_FILES)", "2 unshare(0x10)")

AGREES(exec,
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "dup(3)", "fcntl(0, F_DUPFD_CLOEXEC, 100)",
	"fcntl(1, F_SETFD, FD_CLOEXEC)", "execve(\"/bin/true\")", "dup(4)", "dup(4)")

AGREES(exec_of_a_shared_table,
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "dup2(0, 70)",
	"clone(flags=CLONE_FILES|SIGCHLD)", "2 execve(\"/bin/true\")", "kcmp(1, 2, KCMP_FILES)",
	"1 dup(3)", "2 dup(0)", "2 fcntl(3, F_GETFD)", "1 fcntl(3, F_GETFD)")

AGREES(exec_that_fails,
	"open(\"text\", O_WRONLY|O_CREAT, 0755)", "write(3, \"hello\", 5)", "close(3)",
	"open(\"data\", O_WRONLY|O_CREAT, 0644)", "close(3)",
	"open(\"a\", O_RDWR|O_CREAT|O_CLOEXEC, 0600)", "clone(flags=CLONE_FILES|SIGCHLD)",
	"2 execve(\"missing\")", "2 execve(\"data\")", "2 execve(\"text\")", "2 execve(\".\")",
	"2 execve(\"data/x\")", "2 execve(\"\")", "kcmp(1, 2, KCMP_FILES)", "2 dup(0)",
	"1 fcntl(4, F_GETFD)")

AGREES(waiting,
	"wait4(-1)", "fork()", "wait4 2 WNOHANG", "2 exit(300)", "wait4(2)", "fork()",
	"3 exit_group(7)", "wait4(-1)", "wait4(-1)", "fork()", "kill(4, 0)", "kill(4, 99)",
	"kill(4, -1)", "wait4 2 0x100")

AGREES(sharing_by_two_generations,
	"clone(flags=CLONE_FILES|SIGCHLD)", "2 clone(flags=CLONE_FILES|SIGCHLD)", "3 dup2(0, 130)",
	"1 fork()", "4 dup(0)", "3 close(130)", "3 exit(1)", "2 wait4(3)", "1 dup(0)", "2 dup(0)",
	"4 dup(0)")
/* clang-format on */

/* ---- random calls --------------------------------------------------------------------------- */

static uint64_t random_state;

static unsigned pick(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % n;
}

#define PICK(from) (from)[pick(sizeof(from) / sizeof((from)[0]))]

/* Mostly a small number, where descriptors are open; sometimes one at an edge. */
static int random_fd(void)
{
	static const int edges[] = { -1,   62,   63,   64,   65,   126,  127,        128,
				     129,  191,  192,  255,  256,  257,  511,        512,
				     1022, 1023, 1024, 1025, 4095, 4096, 2147483647, -2147483647 };

	return pick(8) ? (int)pick(24) : PICK(edges);
}

static void random_call(char *line, size_t size)
{
	static const char *const dupflags[] = { "0", "O_CLOEXEC", "O_CLOEXEC", "O_NONBLOCK" };
	static const char *const dupfds[] = { "F_DUPFD", "F_DUPFD_CLOEXEC" };
	static const char *const status[] = { "0", "O_NONBLOCK", "O_APPEND",
					      "O_APPEND|O_NONBLOCK" };
	static const char *const opens[] = { "O_RDONLY", "O_RDWR|O_CREAT", "O_PATH",
					     "O_RDONLY|O_CLOEXEC", "O_WRONLY|O_CREAT|O_APPEND" };
	static const char *const files[] = { "a", "b", "/dev/null", "missing/x", "" };
	static const char *const pipes[] = { "0", "O_CLOEXEC", "O_NONBLOCK", "O_APPEND" };
	static const char *const ranges[] = { "0", "0", "CLOSE_RANGE_CLOEXEC",
					      "CLOSE_RANGE_UNSHARE", "8" };
	static const unsigned soft[] = { 0, 3, 8, 20, 63, 64, 65, 128, 300, 1023, 1024, 1024 };
	static const char *const whence[] = { "SEEK_SET", "SEEK_CUR", "SEEK_END" };
	int fd = random_fd(), other = random_fd();

	switch (pick(24)) {
	case 0 ... 3:
		snprintf(line, size, "dup(%d)", fd);
		return;
	case 4 ... 6:
		snprintf(line, size, "dup2(%d, %d)", fd, other);
		return;
	case 7 ... 8:
		snprintf(line, size, "dup3(%d, %d, %s)", fd, other, PICK(dupflags));
		return;
	case 9 ... 13:
		snprintf(line, size, "close(%d)", fd);
		return;
	case 14:
		snprintf(line, size, "fcntl(%d, %s, %d)", fd, PICK(dupfds), other);
		return;
	case 15:
		snprintf(line, size, "fcntl(%d, F_GETFD)", fd);
		return;
	case 16:
		snprintf(line, size, "fcntl(%d, F_SETFD, %u)", fd, pick(4));
		return;
	case 17:
		snprintf(line, size, pick(2) ? "fcntl(%d, F_GETFL)" : "fcntl(%d, F_SETFL, %s)", fd,
			 PICK(status));
		return;
	case 18:
		snprintf(line, size, "ioctl(%d, %s)", fd, pick(2) ? "FIOCLEX" : "FIONCLEX");
		return;
	case 19 ... 20:
		snprintf(line, size, "openat(AT_FDCWD, \"%s\", %s, 0600)", PICK(files),
			 PICK(opens));
		return;
	case 21:
		snprintf(line, size, "pipe2 %s", PICK(pipes));
		return;
	case 22:
		snprintf(line, size, "lseek(%d, %u, %s)", fd, pick(100), PICK(whence));
		return;
	default:
		break;
	}
	if (pick(3) == 0)
		snprintf(line, size, "setrlimit(RLIMIT_NOFILE, {rlim_cur=%u, rlim_max=%llu})",
			 PICK(soft), (unsigned long long)nofile.rlim_max);
	else
		snprintf(line, size, "close_range(%u, %u, %s)", (unsigned)fd, (unsigned)other,
			 PICK(ranges));
}

static uint64_t setting(const char *name, uint64_t usual)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : usual;
}

/* FDLAB_ORACLE_SEED and FDLAB_ORACLE_CALLS choose other calls and their number. */
static void random_calls_agree_with_the_kernel(void **state)
{
	uint64_t calls = setting("FDLAB_ORACLE_CALLS", 20000);
	char line[128];

	(void)state;
	random_state = setting("FDLAB_ORACLE_SEED", 1);
	start(&sides);
	for (uint64_t i = 1; i <= calls; i++) {
		random_call(line, sizeof(line));
		compare_line(&sides, line);
		if (i % 100 == 0 || i == calls)
			compare_tables(&sides, line);
	}
}

/* ---- where this can be done ----------------------------------------------------------------- */

static bool under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "vgpreload");
}

/* The limits that both sides start with, and the calls that this kernel cannot answer. */
static bool look_around(void)
{
	FILE *f = fopen("/proc/sys/fs/nr_open", "re");
	unsigned long long number;
	struct rlimit have;

	if (under_valgrind()) {
		print_message("skipped: it is valgrind who would answer here, not the kernel\n");
		return false;
	}
	if (kt_number("open") < 0) {
		print_message("skipped: this kernel has no open, dup2 and pipe any more\n");
		return false;
	}
	if (syscall(SYS_close_range, 900000, 900000, 4 /* CLOSE_RANGE_CLOEXEC */) < 0) {
		print_message("skipped: this kernel has no close_range, or not all of it\n");
		return false;
	}
	if (f && fscanf(f, "%llu", &number) == 1)
		nr_open = number;
	if (f)
		fclose(f);
	if (getrlimit(RLIMIT_NOFILE, &have) == 0 && have.rlim_max < nofile.rlim_max)
		nofile.rlim_max = have.rlim_max;
	if (nofile.rlim_max < nofile.rlim_cur) {
		print_message("skipped: not even 1024 descriptors are allowed here\n");
		return false;
	}
	has_kcmp = syscall(SYS_kcmp, getpid(), getpid(), 2 /* KCMP_FILES */, 0, 0) == 0;
	if (!has_kcmp)
		print_message("kcmp is not allowed here: who shares what is not compared\n");
	return true;
}

#define TEST(name) cmocka_unit_test_teardown(name##_agrees_with_the_kernel, stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(dup),
		TEST(dup2_and_its_errors),
		TEST(growing),
		TEST(growing_at_once),
		TEST(growing_to_no_avail),
		TEST(growing_one_by_one),
		TEST(a_limit_below_what_is_open),
		TEST(a_full_table),
		TEST(limits),
		TEST(F_DUPFD),
		TEST(fcntl_and_ioctl),
		TEST(O_PATH),
		TEST(opening),
		TEST(the_shared_position),
		TEST(pipes),
		TEST(close_range),
		TEST(close_range_that_unshares),
		TEST(fork),
		TEST(the_childs_table),
		TEST(CLONE_FILES),
		TEST(unshare),
		TEST(exec),
		TEST(exec_of_a_shared_table),
		TEST(exec_that_fails),
		TEST(waiting),
		TEST(sharing_by_two_generations),
		cmocka_unit_test_teardown(random_calls_agree_with_the_kernel, stop),
	};

	kt_main(argc, argv);
	if (!look_around())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

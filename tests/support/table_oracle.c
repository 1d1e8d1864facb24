#include "support/table_oracle.h"

#include "base/arena.h"
#include "base/text.h"
#include "machine/machine.h"
#include "support/bound_line.h"
#include "support/valgrind.h"

#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The files that the sequences make in their directory. */
static const char *const names[] = { "a", "b", "text", "data", "d", NULL };

struct rlimit table_oracle_limit = { 1024, 4096 };
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

void table_oracle_compare(const char *after)
{
	struct sides *s = &sides;
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

void table_oracle_call(const char *line)
{
	struct sides *s = &sides;
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	struct fdl_arg room[2 * ARGS_MAX];
	struct bound ours, theirs;
	int64_t result;

	arena_reset(&s->arena);
	bind_line(s->m, &s->arena, line, strlen(line), &ours);
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
void table_oracle_start(void)
{
	struct sides *s = &sides;
	static const char *const lines[] = {
		"close_range(0, 9, 0)", "open(\"/dev/null\", O_RDWR)", "dup(0)", "dup(0)",
		"chdir(\"/tmp\")",
	};
	struct fdl_options o = { .nofile = table_oracle_limit.rlim_cur,
				 .nofile_hard = table_oracle_limit.rlim_max,
				 .nr_open = nr_open,
				 .uid = geteuid(),
				 .gid = getegid() };
	struct bound b;

	*s = (struct sides){ 0 };
	assert_int_equal(fdl_machine_new(&o, &s->m), 0);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bind_line(s->m, &s->arena, lines[i], strlen(lines[i]), &b);
		assert_in_range(fdl_call(s->m, 1, b.row, b.arg, b.row->nparams), 0, 2);
	}
	assert_true(kt_start(&s->kt, table_oracle_limit));
	table_oracle_compare("the start");
}

int table_oracle_stop(void **state)
{
	(void)state;
	kt_stop(&sides.kt, names);
	fdl_machine_free(sides.m);
	arena_free(&sides.arena);
	return 0;
}

void table_oracle_play(const char *const *lines)
{
	table_oracle_start();
	for (; *lines; lines++) {
		if (!has_kcmp && strstr(*lines, "kcmp("))
			continue;
		table_oracle_call(*lines);
		table_oracle_compare(*lines);
	}
}

/* ---- where this can be done ----------------------------------------------------------------- */

bool table_oracle_possible(void)
{
	FILE *f = fopen("/proc/sys/fs/nr_open", "re");
	unsigned long long number;
	struct rlimit have;

	if (under_valgrind()) {
		print_message("skipped: valgrind would answer here, not the kernel\n");
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
	if (getrlimit(RLIMIT_NOFILE, &have) == 0 && have.rlim_max < table_oracle_limit.rlim_max)
		table_oracle_limit.rlim_max = have.rlim_max;
	if (table_oracle_limit.rlim_max < table_oracle_limit.rlim_cur) {
		print_message("skipped: not even 1024 descriptors are allowed here\n");
		return false;
	}
	has_kcmp = syscall(SYS_kcmp, getpid(), getpid(), 2 /* KCMP_FILES */, 0, 0) == 0;
	if (!has_kcmp)
		print_message(
			"kcmp is not allowed here: which tasks share a table is not compared\n");
	return true;
}

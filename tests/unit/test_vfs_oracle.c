/*
 * The running kernel as an oracle: sequences of calls are made both by a machine and by a process
 * of the running kernel, and what each call returned and filled in is compared. For the kernel, the
 * names below /tmp are below a fresh directory of a tmpfs, which the model's file system is like.
 */
#include "fdlab.h"

#include "arena.h"
#include "args.h"
#include "machine.h"
#include "notation.h"
#include "text.h"
#include "types.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define REPORT_FD 900
#define SHOWN     SIZE_MAX

static char top[64];       /* the directory of this run */
static char directory[80]; /* what stands for /tmp */

/* ---- both sides -------------------------------------------------------------------------------- */

/* A line, understood. */
struct bound {
	const struct fdl_row *row;
	struct fdl_arg arg[ARGS_MAX];
};

static void bind_line(struct fdl_machine *m, struct arena *arena, const char *text, size_t len,
		      struct bound *b)
{
	struct text why = TEXT_EMPTY;
	const struct fdl_row *first, *end = m->table->rows + m->table->nrows;
	struct line line;

	if (notation_parse(arena, text, len, &line, &why) < 0 || line.kind != LINE_CALL)
		fail_msg("%.*s: %s", (int)len, text, why.s ? why.s : "no call");
	first = call_table_find(m->table, line.name, line.name_len);
	b->row = first ? row_select(first, end, &line) : NULL;
	if (!b->row || args_bind(arena, b->row, &line, b->arg, &why) < 0)
		fail_msg("%.*s: %s", (int)len, text, why.s ? why.s : "unknown call");
	text_free(&why);
}

static bool is_type(const struct param *p, enum type_id id)
{
	return p->type == type_at(id);
}

/* What of a stat the two sides have in common: not the numbers, and no directory's size. */
static void put_stat(struct text *t, const struct fdl_arg *field)
{
	int64_t mode = field[STAT_MODE].num;

	text_printf(t, " {mode=%llo nlink=%lld", (unsigned long long)mode,
		    (long long)field[STAT_NLINK].num);
	if (S_ISREG(mode))
		text_printf(t, " size=%lld blocks=%lld", (long long)field[STAT_SIZE].num,
			    (long long)field[STAT_BLOCKS].num);
	if (S_ISCHR(mode))
		text_printf(t, " rdev=%llx", (unsigned long long)field[STAT_RDEV].num);
	text_putc(t, '}');
}

/* A link's text, without the numbers of inodes and tasks, which are each side's own. */
static void put_link(struct text *t, const struct fdl_arg *a)
{
	const char *at = a->str, *end = a->str + a->num;

	text_puts(t, " \"");
	if (a->num > 6 && strncmp(at, "/proc/", 6) == 0) {
		text_puts(t, "/proc/self");
		at += 6;
		while (at < end && *at != '/')
			at++;
	}
	while (at < end) {
		char c = *at++;

		text_putc(t, c);
		while ((c == '[' || c == '#') && at < end && *at >= '0' && *at <= '9')
			at++;
	}
	text_putc(t, '"');
}

/* A line for what a call returned and filled in. */
static void put_outcome(struct text *t, const struct bound *b, int64_t result)
{
	bool link = strncmp(b->row->call->name, "readlink", 8) == 0;

	if (result < 0)
		text_printf(t, "-1 %s", notation_errname((int)-result));
	else if (!link)
		text_int(t, result);
	for (size_t i = 0; result >= 0 && i < b->row->nparams; i++) {
		const struct param *p = &b->row->param[i];
		const struct fdl_arg *a = &b->arg[i];

		if (!p->out)
			continue;
		if (is_type(p, TYPE_STAT)) {
			put_stat(t, a->sub);
		} else if (is_type(p, TYPE_FDPAIR)) {
			text_printf(t, " [%d, %d]", (int)a->sub[0].num, (int)a->sub[1].num);
		} else if (link) {
			put_link(t, a);
		} else {
			text_putc(t, ' ');
			text_quoted(t, a->str, (size_t)a->num, SHOWN);
		}
	}
	text_putc(t, '\n');
}

/* The next line of a sequence that is a call; NULL at the end. */
static const char *next_line(const char **at, size_t *len)
{
	while (**at) {
		const char *line = *at;

		*len = strcspn(line, "\n");
		*at += *len + (line[*len] == '\n');
		if (*len && *line != '#')
			return line;
	}
	return NULL;
}

/* ---- the machine's side ------------------------------------------------------------------------ */

static struct fdl_machine *new_machine(void)
{
	struct fdl_options o = { .uid = getuid(), .gid = getgid() };
	struct fdl_machine *m;

	assert_int_equal(fdl_machine_new(&o, &m), 0);
	return m;
}

static int64_t machine_call(struct fdl_machine *m, struct bound *b)
{
	int64_t result = fdl_call(m, 1, b->row, b->arg, b->row->nparams);

	/* What it wrote into is the machine's until its next call. */
	assert_true(result != -EINPROGRESS && result != -ESRCH);
	return result;
}

static void machine_run_lines(struct fdl_machine *m, const char *lines, struct text *out)
{
	struct arena arena = { 0 };
	struct bound b;
	size_t len;
	const char *line;
	int64_t result;
	char why[200];

	bind_line(m, &arena, "chdir(\"/tmp\")", 13, &b);
	assert_int_equal(machine_call(m, &b), 0);
	while ((line = next_line(&lines, &len)) != NULL) {
		bind_line(m, &arena, line, len, &b);
		result = machine_call(m, &b);
		put_outcome(out, &b, result);
		if (result == -EPIPE)
			break;
	}
	if (fdl_machine_check(m, why, sizeof(why)))
		fail_msg("%s", why);
	arena_free(&arena);
}

/* ---- the kernel's side ------------------------------------------------------------------------- */

static const struct system_call {
	const char *name;
	long number;
} system_calls[] = {
	{ "access", SYS_access },     { "chdir", SYS_chdir },
	{ "close", SYS_close },       { "creat", SYS_creat },
	{ "dup", SYS_dup },           { "dup2", SYS_dup2 },
	{ "fchdir", SYS_fchdir },     { "fcntl", SYS_fcntl },
	{ "fdatasync", SYS_fdatasync }, { "fstat", SYS_fstat },
	{ "fsync", SYS_fsync },       { "ftruncate", SYS_ftruncate },
	{ "link", SYS_link },         { "lseek", SYS_lseek },
	{ "lstat", SYS_lstat },       { "mkdir", SYS_mkdir },
	{ "mkdirat", SYS_mkdirat },   { "newfstatat", SYS_newfstatat },
	{ "open", SYS_open },         { "openat", SYS_openat },
	{ "openat2", SYS_openat2 },   { "pipe2", SYS_pipe2 },
	{ "pread64", SYS_pread64 },   { "pwrite64", SYS_pwrite64 },
	{ "read", SYS_read },         { "readlink", SYS_readlink },
	{ "readlinkat", SYS_readlinkat }, { "rename", SYS_rename },
	{ "renameat", SYS_renameat }, { "rmdir", SYS_rmdir },
	{ "stat", SYS_stat },         { "symlink", SYS_symlink },
	{ "symlinkat", SYS_symlinkat }, { "truncate", SYS_truncate },
	{ "umask", SYS_umask },       { "unlink", SYS_unlink },
	{ "unlinkat", SYS_unlinkat }, { "write", SYS_write },
	{ "faccessat", SYS_faccessat },
};

static long system_call_number(const char *name)
{
	for (size_t i = 0; i < sizeof(system_calls) / sizeof(system_calls[0]); i++) {
		if (strcmp(system_calls[i].name, name) == 0)
			return system_calls[i].number;
	}
	return -1; /* ENOSYS */
}

/* A path of the machine as the kernel has it. */
static const char *real_path(struct arena *arena, const struct fdl_arg *a)
{
	struct text t = TEXT_EMPTY;
	const char *rest = a->str, *path;

	if (strncmp(rest, "/tmp", 4) == 0 && (rest[4] == '/' || !rest[4])) {
		text_puts(&t, directory);
		rest += 4;
	}
	text_puts(&t, rest);
	path = arena_copy(arena, t.s ? t.s : "", t.len);
	text_free(&t);
	return path;
}

/* And back, of what readlink filled in. */
static void machine_path(struct arena *arena, struct fdl_arg *a, int64_t *result)
{
	struct text t = TEXT_EMPTY;
	size_t len = strlen(directory);

	if ((size_t)a->num < len || memcmp(a->str, directory, len) != 0)
		return;
	text_puts(&t, "/tmp");
	text_put(&t, a->str + len, (size_t)a->num - len);
	*a = (struct fdl_arg){ .num = (int64_t)t.len, .str = arena_copy(arena, t.s, t.len) };
	*result = (int64_t)t.len;
	text_free(&t);
}

/* A buffer with count bytes, zeros behind those that are there. */
static const char *real_buffer(struct arena *arena, const struct fdl_arg *a, uint64_t count)
{
	size_t size = count < (1 << 20) ? count : 1 << 20;
	char *buf;

	if (!a->str)
		return (const char *)(intptr_t)a->num;
	if (size < (size_t)a->num)
		size = (size_t)a->num;
	buf = arena_alloc(arena, size + 1);
	memset(buf, 0, size + 1);
	memcpy(buf, a->str, (size_t)a->num);
	return buf;
}

static void stat_out(struct arena *arena, struct fdl_arg *a, const struct stat *st)
{
	struct fdl_arg *field = arena_alloc(arena, STAT_FIELDS * sizeof(*field));

	memset(field, 0, STAT_FIELDS * sizeof(*field));
	field[STAT_MODE].num = st->st_mode;
	field[STAT_NLINK].num = (int64_t)st->st_nlink;
	field[STAT_SIZE].num = st->st_size;
	field[STAT_BLOCKS].num = st->st_blocks;
	field[STAT_RDEV].num = (int64_t)st->st_rdev;
	a->sub = field;
}

static int64_t kernel_call(struct arena *arena, struct bound *b)
{
	const struct fdl_row *row = b->row;
	long v[ARGS_MAX] = { 0 };
	struct open_how how;
	struct stat st;
	int pair[2] = { -1, -1 };
	char *buf = NULL;
	int64_t result;

	for (size_t i = 0; i < row->nparams; i++) {
		const struct param *p = &row->param[i];
		struct fdl_arg *a = &b->arg[i];
		uint64_t count = i + 1 < row->nparams ? (uint64_t)a[1].num : 0;

		if (p->out && is_type(p, TYPE_STAT)) {
			v[i] = (long)&st;
		} else if (p->out && is_type(p, TYPE_FDPAIR)) {
			v[i] = (long)pair;
		} else if (p->out) {
			buf = arena_alloc(arena, count < (1 << 20) ? count + 1 : 1 << 20);
			v[i] = (long)buf;
		} else if (is_type(p, TYPE_PATH)) {
			v[i] = a->str ? (long)real_path(arena, a) : (long)a->num;
		} else if (is_type(p, TYPE_BUF)) {
			v[i] = (long)real_buffer(arena, a, count);
		} else if (is_type(p, TYPE_OPEN_HOW)) {
			how = (struct open_how){ (uint64_t)a->sub[0].num, (uint64_t)a->sub[1].num,
						 (uint64_t)a->sub[2].num };
			v[i] = (long)&how;
		} else {
			v[i] = (long)a->num;
		}
	}
	result = syscall(system_call_number(row->call->name), v[0], v[1], v[2], v[3], v[4], v[5]);
	if (result < 0)
		return -errno;
	for (size_t i = 0; i < row->nparams; i++) {
		struct fdl_arg *a = &b->arg[i];

		if (!row->param[i].out)
			continue;
		if (is_type(&row->param[i], TYPE_STAT)) {
			stat_out(arena, a, &st);
		} else if (is_type(&row->param[i], TYPE_FDPAIR)) {
			a->sub = arena_alloc(arena, 2 * sizeof(*a->sub));
			a->sub[0].num = pair[0];
			a->sub[1].num = pair[1];
		} else {
			*a = (struct fdl_arg){ .num = result, .str = buf };
			if (strncmp(row->call->name, "readlink", 8) == 0)
				machine_path(arena, a, &result);
		}
	}
	return result;
}

/* The process that makes the calls: a sequence from the parent's memory, outcomes to REPORT_FD. */
static _Noreturn void kernel_process(struct fdl_machine *m, const char *lines, int report)
{
	struct arena arena = { 0 };
	int null = open("/dev/null", O_RDWR);
	const char *line;
	size_t len;

	alarm(60);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	if (null < 0 || dup2(report, REPORT_FD) < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0 || syscall(SYS_close_range, 3, REPORT_FD - 1, 0) < 0 ||
	    syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0) < 0 || chdir(directory) < 0)
		_exit(1);
	while ((line = next_line(&lines, &len)) != NULL) {
		struct text out = TEXT_EMPTY;
		struct bound b;

		bind_line(m, &arena, line, len, &b);
		put_outcome(&out, &b, kernel_call(&arena, &b));
		if (out.error || write(REPORT_FD, out.s, out.len) != (ssize_t)out.len)
			_exit(1);
		text_free(&out);
	}
	_exit(0);
}

static void kernel_run_lines(struct fdl_machine *m, const char *lines, struct text *out)
{
	char buf[4096];
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(mkdir(directory, 0777), 0);
	assert_int_equal(chmod(directory, 01777), 0);
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		kernel_process(m, lines, fd[1]);
	close(fd[1]);
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		text_put(out, buf, (size_t)n);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void remove_all(const char *path)
{
	nftw(path, remove_one, 20, FTW_DEPTH | FTW_PHYS);
}

/* ---- comparing --------------------------------------------------------------------------------- */

/* Prints the calls up to the one whose outcomes differ, and fails. */
static void differ(const char *lines, const char *machine, const char *kernel)
{
	const char *line;
	size_t len;

	while ((line = next_line(&lines, &len)) != NULL) {
		size_t m = strcspn(machine, "\n"), k = strcspn(kernel, "\n");

		if (m == k && memcmp(machine, kernel, m) == 0) {
			print_error("%.*s = %.*s\n", (int)len, line, (int)m, machine);
		} else {
			print_error("%.*s\n    machine: %.*s\n    kernel:  %.*s\n", (int)len, line,
				    (int)m, machine, (int)k, kernel);
			break;
		}
		machine += m + (machine[m] == '\n');
		kernel += k + (kernel[k] == '\n');
	}
	fail_msg("the machine and the kernel differ");
}

static void compare(const char *lines)
{
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	struct fdl_machine *m = new_machine();

	/* The machine first: what cannot be parsed is found before there is a second process. */
	machine_run_lines(m, lines, &machine);
	kernel_run_lines(m, lines, &kernel);
	remove_all(directory);
	assert_non_null(machine.s);
	assert_non_null(kernel.s);
	/* The machine stops where a broken pipe ends the task. */
	if (kernel.len < machine.len || memcmp(machine.s, kernel.s, machine.len) != 0)
		differ(lines, machine.s, kernel.s);
	fdl_machine_free(m);
	text_free(&machine);
	text_free(&kernel);
}

/* ---- sequences --------------------------------------------------------------------------------- */

#define LETTERS_51 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxy"
#define NAME_255   LETTERS_51 LETTERS_51 LETTERS_51 LETTERS_51 LETTERS_51

static void opening_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\"\", O_RDONLY)\n"
		"open(NULL, O_RDONLY)\n"
		"open(\"missing\", O_RDONLY)\n"
		"open(\"missing/\", O_RDONLY)\n"
		"open(\"missing/x\", O_RDONLY|O_CREAT, 0644)\n"
		"open(\"a\", O_WRONLY|O_CREAT|O_EXCL, 0666)\n"
		"fcntl(3, F_GETFL)\n"
		"fstat(3, {})\n"
		"open(\"a\", O_RDWR|O_CREAT|O_EXCL, 0666)\n"
		"open(\"a/\", O_RDONLY)\n"
		"open(\"a/\", O_RDWR|O_CREAT, 0666)\n"
		"open(\"a/b\", O_RDONLY)\n"
		"open(\"a/.\", O_RDONLY)\n"
		"open(\"a/..\", O_RDONLY)\n"
		"open(\"a\", O_RDONLY|O_DIRECTORY)\n"
		"open(\"a\", O_ACCMODE)\n"
		"fcntl(4, F_GETFL)\n"
		"read(4, ..., 1)\n"
		"write(4, \"x\", 1)\n"
		"lseek(4, 0, SEEK_END)\n"
		"open(\".\", O_RDONLY)\n"
		"open(\".\", O_WRONLY)\n"
		"open(\".\", O_RDWR)\n"
		"open(\".\", O_RDONLY|O_TRUNC)\n"
		"open(\".\", O_RDONLY|O_CREAT, 0666)\n"
		"open(\".\", O_RDONLY|O_CREAT|O_EXCL, 0666)\n"
		"open(\".\", O_RDONLY|O_DIRECTORY|O_CREAT, 0666)\n"
		"open(\"/tmp\", O_RDONLY|O_CREAT|O_EXCL, 0666)\n"
		"open(\"/\", O_RDONLY|O_CREAT, 0666)\n"
		"open(\"/tmp/\", O_RDWR)\n"
		"open(\"/tmp/\", O_RDWR|O_CREAT, 0666)\n"
		"open(\"/tmp///a\", O_RDONLY)\n"
		"open(\"./././a\", O_RDONLY|O_NOFOLLOW|O_NOCTTY|O_NONBLOCK|O_CLOEXEC|O_SYNC)\n"
		"fcntl(7, F_GETFL)\n"
		"open(\"a\", O_RDONLY|O_PATH|O_APPEND|O_CREAT|O_EXCL)\n"
		"fcntl(8, F_GETFL)\n"
		"read(8, ..., 1)\n"
		"lseek(8, 0, SEEK_SET)\n"
		"ftruncate(8, 0)\n"
		"fstat(8, {})\n"
		"fchdir(8)\n"
		"open(\"a\", O_RDWR|O_DIRECT)\n"
		"open(\"a\", O_RDONLY|O_NOATIME)\n"
		"open(\"n\", O_RDWR|O_CREAT|O_TRUNC|O_APPEND, 07777)\n"
		"fcntl(11, F_GETFL)\n"
		"fstat(11, {})\n"
		"creat(\"n\", 0)\n"
		"creat(\".\", 0666)\n"
		"open(\"" NAME_255 "\", O_RDWR|O_CREAT, 0600)\n"
		"open(\"" NAME_255 "x\", O_RDWR|O_CREAT, 0600)\n"
		"open(\"a/" NAME_255 "x\", O_RDONLY)\n"
		"open(\"" NAME_255 "x/y\", O_RDONLY)\n"
		"open(\"missing/" NAME_255 "x\", O_RDONLY)\n");
}

static void opening_through_symbolic_links_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("symlink(\"b\", \"dangling\")\n"
		"open(\"dangling\", O_RDONLY)\n"
		"open(\"dangling\", O_RDWR|O_CREAT|O_EXCL, 0666)\n"
		"open(\"dangling\", O_RDWR|O_CREAT|O_NOFOLLOW, 0666)\n"
		"open(\"dangling/\", O_RDWR|O_CREAT, 0666)\n"
		"open(\"dangling\", O_RDWR|O_CREAT, 0644)\n"
		"lstat(\"b\", {})\n"
		"stat(\"dangling\", {})\n"
		"lstat(\"dangling\", {})\n"
		"open(\"dangling\", O_RDONLY|O_NOFOLLOW)\n"
		"open(\"dangling\", O_RDONLY|O_NOFOLLOW|O_DIRECTORY)\n"
		"open(\"dangling\", O_RDONLY|O_NOFOLLOW|O_PATH)\n"
		"fstat(4, {})\n"
		"open(\"dangling\", O_RDONLY|O_NOFOLLOW|O_PATH|O_DIRECTORY)\n"
		"mkdir(\"d\", 0755)\n"
		"symlink(\"d/\", \"s\")\n"
		"open(\"s\", O_RDONLY)\n"
		"open(\"s\", O_RDWR)\n"
		"open(\"s\", O_RDONLY|O_CREAT, 0666)\n"
		"open(\"s/\", O_RDONLY|O_NOFOLLOW)\n"
		"open(\"s/x\", O_RDWR|O_CREAT, 0600)\n"
		"lstat(\"d/x\", {})\n"
		"symlink(\"/tmp/d\", \"absolute\")\n"
		"open(\"absolute/x\", O_RDONLY|O_NOFOLLOW)\n"
		"readlink(\"absolute\", ..., 100)\n"
		"readlink(\"absolute/x\", ..., 100)\n"
		"readlink(\"missing\", ..., 100)\n"
		"readlink(\"s\", ..., 1)\n"
		"readlink(\"s\", ..., 0)\n"
		"symlink(\"loop\", \"loop\")\n"
		"open(\"loop\", O_RDONLY)\n"
		"open(\"loop\", O_RDWR|O_CREAT, 0600)\n"
		"open(\"loop/x\", O_RDONLY)\n"
		"open(\"loop\", O_RDONLY|O_PATH)\n"
		"open(\"loop\", O_RDONLY|O_PATH|O_NOFOLLOW)\n"
		"symlink(\"nothing/\", \"t\")\n"
		"open(\"t\", O_RDWR|O_CREAT, 0600)\n"
		"symlink(\"\", \"u\")\n"
		"symlink(\"x\", \"\")\n"
		"symlink(NULL, \"u\")\n"
		"symlink(\"x\", NULL)\n"
		"symlink(\"x\", \"v/\")\n"
		"symlink(\"x\", \"d/\")\n"
		"symlink(\"x\", \"b\")\n"
		"symlink(\"x\", \".\")\n"
		"symlink(\"x\", \"b/y\")\n"
		"mkdir(\"dangling2\", 0)\n"
		"symlink(\"gone\", \"dl\")\n"
		"mkdir(\"dl\", 0755)\n"
		"mkdir(\"dl/\", 0755)\n"
		"rmdir(\"s\")\n"
		"rmdir(\"s/\")\n"
		"unlink(\"s/\")\n"
		"unlink(\"s\")\n");
}

static void forty_links_are_followed_and_no_more(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, "open(\"l0\", O_RDWR|O_CREAT, 0600)\n");
	for (int i = 1; i <= 41; i++)
		text_printf(&t, "symlink(\"l%d\", \"l%d\")\n", i - 1, i);
	text_puts(&t, "open(\"l40\", O_RDONLY)\nopen(\"l41\", O_RDONLY)\n"
		      "mkdir(\"m0\", 0755)\nopen(\"m0/x\", O_RDWR|O_CREAT, 0600)\n");
	for (int i = 1; i <= 41; i++)
		text_printf(&t, "symlink(\"m%d/.\", \"m%d\")\n", i - 1, i);
	text_puts(&t, "open(\"m40/x\", O_RDONLY)\nopen(\"m41/x\", O_RDONLY)\n");
	compare(t.s);
	text_free(&t);
}

static void paths_of_4096_bytes_are_too_long(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	for (int len = 4095; len <= 4096; len++) {
		text_puts(&t, "open(\"");
		for (int i = 0; i < len; i++)
			text_putc(&t, i & 1 ? '/' : '.');
		text_puts(&t, "\", O_RDONLY)\n");
	}
	compare(t.s);
	text_free(&t);
}

static void resolve_flags_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("mkdir(\"d\", 0755)\n"
		"mkdir(\"d/e\", 0755)\n"
		"open(\"d/x\", O_RDWR|O_CREAT, 0644)\n"
		"symlink(\"x\", \"d/l\")\n"
		"symlink(\"/x\", \"d/root\")\n"
		"symlink(\"../y\", \"d/up\")\n"
		"open(\"y\", O_RDWR|O_CREAT, 0644)\n"
		"open(\"d\", O_RDONLY|O_DIRECTORY)\n"
		"openat2(5, \"l\", {flags=O_RDONLY, resolve=RESOLVE_NO_SYMLINKS}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDONLY, resolve=RESOLVE_NO_SYMLINKS}, 24)\n"
		"openat2(5, \"l\", {flags=O_PATH|O_NOFOLLOW, resolve=RESOLVE_NO_SYMLINKS}, 24)\n"
		"openat2(5, \"../y\", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24)\n"
		"openat2(5, \"e/../x\", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24)\n"
		"openat2(5, \"/tmp/d/x\", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24)\n"
		"openat2(5, \"up\", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24)\n"
		"openat2(5, \"root\", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24)\n"
		"openat2(5, \"root\", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24)\n"
		"openat2(5, \"../../../x\", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24)\n"
		"openat2(5, \"up\", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24)\n"
		"openat2(5, \"/proc/self/fd/5\", {flags=O_RDONLY, resolve=RESOLVE_NO_MAGICLINKS}, 24)\n"
		"openat2(5, \"/proc/self/fd/3\", {flags=O_RDONLY, resolve=RESOLVE_NO_XDEV}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDONLY, resolve=RESOLVE_CACHED}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDWR|O_TRUNC, resolve=RESOLVE_CACHED}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDONLY, mode=0644}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDONLY|O_CREAT, mode=010000}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDONLY|0x40000000}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDONLY, resolve=0x100}, 24)\n"
		"openat2(5, \"x\", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT|RESOLVE_BENEATH}, 24)\n"
		"openat2(5, \"x\", {flags=O_PATH|O_RDWR|O_APPEND}, 24)\n"
		"openat2(5, \"z\", {flags=O_RDWR|O_CREAT, mode=0600}, 24)\n"
		"openat2(5, \"z\", {flags=O_RDWR}, 8)\n"
		"openat2(3, \"z\", {flags=O_RDWR}, 24)\n"
		"openat2(99, \"z\", {flags=O_RDWR}, 24)\n"
		"openat2(99, \"/tmp/y\", {flags=O_RDWR}, 24)\n"
		"openat(5, \"\", O_RDONLY)\n"
		"openat(99, \"\", O_RDONLY)\n"
		"openat(3, \"x\", O_RDONLY)\n"
		"openat(AT_FDCWD, \"y\", O_RDONLY)\n"
		"pipe2(..., O_NONBLOCK)\n"
		"openat(20, \"x\", O_RDONLY)\n"
		"openat2(5, \"/x\", {flags=O_RDONLY, resolve=RESOLVE_IN_ROOT}, 24)\n");
}

static void temporary_files_without_names_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\".\", O_RDWR|O_TMPFILE, 0644)\n"
		"fcntl(3, F_GETFL)\n"
		"fstat(3, {})\n"
		"write(3, \"abc\", 3)\n"
		"pread64(3, ..., 10, 0)\n"
		"open(\".\", O_RDONLY|O_TMPFILE, 0644)\n"
		"open(\"missing\", O_RDWR|O_TMPFILE, 0644)\n"
		"open(\"x\", O_RDWR|O_CREAT, 0644)\n"
		"open(\"x\", O_RDWR|O_TMPFILE, 0644)\n"
		"open(\"x\", O_RDWR|O_TMPFILE|O_CREAT, 0644)\n");
}

static void making_and_removing_names_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("mkdir(\"d\", 0777)\n"
		"mkdir(\"d\", 0777)\n"
		"mkdir(\"d/\", 0777)\n"
		"mkdir(\"e/\", 01777)\n"
		"stat(\"e\", {})\n"
		"mkdir(\"f///\", 07700)\n"
		"stat(\"f\", {})\n"
		"mkdir(\"d/.\", 0777)\n"
		"mkdir(\"d/..\", 0777)\n"
		"mkdir(\"/\", 0777)\n"
		"mkdir(\"\", 0777)\n"
		"mkdir(NULL, 0777)\n"
		"mkdir(\"g/h\", 0777)\n"
		"mkdir(\"" NAME_255 "x\", 0777)\n"
		"creat(\"a\", 0644)\n"
		"mkdir(\"a\", 0777)\n"
		"mkdir(\"a/\", 0777)\n"
		"mkdir(\"a/b\", 0777)\n"
		"stat(\".\", {})\n"
		"unlink(\"d\")\n"
		"unlink(\"d/\")\n"
		"unlink(\"a/\")\n"
		"unlink(\"a/b\")\n"
		"unlink(\".\")\n"
		"unlink(\"..\")\n"
		"unlink(\"/\")\n"
		"unlink(\"\")\n"
		"unlink(NULL)\n"
		"unlink(\"missing\")\n"
		"unlink(\"missing/\")\n"
		"unlink(\"" NAME_255 "x\")\n"
		"rmdir(\"a\")\n"
		"rmdir(\"a/\")\n"
		"rmdir(\".\")\n"
		"rmdir(\"d/.\")\n"
		"rmdir(\"d/..\")\n"
		"rmdir(\"/\")\n"
		"rmdir(\"missing\")\n"
		"creat(\"d/x\", 0600)\n"
		"rmdir(\"d\")\n"
		"unlink(\"d/x\")\n"
		"open(\"d\", O_RDONLY)\n"
		"rmdir(\"d/\")\n"
		"fstat(5, {})\n"
		"openat(5, \".\", O_RDONLY)\n"
		"openat(5, \"x\", O_RDWR|O_CREAT, 0600)\n"
		"openat(5, \"" NAME_255 "x\", O_RDWR|O_CREAT, 0600)\n"
		"mkdirat(5, \"x\", 0777)\n"
		"unlinkat(5, \"x\", 0)\n"
		"fchdir(5)\n"
		"open(\".\", O_RDONLY)\n"
		"open(\"x\", O_RDWR|O_CREAT, 0600)\n"
		"stat(\".\", {})\n"
		"unlink(\"/tmp/a\")\n"
		"fstat(3, {})\n"
		"unlinkat(AT_FDCWD, \"/tmp/e\", AT_REMOVEDIR)\n"
		"unlinkat(AT_FDCWD, \"/tmp/f\", 0)\n"
		"unlinkat(AT_FDCWD, \"/tmp/f\", 1)\n"
		"unlinkat(3, \"f\", 0)\n"
		"unlinkat(99, \"f\", 0)\n"
		"unlinkat(99, \"\", 0)\n"
		"umask(027)\n"
		"mkdir(\"/tmp/m\", 0777)\n"
		"stat(\"/tmp/m\", {})\n"
		"umask(0)\n");
}

static void renaming_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("creat(\"a\", 0644)\n"
		"creat(\"b\", 0600)\n"
		"mkdir(\"d\", 0755)\n"
		"mkdir(\"d/e\", 0755)\n"
		"mkdir(\"f\", 0755)\n"
		"rename(\"a\", \"a\")\n"
		"rename(\"a\", \"d\")\n"
		"rename(\"d\", \"a\")\n"
		"rename(\"d\", \"d\")\n"
		"rename(\"d\", \"d/x\")\n"
		"rename(\"d\", \"d/e\")\n"
		"rename(\"d\", \"d/e/x\")\n"
		"rename(\"d/e\", \"d\")\n"
		"rename(\"a\", \"a/x\")\n"
		"rename(\"a/\", \"x\")\n"
		"rename(\"a\", \"x/\")\n"
		"rename(\"a\", \"b/\")\n"
		"rename(\"missing\", \"x\")\n"
		"rename(\"missing\", \"d/\")\n"
		"rename(\"a\", \"missing/x\")\n"
		"rename(\".\", \"x\")\n"
		"rename(\"d/.\", \"x\")\n"
		"rename(\"d/..\", \"x\")\n"
		"rename(\"a\", \".\")\n"
		"rename(\"\", \"x\")\n"
		"rename(\"a\", \"\")\n"
		"rename(NULL, \"x\")\n"
		"rename(\"a\", NULL)\n"
		"rename(\"missing/a\", NULL)\n"
		"rename(\"a\", \"" NAME_255 "x\")\n"
		"rename(\"f\", \"d\")\n"
		"rename(\"f/\", \"d/e/\")\n"
		"stat(\"d\", {})\n"
		"stat(\".\", {})\n"
		"stat(\"d/e\", {})\n"
		"rename(\"a\", \"d/e/" NAME_255 "\")\n"
		"rename(\"d/e/" NAME_255 "\", \"b\")\n"
		"fstat(3, {})\n"
		"fstat(4, {})\n"
		"stat(\"b\", {})\n"
		"rename(\"d/e\", \"g\")\n"
		"stat(\"d\", {})\n"
		"link(\"b\", \"c\")\n"
		"rename(\"b\", \"c\")\n"
		"stat(\"b\", {})\n"
		"symlink(\"c\", \"s\")\n"
		"rename(\"s\", \"t\")\n"
		"rename(\"t\", \"c\")\n"
		"lstat(\"c\", {})\n"
		"lstat(\"b\", {})\n"
		"open(\"d\", O_RDONLY)\n"
		"renameat(5, \"../b\", 5, \"z\")\n"
		"renameat(99, \"b\", 5, \"z\")\n"
		"renameat(5, \"z\", 99, \"z\")\n"
		"renameat(3, \"z\", 5, \"z\")\n"
		"rename(\"d\", \"d2\")\n"
		"openat(5, \"z\", O_RDONLY)\n"
		"stat(\"d2/z\", {})\n"
		"rename(\"/tmp/d2\", \"/proc/x\")\n"
		"rename(\"/proc/self\", \"/tmp/x\")\n");
}

static void linking_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("creat(\"a\", 0644)\n"
		"link(\"a\", \"b\")\n"
		"link(\"a\", \"b\")\n"
		"stat(\"b\", {})\n"
		"unlink(\"a\")\n"
		"fstat(3, {})\n"
		"mkdir(\"d\", 0755)\n"
		"link(\"d\", \"e\")\n"
		"link(\"b\", \"d\")\n"
		"link(\"b\", \"d/x\")\n"
		"link(\"b\", \"y/\")\n"
		"link(\"b/\", \"y\")\n"
		"link(\"missing\", \"y\")\n"
		"link(\"b\", \"missing/y\")\n"
		"link(\"\", \"y\")\n"
		"link(\"b\", \"\")\n"
		"symlink(\"b\", \"s\")\n"
		"link(\"s\", \"t\")\n"
		"lstat(\"t\", {})\n"
		"link(\"/proc/self/fd/3\", \"/tmp/p\")\n"
		"link(\"b\", \"/proc/x\")\n");
}

static void reading_and_writing_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\"a\", O_RDWR|O_CREAT, 0644)\n"
		"write(3, \"hello world\", 11)\n"
		"lseek(3, 0, SEEK_CUR)\n"
		"read(3, ..., 10)\n"
		"lseek(3, 6, SEEK_SET)\n"
		"read(3, ..., 100)\n"
		"dup(3)\n"
		"lseek(4, -5, SEEK_END)\n"
		"read(3, ..., 2)\n"
		"read(4, ..., 2)\n"
		"lseek(3, -1, SEEK_SET)\n"
		"lseek(3, -100, SEEK_CUR)\n"
		"lseek(3, 9223372036854775807, SEEK_CUR)\n"
		"lseek(3, 9223372036854775807, SEEK_END)\n"
		"lseek(3, 9223372036854775807, SEEK_SET)\n"
		"write(3, \"x\", 1)\n"
		"write(3, \"x\", 0)\n"
		"read(3, ..., 1)\n"
		"lseek(3, 0, 5)\n"
		"lseek(3, 0, -1)\n"
		"lseek(3, 100000, SEEK_SET)\n"
		"read(3, ..., 5)\n"
		"write(3, \"end\", 3)\n"
		"fstat(3, {})\n"
		"pread64(3, ..., 20, 99990)\n"
		"pread64(3, ..., 4, -1)\n"
		"pread64(99, ..., 4, -1)\n"
		"pread64(3, ..., 4, 9223372036854775807)\n"
		"pwrite64(3, \"abc\", 3, 4095)\n"
		"pread64(3, ..., 8, 4092)\n"
		"lseek(3, 0, SEEK_CUR)\n"
		"lseek(3, 0, SEEK_DATA)\n"
		"lseek(3, 0, SEEK_HOLE)\n"
		"lseek(3, 20000, SEEK_DATA)\n"
		"lseek(3, 20000, SEEK_HOLE)\n"
		"lseek(3, 100000, SEEK_HOLE)\n"
		"lseek(3, 100003, SEEK_HOLE)\n"
		"lseek(3, 100003, SEEK_DATA)\n"
		"lseek(3, -1, SEEK_DATA)\n"
		"ftruncate(3, 4097)\n"
		"pread64(3, ..., 8, 4092)\n"
		"ftruncate(3, 4100)\n"
		"pread64(3, ..., 20, 4092)\n"
		"fstat(3, {})\n"
		"ftruncate(3, 50000)\n"
		"lseek(3, 8192, SEEK_DATA)\n"
		"lseek(3, 8191, SEEK_HOLE)\n"
		"ftruncate(3, -1)\n"
		"ftruncate(99, -1)\n"
		"ftruncate(99, 0)\n"
		"open(\"a\", O_RDONLY)\n"
		"ftruncate(5, 0)\n"
		"write(5, \"x\", 1)\n"
		"open(\"a\", O_WRONLY|O_APPEND)\n"
		"read(6, ..., 1)\n"
		"write(6, \"tail\", 4)\n"
		"lseek(6, 0, SEEK_CUR)\n"
		"lseek(6, 0, SEEK_SET)\n"
		"pwrite64(6, \"more\", 4, 0)\n"
		"lseek(6, 0, SEEK_CUR)\n"
		"pread64(3, ..., 100, 49999)\n"
		"write(3, NULL, 0)\n"
		"write(3, NULL, 5)\n"
		"read(3, ..., -1)\n"
		"write(3, \"x\", -1)\n"
		"write(3, \"x\", 9223372036854775807)\n"
		"truncate(\"a\", 3)\n"
		"truncate(\"a\", -1)\n"
		"truncate(\".\", 3)\n"
		"truncate(\"missing\", 3)\n"
		"truncate(\"/dev/null\", 3)\n"
		"fstat(3, {})\n"
		"open(\"a\", O_RDONLY|O_TRUNC)\n"
		"fstat(3, {})\n"
		"fsync(3)\n"
		"open(\".\", O_RDONLY)\n"
		"read(8, ..., 10)\n"
		"pread64(8, ..., 10, 0)\n"
		"write(8, \"x\", 1)\n"
		"ftruncate(8, 0)\n"
		"lseek(8, 0, SEEK_SET)\n"
		"lseek(8, -1, SEEK_SET)\n"
		"fsync(8)\n"
		"close(3)\n"
		"read(3, ..., 1)\n"
		"write(-1, \"x\", 1)\n"
		"lseek(3, 0, 99)\n"
		"fstat(3, {})\n");
}

static void devices_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\"/dev/null\", O_RDWR)\n"
		"read(3, ..., 10)\n"
		"write(3, \"abc\", 3)\n"
		"lseek(3, 5, SEEK_SET)\n"
		"lseek(3, 5, SEEK_END)\n"
		"lseek(3, 5, SEEK_DATA)\n"
		"lseek(3, 5, 9)\n"
		"pread64(3, ..., 5, 7)\n"
		"pwrite64(3, \"x\", 1, 7)\n"
		"ftruncate(3, 0)\n"
		"fsync(3)\n"
		"fstat(3, {})\n"
		"open(\"/dev/zero\", O_RDWR|O_TRUNC)\n"
		"fcntl(4, F_GETFL)\n"
		"read(4, ..., 3)\n"
		"lseek(4, 0, SEEK_CUR)\n"
		"write(4, \"abc\", 3)\n"
		"fstat(4, {})\n"
		"open(\"/dev/full\", O_RDWR|O_APPEND)\n"
		"read(5, ..., 3)\n"
		"write(5, \"abc\", 3)\n"
		"write(5, \"\", 0)\n"
		"lseek(5, 9, SEEK_CUR)\n"
		"fstat(5, {})\n"
		"open(\"/dev/null\", O_RDWR|O_DIRECT)\n"
		"open(\"/dev/null\", O_RDONLY|O_DIRECTORY)\n"
		"open(\"/dev/null/\", O_RDONLY)\n"
		"open(\"/dev/null\", O_RDONLY|O_CREAT|O_EXCL, 0600)\n"
		"open(\"/dev/null\", O_RDONLY|O_CREAT, 0600)\n"
		"access(\"/dev/null\", X_OK)\n");
}

static void pipes_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("pipe2(..., O_NONBLOCK)\n"
		"fcntl(3, F_GETFL)\n"
		"fcntl(4, F_GETFL)\n"
		"fstat(3, {})\n"
		"read(3, ..., 10)\n"
		"read(3, ..., 0)\n"
		"read(4, ..., 10)\n"
		"write(3, \"x\", 1)\n"
		"write(4, \"hello\", 5)\n"
		"write(4, \"\", 0)\n"
		"write(4, NULL, 4)\n"
		"read(3, ..., 3)\n"
		"read(3, ..., 3)\n"
		"lseek(3, 0, SEEK_CUR)\n"
		"lseek(3, 0, 17)\n"
		"pread64(3, ..., 3, 0)\n"
		"pwrite64(4, \"x\", 1, 0)\n"
		"ftruncate(4, 0)\n"
		"fsync(4)\n"
		"write(4, \"x\", 70000)\n"
		"write(4, \"x\", 1)\n"
		"read(3, ..., 4096)\n"
		"write(4, \"y\", 4095)\n"
		"write(4, \"z\", 1)\n"
		"write(4, \"z\", 1)\n"
		"read(3, ..., 65536)\n"
		"write(4, \"a\", 4095)\n"
		"write(4, \"b\", 4095)\n"
		"read(3, ..., 4095)\n"
		"write(4, \"c\", 100000)\n"
		"read(3, ..., 100000)\n"
		"pipe2(..., O_NONBLOCK|O_DIRECT)\n"
		"fcntl(5, F_GETFL)\n"
		"fcntl(6, F_GETFL)\n"
		"write(6, \"one\", 3)\n"
		"write(6, \"two\", 3)\n"
		"read(5, ..., 2)\n"
		"read(5, ..., 100)\n"
		"write(6, \"w\", 5000)\n"
		"read(5, ..., 5000)\n"
		"read(5, ..., 5000)\n"
		"open(\"/proc/self/fd/3\", O_RDONLY|O_NONBLOCK)\n"
		"open(\"/proc/self/fd/3\", O_WRONLY|O_NONBLOCK)\n"
		"open(\"/proc/self/fd/3\", O_RDWR|O_NONBLOCK)\n"
		"open(\"/proc/self/fd/3\", O_ACCMODE|O_NONBLOCK)\n"
		"open(\"/proc/self/fd/3\", O_RDONLY|O_NONBLOCK|O_DIRECT)\n"
		"open(\"/proc/self/fd/3\", O_RDONLY|O_NONBLOCK|O_TRUNC|O_CREAT, 0600)\n"
		"fcntl(7, F_GETFL)\n"
		"fcntl(8, F_GETFL)\n"
		"close(4)\n"
		"write(8, \"via\", 3)\n"
		"read(7, ..., 10)\n"
		"close(8)\n"
		"read(7, ..., 10)\n"
		"write(9, \"self\", 4)\n"
		"read(9, ..., 10)\n"
		"close(9)\n"
		"read(7, ..., 10)\n"
		"read(3, ..., 10)\n"
		"close(5)\n"
		"write(6, \"x\", 0)\n"
		"write(6, \"x\", 1)\n");
}

static void descriptors_by_name_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"write(3, \"abc\", 3)\n"
		"open(\"/proc/self/fd/3\", O_RDONLY)\n"
		"read(4, ..., 10)\n"
		"readlink(\"/proc/self/fd/3\", ..., 4096)\n"
		"lstat(\"/proc/self/fd/3\", {})\n"
		"lstat(\"/proc/self/fd/4\", {})\n"
		"unlink(\"a\")\n"
		"readlink(\"/proc/self/fd/3\", ..., 4096)\n"
		"open(\"/dev/fd/3\", O_RDWR|O_TRUNC)\n"
		"fstat(3, {})\n"
		"stat(\"/proc/self/fd/3\", {})\n"
		"open(\"/proc/self/fd/3\", O_RDONLY|O_NOFOLLOW)\n"
		"open(\"/proc/self/fd/3\", O_RDWR|O_CREAT, 0600)\n"
		"open(\"/proc/self/fd/3\", O_RDWR|O_CREAT|O_EXCL, 0600)\n"
		"open(\"/proc/self/fd/3/\", O_RDONLY)\n"
		"open(\"/proc/self/fd/3/x\", O_RDONLY)\n"
		"open(\"/proc/self/fd/77\", O_RDONLY)\n"
		"open(\"/proc/self/fd/77\", O_RDWR|O_CREAT, 0600)\n"
		"open(\"/proc/self/fd/03\", O_RDONLY)\n"
		"open(\"/proc/self/fd/x\", O_RDONLY)\n"
		"open(\"/proc/self/fd/-1\", O_RDONLY)\n"
		"open(\"/proc/self/nothing\", O_RDWR|O_CREAT, 0600)\n"
		"open(\"/proc/nothing\", O_RDWR|O_CREAT, 0600)\n"
		"mkdir(\"/proc/self/fd/x\", 0777)\n"
		"mkdir(\"/proc/self/fd/3\", 0777)\n"
		"mkdir(\"d\", 0755)\n"
		"open(\"d\", O_RDONLY|O_DIRECTORY)\n"
		"open(\"/proc/self/fd/7/x\", O_RDWR|O_CREAT, 0600)\n"
		"readlink(\"/proc/self/fd/8\", ..., 4096)\n"
		"chdir(\"/proc/self/fd/7\")\n"
		"stat(\"x\", {})\n"
		"chdir(\"/proc/self/fd/3\")\n"
		"rename(\"x\", \"y\")\n"
		"readlink(\"/proc/self/fd/8\", ..., 4096)\n"
		"rename(\"/tmp/d\", \"/tmp/e\")\n"
		"readlink(\"/proc/self/fd/8\", ..., 4096)\n"
		"readlink(\"/proc/self/fd/7\", ..., 4096)\n"
		"creat(\"z\", 0600)\n"
		"rename(\"z\", \"y\")\n"
		"readlink(\"/proc/self/fd/8\", ..., 4096)\n"
		"open(\"/proc/self/fd\", O_RDONLY|O_DIRECTORY)\n"
		"openat(10, \"8\", O_RDONLY)\n"
		"open(\"/proc/self/fd/8\", O_PATH|O_NOFOLLOW)\n"
		"fstat(12, {})\n"
		"access(\"/proc/self/fd/8\", R_OK)\n"
		"newfstatat(8, \"\", {}, AT_EMPTY_PATH)\n"
		"newfstatat(8, \"\", {}, 0)\n"
		"newfstatat(99, \"\", {}, AT_EMPTY_PATH)\n"
		"newfstatat(7, \"y\", {}, AT_SYMLINK_NOFOLLOW)\n"
		"newfstatat(7, \"y\", {}, 0x8000)\n");
}

static void directories_of_a_task_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("mkdir(\"d\", 0755)\n"
		"mkdir(\"d/e\", 0755)\n"
		"creat(\"a\", 0644)\n"
		"chdir(\"a\")\n"
		"chdir(\"missing\")\n"
		"chdir(\"\")\n"
		"chdir(NULL)\n"
		"chdir(\"d/e\")\n"
		"creat(\"x\", 0600)\n"
		"stat(\"/tmp/d/e/x\", {})\n"
		"stat(\"../../a\", {})\n"
		"fchdir(3)\n"
		"fchdir(99)\n"
		"open(\"/tmp/d\", O_PATH|O_DIRECTORY)\n"
		"fchdir(5)\n"
		"unlink(\"e/x\")\n"
		"chdir(\"e\")\n"
		"rmdir(\"../e\")\n"
		"stat(\"..\", {})\n"
		"stat(\"../../a\", {})\n"
		"chdir(\".\")\n"
		"chdir(\"..\")\n"
		"stat(\"e\", {})\n"
		"access(\"/tmp/a\", F_OK)\n"
		"access(\"/tmp/a\", R_OK|W_OK)\n"
		"access(\"/tmp/a\", X_OK)\n"
		"access(\"/tmp/d\", X_OK)\n"
		"access(\"/tmp/a\", 8)\n"
		"access(\"/tmp/none\", F_OK)\n"
		"faccessat(5, \".\", R_OK)\n");
}

/* ---- random sequences -------------------------------------------------------------------------- */

static uint64_t random_state;

static unsigned pick(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % n;
}

#define PICK(from) (from)[pick(sizeof(from) / sizeof((from)[0]))]

/* No link leads to /tmp itself, so that ".." never leaves it. */
static const char *random_path(void)
{
	static const char *const paths[] = {
		"a",	 "b",	   "d",	     "d/a",    "d/b",	 "d/e",	    "d/e/a",	"f",
		"f/a",	 "l",	   "m",	     "d/l",    "a/",	 "d/",	    "l/",	"m/",
		"d/../b", "d/e/../a", "l/a",   "m/a",    "/tmp/a", "/tmp/d/a", "/tmp/f/",	"./a",
		"d/.",	 "d/..",   "missing/x", "a/x",  "l/..",	 "",	    "/tmp/d/e", "d//a",
	};

	return PICK(paths);
}

static const char *random_target(void)
{
	static const char *const targets[] = { "a", "b", "d", "d/", "d/e", "/tmp/b", "/tmp/d/",
					       "l", "m", "f", "nowhere" };

	return PICK(targets);
}

static int random_fd(void)
{
	return 3 + (int)pick(8);
}

static const char *random_flags(void)
{
	static const char *const flags[] = {
		"O_RDONLY",
		"O_RDWR",
		"O_WRONLY",
		"O_RDWR|O_CREAT",
		"O_RDWR|O_CREAT|O_EXCL",
		"O_WRONLY|O_CREAT|O_TRUNC",
		"O_RDONLY|O_DIRECTORY",
		"O_RDONLY|O_NOFOLLOW",
		"O_RDWR|O_CREAT|O_NOFOLLOW",
		"O_PATH",
		"O_PATH|O_NOFOLLOW",
		"O_PATH|O_DIRECTORY",
		"O_RDWR|O_APPEND",
		"O_RDONLY|O_TRUNC",
		"O_ACCMODE",
		"O_RDONLY|O_CREAT|O_DIRECTORY",
		"O_RDONLY|O_DIRECTORY|O_NOFOLLOW",
		"O_RDWR|O_TMPFILE",
	};

	return PICK(flags);
}

/* The name of the link itself (O_PATH|O_NOFOLLOW) would be the kernel's to forget when it likes. */
static const char *random_proc_flags(void)
{
	static const char *const flags[] = {
		"O_RDONLY", "O_RDWR", "O_WRONLY", "O_PATH", "O_RDONLY|O_TRUNC", "O_RDWR|O_CREAT",
		"O_RDONLY|O_DIRECTORY", "O_RDWR|O_TMPFILE", "O_WRONLY|O_APPEND", "O_ACCMODE",
	};

	return PICK(flags);
}

static const char *random_whence(void)
{
	static const char *const whence[] = { "SEEK_SET", "SEEK_CUR", "SEEK_END", "SEEK_DATA",
					      "SEEK_HOLE" };

	return PICK(whence);
}

static int random_offset(void)
{
	static const int offsets[] = { 0, 1, -1, 5, 4095, 4096, 4097, 10000, -4096, 20000 };

	return PICK(offsets);
}

static void put_random_call(struct text *t)
{
	switch (pick(30)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
		text_printf(t, "open(\"%s\", %s|O_NONBLOCK, 0%o)\n", random_path(), random_flags(),
			    pick(01000));
		break;
	case 5:
		text_printf(t, "openat(%d, \"%s\", %s|O_NONBLOCK, 0644)\n", random_fd(),
			    random_path(), random_flags());
		break;
	case 6:
		text_printf(t, "open(\"/proc/self/fd/%d\", %s|O_NONBLOCK, 0644)\n", random_fd(),
			    random_proc_flags());
		break;
	case 7:
		text_printf(t, "close(%d)\n", random_fd());
		break;
	case 8:
	case 9:
		text_printf(t, "mkdir(\"%s\", 0%o)\n", random_path(), 0700 | pick(0100));
		break;
	case 10:
		text_printf(t, "rmdir(\"%s\")\n", random_path());
		break;
	case 11:
	case 12:
		text_printf(t, "unlink(\"%s\")\n", random_path());
		break;
	case 13:
	case 14:
	case 15:
		text_printf(t, "rename(\"%s\", \"%s\")\n", random_path(), random_path());
		break;
	case 16:
		text_printf(t, "link(\"%s\", \"%s\")\n", random_path(), random_path());
		break;
	case 17:
		text_printf(t, "symlink(\"%s\", \"%s\")\n", random_target(), random_path());
		break;
	case 18:
		text_printf(t, "readlink(\"/proc/self/fd/%d\", ..., 4096)\n", random_fd());
		break;
	case 19:
		text_printf(t, "stat(\"%s\", {})\nlstat(\"%s\", {})\n", random_path(),
			    random_path());
		break;
	case 20:
		text_printf(t, "fstat(%d, {})\nfcntl(%d, F_GETFL)\n", random_fd(), random_fd());
		break;
	case 21:
		text_printf(t, "write(%d, \"abcdefghij\", %u)\n", random_fd(), pick(9000));
		break;
	case 22:
		text_printf(t, "read(%d, ..., %u)\n", random_fd(), pick(9000));
		break;
	case 23:
		text_printf(t, "lseek(%d, %d, %s)\n", random_fd(), random_offset(),
			    random_whence());
		break;
	case 24:
		text_printf(t, "ftruncate(%d, %d)\n", random_fd(), random_offset());
		break;
	case 25:
		text_printf(t, "pread64(%d, ..., %u, %d)\n", random_fd(), pick(9000),
			    random_offset());
		break;
	case 26:
		text_printf(t, "pwrite64(%d, \"xyz\", %u, %d)\n", random_fd(), pick(9000),
			    random_offset());
		break;
	case 27:
		text_puts(t, "pipe2(..., O_NONBLOCK)\n");
		break;
	case 28:
		text_printf(t, "dup(%d)\n", random_fd());
		break;
	default:
		text_printf(t, "truncate(\"%s\", %d)\n", random_path(), random_offset());
		break;
	}
}

static void random_sequences_agree_with_the_kernel(void **state)
{
	const char *sequences = getenv("FDLAB_ORACLE_SEQUENCES");
	uint64_t count = sequences ? strtoull(sequences, NULL, 10) : 200;

	(void)state;
	for (uint64_t seed = 0; seed < count; seed++) {
		struct text t = TEXT_EMPTY;

		random_state = seed * 7919 + 1;
		for (int i = 0; i < 150; i++)
			put_random_call(&t);
		compare(t.s);
		text_free(&t);
	}
}

/* ---- the test ---------------------------------------------------------------------------------- */

/* A directory of our own on a tmpfs that is not mounted with limits of its own. */
static bool find_tmpfs(void)
{
	static const char *const candidates[] = { "/dev/shm", "/tmp", "/run" };

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		struct statfs fs;

		if (statfs(candidates[i], &fs) < 0 || fs.f_type != TMPFS_MAGIC)
			continue;
		snprintf(top, sizeof(top), "%s/fdlab-oracle-XXXXXX", candidates[i]);
		if (!mkdtemp(top))
			continue;
		snprintf(directory, sizeof(directory), "%s/tmp", top);
		return true;
	}
	return false;
}

static int remove_top(void **state)
{
	(void)state;
	remove_all(top);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_agrees_with_the_kernel),
		cmocka_unit_test(opening_through_symbolic_links_agrees_with_the_kernel),
		cmocka_unit_test(forty_links_are_followed_and_no_more),
		cmocka_unit_test(paths_of_4096_bytes_are_too_long),
		cmocka_unit_test(resolve_flags_agree_with_the_kernel),
		cmocka_unit_test(temporary_files_without_names_agree_with_the_kernel),
		cmocka_unit_test(making_and_removing_names_agrees_with_the_kernel),
		cmocka_unit_test(renaming_agrees_with_the_kernel),
		cmocka_unit_test(linking_agrees_with_the_kernel),
		cmocka_unit_test(reading_and_writing_agrees_with_the_kernel),
		cmocka_unit_test(devices_agree_with_the_kernel),
		cmocka_unit_test(pipes_agree_with_the_kernel),
		cmocka_unit_test(descriptors_by_name_agree_with_the_kernel),
		cmocka_unit_test(directories_of_a_task_agree_with_the_kernel),
		cmocka_unit_test(random_sequences_agree_with_the_kernel),
	};

	if (!find_tmpfs()) {
		print_message("skipped: there is no tmpfs here to compare with\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, remove_top);
}

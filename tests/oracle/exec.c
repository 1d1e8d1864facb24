/*
 * exec compared with the running kernel: the file that runs in the end, its name and arguments, or
 * the error. On the kernel's side the interpreter is this program, which reports how it was called;
 * on the machine's side the tree shows it.
 */
#include "support/oracle.h"

#include <sys/sendfile.h>

#define REPORT "FDLAB_EXEC_REPORT"

extern char **environ;

/* ---- what came of it ------------------------------------------------------------------------ */

static void put_program(struct text *t, const char *cmdline, size_t len, const char *comm,
			const char *exe)
{
	text_puts(t, "0 argv");
	for (size_t at = 0; at < len; at += strlen(cmdline + at) + 1) {
		text_putc(t, ' ');
		text_quoted(t, cmdline + at, strlen(cmdline + at), SHOWN);
	}
	text_printf(t, " comm %.*s exe %s\n", (int)strcspn(comm, "\n"), comm, exe);
}

static size_t slurp(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(buf, 1, size - 1, f) : 0;

	if (f)
		fclose(f);
	buf[n] = '\0';
	return n;
}

/* As the interpreter: reports how it was called. */
static _Noreturn void report(void)
{
	char cmdline[8192], comm[32], exe[256];
	struct text t = TEXT_EMPTY;
	size_t len = slurp("/proc/self/cmdline", cmdline, sizeof(cmdline));
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	slurp("/proc/self/comm", comm, sizeof(comm));
	exe[n > 0 ? n : 0] = '\0';
	put_program(&t, cmdline, len, comm, strrchr(exe, '/') + 1);
	_exit(write(REPORT_FD, t.s, t.len) != (ssize_t)t.len);
}

static void machine_report(struct fdl_machine *m, struct text *t)
{
	char *cmdline, *comm, *exe;
	size_t len, n;

	assert_int_equal(fdl_read_file(m, "1/cmdline", &cmdline, &len), 0);
	assert_int_equal(fdl_read_file(m, "1/comm", &comm, &n), 0);
	assert_int_equal(fdl_read_file(m, "1/exe", &exe, &n), 0);
	put_program(t, cmdline, len, comm, strrchr(exe, '/') + 1);
	free(cmdline);
	free(comm);
	free(exe);
}

/* ---- the last line, which is an exec --------------------------------------------------------- */

static int64_t kernel_exec(struct bound *b)
{
	const bool at = strcmp(b->row->call->name, "execveat") == 0;
	const struct fdl_arg *a = b->arg + at;
	char *argv[16] = { NULL };

	/* An element may be NULL, or an address. */
	for (int64_t i = 0; i < a[1].num && a[1].sub && i < 15; i++) {
		const struct fdl_arg *s = &a[1].sub[i];

		argv[i] = s->str ? strndup(s->str, (size_t)s->num) : (char *)(uintptr_t)s->num;
	}
	setenv(REPORT, "1", 1);
	/* The running kernel reports an empty argument if there is none. */
	if (!argv[0])
		argv[0] = strdup(a[0].str ? a[0].str : "");
	if (at)
		syscall(SYS_execveat, b->arg[0].num, a[0].str, argv, environ, b->arg[4].num);
	else
		syscall(SYS_execve, a[0].str, argv, environ);
	return -errno;
}

static bool is_exec(const char *line)
{
	return strncmp(line, "exec", 4) == 0;
}

/*
 * The process that plays the lines. It prepares what the lines themselves cannot before the exec.
 */
static _Noreturn void play_on_kernel(struct fdl_machine *m, const char *lines, int to)
{
	struct arena arena = { 0 };
	int null = open("/dev/null", O_RDWR);
	struct bound b;
	const char *line;
	size_t len;

	alarm(60);
	umask(022);
	if (null < 0 || dup2(to, REPORT_FD) < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0 || chdir(directory) < 0)
		_exit(1);
	syscall(SYS_close_range, 3, REPORT_FD - 1, 0);
	while ((line = next_line(&lines, &len)) != NULL) {
		struct text t = TEXT_EMPTY;

		bind_line(m, &arena, line, len, &b);
		put_outcome(&t, &b, is_exec(line) ? kernel_exec(&b) : kernel_call(&arena, &b));
		if (write(REPORT_FD, t.s, t.len) != (ssize_t)t.len)
			_exit(1);
		text_free(&t);
	}
	_exit(0);
}

/* The interpreter "sh": a copy of this program, which no task has open for writing when it runs. */
static void copy_ourselves(void)
{
	char path[128];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to;
	struct stat st;
	off_t at = 0;

	snprintf(path, sizeof(path), "%s/sh", directory);
	to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_true(from >= 0 && to >= 0 && fstat(from, &st) == 0);
	while (at < st.st_size)
		assert_true(sendfile(to, from, &at, (size_t)(st.st_size - at)) > 0);
	close(from);
	close(to);
}

static void run_on_kernel(struct fdl_machine *m, const char *lines, struct text *out)
{
	char buf[4096];
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(mkdir(directory, 0777), 0);
	copy_ourselves();
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		play_on_kernel(m, lines, fd[1]);
	close(fd[1]);
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		text_put(out, buf, (size_t)n);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void run_on_machine(struct fdl_machine *m, const char *lines, struct text *out)
{
	static const char first[] =
		"creat(\"/tmp/sh\", 0755)\nwrite(3, \"\\177ELF\", 4)\nclose(3)\n"
		"chdir(\"/tmp\")\n";
	const char *const parts[] = { first, lines };
	struct arena arena = { 0 };
	struct bound b;
	const char *line;
	size_t len;

	for (int part = 0; part < 2; part++) {
		const char *at = parts[part];

		while ((line = next_line(&at, &len)) != NULL) {
			int64_t result;

			bind_line(m, &arena, line, len, &b);
			result = machine_call(m, &b);
			if (part && is_exec(line) && !result) {
				machine_report(m, out);
				goto out;
			}
			if (part)
				put_outcome(out, &b, result);
		}
	}
out:
	arena_free(&arena);
}

static void compare_exec(const char *lines)
{
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	struct fdl_machine *m = new_machine();

	run_on_machine(m, lines, &machine);
	run_on_kernel(m, lines, &kernel);
	remove_all(directory);
	if (kernel.len != machine.len || memcmp(machine.s, kernel.s, machine.len) != 0)
		differ(lines, machine.s, kernel.s ? kernel.s : "");
	fdl_machine_free(m);
	text_free(&machine);
	text_free(&kernel);
}

/* Makes a file with this first line through descriptor 3. */
#define SCRIPT(name, mode, text)                                                                   \
	"open(\"" name "\", O_WRONLY|O_CREAT|O_TRUNC, " mode ")\n"                                 \
	"write(3, \"" text "\")\n"                                                                 \
	"close(3)\n"

/* ---- the tests ------------------------------------------------------------------------------- */

static void programs_agree_with_the_kernel(void **state)
{
	(void)state;
	compare_exec("execve(\"sh\", [\"x\", \"a b\", \"\"])\n");
	compare_exec("execve(\"./sh\", [\"sh\"])\n");
	compare_exec("link(\"sh\", \"a_name_of_more_than_fifteen\")\n"
		     "execve(\"a_name_of_more_than_fifteen\", [\"x\"])\n");
	compare_exec("symlink(\"sh\", \"link\")\nexecve(\"link\", [\"x\"])\n");
}

static void errors_of_files_that_cannot_be_run_agree_with_the_kernel(void **state)
{
	(void)state;
	compare_exec(SCRIPT("data", "0644", "#!sh\\n") SCRIPT("text", "0755", "hello\\n") SCRIPT(
		"empty", "0755", "") SCRIPT("short", "0755", "#!") SCRIPT("bare", "0755", "#!\\n")
			     SCRIPT("blank", "0755", "#! \\t \\n") "mkdir(\"d\", 0755)\n"
								   "symlink(\"loop\", \"loop\")\n"
								   "execve(\"\", [])\n"
								   "execve(NULL, [])\n"
								   "execve(\"missing\", [])\n"
								   "execve(\"sh/x\", [])\n"
								   "execve(\"sh/\", [])\n"
								   "execve(\"d\", [])\n"
								   "execve(\"d/\", [])\n"
								   "execve(\"/dev/null\", [])\n"
								   "execve(\"loop\", [])\n"
								   "execve(\"data\", [])\n"
								   "execve(\"text\", [])\n"
								   "execve(\"empty\", [])\n"
								   "execve(\"short\", [])\n"
								   "execve(\"bare\", [])\n"
								   "execve(\"blank\", [])\n");
}

static void arguments_that_end_early_agree_with_the_kernel(void **state)
{
	(void)state;
	compare_exec("execve(\"missing\", [\"x\", 0x10])\n"
		     "execve(\"/dev/null\", [\"x\", 0x10])\n"
		     "execve(\"sh\", [\"x\", 0x10])\n"
		     "execve(\"sh\", [0x10, NULL])\n"
		     "execve(\"sh\", [\"x\", \"y\", NULL, 0x10])\n");
	compare_exec(SCRIPT("text", "0755", "hello\\n") SCRIPT(
		"s", "0755", "#!sh\\n") "execve(\"text\", [0x10])\n"
					"execve(\"s\", [\"x\", 0x10])\n"
					"execve(\"s\", [\"x\", \"y\", NULL, \"z\"])\n");
}

static void scripts_agree_with_the_kernel(void **state)
{
	static const char *const firsts[] = {
		"#!sh\\n",
		"#! sh\\n",
		"#!\\tsh \\t \\n",
		"#!sh -x\\n",
		"#!sh  -x  two words  \\nmore",
		"#!./sh",
		"#!sh -x",
		"#!sh\\0x y\\n",
		"#!sh \\0x\\n",
		"#!sh\\r\\n",
		"#!missing\\n",
		"#!d\\n",
		"#!data\\n",
		"#!sh/\\n",
		"#!text\\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		char lines[1024];

		snprintf(lines, sizeof(lines),
			 "mkdir(\"d\", 0755)\n" SCRIPT("data", "0644",
						       "#!sh\\n") SCRIPT("text", "0755", "hello\\n")
				 SCRIPT("s", "0755",
					"%s") "execve(\"./s\", [\"zero\", \"one\", \"two\"])\n",
			 firsts[i]);
		compare_exec(lines);
	}
}

/* 256 bytes of a first line are read; the interpreter's name may be cut there. */
static void long_first_lines_agree_with_the_kernel(void **state)
{
	(void)state;
	for (int shape = 0; shape < 3; shape++) {
		for (int len = 250; len <= 260; len++) {
			struct text t = TEXT_EMPTY;

			text_puts(&t, "creat(\"s\", 0755)\nwrite(3, \"#!");
			for (int i = 2; i + 2 < len; i++)
				text_putc(&t, shape == 0 ? ' ' : i % 2 ? '/' : '.');
			if (shape == 0)
				text_puts(&t, "sh");
			else
				text_puts(&t, shape == 1 ? "sh" : "/ sh");
			text_puts(&t, "\\n\")\nclose(3)\nexecve(\"s\", [\"zero\", \"one\"])\n");
			compare_exec(t.s);
			text_free(&t);
		}
	}
}

static void nested_interpreters_agree_with_the_kernel(void **state)
{
	(void)state;
	for (int depth = 1; depth <= 8; depth++) {
		struct text t = TEXT_EMPTY;

		for (int i = 1; i <= depth; i++) {
			text_printf(&t, "creat(\"s%d\", 0755)\nwrite(3, \"#!", i);
			if (i == 1)
				text_puts(&t, "sh");
			else
				text_printf(&t, "s%d", i - 1);
			text_printf(&t, " -%d\\n\")\nclose(3)\n", i);
		}
		text_printf(&t, "execve(\"s%d\", [\"zero\", \"one\"])\n", depth);
		compare_exec(t.s);
		text_free(&t);
	}
	compare_exec(SCRIPT("s", "0755", "#!s\\n") "execve(\"s\", [\"x\"])\n");
}

static void busy_programs_agree_with_the_kernel(void **state)
{
	(void)state;
	compare_exec(SCRIPT("s", "0755", "#!sh\\n") "open(\"s\", O_RDWR)\n"
						    "execve(\"s\", [\"x\"])\n"
						    "close(3)\n"
						    "open(\"sh\", O_WRONLY)\n"
						    "execve(\"sh\", [\"x\"])\n"
						    "execve(\"s\", [\"x\"])\n"
						    "close(3)\n"
						    "open(\"s\", O_RDONLY)\n"
						    "execve(\"s\", [\"x\"])\n");
}

static void execveat_agrees_with_the_kernel(void **state)
{
	static const char *const calls[] = {
		"execveat(3, \"\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(4, \"\", [\"x\", \"y\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(5, \"s\", [\"x\", \"y\"], NULL, 0)\n",
		"execveat(5, \"./s\", [\"x\", \"y\"], NULL, 0)\n",
		"execveat(6, \"s\", [\"x\", \"y\"], NULL, 0)\n",
		"execveat(7, \"\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(8, \"\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(9, \"\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(6, \"sh\", [\"x\"], NULL, 0)\n",
		"execveat(AT_FDCWD, \"s\", [\"x\", \"y\"], NULL, 0)\n",
		"execveat(AT_FDCWD, \"link\", [\"x\"], NULL, AT_SYMLINK_NOFOLLOW)\n",
		"execveat(AT_FDCWD, \"link\", [\"x\"], NULL, 0)\n",
		"execveat(3, \"\", [\"x\"], NULL, 0)\n",
		"execveat(3, NULL, [\"x\"], NULL, 0)\n",
		"execveat(99, \"\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(99, \"\", [\"x\"], NULL, AT_EMPTY_PATH|AT_REMOVEDIR)\n",
		"execveat(99, \"s\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(3, \"s\", [\"x\"], NULL, 0)\n",
		"execveat(5, \"\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(AT_FDCWD, \"\", [\"x\"], NULL, AT_EMPTY_PATH)\n",
		"execveat(5, \"missing\", [\"x\"], NULL, AT_REMOVEDIR)\n",
		"execve(\"/proc/self/fd/3\", [\"x\"])\n",
		"execve(\"/dev/fd/4\", [\"x\", \"y\"])\n",
		"execve(\"/dev/fd/7\", [\"x\", \"y\"])\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		char lines[1024];

		snprintf(lines, sizeof(lines),
			 SCRIPT("s", "0755", "#!sh -x\\n") "symlink(\"sh\", \"link\")\n"
							   "open(\"sh\", O_RDONLY)\n"
							   "open(\"s\", O_RDONLY)\n"
							   "open(\".\", O_RDONLY)\n"
							   "open(\".\", O_RDONLY|O_CLOEXEC)\n"
							   "open(\"s\", O_RDONLY|O_CLOEXEC)\n"
							   "open(\"sh\", O_PATH|O_CLOEXEC)\n"
							   "open(\"link\", O_PATH|O_NOFOLLOW)\n"
							   "%s",
			 calls[i]);
		compare_exec(lines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_agree_with_the_kernel),
		cmocka_unit_test(errors_of_files_that_cannot_be_run_agree_with_the_kernel),
		cmocka_unit_test(arguments_that_end_early_agree_with_the_kernel),
		cmocka_unit_test(scripts_agree_with_the_kernel),
		cmocka_unit_test(long_first_lines_agree_with_the_kernel),
		cmocka_unit_test(nested_interpreters_agree_with_the_kernel),
		cmocka_unit_test(busy_programs_agree_with_the_kernel),
		cmocka_unit_test(execveat_agrees_with_the_kernel),
	};

	if (getenv(REPORT))
		report();
	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}

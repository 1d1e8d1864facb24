/*
 * Every call that is taken in strace's form is taken in the shell's form, with the same arguments:
 * all lines of the scenarios and the oracles, an example of each row of the tables, and calls with
 * structures, arrays and arguments that the shell's form may leave out.
 */
#include "base/arena.h"
#include "base/text.h"
#include "fdlab.h"
#include "machine/call_table.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "notation/args.h"
#include "notation/line.h"
#include "notation/types.h"
#include "options.h"
#include "support/call_examples.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fdl_machine *m;
static size_t compared, wrong;
static bool *seen; /* for each row of the table: some line of it was compared */

/* Parses and binds a line, and prints its arguments to t. NULL: it is no call, or is not taken. */
static const struct fdl_row *printed(struct arena *arena, const char *text, size_t len,
				     struct line *line, struct text *t)
{
	struct text why = TEXT_EMPTY;
	const struct fdl_row *row = NULL;
	struct fdl_arg arg[ARGS_MAX];

	if (!notation_parse(arena, text, len, line, &why) && line->kind == LINE_CALL)
		row = call_table_find(m->table, line->name, line->name_len);
	if (row)
		row = row_select(row, m->table->rows + m->table->nrows, line);
	if (row && args_bind(arena, row, line, arg, &why))
		row = NULL;
	if (row)
		call_print(t, row, arg, ARGS_BLOCKED, 0, SIZE_MAX);
	else if (why.len)
		text_put(t, why.s, why.len);
	text_free(&why);
	return row;
}

/* Puts a value without the blanks that end a word of the shell's form: those outside of brackets. */
static void put_word(struct text *t, const struct fdl_value *v)
{
	bool quoted = false;
	unsigned open = 0;

	for (size_t i = 0; i < v->raw_len; i++) {
		const char c = v->raw[i];

		if (c == '\\' && i + 1 < v->raw_len) {
			text_put(t, v->raw + i++, 2);
			continue;
		}
		quoted ^= c == '"';
		open += !quoted && strchr("[{", c);
		open -= !quoted && strchr("]}", c);
		if (c != ' ' || quoted || open)
			text_putc(t, c);
	}
}

/* Whether the shell's form says the same of a value: it has no addresses for strings, and one name. */
static bool is_alike(const struct param *p, const struct fdl_value *v)
{
	const bool string = p->words || (p->type->store == STORE_BYTES && p->type != &type_ptr &&
					 p->type != &type_any && !p->out);

	return !(string && v->kind == FDL_VALUE_NUMBER) &&
	       !(v->kind == FDL_VALUE_WORD && memmem(v->raw, v->raw_len, " or ", 4));
}

/*
 * Puts the shell's form of a call. The two forms write differently: a mode, whose digits the shell's form
 * takes as octal; the first argument of kill, where -9 is a signal. False: there is no shell's form
 * with this meaning.
 */
static bool put_shell(struct text *t, const struct fdl_row *row, const struct line *line)
{
	size_t next = 0;

	text_put(t, line->name, line->name_len);
	for (const struct fdl_value *v = line->args; v; v = v->next) {
		const size_t i = param_of(row, line, v, next);
		const struct param *p = &row->param[i];

		text_putc(t, ' ');
		next = i + 1;
		if (i < row->nparams && !is_alike(p, v))
			return false;
		if (i < row->nparams && p->type->octal && v->kind == FDL_VALUE_NUMBER) {
			text_printf(t, "0%llo", (unsigned long long)v->num);
			continue;
		}
		if (i < row->nparams && !v->key && row->nparams > 1 && row->param[1].dashed)
			text_printf(t, "%s=", p->name);
		put_word(t, v);
		if (v->became) {
			text_puts(t, " => ");
			put_word(t, v->became);
		}
	}
	/* Without its words, a program gets its own name. */
	for (; next < row->nparams; next++)
		if (row->param[next].words)
			return false;
	return true;
}

/* Compares the two forms of a line, if it is a call in strace's form that is taken. */
static void compare_forms(const char *text, size_t len)
{
	struct text strace = TEXT_EMPTY, words = TEXT_EMPTY, shell = TEXT_EMPTY;
	struct arena arena = { 0 };
	struct line line;
	const struct fdl_row *row = printed(&arena, text, len, &line, &strace);

	if (row && !line.shell && put_shell(&words, row, &line)) {
		seen[row - m->table->rows] = true;
		compared++;
		if (printed(&arena, words.s, words.len, &line, &shell) != row ||
		    shell.len != strace.len || memcmp(shell.s, strace.s, shell.len) != 0) {
			print_error("%.*s\n  %s\n  %s\n", (int)len, text, words.s,
				    shell.len ? shell.s : "no call");
			wrong++;
		}
	}
	text_free(&strace);
	text_free(&words);
	text_free(&shell);
	arena_free(&arena);
}

static int compare_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const size_t len = strlen(path);
	char *line = NULL;
	size_t size = 0;
	ssize_t got;
	FILE *f;

	(void)st, (void)at;
	if (type != FTW_F || len < 4 || strcmp(path + len - 4, ".fdl") != 0)
		return 0;
	f = fopen(path, "re");
	assert_non_null(f);
	while ((got = getline(&line, &size, f)) > 0)
		compare_forms(line, (size_t)got - (line[got - 1] == '\n'));
	assert_false(ferror(f));
	fclose(f);
	free(line);
	return 0;
}

/* The example of a row, and the same call with all of its arguments, as it is printed. */
static void compare_example(const struct fdl_row *row)
{
	struct text whole = TEXT_EMPTY;
	struct arena arena = { 0 };
	char example[EXAMPLE_MAX];
	struct line line;

	if (call_example(row->call, example)) {
		compare_forms(example, strlen(example));
		if (printed(&arena, example, strlen(example), &line, &whole))
			compare_forms(whole.s, whole.len);
	}
	text_free(&whole);
	arena_free(&arena);
}

/* Calls with all arguments, those that the shell's form may leave out among them. */
static const char *const whole[] = {
	"openat2(AT_FDCWD, \"/tmp/o2\", {flags=O_RDWR|O_CREAT, mode=0644}, 24)",
	"clone3({flags=CLONE_FILES, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88)",
	"clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD, child_tidptr=0x7f01)",
	"clone(NULL, CLONE_FILES|SIGCHLD, NULL, NULL, NULL)",
	"clone(NULL, CLONE_FILES|SIGCHLD)",
	"execve(\"/bin/sh\", [\"sh\", \"-c\", \"a b\"], [\"A=b\", \"C=d e\"])",
	"execve(\"/bin/sh\", [\"sh\"], NULL)",
	"execveat(AT_FDCWD, \"/bin/sh\", [\"sh\"], [\"A=b\"], AT_EMPTY_PATH)",
	"execveat(3, \"\", [], NULL, AT_EMPTY_PATH)",
	"recvmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"\", iov_len=8}], "
	"msg_iovlen=1}, "
	"MSG_PEEK)",
	"recvmsg(3, {msg_iov=[{iov_base=\"\", iov_len=8}], msg_iovlen=1})",
	"recvmsg(3, NULL, 0)",
	"sendmsg(3, {msg_iov=[{iov_base=\"a b\", iov_len=3}], msg_iovlen=1, "
	"msg_control=[{cmsg_len=20, "
	"cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[4]}], msg_controllen=24}, 0)",
	"recvmmsg(3, [{msg_hdr={msg_iov=[{iov_base=\"\", iov_len=8}], msg_iovlen=1}}], 1, 0, NULL)",
	"recvmmsg(3, [{msg_hdr={msg_iov=[{iov_base=\"\", iov_len=8}], msg_iovlen=1}}], 1, "
	"MSG_DONTWAIT, "
	"{tv_sec=1, tv_nsec=0})",
	"sendmmsg(3, [{msg_hdr={msg_iov=[{iov_base=\"a\", iov_len=1}], msg_iovlen=1}}], 1, 0)",
	"readv(3, [{iov_base=\"\", iov_len=8}, {iov_base=\"\", iov_len=8}], 2)",
	"readv(3, 0x1000, 2)",
	"preadv(3, [{iov_base=\"\", iov_len=8}], 1, 16)",
	"preadv2(3, [{iov_base=\"\", iov_len=8}], 1, -1, RWF_NOWAIT)",
	"pwritev2(3, [{iov_base=\"a b\", iov_len=3}], 1, -1, RWF_DSYNC)",
	"sendfile(3, 4, [16], 100)",
	"sendfile(3, 4, NULL, 100)",
	"splice(3, NULL, 4, [16], 100, SPLICE_F_MOVE)",
	"splice(3, NULL, 4, NULL, 100, 0)",
	"copy_file_range(3, [1], 4, [2], 100, 0)",
	"epoll_ctl(3, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, data={u32=7, u64=7}})",
	"epoll_wait(3, [{events=EPOLLIN, data={u64=7}}], 8, -1)",
	"epoll_wait(3, 0x7ffc01, 8, -1)",
	"epoll_pwait2(3, [], 8, {tv_sec=0, tv_nsec=1}, [INT], 8)",
	"ppoll([{fd=3, events=POLLIN}, {fd=4, events=POLLOUT}], 2, {tv_sec=0, tv_nsec=1}, [INT], "
	"8)",
	"pselect6(5, [3 4], NULL, [4], {tv_sec=0, tv_nsec=1}, {sigmask=[INT], sigsetsize=8})",
	"select(5, [3 4], [4], NULL, {tv_sec=0, tv_usec=1})",
	"fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10})",
	"fcntl(3, F_GETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10}, "
	"{l_type=F_UNLCK})",
	"fcntl(3, F_SETOWN_EX, {type=F_OWNER_PID, pid=1})",
	"fcntl(3, F_GETOWN_EX, {type=F_OWNER_PID, pid=1})",
	"fcntl(3, F_GETOWNER_UIDS, [0, 0])",
	"fcntl(3, F_SET_RW_HINT, [RWH_WRITE_LIFE_SHORT])",
	"timerfd_settime(3, TFD_TIMER_ABSTIME, {it_interval={tv_sec=0, tv_nsec=0}, "
	"it_value={tv_sec=1, "
	"tv_nsec=0}}, NULL)",
	"timerfd_settime(3, 0, {it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=1, "
	"tv_nsec=0}}, "
	"{it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=0}})",
	"rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[INT TERM], sa_flags=SA_RESTART}, "
	"NULL, 8)",
	"rt_sigaction(SIGUSR1, NULL, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8)",
	"rt_sigprocmask(SIG_BLOCK, [INT TERM], NULL, 8)",
	"rt_sigprocmask(SIG_BLOCK, ~[INT], [], 8)",
	"rt_sigpending([USR1], 8)",
	"signalfd4(-1, [USR1 USR2], 8, SFD_CLOEXEC)",
	"nanosleep({tv_sec=0, tv_nsec=1}, NULL)",
	"clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=1}, {tv_sec=0, tv_nsec=0})",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=8, rlim_max=4*1024})",
	"prlimit64(0, RLIMIT_NOFILE, NULL, {rlim_cur=8, rlim_max=RLIM64_INFINITY})",
	"prlimit64(0, RLIMIT_NOFILE, {rlim_cur=8, rlim_max=16}, NULL)",
	"wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], WNOHANG, NULL)",
	"wait4(-1, NULL, 0, NULL)",
	"waitid(P_ALL, 0, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=2}, WEXITED, NULL)",
	"pipe([3, 4])",
	"pipe2([3, 4], O_CLOEXEC)",
	"socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4])",
	"read(3, \"a b\", 8)",
	"read(3, ..., 8)",
	"pread64(3, \"a b\"..., 8, 16)",
	"readlink(\"/tmp/l\", \"/tmp/a b\", 100)",
	"getdents64(3, [{d_name=\"a b\"}], 100)",
	"stat(\"/tmp\", {st_mode=S_IFDIR|0755, st_size=40})",
	"newfstatat(AT_FDCWD, \"/tmp\", {st_mode=S_IFDIR|0755, ...}, 0)",
	"statx(AT_FDCWD, \"/tmp\", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, "
	"{stx_mask=STATX_TYPE})",
	"mknod(\"/tmp/n\", S_IFCHR|0666, makedev(0x1, 0x3))",
	"bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16)",
	"connect(3, {sa_family=AF_UNIX, sun_path=\"/tmp/a b\"}, 110)",
	"accept(3, NULL, NULL)",
	"accept4(3, {sa_family=AF_UNIX}, [110 => 2], SOCK_CLOEXEC)",
	"getsockname(3, {sa_family=AF_UNIX}, [128])",
	"recvfrom(3, \"a b\", 8, 0, NULL, NULL)",
	"recvfrom(3, ..., 8, MSG_PEEK, {sa_family=AF_UNIX}, [128])",
	"sendto(3, \"a b\", 3, 0, {sa_family=AF_UNIX, sun_path=\"/tmp/a b\"}, 110)",
	"getsockopt(3, SOL_SOCKET, SO_TYPE, [1], [4])",
	"getsockopt(3, SOL_SOCKET, SO_PEERCRED, {pid=1, uid=0, gid=0}, [12])",
	"setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=0}, 16)",
	"ioctl(3, FIONREAD, [5])",
	"ioctl(3, FIONBIO, [1])",
	"ioctl(3, TCGETS, {B38400 opost isig icanon echo ...})",
	"ioctl(3, _IOC(_IOC_READ, 0x66, 0x1, 0x8), 0x7ffc01)",
	"pidfd_send_signal(3, SIGTERM, NULL, 0)",
	"clock_gettime(CLOCK_MONOTONIC, {tv_sec=0, tv_nsec=0})",
	"getsockopt(3, SOL_IPV6, 5, [0], [4])",
	"setsockopt(3, SOL_IPV6, 5, [0], 4)",
	"iterate_fd(0, NULL, [3, 4])",
};

static void both_forms_are_taken_alike(void **state)
{
	static const char *const dirs[] = { "tests/scenarios", "tests/oracle",  "tests/litmus",
					    "tests/reduction", "tools/lessons", "tools/exercises" };

	(void)state;
	for (const struct kernel *const *k = all_kernels; *k; k++) {
		const struct fdl_options options = { .kernel = (*k)->name };
		size_t unseen = 0;

		assert_int_equal(fdl_machine_new(&options, &m), 0);
		seen = calloc(m->table->nrows, sizeof(*seen));
		assert_non_null(seen);
		for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
			compare_forms(whole[i], strlen(whole[i]));
		for (size_t i = 0; i < m->table->nrows; i++)
			compare_example(&m->table->rows[i]);
		for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
			assert_int_equal(nftw(dirs[i], compare_file, 8, FTW_PHYS), 0);
		for (size_t i = 0; i < m->table->nrows; i++) {
			if (!seen[i])
				print_error("%s: no example of %s(%s)\n", (*k)->name,
					    m->table->rows[i].call->name,
					    m->table->rows[i].call->signature);
			unseen += !seen[i];
		}
		print_message("%s: %zu lines\n", (*k)->name, compared);
		free(seen);
		fdl_machine_free(m);
		assert_int_equal(unseen, 0);
	}
	assert_true(compared > 12000);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_are_taken_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

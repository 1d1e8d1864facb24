/*
 * Random lines, made by damaging valid ones: fuzz_notation [ITERATIONS [SEED]]. Nothing may crash.
 * A refused line has a message with the place. An accepted line prints as a line with the same
 * meaning, which prints the same again. Arguments that a call could have filled in print as a line
 * that they match. Packed arguments unpack as they were. The same seed always makes the same lines.
 */
#include "base/arena.h"
#include "notation/args.h"
#include "notation/line.h"
#include "support/notation_rows.h"
#include "base/text.h"
#include "notation/types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS 200000
#define LINE_SIZE  512

static const char *const corpus[] = {
	"2 dup2(3, 10) = 10",
	"[pid 12] 12:34:56.789012 dup2(3</etc/passwd>, 10) = 10</etc/passwd> <0.000012>",
	"12 12:34:56 (+     0.000012) close(3<TCP:[127.0.0.1:1->127.0.0.1:2]>) = 0",
	"dup3 3 10 O_CLOEXEC = -1 EBADF (Bad file descriptor)  # expected 10",
	"open /tmp/x O_RDWR|O_CREAT 0600",
	"openat(AT_FDCWD, \"/tmp/x\\n\\0017\\377\", O_WRONLY|O_CREAT|0x8000, 0644 <unfinished ...>",
	"openat2(AT_FDCWD, \"/x\", {flags=O_RDWR|O_CREAT, mode=0644, resolve=RESOLVE_BENEATH}, 24) "
	"= 3",
	"write(4, \"\\0\\1\\0027\\xff\"..., 4096) = 4096",
	"write 4 \"hello world\\n\"",
	"write count=3 buf=hello fd=5",
	"read(3, \"ab\"..., 10) = 10",
	"2 <... read resumed>\"x\", 10) = 1",
	"<... clone3 resumed> => {parent_tid=[12]}, 88) = 12",
	"pipe2([3, 4], O_CLOEXEC|O_NONBLOCK) = 0",
	"fcntl(3, F_DUPFD, 10) = 10",
	"fcntl(3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)",
	"fcntl 3 F_SETFD FD_CLOEXEC",
	"ioctl(3, TCGETS, {B38400 opost isig icanon echo ...}) = 0",
	"close_range(3, 4294967295, CLOSE_RANGE_UNSHARE) = 0",
	"lseek(3, -5, SEEK_END) = -1 EINVAL",
	"fstat(5, {st_mode=S_IFREG|0644, st_size=5, ...}) = 0",
	"fstat(5, {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3), ...}) = 0",
	"clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD, child_tidptr=0x7f01) = 2",
	"clone3({flags=CLONE_FILES|CLONE_PARENT_SETTID, parent_tid=0x7f, exit_signal=SIGCHLD, "
	"stack=NULL, stack_size=0x9000} => {parent_tid=[0]}, 88) = 12",
	"execve(\"/bin/sh\", [\"sh\", \"-c\", ...], 0x7ffc /* 20 vars */) = 0",
	"execve /bin/sh [sh, \"-c\"]",
	"wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], WNOHANG|__WALL, NULL) = 2",
	"wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL && WCOREDUMP(s)}], 0) = 2",
	"kill 2 KILL",
	"prlimit64(0, RLIMIT_NOFILE, {rlim_cur=8*1024, rlim_max=RLIM64_INFINITY}, NULL) = 0",
	"setrlimit RLIMIT_NOFILE {20, 40}",
	"kcmp(1, 2, KCMP_FILE, 3, 4) = 0",
	"fd_install(3, \"/tmp/x\")",
	"iterate_fd(0, NULL, [0, 1, 2]) = 0",
	"fget_light(3, [1]) = 3",
	"exit(3) = ?",
	"read(3, \"\", 10) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
	"12 +++ killed by SIGKILL (core dumped) +++",
	"--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=123} ---",
	"step fd_install",
	"openat(dfd=AT_FDCWD, filename=\"/etc/x\" [system_u:object_r:etc_t:s0], flags=0x80000 /* "
	"O_??? */) = 3</x>",
	"10 [00007f12] <... recvmsg resumed>{msg_name(0)=NULL, msg_iov(1)=[{\"\\0\", 1}], "
	"{cmsg_len=20, {4}}}, 0) = 1",
	"mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|21<<MAP_HUGE_SHIFT, "
	"3<UNIX-STREAM:[1->2,\"/a>b)\"]>, 0) = 0x7f",
	"ioctl(3, TCSETS, {c_iflag=ICRNL, c_cc=[[VINTR]=0x3, [VQUIT]=0x1c]}) = -1 (errno 600)",
	"getdents(3, /* 30 entries */, 32768) = 0 /* 12 in strace's PID NS */ (INJECTED)",
	"dup 3 <unfinished at expand_fdtable:relock ...>",
};

static const char *const pieces[] = {
	"(",
	")",
	"[",
	"]",
	"{",
	"}",
	",",
	", ",
	"=",
	" = ",
	"\"",
	"\\",
	"|",
	"...",
	"<",
	">",
	"/*",
	"*/",
	" => ",
	" ",
	"-1",
	"0",
	"0x",
	"0777",
	"99999",
	"NULL",
	"-",
	"18446744073709551615",
	"9223372036854775808",
	"<unfinished ...>",
	"<... ",
	"#",
	"?",
	"*1024",
	"(s)",
	" && ",
	"O_RDWR",
	"F_GETFD",
	"SIGKILL",
	"CLONE_FILES",
	"st_mode=",
	"flags=",
	"key=",
	"\\x",
	"\\0",
	"\\",
	"\t",
	"->",
	"[pid ",
	"12:34:56 ",
	"makedev(1, 2)",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct fdl_row rows[TEST_CALLS];
static struct fdl_values *values; /* of calls of logs */
static unsigned long log_calls;
static struct arena arena;
static struct text why, first, second;
static uint64_t seed, state;
static unsigned long iteration;
static char line[LINE_SIZE];
static size_t len;

/* xorshift64*: the same sequence on every machine. */
static uint64_t rnd(uint64_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * UINT64_C(2685821657736338717) >> 16) % n;
}

static void die(const char *message, const char *detail)
{
	printf("fuzz_notation: seed %llu, iteration %lu: %s%s\nline: %.*s\nwhy: %s\n",
	       (unsigned long long)seed, iteration, message, detail ? detail : "", (int)len, line,
	       why.s ? why.s : "");
	exit(1);
}

/* ---- making lines --------------------------------------------------------------------------- */

static void insert(size_t at, const char *s, size_t n)
{
	if (len + n > sizeof(line))
		return;
	memmove(line + at + n, line + at, len - at);
	memcpy(line + at, s, n);
	len += n;
}

static void mutate(void)
{
	size_t at = rnd(len + 1), n = rnd(8) + 1;
	const char *other;

	switch (rnd(6)) {
	case 0: /* replaces a byte */
		if (at < len)
			line[at] = (char)(rnd(4) ? ' ' + (int)rnd(95) : (int)rnd(256));
		break;
	case 1: /* removes bytes */
		if (n > len - at)
			n = len - at;
		memmove(line + at, line + at + n, len - at - n);
		len -= n;
		break;
	case 2: /* repeats bytes */
		if (n > len - at)
			n = len - at;
		other = strndup(line + at, n);
		if (!other)
			die("out of memory", NULL);
		insert(rnd(len + 1), other, strlen(other));
		free((char *)other);
		break;
	case 3: /* appends the end of another line */
		other = corpus[rnd(COUNT(corpus))];
		n = rnd(strlen(other));
		len = at;
		insert(at, other + n, strlen(other) - n);
		break;
	default: /* inserts a piece of the grammar */
		other = pieces[rnd(COUNT(pieces))];
		insert(at, other, strlen(other));
	}
}

static void make_line(void)
{
	const char *start = corpus[rnd(COUNT(corpus))];

	len = strlen(start);
	memcpy(line, start, len);
	for (uint64_t n = rnd(6); n; n--)
		mutate();
}

/* ---- checking them -------------------------------------------------------------------------- */

/* Parses text in memory of its exact size, which is valid as long as the arena. */
static int parse(const char *text, size_t size, struct line *l)
{
	char *copy = arena_alloc(&arena, size);
	int error;

	if (!copy)
		die("out of memory", NULL);
	memcpy(copy, text, size);
	text_clear(&why);
	error = notation_parse(&arena, copy, size, l, &why);
	if (error && error != -EINVAL)
		die("notation_parse failed", strerror(-error));
	if (error && (!why.s || strncmp(why.s, "column ", 7) != 0))
		die("an error without a column", NULL);
	return error;
}

static void check_values(const struct fdl_value *v, size_t n, const char *start, size_t size)
{
	for (; v; v = v->next, n--) {
		if (!n || v->column < 1 || v->column > size + 1 || v->raw < start ||
		    v->raw + v->raw_len > start + size)
			die("a value outside of its line", NULL);
		check_values(v->sub, v->nsub, start, size);
	}
	if (n)
		die("fewer values than were counted", NULL);
}

static void print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		  int64_t result, size_t max)
{
	text_clear(t);
	call_print(t, row, arg, ARGS_DONE, result, max);
	result_print(t, row, arg, result);
}

/* Packed arguments print like the original ones. first has the text. */
static void check_pack(const struct fdl_row *row, const struct fdl_arg *arg, int64_t result,
		       size_t max)
{
	struct fdl_arg again[ARGS_MAX];
	size_t size = args_pack(row, arg, NULL, 0, max);
	char *buf = malloc(size);

	if (!buf || args_pack(row, arg, buf, size, max) != size ||
	    args_unpack(&arena, row, buf, size, again) != size)
		die("arguments cannot be packed", NULL);
	print(&second, row, again, result, max);
	if (strcmp(first.s, second.s) != 0)
		die("packed arguments print otherwise: ", second.s);
	/* Damaged arguments may be refused or not, but do no harm. */
	buf[rnd(size)] ^= (char)(1 << rnd(8));
	if (args_unpack(&arena, row, buf, rnd(size + 1), again))
		print(&second, row, again, result, max);
	free(buf);
}

/* Fills an argument with any value that a call could leave in this type. */
static void fill(const struct type *type, struct fdl_arg *arg)
{
	static const int64_t numbers[] = { 0, 1, -1, 3, 1024, 4096, INT32_MAX, 0100644, 0020666 };
	static const int64_t statuses[] = { 0, 0x300, 9, 0x8b, 0x137f, 0xffff, 0xff00 };
	size_t n = type->store == STORE_STRUCT ? type->nfields
					       : (size_t)type->min + rnd(4) * !type->min;

	*arg = (struct fdl_arg){ 0 };
	switch (type->store) {
	case STORE_NUMBER:
		arg->num = numbers[rnd(COUNT(numbers))];
		if (arg->num < type->min)
			arg->num = 0;
		if (type == &type_wstatus)
			arg->num = statuses[rnd(COUNT(statuses))];
		break;
	case STORE_BYTES:
		arg->num = (int64_t)rnd(len + 1);
		arg->str = arena_copy(&arena, line, (size_t)arg->num);
		break;
	default:
		arg->num = (int64_t)n;
		arg->sub = arena_alloc(&arena, (n + 1) * sizeof(*arg));
		for (size_t i = 0; arg->sub && i < n; i++)
			fill(type->store == STORE_LIST ? type->element : type->fields[i].type,
			     &arg->sub[i]);
	}
	if (type->store != STORE_NUMBER && !arg->str)
		die("out of memory", NULL);
}

static void fill_out(const struct type *type, struct fdl_arg *arg)
{
	struct fdl_arg *one;

	if (type->store != STORE_NUMBER) {
		fill(type, arg);
		return;
	}
	one = arena_alloc(&arena, sizeof(*one));
	if (!one)
		die("out of memory", NULL);
	fill(type, one);
	*arg = (struct fdl_arg){ .num = 1, .sub = one };
}

/* Filled-in arguments print as a line that they match, cut short or not. */
static void check_filled(const struct fdl_row *row, struct fdl_arg *arg)
{
	struct fdl_arg again[ARGS_MAX];
	struct line l;
	size_t max = rnd(2) ? SIZE_MAX : rnd(10);

	for (size_t i = 0; i < row->nparams; i++) {
		if (row->param[i].out)
			fill_out(row->param[i].type, &arg[i]);
	}
	print(&first, row, arg, 3, max);
	if (parse(first.s, first.len, &l) || test_row(rows, &l) != row ||
	    args_bind(&arena, row, &l, again, &why))
		die("what was filled in cannot be read: ", first.s);
	text_clear(&why);
	if (!args_match(&arena, row, &l, arg, 3, &why))
		die("what was filled in does not match itself: ", first.s);
	check_pack(row, arg, 3, max);
	text_clear(&first);
	call_print_resumed(&first, row, arg, 3, max);
	if (parse(first.s, first.len, &l) || !args_match(&arena, row, &l, arg, 3, &why))
		die("what was resumed does not match itself: ", first.s);
}

/* An accepted line prints as a line with the same meaning. */
static void check_call(const struct line *l, const struct fdl_row *row)
{
	struct fdl_arg arg[ARGS_MAX], again[ARGS_MAX];
	const struct fdl_row *same;
	struct line printed;

	text_clear(&why);
	if (args_bind(&arena, row, l, arg, &why)) {
		if (!why.s || strncmp(why.s, "column ", 7) != 0)
			die("an error without a column", NULL);
		return;
	}
	text_clear(&second);
	args_match(&arena, row, l, arg, 0, &second);
	print(&first, row, arg, -EBADF, SIZE_MAX);
	if (parse(first.s, first.len, &printed))
		die("what was printed cannot be parsed: ", first.s);
	same = test_row(rows, &printed);
	if (same != row)
		die("what was printed is another row: ", first.s);
	if (args_bind(&arena, row, &printed, again, &why))
		die("what was printed cannot be bound: ", first.s);
	if (!result_match(&printed, -EBADF))
		die("the printed result is another: ", first.s);
	print(&second, row, again, -EBADF, SIZE_MAX);
	if (strcmp(first.s, second.s) != 0)
		die("what was printed prints otherwise: ", second.s);
	check_pack(row, arg, -EBADF, SIZE_MAX);
	check_filled(row, arg);
}

/* The same line as one of a log, in memory of its exact size: whatever is in it lies within it. */
static void check_log(void)
{
	char *copy = arena_alloc(&arena, len);
	struct fdl_log_line l;
	struct fdl_log_call c;
	int error;

	if (!copy)
		die("out of memory", NULL);
	memcpy(copy, line, len);
	fdl_log_line_read(copy, len, &l);
	if (l.kind != FDL_LOG_CALL && l.kind != FDL_LOG_UNFINISHED && l.kind != FDL_LOG_RESUMED)
		return;
	if (l.rest < copy || l.rest + l.rest_len > copy + len || l.name < copy)
		die("a call outside of its line", NULL);
	error = fdl_log_call_read(values, l.rest, l.rest_len, &c);
	if (error && error != -EINVAL)
		die("fdl_log_call_read failed", strerror(-error));
	if (!error)
		check_values(c.args, c.nargs, l.rest, l.rest_len);
	if (!error && l.kind == FDL_LOG_CALL)
		log_calls++;
}

/* Returns 1 if the line was a call that could be run. */
static unsigned long check_line(void)
{
	const struct fdl_row *row;
	const char *start;
	struct line l;

	if (parse(line, len, &l))
		return 0;
	start = l.args ? l.args->raw - (l.args->column - 1) : line;
	check_values(l.args, l.nargs, start, len);
	if (l.kind != LINE_CALL && l.kind != LINE_UNFINISHED)
		return 0;
	row = test_row(rows, &l);
	if (!row)
		return 0;
	check_call(&l, row);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 0) : ITERATIONS, calls = 0;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	values = fdl_values_new();
	if (!values)
		die("out of memory", NULL);
	if (!test_rows_compile(rows, &why))
		die("a signature is wrong", NULL);
	for (iteration = 0; iteration < n; iteration++) {
		make_line();
		calls += check_line();
		check_log();
		arena_reset(&arena);
	}
	printf("fuzz_notation: seed %llu: %lu lines, %lu of them calls, %lu calls of logs\n",
	       (unsigned long long)seed, n, calls, log_calls);
	fdl_values_free(values);
	arena_free(&arena);
	text_free(&why);
	text_free(&first);
	text_free(&second);
	return 0;
}

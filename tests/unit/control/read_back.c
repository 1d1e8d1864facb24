/*
 * The arguments of every call can be read back from the log. Each argument of each row of the
 * tables of calls takes odd values, in strace's form and in the shell's. A line that is accepted
 * prints as a line of the same row that prints the same again, and the log of the machine makes the
 * same machine.
 */
#include "base/arena.h"
#include "base/text.h"
#include "machine/call_table.h"
#include "machine/kernel.h"
#include "notation/args.h"
#include "notation/line.h"
#include "notation/types.h"
#include "notation/xlat.h"
#include "support/call_examples.h"
#include "support/each_kernel.h"
#include "support/play.h"
#include "support/replayed.h"

#include <jansson.h>

#define ROOM         2048
#define BATCH        300 /* lines of a machine */
#define REFUSED      64  /* one of so many that are refused is played */
#define NESTED       5   /* structures and arrays inside each other */
#define FAILURES_MAX 400

/* Values that any type is offered; a type refuses those that are none of its own. */
static const char *const odd[] = {
	"0",
	"1",
	"-1",
	"2",
	"3",
	"07",
	"08",
	"0x",
	"0x10",
	"00",
	"-0",
	"0644",
	"64",
	"65",
	"1000",
	"2147483647",
	"2147483648",
	"-2147483648",
	"-2147483649",
	"4294967295",
	"4294967296",
	"4294967299",
	"-4294967293",
	"9223372036854775807",
	"9223372036854775808",
	"-9223372036854775808",
	"-9223372036854775809",
	"18446744073709551615",
	"18446744073709551616",
	"0xffffffffffffffff",
	"0x1ffffffffffffffff",
	"8*1024",
	"3*",
	"4294967296*4294967296",
	"3</tmp/x>",
	"3<a \"b>\" c>",
	"3<",
	"3<<4",
	"1 /* c */",
	"/* c */ 1",
	"1 => 2",
	"1|2",
	"1|0x100000000",
	"0x100000001|2",
	"NULL",
	"...",
	"0x0",
	"0x7ffc12345678",
	"0x7ffc12345678 /* 20 vars */",
	"\"\"",
	"\"a\"",
	"\"a\"...",
	"\"\"...",
	"\"a\\0b\"",
	"\"\\377\\1\\0017\\n\\\"\\\\\"",
	"\"\\x7f\\t\"",
	"\"\xc3\xa9\xff\x01\"",
	"\"/tmp/x\"",
	"\"a b, c) = 3 #\"",
	"\"/* c */\"",
	"\"=>\"",
	"\"a\"b",
	"\"a",
	"\"\\",
	"a",
	"a|b",
	"|",
	"a|",
	"a b",
	"a, b",
	"a=",
	"a=b",
	"a==b",
	"a=b=c",
	"a(0)=b",
	"a(0)=3",
	"x=",
	"=",
	"==",
	"=>",
	">",
	"=a",
	">a",
	"a =",
	"a=>b",
	"a => b",
	"a => ",
	"fd=3",
	"fd=",
	"arg=x",
	"b=3",
	"a(b",
	"a(b)",
	"a(b, c)",
	"a[1",
	"a[1]",
	"a{1}",
	"a<b>",
	"a<b",
	"<a>",
	"<... a ...>",
	"<unfinished ...>",
	"a<unfinished ...>",
	")",
	"a)",
	"]",
	"}",
	"?",
	"*",
	"~",
	"~[]",
	"~[INT]",
	"~[INT TERM]",
	"~a",
	"@",
	"@a",
	"@\"\"",
	"@\"a\\0b\"",
	"@\"a\"b",
	"@\"",
	"!",
	"$x",
	"'a'",
	"\\",
	"\\n",
	"a\\",
	"#",
	"a#b",
	"\xc3\xa9",
	"\xff",
	"\x01",
	"%s%n",
	"a/*",
	"a/* b */c",
	"/*",
	"-",
	"--",
	"-9",
	"-KILL",
	"-x",
	"+1",
	"1.5",
	"1e3",
	":80",
	"127.0.0.1:80",
	"1.2.3.4:99999",
	"/tmp/x",
	"a\tb",
	"a&&b",
	"a;b",
	"[]",
	"[ ]",
	"[1]",
	"[1, 2]",
	"[1 2]",
	"[3 3 1]",
	"[1, 2, ...]",
	"[...]",
	"[1",
	"[[]]",
	"[[1]=2]",
	"[\"a\"]",
	"[\"a\", NULL]",
	"[a b]",
	"[INT TERM]",
	"[a=1]",
	"[1 => 2]",
	"[1] => [2]",
	"[0 => 2147483647]",
	"[-1]",
	"[4294967295]",
	"[4294967296]",
	"[9223372036854775807]",
	"[18446744073709551615]",
	"{}",
	"{1}",
	"{1, 2}",
	"{...}",
	"{a=1}",
	"{1, ...}",
	"{1} => {2}",
	"{\"a\"}",
	"{[1]}",
	"{{1}}",
	"{",
	"{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}",
	"htons(80)",
	"htons(99999)",
	"htons(",
	"inet_addr(\"1.2.3.4\")",
	"inet_addr(\"1.2.3\")",
	"makedev(0x1, 0x3)",
	"makedev(0xffffffff, 0xffffffff)",
	"makedev(0x100000000, 1)",
	"{WIFEXITED(s) && WEXITSTATUS(s) == 3}",
	"SIGKILL",
	"KILL",
	"SIGRTMIN",
	"SIG_0",
	"AT_FDCWD",
	"RLIM64_INFINITY",
	"O_RDWR|O_CREAT",
	"O_RDWR|",
	"O_RDWR | 0x8",
	"S_IFREG|0644",
	"EBADF",
	"AF_UNIX",
	"AF_INET6",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The machine that lines are played on, and the call that is varied. */
struct trial {
	const struct kernel *kernel;
	const struct fdl_row *row;
	char args[ARGS_MAX][EXAMPLE_MAX];
	size_t nargs, place; /* of the argument that is varied */
	bool shell;
	struct fdl_machine *m;
	struct fdl_handle *control;
	char lines[BATCH][ROOM];
	size_t nlines;
	struct arena arena;
	struct text first, second, why;
	size_t offered, accepted, failures;
};

/* ---- a machine for some lines --------------------------------------------------------------- */

static void machine_start(struct trial *t)
{
	fdl_ino ino;

	t->m = example_machine(t->kernel->name);
	assert_int_equal(fdl_walk(t->m, "control", &ino), 0);
	assert_int_equal(fdl_open(t->m, ino, O_RDWR, &t->control), 0);
}

static void machine_end(struct trial *t)
{
	fdl_close(t->control);
	fdl_machine_free(t->m);
}

/* Plays a line in a child of task 1. False: there can be none. */
static bool machine_play(struct trial *t, const char *line)
{
	const int64_t pid = fdl_call(t->m, 1, fdl_row_find(t->m, "fork"), NULL, 0);
	char text[ROOM + 16];
	int len;

	if (pid < 0)
		return false;
	len = snprintf(text, sizeof(text), "%d %s", (int)pid, line);
	fdl_write(t->control, text, (size_t)len, O_NONBLOCK, NULL, NULL);
	while (fdl_read(t->control, text, sizeof(text), 0, O_NONBLOCK) > 0)
		;
	return true;
}

static void fails(struct trial *t, const char *line, const char *what)
{
	print_error("%s: %s\n\t%s\n", t->kernel->name, line, what);
	if (++t->failures > FAILURES_MAX)
		fail_msg("and more");
}

/* Tells the lines played so far whose log, on a machine of their own, does not repeat them. */
static void tell_lines(struct trial *t, const char *together)
{
	const size_t before = t->failures;

	for (size_t i = 0; i < t->nlines; i++) {
		char *what;

		machine_start(t);
		machine_play(t, t->lines[i]);
		what = log_difference(t->m);
		if (what)
			fails(t, t->lines[i], what);
		free(what);
		machine_end(t);
	}
	if (t->failures == before)
		fails(t, t->lines[t->nlines - 1], together);
}

/*
 * Names and arguments may be any bytes: the state is JSON all the same. Of some machines it is
 * read.
 */
static void check_json(struct trial *t)
{
	json_error_t error;
	json_t *state;
	char *text;
	size_t len;

	if (t->offered % 4)
		return;
	assert_int_equal(fdl_read_file(t->m, "state.json", &text, &len), 0);
	state = json_loadb(text, len, 0, &error);
	if (!state)
		fails(t, t->lines[t->nlines - 1], error.text);
	json_decref(state);
	free(text);
}

/* Ends the machine, whose log makes the same. */
static void machine_check(struct trial *t)
{
	char why[256], *what;

	if (!t->nlines)
		return;
	if (!(t->row->call->flags & CALL_INTERNAL) && fdl_machine_check(t->m, why, sizeof(why)))
		fails(t, t->lines[t->nlines - 1], why);
	check_json(t);
	what = log_difference(t->m);
	machine_end(t);
	if (what)
		tell_lines(t, what);
	free(what);
	t->nlines = 0;
	machine_start(t);
}

static void machine_add(struct trial *t, const char *line)
{
	if (t->nlines == BATCH)
		machine_check(t);
	if (!machine_play(t, line)) {
		machine_check(t);
		assert_true(machine_play(t, line));
	}
	snprintf(t->lines[t->nlines++], ROOM, "%s", line);
}

/* ---- a line ---------------------------------------------------------------------------------- */

/* Reads a line; whether it is a call of the row, whose arguments are then in arg. */
static bool bind(struct trial *t, const char *text, size_t len, struct fdl_arg *arg)
{
	const struct fdl_row *row;
	struct line line;

	text_clear(&t->why);
	return !notation_parse(&t->arena, text, len, &line, &t->why) &&
	       (line.kind == LINE_CALL || line.kind == LINE_UNFINISHED) &&
	       !line_row(t->m, &line, &row, &t->why) && row == t->row &&
	       !args_bind(&t->arena, row, &line, arg, &t->why);
}

static void print(struct text *to, const struct fdl_row *row, const struct fdl_arg *arg)
{
	text_clear(to);
	call_print(to, row, arg, ARGS_BLOCKED, 0, SIZE_MAX);
}

/* What was printed of an accepted line is a line of the same row that prints the same. */
static void print_again(struct trial *t, const char *line, struct fdl_arg *arg)
{
	struct fdl_arg again[ARGS_MAX];

	args_narrow(t->row, arg);
	print(&t->first, t->row, arg);
	if (!bind(t, t->first.s, t->first.len, again)) {
		text_printf(&t->why, ": it prints as %s", t->first.s);
		fails(t, line, t->why.s);
		return;
	}
	args_narrow(t->row, again);
	print(&t->second, t->row, again);
	if (strcmp(t->first.s, t->second.s) != 0) {
		text_printf(&t->first, ", and that as %s", t->second.s);
		fails(t, line, t->first.s);
	}
}

static void offer(struct trial *t, const char *line)
{
	struct fdl_arg arg[ARGS_MAX];
	const bool accepted = bind(t, line, strlen(line), arg);

	if (accepted)
		print_again(t, line, arg);
	t->accepted += accepted;
	/* Of the lines that are refused, some are played. */
	if (t->offered++ % REFUSED == 0 || accepted)
		machine_add(t, line);
	arena_reset(&t->arena);
}

/* Puts the arguments together, with this text in the place of the one that is varied. */
static void offer_value(struct trial *t, const char *key, const char *value)
{
	char line[ROOM];
	const struct fdl_row *row = t->row;
	size_t used =
		(size_t)snprintf(line, sizeof(line), "%s%s", row->call->name, t->shell ? "" : "(");

	for (size_t i = 0; i < t->nargs; i++) {
		const struct param *p = &row->param[i];
		const bool varied = i == t->place;
		const char *text = varied ? value : *t->args[i] ? t->args[i] : "...";

		if (t->shell && !varied && (p->out || p->inout || p->opaque))
			continue;
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s%s",
					 t->shell ? " "
					 : i      ? ", "
						  : "",
					 varied ? key : "", text);
		if (used >= sizeof(line))
			return;
	}
	snprintf(line + used, sizeof(line) - used, "%s", t->shell ? "" : ")");
	offer(t, line);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void usual_text(const struct type *type, char *to, size_t room, int depth)
{
	size_t used;

	if (type->store == STORE_STRUCT && depth < NESTED) {
		used = (size_t)snprintf(to, room, "{");
		for (size_t i = 0; i < type->nfields && used < room; i++) {
			char field[ROOM / 2];

			usual_text(type->fields[i].type, field, sizeof(field), depth + 1);
			used += (size_t)snprintf(to + used, room - used, "%s%s=%s", i ? ", " : "",
						 type->fields[i].name, field);
		}
		if (used < room)
			snprintf(to + used, room - used, "}");
	} else {
		snprintf(to, room, "%s",
			 type == &type_inaddr          ? "inet_addr(\"127.0.0.1\")"
			 : type->store == STORE_NUMBER ? "1"
			 : type->store == STORE_BYTES  ? "\"a\""
						       : "[]");
	}
}

static void vary(struct trial *t, const struct type *type, const char *key, const char *before,
		 const char *after, int depth);

/* Each field of a structure in turn, after and before fields with usual values. */
static void vary_fields(struct trial *t, const struct type *type, const char *key,
			const char *before, const char *after, int depth)
{
	for (size_t i = 0; i < type->nfields; i++) {
		char head[ROOM], tail[ROOM] = "";
		size_t used = (size_t)snprintf(head, sizeof(head), "%s{", before), end = 0;

		for (size_t k = 0; k < type->nfields; k++) {
			char field[ROOM / 2];

			usual_text(type->fields[k].type, field, sizeof(field), depth + 1);
			if (k < i)
				used += (size_t)snprintf(head + used, sizeof(head) - used,
							 "%s=%s, ", type->fields[k].name, field);
			else if (k > i)
				end += (size_t)snprintf(tail + end, sizeof(tail) - end, ", %s=%s",
							type->fields[k].name, field);
			if (used >= sizeof(head) || end >= sizeof(tail))
				return;
		}
		snprintf(head + used, sizeof(head) - used, "%s=", type->fields[i].name);
		snprintf(tail + end, sizeof(tail) - end, "}%s", after);
		vary(t, type->fields[i].type, key, head, tail, depth + 1);
		snprintf(head, sizeof(head), "%s{%s=", before, type->fields[i].name);
		snprintf(tail, sizeof(tail), "}%s", after);
		vary(t, type->fields[i].type, key, head, tail, depth + 1);
	}
}

static void vary(struct trial *t, const struct type *type, const char *key, const char *before,
		 const char *after, int depth)
{
	char text[ROOM];

	for (size_t i = 0; i < COUNT(odd); i++) {
		snprintf(text, sizeof(text), "%s%s%s", before, odd[i], after);
		offer_value(t, key, text);
	}
	for (const struct words *w = type->words; w; w = w->more) {
		for (size_t i = 0; i < w->n; i++) {
			snprintf(text, sizeof(text), "%s%s%s", before, w->word[i].name, after);
			offer_value(t, key, text);
		}
	}
	if (depth == NESTED)
		return;
	if (type->store == STORE_LIST) {
		char head[ROOM], tail[ROOM];

		snprintf(head, sizeof(head), "%s[", before);
		snprintf(tail, sizeof(tail), "]%s", after);
		vary(t, type->element, key, head, tail, depth + 1);
	} else if (type->store == STORE_STRUCT) {
		vary_fields(t, type, key, before, after, depth);
	}
}

/* Each argument in turn, with its name before it and without. */
static void vary_row(struct trial *t)
{
	t->nargs = call_example_args(t->row->call, t->args);
	for (t->place = 0; t->place < t->nargs; t->place++) {
		const struct param *p = &t->row->param[t->place];
		char key[32];

		for (int shell = 0; shell < 2; shell++) {
			t->shell = shell;
			vary(t, p->type, "", "", "", 0);
			snprintf(key, sizeof(key), "%s=", p->name);
			vary(t, p->type, key, "", "", NESTED);
			vary(t, p->type, "x=", "", "", NESTED);
		}
	}
	machine_check(t);
}

/*
 * Rows of one kernel alone, so that no call is tried twice: those of the first kernel that has it.
 */
static void each_row(const struct kernel *k)
{
	struct trial *t = calloc(1, sizeof(*t));
	struct fdl_machine *m = example_machine(k->name);
	const struct call_table *table = m->table;

	assert_non_null(t);
	t->kernel = k;
	machine_start(t);
	/* The first of the calls that are not modelled stands for all: they have one signature. */
	for (size_t i = 0; i <= table->nrows; i++) {
		t->row = &table->rows[i];
		vary_row(t);
	}
	machine_end(t);
	print_message("%s: %zu rows, %zu lines, %zu accepted\n", k->name, table->nrows + 1,
		      t->offered, t->accepted);
	assert_int_equal(t->failures, 0);
	assert_true(t->accepted > 10000);
	text_free(&t->first);
	text_free(&t->second);
	text_free(&t->why);
	arena_free(&t->arena);
	fdl_machine_free(m);
	free(t);
}

int main(void)
{
	return run_on_each_kernel(each_row);
}

/*
 * Reads C as far as a single call with simple arguments; everything else is left to the machine's
 * own reader, which says what is wrong with it.
 */
#include "shell/habits.h"

#include "cli/memory.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	const struct variables *v;
	struct habit *h;
	FILE *to;
	const char *at;
	struct fdl_param params[FDL_PARAMS_MAX];
	size_t nparams, arg; /* arg: the argument at hand */
	int depth;           /* of brackets inside of the call's */
	char *why;
	size_t whysize;
};

static const struct {
	const char *name;
	int number;
} constants[] = {
	{ "STDIN_FILENO", 0 },
	{ "STDOUT_FILENO", 1 },
	{ "STDERR_FILENO", 2 },
};

bool variable_set(struct variables *v, const char *name, int64_t number)
{
	size_t i = 0;

	while (i < v->n && strcmp(v->of[i].name, name) != 0)
		i++;
	if (i == VARIABLES_MAX)
		return false;
	snprintf(v->of[i].name, sizeof(v->of[i].name), "%s", name);
	v->of[i].number = number;
	v->n += i == v->n;
	return true;
}

static bool find_number(const struct variables *v, const char *name, size_t len, int64_t *number)
{
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		if (strlen(constants[i].name) == len && !memcmp(constants[i].name, name, len)) {
			*number = constants[i].number;
			return true;
		}
	}
	for (size_t i = 0; i < v->n; i++) {
		if (strlen(v->of[i].name) == len && !memcmp(v->of[i].name, name, len)) {
			*number = v->of[i].number;
			return true;
		}
	}
	return false;
}

/* ---- words ---------------------------------------------------------------------------------- */

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

static size_t name_length(const char *s)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*s) && *s != '_')
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(s, word, len);
}

/* Passes over a type that a declaration begins with. Returns s if there is none. */
static const char *skip_type(const char *s)
{
	static const char *const types[] = { "int",   "ssize_t", "size_t", "off_t",
					     "pid_t", "long",    "char",   "struct" };
	const size_t len = name_length(s);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (is_word(s, len, types[i]) && (s[len] == ' ' || s[len] == '\t'))
			return skip_blanks(s + len);
	}
	return s;
}

/*
 * "int fd = open(": the name is kept for the result. Returns where the call begins; s where the
 * line is none of that.
 */
static const char *skip_assignment(const char *s, struct habit *h)
{
	const char *name = skip_type(s), *after;
	const size_t len = name_length(name);

	after = skip_blanks(name + len);
	if (!len || len >= NAME_SIZE || *after != '=' || after[1] == '=')
		return s;
	after = skip_blanks(after + 1);
	if (!name_length(after) || *skip_blanks(after + name_length(after)) != '(')
		return s;
	snprintf(h->result, sizeof(h->result), "%.*s", (int)len, name);
	return after;
}

/* ---- arguments ------------------------------------------------------------------------------ */

static const struct fdl_param *habit_param(const struct reading *r)
{
	return r->arg < r->nparams ? &r->params[r->arg] : NULL;
}

/*
 * A name among the arguments that is no symbol of the notation: a variable, a buffer to be filled
 * in, an array for a pair. False: it means nothing here, and why says what does.
 */
static bool put_name(struct reading *r, const char *name, size_t len)
{
	const struct fdl_param *param = habit_param(r);
	const bool pair = param && param->out && !strcmp(param->type, "fdpair");
	size_t whole = len;
	int64_t number;

	if (r->at[0] == '[' && isdigit((unsigned char)r->at[1]) && r->at[2] == ']')
		whole += 3;
	if (find_number(r->v, name, whole, &number)) {
		fprintf(r->to, "%lld", (long long)number);
		r->at += whole - len;
		return true;
	}
	if (param && param->out && len < NAME_SIZE - 3) {
		if (pair)
			snprintf(r->h->pair, sizeof(r->h->pair), "%.*s", (int)len, name);
		fputs("...", r->to);
		return true;
	}
	snprintf(
		r->why, r->whysize,
		"'%.*s' has no value here: write the argument itself, such as a number or \"text\"",
		(int)len, name);
	return false;
}

/* Whether a name is one of C, not a symbol such as O_RDONLY, NULL, or a field of a structure. */
static bool is_c_name(const struct reading *r, const char *name, size_t len)
{
	int64_t number;

	if (r->depth || is_word(name, len, "true") || is_word(name, len, "htons") ||
	    is_word(name, len, "inet_addr") || is_word(name, len, "makedev"))
		return false;
	if (find_number(r->v, name, len, &number))
		return true;
	for (size_t i = 0; i < len; i++) {
		if (islower((unsigned char)name[i]))
			return *skip_blanks(name + len) != '=';
	}
	return false;
}

/* A quoted string, with its quotes. */
static void put_string(struct reading *r)
{
	const char *begin = r->at++;

	for (; *r->at && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at[1])
			r->at++;
	}
	r->at += *r->at == '"';
	fwrite(begin, 1, (size_t)(r->at - begin), r->to);
}

/* Whether the call fills the argument in, so that an address in its place has a plain meaning. */
static bool fills_in(const struct reading *r)
{
	const struct fdl_param *param = habit_param(r);

	return param && param->out && !r->depth;
}

/* Something in an argument that C has and the notation has not. True: why says what does. */
static bool refuse(struct reading *r)
{
	const char *hint = NULL;

	if (*r->at == '&' && name_length(r->at + 1) && !fills_in(r))
		hint = "there are no addresses here: write the structure itself, such as "
		       "{events=EPOLLIN, data=3}";
	if (is_word(r->at, name_length(r->at), "sizeof") ||
	    is_word(r->at, name_length(r->at), "strlen"))
		hint = "lengths are numbers here";
	if (hint)
		snprintf(r->why, r->whysize, "%s", hint);
	return hint;
}

/* The next part of the arguments. False: why says what is wrong. */
static bool put_part(struct reading *r)
{
	const char *begin = r->at;
	const size_t len = name_length(begin);

	if (refuse(r))
		return false;
	if (*begin == '&' && name_length(begin + 1)) {
		r->at += 1 + name_length(begin + 1);
		return put_name(r, begin + 1, name_length(begin + 1));
	}
	if (*begin == '"') {
		put_string(r);
		return true;
	}
	if (len) {
		r->at += len;
		if (is_c_name(r, begin, len))
			return put_name(r, begin, len);
		fwrite(begin, 1, len, r->to);
		return true;
	}
	if (isdigit((unsigned char)*begin)) {
		while (isalnum((unsigned char)*r->at))
			fputc(*r->at++, r->to);
		return true;
	}
	r->depth += strchr("([{", *begin) != NULL;
	r->depth -= strchr(")]}", *begin) != NULL;
	r->arg += *begin == ',' && !r->depth;
	fputc(*r->at++, r->to);
	return true;
}

/* The call, from its name on. False: why says what is wrong. */
static bool put_call(struct reading *r, const struct fdl_machine *rows)
{
	const size_t len = name_length(r->at);
	const struct fdl_row *row;
	const char *after;
	char name[64];
	bool is_wait; /* wait(&status), which has fewer arguments than wait4 */

	snprintf(name, sizeof(name), "%.*s", (int)len, r->at);
	row = fdl_row_find(rows, name);
	r->nparams = row ? fdl_row_params(row, r->params) : 0;
	after = skip_blanks(r->at + len) + 1;
	is_wait = is_word(r->at, len, "wait") && strchr("&N", *skip_blanks(after)) &&
		  *skip_blanks(after);
	if (is_wait) {
		fputs("wait4(-1, ", r->to);
		r->arg = 1;
	} else {
		fwrite(r->at, 1, len, r->to);
		fputc('(', r->to);
	}
	r->at = after;
	while (*r->at && (r->depth || *r->at != ')')) {
		if (!put_part(r))
			return false;
	}
	if (is_wait)
		fputs(", 0", r->to);
	return true;
}

/* The rest of the line, without the semicolon of a statement. False: there is a second one. */
static bool put_rest(struct reading *r)
{
	const char *end = strchr(r->at, ';');

	if (*r->at == ')' && end && *skip_blanks(end + 1)) {
		snprintf(r->why, r->whysize, "one call a line");
		return false;
	}
	fwrite(r->at, 1, end ? (size_t)(end - r->at) : strlen(r->at), r->to);
	return true;
}

/* The line to type instead of a statement that is no call, or NULL. */
static const char *statement_hint(const char *s)
{
	static const char *const words[] = { "if", "else",   "while", "for",
					     "do", "switch", "case",  "break" };
	const size_t len = name_length(s);

	if (is_word(s, len, "return"))
		return "exit(0) ends the task";
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (is_word(s, len, words[i]))
			return "statements are not played: type the calls that they make, one a "
			       "line, such as fork(); a number before a call says whose it is";
	}
	return strcspn(s, "{}") == 0 && *s ? "blocks are not needed: one call a line" : NULL;
}

/* "chmod 644 FILE", as a shell has it: the notation has the file first. False: the line is none. */
static bool put_chmod(struct reading *r)
{
	const size_t len = name_length(r->at);
	const char *mode = skip_blanks(r->at + len);
	const size_t digits = strspn(mode, "01234567");
	const char *file = skip_blanks(mode + digits);

	if (!is_word(r->at, len, "chmod") || !digits || file == mode + digits || !*file ||
	    strpbrk(file, " \t"))
		return false;
	if (file[strspn(file, "01234567")] == '\0')
		return false;
	fprintf(r->to, "chmod %s %.*s", file, (int)digits, mode);
	return true;
}

/* The end of a pid before a call, or s. */
static const char *skip_pid(const char *s)
{
	const char *end = s;

	while (isdigit((unsigned char)*end))
		end++;
	return end > s && (*end == ' ' || *end == '\t') ? skip_blanks(end) : s;
}

int habit_read(const struct variables *v, const struct fdl_machine *rows, const char *line,
	       struct habit *h, char *why, size_t whysize)
{
	size_t size;
	struct reading r = { .v = v, .h = h, .why = why, .whysize = whysize };
	const char *pid_end = skip_pid(line), *hint = statement_hint(pid_end);
	bool good = true;

	*h = (struct habit){ 0 };
	*why = '\0';
	if (skip_type(line) != line && !strpbrk(line, "(="))
		snprintf(why, whysize,
			 "declarations are not needed: a call gives a name its value");
	else if (hint)
		snprintf(why, whysize, "%s", hint);
	r.to = memory_stream(&h->line, &size);
	if (!r.to)
		return -ENOMEM;
	if (*why)
		return fclose(r.to) ? -ENOMEM : hint ? -EINVAL : 0;
	fwrite(line, 1, (size_t)(pid_end - line), r.to);
	r.at = skip_assignment(pid_end, h);
	if (name_length(r.at) && *skip_blanks(r.at + name_length(r.at)) == '(' &&
	    !strstr(r.at, "<unfinished"))
		good = put_call(&r, rows) && put_rest(&r);
	else if (!put_chmod(&r))
		fputs(r.at, r.to);
	if (fclose(r.to))
		return -ENOMEM;
	return good ? 0 : -EINVAL;
}

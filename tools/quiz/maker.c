/* Runs lines, and writes them down in the three texts of a problem. */
#include "quiz/maker.h"

#include "cli/memory.h"
#include "cli/number.h"
#include "cli/result.h"
#include "fuzz/program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

unsigned maker_below(struct maker *k, unsigned n)
{
	return (unsigned)(fuzz_random(&k->random) % n);
}

bool maker_chance(struct maker *k, unsigned percent)
{
	return maker_below(k, 100) < percent;
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* The result in a reply, "3" or "-1 EBADF", in memory of malloc; NULL: the call waits. */
static char *result_of(const char *reply)
{
	const char *result = stated_result(reply, strcspn(reply, "\n"));
	size_t n = result ? strcspn(result, "(\n#") : 0;
	char *copy;

	if (!result)
		return NULL;
	while (n && result[n - 1] == ' ')
		n--;
	copy = strndup(result, n);
	if (!copy)
		memory_is_out();
	return copy;
}

/* Runs a call, and returns the first line of the reply, to be freed. NULL: it could not be run. */
static char *run(struct maker *k, int pid, const char *call)
{
	char *line, *reply = NULL;
	int error;

	if (asprintf(&line, "%d %s", pid, call) < 0) {
		k->failed = true;
		return NULL;
	}
	error = fdl_run_line(k->m, line, &reply);
	/* The machine's limits are far away. */
	if (error == -ENOMEM || error == -ENFILE)
		memory_is_out();
	if (!reply || !*reply || *reply == '#') {
		k->failed = true;
		free(reply);
		reply = NULL;
	}
	if (reply)
		reply[strcspn(reply, "\n")] = '\0';
	free(line);
	return reply;
}

static void show(struct maker *k, int pid, const char *call, const char *result)
{
	if (k->tasks)
		fprintf(k->program, "%d ", pid);
	fprintf(k->program, "%s%s%s\n", call, result ? " = " : "", result ?: "");
}

static char *format_call(struct maker *k, const char *format, va_list args)
{
	char *call;

	if (vasprintf(&call, format, args) < 0) {
		k->failed = true;
		call = NULL;
	}
	return call;
}

int64_t maker_call(struct maker *k, int pid, const char *format, ...)
{
	char *call, *reply, *result;
	int64_t number = 0;
	va_list args;

	va_start(args, format);
	call = format_call(k, format, args);
	va_end(args);
	reply = call ? run(k, pid, call) : NULL;
	if (reply) {
		result = result_of(reply);
		/* From level 2 on, the results of earlier calls have to be worked out. */
		show(k, pid, call, k->level < 2 ? result : NULL);
		fprintf(k->scenario, "%s\n", reply);
		if (result && !integer_at(result, &number))
			number = 0;
		if (result && !strncmp(result, "-1 ", 3))
			number = -fdl_errno(result + 3, strlen(result + 3));
		free(result);
	}
	free(reply);
	free(call);
	return number;
}

void maker_ask_call(struct maker *k, int pid, const char *format, ...)
{
	char *call, *reply, *result;
	va_list args;

	va_start(args, format);
	call = format_call(k, format, args);
	va_end(args);
	reply = call ? run(k, pid, call) : NULL;
	if (reply) {
		result = result_of(reply);
		show(k, pid, call, "?");
		if (!result)
			fputs("ask What does this call give?\n", k->scenario);
		fprintf(k->scenario, "%s\n", reply);
		maker_question(k, ANSWER_RESULT, result ?: strdup("waits"),
			       "What does the last call return? A number%s",
			       k->tasks ? ", an error, or: waits." : " or an error.");
	}
	free(reply);
	free(call);
}

void maker_question(struct maker *k, enum answer_kind kind, char *answer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(&k->p->question, format, args) < 0)
		k->p->question = NULL;
	va_end(args);
	k->p->answer = answer;
	k->p->kind = kind;
	k->failed |= !answer || !k->p->question;
}

/* ---- looking -------------------------------------------------------------------------------- */

char *maker_read(struct maker *k, const char *format, ...)
{
	char path[64], *text;
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (fdl_read_file(k->m, path, &text, &len)) {
		k->failed = true;
		return NULL;
	}
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

char *maker_open_text(struct maker *k, int pid)
{
	return maker_read(k, "%d/files/open_fds_list", pid);
}

struct number_set maker_open(struct maker *k, int pid)
{
	char *text = maker_open_text(k, pid);
	struct number_set open = { .n = 0 };

	if (!text || !numbers_read(text, &open))
		k->failed = true;
	free(text);
	return open;
}

unsigned maker_pick(struct maker *k, const struct number_set *of)
{
	return of->n ? of->of[maker_below(k, (unsigned)of->n)] : 0;
}

/* ---- numbers -------------------------------------------------------------------------------- */

bool numbers_have(const struct number_set *of, unsigned number)
{
	for (size_t i = 0; i < of->n; i++)
		if (of->of[i] == number)
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* Adds first to last, each once. False: they are too many. */
static bool add_range(struct number_set *of, uint64_t first, uint64_t last)
{
	for (; first <= last; first++) {
		if (first > UINT16_MAX || of->n == FDS_MAX)
			return false;
		if (!numbers_have(of, (unsigned)first))
			of->of[of->n++] = (unsigned)first;
	}
	return true;
}

bool numbers_read(const char *text, struct number_set *of)
{
	static const char between[] = ", \t";
	uint64_t first, last;

	of->n = 0;
	text += strspn(text, between);
	if (!strncmp(text, "none", 4) || !strncmp(text, "nobody", 6))
		return true;
	while (*text) {
		text = decimal_at(text, &first);
		last = first;
		if (text && *text == '-')
			text = decimal_at(text + 1, &last);
		if (!text || last < first || !add_range(of, first, last))
			return false;
		text += strspn(text, between);
	}
	qsort(of->of, of->n, sizeof(of->of[0]), compare);
	return true;
}

char *numbers_text(const struct number_set *of)
{
	char *text = NULL;
	size_t len;
	FILE *f = memory_stream(&text, &len);

	if (!f)
		memory_is_out();
	for (size_t i = 0, end; i < of->n; i = end) {
		for (end = i + 1; end < of->n && of->of[end] == of->of[end - 1] + 1; end++)
			;
		fprintf(f, "%s%u", i ? "," : "", of->of[i]);
		if (end > i + 1)
			fprintf(f, "-%u", of->of[end - 1]);
	}
	if (!of->n)
		fputs("none", f);
	if (fclose(f))
		memory_is_out();
	return text;
}

/*
 * Logs of strace: the pid of a line, and its call in parts, for any call and any version of strace.
 * The grammar of calls is the notation's; this file has what only logs contain.
 */
#include "base/arena.h"
#include "base/heap.h"
#include "base/number.h"
#include "base/text.h"
#include "fdlab.h"
#include "notation/call.h"
#include "notation/prefix.h"
#include "notation/types.h"
#include "notation/values.h"
#include "notation/xlat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fdl_values {
	struct arena arena;
};

/* ---- lines ---------------------------------------------------------------------------------- */

/* The number at p, or 0. */
static int read_int(const char *p, const char *end)
{
	bool overflow = false;
	uint64_t n = 0;

	return decimal_scan(p, end, &n, &overflow) && !overflow && n <= INT32_MAX ? (int)n : 0;
}

static void read_plusses(struct reader *r, struct fdl_log_line *line)
{
	r->p += strlen("+++");
	skip_blanks(r);
	line->kind = FDL_LOG_REMARK;
	if (looks_at(r, "exited with ") || looks_at(r, "killed by ")) {
		line->kind = FDL_LOG_EXITED;
	} else if (skip_exactly(r, "superseded by execve in pid ")) {
		line->kind = FDL_LOG_SUPERSEDED;
		line->number = read_int(r->p, r->end);
	}
}

/* "Process 12 attached"; strace 4 prints no name of its own before it. */
static void read_process(struct reader *r, struct fdl_log_line *line)
{
	static const char attached[] = "attached";
	const char *p = r->p + strlen("Process ");

	line->number = read_int(p, r->end);
	while (p < r->end && is(*p, DIGIT))
		p++;
	while (p < r->end && is(*p, BLANK))
		p++;
	line->kind = starts_with(p, r->end, attached) ? FDL_LOG_ATTACHED : FDL_LOG_REMARK;
}

static void read_resumed(struct reader *r, struct fdl_log_line *line)
{
	const char *name;

	r->p += strlen("<...");
	skip_blanks(r);
	name = r->p;
	if (!skip_name(r) || !looks_at(r, " resumed>"))
		return;
	line->kind = FDL_LOG_RESUMED;
	line->name = name;
	line->name_len = (size_t)(r->p - name);
	r->p += strlen(" resumed>");
	line->rest = r->p;
	line->rest_len = (size_t)(r->end - r->p);
}

/* The place where the call whose arguments begin at p breaks off, or NULL. */
static const char *unfinished_at(const char *p, const char *end)
{
	const char *last = memrchr(p, '<', (size_t)(end - p));

	if (last && (starts_with(last, end, "<unfinished ...>") ||
		     starts_with(last, end, "<detached ...>") ||
		     starts_with(last, end, "<pid changed to ")))
		return last;
	return NULL;
}

static void read_call(struct reader *r, struct fdl_log_line *line)
{
	const char *name = r->p, *stop;

	if (!skip_name(r) || !looks_at(r, "("))
		return;
	line->name = name;
	line->name_len = (size_t)(r->p - name);
	line->rest = ++r->p;
	stop = unfinished_at(r->p, r->end);
	/* "exit_group(0 <unfinished ...>) = ?" is complete. */
	if (stop && memchr(stop, ')', (size_t)(r->end - stop)))
		stop = NULL;
	line->kind = stop ? FDL_LOG_UNFINISHED : FDL_LOG_CALL;
	line->rest_len = (size_t)((stop ? stop : r->end) - line->rest);
}

static void read_line(struct reader *r, struct fdl_log_line *line)
{
	if (looks_at(r, "+++"))
		read_plusses(r, line);
	else if (looks_at(r, "---") || looks_at(r, "strace: "))
		line->kind = FDL_LOG_REMARK;
	else if (looks_at(r, "<... "))
		read_resumed(r, line);
	else
		read_call(r, line);
}

static void read_whole_line(const char *text, size_t len, struct fdl_log_line *line)
{
	static const char mode[] = "[ Process PID=";
	struct reader r = { .text = text, .p = text, .end = text + len, .log = true };

	*line = (struct fdl_log_line){ .kind = FDL_LOG_OTHER };
	while (r.end > text && is(r.end[-1], BLANK))
		r.end--;
	/* A stack trace of -k, and strace's note about a process that is not 64-bit. */
	if (looks_at(&r, " > ") || looks_at(&r, mode)) {
		line->kind = FDL_LOG_REMARK;
		return;
	}
	skip_blanks(&r);
	if (looks_at(&r, "strace: Process "))
		r.p += strlen("strace: ");
	if (r.p == r.end)
		return;
	if (looks_at(&r, "Process ")) {
		read_process(&r, line);
	} else if (read_prefix(&r, &line->pid)) {
		line->pid = 0;
	} else {
		line->before = r.p;
		read_line(&r, line);
	}
	/* The same note, with a pid before it. */
	if (line->kind == FDL_LOG_OTHER && memmem(text, len, mode, sizeof(mode) - 1))
		line->kind = FDL_LOG_REMARK;
}

void fdl_log_line_read(const char *text, size_t len, struct fdl_log_line *line)
{
	static const char pid[] = "[pid ";
	const char *p;

	read_whole_line(text, len, line);
	if (line->kind != FDL_LOG_OTHER || len < 2)
		return;
	/* On standard error, what a program wrote without a newline may precede the line. */
	p = memmem(text + 1, len - 1, pid, sizeof(pid) - 1);
	if (p)
		read_whole_line(p, len - (size_t)(p - text), line);
}

/* ---- calls ---------------------------------------------------------------------------------- */

struct fdl_values *fdl_values_new(void)
{
	return calloc(1, sizeof(struct fdl_values));
}

void fdl_values_free(struct fdl_values *values)
{
	if (!values)
		return;
	arena_free(&values->arena);
	free(values);
}

static bool remark_has(const struct line *line, const char *word)
{
	return line->remark_len && memmem(line->remark, line->remark_len, word, strlen(word));
}

/* An error that strace has no name for: -1 (errno 600). */
static void name_error(const struct line *line, struct fdl_log_call *call)
{
	const char *end = line->remark + line->remark_len, *name;

	if (!line->remark_len || !starts_with(line->remark, end, "(errno "))
		return;
	name = notation_errname(read_int(line->remark + strlen("(errno "), end));
	call->result = FDL_LOG_ERROR;
	call->error = name ? name : "";
	call->error_len = strlen(call->error);
}

static void take_result(const struct line *line, struct fdl_log_call *call)
{
	call->error = line->error_name;
	call->error_len = line->error_name_len;
	if (line->result_unknown)
		call->result = line->error_name_len >= 8 && !memcmp(line->error_name, "ERESTART", 8)
				       ? FDL_LOG_RESTART
				       : FDL_LOG_UNKNOWN;
	/* Other arguments, too, are those of a call that ran. */
	else if (remark_has(line, "(INJECTED") && !remark_has(line, "(INJECTED: args)"))
		call->result = FDL_LOG_FAKED;
	else if (line->result == -1 && line->error_name)
		call->result = FDL_LOG_ERROR;
	else if (line->result == -1)
		name_error(line, call);
}

int fdl_log_call_read(struct fdl_values *values, const char *text, size_t len,
		      struct fdl_log_call *call)
{
	struct reader r = { .text = text,
			    .p = text,
			    .end = text + len,
			    .arena = &values->arena,
			    .log = true,
			    .result = &call->value };
	struct line line = { .kind = LINE_CALL };
	int error;

	*call = (struct fdl_log_call){ .result = FDL_LOG_NUMBER };
	arena_reset(&values->arena);
	/* A resumed call may go on in the middle of its arguments. */
	skip_blanks(&r);
	error = skip_became(&r);
	if (!error) {
		skip_exactly(&r, ",");
		error = read_arguments(&r, &line);
	}
	call->args = line.args;
	call->nargs = line.nargs;
	if (!error && !line.has_result)
		error = -EINVAL;
	if (!error)
		take_result(&line, call);
	return error;
}

bool fdl_symbol(const char *type, const char *name, uint64_t *number)
{
	const struct type *found = type_find(type, strlen(type));

	return found && found->words && words_find(found->words, name, strlen(name), number);
}

const char *fdl_symbol_name(const char *type, size_t i)
{
	const struct type *found = type_find(type, strlen(type));
	const struct words *w = found ? found->words : NULL;

	for (; w && i >= w->n; w = w->more)
		i -= w->n;
	return w ? w->word[i].name : NULL;
}

const char *fdl_stated_result(const char *text, size_t len)
{
	struct text why = TEXT_EMPTY;
	struct arena arena = { 0 };
	struct line line;
	const char *result = NULL;
	const int error = notation_parse(&arena, text, len, &line, &why);

	if (error == -ENOMEM)
		errno = ENOMEM;
	else if (!error && line.has_result)
		result = text + line.result_column - 1;
	arena_free(&arena);
	text_free(&why);
	return result;
}

/*
 * Lines that a program's own output tears. strace that writes to standard error shares it with the
 * programs, whose output may come between any two pieces of a line: after the arguments of a call.
 */
#include "replay/torn.h"

#include "replay/table.h"

#include <ctype.h>
#include <string.h>

/* The end of a flag that a program's own output follows: FD_CLOEXECabc. Or end. */
static const char *end_of_flag(const char *p, const char *end)
{
	static const char flag[] = "_CLOEXEC";

	p = memmem(p, (size_t)(end - p), flag, sizeof(flag) - 1);
	if (!p)
		return end;
	p += sizeof(flag) - 1;
	return p < end && !strchr("|*/, )]}", *p) ? p : end;
}

static const char *end_of_decoration(const char *p, const char *end)
{
	const char *last = memrchr(p, '>', (size_t)(end - p));

	return last ? last + 1 : end;
}

/* The length of the arguments so far, without a program's own output after the last: 3abc. */
static size_t without_output(const char *text, size_t len)
{
	const char *end = text + len, *comma = memrchr(text, ',', len),
		   *p = comma ? comma + 1 : text;
	const char *digits;

	while (p < end && *p == ' ')
		p++;
	for (digits = p; p < end && isdigit((unsigned char)*p); p++)
		;
	/* 0x10, 0666, 1024*1024, 3 with a comment, and 3) are strace's; so is 3</etc/passwd>. */
	if (p == digits)
		p = end_of_flag(p, end);
	else if (p < end && *p == '<')
		p = end_of_decoration(p, end);
	else if (p < end && ((*p == 'x' && *digits == '0') || strchr("*/, )]}|", *p)))
		p = end;
	return (size_t)(p - text);
}

/*
 * The same where output may begin with digits. Of close, the number is the one that is open; the
 * last arguments of dup2 and fcntl follow from what they return.
 */
static size_t without_digits(const struct log_task *task, const struct log_call *row,
			     const char *text, size_t len)
{
	const char *comma = memrchr(text, ',', len);
	const bool digits = isdigit((unsigned char)text[len ? len - 1 : 0]);

	if (!len || !digits)
		return len;
	if (row->effect == EFFECT_DUP2 || row->effect == EFFECT_FCNTL)
		return comma ? (size_t)(comma - text) : len;
	for (size_t n = len; row->effect == EFFECT_CLOSE && n > 0 && n < 10; n--) {
		int64_t fd = 0;

		for (size_t i = 0; i < n; i++)
			fd = fd * 10 + (text[i] - '0');
		if (table_is_open(task->table, fd))
			return n;
	}
	return len;
}

struct span torn_arguments(const struct log_task *task, const struct log_call *row,
			   struct span args, bool digits)
{
	args.len = without_output(args.s, args.len);
	if (digits)
		args.len = without_digits(task, row, args.s, args.len);
	return args;
}

size_t torn_end(const char *text, size_t len)
{
	const char *result = memrchr(text, '=', len);
	const char *bracket = result ? memrchr(text, ')', (size_t)(result - text)) : NULL;

	return bracket ? (size_t)(bracket - text) : len;
}

bool torn_is_suspect(const struct log_call *row, const struct fdl_log_call *call, int error)
{
	const struct fdl_value *last;

	if (row->effect != EFFECT_CLOSE && row->effect != EFFECT_DUP2 &&
	    row->effect != EFFECT_FCNTL)
		return false;
	if (error)
		return true;
	last = call->nargs ? call_argument(call, (unsigned)call->nargs) : NULL;
	return last && last->kind == FDL_VALUE_WORD && isdigit((unsigned char)*last->text);
}

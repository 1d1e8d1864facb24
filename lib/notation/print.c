/*
 * Prints calls and results as strace does. Every line of the transcript passes here, so printf,
 * which is slow, is avoided.
 */
#include "notation/args.h"

#include "notation/line.h"
#include "base/text.h"
#include "notation/types.h"

#include <fcntl.h>

/* True if a buffer has fewer bytes than its count: the rest is unknown. */
static bool is_cut(const struct fdl_row *row, size_t place, const struct fdl_arg *arg)
{
	if (!arg[place].str || arg[place].num < 0)
		return false;
	for (size_t i = place + 1; i < row->nparams; i++) {
		if (row->param[i].len_of == place + 1)
			return (uint64_t)arg[i].num > (uint64_t)arg[place].num;
	}
	return false;
}

/* Prints an out parameter; a number stands in brackets. */
static void print_out(struct text *t, const struct type *type, const struct fdl_arg *arg,
		      size_t max)
{
	if (type->store == STORE_BYTES && !arg->str) {
		text_puts(t, "\"\"");
	} else if (type->store != STORE_NUMBER) {
		type->print(t, type, arg, max);
	} else if (!arg->sub) {
		text_puts(t, "NULL");
	} else {
		text_putc(t, '[');
		type->print(t, type, &arg->sub[0], max);
		text_putc(t, ']');
	}
}

/*
 * True for arguments that strace leaves out: the mode without O_CREAT, and opaque ones with their
 * usual value.
 */
static bool is_left_out(const struct fdl_row *row, size_t place, const struct fdl_arg *arg)
{
	const struct param *p = &row->param[place];

	if (p->type == &type_creatmode && row->flags_place)
		return !(arg[row->flags_place - 1].num & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)));
	return p->opaque && p->has_usual && !p->usual_is_string && arg[place].num == p->usual.num &&
	       !arg[place].str == !p->usual.str;
}

static void print_param(struct text *t, const struct fdl_row *row, size_t place,
			const struct fdl_arg *arg, bool filled, size_t max)
{
	const struct param *p = &row->param[place];

	if (p->named) {
		text_puts(t, p->name);
		text_putc(t, '=');
	}
	if (p->out && !filled)
		text_put(t, "...", 3);
	else if (p->out || (p->inout && filled))
		print_out(t, p->type, &arg[place], p->type->whole ? SIZE_MAX : max);
	else
		p->type->print(t, p->type, &arg[place], SIZE_MAX);
	if (!p->out && p->type->store == STORE_BYTES && is_cut(row, place, arg))
		text_put(t, "...", 3);
}

/*
 * Prints the parameters from i on, and ")". Only a named parameter can be left out before another.
 */
static void print_params(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			 size_t from, bool filled, size_t max)
{
	size_t n = row->nparams;

	while (n > from && is_left_out(row, n - 1, arg))
		n--;
	for (size_t i = from; i < n; i++) {
		if (i >= row->meaning_end && row->param[i].named && is_left_out(row, i, arg))
			continue;
		if (i > from)
			text_put(t, ", ", 2);
		print_param(t, row, i, arg, filled, max);
	}
	text_putc(t, ')');
}

void call_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		enum args_form form, int64_t result, size_t max)
{
	text_put(t, row->call->name, row->name_len);
	text_putc(t, '(');
	print_params(t, row, arg, 0, form == ARGS_DONE && result >= 0, max);
}

void call_print_resumed(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			int64_t result, size_t max)
{
	size_t from = 0;

	while (from < row->nparams && !row->param[from].out && !row->param[from].inout)
		from++;
	text_puts(t, "<... ");
	text_put(t, row->call->name, row->name_len);
	text_puts(t, " resumed>");
	print_params(t, row, arg, from, result >= 0, max);
}

static void print_error(struct text *t, int err)
{
	const char *name = notation_errname(err);

	text_puts(t, notation_is_restart(err) ? " = ? " : " = -1 ");
	if (!name) {
		text_puts(t, "(errno ");
		text_int(t, err);
	} else {
		text_puts(t, name);
		text_puts(t, " (");
		text_puts(t, notation_errtext(err));
	}
	text_putc(t, ')');
}

/* Prints a result that is flags: the number, then its words. */
static void print_flags_result(struct text *t, const struct type *type, int64_t result)
{
	struct fdl_arg arg = { .num = result };
	size_t start;

	text_hex(t, (uint64_t)result);
	start = t->len;
	text_puts(t, type == &type_seals ? " (seals " : " (flags ");
	type->print(t, type, &arg, SIZE_MAX);
	if (t->len == start + 9 && t->s[t->len - 1] == '0')
		text_cut(t, start);
	else
		text_putc(t, ')');
}

/* Prints what some calls fill in and strace shows after the result. */
static void print_remark(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			 int64_t result)
{
	size_t start = t->len, empty;

	text_puts(t, " (");
	empty = t->len;
	row->result->remark(t, row, arg, result);
	if (t->len == empty)
		text_cut(t, start);
	else
		text_putc(t, ')');
}

int result_error(const struct fdl_row *row, int64_t result)
{
	if (result >= 0 || result < -4095 || row->result == &type_int)
		return 0;
	return (int)result;
}

void result_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		  int64_t result)
{
	if (result_error(row, result)) {
		print_error(t, (int)-result);
		return;
	}
	text_put(t, " = ", 3);
	if (row->no_return)
		text_putc(t, '?');
	else if (!row->result)
		text_int(t, result);
	else if (row->result->print == print_flags)
		print_flags_result(t, row->result, result);
	else
		row->result->print(t, row->result, &(struct fdl_arg){ .num = result }, SIZE_MAX);
	if (row->result && row->result->remark)
		print_remark(t, row, arg, result);
}

void outcome_print(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		   int64_t result, bool ended)
{
	if (ended)
		text_puts(t, " = ?");
	else
		result_print(t, row, arg, result);
}

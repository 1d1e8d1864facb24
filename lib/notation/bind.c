/*
 * Makes arguments of the values of a line: finds the parameter that each value is for, converts the
 * value to its type, and fills in the usual values of missing parameters.
 */
#include "notation/args.h"

#include "base/arena.h"
#include "notation/line.h"
#include "base/suggest.h"
#include "base/text.h"
#include "notation/types.h"

#include <errno.h>
#include <string.h>

static bool has_key(const struct fdl_value *v, const char *name)
{
	return v->key && strlen(name) == v->key_len && memcmp(name, v->key, v->key_len) == 0;
}

/*
 * True if a value without a key cannot be for parameter p. A word in the place of an address is for
 * the next parameter: clone(CLONE_FILES) has its flags after child_stack.
 */
static bool is_passed_over(const struct param *p, const struct line *line,
			   const struct fdl_value *v)
{
	if (line->shell)
		return p->out || p->inout || (p->opaque && p->type != &type_any);
	return p->named && p->opaque && v->kind == FDL_VALUE_WORD && !v->key;
}

/*
 * Whether a value that the call fills in may stand at v: brackets, a string, NULL, an address,
 * "...".
 */
static bool shows_memory(const struct fdl_value *v)
{
	return v->kind != FDL_VALUE_WORD && (v->kind != FDL_VALUE_NUMBER || value_is_address(v));
}

/* Whether a value can be for a parameter whose words stand in the shell's form: it is a number. */
static bool is_for_number(const struct type *type, const struct fdl_value *v)
{
	if (v->kind == FDL_VALUE_NUMBER || v->kind == FDL_VALUE_WORD)
		return true;
	return type->value_result && (v->kind == FDL_VALUE_ARRAY || v->kind == FDL_VALUE_NULL);
}

/* Whether there is a value for each parameter from next on, in their order, v being the first. */
static bool is_whole(const struct fdl_row *row, const struct fdl_value *v, size_t next)
{
	for (; v && next < row->nparams; v = v->next, next++) {
		if (row->param[next].words)
			return false;
		for (size_t i = 0; v->key && i < row->nparams; i++) {
			if (has_key(v, row->param[i].name))
				return false;
		}
	}
	return !v && next == row->nparams;
}

/*
 * True if the shell's form has a value for the parameter at next although it may be left out: no
 * argument is left out, or the value cannot be for the parameter after those, at taken.
 */
static bool is_written(const struct fdl_row *row, const struct fdl_value *v, size_t next,
		       size_t taken)
{
	const struct param *p = &row->param[next];

	if ((p->out || p->inout) && !shows_memory(v))
		return false;
	return taken == row->nparams || !is_for_number(row->param[taken].type, v) ||
	       is_whole(row, v, next);
}

size_t param_of(const struct fdl_row *row, const struct line *line, const struct fdl_value *v,
		size_t next)
{
	size_t taken = next;

	if (v->key) {
		for (size_t i = 0; i < row->nparams; i++) {
			if (has_key(v, row->param[i].name))
				return i;
		}
	}
	while (taken < row->nparams && is_passed_over(&row->param[taken], line, v))
		taken++;
	if (taken > next && line->shell && is_written(row, v, next, taken))
		return next;
	return taken < row->nparams ? taken : row->nparams;
}

static int unknown_param(struct binder *b, const struct fdl_row *row, const struct fdl_value *v)
{
	struct suggestion s;
	int error = bind_fails(b, v->column, "no parameter is called \"%.*s\"", (int)v->key_len,
			       v->key);

	suggest_start(&s, v->key, v->key_len);
	for (size_t i = 0; i < row->nparams; i++)
		suggest_offer(&s, row->param[i].name);
	suggest_print(b->why, &s);
	return error;
}

static int too_many(struct binder *b, const struct fdl_row *row, const struct fdl_value *v)
{
	int error = bind_fails(b, v->column, "%s, got ",
			       row->nparams ? "too many arguments" : "it takes no arguments");

	text_quoted(b->why, v->raw, v->raw_len, 40);
	return error;
}

/*
 * Whether a value is the argument of a command that has none, as in fcntl(3, F_GETFD, 0): the
 * kernel does not look at it.
 */
static bool takes_no_argument(const struct fdl_row *row, const struct fdl_value *v)
{
	return row->divides_place && row->divides_place == row->nparams && !v->key &&
	       (v->kind == FDL_VALUE_NUMBER || v->kind == FDL_VALUE_NULL);
}

/* Undoes the key of a shell word that only looks like key=value. */
static const struct fdl_value *without_key(struct fdl_value *copy, const struct fdl_value *v)
{
	*copy = *v;
	copy->kind = FDL_VALUE_WORD;
	copy->key = NULL;
	copy->text = v->raw;
	copy->len = v->raw_len;
	return copy;
}

/* True if parameter i is written as words, first being the first, and not as an array. */
static bool takes_words(const struct fdl_row *row, size_t i, const struct line *line,
			const struct fdl_value *first)
{
	return i < row->nparams && row->param[i].words && line->shell &&
	       first->kind != FDL_VALUE_ARRAY && first->kind != FDL_VALUE_NULL;
}

/*
 * "-9" or "-KILL" before the other arguments, as kill(1) has it: the parameter for it, and the
 * value without its dash. row->nparams: v is no such value.
 */
static size_t dashed_param(const struct fdl_row *row, const struct line *line,
			   const struct fdl_value *v, struct fdl_value *undashed)
{
	size_t i = 0;

	if (!line->shell || v != line->args || !v->next || v->key || !v->len || v->text[0] != '-' ||
	    (v->kind != FDL_VALUE_NUMBER && v->kind != FDL_VALUE_WORD))
		return row->nparams;
	while (i < row->nparams && !row->param[i].dashed)
		i++;
	*undashed = *v;
	undashed->text++;
	undashed->len--;
	if (v->kind == FDL_VALUE_NUMBER)
		undashed->num = (int64_t)(0 - (uint64_t)v->num);
	return i;
}

/* Finds the value for each parameter; for words, the first of them. */
static int assign(struct binder *b, const struct fdl_row *row, const struct line *line,
		  const struct fdl_value **slot, struct fdl_value *copies)
{
	size_t next = 0;

	for (const struct fdl_value *v = line->args; v; v = v->next) {
		size_t i = param_of(row, line, v, next);
		const size_t dashed = dashed_param(row, line, v, &copies[ARGS_MAX]);
		bool stray = v->key && (i == row->nparams || !has_key(v, row->param[i].name));

		if (dashed < row->nparams) {
			slot[dashed] = &copies[ARGS_MAX];
			continue;
		}
		if (stray && !line->shell && !(i < row->nparams && row->param[i].type == &type_any))
			return unknown_param(b, row, v);
		if (i == row->nparams && !v->next && takes_no_argument(row, v))
			return 0;
		if (i == row->nparams)
			return too_many(b, row, v);
		if (takes_words(row, i, line, slot[i] ? slot[i] : v)) {
			slot[i] = slot[i] ? slot[i] : v;
			next = i;
			continue;
		}
		if (slot[i])
			return bind_fails(b, v->column, "argument %zu (%s) is given twice", i + 1,
					  row->param[i].name);
		slot[i] = stray ? without_key(&copies[i], v) : v;
		next = i + 1;
	}
	return 0;
}

/* Checks only that an out parameter's value makes sense; args_match compares it later. */
static int bind_out(struct binder *b, const struct type *type, const struct fdl_value *v)
{
	struct fdl_arg scratch;
	int error;

	if (v->kind == FDL_VALUE_REST || v->kind == FDL_VALUE_NULL || value_is_address(v))
		return 0;
	b->partial = true;
	b->wide = false;
	if (type->store != STORE_NUMBER) {
		error = type->read(b, type, v, &scratch);
	} else if (v->kind == FDL_VALUE_ARRAY && v->nsub == 1) {
		error = type->read(b, type, v->sub, &scratch);
	} else if (v->kind == FDL_VALUE_ARRAY && v->nsub == 0 && v->truncated) {
		error = 0;
	} else {
		error = bind_expected(b, v, type->expected);
		text_puts(b->why, "; what a call fills in is written in brackets");
	}
	b->partial = false;
	return error;
}

struct fdl_arg usual_value(const struct fdl_row *row, size_t place, const struct fdl_arg *arg)
{
	const struct param *p = &row->param[place];

	if (p->len_of && arg[p->len_of - 1].str) {
		const struct type *of = row->param[p->len_of - 1].type;
		const struct fdl_arg *a = &arg[p->len_of - 1];

		return (struct fdl_arg){ .num = of->length ? of->length(a) : a->num };
	}
	if (p->usual_is_string)
		return (struct fdl_arg){ .num = p->usual.num, .str = p->usual_string };
	return p->usual;
}

static int bind_param(struct binder *b, const struct fdl_row *row, size_t i,
		      const struct fdl_value *v, struct fdl_arg *arg)
{
	const struct param *p = &row->param[i];

	if (p->divides) {
		arg[i] = p->usual;
		return 0;
	}
	if (p->out) {
		arg[i] = (struct fdl_arg){ 0 };
		return v ? bind_out(b, p->type, v) : 0;
	}
	b->partial = p->inout;
	b->wide = !p->inout;
	b->inside = false;
	if (v && v->kind != FDL_VALUE_REST)
		return p->type->read(b, p->type, v, &arg[i]);
	if (v && !p->has_usual)
		return bind_expected(b, v, p->type->expected);
	arg[i] = usual_value(row, i, arg);
	return 0;
}

/* Makes an array of the argument before parameter i and all words from v on (NULL: none). */
static int bind_words(struct binder *b, const struct type *type, size_t i,
		      const struct fdl_value *v, struct fdl_arg *arg)
{
	size_t n = 1;
	int error = 0;

	for (const struct fdl_value *w = v; w; w = w->next)
		n++;
	arg[i].num = (int64_t)n;
	arg[i].sub = arena_alloc(b->arena, n * sizeof(*arg[i].sub));
	if (!arg[i].sub)
		return -ENOMEM;
	arg[i].sub[0] = arg[i - 1];
	for (n = 1; v && !error; v = v->next) {
		struct fdl_value copy;

		error = type->read(b, type, v->key ? without_key(&copy, v) : v, &arg[i].sub[n++]);
	}
	return error;
}

static int missing(struct binder *b, const struct fdl_row *row, size_t i, const struct line *line)
{
	b->param = NULL;
	return bind_fails(b, line->end_column, "argument %zu (%s) is missing", i + 1,
			  row->param[i].name);
}

int args_bind(struct arena *a, const struct fdl_row *row, const struct line *line,
	      struct fdl_arg *arg, struct text *why)
{
	struct binder b = { .arena = a, .why = why, .call = row->call->name, .shell = line->shell };
	const struct fdl_value *slot[ARGS_MAX] = { NULL };
	struct fdl_value copies[ARGS_MAX + 1]; /* the last is for a dashed value */
	int error = assign(&b, row, line, slot, copies);

	if (error)
		return error;
	for (size_t i = 0; i < row->nparams; i++) {
		const struct param *p = &row->param[i];

		if (!slot[i] && !p->out && !p->has_usual)
			return missing(&b, row, i, line);
		b.param = p->name;
		b.index = i;
		b.args = arg;
		error = p->words && line->shell && (!slot[i] || takes_words(row, i, line, slot[i]))
				? bind_words(&b, p->type->element, i, slot[i], arg)
				: bind_param(&b, row, i, slot[i], arg);
		if (error)
			return error;
	}
	return 0;
}

void args_narrow(const struct fdl_row *row, struct fdl_arg *arg)
{
	for (size_t i = 0; i < row->nparams; i++) {
		const struct param *p = &row->param[i];

		if (p->type->store == STORE_NUMBER && !p->out && !p->inout)
			arg[i].num = type_narrow(p->type, arg[i].num);
	}
}

int args_complete(const struct fdl_row *row, struct fdl_arg *arg, size_t nargs)
{
	if (nargs > row->nparams)
		return -EINVAL;
	for (size_t i = nargs; i < row->nparams; i++) {
		const struct param *p = &row->param[i];

		if (!p->out && !p->has_usual && !p->divides)
			return -EINVAL;
		arg[i] = usual_value(row, i, arg);
	}
	return 0;
}

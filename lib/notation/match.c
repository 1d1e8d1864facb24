/*
 * Compares out parameters and results with a line, as far as the line goes: "ab"... is a prefix, a
 * missing field matches anything.
 */
#include "notation/args.h"

#include "notation/line.h"
#include "notation/scan.h"
#include "base/text.h"
#include "notation/types.h"

#include <string.h>

static bool match(struct binder *b, const struct type *type, const struct fdl_value *v,
		  const struct fdl_arg *arg);

/*
 * "[0] => [5]": compares the 5, if the line has it; an offset that did not change came as it was.
 */
static bool match_offset(const struct fdl_value *v, const struct fdl_arg *arg)
{
	const struct fdl_value *came = v->became;

	if (!came)
		return true;
	return came->kind == FDL_VALUE_ARRAY && came->nsub == 1 && arg->sub &&
	       came->sub->num == arg->sub[arg->num - 1].num;
}

/* "[110 => 9]": compares the 9, if the line has it. */
static bool match_value_result(const struct type *type, const struct fdl_value *v,
			       const struct fdl_arg *arg)
{
	const struct fdl_value *in = v->kind == FDL_VALUE_ARRAY ? v->sub : v;

	if (type->store == STORE_LIST)
		return match_offset(v, arg);
	return !in || !in->became || in->became->num == value_came(arg->num);
}

static bool match_number(struct binder *b, const struct type *type, const struct fdl_value *v,
			 const struct fdl_arg *arg)
{
	struct fdl_arg want;

	if (type->read(b, type, v, &want))
		return false;
	return type->room ? (uint64_t)want.num >= (uint64_t)arg->num : want.num == arg->num;
}

static bool match_bytes(struct binder *b, const struct type *type, const struct fdl_value *v,
			const struct fdl_arg *arg)
{
	struct fdl_arg want;
	int64_t len = arg->str ? arg->num : 0;

	if (type->read(b, type, v, &want))
		return false;
	if (!want.str || (v->truncated ? len < want.num : len != want.num))
		return false;
	return want.num == 0 || memcmp(want.str, arg->str, (size_t)want.num) == 0;
}

/* A structure or bytes in place of a list of numbers. */
static bool match_numbers(struct binder *b, const struct type *type, const struct fdl_value *v,
			  const struct fdl_arg *arg)
{
	struct fdl_arg want;

	if (type->read(b, type, v, &want) || want.num != arg->num)
		return false;
	for (int64_t i = 0; i < want.num; i++) {
		if ((int32_t)want.sub[i].num != (int32_t)arg->sub[i].num)
			return false;
	}
	return true;
}

static bool match_list(struct binder *b, const struct type *type, const struct fdl_value *v,
		       const struct fdl_arg *arg)
{
	const struct type *element = type->element;
	int64_t i = 0;

	if (arg->sub && element == &type_int &&
	    (v->kind == FDL_VALUE_STRUCT || v->kind == FDL_VALUE_STRING))
		return match_numbers(b, type, v, arg);
	if (v->kind != FDL_VALUE_ARRAY || !arg->sub)
		return false;
	if (v->truncated ? arg->num < (int64_t)v->nsub : arg->num != (int64_t)v->nsub)
		return false;
	for (const struct fdl_value *e = v->sub; e; e = e->next) {
		if (!match(b, element, e, &arg->sub[i++]))
			return false;
	}
	return true;
}

static bool match_struct(struct binder *b, const struct type *type, const struct fdl_value *v,
			 const struct fdl_arg *arg)
{
	size_t place = 0;

	if (v->kind != FDL_VALUE_STRUCT || !arg->sub)
		return false;
	for (const struct fdl_value *e = v->sub; e; e = e->next) {
		const struct field *f = field_of(type, e, place++);

		if (!f && !field_passed_over(type, e))
			return false;
		if (f && !match(b, f->type, e, &arg->sub[f - type->fields]))
			return false;
	}
	return true;
}

/* A set has no order, and may be written as its complement. */
static bool match_sigset(struct binder *b, const struct type *type, const struct fdl_value *v,
			 const struct fdl_arg *arg)
{
	struct fdl_arg want;

	if (type->read(b, type, v, &want) || !want.sub)
		return false;
	if (v->truncated)
		return (sigset_bits(&want) & ~sigset_bits(arg)) == 0;
	return sigset_bits(&want) == sigset_bits(arg);
}

static bool match(struct binder *b, const struct type *type, const struct fdl_value *v,
		  const struct fdl_arg *arg)
{
	if (v->kind == FDL_VALUE_REST)
		return true;
	if (type->value_result)
		return match_value_result(type, v, arg);
	if (type->store == STORE_NUMBER)
		return match_number(b, type, v, arg);
	/* NULL and addresses do not tell the content. */
	if (v->kind == FDL_VALUE_NULL || value_is_address(v))
		return true;
	if (type == &type_sigset)
		return match_sigset(b, type, v, arg);
	switch (type->store) {
	case STORE_BYTES:
		return match_bytes(b, type, v, arg);
	case STORE_LIST:
		return match_list(b, type, v, arg);
	default:
		return match_struct(b, type, v, arg);
	}
}

/* A filled-in number is written in brackets, and is an array of one. */
static bool match_out(struct binder *b, const struct type *type, const struct fdl_value *v,
		      const struct fdl_arg *arg)
{
	if (v->kind == FDL_VALUE_REST || v->kind == FDL_VALUE_NULL || value_is_address(v))
		return true;
	if (type->store != STORE_NUMBER)
		return match(b, type, v, arg);
	if (v->kind != FDL_VALUE_ARRAY || !arg->sub)
		return false;
	if (!v->sub)
		return v->truncated;
	return v->nsub == 1 && match(b, type, v->sub, &arg->sub[0]);
}

static size_t first_out(const struct fdl_row *row)
{
	size_t i = 0;

	while (i < row->nparams && !row->param[i].out && !row->param[i].inout)
		i++;
	return i;
}

/* Copies a remark without strace's decoration of descriptors and without the time left. */
static void put_comparable(struct text *t, const char *s, size_t len)
{
	static const char left[] = ", left {", *const first = left + 2;
	const char *end = s + len, *cut = memmem(s, len, left, sizeof(left) - 1);
	struct fdl_value unused = { 0 };

	if (cut)
		end = cut;
	else if (len >= strlen(first) && !memcmp(s, first, strlen(first)))
		end = s;
	while (s < end) {
		if (*s == '<')
			scan_decoration(&s, end, &unused);
		if (s < end)
			text_putc(t, *s++);
	}
}

/* Compares the remark after the result with what strace would print there. */
static bool remark_match(const struct fdl_row *row, const struct line *line,
			 const struct fdl_arg *arg, int64_t result, struct text *what)
{
	struct text want = TEXT_EMPTY, got = TEXT_EMPTY, remark = TEXT_EMPTY;
	bool same;

	row->result->remark(&remark, row, arg, result);
	put_comparable(&want, line->remark, line->remark_len);
	put_comparable(&got, remark.s, remark.len);
	same = want.len == got.len && (!got.len || memcmp(want.s, got.s, got.len) == 0);
	if (!same)
		text_put(what, line->remark, line->remark_len);
	text_free(&want);
	text_free(&got);
	text_free(&remark);
	return same;
}

static bool match_param(struct binder *b, const struct param *p, const struct fdl_value *v,
			const struct fdl_arg *arg)
{
	if (p->type->value_result)
		return match_value_result(p->type, v, arg);
	return (!p->out && !p->inout) || match_out(b, p->type, v, arg);
}

bool args_match(struct arena *a, const struct fdl_row *row, const struct line *line,
		const struct fdl_arg *arg, int64_t result, struct text *what)
{
	struct text unused = TEXT_EMPTY;
	struct binder b = { .arena = a,
			    .why = &unused,
			    .call = row->call->name,
			    .shell = line->shell,
			    .partial = true };
	bool same = true;
	size_t next;

	if (line->remark && row->result && row->result->remark &&
	    !remark_match(row, line, arg, result, what))
		return false;
	if (!row->has_out)
		return true;
	next = line->kind == LINE_RESUMED ? first_out(row) : 0;
	for (const struct fdl_value *v = line->args; v && same; v = v->next) {
		size_t i = param_of(row, line, v, next);

		if (i == row->nparams)
			break;
		if (!match_param(&b, &row->param[i], v, &arg[i])) {
			text_put(what, v->raw, v->raw_len);
			same = false;
		}
		next = i + 1;
	}
	text_free(&unused);
	return same;
}

bool result_match(const struct line *line, int64_t result)
{
	if (!line->has_result || line->result_unknown)
		return true;
	if (line->error)
		return result == -line->error;
	if (line->result == -1)
		return result < 0;
	return result == line->result;
}

/*
 * Signatures: compiles the text of a row, and selects among the rows of a name. Running calls is
 * elsewhere.
 */
#include "notation/args.h"

#include "base/arena.h"
#include "base/text.h"
#include "notation/types.h"
#include "notation/values.h"
#include "notation/xlat.h"

#include <errno.h>
#include <string.h>

/* A signature that is being compiled; p is the next character. */
struct compiler {
	struct reader r;
	struct fdl_row *row;
	struct param *param;
};

static int signature_fails(struct compiler *c, const char *message)
{
	text_printf(c->r.why, "signature of %s: column %zu: %s", c->row->call->name,
		    reader_column(&c->r, c->r.p), message);
	return -EINVAL;
}

/* The next name, its length in *len; the blanks after it are skipped. NULL: there is none. */
static const char *next_name(struct compiler *c, size_t *len)
{
	const char *name = c->r.p;

	if (!skip_name(&c->r))
		return NULL;
	*len = (size_t)(c->r.p - name);
	skip_blanks(&c->r);
	return name;
}

static bool is_word(const char *word, const char *name, size_t len)
{
	return strlen(word) == len && memcmp(word, name, len) == 0;
}

static int set_name(struct compiler *c, const char *name, size_t len)
{
	if (len >= sizeof(c->param->name))
		return signature_fails(c, "the name of a parameter is too long");
	memcpy(c->param->name, name, len);
	c->param->name[len] = '\0';
	return 0;
}

/* "=SYMBOL": the type is the one with this symbol. */
static int compile_command(struct compiler *c)
{
	static const struct type *const commands[] = { &type_fcntlcmd, &type_ioctlcmd,
						       &type_socklevel, &type_sockopt };
	const char *name;
	uint64_t value;
	size_t len;

	skip_blanks(&c->r);
	name = next_name(c, &len);
	if (!name)
		return signature_fails(c, "expected a command");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!words_find(commands[i]->words, name, len, &value))
			continue;
		c->param->type = commands[i];
		c->param->divides = true;
		c->param->usual.num = (int64_t)value;
		return set_name(c, "cmd", 3);
	}
	c->r.p = name;
	return signature_fails(c, "unknown command");
}

/* "len(buf)" after "=". */
static int compile_len(struct compiler *c)
{
	const char *name;
	size_t len;

	name = next_name(c, &len);
	for (size_t i = 0; name && i < c->row->nparams; i++) {
		if (!is_word(c->row->param[i].name, name, len))
			continue;
		c->param->len_of = (unsigned char)(i + 1);
		if (!skip_exactly(&c->r, ")"))
			return signature_fails(c, "expected \")\"");
		return 0;
	}
	return signature_fails(c, "len() of an unknown parameter");
}

/* Keeps the usual value without memory of the arena, which the row outlives. */
static int keep_usual(struct compiler *c)
{
	static struct fdl_arg no_elements[1];
	struct param *p = c->param;

	if (p->type->store == STORE_BYTES && p->usual.str) {
		if ((size_t)p->usual.num >= sizeof(p->usual_string))
			return signature_fails(c, "this usual value is too long");
		memcpy(p->usual_string, p->usual.str, (size_t)p->usual.num + 1);
		p->usual_is_string = true;
		p->usual.str = NULL;
	} else if (p->type->store != STORE_NUMBER && p->usual.sub) {
		if (p->usual.num)
			return signature_fails(c, "only an empty array can be a usual value");
		p->usual.sub = no_elements;
	}
	return 0;
}

static int compile_usual(struct compiler *c)
{
	struct binder b = { .arena = c->r.arena,
			    .why = c->r.why,
			    .call = c->row->call->name,
			    .param = c->param->name,
			    .index = c->row->nparams };
	struct fdl_value *v;
	int error;

	skip_blanks(&c->r);
	c->param->has_usual = true;
	if (skip_exactly(&c->r, "len("))
		return compile_len(c);
	error = read_value(&c->r, &v);
	if (error)
		return error;
	error = c->param->type->read(&b, c->param->type, v, &c->param->usual);
	if (error)
		return error;
	return keep_usual(c);
}

/* Reads attributes and type, before the name. */
static int compile_type(struct compiler *c, const char **type, size_t *len)
{
	for (;;) {
		*type = next_name(c, len);
		if (!*type)
			return signature_fails(c, "expected a type");
		if (is_word("out", *type, *len))
			c->param->out = true;
		else if (is_word("inout", *type, *len))
			c->param->inout = true;
		else if (is_word("named", *type, *len))
			c->param->named = true;
		else if (is_word("opaque", *type, *len))
			c->param->opaque = true;
		else if (is_word("words", *type, *len))
			c->param->words = true;
		else if (is_word("dashed", *type, *len))
			c->param->dashed = true;
		else
			break;
	}
	c->param->type = type_find(*type, *len);
	if (c->param->type)
		return 0;
	c->r.p = *type;
	return signature_fails(c, "unknown type");
}

static int compile_param(struct compiler *c)
{
	const char *type, *name;
	size_t type_len, len;
	int error;

	if (skip_exactly(&c->r, "="))
		return compile_command(c);
	error = compile_type(c, &type, &type_len);
	if (error)
		return error;
	name = next_name(c, &len);
	error = name ? set_name(c, name, len) : set_name(c, type, type_len);
	if (!error && skip_exactly(&c->r, "="))
		error = compile_usual(c);
	return error;
}

/* Notes in the row what a parameter implies. */
static void note_param(struct fdl_row *row)
{
	const struct param *p = &row->param[row->nparams];
	const bool number = p->type->store == STORE_NUMBER, string = p->type->store == STORE_BYTES;

	row->has_out |= p->out || p->inout;
	row->plain &= number && !p->out;
	row->flat &= (number || string) && !p->out;
	row->strings |= (unsigned char)(string << row->nparams);
	row->nparams++;
	if (!p->opaque)
		row->meaning_end = (unsigned char)row->nparams;
	if (p->divides && row->divides_place)
		row->divides_again = (unsigned char)row->nparams;
	else if (p->divides)
		row->divides_place = (unsigned char)row->nparams;
	if (p->type == &type_oflags)
		row->flags_place = (unsigned char)row->nparams;
}

static int compile_params(struct compiler *c)
{
	int error;

	skip_blanks(&c->r);
	while (c->r.p < c->r.end) {
		if (c->row->nparams == ARGS_MAX)
			return signature_fails(c, "too many parameters");
		c->param = &c->row->param[c->row->nparams];
		error = compile_param(c);
		if (error)
			return error;
		note_param(c->row);
		skip_blanks(&c->r);
		if (c->r.p == c->r.end)
			break;
		if (!skip_exactly(&c->r, ","))
			return signature_fails(c, "expected \",\"");
		skip_blanks(&c->r);
		if (c->r.p == c->r.end)
			return signature_fails(c, "expected a parameter");
	}
	return 0;
}

int row_compile(struct fdl_row *row, const struct call_row *call, unsigned index, struct text *why)
{
	struct arena scratch = { 0 };
	struct compiler c = { .row = row };
	int error;

	*row = (struct fdl_row){ .call = call,
				 .index = index,
				 .plain = true,
				 .flat = true,
				 .name_len = strlen(call->name) };
	c.r = (struct reader){ .text = call->signature,
			       .p = call->signature,
			       .end = call->signature + strlen(call->signature),
			       .arena = &scratch,
			       .why = why };
	error = compile_params(&c);
	arena_free(&scratch);
	row->no_return = call->result && strcmp(call->result, RESULT_NONE) == 0;
	if (!error && call->result && !row->no_return) {
		row->result = type_find(call->result, strlen(call->result));
		if (!row->result)
			return signature_fails(&c, "unknown type of the result");
	}
	return error;
}

/* ---- rows of one name ----------------------------------------------------------------------- */

/* The value in the line for the parameter at place, or NULL. */
static const struct fdl_value *written_for(const struct fdl_row *row, const struct line *line,
					   size_t place)
{
	size_t next = 0;

	for (const struct fdl_value *v = line->args; v; v = v->next) {
		next = param_of(row, line, v, next);
		if (next == place)
			return v;
		if (next++ == row->nparams)
			return NULL;
	}
	return NULL;
}

/* The number of the command that the line has at place. False: it has none. */
static bool written_command(const struct fdl_row *row, const struct line *line, size_t place,
			    int64_t *command)
{
	const struct fdl_value *v = written_for(row, line, place);
	const struct type *type = row->param[place].type;
	struct fdl_arg read;
	uint64_t num;

	if (!v)
		return false;
	if (type->phrase && type->phrase(v, &read)) {
		*command = read.num;
		return true;
	}
	if (v->kind == FDL_VALUE_NUMBER && !v->overflow) {
		*command = type_narrow(type, v->num);
		return true;
	}
	if (v->kind != FDL_VALUE_WORD || !words_find(type->words, v->text, v->len, &num))
		return false;
	*command = (int64_t)num;
	return true;
}

/* Whether the line has the second command of the row, too, if the row has one. */
static bool divides_again(const struct fdl_row *row, const struct line *line)
{
	const size_t place = row->divides_again;
	int64_t command;

	return !place || (written_command(row, line, place - 1, &command) &&
			  command == row->param[place - 1].usual.num);
}

const struct fdl_row *row_select(const struct fdl_row *first, const struct fdl_row *end,
				 const struct line *line)
{
	const struct type *type = NULL;
	bool known = false;
	int64_t command = 0;

	for (const struct fdl_row *row = first; row < end; row++) {
		const struct param *p;

		if (row != first &&
		    (row->name_len != first->name_len ||
		     memcmp(row->call->name, first->call->name, row->name_len) != 0))
			return NULL;
		if (!row->divides_place)
			return row;
		p = &row->param[row->divides_place - 1];
		/* All rows of a name have their dividing parameter at the same place. */
		if (p->type != type) {
			type = p->type;
			known = written_command(row, line, row->divides_place - 1u, &command);
		}
		if (known && p->usual.num == command && divides_again(row, line))
			return row;
	}
	return NULL;
}

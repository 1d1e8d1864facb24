/*
 * GET /words.json: the words of the notation, for programs that complete them: the calls that the
 * machine's kernel has, symbols of their arguments, preemption points, and the machine's own
 * commands.
 */
#include "http/json.h"
#include "http/request.h"
#include "lab.h"

#include <string.h>

#include <event2/buffer.h>

/* The elements of an array. */
struct array_writer {
	struct evbuffer *to;
	bool started;
};

static void begin_element(struct array_writer *l)
{
	evbuffer_add_printf(l->to, l->started ? ",\n" : "\n");
	l->started = true;
}

static void put_text(struct evbuffer *to, const char *text)
{
	json_put_string(to, text, strlen(text));
}

/* ---- calls ---- */

static const struct fdl_about *about(const char *name)
{
	const struct fdl_about *a;

	for (size_t i = 0; (a = fdl_about(i)) != NULL && strcmp(a->name, name) != 0;)
		i++;
	return a;
}

static void put_call(struct array_writer *l, const struct fdl_row *row)
{
	const struct fdl_about *a = about(fdl_row_name(row));
	struct fdl_param params[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(row, params);

	begin_element(l);
	evbuffer_add_printf(l->to, "{\"name\": ");
	put_text(l->to, fdl_row_name(row));
	evbuffer_add_printf(l->to, ", \"args\": \"");
	for (size_t i = 0; i < n; i++)
		evbuffer_add_printf(l->to, "%s%s%s %s", i ? ", " : "", params[i].out ? "out " : "",
				    params[i].type, params[i].name);
	evbuffer_add_printf(l->to, "\", \"help\": ");
	put_text(l->to, a ? a->words : "");
	evbuffer_add_printf(l->to, ", \"errors\": ");
	put_text(l->to, a ? a->errors : "");
	evbuffer_add_printf(l->to, ", \"internal\": %s}",
			    fdl_row_is_internal(row) ? "true" : "false");
}

/* Each call once, by its first row. */
static void put_calls(struct evbuffer *to, const struct fdl_machine *m)
{
	struct array_writer l = { to, false };
	const struct fdl_row *row;
	const char *last = "";

	evbuffer_add_printf(to, "{\"calls\": [");
	for (size_t i = 0; (row = fdl_row_at(m, i)) != NULL; i++) {
		if (strcmp(fdl_row_name(row), last) != 0)
			put_call(&l, row);
		last = fdl_row_name(row);
	}
	evbuffer_add_printf(to, "]");
}

/* ---- symbols ---- */

#define SEEN_MAX 2048

/* Words that were listed: types of arguments, or their symbols. */
struct listed_words {
	const char *word[SEEN_MAX];
	size_t n;
};

static bool is_new(struct listed_words *seen, const char *word)
{
	for (size_t i = 0; i < seen->n; i++) {
		if (!strcmp(seen->word[i], word))
			return false;
	}
	if (seen->n < SEEN_MAX)
		seen->word[seen->n++] = word;
	return true;
}

static void put_symbols(struct array_writer *l, struct listed_words *types,
			struct listed_words *symbols, const struct fdl_row *row)
{
	struct fdl_param params[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(row, params);
	const char *name;

	for (size_t i = 0; i < n; i++) {
		if (!is_new(types, params[i].type))
			continue;
		for (size_t j = 0; (name = fdl_symbol_name(params[i].type, j)) != NULL; j++) {
			if (!is_new(symbols, name))
				continue;
			begin_element(l);
			put_text(l->to, name);
		}
	}
}

static void put_flags(struct evbuffer *to, const struct fdl_machine *m)
{
	struct array_writer l = { to, false };
	static struct listed_words types, symbols;
	const struct fdl_row *row;

	types.n = symbols.n = 0;
	evbuffer_add_printf(to, ",\n\"flags\": [");
	for (size_t i = 0; (row = fdl_row_at(m, i)) != NULL; i++)
		put_symbols(&l, &types, &symbols, row);
	evbuffer_add_printf(to, "]");
}

static void put_points(struct evbuffer *to, const struct fdl_machine *m)
{
	struct array_writer l = { to, false };
	const char *name;

	evbuffer_add_printf(to, ",\n\"points\": [");
	for (size_t i = 0; (name = fdl_point_name(m, i)) != NULL; i++) {
		begin_element(&l);
		put_text(to, name);
	}
	evbuffer_add_printf(to, "]");
}

/* ---- commands ---- */

static void put_commands(struct evbuffer *to)
{
	struct array_writer l = { to, false };
	const struct fdl_command *command;

	evbuffer_add_printf(to, ",\n\"commands\": [");
	for (size_t i = 0; (command = fdl_command_at(i)) != NULL; i++) {
		begin_element(&l);
		evbuffer_add_printf(to, "{\"name\": ");
		put_text(to, command->name);
		evbuffer_add_printf(to, ", \"args\": ");
		put_text(to, command->args);
		evbuffer_add_printf(to, ", \"help\": ");
		put_text(to, command->words);
		evbuffer_add_printf(to, ", \"moves\": %s, \"starts_over\": %s}",
				    command->moves ? "true" : "false",
				    command->starts_over ? "true" : "false");
	}
	evbuffer_add_printf(to, "]}\n");
}

void serve_words(struct request *r)
{
	const struct fdl_machine *m = lab_machine(r->site->lab);
	struct evbuffer *body = evbuffer_new();

	if (!body) {
		answer_error(r, 503, "there is no memory");
		return;
	}
	put_calls(body, m);
	put_flags(body, m);
	put_points(body, m);
	put_commands(body);
	answer(r, 200, "application/json", body);
	evbuffer_free(body);
}

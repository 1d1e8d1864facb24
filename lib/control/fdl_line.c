/*
 * Lines of the notation for calls that are made elsewhere, such as by a real kernel: a line is read
 * and bound as control files do it, and the outcome is written and compared as theirs are. Nothing
 * here runs a call or changes a machine.
 */
#include "base/arena.h"
#include "base/heap.h"
#include "base/text.h"
#include "control/lines.h"
#include "control/replies.h"
#include "fdlab.h"
#include "machine/call_table.h"
#include "machine/machine.h"
#include "notation/args.h"
#include "notation/line.h"
#include "notation/types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(FDL_PARAMS_MAX == ARGS_MAX, "a row has as many parameters as a caller has room for");

/* A public line, and what it points to. */
struct read_line {
	struct fdl_line shown;
	struct line line;
	struct fdl_arg arg[ARGS_MAX];
	struct arena arena;
};

const char *fdl_row_name(const struct fdl_row *row)
{
	return row->call->name;
}

bool fdl_row_is_internal(const struct fdl_row *row)
{
	return row->call->flags & CALL_INTERNAL;
}

size_t fdl_row_params(const struct fdl_row *row, struct fdl_param param[FDL_PARAMS_MAX])
{
	for (size_t i = 0; i < row->nparams; i++) {
		const struct param *p = &row->param[i];

		param[i] = (struct fdl_param){
			.name = p->name,
			.type = p->type->name,
			.out = p->out,
			.inout = p->inout,
			.is_number = p->type->store == STORE_NUMBER,
		};
	}
	return row->nparams;
}

static const enum fdl_line_kind kinds[] = {
	[LINE_EMPTY] = FDL_LINE_EMPTY,
	[LINE_CALL] = FDL_LINE_CALL,
	[LINE_UNFINISHED] = FDL_LINE_UNFINISHED,
	[LINE_RESUMED] = FDL_LINE_RESUMED,
	[LINE_STEP] = FDL_LINE_STEP,
	[LINE_FINISH] = FDL_LINE_STEP,
	[LINE_INTERRUPT] = FDL_LINE_INTERRUPT,
	[LINE_EXITED] = FDL_LINE_END,
	[LINE_KILLED] = FDL_LINE_END,
	[LINE_SIGNAL] = FDL_LINE_EMPTY,
};

static int read_row(const struct fdl_machine *m, struct read_line *r, struct text *why)
{
	const struct line *line = &r->line;
	int error;

	if (line->kind == LINE_RESUMED) {
		r->shown.row = call_table_named(m->table, line->name, line->name_len);
		return 0;
	}
	if (line->kind != LINE_CALL && line->kind != LINE_UNFINISHED)
		return 0;
	r->shown.args = r->arg;
	error = line_row(m, line, &r->shown.row, why);
	return error ? error : args_bind(&r->arena, r->shown.row, line, r->arg, why);
}

int fdl_line_read(const struct fdl_machine *m, const char *text, size_t len, struct fdl_line **lp,
		  char *err, size_t errsize)
{
	struct read_line *r = calloc(1, sizeof(*r));
	struct text why = TEXT_EMPTY;
	const char *copy;
	int error = -ENOMEM;

	*lp = NULL;
	if (errsize)
		*err = '\0';
	if (!r)
		return error;
	copy = arena_copy(&r->arena, text, len);
	if (copy)
		error = notation_parse(&r->arena, copy, len, &r->line, &why);
	if (!error)
		error = read_row(m, r, &why);
	if (!error && (r->line.kind == LINE_EXITED || r->line.kind == LINE_KILLED))
		error = end_status(&r->line, &r->shown.status, &why);
	if (error) {
		snprintf(err, errsize, "%s", why.s ? why.s : strerror(-error));
		text_free(&why);
		fdl_line_free(&r->shown);
		return error;
	}
	text_free(&why);
	r->shown.kind = kinds[r->line.kind];
	r->shown.pid = r->line.pid;
	r->shown.states = r->line.has_result && !r->line.result_unknown;
	r->shown.result = r->line.error ? -r->line.error : r->line.result;
	*lp = &r->shown;
	return 0;
}

void fdl_line_free(struct fdl_line *l)
{
	struct read_line *r = (struct read_line *)l;

	if (!r)
		return;
	arena_free(&r->arena);
	free(r);
}

char *fdl_reply(const struct fdl_line *call, const struct fdl_line *stated,
		enum fdl_outcome outcome, int pid, const struct fdl_arg *args, int64_t result,
		const char *remark)
{
	struct arena arena = { 0 };
	struct text t = TEXT_EMPTY;
	const struct reply_outcome o = {
		.pid = pid,
		.row = call->row,
		.arg = args,
		.result = result,
		.line = stated ? &((const struct read_line *)stated)->line : NULL,
		.remark = remark,
		.ended = outcome == FDL_ENDED,
	};

	if (outcome == FDL_BLOCKED)
		reply_blocked(&t, &o);
	else if (outcome == FDL_RESUMED)
		reply_resumed(&t, &arena, &o);
	else
		reply_done(&t, &arena, &o);
	arena_free(&arena);
	if (t.error)
		text_free(&t);
	return t.s;
}

/*
 * The effects of a log's calls on the tables, by the kind in the call's row. Comparing them with
 * the machine is the judge's part.
 */
#include "replay/effects.h"

#include "replay/judge.h"
#include "replay/lives.h"
#include "replay/returned.h"
#include "replay/tasks.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- arguments and results ------------------------------------------------------------------- */

const struct fdl_value *returned_argument(const struct returned *e, unsigned number)
{
	return call_argument(e->call, number);
}

int64_t returned_number(const struct returned *e, unsigned number, int64_t missing)
{
	int64_t n;

	return value_int(returned_argument(e, number), &n) ? n : missing;
}

bool succeeded(const struct returned *e)
{
	return e->call->result == FDL_LOG_NUMBER && e->call->value.num >= 0;
}

bool failed_with(const struct returned *e, const char *error)
{
	return e->call->result == FDL_LOG_ERROR &&
	       span_is((struct span){ e->call->error, e->call->error_len }, error);
}

void note_hint(const struct returned *e, const struct fdl_value *what)
{
	struct hint *hint = &e->task->table->hints[e->task->table->nhints++ % HINTS_KEPT];

	hint->line = e->r->line;
	if (what)
		snprintf(hint->call, sizeof(hint->call), "%s(%.*s)", e->row->name,
			 (int)(what->raw_len < 40 ? what->raw_len : 40), what->raw);
	else
		snprintf(hint->call, sizeof(hint->call), "%s", e->row->name);
}

/* ---- uses ----------------------------------------------------------------------------------- */

/* The kernel ignores the descriptor of an *at call if the path after it is absolute. */
static bool is_looked_at(const struct returned *e, unsigned number)
{
	const struct fdl_value *next = returned_argument(e, number + 1);
	struct span path = value_string(next);

	if (e->row->fd[0] == 5 && value_has(returned_argument(e, 4), NULL, "MAP_ANONYMOUS"))
		return false;
	/* strace -s 0 prints nothing of a path. */
	if (next && next->kind == FDL_VALUE_STRING && !path.len && next->truncated)
		return false;
	return !path.len || *path.s != '/';
}

void note_badf(const struct returned *e, int64_t fd)
{
	const struct log_slot *slot = table_look(e->task->table, fd);
	struct findings *f = e->r->findings;

	if (slot && slot->closed && slot->closer)
		finding_add(f, FINDING_BADF, e->r->line, e->task->pid, fd, NULL,
			    "%s of %lld, closed at line %llu by %d", e->row->name, (long long)fd,
			    (unsigned long long)slot->closed, slot->closer);
	else
		finding_add(f, FINDING_BADF, e->r->line, e->task->pid, fd, NULL,
			    "%s of %lld, which was not open", e->row->name, (long long)fd);
}

void uses(const struct returned *e)
{
	bool found = false;

	for (size_t i = 0; i < 3 && e->row->fd[i]; i++) {
		int64_t fd = returned_number(e, e->row->fd[i], -1);

		if (fd < 0 || !is_looked_at(e, e->row->fd[i]))
			continue;
		if (succeeded(e))
			judge_open(e->r, e->task, e->row->name, fd);
		else if (failed_with(e, "EBADF") && !found && !table_is_open(e->task->table, fd)) {
			note_badf(e, fd);
			found = true;
		}
	}
}

/* ---- calls that give descriptors ------------------------------------------------------------ */

/* The name of a descriptor: strace -y's, the path, or the kind. */
static const char *name_of(const struct returned *e, struct span decoration, char *name)
{
	struct span path = { "", 0 };
	size_t len;

	if (e->row->effect == EFFECT_GIVE && e->row->argument)
		path = value_string(returned_argument(e, e->row->argument));
	if (decoration.len)
		path = decoration;
	if (!path.len)
		return e->row->shown ? e->row->shown : e->row->name;
	len = strnlen(path.s, path.len < NAME_MAX_SHOWN ? path.len : NAME_MAX_SHOWN - 1);
	memcpy(name, path.s, len);
	name[len] = '\0';
	return *name ? name : e->row->name;
}

bool asks_for_cloexec(const struct returned *e)
{
	const struct fdl_value *flags = e->row->flags ? returned_argument(e, e->row->flags) : NULL;

	if (e->row->cloexec)
		return true;
	for (unsigned i = 1; i <= e->call->nargs; i++)
		if (value_has_suffix(returned_argument(e, i), "_CLOEXEC"))
			return true;
	return flags && value_bits(flags) &
				(uint64_t)(e->row->cloexec_bit ? e->row->cloexec_bit : O_CLOEXEC);
}

int64_t hidden_number(const struct returned *e, int64_t from)
{
	return table_lowest(e->task->table, from);
}

void note_hidden(const struct returned *e, int64_t fd)
{
	struct table *t = e->task->table;

	if (t->users < 2 || !table_is_open(t, fd))
		return;
	table_look(t, fd)->maybe = true;
	t->hidden++;
}

void give_descriptor(const struct returned *e, int64_t number, struct span decoration, bool cloexec)
{
	char name[NAME_MAX_SHOWN];
	const struct given given = { .how = GIFT_NEW,
				     .call = e->row->name,
				     .name = name_of(e, decoration, name),
				     .number = number,
				     .cloexec = cloexec };

	judge_given(e->r, e->task, &given);
}

/* The failed call held a reserved descriptor for a while. */
void gave_nothing(const struct returned *e, int64_t from)
{
	if (failed_with(e, "EMFILE") && e->row->effect != EFFECT_PAIR)
		judge_full(e->r, e->task, e->row->name, from);
	else if (e->task->table->users > 1)
		table_note_failed(e->task->table, e->task->pid, e->r->line,
				  log_call_reserves(e->row));
}

/* The loader's first call about a file, after those about memory. */
static void note_loader(const struct returned *e)
{
	e->r->findings->loads |=
		e->row->argument &&
		span_is(value_string(returned_argument(e, e->row->argument)), "/etc/ld.so.cache");
}

static void effect_give(const struct returned *e)
{
	uses(e);
	if (e->row->gives && !e->row->gives(e->call))
		return;
	if (!succeeded(e)) {
		judge_over(e->r, e->task, NULL, 0, true);
		gave_nothing(e, 0);
		return;
	}
	note_loader(e);
	judge_over(e->r, e->task, &e->call->value.num, 1, false);
	give_descriptor(e, e->call->value.num, value_decoration(&e->call->value),
			asks_for_cloexec(e));
}

/*
 * The two numbers of a pair. Numbers that strace does not show (-s 0, or an address alone) are
 * taken to be the lowest free ones. False: the call gave none.
 */
static bool read_pair(const struct returned *e, int64_t fd[2], struct span name[2], bool hidden[2])
{
	const struct fdl_value *pair = returned_argument(e, e->row->argument);
	const struct fdl_value *v = pair && pair->kind == FDL_VALUE_ARRAY ? pair->sub : NULL;
	int64_t from = 0;

	if (!succeeded(e) || !pair)
		return false;
	for (size_t i = 0; i < 2; i++) {
		if (v && !value_int(v, &fd[i]))
			return false;
		if (!v && pair->kind == FDL_VALUE_ARRAY && !value_is_cut(pair))
			return false;
		hidden[i] = !v;
		if (!v)
			fd[i] = hidden_number(e, from);
		name[i] = value_decoration(v);
		from = fd[i] + 1;
		v = v ? v->next : NULL;
	}
	return true;
}

static void effect_pair(const struct returned *e)
{
	char name[2][NAME_MAX_SHOWN];
	struct span decoration[2];
	struct given given[2];
	bool hidden[2];
	int64_t fd[2];

	if (!read_pair(e, fd, decoration, hidden)) {
		judge_over(e->r, e->task, NULL, 0, true);
		gave_nothing(e, 0);
		return;
	}
	for (size_t i = 0; i < 2; i++)
		given[i] = (struct given){ .how = GIFT_NEW,
					   .call = e->row->name,
					   .name = name_of(e, decoration[i], name[i]),
					   .number = fd[i],
					   .cloexec = asks_for_cloexec(e) };
	judge_over(e->r, e->task, fd, 2, false);
	if (strncmp(e->row->name, "pipe", 4) == 0) {
		given[0].end = END_READ;
		given[1].end = END_WRITE;
		judge_pair(e->r, e->task, given);
	} else {
		judge_given(e->r, e->task, &given[0]);
		judge_given(e->r, e->task, &given[1]);
	}
	for (size_t i = 0; i < 2; i++)
		if (hidden[i])
			note_hidden(e, fd[i]);
}

/* dup, and its equivalents of fcntl. */
static void duplicate(const struct returned *e, enum gift how, int64_t from, bool cloexec)
{
	int64_t source = returned_number(e, 1, -1);
	const struct log_slot *slot;
	char name[NAME_MAX_SHOWN + 1] = "?";
	struct given given = { .how = how,
			       .call = how == GIFT_DUP ? "dup" : "fcntl(F_DUPFD)",
			       .name = name,
			       .number = e->call->value.num,
			       .from = from,
			       .source = source,
			       .cloexec = cloexec };

	if (failed_with(e, "EBADF")) {
		judge_closed(e->r, e->task, given.call, source);
		note_badf(e, source);
	} else if (!succeeded(e)) {
		gave_nothing(e, from);
	}
	if (!succeeded(e)) {
		judge_over(e->r, e->task, NULL, 0, true);
		return;
	}
	judge_over(e->r, e->task, &e->call->value.num, 1, false);
	judge_open(e->r, e->task, given.call, source);
	slot = table_look(e->task->table, source);
	if (slot && slot->origin) {
		strcpy(name, slot->origin->name);
		given.end = slot->origin->end;
	}
	judge_given(e->r, e->task, &given);
}

static void effect_dup(const struct returned *e)
{
	duplicate(e, GIFT_DUP, 0, false);
}

/*
 * Whether dup2 fails with EBADF because of its new descriptor: negative, or not below the limit.
 * With an unknown limit, any number above all seen may be the cause.
 */
static bool is_no_target(const struct returned *e, int64_t new)
{
	const struct process *process = e->task->process;

	if (new < 0)
		return true;
	if (process->limit_known && !process->limit_guessed)
		return (uint64_t) new >= process->limit;
	return new > e->task->table->top;
}

static void dup2_failed(const struct returned *e, int64_t old)
{
	if (!failed_with(e, "EBADF"))
		return;
	if (table_is_open(e->task->table, old) && is_no_target(e, returned_number(e, 2, -1)))
		return;
	judge_closed(e->r, e->task, e->row->name, old);
	note_badf(e, old);
}

static void effect_dup2(const struct returned *e)
{
	int64_t old = returned_number(e, 1, -1);
	int64_t new = returned_number(e, 2, succeeded(e) ? e->call->value.num : -1);
	bool cloexec = value_has(returned_argument(e, 3), "oflags", "O_CLOEXEC");
	struct table *t = e->task->table;
	struct origin *origin;
	int result;

	if (!succeeded(e)) {
		dup2_failed(e, old);
		return;
	}
	judge_open(e->r, e->task, e->row->name, old);
	if (old == new || new < 0 || new >= FD_LIMIT)
		return;
	if (!table_is_open(t, old)) {
		/* The old descriptor was open during the call and has been closed since. */
		judge_place(e->r, e->task, new,
			    origin_new(e->task->pid, e->r->line, e->row->name, "?"), cloexec);
		return;
	}
	e->r->findings->judged++;
	result = model_dup2(e->r->model, e->task->model, (int)old, new, cloexec);
	if (result == e->call->value.num)
		e->r->findings->predicted++;
	else
		judge_divergence(e->r, e->task, e->r->line, new, "%s = %lld, expected %d",
				 e->row->name, (long long)e->call->value.num, result);
	origin = origin_new(e->task->pid, e->r->line, e->row->name,
			    table_look(t, old)->origin->name);
	if (origin)
		origin->end = table_look(t, old)->origin->end;
	judge_opened(e->r, e->task, new, origin, cloexec);
	if (table_is_open(t, new))
		table_look(t, new)->kept = !cloexec;
}

/* ---- closing -------------------------------------------------------------------------------- */

/*
 * Reports a task that closes a descriptor which another task opened and which it has not used
 * itself, if it opened or closed the previous descriptor of this number: it means that one.
 */
static void note_foreign(const struct returned *e, int64_t fd)
{
	const struct log_slot *slot = table_look(e->task->table, fd);
	int pid = e->task->pid;

	if (!slot || !slot->origin || !slot->own || slot->origin->pid == pid || !slot->closed)
		return;
	if ((slot->closer != pid && slot->opener != pid) || slot->users >> (pid % 64) & 1)
		return;
	finding_add(e->r->findings, FINDING_FOREIGN, e->r->line, pid, fd, slot->origin,
		    "close of %lld, closed at line %llu by %d and opened again by %d",
		    (long long)fd, (unsigned long long)slot->closed, slot->closer,
		    slot->origin->pid);
}

static void effect_close(const struct returned *e)
{
	int64_t fd = returned_number(e, 1, -1);
	bool applied = e->task->pending.applied;

	e->task->pending.applied = false;
	if (failed_with(e, "EBADF")) {
		judge_closed(e->r, e->task, "close", fd);
		note_badf(e, fd);
		return;
	}
	if (e->call->result == FDL_LOG_ERROR)
		finding_add(e->r->findings, FINDING_BADF, e->r->line, e->task->pid, fd, NULL,
			    "close of %lld fails with %.*s", (long long)fd, (int)e->call->error_len,
			    e->call->error);
	if (applied)
		return;
	if (e->call->result == FDL_LOG_UNKNOWN || e->call->result == FDL_LOG_RESTART) {
		if (table_is_open(e->task->table, fd))
			table_look(e->task->table, fd)->maybe = true;
		return;
	}
	if (table_is_open(e->task->table, fd))
		note_foreign(e, fd);
	else
		judge_close(e->r, e->task, fd);
	if (table_is_open(e->task->table, fd)) {
		judge_note_use(e->r, table_look(e->task->table, fd));
		judge_remove(e->r, e->task, fd, e->task->pid);
		table_look(e->task->table, fd)->maybe |= e->task->pending.doubtful;
	} else {
		table_note_closed(e->task->table, fd, e->task->pid, e->r->begun, e->r->line);
	}
}

/*
 * Closes in the table and the machine: the open numbers in the range, and those not known to be
 * open.
 */
static void effect_close_range(const struct returned *e)
{
	int64_t first = returned_number(e, 1, 0), last = returned_number(e, 2, UINT_MAX);
	const struct fdl_value *flags = returned_argument(e, 3);
	bool cloexec = value_has(flags, "closerangeflags", "CLOSE_RANGE_CLOEXEC");
	bool unshare = value_has(flags, "closerangeflags", "CLOSE_RANGE_UNSHARE");
	struct table *t;

	if (!succeeded(e) || first < 0 || first > UINT_MAX)
		return;
	if (last < 0 || last > UINT_MAX)
		last = UINT_MAX;
	if (unshare)
		replay_unshare(e->r, e->task, e->start);
	t = e->task->table;
	model_close_range(e->r->model, e->task->model, (unsigned)first, (unsigned)last, unshare,
			  cloexec);
	for (int64_t fd = table_next(t, first); fd >= 0 && fd <= last; fd = table_next(t, fd + 1)) {
		if (cloexec) {
			table_look(t, fd)->cloexec = true;
			continue;
		}
		judge_remove(e->r, e->task, fd, e->task->pid);
	}
	if (cloexec)
		return;
	table_touch(t, first, last);
	t->range_first = first;
	t->range_last = last;
	t->range_line = e->r->line;
}

/* ---- flags and limits ----------------------------------------------------------------------- */

static void set_cloexec(const struct returned *e, int64_t fd, bool cloexec)
{
	struct log_slot *slot;

	judge_open(e->r, e->task, e->row->name, fd);
	if (!table_is_open(e->task->table, fd))
		return;
	model_set_cloexec(e->r->model, e->task->model, fd, cloexec);
	slot = table_look(e->task->table, fd);
	slot->cloexec = cloexec;
	slot->kept = !cloexec;
	slot->marked = true;
}

static bool is_command(const struct fdl_value *command, const char *name)
{
	return value_is(command, "fcntlcmd", name);
}

static void effect_fcntl(const struct returned *e)
{
	int64_t fd = returned_number(e, 1, -1);
	const struct fdl_value *command = returned_argument(e, 2);
	bool cloexec = is_command(command, "F_DUPFD_CLOEXEC");

	if (cloexec || is_command(command, "F_DUPFD")) {
		/* It is missing where a program's output tore the line. */
		int64_t from = returned_number(e, 3, succeeded(e) ? e->call->value.num : 0);

		duplicate(e, GIFT_DUPFD, from < 0 ? 0 : from, cloexec);
	} else if (failed_with(e, "EBADF")) {
		/* These commands accept an O_PATH descriptor: EBADF means that it is closed. */
		if (is_command(command, "F_GETFD") || is_command(command, "F_SETFD") ||
		    is_command(command, "F_GETFL"))
			judge_closed(e->r, e->task, "fcntl", fd);
		if (!table_is_open(e->task->table, fd))
			note_badf(e, fd);
	} else if (succeeded(e)) {
		if (is_command(command, "F_GETFD"))
			judge_cloexec(e->r, e->task, fd, e->call->value.num & 1);
		else if (is_command(command, "F_SETFD"))
			set_cloexec(e, fd,
				    value_has(returned_argument(e, 3), "fdflags", "FD_CLOEXEC"));
		else
			judge_open(e->r, e->task, "fcntl", fd);
	}
}

/* The descriptor that an ioctl gave, from the place that its row names. */
static int64_t ioctl_fd(const struct returned *e, const char *where, bool *hidden)
{
	const struct fdl_value *v = returned_argument(e, 3);
	int64_t fd;

	*hidden = false;
	if (!*where)
		return e->call->value.num;
	v = *where == '[' ? (v ? v->sub : NULL) : value_find(v, where);
	*hidden = !value_int(v, &fd);
	return *hidden ? hidden_number(e, 0) : fd;
}

static void effect_ioctl(const struct returned *e)
{
	const struct fdl_value *request = returned_argument(e, 2);
	bool cloexec = false, hidden;
	const char *where = request ? ioctl_gives(request, &cloexec) : NULL;
	int64_t fd;

	uses(e);
	if (succeeded(e) && value_is(request, "ioctlcmd", "FIOCLEX"))
		set_cloexec(e, returned_number(e, 1, -1), true);
	else if (succeeded(e) && value_is(request, "ioctlcmd", "FIONCLEX"))
		set_cloexec(e, returned_number(e, 1, -1), false);
	else if (succeeded(e) && !where && request && !ioctl_is_known(request))
		note_hint(e, request);
	if (!where)
		return;
	if (!succeeded(e)) {
		judge_over(e->r, e->task, NULL, 0, true);
		gave_nothing(e, 0);
		return;
	}
	fd = ioctl_fd(e, where, &hidden);
	judge_over(e->r, e->task, &fd, 1, false);
	give_descriptor(e, fd, (struct span){ "", 0 }, cloexec || asks_for_cloexec(e));
	if (hidden)
		note_hidden(e, fd);
}

/* A call that may open any descriptors without a line for them. */
static void effect_hint(const struct returned *e)
{
	uses(e);
	if (succeeded(e))
		note_hint(e, NULL);
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* clang-format off */
static void (*const effects[])(const struct returned *e) = {
	[EFFECT_USE] = uses,
	[EFFECT_GIVE] = effect_give,
	[EFFECT_PAIR] = effect_pair,
	[EFFECT_DUP] = effect_dup,
	[EFFECT_DUP2] = effect_dup2,
	[EFFECT_FCNTL] = effect_fcntl,
	[EFFECT_IOCTL] = effect_ioctl,
	[EFFECT_CLOSE] = effect_close,
	[EFFECT_CLOSE_RANGE] = effect_close_range,
	[EFFECT_MESSAGE] = effect_message,
	[EFFECT_GETSOCKOPT] = effect_getsockopt,
	[EFFECT_FORK] = effect_fork,
	[EFFECT_UNSHARE] = effect_unshare,
	[EFFECT_EXEC] = effect_exec,
	[EFFECT_EXIT] = effect_exit,
	[EFFECT_WAIT] = effect_wait,
	[EFFECT_LIMIT] = effect_limit,
	[EFFECT_HINT] = effect_hint,
};
/* clang-format on */

void replay_effect(struct replay *r, struct log_task *task, const struct log_call *row,
		   const struct fdl_log_call *call, uint64_t start)
{
	const struct returned e = { r, task, row, call, start };

	r->findings->fails |= call->result == FDL_LOG_ERROR;
	/* A call on a single line happened after the line before. */
	r->begun = start == r->line ? start - 1 : start;
	/* strace injected this result: no call was made. */
	if (call->result == FDL_LOG_FAKED)
		return;
	effects[row->effect](&e);
}

bool replay_looks_ahead(const struct log_call *row)
{
	switch (row->effect) {
	case EFFECT_CLOSE:
	case EFFECT_DUP2:
	case EFFECT_FCNTL:
	case EFFECT_FORK:
	case EFFECT_IOCTL:
	case EFFECT_EXIT:
		return true;
	default:
		return false;
	}
}

unsigned replay_reserves(const struct log_call *row, const struct fdl_log_call *call)
{
	const struct fdl_value *second = call_argument(call, 2);
	bool cloexec;

	switch (row->effect) {
	case EFFECT_FCNTL:
		if (!is_command(second, "F_DUPFD") && !is_command(second, "F_DUPFD_CLOEXEC"))
			return 0;
		break;
	case EFFECT_FORK:
		if (!value_has(value_find_in(call->args, call->nargs, "flags"), "cloneflags",
			       "CLONE_PIDFD"))
			return 0;
		break;
	case EFFECT_IOCTL:
		if (!second || !ioctl_gives(second, &cloexec))
			return 0;
		break;
	default:
		break;
	}
	return log_call_reserves(row);
}

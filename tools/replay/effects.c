/*
 * What each call of a log did: its row says of what kind it is, and here is what that means for the
 * tables. Whether it fits what the machine does is left to the judge.
 */
#include "replay/effects.h"

#include "replay/judge.h"
#include "replay/lives.h"
#include "replay/tasks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A call that has returned. */
struct returned {
	struct replay *r;
	struct log_task *task;
	const struct log_call *row;
	const struct strace_call *call;
	uint64_t start;
};

static struct span argument(const struct returned *e, unsigned number)
{
	return number <= e->call->nargs ? e->call->arg[number - 1] : (struct span){ "", 0 };
}

/* An argument as a number; missing where it is none. */
static int64_t number_of(const struct returned *e, unsigned number, int64_t missing)
{
	int64_t n;

	return span_number(argument(e, number), &n) ? n : missing;
}

static bool succeeded(const struct returned *e)
{
	return e->call->result == RESULT_NUMBER && e->call->number >= 0;
}

static bool failed_with(const struct returned *e, const char *error)
{
	return e->call->result == RESULT_ERROR && span_is(e->call->error, error);
}

/* ---- uses ----------------------------------------------------------------------------------- */

/* A descriptor of an …at call is not looked at where the path behind it is absolute. */
static bool is_looked_at(const struct returned *e, unsigned number)
{
	struct span path = span_string(argument(e, number + 1));

	if (e->row->fd[0] == 5 && span_has_word(argument(e, 4), "MAP_ANONYMOUS"))
		return false;
	return !path.len || *path.s != '/';
}

static void note_badf(const struct returned *e, int64_t fd)
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

/* What the call uses must be open; where it says EBADF, one of it must not be. */
static void uses(const struct returned *e)
{
	bool found = false;

	for (size_t i = 0; i < 3 && e->row->fd[i]; i++) {
		int64_t fd = number_of(e, e->row->fd[i], -1);

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

/* What a descriptor is called: as strace -y has it, by its path, or by its kind. */
static const char *name_of(const struct returned *e, struct span decoration, char *name)
{
	struct span path = { "", 0 };

	if (e->row->effect == EFFECT_GIVE && e->row->argument)
		path = span_string(argument(e, e->row->argument));
	if (decoration.len)
		path = decoration;
	if (!path.len)
		return e->row->shown ? e->row->shown : e->row->name;
	snprintf(name, NAME_MAX_SHOWN, "%.*s",
		 (int)(path.len < NAME_MAX_SHOWN ? path.len : NAME_MAX_SHOWN), path.s);
	return *name ? name : e->row->name;
}

static bool asks_for_cloexec(const struct returned *e)
{
	if (e->row->cloexec)
		return true;
	for (unsigned i = 1; i <= e->call->nargs; i++)
		if (span_has_suffix(argument(e, i), "_CLOEXEC"))
			return true;
	return false;
}

static void give(const struct returned *e, int64_t number, struct span decoration, bool cloexec)
{
	char name[NAME_MAX_SHOWN];
	const struct given given = { .how = GIFT_NEW,
				     .call = e->row->name,
				     .name = name_of(e, decoration, name),
				     .number = number,
				     .cloexec = cloexec };

	judge_given(e->r, e->task, &given);
}

/* One that was to give something failed: it had a descriptor all the same, for a while. */
static void gave_nothing(const struct returned *e, int64_t from)
{
	if (failed_with(e, "EMFILE") && e->row->effect != EFFECT_PAIR)
		judge_full(e->r, e->task, e->row->name, from);
	else if (e->task->table->users > 1)
		table_note_failed(e->task->table, e->task->pid, e->r->line,
				  log_call_reserves(e->row));
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
	judge_over(e->r, e->task, &e->call->number, 1, false);
	give(e, e->call->number, e->call->decoration, asks_for_cloexec(e));
}

static void effect_pair(const struct returned *e)
{
	struct span at = span_elements(argument(e, e->row->argument)), element[2];
	char name[2][NAME_MAX_SHOWN];
	int64_t fd[2];
	struct given given[2];

	if (!succeeded(e) || !span_next(&at, &element[0]) || !span_next(&at, &element[1]) ||
	    !span_number(element[0], &fd[0]) || !span_number(element[1], &fd[1])) {
		judge_over(e->r, e->task, NULL, 0, true);
		gave_nothing(e, 0);
		return;
	}
	for (size_t i = 0; i < 2; i++)
		given[i] = (struct given){ .how = GIFT_NEW,
					   .call = e->row->name,
					   .name = name_of(e, span_decoration(element[i]), name[i]),
					   .number = fd[i],
					   .cloexec = asks_for_cloexec(e) };
	judge_over(e->r, e->task, fd, 2, false);
	if (strncmp(e->row->name, "pipe", 4) == 0) {
		judge_pair(e->r, e->task, given);
		return;
	}
	judge_given(e->r, e->task, &given[0]);
	judge_given(e->r, e->task, &given[1]);
}

/* dup, and fcntl's ways to do the same. */
static void duplicate(const struct returned *e, enum gift how, int64_t from, bool cloexec)
{
	int64_t source = number_of(e, 1, -1);
	const struct log_slot *slot;
	char name[NAME_MAX_SHOWN + 1] = "?";
	struct given given = { .how = how,
			       .call = how == GIFT_DUP ? "dup" : "fcntl(F_DUPFD)",
			       .name = name,
			       .number = e->call->number,
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
	judge_over(e->r, e->task, &e->call->number, 1, false);
	judge_open(e->r, e->task, given.call, source);
	slot = table_look(e->task->table, source);
	if (slot && slot->origin)
		strcpy(name, slot->origin->name);
	judge_given(e->r, e->task, &given);
}

static void effect_dup(const struct returned *e)
{
	duplicate(e, GIFT_DUP, 0, false);
}

/* dup2 fails with EBADF for either of its descriptors: the new one may be above the limit. */
static void dup2_failed(const struct returned *e, int64_t old)
{
	bool above = number_of(e, 2, -1) > table_lowest(e->task->table, 0);

	if (!failed_with(e, "EBADF"))
		return;
	if (!above || e->row->name[3] == '2')
		if (!above || !table_is_open(e->task->table, old))
			judge_closed(e->r, e->task, e->row->name, old);
	if (!table_is_open(e->task->table, old))
		note_badf(e, old);
}

static void effect_dup2(const struct returned *e)
{
	int64_t old = number_of(e, 1, -1), new = number_of(e, 2, -1);
	bool cloexec = span_has_word(argument(e, 3), "O_CLOEXEC");
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
		/* It was open when this happened, and is not any more. */
		judge_place(e->r, e->task, new,
			    origin_new(e->task->pid, e->r->line, e->row->name, "?"), cloexec);
		return;
	}
	e->r->findings->judged++;
	result = model_dup2(e->r->model, e->task->model, (int)old, new, cloexec);
	if (result == e->call->number)
		e->r->findings->predicted++;
	else
		judge_divergence(e->r, e->task, e->r->line, new, "%s = %lld, expected %d",
				 e->row->name, (long long)e->call->number, result);
	origin = origin_new(e->task->pid, e->r->line, e->row->name,
			    table_look(t, old)->origin->name);
	replay_bar(e->r, e->task, new);
	table_close(t, new, e->task->pid, e->r->begun, e->r->line);
	e->r->no_memory |= !table_open(t, new, origin, cloexec, e->r->begun, e->r->line);
	if (t->nopen > e->task->process->record.highest)
		e->task->process->record.highest = t->nopen;
}

/* ---- messages ------------------------------------------------------------------------------- */

/* Goes on with each descriptor in the control messages of one message. */
static void take_message(const struct returned *e, struct span message, bool cloexec, bool judge)
{
	struct span control = span_elements(span_behind(message, "msg_control=")), element;

	while (span_next(&control, &element)) {
		struct span type = span_behind(element, "cmsg_type=");
		struct span data = span_elements(span_behind(element, "cmsg_data="));
		struct span item;
		int64_t fd;

		if (!span_is(type, "SCM_RIGHTS") && !span_is(type, "SCM_PIDFD"))
			continue;
		while (span_next(&data, &item)) {
			if (!span_number(item, &fd) || fd < 0)
				continue;
			if (judge)
				give(e, fd, span_decoration(item), cloexec);
			else
				judge_over(e->r, e->task, &fd, 1, false);
		}
	}
}

static void effect_message(const struct returned *e)
{
	bool cloexec = span_has_word(argument(e, e->row->argument), "MSG_CMSG_CLOEXEC");
	struct span messages = argument(e, 2), at = span_elements(messages), element;

	uses(e);
	for (int judge = 0; succeeded(e) && judge < 2; judge++) {
		if (!at.len)
			take_message(e, messages, cloexec, judge);
		for (struct span rest = at; span_next(&rest, &element);)
			take_message(e, element, cloexec, judge);
	}
	judge_over(e->r, e->task, NULL, 0, false);
}

/* ---- closing -------------------------------------------------------------------------------- */

/*
 * A task closes what another one has opened, and what it has not used: when it has closed the
 * one that had this number before, or had opened that, it means the old one.
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
	int64_t fd = number_of(e, 1, -1);
	bool applied = e->task->pending.applied;

	e->task->pending.applied = false;
	if (failed_with(e, "EBADF")) {
		judge_closed(e->r, e->task, "close", fd);
		note_badf(e, fd);
		return;
	}
	if (e->call->result == RESULT_ERROR)
		finding_add(e->r->findings, FINDING_BADF, e->r->line, e->task->pid, fd, NULL,
			    "close of %lld fails with %.*s", (long long)fd, (int)e->call->error.len,
			    e->call->error.s);
	if (applied)
		return;
	if (e->call->result == RESULT_UNKNOWN || e->call->result == RESULT_RESTART) {
		if (table_is_open(e->task->table, fd))
			table_look(e->task->table, fd)->maybe = true;
		return;
	}
	if (table_is_open(e->task->table, fd))
		note_foreign(e, fd);
	else
		judge_close(e->r, e->task, fd);
	if (table_is_open(e->task->table, fd))
		judge_remove(e->r, e->task, fd, e->task->pid);
}

/* On both sides: what is open in the range, and what nobody knew to be open. */
static void effect_close_range(const struct returned *e)
{
	int64_t first = number_of(e, 1, 0), last = number_of(e, 2, UINT_MAX);
	struct span flags = argument(e, 3);
	bool cloexec = span_has_word(flags, "CLOSE_RANGE_CLOEXEC");
	struct table *t;
	char text[64];

	if (!succeeded(e) || first < 0 || first > UINT_MAX)
		return;
	if (last < 0 || last > UINT_MAX)
		last = UINT_MAX;
	if (span_has_word(flags, "CLOSE_RANGE_UNSHARE"))
		replay_unshare(e->r, e->task, e->start);
	t = e->task->table;
	snprintf(text, sizeof(text), "%.*s", (int)flags.len, flags.len ? flags.s : "");
	model_close_range(e->r->model, e->task->model, (unsigned)first, (unsigned)last,
			  *text ? text : "0");
	for (int64_t fd = table_next(t, first); fd >= 0 && fd <= last; fd = table_next(t, fd + 1)) {
		if (cloexec) {
			table_look(t, fd)->cloexec = true;
			continue;
		}
		replay_bar(e->r, e->task, fd);
		table_close(t, fd, e->task->pid, e->r->begun, e->r->line);
	}
	if (!cloexec)
		table_touch(t, first, last);
}

/* ---- flags and limits ----------------------------------------------------------------------- */

static void set_cloexec(const struct returned *e, int64_t fd, bool cloexec)
{
	judge_open(e->r, e->task, e->row->name, fd);
	if (!table_is_open(e->task->table, fd))
		return;
	model_set_cloexec(e->r->model, e->task->model, fd, cloexec);
	table_look(e->task->table, fd)->cloexec = cloexec;
}

static void effect_fcntl(const struct returned *e)
{
	int64_t fd = number_of(e, 1, -1);
	struct span command = argument(e, 2);

	if (span_is(command, "F_DUPFD") || span_is(command, "F_DUPFD_CLOEXEC")) {
		int64_t from = number_of(e, 3, 0);

		duplicate(e, GIFT_DUPFD, from < 0 ? 0 : from, span_is(command, "F_DUPFD_CLOEXEC"));
	} else if (failed_with(e, "EBADF")) {
		/* Those that do not ask for more than a name of O_PATH gives. */
		if (span_is(command, "F_GETFD") || span_is(command, "F_SETFD") ||
		    span_is(command, "F_GETFL"))
			judge_closed(e->r, e->task, "fcntl", fd);
		if (!table_is_open(e->task->table, fd))
			note_badf(e, fd);
	} else if (succeeded(e)) {
		if (span_is(command, "F_GETFD"))
			judge_cloexec(e->r, e->task, fd, e->call->number & 1);
		else if (span_is(command, "F_SETFD"))
			set_cloexec(e, fd, span_has_word(argument(e, 3), "FD_CLOEXEC"));
		else
			judge_open(e->r, e->task, "fcntl", fd);
	}
}

static void effect_ioctl(const struct returned *e)
{
	bool cloexec = false;
	const char *where = ioctl_gives(argument(e, 2), &cloexec);
	int64_t fd;

	uses(e);
	if (succeeded(e) && span_is(argument(e, 2), "FIOCLEX"))
		set_cloexec(e, number_of(e, 1, -1), true);
	else if (succeeded(e) && span_is(argument(e, 2), "FIONCLEX"))
		set_cloexec(e, number_of(e, 1, -1), false);
	if (!where)
		return;
	if (!succeeded(e)) {
		judge_over(e->r, e->task, NULL, 0, true);
		gave_nothing(e, 0);
		return;
	}
	fd = e->call->number;
	/* What strace does not show was the lowest. */
	if (*where && !span_number(span_behind(argument(e, 3), where), &fd))
		fd = table_lowest(e->task->table, 0);
	judge_over(e->r, e->task, &fd, 1, false);
	give(e, fd, (struct span){ "", 0 }, cloexec || asks_for_cloexec(e));
}

/* 1024, 512*1024, RLIM64_INFINITY. False: it is not there. */
static bool read_limit(struct span limits, const char *field, uint64_t *value)
{
	struct span text = span_behind(limits, field);
	const char *times = text.len ? memchr(text.s, '*', text.len) : NULL;
	int64_t n, factor = 1;

	if (!text.len)
		return false;
	if (!span_number(text, &n)) {
		*value = INT_MAX;
		return true;
	}
	if (times)
		span_number((struct span){ times + 1, (size_t)(text.s + text.len - times) - 1 },
			    &factor);
	*value = (uint64_t)n * (uint64_t)factor;
	return true;
}

static void effect_limit(const struct returned *e)
{
	bool other = e->row->argument == 3; /* prlimit64 names a process */
	struct span resource = argument(e, other ? 2 : 1), limits = argument(e, e->row->argument);
	int64_t pid = other ? number_of(e, 1, 0) : 0;
	struct log_task *task = pid ? replay_find(e->r, (int)pid) : e->task;
	uint64_t soft, hard;
	bool sets;

	if (!succeeded(e) || !span_is(resource, "RLIMIT_NOFILE") || !task)
		return;
	sets = read_limit(limits, "rlim_cur=", &soft) && e->row->name[0] != 'g' &&
	       e->row->name[0] != 'u';
	if (!sets && (task->process->limit_known && !task->process->limit_guessed))
		return;
	if (!sets && other)
		limits = argument(e, 4);
	if (!read_limit(limits, "rlim_cur=", &soft) || !read_limit(limits, "rlim_max=", &hard))
		return;
	model_limit(e->r->model, task->model, soft, hard);
	task->process->limit_known = true;
	task->process->limit_guessed = false;
}

/* ---- tasks ---------------------------------------------------------------------------------- */

static struct span whole_arguments(const struct returned *e)
{
	const struct strace_call *call = e->call;
	const struct span *last;

	if (!call->nargs)
		return (struct span){ "", 0 };
	last = &call->arg[call->nargs - 1];
	return (struct span){ call->arg[0].s, (size_t)(last->s + last->len - call->arg[0].s) };
}

static void effect_fork(const struct returned *e)
{
	struct span args = whole_arguments(e);
	int child = e->task->pending.child;
	int64_t pidfd;

	e->task->pending.child = 0;
	if (!succeeded(e) || !e->call->number) {
		judge_over(e->r, e->task, NULL, 0, true);
		return;
	}
	/* Where the lines have no pids, there will be none of the child's. */
	if (!child && e->r->has_pids)
		replay_born(e->r, e->task, (int)e->call->number, args, e->row, e->start);
	if (!span_has_word(span_behind(args, "flags="), "CLONE_PIDFD"))
		return;
	if (!span_number(span_behind(args, "{pidfd=["), &pidfd) &&
	    !span_number(span_behind(args, ", pidfd=["), &pidfd) &&
	    !span_number(span_behind(args, "parent_tid=["), &pidfd))
		return;
	judge_over(e->r, e->task, &pidfd, 1, false);
	give(e, pidfd, (struct span){ "[pidfd]", 7 }, true);
}

static void effect_unshare(const struct returned *e)
{
	if (!succeeded(e) || !span_has_word(argument(e, 1), "CLONE_FILES"))
		return;
	model_unshare(e->r->model, e->task->model);
	replay_unshare(e->r, e->task, e->start);
}

static void effect_exec(const struct returned *e)
{
	struct span path = span_string(argument(e, e->row->argument));
	char program[NAME_MAX_SHOWN];

	if (!succeeded(e)) {
		uses(e);
		return;
	}
	snprintf(program, sizeof(program), "%.*s",
		 (int)(path.len < sizeof(program) ? path.len : sizeof(program)), path.s);
	replay_exec(e->r, e->task, program);
}

/* ---- all of them ---------------------------------------------------------------------------- */

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
	[EFFECT_FORK] = effect_fork,
	[EFFECT_UNSHARE] = effect_unshare,
	[EFFECT_EXEC] = effect_exec,
	[EFFECT_LIMIT] = effect_limit
};

void replay_effect(struct replay *r, struct log_task *task, const struct log_call *row,
		   const struct strace_call *call, uint64_t start)
{
	const struct returned e = { r, task, row, call, start };

	/* A line in one piece: it happened behind the line before. */
	r->begun = start == r->line ? start - 1 : start;
	/* strace made this result up, and no call was made. */
	if (call->result == RESULT_FAKED)
		return;
	effects[row->effect](&e);
}

unsigned replay_reserves(const struct log_call *row, struct span args)
{
	bool cloexec;
	struct span at = args, element = { "", 0 };

	switch (row->effect) {
	case EFFECT_FCNTL:
		if (!span_has_word(args, "F_DUPFD") && !span_has_word(args, "F_DUPFD_CLOEXEC"))
			return 0;
		break;
	case EFFECT_FORK:
		if (!span_has_word(args, "CLONE_PIDFD"))
			return 0;
		break;
	case EFFECT_IOCTL:
		span_next(&at, &element);
		span_next(&at, &element);
		if (!ioctl_gives(element, &cloexec))
			return 0;
		break;
	default:
		break;
	}
	return log_call_reserves(row);
}

/*
 * The texts of <pid>/syscall, wchan and stack: the call that a task is in. Only a call that blocked
 * or stopped can be seen.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/args.h"
#include "notation/syscalls.h"
#include "tree/tree.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Addresses of the simulated program's data and code. */
#define USER_STACK 0x7ffd00000000ull
#define USER_DATA  0x7f0000000000ull
#define USER_TEXT  0x401000ull

/* The call that can be seen, or NULL. */
static const struct call *visible_call(const struct task *task)
{
	const struct call *c = task->call;

	return c && c->where ? c : NULL;
}

int proc_call_number(const struct call_row *call)
{
	return call->flags & CALL_INTERNAL ? -1 : notation_syscall(call->name, strlen(call->name));
}

/* A register: a number, or for a pointer a made-up address, another for each register. */
static uint64_t register_of(const struct call *c, size_t i)
{
	const struct fdl_row *row = c->row;

	if (i >= row->nparams)
		return 0;
	if (!row->param[i].out && !c->arg[i].str)
		return (uint64_t)c->arg[i].num;
	return USER_DATA + i * 0x1000;
}

int proc_syscall(const struct node *n, struct text *out)
{
	const struct call *c = visible_call(n->task);
	int number;

	if (!c) {
		text_puts(out, n->task->state == TASK_ZOMBIE ? "-1 0x0 0x0\n" : "running\n");
		return 0;
	}
	number = proc_call_number(c->row->call);
	text_int(out, number);
	for (size_t i = 0; number >= 0 && i < 6; i++)
		text_printf(out, " 0x%llx", (unsigned long long)register_of(c, i));
	text_printf(out, " 0x%llx 0x%llx\n", USER_STACK, USER_TEXT);
	return 0;
}

int proc_wchan(const struct node *n, struct text *out)
{
	const struct call *c = visible_call(n->task);

	text_puts(out, c ? c->where : "0");
	return 0;
}

static void frame(struct text *out, const char *prefix, const char *function, size_t len)
{
	text_puts(out, "[<0>] ");
	text_puts(out, prefix);
	text_put(out, function, len);
	text_puts(out, "+0x0/0x0\n");
}

static void frame_of(struct text *out, const char *prefix, const char *function)
{
	frame(out, prefix, function, strlen(function));
}

int proc_stack(const struct node *n, struct text *out)
{
	const struct call *c = visible_call(n->task);
	const struct kernel *k = n->machine->kernel;

	if (!c)
		return 0;
	/* A point may name a place inside a function: "expand_fdtable:relock". */
	frame(out, "", c->where, strcspn(c->where, ":"));
	if (c->row->call->flags & CALL_INTERNAL) {
		frame_of(out, "", c->row->call->name);
		return 0;
	}
	frame_of(out, k->syscall_prefix, c->row->call->name);
	for (const char *const *entry = k->syscall_entry; *entry; entry++)
		frame_of(out, "", *entry);
	return 0;
}

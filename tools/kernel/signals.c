/*
 * Sets of signals and actions, between the elements of fdlab-notation(5) and the kernel's
 * structures.
 */
#include "kernel/signals.h"

#include "kernel/sigaction.h"

#include <string.h>

/* The bits of a list of signals. */
static uint64_t bits_of(const struct fdl_arg *a)
{
	uint64_t bits = 0;

	for (int64_t i = 0; a->sub && i < a->num; i++)
		if (a->sub[i].num >= 1 && a->sub[i].num <= 64)
			bits |= UINT64_C(1) << (a->sub[i].num - 1);
	return bits;
}

int64_t put_sigset(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	const uint64_t bits = bits_of(a);

	(void)form;
	if (!a->sub)
		return a->num;
	return packer_put(p, &bits, sizeof(bits), sizeof(bits));
}

void take_sigset(struct kernel_taker *t, const struct form *form, const char *at, struct fdl_arg *a)
{
	struct fdl_arg *e;
	uint64_t bits;

	(void)form;
	memcpy(&bits, at, sizeof(bits));
	e = taker_elements(t, (size_t)__builtin_popcountll(bits));
	*a = (struct fdl_arg){ .num = e ? __builtin_popcountll(bits) : 0, .sub = e };
	for (int64_t sig = 1; e && bits; sig++, bits >>= 1)
		if (bits & 1)
			(e++)->num = sig;
}

/* pselect6's last argument: the address of a set, and its size. */
int64_t put_sigsetarg(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	int64_t pair[2];

	if (!a->sub)
		return a->num;
	pair[0] = put_sigset(p, form, &a->sub[0]);
	pair[1] = a->sub[1].num;
	return packer_put(p, pair, sizeof(pair), sizeof(pair));
}

/* The elements at sub, in order. */
enum { ACTION_HANDLER, ACTION_MASK, ACTION_FLAGS, ACTION_RESTORER, ACTION_FIELDS };

/* The task puts a handler of its own in place of the address. */
int64_t put_sigaction(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	struct kernel_sigaction action;

	(void)form;
	if (!a->sub)
		return a->num;
	action = (struct kernel_sigaction){
		.handler = a->sub[ACTION_HANDLER].num,
		.flags = (uint64_t)a->sub[ACTION_FLAGS].num,
		.restorer = a->sub[ACTION_RESTORER].num,
		.mask = bits_of(&a->sub[ACTION_MASK]),
	};
	return packer_put(p, &action, sizeof(action), sizeof(action));
}

void take_sigaction(struct kernel_taker *t, const struct form *form, const char *at,
		    struct fdl_arg *a)
{
	struct fdl_arg *e = taker_elements(t, ACTION_FIELDS);
	struct kernel_sigaction action;

	*a = (struct fdl_arg){ .num = e ? ACTION_FIELDS : 0, .sub = e };
	if (!e)
		return;
	memcpy(&action, at, sizeof(action));
	e[ACTION_HANDLER].num = action.handler;
	e[ACTION_FLAGS].num = (int64_t)action.flags;
	e[ACTION_RESTORER].num = action.restorer;
	take_sigset(t, form, at + offsetof(struct kernel_sigaction, mask), &e[ACTION_MASK]);
}

/*
 * The types of actions of signals.
 */
#include "notation/type_rows.h"

#include "base/arena.h"
#include "notation/values.h"
#include "notation/xlat.h"

#include <errno.h>
#include <string.h>

/* The restorer is libc's; strace shows it where its flag is set. */
#define RESTORER_FLAG 0x04000000

static bool has_restorer(const struct fdl_arg *fields)
{
	return fields[SIGACTION_FLAGS].num & RESTORER_FLAG;
}

static const struct field sigaction_fields[] = {
	[SIGACTION_HANDLER] = { "sa_handler", &type_sighandler, true, NULL },
	[SIGACTION_MASK] = { "sa_mask", &type_sigset, false, NULL },
	[SIGACTION_FLAGS] = { "sa_flags", &type_saflags, false, NULL },
	[SIGACTION_RESTORER] = { "sa_restorer", &type_sighandler, false, has_restorer },
};

/* In the shell's form the handler alone is enough. */
static int read_sigaction(struct binder *b, const struct type *type, const struct fdl_value *v,
			  struct fdl_arg *arg)
{
	const bool alone = b->shell && (v->kind == FDL_VALUE_WORD || v->kind == FDL_VALUE_NUMBER);

	if (!alone)
		return read_struct(b, type, v, arg);
	arg->sub = arena_alloc(b->arena, SIGACTION_FIELDS * sizeof(*arg->sub));
	if (!arg->sub)
		return -ENOMEM;
	memset(arg->sub, 0, SIGACTION_FIELDS * sizeof(*arg->sub));
	arg->num = SIGACTION_FIELDS;
	return type_sighandler.read(b, &type_sighandler, v, &arg->sub[SIGACTION_HANDLER]);
}

SYMBOL(sicode, "a code (SI_USER, ...)", sicode_words);
NUMBER(sighandler, "SIG_DFL, SIG_IGN or an address", print_symbol, RANGE(INT64_MIN, UINT64_MAX),
       WORDS(sighandler_words));
FLAGS(saflags, sa_words, UINT32_MAX);
ROW(sigaction, "an action: {...}", STRUCT, read_sigaction, print_struct, FIELDS(sigaction_fields));

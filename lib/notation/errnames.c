/*
 * Names of error numbers, and back: libc's names, and those of errors internal to the kernel that
 * strace shows.
 */
#include "notation/abi.h"
#include "fdlab.h"
#include "notation/line.h"

#include <errno.h>
#include <string.h>

#define ERRNO_LAST 133 /* EHWPOISON, Linux's highest below the restarts */

struct errname {
	int err;
	const char *name, *text;
};

/* Results inside the kernel when a signal interrupts a call; strace shows them after "= ?". */
static const struct errname restarts[] = {
	{ 512, "ERESTARTSYS", "To be restarted if SA_RESTART is set" },
	{ 513, "ERESTARTNOINTR", "To be restarted" },
	{ 514, "ERESTARTNOHAND", "To be restarted if no handler" },
	{ 516, "ERESTART_RESTARTBLOCK", "Interrupted by signal" },
};

/* NetBSD's internal errors: an open asks for a descriptor, or has made one already. */
static const struct errname internals[] = {
	{ EDUPFD, "EDUPFD", "Dup given fd" },
	{ EMOVEFD, "EMOVEFD", "Move given fd" },
};

/* Second names: read, never printed. */
static const struct errname aliases[] = {
	{ EAGAIN, "EWOULDBLOCK", NULL },
	{ EOPNOTSUPP, "ENOTSUP", NULL },
	{ EDEADLK, "EDEADLOCK", NULL },
};

static const struct errname *find_restart(int err)
{
	for (size_t i = 0; i < sizeof(restarts) / sizeof(restarts[0]); i++) {
		if (restarts[i].err == err)
			return &restarts[i];
	}
	return NULL;
}

/* The row of a number without a name in libc, or NULL. */
static const struct errname *own_find(int err)
{
	for (size_t i = 0; i < sizeof(internals) / sizeof(internals[0]); i++) {
		if (internals[i].err == err)
			return &internals[i];
	}
	return find_restart(err);
}

const char *notation_errname(int err)
{
	const struct errname *own;

	if (err > 0 && err <= ERRNO_LAST)
		return strerrorname_np(err);
	own = own_find(err);
	return own ? own->name : NULL;
}

const char *notation_errtext(int err)
{
	const struct errname *own;

	if (err > 0 && err <= ERRNO_LAST)
		return strerrordesc_np(err);
	own = own_find(err);
	return own ? own->text : NULL;
}

static bool is_name(const char *known, const char *name, size_t len)
{
	return known && known[1] == name[1] && strncmp(known, name, len) == 0 && known[len] == '\0';
}

static int find_in(const struct errname *table, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++) {
		if (is_name(table[i].name, name, len))
			return table[i].err;
	}
	return 0;
}

int notation_errno(const char *name, size_t len)
{
	int err;

	if (len < 2)
		return 0;
	for (err = 1; err <= ERRNO_LAST; err++) {
		if (is_name(strerrorname_np(err), name, len))
			return err;
	}
	err = find_in(restarts, sizeof(restarts) / sizeof(restarts[0]), name, len);
	if (!err)
		err = find_in(internals, sizeof(internals) / sizeof(internals[0]), name, len);
	if (err)
		return err;
	return find_in(aliases, sizeof(aliases) / sizeof(aliases[0]), name, len);
}

bool notation_is_restart(int err)
{
	return find_restart(err) != NULL;
}

int fdl_errno(const char *name, size_t len)
{
	return notation_errno(name, len);
}

const char *fdl_errname(int err)
{
	return notation_errname(err);
}

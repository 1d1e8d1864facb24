/*
 * The invariants of the tables, which hold between any two steps of system calls. References that a
 * call by hand has made count as held. A misuse of the kernel's own functions may break the
 * invariants, as it would break the kernel.
 */
#include "netbsd/filedesc.h"

#include "base/heap.h"
#include "base/refs.h"
#include "base/text.h"
#include "machine/machine.h"
#include "netbsd/fdtable.h"
#include "vfs/file.h"

#include <errno.h>

/* Complains about a table. */
#define VIOLATED(why, fdp, ...)                                                                    \
	do {                                                                                       \
		text_printf(why, "table %u: ", (fdp)->id);                                         \
		text_printf(why, __VA_ARGS__);                                                     \
		return -EUCLEAN;                                                                   \
	} while (0)

/*
 * Tables have 20 slots, then 50, and double from there. A copy may have been halved, again and
 * again.
 */
static bool is_size(unsigned nfiles)
{
	while (nfiles > NDEXTENT && nfiles % 2 == 0)
		nfiles /= 2;
	return nfiles == NDFILE || nfiles == NDEXTENT;
}

static int check_slots(const struct filedesc *fdp, struct refs *refs, struct text *why)
{
	for (int64_t fd = 0; (fd = next_file(fdp, fd)) != NO_FD; fd++) {
		const struct file *f;
		int error;

		if (fd > fdp->fd_lastfile)
			VIOLATED(why, fdp, "slot %lld is in use above lastfile %d", (long long)fd,
				 fdp->fd_lastfile);
		f = file_at(fdp, fd);
		error = refs_add(refs, f);
		if (error)
			return error;
		if (!is_used(fdp, fd))
			VIOLATED(why, fdp, "slot %lld is in use, its bit in lomap is clear",
				 (long long)fd);
		if (f->count == 0 || f->wantclose)
			VIOLATED(why, fdp, "slot %lld has a file that is being closed",
				 (long long)fd);
	}
	return 0;
}

/* A marked descriptor without a file belongs to a call in flight or to a call by hand. */
static int check_reserved(const struct filedesc *fdp, size_t calls, struct text *why)
{
	const unsigned reserved = count_reserved(fdp);

	if (reserved > fdp->by_hand + calls * RESERVED_BY_CALL)
		VIOLATED(why, fdp, "%u descriptors are reserved, %u by hand, with %zu calls in it",
			 reserved, fdp->by_hand, calls);
	return 0;
}

static int check_table(const struct fdl_machine *m, const struct filedesc *fdp, size_t users,
		       size_t calls, struct text *why)
{
	const int64_t free = first_free(fdp);

	/* A call in flight may hold a reference on its stack. */
	if (list_empty(&m->in_flight) ? users != fdp->fd_refcnt : users > fdp->fd_refcnt)
		VIOLATED(why, fdp, "refcnt is %u, users are %zu", fdp->fd_refcnt, users);
	if (!is_size(fdp->fd_nfiles))
		VIOLATED(why, fdp, "nfiles is %u", fdp->fd_nfiles);
	if (fdp->fd_lastfile < -1 || fdp->fd_lastfile >= (int64_t)fdp->fd_nfiles)
		VIOLATED(why, fdp, "lastfile is %d of %u", fdp->fd_lastfile, fdp->fd_nfiles);
	if (free < fdp->fd_freefile && free < fdp->fd_nfiles)
		VIOLATED(why, fdp, "descriptor %lld is free below freefile %d", (long long)free,
			 fdp->fd_freefile);
	return check_reserved(fdp, calls, why);
}

int netbsd_check(const struct fdl_machine *m, const void *table, size_t users, size_t calls,
		 struct refs *files, struct text *why)
{
	int error = check_table(m, table, users, calls, why);

	return error ? error : check_slots(table, files, why);
}

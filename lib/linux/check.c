/*
 * The invariants of a table, which hold between any two steps of system calls. A reservation or a
 * reference that was made by hand counts as held. Other misuse of the kernel's own functions may
 * break the invariants, as it would break the kernel. The references to files are gathered for the
 * caller, which compares them with the files' counts.
 */
#include "base/refs.h"
#include "base/text.h"
#include "linux/fdtable.h"
#include "linux/files.h"
#include "machine/machine.h"
#include "vfs/file.h"

#include <errno.h>

/* Complains about a table. */
#define VIOLATED(why, files, ...)                                                                  \
	do {                                                                                       \
		text_printf(why, "table %llu: ", (unsigned long long)(files)->id);                 \
		text_printf(why, __VA_ARGS__);                                                     \
		return -EUCLEAN;                                                                   \
	} while (0)

static int check_slots(const struct files_struct *files, struct refs *refs, struct text *why)
{
	const struct fdtable *fdt = files->fdt;
	uint64_t fd;

	for (fd = 0; (fd = fdt_next(fdt, FD_SLOTS, fd)) != FD_NONE; fd++) {
		const struct file *f = fdt_slot(fdt, fd);
		int error = refs_add(refs, f);

		if (error)
			return error;
		if (!fdt_bit(fdt, OPEN_FDS, fd) && !(files->stored && fd == files->stored_fd))
			VIOLATED(why, files, "slot %llu is in use, its open bit is clear",
				 (unsigned long long)fd);
		if (f->count == 0)
			VIOLATED(why, files, "slot %llu has a file whose count is 0",
				 (unsigned long long)fd);
	}
	return 0;
}

/* An open bit without a file belongs to a call in flight, or was set by hand. */
static int check_reservations(const struct files_struct *files, size_t calls, struct text *why)
{
	const struct fdtable *fdt = files->fdt;
	unsigned reserved = 0;

	for (uint64_t fd = 0; (fd = fdt_next(fdt, OPEN_FDS, fd)) != FD_NONE; fd++)
		reserved += !fdt_slot(fdt, fd);
	if (reserved > files->by_hand + calls * RESERVED_BY_CALL)
		VIOLATED(why, files,
			 "%u descriptors are reserved, %u by hand, with %zu calls in it", reserved,
			 files->by_hand, calls);
	return 0;
}

static int check_table(const struct fdl_machine *m, const struct files_struct *files, size_t users,
		       size_t calls, struct text *why)
{
	const struct fdtable *fdt = files->fdt;
	uint64_t fd = fdt_first_free(fdt), last = fdt_last_open(fdt);

	/* Calls in flight hold references that are on their stacks. */
	if (list_empty(&m->in_flight) ? users != files->count : users > files->count)
		VIOLATED(why, files, "count is %u, users are %zu", files->count, users);
	if (fdt->stage != FDTABLE_IN_USE)
		VIOLATED(why, files, "its fdtable was retired");
	if (fd < files->next_fd && fd < fdt->max_fds)
		VIOLATED(why, files, "descriptor %llu is free below next_fd %u",
			 (unsigned long long)fd, files->next_fd);
	if (last != FD_NONE && last >= fdt->max_fds)
		VIOLATED(why, files, "descriptor %llu is beyond max_fds %u",
			 (unsigned long long)last, fdt->max_fds);
	return check_reservations(files, calls, why);
}

int linux_check(const struct fdl_machine *m, const void *table, size_t users, size_t calls,
		struct refs *files, struct text *why)
{
	int error = check_table(m, table, users, calls, why);

	return error ? error : check_slots(table, files, why);
}

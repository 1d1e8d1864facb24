/*
 * closef, the end of a file's life in this kernel: the last reference waits until nobody uses the
 * file any more. So a close can wait for a read that waits for input, and a dup2 over a descriptor
 * that is being opened waits for the one who opens it.
 */
#include "netbsd/filedesc.h"

#include "machine/deadlock.h"
#include "vfs/file.h"
#include "vfs/lock.h"
#include "machine/machine.h"
#include "machine/touch.h"

#include <errno.h>

/*
 * Who is being killed, and who exits because of somebody else's call, cannot wait: the last user
 * closes the file then.
 */
static bool can_wait(const struct task *current)
{
	return current->call->co && !current->call->killed;
}

/* Waits to be the only user. False: it cannot. */
static bool drain(struct task *current, struct file *f)
{
	touch_all(current->machine);
	while (f->uses > 1) {
		if (!can_wait(current) || sched_wait_for(current, &current->machine->drained,
							 "closef", true, ended_by_users, f) < 0)
			return false;
	}
	return true;
}

int closef(struct task *current, struct file *f)
{
	int error = 0;

	if (is_explored(current->machine))
		touch_dropped(f);
	if (f->wantclose) {
		file_unuse(current, f);
		return 0;
	}
	if (!f->larval) {
		if (f->ops->flush) {
			touch_all(current->machine);
			error = f->ops->flush(current, f, current->leader);
		}
		locks_remove_posix(current, f, current->leader);
	}
	if (--f->count) {
		file_unuse(current, f);
		return error;
	}
	f->wantclose = true;
	if (f->uses > 1 && !drain(current, f)) {
		file_unuse(current, f);
		return error;
	}
	f->uses--;
	file_release(current, f);
	return error;
}

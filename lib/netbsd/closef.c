/*
 * closef, the end of a file's life: the last reference waits until no call uses the file any more.
 * So close waits for a read that waits for input, and dup2 over a descriptor that is being opened
 * waits for the opener.
 */
#include "netbsd/filedesc.h"

#include "machine/deadlock.h"
#include "netbsd/fdtable.h"
#include "vfs/file.h"
#include "vfs/lock.h"

#include <errno.h>

/*
 * A call that is being killed cannot wait, nor can a task that exits in the middle of another
 * task's call: then the last user closes the file.
 */
static bool can_wait(const struct task *current)
{
	return current->call->co && !current->call->killed;
}

/* Waits until the caller is the only user. False: it cannot. */
static bool drain(struct task *current, struct file *f)
{
	while (f_usecount_await(f) > 1) {
		if (!can_wait(current) || sched_wait_for(current, &current->machine->drained,
							 "closef", true, ended_by_users, f) < 0)
			return false;
	}
	return true;
}

int closef(struct task *current, struct file *f)
{
	int error = 0;

	if (!f->larval) {
		error = file_flush(current, f, current->leader);
		locks_remove_posix(current, f, current->leader);
	}
	/* Another closer has dropped the last reference, and waits for this use to end. */
	if (f->wantclose) {
		file_unuse(current, f);
		return 0;
	}
	if (f_count_dec(f)) {
		file_unuse(current, f);
		return error;
	}
	f->wantclose = true;
	if (f->uses > 1 && !drain(current, f)) {
		file_unuse(current, f);
		return error;
	}
	f_usecount_dec(f);
	file_release(current, f);
	return error;
}

/*
 * The owners of descriptions, and the notices that are due to them.
 */
#include "vfs/fown.h"

#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>

#define FOWN_SIZE ((size_t)96) /* fown_struct and fasync_struct, as kmalloc has them */

_Static_assert(sizeof(struct fown_struct) <= FOWN_SIZE, "an owner is charged for too little");

/* The owner's structure, made if there is none. NULL: no memory. */
static struct fown_struct *file_f_owner_allocate(struct task *current, struct file *f)
{
	touch_all(f->machine);
	if (f->owner)
		return f->owner;
	f->owner = object_alloc(current, FOWN_SIZE);
	if (!f->owner)
		return NULL;
	list_init(&f->owner->link);
	f->owner->file = f;
	return f->owner;
}

int f_setown_ex(struct task *current, struct file *f, int64_t type, int64_t pid)
{
	struct fown_struct *owner;

	if (type < F_OWNER_TID || type > F_OWNER_PGRP)
		return -EINVAL;
	owner = file_f_owner_allocate(current, f);
	if (!owner)
		return -ENOMEM;
	if (pid && !task_find(f->machine, (int)pid))
		return -ESRCH;
	owner->type = (int)type;
	owner->pid = (int)pid;
	if (pid) {
		owner->uid = current->uid;
		owner->ruid = current->ruid;
	}
	return 0;
}

int f_setown(struct task *current, struct file *f, int64_t who)
{
	const int pid = (int)who;

	if (pid == INT_MIN)
		return -EINVAL;
	return f_setown_ex(current, f, pid < 0 ? F_OWNER_PGRP : F_OWNER_PID, pid < 0 ? -pid : pid);
}

/* Whether the owner's number still means what it is to mean. */
static bool owner_is_there(const struct fdl_machine *m, const struct fown_struct *owner)
{
	const struct task *t = task_find(m, owner->pid);

	switch (owner->type) {
	case F_OWNER_TID:
		return t;
	case F_OWNER_PID:
		return t && t->tgid == t->pid;
	default:
		return owner->pid == PROCESS_GROUP;
	}
}

void f_getown_ex(const struct file *f, int *type, int *pid)
{
	const struct fown_struct *owner = f->owner;

	*type = owner ? owner->type : F_OWNER_TID;
	*pid = owner && owner_is_there(f->machine, owner) ? owner->pid : 0;
}

void f_getowner_uids(const struct file *f, uint32_t *ruid, uint32_t *uid)
{
	*ruid = f->owner ? f->owner->ruid : 0;
	*uid = f->owner ? f->owner->uid : 0;
}

int f_setsig(struct task *current, struct file *f, int64_t sig)
{
	struct fown_struct *owner;

	if (sig < 0 || sig > SIGRTMAX)
		return -EINVAL;
	owner = file_f_owner_allocate(current, f);
	if (!owner)
		return -ENOMEM;
	owner->signum = (int)sig;
	return 0;
}

int f_getsig(const struct file *f)
{
	return f->owner ? f->owner->signum : 0;
}

int fasync_helper(struct task *current, int fd, struct file *f, bool on, struct list *entries)
{
	struct fown_struct *owner;

	touch_all(f->machine);
	/* A file that open(2) gave O_ASYNC is in no list, and keeps the flag. */
	if (!on && f->owner && !list_empty(&f->owner->link)) {
		fown_release(f);
		f->flags &= ~(unsigned)O_ASYNC;
	}
	if (!on)
		return 0;
	owner = file_f_owner_allocate(current, f);
	if (!owner)
		return -ENOMEM;
	owner->fd = fd;
	list_del(&owner->link);
	list_add(&owner->link, entries);
	f->flags |= O_ASYNC;
	return 0;
}

int fown_default(struct task *current, struct file *f)
{
	const struct fown_struct *owner = file_f_owner_allocate(current, f);

	if (!owner)
		return -ENOMEM;
	return owner->pid ? 0 : f_setown_ex(current, f, F_OWNER_PID, current->tgid);
}

void fown_forget(struct file *f)
{
	touch_all(f->machine);
	if (!f->owner)
		return;
	f->owner->type = F_OWNER_PID;
	f->owner->pid = 0;
	f->owner->signum = 0;
}

/* Queues a notice to an owner, if there is one. False: no memory. */
static bool queue_notice(struct fdl_machine *m, const struct fown_struct *owner, int fd, int code)
{
	struct sigio *due;

	touch_all(m);
	if (!owner->pid)
		return true;
	due = charged_alloc(m, sizeof(*due));
	if (!due)
		return false;
	due->owner = *owner;
	due->owner.fd = fd;
	due->code = code;
	list_add_tail(&due->link, &m->sigio);
	m->chores = true;
	return true;
}

void fown_signal(const struct file *f, int fd, int code)
{
	if (f->owner)
		queue_notice(f->machine, f->owner, fd, code);
}

void kill_fasync(struct fdl_machine *m, struct list *entries, unsigned mode, int code)
{
	list_for_each(pos, entries) {
		const struct fown_struct *owner = container_of(pos, struct fown_struct, link);

		if (owner->file->mode & mode && !queue_notice(m, owner, owner->fd, code))
			return;
	}
}

void fown_release(struct file *f)
{
	if (!f->owner)
		return;
	list_del(&f->owner->link);
	list_init(&f->owner->link);
}

void fown_free(struct file *f)
{
	if (f->owner)
		object_free(f->machine, f->owner, FOWN_SIZE);
	f->owner = NULL;
}

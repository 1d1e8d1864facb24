/*
 * SCM_RIGHTS: descriptors in messages. A message holds references to the files; the receiver gets
 * new descriptors of its own for them.
 */
#include "socket/scm.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "process/pidfd.h"
#include "socket/message.h"
#include "socket/sock.h"
#include "socket/unix.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

static size_t fp_size(size_t n)
{
	return sizeof(struct scm_fp_list) + n * sizeof(struct file *);
}

static struct scm_fp_list *fp_alloc(struct task *current, size_t n)
{
	struct fdl_machine *m = current->machine;
	struct scm_fp_list *fp;

	if (vfs_charge(m, fp_size(SCM_MAX_FD)))
		return NULL;
	fp = malloc(fp_size(SCM_MAX_FD));
	if (!fp) {
		vfs_uncharge(m, fp_size(SCM_MAX_FD));
		return NULL;
	}
	*fp = (struct scm_fp_list){ .machine = m, .uid = current->uid, .n = n };
	list_init(&fp->transit);
	return fp;
}

/* Adds the files of one control message. */
static int scm_fp_copy(struct task *current, const struct fdl_arg *cmsg, struct scm_fp_list **fpp)
{
	const struct fdl_arg *data = &cmsg[CMSG_FIELD_DATA];
	size_t n = ((size_t)cmsg[CMSG_FIELD_LEN].num - CMSG_LEN(0)) / sizeof(int);

	if (n > (size_t)(data->sub ? data->num : 0))
		n = data->sub ? (size_t)data->num : 0;
	if (n > SCM_MAX_FD)
		return -EINVAL;
	if (!n)
		return 0;
	if (!*fpp)
		*fpp = fp_alloc(current, 0);
	if (!*fpp)
		return -ENOMEM;
	if ((*fpp)->n + n > SCM_MAX_FD)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		struct fd fd = fdget_raw(current, data->sub[i].num);

		if (!fd.file)
			return -EBADF;
		(*fpp)->file[(*fpp)->n++] = get_file(fd.file);
		fdput(current, fd);
	}
	return 0;
}

/* Only root may name a process or ids that are not its own. 0, -EINVAL, -EPERM, -ESRCH. */
static int scm_check_creds(struct task *current, const struct fdl_arg *cmsg, struct ucreds *creds)
{
	const struct fdl_arg *data = &cmsg[CMSG_FIELD_DATA];
	const bool root = current->uid == 0;
	struct ucreds c = { 0 };

	if (cmsg[CMSG_FIELD_LEN].num != CMSG_LEN(sizeof(struct ucred)))
		return -EINVAL;
	for (int64_t i = 0; data->sub && i < data->num && i < UCRED_FIELDS; i++) {
		const uint32_t number = (uint32_t)data->sub[i].num;

		*(i == UCRED_UID ? &c.uid : i == UCRED_GID ? &c.gid : (uint32_t *)&c.pid) = number;
	}
	if (c.uid == UINT32_MAX || c.gid == UINT32_MAX)
		return -EINVAL;
	/* The saved ids are the effective ones. */
	if (!root && (c.pid != current->tgid || (c.uid != current->uid && c.uid != current->ruid) ||
		      (c.gid != current->gid && c.gid != current->rgid)))
		return -EPERM;
	touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
	if (!task_find(current->machine, c.pid))
		return -ESRCH;
	if (c.uid == UINT32_MAX || c.gid == UINT32_MAX)
		return -EINVAL;
	*creds = c;
	return 0;
}

static int send_one(struct task *current, const struct sock *sk, const struct fdl_arg *cmsg,
		    size_t room, struct send *s)
{
	const size_t len = (size_t)cmsg[CMSG_FIELD_LEN].num;

	if (len < sizeof(struct cmsghdr) || len > room)
		return -EINVAL;
	if (cmsg[CMSG_FIELD_LEVEL].num != SOL_SOCKET)
		return 0;
	if (cmsg[CMSG_FIELD_TYPE].num == SCM_CREDENTIALS && current->machine->kernel->has_creds)
		return scm_check_creds(current, cmsg, &s->creds);
	if (cmsg[CMSG_FIELD_TYPE].num != SCM_RIGHTS || sk->ops->family != AF_UNIX)
		return -EINVAL;
	return scm_fp_copy(current, cmsg, &s->fp);
}

int scm_send(struct task *current, const struct sock *sk, const struct fdl_arg *msghdr,
	     struct send *s)
{
	const struct fdl_arg *control = &msghdr[MSGHDR_CONTROL];
	size_t room = (size_t)msghdr[MSGHDR_CONTROLLEN].num;
	int error = 0;

	s->fp = NULL;
	for (int64_t i = 0; !error && control->sub && i < control->num; i++) {
		const struct fdl_arg *cmsg = control->sub[i].sub;
		size_t taken;

		if (!cmsg || room < sizeof(struct cmsghdr))
			break;
		error = send_one(current, sk, cmsg, room, s);
		taken = CMSG_ALIGN((size_t)cmsg[CMSG_FIELD_LEN].num);
		room -= taken < room ? taken : room;
	}
	if (error) {
		scm_fp_destroy(current, s->fp);
		s->fp = NULL;
	}
	return error;
}

/* The AF_UNIX socket of a file, or NULL. Only these sockets can be in a cycle. */
static struct sock *unix_get_socket(const struct file *f)
{
	struct sock *sk = sock_from_file(f);

	return sk && sk->ops->family == AF_UNIX ? sk : NULL;
}

static size_t in_transit_of(const struct fdl_machine *m, uid_t uid)
{
	size_t n = 0;

	list_for_each(pos, &m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);

		if (fp->uid == uid)
			n += fp->n;
	}
	return n;
}

/* Room for a reference to each of its AF_UNIX sockets. False: no memory. */
static bool alloc_refs(struct scm_fp_list *fp)
{
	fp->nrefs = 0;
	for (size_t i = 0; i < fp->n; i++)
		fp->nrefs += unix_get_socket(fp->file[i]) != NULL;
	if (!fp->nrefs)
		return true;
	fp->refs = charged_alloc(fp->machine, fp->nrefs * sizeof(*fp->refs));
	if (!fp->refs)
		fp->nrefs = 0;
	return fp->refs;
}

int scm_attach(struct task *current, struct scm_fp_list *fp)
{
	struct fdl_machine *m = current->machine;

	touch(m, TOUCH_READ, current->leader, PART_RLIMIT);
	if (current->uid != 0 &&
	    in_transit_of(m, current->uid) > current->leader->limits->of[RLIMIT_NOFILE].cur)
		return -ETOOMANYREFS;
	if (!alloc_refs(fp))
		return -ENOMEM;
	fp->number = m->next_transit++;
	for (size_t i = 0, ref = 0; i < fp->n; i++) {
		struct sock *sk = unix_get_socket(fp->file[i]);

		if (!sk)
			continue;
		fp->refs[ref] = (struct transit_ref){ .fp = fp, .file = fp->file[i] };
		list_add_tail(&fp->refs[ref++].holder, &sk->holders);
		sk->inflight++;
		fp->file[i]->in_transit = true;
		unix_suspect(fp->file[i]);
	}
	list_add_tail(&fp->transit, &m->transit);
	return 0;
}

void scm_fp_arrived(struct scm_fp_list *fp, struct sock *to)
{
	if (fp)
		fp->to = to;
}

void scm_detach(struct scm_fp_list *fp)
{
	if (!fp || list_empty(&fp->transit))
		return;
	list_del(&fp->transit);
	fp->to = NULL;
	for (size_t i = 0; i < fp->nrefs; i++) {
		struct sock *sk = unix_get_socket(fp->refs[i].file);

		list_del(&fp->refs[i].holder);
		fp->refs[i].file->in_transit = --sk->inflight > 0;
	}
	charged_free(fp->machine, fp->refs, fp->nrefs * sizeof(*fp->refs));
	fp->refs = NULL;
	fp->nrefs = 0;
}

struct scm_fp_list *scm_fp_dup(struct task *current, const struct scm_fp_list *fp)
{
	struct scm_fp_list *copy = fp_alloc(current, fp->n);

	for (size_t i = 0; copy && i < fp->n; i++)
		copy->file[i] = get_file(fp->file[i]);
	return copy;
}

/*
 * The last reference to a socket frees its messages, which drop references to other sockets, and so
 * on. A list of what is to be dropped keeps that from recursing.
 */
void scm_fp_destroy(struct task *current, struct scm_fp_list *fp)
{
	struct fdl_machine *m;

	if (!fp)
		return;
	m = fp->machine;
	sock_touch(m);
	scm_detach(fp);
	list_add_tail(&fp->transit, &m->doomed);
	if (m->destroying)
		return;
	m->destroying = true;
	while (!list_empty(&m->doomed)) {
		fp = container_of(m->doomed.next, struct scm_fp_list, transit);
		list_del(&fp->transit);
		for (size_t i = 0; i < fp->n; i++) {
			fput(current, fp->file[i]);
			sock_touch(m);
		}
		vfs_uncharge(m, fp_size(SCM_MAX_FD));
		free(fp);
	}
	m->destroying = false;
}

/* ---- receiving ------------------------------------------------------------------------------ */

/* Types that some headers lack: Linux's, and NetBSD's by its later number. */
enum { TYPE_PIDFD = 4, TYPE_CREDS = 16 };

enum { CMSGS_MAX = 3 }; /* credentials, descriptors, a pidfd */

/*
 * Adds a control message with n numbers, of a length that may be cut for want of room, to a list of
 * them. 0 or -ENOMEM.
 */
static int add_cmsg(struct task *current, struct fdl_arg *control, int type, size_t len,
		    const struct fdl_arg *data, size_t n)
{
	struct arena *arena = &current->call->arena;
	struct fdl_arg *field = arena_alloc(arena, CMSG_FIELDS * sizeof(*field));

	if (!control->sub)
		control->sub = arena_alloc(arena, CMSGS_MAX * sizeof(*control->sub));
	if (!control->sub || !field)
		return -ENOMEM;
	field[CMSG_FIELD_LEN] = (struct fdl_arg){ .num = (int64_t)len };
	field[CMSG_FIELD_LEVEL] = (struct fdl_arg){ .num = SOL_SOCKET };
	field[CMSG_FIELD_TYPE] = (struct fdl_arg){ .num = type };
	field[CMSG_FIELD_DATA] = (struct fdl_arg){ .num = (int64_t)n, .sub = (void *)data };
	control->sub[control->num++] = (struct fdl_arg){ .num = CMSG_FIELDS, .sub = field };
	return 0;
}

/* Takes the space of a control message from the room. */
static void take_space(size_t *room, size_t space)
{
	*room -= space < *room ? space : *room;
}

/* Adds a message of numbers, of size bytes, or as much of it as there is room for. */
static int add_numbers(struct task *current, struct receive *r, struct fdl_arg *control,
		       size_t *room, int type, struct fdl_arg *data, size_t size)
{
	size_t len = CMSG_LEN(size);
	int error;

	if (*room < len)
		r->msg_flags |= MSG_CTRUNC;
	if (*room < sizeof(struct cmsghdr))
		return 0;
	if (*room < len)
		len = *room;
	error = add_cmsg(current, control, type, len, data,
			 (len - sizeof(struct cmsghdr)) / sizeof(int));
	take_space(room, CMSG_SPACE(size));
	return error;
}

/* The ids that a receiver sees where a message carries none. */
#define OVERFLOW_ID 65534

static int recv_creds(struct task *current, struct receive *r, struct fdl_arg *control,
		      size_t *room)
{
	const struct ucreds none = { 0, OVERFLOW_ID, OVERFLOW_ID };
	const struct ucreds *creds = r->creds.pid || r->at_end ? &r->creds : &none;
	struct fdl_arg *data = arena_alloc(&current->call->arena, UCRED_FIELDS * sizeof(*data));

	if (!data)
		return -ENOMEM;
	data[UCRED_PID] = (struct fdl_arg){ .num = creds->pid };
	data[UCRED_UID] = (struct fdl_arg){ .num = (int32_t)creds->uid };
	data[UCRED_GID] = (struct fdl_arg){ .num = (int32_t)creds->gid };
	return add_numbers(current, r, control, room, SCM_CREDENTIALS, data, sizeof(struct ucred));
}

/*
 * Installs the files of a message whose numbers the receiver has room for, and fills in fds. How
 * many, or an error.
 */
static ssize_t install_fds(struct task *current, const struct scm_fp_list *fp, size_t room,
			   unsigned oflags, struct fdl_arg *fds)
{
	const struct kernel *kernel = current->machine->kernel;
	const size_t max = fp->n < room ? fp->n : room;
	int fd[SCM_MAX_FD], error;
	size_t n = 0;

	if (kernel->fds_new) {
		error = kernel->fds_new(current, fp->file, fp->n, max, fd);
		if (error)
			return error;
		n = max;
	}
	for (; n < max && !kernel->fds_new; n++) {
		fd[n] = kernel->fd_new(current, call_holds(current, get_file(fp->file[n])), oflags);
		if (fd[n] < 0) {
			fput(current, fp->file[n]);
			break;
		}
	}
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct fdl_arg){ .num = fd[i] };
	return (ssize_t)n;
}

/* Gives the receiver descriptors, and lists them in a control message. */
static int recv_fds(struct task *current, struct receive *r, struct fdl_arg *control, size_t *room)
{
	const unsigned oflags = r->flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0;
	const size_t most = *room > CMSG_LEN(0) ? (*room - CMSG_LEN(0)) / sizeof(int) : 0;
	struct scm_fp_list *fp = r->fp;
	struct fdl_arg *fds = arena_alloc(&current->call->arena, (fp->n + 1) * sizeof(*fds));
	ssize_t n = fds ? 0 : -ENOMEM;
	int error;

	if (fds && *room)
		n = install_fds(current, fp, most, oflags, fds);
	error = n < 0 ? (int)n : 0;
	if (n < 0)
		n = 0;
	if ((size_t)n < fp->n)
		r->msg_flags |= MSG_CTRUNC;
	if (n) {
		error = add_cmsg(current, control, SCM_RIGHTS, CMSG_LEN((size_t)n * sizeof(int)),
				 fds, (size_t)n);
		take_space(room, CMSG_SPACE((size_t)n * sizeof(int)));
	}
	scm_fp_destroy(current, fp);
	r->fp = NULL;
	return error;
}

/* A pidfd of the sender. Without a descriptor for it, its value is the error. */
static int recv_pidfd(struct task *current, struct receive *r, struct fdl_arg *control,
		      size_t *room)
{
	struct fdl_arg *data = arena_alloc(&current->call->arena, sizeof(*data));
	struct file *f;
	int error, fd;

	if (!data)
		return -ENOMEM;
	if (*room < CMSG_LEN(sizeof(int))) {
		r->msg_flags |= MSG_CTRUNC;
		return 0;
	}
	if (!r->creds.pid)
		return 0;
	/* The files of the message have been installed; another task may close them meanwhile. */
	preempt(current, "get_unused_fd_flags");
	touch_all(current->machine);
	error = fd_reserve(current, O_CLOEXEC, &fd, 1);
	if (!error) {
		f = pidfd_file_by_number(current, r->creds.pid, &error);
		fd = fd_complete(current, fd, f, error);
	}
	*data = (struct fdl_arg){ .num = error ? error : fd };
	error = add_cmsg(current, control, TYPE_PIDFD, CMSG_LEN(sizeof(int)), data, 1);
	take_space(room, CMSG_SPACE(sizeof(int)));
	return error;
}

enum { SOCKCRED_NUMBERS = 5 };

/* The ids of the sender, and no other groups. As much of them as there is room for. */
static int recv_sockcred(struct task *current, struct receive *r, struct fdl_arg *control,
			 size_t *room)
{
	const struct sockcred *c = &r->sockcred;
	const uint32_t ids[SOCKCRED_NUMBERS] = { c->uid, c->euid, c->gid, c->egid, 0 };
	struct fdl_arg *data = arena_alloc(&current->call->arena, SOCKCRED_NUMBERS * sizeof(*data));

	if (!data)
		return -ENOMEM;
	for (size_t i = 0; i < SOCKCRED_NUMBERS; i++)
		data[i] = (struct fdl_arg){ .num = (int32_t)ids[i] };
	return add_numbers(current, r, control, room, TYPE_CREDS, data, sizeof(ids));
}

int scm_recv(struct task *current, struct receive *r, struct fdl_arg *control, size_t *len)
{
	size_t room = *len;
	int error = 0;

	if (r->has_creds && r->wants_creds)
		error = recv_creds(current, r, control, &room);
	if (r->fp && !error)
		error = recv_fds(current, r, control, &room);
	scm_fp_destroy(current, r->fp);
	r->fp = NULL;
	if (r->has_creds && r->wants_pidfd && !error)
		error = recv_pidfd(current, r, control, &room);
	if (r->has_sockcred && !error)
		error = recv_sockcred(current, r, control, &room);
	*len -= room;
	return error;
}

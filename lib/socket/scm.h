/*
 * Descriptors in messages: files from the sender's table, held while they are in transit, and put
 * into the receiver's table.
 */
#ifndef SCM_H
#define SCM_H

#include "base/list.h"
#include "notation/args.h"

#include <stddef.h>
#include <sys/types.h>

struct fdl_machine;
struct file;
struct receive;
struct send;
struct sock;
struct task;

#define SCM_MAX_FD FDL_MESSAGE_FDS

/* A reference to an AF_UNIX socket that a message holds. */
struct transit_ref {
	struct list holder; /* in the socket's list */
	struct scm_fp_list *fp;
	struct file *file;
};

/* The files of one message. */
struct scm_fp_list {
	struct list transit; /* in the machine's list, while the message is in a queue */
	struct sock *to;     /* the socket of that queue; borrowed */
	struct fdl_machine *machine;
	uid_t uid;                /* the sender's */
	uint64_t number;          /* counts the lists that were put in transit */
	struct transit_ref *refs; /* to its AF_UNIX sockets, while in transit */
	size_t nrefs;
	size_t n;
	struct file *file[]; /* references */
};

/*
 * The files and credentials of the control messages of a msghdr to be sent, for s->fp, which stays
 * NULL when there are none, and s->creds. 0, -EINVAL, -EBADF, -ENOMEM, -EPERM, -ESRCH.
 */
int scm_send(struct task *current, const struct sock *sk, const struct fdl_arg *msghdr,
	     struct send *s);

/* Puts the files in transit, before their message is queued. 0, -ETOOMANYREFS or -ENOMEM. */
int scm_attach(struct task *current, struct scm_fp_list *fp);
/* Their message is in a socket's queue, or (scm_detach) has left it. fp may be NULL. */
void scm_fp_arrived(struct scm_fp_list *fp, struct sock *to);
void scm_detach(struct scm_fp_list *fp);

/* A copy with references of its own, for MSG_PEEK. NULL: no memory. */
struct scm_fp_list *scm_fp_dup(struct task *current, const struct scm_fp_list *fp);

/* Drops the references and frees the list, detached or not. fp may be NULL. */
void scm_fp_destroy(struct task *current, struct scm_fp_list *fp);

/*
 * Makes the control messages of what was received, in *len bytes of room; *len becomes their
 * length. Credentials come first. Then the receiver gets descriptors, as many as the table and the
 * room allow; r->fp is freed in any case. r->msg_flags gets MSG_CTRUNC if something was left over.
 * 0, -ENOMEM, or an error of the kernel's fds_new.
 */
int scm_recv(struct task *current, struct receive *r, struct fdl_arg *control, size_t *len);

#endif

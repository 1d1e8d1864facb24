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
struct sock;
struct task;

#define SCM_MAX_FD 253 /* in one message */

/* The files of one message. */
struct scm_fp_list {
	struct list transit; /* in the machine's list, while the message is in a queue */
	struct sock *to;     /* the socket of that queue; borrowed */
	struct fdl_machine *machine;
	uid_t uid; /* the sender's */
	size_t n;
	struct file *file[]; /* references */
};

/*
 * The files of the control messages of a msghdr to be sent. 0 and *fp, the caller's, which is NULL
 * when there are none; -EINVAL, -EBADF, -ENOMEM.
 */
int scm_send(struct task *current, const struct sock *sk, const struct fdl_arg *msghdr,
	     struct scm_fp_list **fp);

/* Puts the files in transit, before their message is queued. 0, or -ETOOMANYREFS. */
int scm_attach(struct task *current, struct scm_fp_list *fp);
/* Their message is in a socket's queue, or (scm_detach) has left it. fp may be NULL. */
void scm_fp_arrived(struct scm_fp_list *fp, struct sock *to);
void scm_detach(struct scm_fp_list *fp);

/* A copy with references of its own, for MSG_PEEK. NULL: no memory. */
struct scm_fp_list *scm_fp_dup(struct task *current, const struct scm_fp_list *fp);

/* Drops the references and frees the list, detached or not. fp may be NULL. */
void scm_fp_destroy(struct task *current, struct scm_fp_list *fp);

/*
 * Gives the receiver descriptors, as many as the table and *len bytes of control messages have room
 * for, and makes the control message that lists them; *len becomes its length. flags are recvmsg's;
 * *msg_flags gets MSG_CTRUNC if files were left over. Frees fp in any case. 0, -ENOMEM, or an error of the kernel's fds_new.
 */
int scm_detach_fds(struct task *current, struct scm_fp_list *fp, unsigned flags,
		   struct fdl_arg *control, size_t *len, unsigned *msg_flags);

#endif

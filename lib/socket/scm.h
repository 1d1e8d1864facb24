/*
 * Descriptors in messages: taken from the sender's table, held while they are in transit, and put
 * into the receiver's. And what happens to those that nobody can receive any more: unix_gc.c.
 */
#ifndef SCM_H
#define SCM_H

#include "notation/args.h"
#include "base/list.h"

#include <stddef.h>
#include <sys/types.h>

struct fdl_machine;
struct file;
struct sock;
struct task;

#define SCM_MAX_FD 253 /* in one message */

/* The files of one message. */
struct scm_fp_list {
	struct list transit; /* in the machine's list, while it is in a queue */
	struct sock *to;     /* in whose; borrowed */
	struct fdl_machine *machine;
	uid_t uid; /* whose descriptors they were */
	size_t n;
	struct file *file[]; /* references */
};

/*
 * The files of the control messages of a message that is sent. 0 and *fp, the caller's, NULL when
 * there are none; -EINVAL, -EBADF, -ENOMEM.
 */
int scm_send(struct task *current, const struct sock *sk, const struct fdl_arg *msghdr,
	     struct scm_fp_list **fp);

/* Puts them in transit, to be done before they are queued. 0, or -ETOOMANYREFS. */
int scm_attach(struct task *current, struct scm_fp_list *fp);
/* They are in that queue now, or (scm_detach) in none any more. NULL is allowed. */
void scm_fp_arrived(struct scm_fp_list *fp, struct sock *to);
void scm_detach(struct scm_fp_list *fp);

/* Another list of the same files, for MSG_PEEK. NULL: no memory. */
struct scm_fp_list *scm_fp_dup(struct task *current, const struct scm_fp_list *fp);

/* Lets go of all of them, detached or not. NULL is allowed. */
void scm_fp_destroy(struct task *current, struct scm_fp_list *fp);

/*
 * Puts them into the table of the receiver, as far as *len bytes of control messages and the table
 * go, and the control message that tells of it into control; *len is then what it takes. flags are
 * recvmsg's; msg_flags gets MSG_CTRUNC where that was not all. Always lets go of fp. 0 or -ENOMEM.
 */
int scm_detach_fds(struct task *current, struct scm_fp_list *fp, unsigned flags,
		   struct fdl_arg *control, size_t *len, unsigned *msg_flags);

#endif

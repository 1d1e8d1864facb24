/*
 * Splicing: bytes move between a pipe and another object, by the page where the object has pages.
 */
#ifndef SPLICE_H
#define SPLICE_H

#include "notation/args.h"
#include "vfs/file.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/types.h>

/* The most that one call moves. */
#define SPLICE_MAX ((uint64_t)0x7ffff000)

/*
 * Checks a transfer of count bytes at pos: 0, or -EINVAL for a negative count or position, or an
 * end beyond the last offset.
 */
int splice_verify_area(uint64_t count, off_t pos);

/*
 * Moves up to count bytes from a file at *pos, which advances, into a pipe whose writing
 * description is out; waits until there is room for some. The number; 0 at the end of the file;
 * -EPIPE with SIGPIPE: no reader; -EAGAIN with SPLICE_F_NONBLOCK; -EINTR; -EINVAL: in cannot be
 * spliced; or its error.
 */
ssize_t splice_file_to_pipe(struct task *current, struct file *in, off_t *pos, struct file *out,
			    uint64_t count, unsigned flags);

/*
 * An offset that goes in and comes out, "inout offptr": gets it, or the description's position
 * where it is NULL: 0 or -EFAULT; and gives back how far the call came. -ENOMEM.
 */
int offset_get(const struct fdl_arg *arg, const struct file *f, off_t *pos);
int offset_put(struct task *current, struct fdl_arg *arg, struct file *f, off_t pos);

/* Reports to those that watch the files that bytes have moved from one to the other. */
void splice_notify(struct file *in, struct file *out);

/* Whether an offset is given, be it one that cannot be read. */
static inline bool offset_given(const struct fdl_arg *arg)
{
	return arg->sub || arg->num;
}

#endif

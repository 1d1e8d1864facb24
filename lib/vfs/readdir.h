/*
 * Reading directories: a directory emits its entries one by one, until the buffer of the call is
 * full. The entries of a directory come from its iterate (file.h).
 */
#ifndef READDIR_H
#define READDIR_H

#include "notation/args.h"
#include "vfs/dcache.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct file;
struct task;

/* A buffer that is being filled. */
struct dir_context {
	struct task *current;
	off_t pos;             /* of the entry that is emitted next */
	uint64_t room;         /* bytes of the buffer that are left */
	struct fdl_arg *entry; /* n structures so far, of max */
	size_t n, max;
	int error; /* why an entry was not taken */
};

/*
 * Adds an entry, whose place in the directory is ctx->pos, and whose type is that of mode. False:
 * it was not taken, and iterate ends there, with ctx->pos as it is.
 */
bool dir_emit(struct dir_context *ctx, const char *name, size_t len, uint64_t ino, mode_t mode);

/*
 * Emits "." and "..", the positions 0 and 1; afterwards ctx->pos is at least 2. False as dir_emit.
 */
bool dir_emit_dots(struct file *f, struct dir_context *ctx);

/*
 * The iterate of a directory whose names are all in the dcache: the newest name first, as on tmpfs.
 */
int dcache_iterate(struct task *current, struct file *f, struct dir_context *ctx);

#endif

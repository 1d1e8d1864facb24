/*
 * The calls of this room, a table a file, each ended by a row without a name. A kernel lists those
 * that it has.
 */
#ifndef VFS_CALLS_H
#define VFS_CALLS_H

#include "machine/kernel.h"

extern const struct call_row attr_calls[];    /* chmod, chown … */
extern const struct call_row io_calls[];      /* read, write, lseek, ftruncate, fstat … */
extern const struct call_row link_calls[];    /* link, linkat */
extern const struct call_row lock_calls[];    /* flock */
extern const struct call_row name_calls[];    /* mkdir, unlink, rename, access, chdir … */
extern const struct call_row readdir_calls[]; /* getdents64 */
extern const struct call_row stat_calls[];    /* stat, lstat, newfstatat, statx */

#endif

/*
 * The calls about names and open files that kernels may take into their lists: whole tables, each ended
 * by a row without a name.
 */
#ifndef VFS_CALLS_H
#define VFS_CALLS_H

#include "notation/args.h"

extern const struct call_row io_calls[];   /* read, write, lseek, ftruncate, fstat … */
extern const struct call_row name_calls[]; /* unlink, mkdir, rename, chdir … */
extern const struct call_row link_calls[]; /* link, linkat */
extern const struct call_row attr_calls[]; /* chmod, chown … */
extern const struct call_row lock_calls[]; /* flock */

#endif

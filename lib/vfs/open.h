/*
 * Opens a name without giving it a descriptor, for open(2) of each kernel, for exec, and for a
 * machine that starts.
 */
#ifndef OPEN_H
#define OPEN_H

#include <stdint.h>
#include <sys/types.h>

struct dentry;
struct file;
struct task;

/*
 * open(2) without the descriptor: flags have been checked, mode and resolve are openat2's. A
 * relative path starts at base; NULL: the cwd. The flags that the kernel adds to every open
 * (O_LARGEFILE) are added here. *f is the caller's. 0 or open(2)'s errors.
 */
int do_filp_open(struct task *current, struct dentry *base, const char *path, unsigned flags,
		 mode_t mode, uint64_t resolve, struct file **f);

/*
 * The same into a description that the caller has already (alloc_empty_file, file_enlist), and has
 * still, as it was, when it fails.
 */
int do_file_open(struct task *current, const char *path, unsigned flags, mode_t mode,
		 struct file *f);

#endif

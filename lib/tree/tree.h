/*
 * The tree: what can be seen, as rows of tables. A directory is a table of rows, or makes its names
 * on demand; a file is a row with the function that writes its text. Rooms add their files as
 * tables (proc.c, sysfiles.c, linux/proc.c …); this room numbers them and walks them. It knows
 * neither what a file says nor who shows the tree.
 */
#ifndef TREE_H
#define TREE_H

#include "fdlab.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct place;
struct slot;
struct task;
struct tree_ops;
struct tree_row;

/* A file that is being looked at. */
struct node {
	struct fdl_machine *machine;
	const struct tree_row *row;
	struct task *task; /* below a <pid>; NULL above */
	uint64_t fd;       /* below fd/ and fdinfo/: one that has a file */
	const struct place *place;
	fdl_ino ino;
	uint64_t
		number; /* at and below a graft: its number for the file; the directory itself is 0 */
};

/* What the names of an index count. */
enum tree_number {
	TREE_TASKS,
	TREE_DESCRIPTORS,
};

/* A directory whose names are numbers made on demand: tasks, threads, descriptors. */
struct tree_index {
	enum tree_number number;
	/* The first entry with a number of at least from: true and *number, or false. */
	bool (*next)(const struct node *dir, uint64_t from, uint64_t *number);
	/* Whether a name exists that is not listed; NULL: all that exist are. */
	bool (*hidden)(const struct node *dir, uint64_t number);
	/* How many of them are directories; NULL: none. */
	size_t (*directories)(const struct node *dir);
	/* The row that every entry follows. */
	const struct tree_row *entry;
	/*
	 * Where the entries are links to what has no path (pipe:[12]): the row of that, which is found
	 * in the directory by this name, and is not listed. find gives the entry's number. NULL: there
	 * is none.
	 */
	const struct tree_row *object;
	bool (*find)(const struct node *dir, const char *name, size_t len, uint64_t *number);
};

#define TREE_GRAFT_BITS 53 /* of a graft's numbers */

/*
 * A directory below which another tree stands: it has its own names, and its own numbers for its
 * files. A node of it has the directory's row, and the number of the file.
 */
struct tree_graft {
	/* Whether a number stands for a file: its mode, or 0. */
	mode_t (*mode)(const struct node *n);
	/* 0 and *number, -ENOENT, -ENAMETOOLONG. */
	int (*lookup)(const struct node *dir, const char *name, size_t len, uint64_t *number);
	/* The number of the directory that a directory is in, for ".."; not asked of the topmost one. */
	uint64_t (*parent)(const struct node *dir);
	/*
	 * The next name after *cookie, which it moves on; 0 starts. 1 when it filled in *number and
	 * the name of *de, or 0 at the end.
	 */
	int (*next)(const struct node *dir, uint64_t *cookie, uint64_t *number,
		    struct fdl_dirent *de);
	/* Fills in all of stat(2) but mode and times. */
	void (*stat)(const struct node *n, struct stat *st);
	/* The target of a symbolic link. 0 or an error. */
	int (*link)(const struct node *n, struct text *out);
	/* As pread(2), of what is no directory and no link. */
	ssize_t (*read)(const struct node *n, char *buf, size_t size, off_t off);
};

struct tree_row {
	const char *name; /* NULL ends a table, and is right for an index's entry */
	mode_t mode;      /* type and permissions */
	/* Files: the text. Symbolic links: the target. 0 or an error. */
	int (*text)(const struct node *n, struct text *out);
	/*
	 * What a write does with its (whole) text; the newline at its end is cut off, and there is
	 * no other one in it, and no NUL. 0 or an error.
	 */
	int (*store)(const struct node *n, const char *text, size_t len);
	const struct tree_row *rows;    /* directories: fixed names */
	const struct tree_index *index; /* directories: names on demand, behind the fixed ones */
	const struct tree_ops *ops;     /* more than a text: handle.h; or NULL */
	const struct tree_graft *graft; /* directories: another tree stands there; or NULL */
	/* The permissions, where they are not always the same (fd/N), and the type where mode has none; NULL: mode's. */
	mode_t (*mode_of)(const struct node *n);
	/* The number that stat(2) says, where that is another one; NULL: the file's own. */
	uint64_t (*ino_of)(const struct node *n);
};

/* Stands in a row's rows for those of the machine's kernel: kernel->files. */
extern const struct tree_row kernel_files[];

/*
 * Reads a number that was written to a file, as the kernel does: decimal, 0x… or 0…, with blanks
 * around it. 0, or -EINVAL for anything else and for more than max.
 */
int tree_parse_number(const char *text, size_t len, uint64_t max, uint64_t *number);

/* The slot of a descriptor that has a file. False: there is none. */
bool tree_slot(const struct task *task, uint64_t fd, struct slot *slot);

/*
 * Makes what a machine has of the tree, which resets keep; root is the row of the root directory,
 * and outlives the machine. 0 or -ENOMEM. tree_free gives it back.
 */
int tree_init(struct fdl_machine *m, const struct tree_row *root);
void tree_free(struct fdl_machine *m);

/* Looks a number up. 0, -ENOENT, -ESRCH for one below a task that is gone, -ENOMEM. */
int tree_node(struct fdl_machine *m, fdl_ino ino, struct node *n);

/* The type and permissions of a file. */
mode_t tree_mode(const struct node *n);

/* Writes the path of a file from the root, without a slash in front. */
void tree_path(const struct node *n, struct text *out);

#endif

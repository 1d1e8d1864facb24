/*
 * The tree of files that shows a machine, as tables of rows. A directory is a table, or makes its
 * names on demand; a file is a row with the function that writes its text. Other folders own the
 * tables (procfs/, and the kernels' proc.c); this one numbers the rows and walks them.
 */
#ifndef TREE_H
#define TREE_H

#include "base/text.h"
#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct tree_place;
struct slot;
struct task;
struct tree_ops;
struct tree_row;

/* A file of the tree, for the duration of a call. */
struct node {
	struct fdl_machine *machine;
	const struct tree_row *row;
	struct task *task; /* below a <pid>; NULL above */
	uint64_t fd;       /* at and below fd/N and fdinfo/N: a descriptor that has a file */
	const struct tree_place *place;
	fdl_ino ino;
	uint64_t number; /* at and below a graft: its number for the file, 0 for its directory */
};

/* The meaning of an index's numbers. */
enum tree_number {
	TREE_TASKS,
	TREE_DESCRIPTORS,
};

/* A directory whose names are numbers made on demand: tasks, threads, descriptors. */
struct tree_index {
	enum tree_number number;
	/* The first entry with a number of at least from: true and *number, or false. */
	bool (*next)(const struct node *dir, uint64_t from, uint64_t *number);
	/* Whether an entry exists though it is not listed; NULL: there are no such entries. */
	bool (*hidden)(const struct node *dir, uint64_t number);
	/* How many of the listed entries are directories; NULL: none. */
	size_t (*directories)(const struct node *dir);
	/* The row of every entry. */
	const struct tree_row *entry;
	/*
	 * If entries may be links to objects without a path (pipe:[12]): the row of such an object,
	 * which can be looked up in the directory by that text, and is not listed. find gives the
	 * number of its entry. NULL: they may not.
	 */
	const struct tree_row *object;
	bool (*find)(const struct node *dir, const char *name, size_t len, uint64_t *number);
};

#define TREE_GRAFT_BITS 53 /* of a graft's numbers */

/*
 * A directory that is another tree, with names and numbers of its own. A node in it has the
 * directory's row and the file's number.
 */
struct tree_graft {
	/* The mode of the file with a number; 0: there is none. */
	mode_t (*mode)(const struct node *n);
	/* 0 and *number, -ENOENT, -ENAMETOOLONG. */
	int (*lookup)(const struct node *dir, const char *name, size_t len, uint64_t *number);
	/* The number of a directory's parent; not asked of the topmost directory. */
	uint64_t (*parent)(const struct node *dir);
	/*
	 * The next name after *cookie, which it advances; 0 starts. 1, with *number and the name of
	 * *de; 0 at the end.
	 */
	int (*next)(const struct node *dir, uint64_t *cookie, uint64_t *number,
		    struct fdl_dirent *de);
	/* Fills in all of stat(2) but mode and times. */
	void (*stat)(const struct node *n, struct stat *st);
	/* The target of a symbolic link. 0 or an error. */
	int (*link)(const struct node *n, struct text *out);
	/* As pread(2), of files that are neither a directory nor a link. */
	ssize_t (*read)(const struct node *n, char *buf, size_t size, off_t off);
	/* Whether the file is one of the machine's own; NULL: all are. */
	bool (*simulated)(const struct node *n);
	/* Whether reading a file takes long (fdl_takes_long); NULL: of none. */
	bool (*takes_long)(const struct node *n);
};

struct tree_row {
	const char *name; /* NULL: the end of a table, or an index's entry */
	mode_t mode;      /* type and permissions */
	/* Files: the text. Symbolic links: the target. 0 or an error. */
	int (*text)(const struct node *n, struct text *out);
	/* About how many objects the text goes through; NULL: few. */
	uint64_t (*work)(const struct node *n);
	/*
	 * Files that can be written: takes the whole text, without the newline at its end; there is
	 * no other newline in it, and no NUL. 0 or an error.
	 */
	int (*store)(const struct node *n, const char *text, size_t len);
	const struct tree_row *rows;    /* directories: fixed names */
	const struct tree_index *index; /* directories: names on demand, listed after rows */
	const struct tree_ops *ops;     /* files that are more than a text (handle.h); or NULL */
	const struct tree_graft *graft; /* directories that are another tree; or NULL */
	/*
	 * The permissions of a row in which they vary (fd/N), and the type if mode has none; NULL:
	 * mode says both.
	 */
	mode_t (*mode_of)(const struct node *n);
	/* The st_ino of stat(2) if it is not the file's number in the tree; NULL: it is. */
	uint64_t (*ino_of)(const struct node *n);
};

/* As the rows of a directory: those of the machine's kernel (kernel->files). */
extern const struct tree_row kernel_files[];

/*
 * Reads a number that was written to a file, as the kernel does: decimal, 0x… or 0…, with blanks
 * around it. 0; -EINVAL: it is no number, or more than max.
 */
int tree_parse_number(const char *text, size_t len, uint64_t max, uint64_t *number);

/* The slot of a descriptor that has a file. False: there is none. */
bool tree_slot(const struct task *task, uint64_t fd, struct slot *slot);

/*
 * Makes a machine's tree, which resets keep; root is the row of the root directory, and must
 * outlive the machine. 0 or -ENOMEM. tree_free frees it.
 */
int tree_init(struct fdl_machine *m, const struct tree_row *root);
void tree_free(struct fdl_machine *m);

/* Tells a heap that is about to be frozen that no call changes the numbers (heap_skip). */
void tree_settle(struct fdl_machine *m);

/*
 * Sets rows that the root has besides its own; NULL: none. All files get other numbers. 0 or
 * -ENOMEM.
 */
int tree_add_rows(struct fdl_machine *m, const struct tree_row *rows);

/* The file with a number. 0, -ENOENT, -ESRCH (it is below a task that is gone), -ENOMEM. */
int tree_node(struct fdl_machine *m, fdl_ino ino, struct node *n);

/* The type and permissions of a file. */
mode_t tree_mode(const struct node *n);

/*
 * Work of texts, for rows: that show all tasks, descriptors and descriptions of the machine; that
 * show a table, or all that was printed of the transcript.
 */
uint64_t work_of_machine(const struct node *n);
uint64_t work_of_table(const struct node *n);
uint64_t work_of_log(const struct node *n);

/* Appends the path of a file from the root, without a leading slash. */
void tree_path(const struct node *n, struct text *out);

#endif

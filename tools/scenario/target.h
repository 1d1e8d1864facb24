/*
 * The place where a scenario is played: something that shows the tree of a machine. A target is a
 * table of
 * functions: the player does not know whether the machine is in this process, mounted, or the
 * running kernel. Errors are negative errno values.
 */
#ifndef FDLAB_TOOLS_TARGET_H
#define FDLAB_TOOLS_TARGET_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct scenario;
struct scenario_line;

struct target {
	const struct target_ops *ops;
};

struct target_ops {
	/*
	 * Starts a new machine with the assignments (n of them, "name=value"), and opens its
	 * control file for submit and replies. A message about what went wrong goes to err.
	 */
	int (*start)(struct target *t, const char *const *assignments, size_t n, char *err,
		     size_t errsize);
	/*
	 * Opens the control file of the machine that is there, and leaves the machine as it is.
	 * NULL in targets that have none before start.
	 */
	int (*join)(struct target *t, char *err, size_t errsize);
	/* Ends what start or join began. */
	void (*stop)(struct target *t);

	/* One write to the control file, which does not wait for a call that blocks. */
	ssize_t (*submit)(struct target *t, const char *text, size_t len);
	/* Reads replies from the control file: -EAGAIN or 0 when there are no more for now. */
	ssize_t (*replies)(struct target *t, char *buf, size_t size);

	/*
	 * The text of a file, or the target of a link, in memory of malloc. -EOPNOTSUPP, here and
	 * of find: the target does not show this file, though a machine has it.
	 */
	int (*read)(struct target *t, const char *path, char **text, size_t *len);
	/* Opens a file, writes to it once, and closes it: bytes written, or the error. */
	ssize_t (*write)(struct target *t, const char *path, const char *text, size_t len);
	/* Looks for a file: 0, -ENOENT or another error. */
	int (*find)(struct target *t, const char *path);
	/* Whether the machine is sound, as far as the target can tell; the first breach in err. */
	int (*check)(struct target *t, char *err, size_t errsize);

	/*
	 * Why the target cannot play a scenario, in a few words, with the *number of the line;
	 * NULL: it can. Called before start. NULL in targets that play all scenarios.
	 */
	const char *(*refuses)(struct target *t, const struct scenario *s, unsigned *number);
	/*
	 * Why the target does not show the file of an expect line; NULL: it does. NULL in targets
	 * that show all files.
	 */
	const char *(*hides)(struct target *t, const struct scenario_line *line);
	/* The name and version of a real kernel, "linux 6.1.0"; NULL in targets that are none. */
	const char *(*release)(struct target *t);

	void (*free)(struct target *t);
};

/* A machine in this process; NULL: no memory. And its machine, between start and stop. */
struct target *target_sim(void);
struct fdl_machine *target_sim_machine(struct target *t);

/*
 * The running kernel, with real tasks (kernel/tasks.h). 0, or the error of making some, with a
 * message in err: not every user may make namespaces.
 */
int target_kernel(struct target **tp, char *err, size_t errsize);

/*
 * The machine mounted at a directory. 0, or the error of opening it, with a message in err; -EINVAL
 * for a directory that shows no machine.
 */
int target_mount(const char *dir, struct target **tp, char *err, size_t errsize);

#endif

/*
 * A machine in this process as the target of scenarios: each function of the target is one or two
 * calls of the library.
 */
#include "scenario/target.h"

#include "cli/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct target_sim {
	struct target target;
	struct fdl_machine *m;
	struct fdl_history *history; /* NULL until a file of the past is asked for */
	struct fdl_handle *control;
};

static struct target_sim *sim(struct target *t)
{
	return (struct target_sim *)t;
}

static int open_path(struct fdl_machine *m, const char *path, int flags, struct fdl_handle **hp)
{
	fdl_ino ino;
	int err = fdl_walk(m, path, &ino);

	return err ? err : fdl_open(m, ino, flags, hp);
}

static void sim_stop(struct target *t)
{
	struct target_sim *s = sim(t);

	if (s->control)
		fdl_close(s->control);
	fdl_history_free(s->history);
	fdl_machine_free(s->m);
	s->history = NULL;
	s->control = NULL;
	s->m = NULL;
}

static int sim_start(struct target *t, const char *const *assignments, size_t n, char *err,
		     size_t errsize)
{
	struct target_sim *s = sim(t);
	struct fdl_options options = { 0 };
	int error = 0;

	for (size_t i = 0; !error && i < n; i++)
		error = fdl_option_set(&options, assignments[i], err, errsize);
	if (error)
		return error;
	error = fdl_machine_new(&options, &s->m);
	if (error) {
		s->m = NULL;
		snprintf(err, errsize, "%s",
			 error == -ENOMEM ? strerror(ENOMEM)
					  : "no machine can be made with these options");
		return error;
	}
	error = open_path(s->m, "control", O_RDWR, &s->control);
	if (error) {
		snprintf(err, errsize, "control: %s", strerror(-error));
		s->control = NULL;
		sim_stop(t);
	}
	return error;
}

static ssize_t sim_submit(struct target *t, const char *text, size_t len)
{
	return fdl_write(sim(t)->control, text, len, O_NONBLOCK, NULL, NULL);
}

static ssize_t sim_replies(struct target *t, char *buf, size_t size)
{
	return fdl_read(sim(t)->control, buf, size, 0, O_NONBLOCK);
}

/* Begins the history of the machine if a path leads there: the log has all lines. 0 or -ENOMEM. */
static int begin_past(struct target_sim *s, const char *path)
{
	static const char *const past[] = { "at/", "changes/" };
	int error = 0;

	while (*path == '/')
		path++;
	for (size_t i = 0; !error && !s->history && i < sizeof(past) / sizeof(past[0]); i++)
		if (!strncmp(path, past[i], strlen(past[i])))
			error = fdl_history_new(s->m, 0, &s->history);
	return error;
}

static int sim_read(struct target *t, const char *path, char **text, size_t *len)
{
	int error = begin_past(sim(t), path);

	if (!error)
		error = fdl_read_file(sim(t)->m, path, text, len);
	/* Callers leave out what they cannot read. */
	if (error == -ENOMEM)
		memory_is_out();
	return error;
}

static ssize_t sim_write(struct target *t, const char *path, const char *text, size_t len)
{
	struct fdl_handle *h;
	ssize_t n = open_path(sim(t)->m, path, O_WRONLY | O_TRUNC, &h);

	if (n < 0)
		return n;
	n = fdl_write(h, text, len, O_NONBLOCK, NULL, NULL);
	fdl_close(h);
	return n;
}

static int sim_find(struct target *t, const char *path)
{
	struct stat st;
	fdl_ino ino;
	int err = begin_past(sim(t), path);

	if (!err)
		err = fdl_walk(sim(t)->m, path, &ino);
	return err ? err : fdl_getattr(sim(t)->m, ino, &st);
}

static int sim_check(struct target *t, char *err, size_t errsize)
{
	return fdl_machine_check(sim(t)->m, err, errsize);
}

static void sim_free(struct target *t)
{
	free(t);
}

static const struct target_ops sim_ops = {
	.start = sim_start,
	.stop = sim_stop,
	.submit = sim_submit,
	.replies = sim_replies,
	.read = sim_read,
	.write = sim_write,
	.find = sim_find,
	.check = sim_check,
	.free = sim_free,
};

struct target *target_sim(void)
{
	struct target_sim *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->target.ops = &sim_ops;
	return &s->target;
}

struct fdl_machine *target_sim_machine(struct target *t)
{
	return sim(t)->m;
}

/* Reads and writes the file of what was done. */
#include "lesson/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file's path, in memory of malloc; *error without one. */
static char *state_path(int *error)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path;
	int n;

	*error = -ENOENT;
	if (state && *state == '/')
		n = asprintf(&path, "%s/fdlab/lessons", state);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/.local/state/fdlab/lessons", home);
	else
		return NULL;
	*error = n < 0 ? -ENOMEM : 0;
	return n < 0 ? NULL : path;
}

static bool read_line(const char *line, struct progress_lesson *l)
{
	return sscanf(line, "%63s %u %u %u %u", l->name, &l->step, &l->steps, &l->right,
		      &l->asked) == 5;
}

static int add(struct progress *p, const struct progress_lesson *l)
{
	struct progress_lesson *more = reallocarray(p->lessons, p->n_lessons + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->lessons = more;
	more[p->n_lessons++] = *l;
	return 0;
}

static int read_path(struct progress *p, const char *path)
{
	struct progress_lesson l;
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int error = 0;

	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while (!error && getline(&line, &room, f) >= 0) {
		if (read_line(line, &l))
			error = add(p, &l);
	}
	if (!error && ferror(f))
		error = -EIO;
	free(line);
	fclose(f);
	return error;
}

int progress_read(struct progress *p)
{
	int error;
	char *path = state_path(&error);

	*p = (struct progress){ 0 };
	if (path)
		error = read_path(p, path);
	free(path);
	return error;
}

void progress_free(struct progress *p)
{
	free(p->lessons);
}

static struct progress_lesson *find(const struct progress *p, const char *name)
{
	for (size_t i = 0; i < p->n_lessons; i++) {
		if (!strcmp(p->lessons[i].name, name))
			return &p->lessons[i];
	}
	return NULL;
}

const struct progress_lesson *progress_find(const struct progress *p, const char *name)
{
	return find(p, name);
}

/* Makes the directories above a path. */
static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST) {
			*slash = '/';
			return -errno;
		}
		*slash = '/';
	}
	return 0;
}

/* Writes all lines to a new file, and puts it in the place of the old one. */
static int write_path(const struct progress *p, const char *path)
{
	char *fresh;
	int fd, error = 0;
	FILE *f;

	if (asprintf(&fresh, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(fresh, O_CLOEXEC);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f) {
		error = -errno;
		if (fd >= 0)
			close(fd);
	}
	for (size_t i = 0; f && i < p->n_lessons; i++) {
		const struct progress_lesson *l = &p->lessons[i];

		fprintf(f, "%s %u %u %u %u\n", l->name, l->step, l->steps, l->right, l->asked);
	}
	if (f && (ferror(f) | fclose(f)))
		error = -EIO;
	if (!error && rename(fresh, path))
		error = -errno;
	if (error && fd >= 0)
		unlink(fresh);
	free(fresh);
	return error;
}

int progress_note(const struct progress_lesson *l)
{
	struct progress p = { 0 };
	struct progress_lesson *old;
	int error;
	char *path = state_path(&error);

	if (!path)
		return error;
	error = make_parents(path);
	if (!error)
		error = read_path(&p, path);
	old = find(&p, l->name);
	if (!error && !old)
		error = add(&p, l);
	else if (!error && (l->step == l->steps || old->step != old->steps))
		*old = *l;
	if (!error)
		error = write_path(&p, path);
	progress_free(&p);
	free(path);
	return error;
}

/* Reads the file "course" and the first line of each lesson. */
#include "lesson/course.h"

#include "cli/installed.h"
#include "scenario/scenario.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *course_path(const struct course *c, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s" SCENARIO_SUFFIX, c->dir, name) < 0 ? NULL : path;
}

/* ---- what there is --------------------------------------------------------------------------- */

/* The first line of a lesson, without its mark; "" if it cannot be read. NULL: no memory. */
static char *read_title(const struct course *c, const char *name)
{
	char *path = course_path(c, name), *line = NULL, *title;
	size_t room = 0;
	bool lacks = !path;
	FILE *f;

	errno = 0;
	f = path ? fopen(path, "re") : NULL;
	if (!f || getline(&line, &room, f) < 0) {
		lacks |= errno == ENOMEM;
		free(line);
		line = lacks ? NULL : strdup("");
	}
	title = line ? strdup(line + strspn(line, "# ")) : NULL;
	if (title)
		title[strcspn(title, "\r\n")] = '\0';
	free(line);
	free(path);
	if (f)
		fclose(f);
	return title;
}

static int add_lesson(struct course *c, const char *name, const char *chapter)
{
	struct course_lesson *l = reallocarray(c->lessons, c->n_lessons + 1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	c->lessons = l;
	l += c->n_lessons++;
	*l = (struct course_lesson){ strdup(name), read_title(c, name), chapter };
	return l->name && l->title ? 0 : -ENOMEM;
}

static int add_chapter(struct course *c, const char *title)
{
	char **chapters = reallocarray(c->chapters, c->n_chapters + 1, sizeof(*chapters));

	if (!chapters)
		return -ENOMEM;
	c->chapters = chapters;
	chapters[c->n_chapters] = strdup(title);
	return chapters[c->n_chapters++] ? 0 : -ENOMEM;
}

/* A line of the file "course": a chapter, or with a blank before it a lesson. */
static int read_line(struct course *c, char *line)
{
	size_t n = strlen(line);

	while (n && isspace((unsigned char)line[n - 1]))
		line[--n] = '\0';
	if (!n || *line == '#')
		return 0;
	if (!isspace((unsigned char)*line))
		return add_chapter(c, line);
	return add_lesson(c, line + strspn(line, " \t"),
			  c->n_chapters ? c->chapters[c->n_chapters - 1] : NULL);
}

static int read_order(struct course *c)
{
	char *path, *line = NULL;
	size_t room = 0;
	int error = 0;
	FILE *f;

	if (asprintf(&path, "%s/course", c->dir) < 0)
		return -ENOMEM;
	errno = 0;
	f = fopen(path, "re");
	while (f && !error && getline(&line, &room, f) >= 0)
		error = read_line(c, line);
	if (!error && (!f || !feof(f)) && errno == ENOMEM)
		error = -ENOMEM;
	free(line);
	free(path);
	if (f)
		fclose(f);
	return error;
}

static int is_lesson(const struct dirent *de)
{
	const char *dot = strrchr(de->d_name, '.');

	return dot && dot > de->d_name && !strcmp(dot, SCENARIO_SUFFIX);
}

/* The lessons that stand in the directory, and not in the file "course". */
static int read_rest(struct course *c)
{
	struct dirent **names;
	const int n = scandir(c->dir, &names, is_lesson, alphasort);
	int error = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		*strrchr(names[i]->d_name, '.') = '\0';
		if (!error && !course_find(c, names[i]->d_name))
			error = add_lesson(c, names[i]->d_name, NULL);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return error;
}

int course_read(struct course *c)
{
	int error;

	*c = (struct course){ 0 };
	error = installed_dir(FDLAB_DATADIR, "lessons", &c->dir);
	if (!error)
		error = read_order(c);
	if (!error)
		error = read_rest(c);
	return error;
}

void course_free(struct course *c)
{
	for (size_t i = 0; i < c->n_lessons; i++) {
		free(c->lessons[i].name);
		free(c->lessons[i].title);
	}
	for (size_t i = 0; i < c->n_chapters; i++)
		free(c->chapters[i]);
	free(c->lessons);
	free(c->chapters);
	free(c->dir);
}

const struct course_lesson *course_find(const struct course *c, const char *name)
{
	for (size_t i = 0; i < c->n_lessons; i++) {
		if (!strcmp(c->lessons[i].name, name))
			return &c->lessons[i];
	}
	return NULL;
}

const struct course_lesson *course_next(const struct course *c, const char *name)
{
	const struct course_lesson *l = course_find(c, name);

	return l && l + 1 < c->lessons + c->n_lessons ? l + 1 : NULL;
}

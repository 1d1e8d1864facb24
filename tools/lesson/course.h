/*
 * The course: finds its lessons, its chapters, and the order of both. A lesson is a file NAME.fdl
 * with its title in the first line; the file "course" beside them has the titles of the chapters,
 * and below each the names of its lessons, with a blank before them.
 */
#ifndef FDLAB_TOOLS_COURSE_H
#define FDLAB_TOOLS_COURSE_H

#include <stdbool.h>
#include <stddef.h>

struct course_lesson {
	char *name, *title;
	const char *chapter; /* NULL: of none */
};

struct course {
	char *dir;
	struct course_lesson *lessons; /* in order; those of no chapter are the last */
	size_t n_lessons;
	char **chapters;
	size_t n_chapters;
};

/*
 * Reads the course. 0; -ENOENT, there is none; or another error. In every case, *c is to be
 * given to course_free.
 */
int course_read(struct course *c);
void course_free(struct course *c);

/* The lesson with this name, or NULL. */
const struct course_lesson *course_find(const struct course *c, const char *name);

/* The lesson that comes after this one, or NULL. */
const struct course_lesson *course_next(const struct course *c, const char *name);

/* The file of a lesson, in memory of malloc; NULL: no memory. */
char *course_path(const struct course *c, const char *name);

#endif

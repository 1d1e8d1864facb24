/*
 * The exercises that are installed: files NAME.fdl in a directory, and beside them the file
 * "order", which has their names in the order in which they are to be done, a line each.
 */
#ifndef FDLAB_TOOLS_EXERCISE_LIST_H
#define FDLAB_TOOLS_EXERCISE_LIST_H

#include <stddef.h>

struct exercise_list {
	char *dir;
	char **names; /* NULL ends them */
	size_t n;
};

/* Reads the list. 0, -ENOENT or another error. In any case exercise_list_free is due. */
int exercise_list_read(struct exercise_list *l);
void exercise_list_free(struct exercise_list *l);

/* The file of an exercise, in memory of malloc; NULL: no memory. A name with a slash is a file. */
char *exercise_path(const struct exercise_list *l, const char *name);

/* The first line of an exercise, without its mark, in memory of malloc; NULL: it cannot be read. */
char *exercise_title(const struct exercise_list *l, const char *name);

#endif

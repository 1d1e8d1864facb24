/* Reads the file "order" of the directory of the exercises. */
#include "exercise/list.h"

#include "cli/installed.h"
#include "cli/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_names(struct exercise_list *l, FILE *order)
{
	char *line = NULL, **more;
	size_t room = 0;
	int error = 0;

	while (!error && getline(&line, &room, order) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		more = reallocarray(l->names, l->n + 2, sizeof(*more));
		if (more) {
			l->names = more;
			more[l->n] = strdup(line);
			more[l->n + 1] = NULL;
		}
		if (!more || !more[l->n++])
			error = -ENOMEM;
	}
	if (!error && !feof(order))
		error = -errno;
	free(line);
	return error;
}

int exercise_list_read(struct exercise_list *l)
{
	char *path;
	FILE *order;
	int error;

	*l = (struct exercise_list){ .n = 0 };
	error = installed_dir(FDLAB_DATADIR, "exercises", &l->dir);
	if (error)
		return error;
	if (asprintf(&path, "%s/order", l->dir) < 0)
		return -ENOMEM;
	order = fopen(path, "re");
	error = order ? read_names(l, order) : -errno;
	if (order)
		fclose(order);
	free(path);
	return error ?: l->n ? 0 : -ENOENT;
}

void exercise_list_free(struct exercise_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->names[i]);
	free(l->names);
	free(l->dir);
}

char *exercise_path(const struct exercise_list *l, const char *name)
{
	char *path;

	if (strchr(name, '/'))
		return strdup(name);
	return asprintf(&path, "%s/%s.fdl", l->dir, name) < 0 ? NULL : path;
}

char *exercise_title(const struct exercise_list *l, const char *name)
{
	char *path = exercise_path(l, name), *line = NULL;
	FILE *f;
	size_t room = 0;

	if (!path)
		memory_is_out();
	errno = 0;
	f = fopen(path, "re");
	if (f && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		memmove(line, line + strspn(line, "# "), strlen(line + strspn(line, "# ")) + 1);
	} else if (errno == ENOMEM) {
		memory_is_out();
	}
	if (f)
		fclose(f);
	free(path);
	return line;
}

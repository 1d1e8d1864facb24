/*
 * The whole tree as text: walks it by names, as a program does.
 */
#include "support/tree_text.h"

#include "fdlab.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	struct fdl_machine *m;
	FILE *out;
	size_t top; /* the length of the path where it began */
	const char *const *but;
	bool failed;
};

static bool is_left_out(const struct walk *w, const char *dir, const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return true;
	for (const char *const *b = w->but; b && *b && strlen(dir) == w->top; b++) {
		if (!strcmp(*b, name))
			return true;
	}
	return false;
}

static void put_contents(struct walk *w, const char *path)
{
	size_t len;
	char *text;
	int error = fdl_read_file(w->m, path, &text, &len);

	fprintf(w->out, " %d\n", error);
	if (error)
		return;
	fwrite(text, 1, len, w->out);
	free(text);
}

static void put_dir(struct walk *w, const char *dir)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;
	fdl_ino ino, at;
	int error = fdl_walk(w->m, dir, &ino);

	while (!error && (error = fdl_readdir(w->m, ino, &cookie, &de)) == 1) {
		struct stat st;
		char *path;

		error = 0;
		if (is_left_out(w, dir, de.name))
			continue;
		if (asprintf(&path, "%s/%s", dir, de.name) < 0)
			abort();
		if (fdl_walk(w->m, path, &at) || fdl_getattr(w->m, at, &st)) {
			w->failed = true;
		} else {
			/* A file that can be written in the present cannot in the past. */
			fprintf(w->out, "== %s %o", path + w->top, st.st_mode & ~0222u);
			if (S_ISDIR(st.st_mode)) {
				fputs("\n", w->out);
				put_dir(w, path);
			} else {
				put_contents(w, path);
			}
		}
		free(path);
	}
	w->failed |= error != 0;
}

char *tree_text(struct fdl_machine *m, const char *dir, const char *const *but)
{
	struct walk w = { .m = m, .top = strlen(dir), .but = but };
	char *text = NULL;
	size_t len;

	w.out = open_memstream(&text, &len);
	if (!w.out)
		return NULL;
	put_dir(&w, dir);
	fclose(w.out);
	if (!w.failed)
		return text;
	free(text);
	return NULL;
}

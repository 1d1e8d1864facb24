/*
 * Any bytes in one write to the control file of a machine with a history: then every file of the
 * tree is read, now and as it was after the first lines. The machine stays sound, unless kernel
 * functions are misused.
 */
#include "guided/guided.h"
#include "support/misuse.h"

#include "fdlab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 5
#define NODES_MAX 3000
#define MOMENTS   6

struct walk {
	struct fdl_machine *m;
	size_t nodes;
};

/* Whether the input may leave tables that are not sound. */
static bool misused;

static void look(struct walk *w, fdl_ino ino, mode_t mode)
{
	char path[4096], *text = NULL;
	struct stat st;
	size_t len;

	if (fdl_getattr(w->m, ino, &st))
		abort();
	if (S_ISLNK(mode))
		fdl_readlink(w->m, ino, path, sizeof(path));
	else if (S_ISREG(mode) && fdl_path(w->m, ino, path, sizeof(path)) > 0)
		fdl_read_file(w->m, path, &text, &len);
	free(text);
}

/* Directories of moments list each other's names: they are not entered. */
static void walk(struct walk *w, fdl_ino dir, int depth)
{
	uint64_t cookie = 0;
	struct fdl_dirent de;

	while (w->nodes < NODES_MAX && fdl_readdir(w->m, dir, &cookie, &de) > 0) {
		w->nodes++;
		if (!S_ISDIR(de.mode))
			look(w, de.ino, de.mode);
		else if (depth < DEPTH_MAX && strcmp(de.name, ".") != 0 &&
			 strcmp(de.name, "..") != 0 && strcmp(de.name, "at") != 0)
			walk(w, de.ino, depth + 1);
	}
}

static void check(struct fdl_machine *m)
{
	char why[256];

	if (!misused && fdl_machine_check(m, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
}

static void look_at_moments(struct fdl_history *history)
{
	uint64_t first, last;

	fdl_history_range(history, &first, &last);
	for (uint64_t n = first; n <= last && n < first + MOMENTS; n++) {
		struct fdl_machine *then;
		char *text = NULL;
		size_t len;

		if (fdl_history_at(history, n, &then))
			abort();
		check(then);
		walk(&(struct walk){ .m = then }, FDL_ROOT, 0);
		if (fdl_history_changes(history, first, n, n % 2, &text, &len))
			abort();
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fdl_options o = { .kernel = fdl_kernels()[size % 2], .memory = 1 << 20 };
	struct fdl_machine *m;
	struct fdl_history *history;

	if (fdl_machine_new(&o, &m) || fdl_history_new(m, 0, &history))
		abort();
	misused = names_misuse((const char *)data, size);
	fdl_write_file(m, "control", (const char *)data, size);
	check(m);
	walk(&(struct walk){ .m = m }, FDL_ROOT, 0);
	look_at_moments(history);
	check(m);
	fdl_history_free(history);
	fdl_machine_free(m);
	return 0;
}

/* Walks directories for scenarios, by fts(3). */
#include "scenario/gather.h"

#include "scenario/scenario.h"

#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int add(struct gathered *g, const char *name)
{
	if (!(g->n & (g->n - 1))) {
		char **more = reallocarray(g->names, g->n ? g->n * 2 : 1, sizeof(*more));

		if (!more)
			return -ENOMEM;
		g->names = more;
	}
	g->names[g->n] = strdup(name);
	return g->names[g->n++] ? 0 : -ENOMEM;
}

static bool is_wanted(const char *path, const char *filter)
{
	if (!filter)
		return true;
	return strpbrk(filter, "*?[") ? !fnmatch(filter, path, 0) : strstr(path, filter) != NULL;
}

static bool is_scenario(const FTSENT *entry)
{
	const size_t len = strlen(SCENARIO_SUFFIX);

	return entry->fts_info == FTS_F && entry->fts_namelen > len &&
	       !strcmp(entry->fts_name + entry->fts_namelen - len, SCENARIO_SUFFIX);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk(FTS *fts, const char *filter, struct gathered *g)
{
	bool found = false;
	int error = 0;

	errno = 0;
	for (FTSENT *entry; !error && (entry = fts_read(fts)) != NULL;) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
			error = -entry->fts_errno;
		if (!is_scenario(entry))
			continue;
		found = true;
		if (is_wanted(entry->fts_path, filter))
			error = add(g, entry->fts_path);
	}
	if (!error && errno)
		error = -errno;
	return error ? error : found ? 0 : -ENOENT;
}

static int gather_directory(char *dir, const char *filter, struct gathered *g)
{
	char *const dirs[] = { dir, NULL };
	FTS *fts = fts_open(dirs, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	int error;

	if (!fts)
		return -errno;
	error = walk(fts, filter, g);
	fts_close(fts);
	return error;
}

int gather_files(char **operands, size_t n, const char *filter, struct gathered *g,
		 const char **failed)
{
	int error = 0;

	*g = (struct gathered){ 0 };
	for (size_t i = 0; !error && i < n; i++) {
		struct stat st;

		*failed = operands[i];
		if (strcmp(operands[i], "-") != 0 && !stat(operands[i], &st) && S_ISDIR(st.st_mode))
			error = gather_directory(operands[i], filter, g);
		else if (is_wanted(operands[i], filter))
			error = add(g, operands[i]);
	}
	return error;
}

void gathered_free(struct gathered *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->names[i]);
	free(g->names);
	*g = (struct gathered){ 0 };
}

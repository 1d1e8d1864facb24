/* Looks for directories from where the program is. */
#include "cli/installed.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The directory of the program, with a slash at its end. False: it cannot be told. */
static bool program_dir(char *dir, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", dir, size - 1);
	char *slash;

	dir[n > 0 ? n : 0] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		slash[1] = '\0';
	return slash;
}

int installed_dir(const char *datadir, const char *name, char **dir)
{
	const char *const places[] = { "../share/fdlab", "share/fdlab", datadir };
	char beside[PATH_MAX];

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const bool relative = *places[i] != '/';

		if (relative && !program_dir(beside, sizeof(beside)))
			continue;
		if (asprintf(dir, "%s%s/%s", relative ? beside : "", places[i], name) < 0) {
			*dir = NULL;
			return -ENOMEM;
		}
		if (!access(*dir, R_OK | X_OK))
			return 0;
		free(*dir);
		*dir = NULL;
	}
	return -ENOENT;
}

/* Watches the directories of files by inotify(7): editors replace files rather than write them. */
#include "scenario/watch.h"

#include <errno.h>
#include <fts.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHANGES  (IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE)
#define QUIET_MS 100

static int add(int watch, const char *dir)
{
	return inotify_add_watch(watch, dir, CHANGES | IN_ONLYDIR) < 0 ? -errno : 0;
}

/* The directory that a file is in. */
static int add_parent(int watch, const char *file)
{
	char *copy = strdup(file);
	int error;

	if (!copy)
		return -ENOMEM;
	error = add(watch, dirname(copy));
	free(copy);
	return error;
}

/* A directory and those below it. */
static int add_tree(int watch, char *dir)
{
	char *const dirs[] = { dir, NULL };
	FTS *fts = fts_open(dirs, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	int error = 0;

	if (!fts)
		return -errno;
	for (FTSENT *entry; !error && (entry = fts_read(fts)) != NULL;) {
		if (entry->fts_info == FTS_D)
			error = add(watch, entry->fts_path);
	}
	fts_close(fts);
	return error;
}

int watch_open(char **operands, size_t n)
{
	const int watch = inotify_init1(IN_CLOEXEC);
	int error = watch < 0 ? -errno : 0;

	for (size_t i = 0; !error && i < n; i++) {
		struct stat st;

		if (!stat(operands[i], &st) && S_ISDIR(st.st_mode))
			error = add_tree(watch, operands[i]);
		else
			error = add_parent(watch, operands[i]);
	}
	if (error && watch >= 0)
		close(watch);
	return error ? error : watch;
}

int watch_wait(int watch)
{
	struct pollfd p = { .fd = watch, .events = POLLIN };
	char events[4096];
	int timeout = -1, n;

	while ((n = poll(&p, 1, timeout)) > 0) {
		if (read(watch, events, sizeof(events)) < 0)
			return -errno;
		timeout = QUIET_MS;
	}
	return n < 0 ? -errno : 0;
}

/*
 * The directory to mount on: resolves and checks it, and unmounts the dead mount that a crashed
 * daemon of the same user left there. No other mount is ever touched.
 */
#include "mountpoint.h"

#include <err.h>
#include <errno.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FSTYPE "fuse.fdlab"

enum mounted {
	NOTHING, /* or no mount of fdlab */
	MINE,    /* a mount of fdlab by this user */
	FOREIGN, /* a mount of fdlab by another user */
};

/* The kernel writes blanks and backslashes in paths as three octal digits. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		unsigned int c;

		if (s[0] == '\\' && sscanf(s + 1, "%3o", &c) == 1) {
			*to++ = (char)c;
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static bool is_by_this_user(const char *super_options)
{
	char wanted[32];
	const char *found = strstr(super_options, ",user_id=");

	snprintf(wanted, sizeof(wanted), ",user_id=%u,", (unsigned int)getuid());
	return found && !strncmp(found, wanted, strlen(wanted));
}

/*
 * Reads one line of mountinfo: id, parent, device, root, mount point, options, any optional fields,
 * a dash, type, source, options of the file system. A line about another path changes nothing.
 */
static void judge(char *line, const char *path, enum mounted *what)
{
	char *dash = strstr(line, " - ");
	char where[PATH_MAX], type[64], options[1024];

	if (!dash || sscanf(line, "%*s %*s %*s %*s %4095s", where) != 1)
		return;
	unescape(where);
	if (strcmp(where, path))
		return;
	*what = NOTHING;
	if (sscanf(dash, " - %63s %*s %1023s", type, options) == 2 && !strcmp(type, FSTYPE))
		*what = is_by_this_user(options) ? MINE : FOREIGN;
}

/* What is mounted on top at path: the last line that names it. */
static enum mounted mounted_at(const char *path)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	enum mounted what = NOTHING;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return NOTHING;
	while (getline(&line, &size, f) > 0)
		judge(line, path, &what);
	free(line);
	fclose(f);
	return what;
}

/* Only root may unmount; fusermount3 does it for other users. 0 or a negative errno. */
static int take_down(const char *path)
{
	int status;
	pid_t pid;

	if (geteuid() == 0)
		return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) ? -errno : 0;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		execlp("fusermount3", "fusermount3", "-u", "-z", "-q", "--", path, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		return -EPERM;
	return 0;
}

/* realpath fails for a dead mount, but not for the directory above it. NULL, and errno. */
static char *resolve_dead(const char *path)
{
	char *copy = strdup(path);
	size_t len = copy ? strlen(copy) : 0;
	char *name, *above, *resolved = NULL;

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	name = copy ? strrchr(copy, '/') : NULL;
	if (name)
		*name++ = '\0';
	else
		name = copy;
	if (!name || !strcmp(name, ".") || !strcmp(name, ".."))
		goto out;
	above = realpath(name == copy ? "." : *copy ? copy : "/", NULL);
	if (above && asprintf(&resolved, "%s/%s", strcmp(above, "/") ? above : "", name) < 0)
		resolved = NULL;
	free(above);
out:
	free(copy);
	errno = ENOTCONN;
	return resolved;
}

static char *resolve(const char *path)
{
	char *resolved = realpath(path, NULL);

	if (!resolved && errno == ENOTCONN)
		resolved = resolve_dead(path);
	return resolved;
}

/* 0: path can be mounted on; -1, after saying why. */
static int check(const char *path)
{
	struct stat st;
	int r;

	while (stat(path, &st)) {
		if (errno != ENOTCONN || mounted_at(path) != MINE) {
			warn("%s", path);
			return -1;
		}
		r = take_down(path);
		if (r) {
			warnx("%s: cannot take down a dead mount: %s", path, strerror(-r));
			return -1;
		}
	}
	if (mounted_at(path) != NOTHING) {
		warnx("%s: fdlab is already mounted here", path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode)) {
		warnx("%s: %s", path, strerror(ENOTDIR));
		return -1;
	}
	return 0;
}

char *mountpoint_prepare(const char *path)
{
	char *resolved = resolve(path);

	if (!resolved) {
		warn("%s", path);
		return NULL;
	}
	if (check(resolved)) {
		free(resolved);
		return NULL;
	}
	return resolved;
}

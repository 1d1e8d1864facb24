/*
 * The directory to mount on: resolves and checks it, and unmounts the dead mount that a crashed
 * daemon of the same user left there. No other mount is ever touched.
 */
#include "mountpoint.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FSTYPE      "fuse.fdlab"
#define CLAIM_TRIES 200 /* each a twentieth of a second */

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

/* The topmost mount at path: the last line that names it. */
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

/* Unmounts. Only root may; fusermount3 does it for other users. 0 or a negative errno. */
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

/* The errors of a mount whose daemon ended, or never began to serve. */
static bool is_dead(int error)
{
	return error == ENOTCONN || error == ECONNREFUSED;
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

	if (!resolved && is_dead(errno))
		resolved = resolve_dead(path);
	return resolved;
}

/* Whether a mount of this user is there that no daemon serves. */
static bool is_dead_mount(const char *path)
{
	struct stat st;

	return stat(path, &st) && is_dead(errno) && mounted_at(path) == MINE;
}

/* 0: path can be mounted on; -1, after saying why. */
static int check(const char *path)
{
	struct stat st;
	int r;

	while (stat(path, &st)) {
		if (!is_dead_mount(path)) {
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

char *mountpoint_resolve(const char *path)
{
	char *resolved = resolve(path);

	if (!resolved)
		warn("%s", path);
	return resolved;
}

/*
 * A name that one process at a time can have, and that goes with it: an abstract socket's. It needs
 * no file, so no permission, and works while the directory is a dead mount.
 */
static socklen_t claim_name(const char *path, struct sockaddr_un *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	int n;

	for (const char *c = path; *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	*name = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1, "fdlabd %u %016" PRIx64,
		     (unsigned)getuid(), hash);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

/* The claim's descriptor, or -1. */
static int claim(const char *path)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name;
	socklen_t len = claim_name(path, &name);
	int tries = 0;

	if (fd < 0) {
		warn("socket");
		return -1;
	}
	while (bind(fd, (struct sockaddr *)&name, len)) {
		if (errno != EADDRINUSE || ++tries > CLAIM_TRIES) {
			warnx("%s: another fdlabd is starting here", path);
			close(fd);
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return fd;
}

int mountpoint_claim(const char *path)
{
	int fd = claim(path);

	if (fd >= 0 && check(path)) {
		close(fd);
		return -1;
	}
	return fd;
}

int mountpoint_clear(const char *path)
{
	int fd = claim(path);
	int r;

	if (fd < 0)
		return -EBUSY;
	r = is_dead_mount(path) ? take_down(path) : 0;
	close(fd);
	return r;
}

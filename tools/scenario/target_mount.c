/*
 * A mounted machine as the target of scenarios: the tree is read and written by system calls.
 * Symbolic links of the tree are never followed: they name files of the machine (/etc/passwd),
 * which would be files of the computer.
 */
#include "scenario/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct target_mount {
	struct target target;
	char rootfs[PATH_MAX]; /* the path of its own files in texts of the mount */
	int root;
	int control; /* -1: not open */
};

static struct target_mount *mount_of(struct target *t)
{
	return (struct target_mount *)t;
}

/*
 * Opens the directory that a path's last name is in, and copies that name. The path has no "..".
 * Returns a descriptor to be closed, or an error.
 */
static int open_parent(const struct target_mount *m, const char *path, char name[NAME_MAX + 1])
{
	int dir = dup(m->root);

	strcpy(name, ".");
	while (dir >= 0) {
		size_t n;
		int next;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n > NAME_MAX) {
			close(dir);
			return -ENAMETOOLONG;
		}
		if (n) {
			memcpy(name, path, n);
			name[n] = '\0';
		}
		path += n;
		if (!path[strspn(path, "/")])
			break;
		next = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0) {
			next = -errno;
			close(dir);
			return next;
		}
		close(dir);
		dir = next;
	}
	return dir < 0 ? -errno : dir;
}

static int open_path(const struct target_mount *m, const char *path, int flags)
{
	char name[NAME_MAX + 1];
	int dir = open_parent(m, path, name);
	int fd;

	if (dir < 0)
		return dir;
	fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(dir);
	return fd;
}

static int mount_find(struct target *t, const char *path)
{
	int fd = open_path(mount_of(t), path, O_PATH);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static ssize_t result(ssize_t n)
{
	return n < 0 ? -errno : n;
}

static ssize_t mount_submit(struct target *t, const char *text, size_t len)
{
	return result(write(mount_of(t)->control, text, len));
}

static ssize_t mount_replies(struct target *t, char *buf, size_t size)
{
	return result(read(mount_of(t)->control, buf, size));
}

static void mount_stop(struct target *t)
{
	struct target_mount *m = mount_of(t);

	if (m->control >= 0)
		close(m->control);
	m->control = -1;
}

/* Copies to err the complaint of the machine about a line, or the name of the error. */
static void explain(struct target *t, ssize_t error, char *err, size_t errsize)
{
	static const char prefix[] = "# line 1: ";
	ssize_t n = mount_replies(t, err, errsize - 1);

	if (n <= 0) {
		snprintf(err, errsize, "reset: %s", strerror((int)-error));
		return;
	}
	err[n] = '\0';
	err[strcspn(err, "\n")] = '\0';
	if (!strncmp(err, prefix, strlen(prefix)))
		memmove(err, err + strlen(prefix), strlen(err + strlen(prefix)) + 1);
}

static int open_control(struct target_mount *m, char *err, size_t errsize)
{
	m->control = open_path(m, "control", O_RDWR);
	if (m->control >= 0)
		return 0;
	snprintf(err, errsize, "control: %s", strerror(-m->control));
	return m->control;
}

/* Writes the reset line through a handle of its own. */
static int reset(struct target *t, const char *line, char *err, size_t errsize)
{
	ssize_t n = open_control(mount_of(t), err, errsize);

	if (n < 0)
		return (int)n;
	n = mount_submit(t, line, strlen(line));
	if (n < 0)
		explain(t, n, err, errsize);
	mount_stop(t);
	return n < 0 ? (int)n : 0;
}

static int mount_join(struct target *t, char *err, size_t errsize)
{
	return open_control(mount_of(t), err, errsize);
}

static int mount_start(struct target *t, const char *const *assignments, size_t n, char *err,
		       size_t errsize)
{
	size_t size = sizeof("reset\n");
	char *line, *end;
	int error;

	for (size_t i = 0; i < n; i++)
		size += 1 + strlen(assignments[i]);
	line = malloc(size);
	if (!line)
		return -ENOMEM;
	end = stpcpy(line, "reset");
	for (size_t i = 0; i < n; i++)
		end = stpcpy(stpcpy(end, " "), assignments[i]);
	strcpy(end, "\n");
	error = reset(t, line, err, errsize);
	free(line);
	return error ? error : open_control(mount_of(t), err, errsize);
}

/*
 * A mount shows names of the machine below its rootfs/ (fdlabd(8), --links), so that programs can
 * follow them. A scenario has the names of the machine: removes that path from the text.
 */
static void take_rootfs_out(const struct target_mount *m, char *text, size_t *len)
{
	const size_t prefix = strlen(m->rootfs);
	char *at = text;

	while (prefix && (at = memmem(at, *len - (size_t)(at - text), m->rootfs, prefix)) != NULL) {
		char *end = at + prefix;

		/* The machine's root itself is a slash. */
		if (*end != '/')
			*at++ = '/';
		memmove(at, end, *len - (size_t)(end - text) + 1);
		*len -= (size_t)(end - at);
	}
}

/* Reads to the end, or to where reading would wait. */
static int read_all(int fd, char **text, size_t *len)
{
	size_t room = 65536;
	char *buf = malloc(room);
	ssize_t n = 0;

	*len = 0;
	while (buf) {
		n = result(read(fd, buf + *len, room - *len - 1));
		if (n <= 0)
			break;
		*len += (size_t)n;
		if (*len + 1 == room) {
			char *larger = realloc(buf, room * 2);

			if (!larger)
				free(buf);
			buf = larger;
			room *= 2;
		}
	}
	if (!buf)
		return -ENOMEM;
	if (n < 0 && n != -EAGAIN) {
		free(buf);
		return (int)n;
	}
	buf[*len] = '\0';
	*text = buf;
	return 0;
}

static int read_link(const struct target_mount *m, const char *path, char **text, size_t *len)
{
	int fd = open_path(m, path, O_PATH);
	char buf[PATH_MAX + 1];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = result(readlinkat(fd, "", buf, sizeof(buf) - 1));
	close(fd);
	if (n < 0)
		return (int)n;
	buf[n] = '\0';
	*len = (size_t)n;
	take_rootfs_out(m, buf, len);
	*text = strdup(buf);
	return *text ? 0 : -ENOMEM;
}

/* Whether a text shows names as links do. */
static bool shows_links(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	return !strcmp(name, "maps") || !strcmp(name, "smaps");
}

static int mount_read(struct target *t, const char *path, char **text, size_t *len)
{
	int fd = open_path(mount_of(t), path, O_RDONLY);
	int err;

	if (fd == -ELOOP)
		return read_link(mount_of(t), path, text, len);
	if (fd < 0)
		return fd;
	err = read_all(fd, text, len);
	close(fd);
	if (!err && shows_links(path))
		take_rootfs_out(mount_of(t), *text, len);
	return err;
}

static ssize_t mount_write(struct target *t, const char *path, const char *text, size_t len)
{
	int fd = open_path(mount_of(t), path, O_WRONLY | O_TRUNC);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = result(write(fd, text, len));
	if (close(fd) && n >= 0)
		n = -errno;
	return n;
}

/* A mount does not show whether it is sound. */
static int mount_check(struct target *t, char *err, size_t errsize)
{
	(void)t;
	if (errsize)
		*err = '\0';
	return 0;
}

static void target_mount_free(struct target *t)
{
	close(mount_of(t)->root);
	free(t);
}

static const struct target_ops mount_ops = {
	.start = mount_start,
	.join = mount_join,
	.stop = mount_stop,
	.submit = mount_submit,
	.replies = mount_replies,
	.read = mount_read,
	.write = mount_write,
	.find = mount_find,
	.check = mount_check,
	.free = target_mount_free,
};

int target_mount(const char *dir, struct target **tp, char *err, size_t errsize)
{
	struct target_mount *m = calloc(1, sizeof(*m));
	int error = -ENOMEM;

	if (!m)
		goto out;
	m->target.ops = &mount_ops;
	m->control = -1;
	m->root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (m->root < 0) {
		error = -errno;
		goto out;
	}
	if (realpath(dir, m->rootfs) && strlen(m->rootfs) + sizeof("/rootfs") <= sizeof(m->rootfs))
		strcat(m->rootfs, "/rootfs");
	else
		*m->rootfs = '\0';
	if (mount_find(&m->target, "control") || mount_find(&m->target, "1/control")) {
		snprintf(err, errsize, "%s: no machine is mounted there", dir);
		target_mount_free(&m->target);
		return -EINVAL;
	}
	*tp = &m->target;
	return 0;
out:
	free(m);
	snprintf(err, errsize, "%s: %s", dir, strerror(-error));
	return error;
}

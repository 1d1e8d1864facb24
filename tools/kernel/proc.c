/*
 * The files of a real kernel about its tasks, under the names of a machine's tree. Most files are
 * those of /proc themselves; those of the table (files/) are put together from several of them.
 */
#include "kernel/proc.h"

#include "cli/memory.h"
#include "cli/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Makes the text of a file; name is its path in /proc, pid its task. */
typedef int show_fn(struct kernel_tasks *k, const char *name, int pid, char **text, size_t *len);

static int take_text(const char *from, char **text, size_t *len)
{
	*len = strlen(from);
	*text = strdup(from);
	return *text ? 0 : -ENOMEM;
}

static int show_file(struct kernel_tasks *k, const char *name, int pid, char **text, size_t *len)
{
	char buf[16384];
	ssize_t n = kernel_proc_read(k, name, buf, sizeof(buf));

	(void)pid;
	return n < 0 ? (int)n : take_text(buf, text, len);
}

static int show_link(struct kernel_tasks *k, const char *name, int pid, char **text, size_t *len)
{
	char buf[PATH_MAX];
	ssize_t n = readlinkat(k->proc, name, buf, sizeof(buf) - 1);

	(void)pid;
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return take_text(buf, text, len);
}

/* ---- the table ------------------------------------------------------------------------------ */

static int show_max_fds(struct kernel_tasks *k, const char *name, int pid, char **text, size_t *len)
{
	char path[32], status[4096], line[32];
	uint64_t size;

	(void)name;
	snprintf(path, sizeof(path), "%d/status", pid);
	if (kernel_proc_read(k, path, status, sizeof(status)) <= 0)
		return -ENOENT;
	if (!number_after(status, "\nFDSize:", 10, &size))
		return -ENOENT;
	snprintf(line, sizeof(line), "%" PRIu64 "\n", size);
	return take_text(line, text, len);
}

/* A task that can take an order; 0: there is none. */
static int idle_task(const struct kernel_tasks *k)
{
	for (int pid = 1; pid <= kernel_tasks_last(k); pid++)
		if (kernel_task_is_idle(k, pid))
			return pid;
	return 0;
}

/* Counts the tasks that share a table, by kcmp. */
static int show_count(struct kernel_tasks *k, const char *name, int pid, char **text, size_t *len)
{
	struct kernel_order order = {
		.number = SYS_kcmp,
		.arg = { pid, 0, KCMP_FILES },
	};
	const int asked = idle_task(k);
	unsigned count = 0;
	char line[32];
	int64_t same;

	(void)name;
	if (!asked)
		return -EOPNOTSUPP;
	for (int other = 1; other <= kernel_tasks_last(k); other++) {
		char state = kernel_task_was_made(k, other) ? kernel_task_state(k, other) : 0;

		order.arg[1] = other;
		if (!state || state == 'Z')
			continue;
		if (kernel_task_call(k, asked, &order, &same) != KERNEL_RETURNED || same < 0)
			return -EOPNOTSUPP;
		count += same == 0;
	}
	snprintf(line, sizeof(line), "%u\n", count);
	return take_text(line, text, len);
}

/* Whether a descriptor is open with close-on-exec set. */
static bool is_marked(struct kernel_tasks *k, int pid, unsigned fd)
{
	char path[64], info[4096];
	uint64_t flags;

	snprintf(path, sizeof(path), "%d/fdinfo/%u", pid, fd);
	if (kernel_proc_read(k, path, info, sizeof(info)) <= 0)
		return false;
	return number_after(info, "flags:", 8, &flags) && (flags & O_CLOEXEC);
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

/* The open descriptors of a task, sorted, in memory of malloc. 0 or an error. */
static int open_descriptors(struct kernel_tasks *k, int pid, unsigned **fds, size_t *n)
{
	size_t room = 64;
	struct dirent *de;
	char path[32];
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%d/fd", pid);
	fd = openat(k->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	*n = 0;
	*fds = malloc(room * sizeof(**fds));
	while (*fds && (de = readdir(dir)) != NULL) {
		unsigned *larger = *fds;
		uint64_t number;

		if (!number_read(de->d_name, &number))
			continue;
		if (*n == room) {
			room *= 2;
			larger = reallocarray(*fds, room, sizeof(**fds));
			if (!larger)
				free(*fds);
			*fds = larger;
		}
		if (larger)
			larger[(*n)++] = (unsigned)number;
	}
	closedir(dir);
	if (!*fds)
		return -ENOMEM;
	qsort(*fds, *n, sizeof(**fds), compare_numbers);
	return 0;
}

/* Numbers as the kernel prints lists: "0-2,7". */
static int print_ranges(const unsigned *fds, size_t n, char **text, size_t *len)
{
	FILE *f = memory_stream(text, len);

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < n;) {
		size_t last = i;

		while (last + 1 < n && fds[last + 1] == fds[last] + 1)
			last++;
		fprintf(f, "%s%u", i ? "," : "", fds[i]);
		if (last > i)
			fprintf(f, "-%u", fds[last]);
		i = last + 1;
	}
	fputc('\n', f);
	return fclose(f) ? -ENOMEM : 0;
}

static int show_open_list(struct kernel_tasks *k, const char *name, int pid, char **text,
			  size_t *len)
{
	unsigned *fds;
	size_t n;
	int error = open_descriptors(k, pid, &fds, &n);

	(void)name;
	if (error)
		return error;
	error = print_ranges(fds, n, text, len);
	free(fds);
	return error;
}

static int show_marked_list(struct kernel_tasks *k, const char *name, int pid, char **text,
			    size_t *len)
{
	unsigned *fds;
	size_t n, marked = 0;
	int error = open_descriptors(k, pid, &fds, &n);

	(void)name;
	if (error)
		return error;
	for (size_t i = 0; i < n; i++)
		if (is_marked(k, pid, fds[i]))
			fds[marked++] = fds[i];
	error = print_ranges(fds, marked, text, len);
	free(fds);
	return error;
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Paths after the pid; a name that ends in "/" is a directory of numbers. */
static const struct {
	const char *name;
	show_fn *show;
} files[] = {
	{ "", NULL },
	{ "fd", NULL },
	{ "fdinfo", NULL },
	{ "fd/", show_link },
	{ "fdinfo/", show_file },
	{ "status", show_file },
	{ "comm", show_file },
	{ "limits", show_file },
	{ "cwd", show_link },
	{ "exe", show_link },
	{ "root", show_link },
	{ "files/count", show_count },
	{ "files/max_fds", show_max_fds },
	{ "files/open_fds_list", show_open_list },
	{ "files/close_on_exec_list", show_marked_list },
};

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static bool is_called(const char *rest, const char *name)
{
	size_t n = strlen(name);

	if (n && name[n - 1] == '/')
		return !strncmp(rest, name, n) && is_number(rest + n);
	return !strcmp(rest, name);
}

/* A path of the tree, taken apart. */
struct shown_path {
	int group, pid; /* its task; group 0: the path names none */
	const char *rest;
	show_fn *show;
};

/* Takes a path of the tree apart. False: a real kernel does not show it. */
static bool find_shown(const char *path, struct shown_path *shown)
{
	static const char task[] = "/task/";
	uint64_t pid, group = 0;
	const char *end = decimal_at(path + strspn(path, "/"), &pid);

	if (end && !strncmp(end, task, strlen(task))) {
		group = pid;
		end = decimal_at(end + strlen(task), &pid);
	}
	if (!end || !pid || pid > INT_MAX || group > INT_MAX || (*end && *end != '/'))
		return false;
	shown->group = (int)group;
	shown->pid = (int)pid;
	shown->rest = end + strspn(end, "/");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!is_called(shown->rest, files[i].name))
			continue;
		shown->show = files[i].show;
		return true;
	}
	return false;
}

/* The path in /proc. A thread is looked for in the group that the path names. */
static void name_in_proc(const struct shown_path *s, const char *rest, char *name, size_t size)
{
	if (s->group)
		snprintf(name, size, "%d/task/%d/%s", s->group, s->pid, rest);
	else
		snprintf(name, size, "%d/%s", s->pid, rest);
}

bool kernel_proc_shows(const char *path)
{
	struct shown_path shown;

	return find_shown(path, &shown);
}

int kernel_proc_text(struct kernel_tasks *k, const char *path, char **text, size_t *len)
{
	char name[PATH_MAX];
	struct shown_path shown;

	if (!find_shown(path, &shown))
		return -EOPNOTSUPP;
	if (!shown.show)
		return -EISDIR;
	name_in_proc(&shown, "", name, sizeof(name));
	if (shown.group && faccessat(k->proc, name, F_OK, 0))
		return -errno;
	name_in_proc(&shown, shown.rest, name, sizeof(name));
	return shown.show(k, name, shown.pid, text, len);
}

int kernel_proc_find(struct kernel_tasks *k, const char *path)
{
	char name[PATH_MAX];
	struct shown_path shown;
	struct stat st;

	if (!find_shown(path, &shown))
		return -EOPNOTSUPP;
	kernel_task_state(k, shown.pid);
	/* The files that are put together are there when the task is. */
	name_in_proc(&shown, strncmp(shown.rest, "files/", 6) ? shown.rest : "", name,
		     sizeof(name));
	return fstatat(k->proc, name, &st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
}

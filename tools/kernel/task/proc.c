/* Files of procfs, read by system calls: this program has no libc. */
#include "kernel/task/proc.h"

#include "kernel/task/processor.h"
#include "kernel/task/text.h"

#include <linux/fcntl.h>
#include <stddef.h>

static char *put(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	*to = '\0';
	return to;
}

struct digits {
	char text[12], *first;
	size_t n;
};

static void put_digits(struct digits *d, int32_t pid)
{
	char *const end = d->text + sizeof(d->text) - 1;

	*end = '\0';
	d->first = end;
	for (int32_t left = pid; left; left /= 10)
		*--d->first = (char)('0' + left % 10);
	d->n = (size_t)(end - d->first);
}

/* Reads the beginning of a file of a task. The number of bytes, or an error. */
static long read_file(const struct digits *pid, const char *name, char *text, size_t size)
{
	char path[48];
	long fd, n;

	put(put(put(path, "/proc/"), pid->first), name);
	fd = call4(__NR_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	n = call4(__NR_read, fd, (long)text, (long)size, 0);
	call4(__NR_close, fd, 0, 0, 0);
	return n;
}

char proc_state_of(int32_t pid)
{
	struct digits d;
	char text[256];
	long n;

	put_digits(&d, pid);
	n = read_file(&d, "/stat", text, sizeof(text));
	if (n <= 0 || !begins(text, d.first) || text[d.n] != ' ')
		return 0;
	while (n > 0 && text[n - 1] != ')')
		n--;
	return n > 0 ? text[n + 1] : 0;
}

uint64_t proc_turns_of(int32_t pid)
{
	uint64_t sum = (uint32_t)pid;
	struct digits d;
	char text[96];
	long n;

	put_digits(&d, pid);
	n = read_file(&d, "/schedstat", text, sizeof(text));
	for (long i = 0; i < n; i++)
		sum = (sum ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return sum;
}

bool proc_has_fallen_asleep(int32_t pid)
{
	struct digits d;
	char text[96] = "";

	put_digits(&d, pid);
	return read_file(&d, "/syscall", text, sizeof(text) - 1) <= 0 || !begins(text, "running");
}

int32_t proc_parent_of(int32_t pid)
{
	struct digits d;
	char text[256];
	int32_t parent = 0;
	long n, at;

	put_digits(&d, pid);
	n = read_file(&d, "/stat", text, sizeof(text));
	if (n <= 0)
		return 0;
	for (at = n; at > 0 && text[at - 1] != ')';)
		at--;
	for (at += at > 0 ? 3 : n; at < n && text[at] >= '0' && text[at] <= '9'; at++)
		parent = parent * 10 + (text[at] - '0');
	return parent;
}

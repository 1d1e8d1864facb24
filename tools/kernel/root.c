/*
 * Makes the file system of the real tasks: a tmpfs in place of /, with the names that a machine
 * starts with. It is mounted in a mount namespace of its own and vanishes with the last task.
 */
#include "kernel/root.h"

#include "kernel/image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* clang-format off */
static const struct {
	const char *name;
	mode_t mode;
	const char *content; /* of a link; for a device: the device outside that it is */
} names[] = {
	{ "bin",         S_IFDIR | 0755,  NULL },
	{ "dev",         S_IFDIR | 0755,  NULL },
	{ "etc",         S_IFDIR | 0755,  NULL },
	{ "home",        S_IFDIR | 0755,  NULL },
	{ "proc",        S_IFDIR | 0555,  NULL },
	{ "tmp",         S_IFDIR | 01777, NULL },
	{ "dev/null",    S_IFCHR | 0666,  "/dev/null" },
	{ "dev/zero",    S_IFCHR | 0666,  "/dev/zero" },
	{ "dev/full",    S_IFCHR | 0666,  "/dev/full" },
	{ "dev/tty",     S_IFCHR | 0666,  "/dev/tty" },
	{ "dev/console", S_IFCHR | 0600,  "/dev/null" },
	{ "dev/fd",      S_IFLNK | 0777,  "/proc/self/fd" },
	{ "dev/stdin",   S_IFLNK | 0777,  "/proc/self/fd/0" },
	{ "dev/stdout",  S_IFLNK | 0777,  "/proc/self/fd/1" },
	{ "dev/stderr",  S_IFLNK | 0777,  "/proc/self/fd/2" },
};
/* clang-format on */

static const char *const programs[] = { "bin/sh", "bin/true", "bin/cat", "bin/ls" };

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct kernel_making *told;

static _Noreturn void fail(const char *what, const char *name)
{
	snprintf(told->error, sizeof(told->error), "%s%s%s: %s", what, *name ? " " : "", name,
		 strerror(errno));
	_exit(1);
}

static void write_file(const char *name, const char *text, size_t len, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd))
		fail("cannot write", name);
}

/* Maps root in the namespace to the user outside. */
static void become_root(const struct kernel_making *making)
{
	char map[64];

	write_file("/proc/self/setgroups", "deny", strlen("deny"), 0);
	snprintf(map, sizeof(map), "0 %u 1", making->uid);
	write_file("/proc/self/uid_map", map, strlen(map), 0);
	snprintf(map, sizeof(map), "0 %u 1", making->gid);
	write_file("/proc/self/gid_map", map, strlen(map), 0);
}

/*
 * Makes a device of the root's own, so that a chmod meets no file of this computer. Without the
 * right to make one, the device outside stands for it, of which a user cannot change the mode; a
 * root that may not make devices can, so its mount is read-only.
 */
static int make_device(const char *name, mode_t mode, const char *outside, bool user)
{
	struct stat st;
	int err;

	if (stat(outside, &st))
		return -1;
	if (!user && !mknod(name, mode, st.st_rdev))
		return 0;
	write_file(name, "", 0, mode & 0777);
	err = mount(outside, name, NULL, MS_BIND, NULL);
	if (!err && !user)
		err = mount(NULL, name, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
	return err;
}

static void make_name(const char *name, mode_t mode, const char *content, bool user)
{
	int err = 0;

	switch (mode & S_IFMT) {
	case S_IFDIR:
		err = mkdir(name, 0700) ?: chmod(name, mode & 07777);
		break;
	case S_IFLNK:
		err = symlink(content, name);
		break;
	case S_IFCHR:
		err = make_device(name, mode, content, user);
		break;
	}
	if (err)
		fail("cannot make", name);
}

/* The program with the id of the shared memory in its configuration. */
static char *configured_image(const struct kernel_start *how, int shmid, size_t *size)
{
	struct kernel_image_config *config;
	char *image;

	*size = kernel_image_size;
	image = malloc(*size);
	if (!image)
		fail("the program of the tasks", "");
	memcpy(image, kernel_image, *size);
	config = memmem(image, *size, KERNEL_IMAGE_MAGIC, strlen(KERNEL_IMAGE_MAGIC));
	if (!config) {
		errno = ENOEXEC;
		fail("the program of the tasks", "");
	}
	memcpy(&config->shmid, &(int64_t){ shmid }, sizeof(config->shmid));
	memcpy(&config->races, &(int64_t){ how->races }, sizeof(config->races));
	return image;
}

static void make_root(const struct kernel_start *how, int shmid, bool user)
{
	char *image;
	size_t size;

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("fdlab", "/tmp", "tmpfs", 0, "mode=0755") || chdir("/tmp"))
		fail("cannot mount a file system of one's own", "");
	umask(0);
	for (size_t i = 0; i < N(names); i++)
		make_name(names[i].name, names[i].mode, names[i].content, user);
	write_file("etc/passwd", how->passwd, strlen(how->passwd), 0644);
	write_file("etc/hosts", how->hosts, strlen(how->hosts), 0644);
	image = configured_image(how, shmid, &size);
	for (size_t i = 0; i < N(programs); i++)
		write_file(programs[i], image, size, 0755);
	free(image);
	if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		fail("cannot mount", "/proc");
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		fail("cannot change the root", "");
}

/*
 * No program of the tasks makes devices: a machine cannot, and one of this computer's disks is at
 * stake.
 */
static void make_no_devices(void)
{
	if (prctl(PR_CAPBSET_READ, CAP_MKNOD) == 1 && prctl(PR_CAPBSET_DROP, CAP_MKNOD))
		fail("cannot drop", "CAP_MKNOD");
}

/* In a new network namespace the loopback is down: brings it up. */
static void make_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) || close(fd))
		fail("cannot make", "a network of one's own");
}

/*
 * A run of a race begins without connections of the run before, which would keep their ports for a
 * minute: none waits for that. Where the file cannot be written, bind in the next run is
 * EADDRINUSE.
 */
static void forget_connections(void)
{
	const int fd = open("/proc/sys/net/ipv4/tcp_max_tw_buckets", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && (write(fd, "0", 1) < 0 || close(fd)))
		fail("cannot write", "/proc/sys/net/ipv4/tcp_max_tw_buckets");
}

static void default_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
}

/* Leaves a table of the smallest size with descriptors 0 to 2 of one description, the console. */
static void console_descriptors(void)
{
	if (syscall(SYS_close_range, 0, ~0U, 0) || open("/dev/console", O_RDWR) != 0 ||
	    dup(0) != 1 || dup(0) != 2)
		fail("cannot open", "/dev/console");
}

_Noreturn void kernel_root_enter(struct kernel_making *making, const struct kernel_start *how,
				 int shmid, bool user)
{
	const struct rlimit nofile = { how->nofile, how->nofile_hard };
	char *const argv[] = { "init", NULL }, *const envp[] = { NULL };

	told = making;
	/*
	 * The table is shared: unsharing copies no more than is below the range, so that it is
	 * small.
	 */
	if (syscall(SYS_close_range, 0, ~0U, CLOSE_RANGE_UNSHARE))
		fail("close_range", "");
	default_signals();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		fail("prctl", "");
	if (user)
		become_root(making);
	make_root(how, shmid, user);
	make_no_devices();
	make_network();
	if (how->races)
		forget_connections();
	console_descriptors();
	umask(022);
	if (setsid() < 0 || setrlimit(RLIMIT_NOFILE, &nofile))
		fail("cannot set", "RLIMIT_NOFILE");
	execve("/bin/sh", argv, envp);
	fail("cannot execute", "the program of the tasks");
}

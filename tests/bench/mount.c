/*
 * The mount: one call a write through an open control file, against a write to a FUSE server that
 * does nothing; and listing the descriptors of a task that has many, against the running kernel's
 * /proc. Both servers run in the foreground of this session.
 */
#define FUSE_USE_VERSION 314

#include "support/bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS 20000 /* or the hard limit if that is lower */
#define SPARE       16    /* for the program's own descriptors */
#define NOTHING_INO 2
#define WAIT_MS     10000

static char dir[] = "/tmp/fdlab-bench.XXXXXX", lab[64], nothing[64];
static pid_t servers[2];
static unsigned descriptors = DESCRIPTORS;

/* ---- a server that does nothing ---- */

static int attributes(fuse_ino_t ino, struct stat *st)
{
	*st = (struct stat){ .st_ino = ino, .st_nlink = 1 };
	if (ino == FUSE_ROOT_ID)
		st->st_mode = S_IFDIR | 0755;
	else if (ino == NOTHING_INO)
		st->st_mode = S_IFREG | 0644;
	else
		return ENOENT;
	return 0;
}

static void nothing_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = { .ino = NOTHING_INO };

	(void)parent;
	if (strcmp(name, "nothing") != 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	attributes(NOTHING_INO, &e.attr);
	fuse_reply_entry(req, &e);
}

static void nothing_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;
	int error = attributes(ino, &st);

	(void)fi;
	if (error)
		fuse_reply_err(req, error);
	else
		fuse_reply_attr(req, &st, 0);
}

static void nothing_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fi->direct_io = 1;
	fuse_reply_open(req, fi);
}

static void nothing_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t len, off_t off,
			  struct fuse_file_info *fi)
{
	(void)ino, (void)buf, (void)off, (void)fi;
	fuse_reply_write(req, len);
}

static const struct fuse_lowlevel_ops nothing_ops = {
	.lookup = nothing_lookup,
	.getattr = nothing_getattr,
	.open = nothing_open,
	.write = nothing_write,
};

static int serve_nothing(void)
{
	char *argv[] = { (char *)"nothing", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_session *se = fuse_session_new(&args, &nothing_ops, sizeof(nothing_ops), NULL);
	int failed = 1;

	if (se && fuse_set_signal_handlers(se) == 0 && fuse_session_mount(se, nothing) == 0) {
		failed = fuse_session_loop(se) < 0;
		fuse_session_unmount(se);
	}
	return failed;
}

/* ---- both servers ---- */

static void wait_for(const char *path)
{
	for (int ms = 0; access(path, F_OK) != 0; ms++) {
		if (ms == WAIT_MS)
			errx(1, "%s does not appear", path);
		poll(NULL, 0, 1);
	}
}

static void stop_servers(void)
{
	for (int i = 0; i < 2; i++) {
		if (servers[i] <= 0)
			continue;
		kill(servers[i], SIGTERM);
		waitpid(servers[i], NULL, 0);
	}
	rmdir(lab);
	rmdir(nothing);
	rmdir(dir);
}

static void start_servers(void)
{
	const char *fdlabd = getenv("FDLABD");
	char path[128];

	if (!mkdtemp(dir))
		err(1, "%s", dir);
	snprintf(lab, sizeof(lab), "%s/lab", dir);
	snprintf(nothing, sizeof(nothing), "%s/nothing", dir);
	if (mkdir(lab, 0700) < 0 || mkdir(nothing, 0700) < 0)
		err(1, "%s", dir);
	servers[0] = fork();
	if (servers[0] == 0) {
		execlp(fdlabd ? fdlabd : "fdlabd", "fdlabd", "-f", "--option", "nofile=20100", lab,
		       (char *)NULL);
		warn("fdlabd");
		_exit(1);
	}
	atexit(stop_servers);
	servers[1] = fork();
	if (servers[1] == 0)
		_exit(serve_nothing());
	snprintf(path, sizeof(path), "%s/control", lab);
	wait_for(path);
	snprintf(path, sizeof(path), "%s/nothing", nothing);
	wait_for(path);
}

/* ---- what is measured ---- */

static int open_in(const char *where, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", where, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void write_calls(void *ctx, unsigned n)
{
	static const char call[] = "getpid()\n";
	int fd = *(const int *)ctx;

	while (n--) {
		if (write(fd, call, sizeof(call) - 1) != (ssize_t)(sizeof(call) - 1))
			err(1, "a write to a server");
	}
}

static void list(void *ctx, unsigned n)
{
	const char *path = ctx;

	while (n--) {
		DIR *d = opendir(path);
		unsigned entries = 0;

		if (!d)
			err(1, "%s", path);
		while (readdir(d))
			entries++;
		closedir(d);
		if (entries < descriptors)
			errx(1, "%s has %u entries", path, entries);
	}
}

/* Sets the soft limit of descriptors to the wanted number, or to the hard limit. */
static unsigned allow_descriptors(unsigned wanted)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < wanted) {
		const struct rlimit more = { wanted, wanted };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return wanted;
		wanted = (unsigned)limit.rlim_max;
	}
	limit.rlim_cur = wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		err(1, "RLIMIT_NOFILE");
	return wanted;
}

/* The same number of descriptors here and in the lab's task 1. */
static void open_many(int control)
{
	char line[64];

	descriptors = allow_descriptors(DESCRIPTORS + SPARE) - SPARE;
	for (int fd = 0; fd < (int)descriptors; fd++) {
		int len = snprintf(line, sizeof(line), "dup2(0, %d)\n", fd);

		if (fcntl(fd, F_GETFD) < 0 && dup2(0, fd) < 0)
			err(1, "dup2");
		if (write(control, line, (size_t)len) != len)
			err(1, "dup2 in the lab");
	}
}

/*
 * Everything runs on one processor: a wake-up on another processor takes longer than the times that
 * are measured here, and the kernel chooses the processor.
 */
static void stay_on_one_processor(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		warn("sched_setaffinity");
}

int main(int argc, char **argv)
{
	char lab_fd[96], name[64];
	int control, null;
	struct comparison write_call = {
		.name = "a call a write, against a server that does nothing",
		.ours = { write_calls, &control },
		.theirs = { write_calls, &null },
		.limit = 1.15,
	};
	struct comparison listing = {
		.name = name,
		.ours = { list, lab_fd },
		.theirs = { list, (char *)"/proc/self/fd" },
		.limit = 1,
	};

	bench_start(argc, argv, "fdlabd", "reference");
	if (access("/dev/fuse", R_OK | W_OK) != 0) {
		bench_skip("the mount", "/dev/fuse cannot be opened");
		return 0;
	}
	stay_on_one_processor();
	start_servers();
	control = open_in(lab, "control");
	null = open_in(nothing, "nothing");
	bench_compare(&write_call, 1);

	open_many(control);
	snprintf(lab_fd, sizeof(lab_fd), "%s/1/fd", lab);
	snprintf(name, sizeof(name), "listing %u descriptors, against /proc/self/fd", descriptors);
	bench_compare(&listing, 1);
	close(control);
	close(null);
	return 0;
}

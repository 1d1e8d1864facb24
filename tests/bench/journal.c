/*
 * Journals: a machine that is made from one, against running the same lines; the start of a million
 * commands, and from a checkpoint of them; and a write to a mount with a journal that is not
 * synced, against one without.
 */
#include "fdlab.h"
#include "support/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMANDS 1000 /* of the small journal */
#define MANY     1000000
#define WAIT_MS  10000

static const char *const lines[] = {
	"1 dup2(0, 9)\n",
	"1 close(9)\n",
	"1 open(\"/etc/passwd\", O_RDONLY)\n",
	"1 close(3)\n",
};

#define LINE(i) lines[(i) % (sizeof(lines) / sizeof(lines[0]))]

/* ---- a machine from a journal ---- */

struct bytes {
	char *s;
	size_t len, cap;
};

static void add(struct bytes *b, const struct fdl_record *r)
{
	if (b->cap - b->len < r->len + 256) {
		b->cap = 2 * b->cap + r->len + 4096;
		b->s = realloc(b->s, b->cap);
		if (!b->s)
			err(1, "memory");
	}
	b->len += fdl_record_encode(r, b->s + b->len, b->cap - b->len);
}

/*
 * A journal of n commands; anew: each of them has opened and closed the control file, as echo does.
 */
static struct bytes make_journal(size_t n, bool anew)
{
	struct fdl_record open = { .kind = FDL_RECORD_OPEN, .text = "control", .len = 7 };
	struct fdl_machine *m;
	struct bytes b = { .cap = 4096, .s = malloc(4096) };

	if (!b.s || fdl_machine_new(NULL, &m))
		err(1, "memory");
	b.len = fdl_journal_begin(m, (struct timespec){ .tv_sec = 1 }, b.s, b.cap);
	fdl_machine_free(m);
	add(&b, &open);
	for (size_t i = 0; i < n; i++) {
		add(&b, &(struct fdl_record){ .kind = FDL_RECORD_WRITE,
					      .text = LINE(i),
					      .len = strlen(LINE(i)) });
		if (!anew)
			continue;
		add(&b, &(struct fdl_record){ .kind = FDL_RECORD_CLOSE });
		add(&b, &open);
	}
	return b;
}

static void replay(const struct bytes *b, struct fdl_machine *m)
{
	struct fdl_journal *j;
	char why[256];

	if (fdl_journal_open(b->s, b->len, &j, why, sizeof(why)) ||
	    fdl_journal_replay(j, m, why, sizeof(why)))
		errx(1, "%s", why);
	fdl_journal_close(j);
}

static struct fdl_machine *machine;

static void from_journal(void *ctx, unsigned n)
{
	while (n--)
		replay(ctx, machine);
}

static void from_lines(void *ctx, unsigned n)
{
	char replies[65536];
	struct fdl_handle *h;
	fdl_ino ino;

	(void)ctx;
	while (n--) {
		fdl_machine_reset(machine, NULL);
		if (fdl_walk(machine, "control", &ino) || fdl_open(machine, ino, O_RDWR, &h))
			errx(1, "there is no control file");
		for (size_t i = 0; i < COMMANDS; i++)
			fdl_write(h, LINE(i), strlen(LINE(i)), 0, NULL, NULL);
		while (fdl_read(h, replies, sizeof(replies), 0, O_NONBLOCK) > 0)
			;
		fdl_close(h);
	}
}

/* Of the processor: others may use it, too. */
static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int put(void *ctx, const char *buf, size_t len)
{
	struct bytes *b = ctx;

	if (b->cap - b->len < len) {
		b->cap = 2 * b->cap + len;
		b->s = realloc(b->s, b->cap);
		if (!b->s)
			err(1, "memory");
	}
	memcpy(b->s + b->len, buf, len);
	b->len += len;
	return 0;
}

static void start_of_many(bool anew, bool packed)
{
	struct bytes b = make_journal(MANY, anew), small = { NULL, 0, 0 };
	struct fdl_journal *j;
	char name[96], why[256];
	double begin;

	if (packed) {
		if (fdl_journal_open(b.s, b.len, &j, why, sizeof(why)) ||
		    fdl_journal_pack(j, put, &small))
			errx(1, "the journal cannot be packed");
		fdl_journal_close(j);
		free(b.s);
		b = small;
	}
	snprintf(name, sizeof(name), "start of %d commands%s%s", MANY,
		 anew ? ", each with an open and a close" : "", packed ? ", packed" : "");
	begin = seconds();
	replay(&b, machine);
	bench_value(name, 1000 * (seconds() - begin), "ms", AT_MOST, 1000);
	snprintf(name, sizeof(name), "bytes a thousand commands%s%s",
		 anew ? " with an open and a close" : "", packed ? ", packed" : "");
	bench_value(name, (double)b.len / (MANY / 1000), "B", AT_MOST, 100000);
	free(b.s);
}

/* ---- checkpoints ---- */

static int put_file(void *ctx, const char *buf, size_t len)
{
	return fwrite(buf, 1, len, ctx) == len ? 0 : -EIO;
}

static struct bytes map(int fd)
{
	struct bytes b = { NULL, 0, 0 };
	struct stat st;

	if (fstat(fd, &st))
		err(1, "fstat");
	b.len = (size_t)st.st_size;
	b.s = mmap(NULL, b.len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (b.s == MAP_FAILED)
		err(1, "mmap");
	return b;
}

/* Dumps the machine of the journal on standard input to standard output. Returns an exit status. */
static int dump(void)
{
	const struct bytes b = map(STDIN_FILENO);
	struct fdl_history *history;
	struct fdl_journal *j;
	char why[256];
	int error;

	if (fdl_machine_new(NULL, &machine) || fdl_history_new(machine, 0, &history))
		err(1, "memory");
	if (fdl_journal_open(b.s, b.len, &j, why, sizeof(why)))
		errx(1, "%s", why);
	error = fdl_journal_dump(j, machine, put_file, stdout, why, sizeof(why));
	if (error && error != -EOPNOTSUPP)
		errx(1, "%s", why);
	fdl_journal_close(j);
	return -error;
}

/* Has another process dump the machine of a journal. False: there are no dumps here. */
static bool dump_of(const struct bytes *journal, struct bytes *made)
{
	FILE *in = tmpfile(), *out = tmpfile();
	int status;
	pid_t pid;

	if (!in || !out || put_file(in, journal->s, journal->len) || fflush(in))
		err(1, "a temporary file");
	pid = fork();
	if (!pid) {
		if (lseek(fileno(in), 0, SEEK_SET) || dup2(fileno(in), STDIN_FILENO) < 0 ||
		    dup2(fileno(out), STDOUT_FILENO) < 0)
			err(1, "dup2");
		execl("/proc/self/exe", "bench-journal", "dump", (char *)NULL);
		err(1, "exec");
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "a process that dumps");
	if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != EOPNOTSUPP))
		errx(1, "a process that dumps has failed");
	*made = WEXITSTATUS(status) ? (struct bytes){ NULL, 0, 0 } : map(fileno(out));
	fclose(in);
	fclose(out);
	return made->len > 0;
}

static void resume(const struct bytes *journal, const struct bytes *checkpoint,
		   struct fdl_machine *m)
{
	struct fdl_journal *j;
	char why[256];

	if (fdl_journal_resume(journal->s, journal->len, checkpoint->s, checkpoint->len, &j, why,
			       sizeof(why)) ||
	    fdl_journal_replay(j, m, why, sizeof(why)))
		errx(1, "%s", why);
	fdl_journal_close(j);
}

static void start_of_a_checkpoint(void)
{
	static const char name[] = "start from a checkpoint, against running its records";
	struct bytes journal = make_journal(MANY, false), a, b, checkpoint = { NULL, 0, 0 };
	double begin, middle;
	char why[256];

	if (!dump_of(&journal, &a) || !dump_of(&journal, &b)) {
		bench_skip(name, "this program cannot dump its memory");
		free(journal.s);
		return;
	}
	if (fdl_checkpoint_make(a.s, a.len, b.s, b.len, put, &checkpoint, why, sizeof(why)))
		errx(1, "%s", why);
	begin = seconds();
	replay(&journal, machine);
	middle = seconds();
	resume(&journal, &checkpoint, machine);
	bench_value(name, 100 * (seconds() - middle) / (middle - begin), "%", AT_MOST, 50);
	bench_value("bytes of the checkpoint", (double)checkpoint.len, "B", AT_MOST, 64 << 20);
	munmap(a.s, a.len);
	munmap(b.s, b.len);
	free(checkpoint.s);
	free(journal.s);
}

/* ---- writes to a mount ---- */

static char dir[] = "/tmp/fdlab-bench.XXXXXX";
static pid_t daemons[2];
static int controls[2] = { -1, -1 };

static void path_in(char *path, size_t size, int i, const char *name)
{
	snprintf(path, size, "%s/%d%s", dir, i, name);
}

static void stop_daemons(void)
{
	char path[128];

	for (int i = 0; i < 2; i++) {
		if (controls[i] >= 0)
			close(controls[i]);
		if (daemons[i] > 0) {
			kill(daemons[i], SIGTERM);
			waitpid(daemons[i], NULL, 0);
		}
		path_in(path, sizeof(path), i, "");
		rmdir(path);
		path_in(path, sizeof(path), i, ".journal");
		unlink(path);
	}
	rmdir(dir);
}

static void start_daemon(int i, bool journal)
{
	const char *fdlabd = getenv("FDLABD");
	char mountpoint[128], file[128], control[128];

	if (!fdlabd)
		fdlabd = "fdlabd";
	path_in(mountpoint, sizeof(mountpoint), i, "");
	path_in(file, sizeof(file), i, ".journal");
	path_in(control, sizeof(control), i, "/control");
	if (mkdir(mountpoint, 0700))
		err(1, "%s", mountpoint);
	daemons[i] = fork();
	if (!daemons[i] && journal)
		execlp(fdlabd, "fdlabd", "-f", "--journal", file, "--sync", "none", mountpoint,
		       (char *)NULL);
	else if (!daemons[i])
		execlp(fdlabd, "fdlabd", "-f", mountpoint, (char *)NULL);
	if (!daemons[i])
		err(1, "%s", fdlabd);
	for (int ms = 0; access(control, F_OK); ms++) {
		if (ms == WAIT_MS)
			errx(1, "%s does not appear", control);
		poll(NULL, 0, 1);
	}
	controls[i] = open(control, O_RDWR | O_CLOEXEC);
	if (controls[i] < 0)
		err(1, "%s", control);
}

static void write_calls(void *ctx, unsigned n)
{
	static const char call[] = "getpid()\n";

	while (n--) {
		if (write(*(int *)ctx, call, sizeof(call) - 1) != (ssize_t)(sizeof(call) - 1))
			err(1, "a write to a daemon");
	}
}

static void compare_writes(void)
{
	struct comparison c = {
		.name = "a write with a journal, against one without (--sync=none)",
		.ours = { write_calls, &controls[0] },
		.theirs = { write_calls, &controls[1] },
		.limit = 1.3,
	};

	if (access("/dev/fuse", R_OK | W_OK) != 0) {
		bench_skip(c.name, "/dev/fuse cannot be opened");
		return;
	}
	if (!mkdtemp(dir))
		err(1, "%s", dir);
	atexit(stop_daemons);
	start_daemon(0, true);
	start_daemon(1, false);
	bench_compare(&c, 1);
}

int main(int argc, char **argv)
{
	struct bytes journal = make_journal(COMMANDS, false);
	struct comparison making = {
		.name = "a machine from its journal, against running its lines",
		.ours = { from_journal, &journal },
		.theirs = { from_lines, NULL },
		.limit = 1.3,
	};

	if (argc == 2 && !strcmp(argv[1], "dump"))
		return dump();
	bench_start(argc, argv, "journal", "without");
	if (fdl_machine_new(NULL, &machine))
		err(1, "memory");
	bench_compare(&making, 1);
	for (int i = 0; i < 4; i++)
		start_of_many(i & 1, i & 2);
	start_of_a_checkpoint();
	fdl_machine_free(machine);
	free(journal.s);
	compare_writes();
	return 0;
}

/*
 * Two processes play the same records and dump their memory; the checkpoint is made of the two
 * dumps. A third one loads it. It takes its place if all three have the same state and the same
 * log. Each process is this program, run anew, since only that has its memory at other addresses.
 */
#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The descriptors of a process that makes or loads a checkpoint. */
enum {
	WORK_JOURNAL,    /* the journal */
	WORK_DUMP,       /* where to dump to; /dev/null: the checkpoint is only loaded */
	WORK_MESSAGE,    /* where to write why it failed */
	WORK_CHECKPOINT, /* an earlier checkpoint, or the one to load; or /dev/null */
	WORK_HEAD,       /* a journal with the options of the machine */
	WORK_REPORT,     /* where to write what the machine is like */
	WORK_FDS
};

/* Exit statuses. */
enum { WORK_DONE, WORK_FAILED, WORK_NOTHING };

/* ---- files -------------------------------------------------------------------------------- */

static int map(int fd, struct checkpoint_file *f)
{
	struct stat st;

	*f = (struct checkpoint_file){ NULL, 0 };
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return 0;
	f->bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (f->bytes == MAP_FAILED)
		return -errno;
	f->size = (size_t)st.st_size;
	return 0;
}

void checkpoint_unmap(struct checkpoint_file *f)
{
	if (f->size)
		munmap(f->bytes, f->size);
	*f = (struct checkpoint_file){ NULL, 0 };
}

/* Opens the checkpoint of a journal for reading. A descriptor or a negative errno. */
static int open_checkpoint(const char *path)
{
	struct stat st;
	char *name;
	int fd, error = 0;

	if (asprintf(&name, "%s%s", path, CHECKPOINT_SUFFIX) < 0)
		return -ENOMEM;
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st))
		error = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
		error = -EPERM; /* it could make this process do anything */
	if (error && fd >= 0)
		close(fd);
	free(name);
	return error ? error : fd;
}

int checkpoint_map(const char *path, struct checkpoint_file *f)
{
	int fd = open_checkpoint(path), error;

	*f = (struct checkpoint_file){ NULL, 0 };
	if (fd < 0)
		return fd;
	error = map(fd, f);
	close(fd);
	return !error && !f->size ? -ENOENT : error;
}

static int put(void *ctx, const char *buf, size_t len)
{
	const int fd = *(const int *)ctx;

	while (len) {
		const ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

/* ---- a process that works ----------------------------------------------------------------- */

struct work {
	struct checkpoint_file journal, checkpoint;
	struct fdl_options options;
	struct fdl_machine *machine;
	struct fdl_history *history; /* which goes into the checkpoint */
	size_t settled;              /* bytes of the journal that count */
	char why[256];
};

/* Opens the first bytes of the journal, after the checkpoint if it fits. 0 or an error. */
static int open_journal(struct work *w, size_t size, struct fdl_journal **jp)
{
	const struct checkpoint_file *c = &w->checkpoint;

	if (c->size && !fdl_journal_resume(w->journal.bytes, size, c->bytes, c->size, jp, w->why,
					   sizeof(w->why)))
		return 0;
	return fdl_journal_open(w->journal.bytes, size, jp, w->why, sizeof(w->why));
}

/* Reads the records that are to be played. 0 or an error. */
static int prepare(struct work *w)
{
	struct checkpoint_file head;
	struct fdl_journal_info info;
	struct fdl_journal *j = NULL;
	int error = map(WORK_JOURNAL, &w->journal);

	if (!error)
		error = map(WORK_CHECKPOINT, &w->checkpoint);
	if (!error)
		error = map(WORK_HEAD, &head);
	if (!error)
		error = fdl_journal_open(head.bytes, head.size, &j, w->why, sizeof(w->why));
	if (!error)
		error = fdl_journal_options(j, &w->options, w->why, sizeof(w->why));
	fdl_journal_close(j);
	if (!error)
		error = open_journal(w, w->journal.size, &j);
	if (error)
		return error;
	fdl_journal_info(j, &info);
	fdl_journal_close(j);
	w->settled = info.settled;
	error = fdl_machine_new(&w->options, &w->machine);
	return error ? error : fdl_history_new(w->machine, 0, &w->history);
}

/* Whether there are records to make a checkpoint of, which the earlier one does not stand for. */
static bool has_work(const struct work *w)
{
	struct fdl_checkpoint_info info = { .bytes = 0 };
	struct fdl_journal *j;
	char why[256];
	bool fits;

	if (!w->settled)
		return false;
	fits = w->checkpoint.size &&
	       !fdl_checkpoint_info(w->checkpoint.bytes, w->checkpoint.size, &info, why,
				    sizeof(why)) &&
	       info.bytes >= w->settled &&
	       !fdl_journal_resume(w->journal.bytes, w->journal.size, w->checkpoint.bytes,
				   w->checkpoint.size, &j, why, sizeof(why));
	if (fits)
		fdl_journal_close(j);
	return !fits;
}

/* Plays the journal, and dumps the machine or leaves it as it is. 0 or an error. */
static int play(struct work *w, bool dumps)
{
	int fd = WORK_DUMP, error;
	struct fdl_journal *j;

	error = open_journal(w, w->settled, &j);
	if (error)
		return error;
	error = dumps ? fdl_journal_dump(j, w->machine, put, &fd, w->why, sizeof(w->why))
		      : fdl_journal_replay(j, w->machine, w->why, sizeof(w->why));
	fdl_journal_close(j);
	/* The earlier checkpoint is of another program: all records are played. */
	if (error == -ESTALE && dumps && w->checkpoint.size) {
		checkpoint_unmap(&w->checkpoint);
		error = play(w, dumps);
	}
	return error;
}

/* Writes what must be the same. 0 or an error. */
static int report(struct work *w)
{
	static const char *const paths[] = { "state.json", "log", "events", "errors" };
	int fd = WORK_REPORT, error = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && !error; i++) {
		char *text;
		size_t len;

		error = fdl_read_file(w->machine, paths[i], &text, &len);
		if (!error)
			error = put(&fd, text, len);
		if (!error)
			free(text);
	}
	return error;
}

int checkpoint_work(void)
{
	struct stat st;
	struct work w = { .settled = 0 };
	const bool dumps = !fstat(WORK_DUMP, &st) && S_ISREG(st.st_mode);
	int error = prepare(&w);

	if (!error && dumps && !has_work(&w))
		return WORK_NOTHING;
	if (!error)
		error = play(&w, dumps);
	if (!error)
		error = report(&w);
	if (!error)
		return WORK_DONE;
	dprintf(WORK_MESSAGE, "%s", *w.why ? w.why : strerror(-error));
	return WORK_FAILED;
}

/* ---- the process that has them work ------------------------------------------------------- */

/* A file without a name. A descriptor or a negative errno. */
static int nameless(void)
{
	const int fd = memfd_create("checkpoint", MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Becomes a process that works, with these descriptors. */
__attribute__((noreturn)) static void run(const int fds[WORK_FDS])
{
	int high[WORK_FDS];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int i = 0; i < WORK_FDS; i++)
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 64);
	for (int i = 0; i < WORK_FDS; i++)
		dup2(high[i], i);
	execl("/proc/self/exe", "fdlabd", CHECKPOINT_ARGUMENT, NULL);
	_exit(127);
}

/* Shared by the makers of a checkpoint. */
struct checkpoint_maker {
	int journal, before, head, null;
	char *why;
	size_t whysize;
};

/* Starts a process and waits for it. Its exit status, or WORK_FAILED with a message in why. */
static int work(const struct checkpoint_maker *m, int checkpoint, int dump, int result)
{
	const int message = nameless();
	const int fds[WORK_FDS] = { m->journal, dump, message, checkpoint, m->head, result };
	int status = -1;
	ssize_t n;
	pid_t pid;

	pid = message < 0 ? -1 : fork();
	if (!pid)
		run(fds);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) <= WORK_NOTHING)
		status = WEXITSTATUS(status);
	else
		status = WORK_FAILED;
	if (status == WORK_FAILED) {
		n = message < 0 ? 0 : pread(message, m->why, m->whysize - 1, 0);
		m->why[n > 0 ? n : 0] = '\0';
		if (n <= 0)
			snprintf(m->why, m->whysize, "a process that was to make it ended");
	}
	if (message >= 0)
		close(message);
	return status;
}

static bool same(const struct checkpoint_file *a, const struct checkpoint_file *b)
{
	return a->size == b->size && (!a->size || !memcmp(a->bytes, b->bytes, a->size));
}

static bool same_reports(int a, int b)
{
	struct checkpoint_file fa, fb;
	bool is = false;

	if (!map(a, &fa) && !map(b, &fb)) {
		is = same(&fa, &fb);
		checkpoint_unmap(&fb);
	}
	checkpoint_unmap(&fa);
	return is;
}

/* Compares two dumps, and writes the checkpoint to out. 0 or an error. */
static int compare(const struct checkpoint_maker *m, const int dump[2], int out)
{
	struct checkpoint_file a, b;
	int error = map(dump[0], &a);

	if (error)
		return error;
	error = map(dump[1], &b);
	if (!error)
		error = fdl_checkpoint_make(a.bytes, a.size, b.bytes, b.size, put, &out, m->why,
					    m->whysize);
	checkpoint_unmap(&a);
	if (!error)
		checkpoint_unmap(&b);
	return error;
}

/*
 * Runs the processes that make the checkpoint in the file out. 0; 1: there is nothing to make; or
 * an error.
 */
static int make(const struct checkpoint_maker *m, int out)
{
	int dump[2] = { nameless(), nameless() };
	int result[3] = { nameless(), nameless(), nameless() };
	int status = WORK_DONE, error = 0;

	if (dump[0] < 0 || dump[1] < 0 || result[0] < 0 || result[1] < 0 || result[2] < 0)
		error = -ENOMEM;
	for (int i = 0; i < 2 && !error && status == WORK_DONE; i++)
		status = work(m, m->before, dump[i], result[i]);
	if (!error && status == WORK_DONE)
		error = compare(m, dump, out);
	if (!error && status == WORK_DONE)
		status = work(m, out, m->null, result[2]);
	if (!error && status == WORK_DONE &&
	    (!same_reports(result[0], result[1]) || !same_reports(result[0], result[2]))) {
		snprintf(m->why, m->whysize, "the machine that it makes is another one");
		error = -EUCLEAN;
	}
	for (int i = 0; i < 2; i++)
		close(dump[i]);
	for (int i = 0; i < 3; i++)
		close(result[i]);
	if (error)
		return error;
	return status == WORK_FAILED ? -EUCLEAN : status == WORK_NOTHING;
}

/* Makes the checkpoint in a new file, which then takes the place of the old one. 0 or an error. */
static int make_file(const struct checkpoint_maker *m, const char *name, const char *fresh)
{
	const int out = open(fresh, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = out < 0 ? -errno : 0;

	/* The process of a daemon that was killed just now may still work on it. */
	if (!error && (flock(out, LOCK_EX) || ftruncate(out, 0) || fchmod(out, 0600)))
		error = -errno;
	if (!error)
		error = make(m, out);
	if (!error && (fsync(out) || rename(fresh, name)))
		error = -errno;
	if (error && out >= 0)
		unlink(fresh);
	if (out >= 0)
		close(out);
	return error < 0 ? error : 0;
}

int checkpoint_make(const char *path, const char *head, size_t len, char *why, size_t whysize)
{
	struct checkpoint_maker m = { .why = why, .whysize = whysize };
	char *name = NULL, *fresh = NULL;
	int error = 0;

	*why = '\0';
	if (asprintf(&name, "%s%s", path, CHECKPOINT_SUFFIX) < 0 ||
	    asprintf(&fresh, "%s%s.new", path, CHECKPOINT_SUFFIX) < 0)
		return -ENOMEM;
	m.journal = open(path, O_RDONLY | O_CLOEXEC);
	m.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	m.head = nameless();
	m.before = open_checkpoint(path);
	if (m.before < 0)
		m.before = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (m.journal < 0 || m.null < 0 || m.head < 0 || m.before < 0)
		error = -errno;
	if (!error)
		error = put(&m.head, head, len);
	if (!error)
		error = make_file(&m, name, fresh);
	if (error && !*why)
		snprintf(why, whysize, "%s", strerror(-error));
	close(m.journal);
	close(m.null);
	close(m.head);
	close(m.before);
	free(name);
	free(fresh);
	return error;
}

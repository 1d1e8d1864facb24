/*
 * The file of a journal: it is locked, read, cut where its end was not written, appended to and
 * synced. The records' contents are libfdlab's; the requests that wait for a sync are fuse.c's.
 */
#include "journal.h"
#include "checkpoint.h"
#include "compactor.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Records are compressed when they take so many bytes, and a part of those of the records that are:
 * a start runs what stands after the checkpoint, which is made then.
 */
#define PLAIN_MAX  ((off_t)8 << 20)
#define PLAIN_PART 4

#define LOCK_PAUSE_NS 50000000
#define LOCK_TRIES    100

struct journal {
	int fd;
	char *path;
	enum journal_sync sync;
	off_t size;   /* of the file */
	off_t packed; /* of that, the bytes of compressed records, at the beginning */
	off_t asked;  /* the compactor works on so many bytes; 0: on none */
	int compactor;
	bool no_compactor; /* the process is gone */
	bool due;          /* something was written since the last sync */
	bool refused;      /* the error was returned once */
	int error;         /* 0, or why it cannot be written */
	char why[128];
	struct timespec now; /* the last time that was recorded */
	char *buf;           /* records that are not yet written */
	size_t len, cap;
	size_t last;      /* bytes of the record that was added last */
	uint32_t *unused; /* numbers of files that were closed */
	size_t nunused;
	uint32_t nfiles; /* numbers that were given out */
};

/* ---- appending ---------------------------------------------------------------------------- */

const char *journal_why(const struct journal *j)
{
	return j->error ? j->why : NULL;
}

/* From now on nothing is written to the journal, and the log says why. Returns error. */
static int stop(struct journal *j, int error, const char *what)
{
	j->error = error;
	j->len = 0;
	snprintf(j->why, sizeof(j->why), "%s: %s", what, strerror(-error));
	log_line("%s: %s; the machine can be read, and takes no commands", j->path, j->why);
	return error;
}

static int fail(struct journal *j, int error)
{
	return stop(j, error, "the journal cannot be written");
}

/* The error for a command: the first one gets the journal's. */
static int refusal(struct journal *j)
{
	const int error = j->refused ? -EROFS : j->error;

	j->refused = true;
	return error;
}

/* Adds a record to those that are not yet written. 0 or -ENOMEM. */
static int add(struct journal *j, const struct fdl_record *r)
{
	const size_t most = r->len + 256;
	size_t len;

	if (j->cap - j->len < most) {
		char *buf = realloc(j->buf, 2 * (j->len + most));

		if (!buf)
			return -ENOMEM;
		j->buf = buf;
		j->cap = 2 * (j->len + most);
	}
	len = fdl_record_encode(r, j->buf + j->len, j->cap - j->len);
	j->len += len;
	j->last = len;
	return len ? 0 : -ENOMEM;
}

/* Writes bytes to the end of the file. 0; or an error, and the file is as long as before. */
static int append(struct journal *j, const char *buf, size_t len)
{
	size_t done = 0;
	ssize_t n = 0;

	while (done < len) {
		n = pwrite(j->fd, buf + done, len - done, j->size + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == len) {
		j->size += (off_t)len;
		j->due = true;
		return 0;
	}
	n = n < 0 ? -errno : -EIO;
	/* Half a record would be cut off at the next start, too. */
	if (done && ftruncate(j->fd, j->size))
		log_line("%s: half a record stays at its end: %s", j->path, strerror(errno));
	return (int)n;
}

/* Writes what was added. 0, or the error, and the journal has failed. */
static int flush(struct journal *j)
{
	int error = append(j, j->buf, j->len);

	if (error)
		return fail(j, error);
	j->len = 0;
	return 0;
}

bool journal_is_due(const struct journal *j)
{
	return j->due && j->sync == JOURNAL_SYNC_BATCH;
}

int journal_sync(struct journal *j)
{
	if (!j->due)
		return 0;
	j->due = false;
	if (fdatasync(j->fd))
		return fail(j, -errno);
	return 0;
}

/* Appends a record that tells of a command, with those that were added before it. */
static int commit(struct journal *j, const struct fdl_record *r)
{
	const off_t size = j->size;
	const size_t len = j->len;

	if (j->error)
		return refusal(j);
	if (add(j, r)) {
		j->len = len;
		return -ENOMEM;
	}
	if (flush(j))
		return refusal(j);
	if (j->sync != JOURNAL_SYNC_EACH || !journal_sync(j))
		return 0;
	/* The command will not be run: its record must not stay. */
	if (ftruncate(j->fd, size))
		log_line("%s: a command that was refused stays at its end: %s", j->path,
			 strerror(errno));
	return refusal(j);
}

int journal_take_back(struct journal *j)
{
	j->size -= (off_t)j->last;
	if (ftruncate(j->fd, j->size))
		log_line("%s: a command that was cut short stays at its end: %s", j->path,
			 strerror(errno));
	j->due = true;
	stop(j, -ENOMEM, "a command was cut short");
	if (j->sync == JOURNAL_SYNC_EACH)
		journal_sync(j);
	return refusal(j);
}

void journal_time(struct journal *j, struct timespec now)
{
	if (j->error || (now.tv_sec == j->now.tv_sec && now.tv_nsec == j->now.tv_nsec))
		return;
	if (add(j, &(struct fdl_record){ .kind = FDL_RECORD_TIME, .time = now }))
		fail(j, -ENOMEM);
	j->now = now;
}

int journal_write(struct journal *j, uint32_t file, const char *text, size_t len, bool nonblock,
		  bool more)
{
	return commit(j, &(struct fdl_record){ .kind = FDL_RECORD_WRITE,
					       .file = file,
					       .nonblock = nonblock,
					       .more = more,
					       .text = text,
					       .len = len });
}

int journal_interrupt(struct journal *j, uint32_t file)
{
	return commit(j, &(struct fdl_record){ .kind = FDL_RECORD_INTERRUPT, .file = file });
}

/* ---- open files --------------------------------------------------------------------------- */

int journal_file(struct journal *j, const char *path, uint32_t *file)
{
	struct fdl_record r = { .kind = FDL_RECORD_OPEN, .text = path, .len = strlen(path) };
	const bool fresh = !j->nunused;
	uint32_t *unused;

	if (fresh) {
		/* There is room for all numbers, so that none is lost when its file is closed. */
		unused = reallocarray(j->unused, j->nfiles + 1, sizeof(*unused));
		if (!unused)
			return -ENOMEM;
		j->unused = unused;
	}
	*file = r.file = fresh ? j->nfiles : j->unused[j->nunused - 1];
	if (!j->error && add(j, &r))
		return -ENOMEM;
	if (fresh)
		j->nfiles++;
	else
		j->nunused--;
	return 0;
}

void journal_file_closed(struct journal *j, uint32_t file)
{
	j->unused[j->nunused++] = file;
	if (!j->error && add(j, &(struct fdl_record){ .kind = FDL_RECORD_CLOSE, .file = file }))
		fail(j, -ENOMEM);
}

/* ---- compaction --------------------------------------------------------------------------- */

int journal_compactor(const struct journal *j)
{
	return j->no_compactor ? -1 : j->compactor;
}

/* The journal stays as it is, until it is twice as long; or for ever, if the process is gone. */
static void not_compacted(struct journal *j, int error)
{
	log_line("%s: its records were not compressed: %s", j->path, strerror(-error));
	j->asked = 0;
	j->packed = j->size;
	j->no_compactor = error == -EPIPE;
}

void journal_compact(struct journal *j, bool now)
{
	const off_t plain = j->size - j->packed;
	int error;

	if (j->error || j->no_compactor || j->asked)
		return;
	if (!now && (plain < PLAIN_MAX || plain < j->packed / PLAIN_PART))
		return;
	error = compactor_ask(j->compactor, j->size);
	if (error)
		not_compacted(j, error);
	else
		j->asked = j->size;
}

/* Copies what was appended while the first bytes were compressed. 0 or a negative errno. */
static int copy_rest(const struct journal *j, int to, off_t at)
{
	char buf[65536];

	for (off_t from = j->asked; from < j->size;) {
		ssize_t n = pread(j->fd, buf, sizeof(buf), from);

		if (n > 0 && n > j->size - from)
			n = (ssize_t)(j->size - from);
		if (n > 0)
			n = pwrite(to, buf, (size_t)n, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		from += n;
		at += n;
	}
	return fdatasync(to) ? -errno : 0;
}

/* Whether the path leads to this file: another one may have taken its name. */
static bool is_at_path(const struct journal *j, int fd)
{
	struct stat file, at_path;

	return !fstat(fd, &file) && !stat(j->path, &at_path) && file.st_ino == at_path.st_ino &&
	       file.st_dev == at_path.st_dev;
}

void journal_compacted(struct journal *j)
{
	char note[COMPACTOR_NOTE] = "";
	off_t size;
	const int fd = compactor_file(j->compactor, &size, note);
	int error = fd < 0 ? fd : j->error ? j->error : copy_rest(j, fd, size);

	if (*note) {
		log_line("%s: there is no checkpoint: %s", j->path, note);
		return;
	}
	if (fd >= 0 && error)
		compactor_refuse(j->compactor);
	else if (!error)
		error = compactor_accept(j->compactor);
	if (fd < 0 || !is_at_path(j, fd)) {
		if (fd >= 0)
			close(fd);
		not_compacted(j, error);
		return;
	}
	close(j->fd);
	j->fd = fd;
	j->size += size - j->asked;
	j->packed = size;
	j->asked = 0;
	j->due = false;
	/* Its name may not last: writes to it could be lost. */
	if (error)
		fail(j, error);
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Says what is wrong with the file. Returns error. */
static int complain(const struct journal *j, int error, const char *what)
{
	log_line("%s: %s", j->path, what && *what ? what : strerror(-error));
	return error;
}

static bool is_read_only(int error)
{
	return error == -EACCES || error == -EROFS || error == -EPERM;
}

/* Makes what was done to the directory of the file last, such as its name. 0 or an error. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd, error = 0;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		error = -errno;
	close(fd);
	return error;
}

/*
 * Locks the file. A daemon that was unmounted just now may still have it: waits a little. 0 or a
 * negative errno.
 */
static int lock(int fd)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };

	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK || i == LOCK_TRIES)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* Opens the file, for reading only if it must be, and locks it. 0 or an error that was said. */
static int open_locked(struct journal *j)
{
	static const char in_use[] = "another process uses this journal";
	struct stat st;
	int locked, error = 0;

	do {
		if (j->fd >= 0)
			close(j->fd);
		j->fd = open(j->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
		if (j->fd < 0) {
			error = -errno;
			if (is_read_only(error))
				j->fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		}
		if (j->fd < 0)
			return complain(j, error, NULL);
		locked = lock(j->fd);
		if (locked)
			return complain(j, locked, locked == -EWOULDBLOCK ? in_use : NULL);
	} while (!is_at_path(j, j->fd));
	if (fstat(j->fd, &st))
		return complain(j, -errno, NULL);
	if (!S_ISREG(st.st_mode))
		return complain(j, -EINVAL, "a journal is a regular file");
	j->size = st.st_size;
	if (error)
		fail(j, error);
	return 0;
}

/* Begins a journal that has no records, with a machine that is started over. 0 or an error. */
static int begin(struct journal *j, struct fdl_machine *m)
{
	char head[4096];
	size_t len;
	int error;

	clock_gettime(CLOCK_REALTIME_COARSE, &j->now);
	fdl_machine_stamp(m, j->now);
	error = fdl_machine_reset(m, NULL);
	len = fdl_journal_begin(m, j->now, head, sizeof(head));
	if (!error && (!len || len > sizeof(head)))
		error = -ENOMEM;
	if (error)
		return complain(j, error, NULL);
	if (j->error)
		return 0;
	j->size = 0;
	if (ftruncate(j->fd, 0))
		error = -errno;
	if (!error)
		error = append(j, head, len);
	if (!error && fsync(j->fd))
		error = -errno;
	if (!error)
		error = sync_directory(j->path);
	if (error)
		fail(j, error);
	j->due = false;
	return 0;
}

/* Records that this process goes on with the machine. */
static int take_over(struct journal *j, struct fdl_machine *m)
{
	struct fdl_record r = { .kind = FDL_RECORD_START };
	char text[128];
	int len = fdl_journal_start(m, text, sizeof(text));

	if (len < 0)
		return complain(j, len, NULL);
	r.text = text;
	r.len = (size_t)len;
	if (add(j, &r))
		return complain(j, -ENOMEM, NULL);
	if (!flush(j) && j->sync != JOURNAL_SYNC_NONE)
		journal_sync(j);
	return 0;
}

/* Cuts a record off that was not written to its end. */
static void cut(struct journal *j, const struct fdl_journal_info *info)
{
	log_line("%s: the record after %llu whole ones was not written to its end: its %zu bytes, "
		 "from offset %zu on, are %s",
		 j->path, (unsigned long long)info->records, info->torn, info->whole,
		 j->error ? "passed over" : "cut off");
	if (!j->error && ftruncate(j->fd, (off_t)info->whole))
		fail(j, -errno);
	j->size = (off_t)info->whole;
	j->due = true;
}

/* Says why the checkpoint is not used. */
static void pass_over(const struct journal *j, struct checkpoint_file *c, const char *why)
{
	log_line("%s: its checkpoint is passed over: %s", j->path, why);
	checkpoint_unmap(c);
}

/* Opens the journal after its checkpoint, if that fits, or at its beginning. 0 or an error. */
static int open_records(const struct journal *j, const char *data, struct checkpoint_file *c,
			struct fdl_journal **read, char *err, size_t errsize)
{
	int error;

	if (c->size) {
		error = fdl_journal_resume(data, (size_t)j->size, c->bytes, c->size, read, err,
					   errsize);
		if (error != -ESTALE)
			return error;
		pass_over(j, c, err);
	}
	return fdl_journal_open(data, (size_t)j->size, read, err, errsize);
}

/* Plays the records, all of them if the checkpoint cannot be loaded. 0 or an error. */
static int play(const struct journal *j, const char *data, struct checkpoint_file *c,
		struct fdl_journal **read, struct fdl_machine *m, char *err, size_t errsize)
{
	struct fdl_checkpoint_info info;
	char why[64];
	int error = fdl_journal_replay(*read, m, err, errsize);

	if (error == -ESTALE && c->size) {
		pass_over(j, c, err);
		fdl_journal_close(*read);
		error = fdl_journal_open(data, (size_t)j->size, read, err, errsize);
		return error ? error : fdl_journal_replay(*read, m, err, errsize);
	}
	if (!error && c->size && !fdl_checkpoint_info(c->bytes, c->size, &info, why, sizeof(why)))
		log_line("%s: began at a checkpoint of %llu records", j->path,
			 (unsigned long long)info.records);
	return error;
}

/* Makes the machine of a journal that is in memory. 0 or an error that was said. */
static int replay(struct journal *j, const char *data, struct checkpoint_file *c,
		  struct fdl_machine *m)
{
	struct fdl_journal_info info;
	struct fdl_journal *read;
	char err[256];
	int error = open_records(j, data, c, &read, err, sizeof(err));

	if (error) {
		fdl_journal_close(read);
		return complain(j, error, err);
	}
	fdl_journal_info(read, &info);
	j->packed = (off_t)info.packed;
	if (info.torn && info.records)
		cut(j, &info);
	if (!info.records)
		error = begin(j, m);
	else
		error = play(j, data, c, &read, m, err, sizeof(err));
	if (error && info.records)
		complain(j, error, err);
	if (!error && info.records && !j->error)
		error = take_over(j, m);
	/* If the process is gone, the next compaction says so. */
	if (!error && !c->size && info.settled && !j->error)
		compactor_keep_checkpoint(j->compactor);
	fdl_journal_close(read);
	return error;
}

static int read_and_replay(struct journal *j, struct fdl_machine *m)
{
	struct checkpoint_file c = { NULL, 0 };
	const size_t size = (size_t)j->size;
	char *data;
	int error;

	if (!size)
		return replay(j, "", &c, m);
	data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, j->fd, 0);
	if (data == MAP_FAILED)
		return complain(j, -errno, NULL);
	error = checkpoint_map(j->path, &c);
	if (error && error != -ENOENT)
		pass_over(j, &c, strerror(-error));
	error = replay(j, data, &c, m);
	checkpoint_unmap(&c);
	munmap(data, size);
	return error;
}

int journal_open(const char *path, enum journal_sync sync, struct fdl_machine *m,
		 struct journal **jp)
{
	struct journal *j = calloc(1, sizeof(*j));
	int error;

	if (!j) {
		log_line("%s: %s", path, strerror(ENOMEM));
		return -ENOMEM;
	}
	j->fd = -1;
	j->sync = sync;
	j->path = strdup(path);
	/* Before there is anything that the process should not have. */
	j->compactor = j->path ? compactor_start(path, m) : -ENOMEM;
	if (j->compactor < 0)
		log_line("%s: %s", path, strerror(-j->compactor));
	error = j->compactor < 0 ? j->compactor : open_locked(j);
	if (!error)
		error = read_and_replay(j, m);
	if (error) {
		journal_close(j);
		return error;
	}
	*jp = j;
	return 0;
}

void journal_end(struct journal *j)
{
	if (j->error)
		return;
	if (!flush(j) && j->sync != JOURNAL_SYNC_NONE)
		journal_sync(j);
	if (!j->error)
		j->error = -EROFS;
	snprintf(j->why, sizeof(j->why), "the daemon ends");
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0)
		close(j->fd);
	if (j->compactor >= 0)
		close(j->compactor);
	free(j->buf);
	free(j->unused);
	free(j->path);
	free(j);
}

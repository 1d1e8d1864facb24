/*
 * Calls on names, on files and on locks, with the function that writes the arguments of each.
 */
#include "fuzz/writer.h"

#include <limits.h>

static const char *const names[] = {
	"/tmp/a",          "/tmp/b",      "/tmp/d",    "/tmp/d/x", "/tmp/l",
	"/tmp/fifo",       "a",           "d/x",       ".",        "/",
	"/etc/passwd",     "/etc/passwd", "/dev/null", "/tmp/",    "/tmp/l/",
	"/missing",        "/tmp/a/x",    "..",        "",         "/proc/self/fd/3",
	"/proc/self/fd/5", "/tmp/sock",   "/dev/full", "/home",    "/proc/self/fd"
};
static const char *const modes[] = { "0644", "0600", "0000", "0755", "0777", "01777", "0444" };
static const char *const whole[] = { "0",
				     "1",
				     "-1",
				     "3",
				     "4095",
				     "4096",
				     "4097",
				     "10000",
				     "9223372036854775807",
				     "-9223372036854775808" };

static const char *name(struct program_writer *w)
{
	return PICK(w->p, names);
}

/* Puts the directory that names are relative to: mostly the working directory. */
static const char *put_at(struct program_writer *w, const char *call)
{
	fuzz_put(w, "%s(", call);
	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "%d, ", fuzz_fd_of(w->p, KIND_DIRECTORY));
	else
		fuzz_put(w, "AT_FDCWD, ");
	return name(w);
}

static void put_open_any(struct program_writer *w)
{
	static const char *const flags[] = { "O_RDONLY",
					     "O_RDWR",
					     "O_WRONLY",
					     "O_RDWR|O_CREAT",
					     "O_RDWR|O_CREAT|O_EXCL",
					     "O_WRONLY|O_TRUNC",
					     "O_RDWR|O_APPEND",
					     "O_PATH",
					     "O_NOFOLLOW|O_RDWR",
					     "O_RDONLY|O_NOFOLLOW",
					     "O_RDONLY|O_CREAT|O_DIRECTORY",
					     "O_ACCMODE",
					     "O_RDWR|O_TMPFILE",
					     "O_WRONLY|O_TMPFILE|O_EXCL",
					     "O_RDONLY|O_DIRECTORY",
					     "O_RDONLY|O_ASYNC",
					     "O_RDWR|O_DIRECT",
					     "O_RDONLY|O_NOATIME" };
	const char *path = put_at(w, "openat");

	w->p->makes = KIND_FILE;
	/* A FIFO would wait for the other side. */
	fuzz_put(w, "\"%s\", %s|O_NONBLOCK, %s)", path, PICK(w->p, flags), PICK(w->p, modes));
}

static void put_open_directory(struct program_writer *w)
{
	static const char *const directories[] = { "/tmp", "/", "/tmp/d", "/etc", "/home" };
	const bool proc_fd = fuzz_one_in(w->p, 6);

	w->p->makes = proc_fd ? KIND_PROC_FD : KIND_DIRECTORY;
	fuzz_put(w, "open(\"%s\", %s)", proc_fd ? "/proc/self/fd" : PICK(w->p, directories),
		 fuzz_one_in(w->p, 3) ? "O_PATH" : "O_RDONLY|O_DIRECTORY");
}

static void put_mkdir(struct program_writer *w)
{
	const char *path = put_at(w, "mkdirat");

	fuzz_put(w, "\"%s\", %s)", path, PICK(w->p, modes));
}

static void put_mknod(struct program_writer *w)
{
	static const char *const kinds[] = { "S_IFREG", "S_IFIFO", "S_IFIFO", "S_IFSOCK",
					     "S_IFCHR", "S_IFBLK", "S_IFDIR", "S_IFLNK" };
	/* No other name may be a FIFO: a task that opens one waits. */
	const char *path = "/tmp/fifo";

	fuzz_put(w, "mknod(\"%s\", %s|%s, %d)", path, PICK(w->p, kinds), PICK(w->p, modes),
		 fuzz_one_in(w->p, 3) ? 0x103 : 0);
}

static void put_unlinkat(struct program_writer *w)
{
	static const char *const flags[] = { "0", "0", "AT_REMOVEDIR", "AT_SYMLINK_NOFOLLOW" };
	const char *path = put_at(w, "unlinkat");

	fuzz_put(w, "\"%s\", %s)", path, PICK(w->p, flags));
}

static void put_two_names(struct program_writer *w)
{
	static const char *const calls[] = { "rename", "link", "symlink" };
	const char *call = PICK(w->p, calls);
	const char *first = name(w);

	fuzz_put(w, "%s(\"%s\", \"%s\")", call, first, name(w));
}

static void put_linkat(struct program_writer *w)
{
	static const char *const flags[] = { "0", "AT_SYMLINK_FOLLOW", "AT_EMPTY_PATH" };
	const char *path = put_at(w, "linkat");

	fuzz_put(w, "\"%s\", AT_FDCWD, \"%s\", %s)", path, name(w), PICK(w->p, flags));
}

static void put_mode(struct program_writer *w)
{
	switch (fuzz_below(w->p, 3)) {
	case 0:
		fuzz_put(w, "chmod(\"%s\", %s)", name(w), PICK(w->p, modes));
		break;
	case 1:
		fuzz_put(w, "fchmod(%d, %s)", fuzz_open_fd(w->p), PICK(w->p, modes));
		break;
	default:
		fuzz_put(w, "umask(%s)", PICK(w->p, modes));
		break;
	}
}

static void put_owner(struct program_writer *w)
{
	static const char *const calls[] = { "chown", "lchown" };
	static const char *const owners[] = { "0", "-1" };

	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "fchown(%d, %s, %s)", fuzz_open_fd(w->p), PICK(w->p, owners),
			 PICK(w->p, owners));
	else
		fuzz_put(w, "%s(\"%s\", %s, %s)", PICK(w->p, calls), name(w), PICK(w->p, owners),
			 PICK(w->p, owners));
}

static void put_access(struct program_writer *w)
{
	static const char *const wanted[] = { "F_OK", "R_OK", "W_OK", "X_OK", "R_OK|W_OK", "010" };
	static const char *const flags[] = { "0", "AT_EACCESS", "AT_SYMLINK_NOFOLLOW",
					     "AT_EMPTY_PATH" };
	const char *path = put_at(w, "faccessat2");

	fuzz_put(w, "\"%s\", %s, %s)", path, PICK(w->p, wanted), PICK(w->p, flags));
}

static void put_readlink(struct program_writer *w)
{
	const char *path = put_at(w, "readlinkat");

	fuzz_put(w, "\"%s\", ..., %d)", path, (int)fuzz_below(w->p, 40) - 1);
}

static void put_stat(struct program_writer *w)
{
	static const char *const flags[] = { "0", "AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH",
					     "AT_EACCESS" };
	const char *path;

	if (fuzz_one_in(w->p, 2)) {
		fuzz_put(w, "fstat(%d, ...)", fuzz_open_fd(w->p));
		return;
	}
	path = put_at(w, "newfstatat");
	fuzz_put(w, "\"%s\", ..., %s)", path, PICK(w->p, flags));
}

static void put_chdir(struct program_writer *w)
{
	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "fchdir(%d)", fuzz_fd_of(w->p, KIND_DIRECTORY));
	else
		fuzz_put(w, "chdir(\"%s\")", fuzz_one_in(w->p, 2) ? "/tmp" : name(w));
}

static void put_truncate(struct program_writer *w)
{
	static const char *const lengths[] = { "0", "1", "5000", "-1", "4096", "70000" };

	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "ftruncate(%d, %s)", fuzz_fd_of(w->p, KIND_FILE), PICK(w->p, lengths));
	else
		fuzz_put(w, "truncate(\"%s\", %s)", name(w), PICK(w->p, lengths));
}

static void put_seek(struct program_writer *w)
{
	static const char *const whences[] = { "SEEK_SET",  "SEEK_CUR",  "SEEK_END",
					       "SEEK_DATA", "SEEK_HOLE", "5" };

	fuzz_put(w, "lseek(%d, %s, %s)",
		 fuzz_fd_of(w->p, fuzz_one_in(w->p, 4) ? KIND_DIRECTORY : KIND_FILE),
		 PICK(w->p, whole), PICK(w->p, whences));
}

static void put_sync(struct program_writer *w)
{
	fuzz_put(w, "%s(%d)", fuzz_one_in(w->p, 2) ? "fsync" : "fdatasync", fuzz_open_fd(w->p));
}

static void put_positioned(struct program_writer *w)
{
	static const char *const offsets[] = { "0", "1", "-1", "4094", "9223372036854775807" };
	const int fd = fuzz_fd_of(w->p, fuzz_one_in(w->p, 3) ? KIND_MEMFD : KIND_FILE);

	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "pread64(%d, ..., %d, %s)", fd, (int)fuzz_below(w->p, 9),
			 PICK(w->p, offsets));
	else
		fuzz_put(w, "pwrite64(%d, \"%.*s\", %d, %s)", fd, 4, "wxyz", 4,
			 PICK(w->p, offsets));
}

static void put_getdents(struct program_writer *w)
{
	static const int rooms[] = { 0, 23, 24, 25, 48, 200, 1000, 32768 };

	fuzz_put(w, "getdents64(%d, ..., %d)",
		 fuzz_fd_of(w->p, fuzz_one_in(w->p, 6) ? KIND_PROC_FD : KIND_DIRECTORY),
		 PICK(w->p, rooms));
}

/* ---- locks ---------------------------------------------------------------------------------- */

static int locked_fd(struct program_writer *w)
{
	static const enum fuzz_kind kinds[] = { KIND_FILE,  KIND_FILE, KIND_FILE,
						KIND_MEMFD, KIND_PIPE, KIND_DIRECTORY };

	return fuzz_fd_of(w->p, PICK(w->p, kinds));
}

static void put_flock(struct program_writer *w)
{
	static const char *const operations[] = { "LOCK_SH|LOCK_NB", "LOCK_EX|LOCK_NB", "LOCK_UN",
						  "LOCK_UN|LOCK_NB", "LOCK_NB",         "0",
						  "LOCK_SH|LOCK_EX", "LOCK_MAND" };

	fuzz_put(w, "flock(%d, %s)", locked_fd(w), PICK(w->p, operations));
}

static void put_record_lock(struct program_writer *w)
{
	static const char *const commands[] = { "F_SETLK", "F_SETLK",     "F_SETLK",
						"F_GETLK", "F_OFD_SETLK", "F_OFD_GETLK" };
	static const char *const types[] = { "F_RDLCK", "F_WRLCK", "F_UNLCK",
					     "F_RDLCK", "F_WRLCK", "3" };
	static const char *const from[] = { "SEEK_SET", "SEEK_SET", "SEEK_CUR", "SEEK_END", "7" };
	static const char *const starts[] = {
		"0", "1", "5", "10", "-1", "-5", "9223372036854775807"
	};
	static const char *const lengths[] = { "0", "1", "5", "-1", "-3", "9223372036854775807" };

	fuzz_put(w, "fcntl(%d, %s, {l_type=%s, l_whence=%s, l_start=%s, l_len=%s%s})", locked_fd(w),
		 PICK(w->p, commands), PICK(w->p, types), PICK(w->p, from), PICK(w->p, starts),
		 PICK(w->p, lengths), fuzz_one_in(w->p, 9) ? ", l_pid=1" : "");
}

static void put_lease(struct program_writer *w)
{
	static const char *const types[] = { "F_RDLCK", "F_WRLCK", "F_UNLCK", "F_UNLCK", "5" };

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "fcntl(%d, F_GETLEASE)", fuzz_fd_of(w->p, KIND_FILE));
	else
		fuzz_put(w, "fcntl(%d, F_SETLEASE, %s)", fuzz_fd_of(w->p, KIND_FILE),
			 PICK(w->p, types));
}

/* Not of /proc/self/fd: the comparison of tables reads it, which counts as DN_ACCESS. */
static void put_notify(struct program_writer *w)
{
	static const char *const events[] = { "DN_CREATE", "DN_DELETE|DN_MULTISHOT", "DN_RENAME",
					      "0", "DN_ACCESS|DN_MODIFY|DN_ATTRIB" };

	fuzz_put(w, "fcntl(%d, F_NOTIFY, %s)", fuzz_fd_of(w->p, KIND_DIRECTORY),
		 PICK(w->p, events));
}

/* clang-format off */
const struct fuzz_call fuzz_file_calls[] = {
	{ 90, put_open_any,       false },
	{ 40, put_open_directory, false },
	{ 20, put_mkdir,          false },
	{ 25, put_mknod,          false },
	{ 40, put_unlinkat,       false },
	{ 40, put_two_names,      false },
	{ 20, put_linkat,         false },
	{ 25, put_mode,           false },
	{ 15, put_owner,          false },
	{ 20, put_access,         false },
	{ 25, put_readlink,       false },
	{ 40, put_stat,           false },
	{ 25, put_chdir,          false },
	{ 25, put_truncate,       false },
	{ 40, put_seek,           false },
	{  6, put_sync,           false },
	{ 40, put_positioned,     false },
	{ 30, put_getdents,       false },
	{ 50, put_flock,          false },
	{ 80, put_record_lock,    false },
	{ 40, put_lease,          false },
	{ 15, put_notify,         false },
	{ 0 },
};
/* clang-format on */

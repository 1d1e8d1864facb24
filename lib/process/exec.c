/*
 * exec: finds the program that a name means, by way of the interpreters that scripts name; then
 * changes the task: its table, its threads, its name, its user. Nothing changes before all that can
 * fail has succeeded.
 */
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "process/calls.h"
#include "process/children.h"
#include "process/exit.h"
#include "process/sigaction.h"
#include "process/task.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/lease.h"
#include "vfs/namei.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BINPRM_BUF_SIZE 256 /* bytes of a file that tell its format */
#define MAX_DEPTH       5   /* interpreters of interpreters */

/* An exec under way. */
struct binprm {
	struct task *current;
	struct inode *inode;  /* the file at hand: a reference */
	struct dentry *d;     /* its name: a reference; NULL: it has none */
	const char *filename; /* as given to exec: the task is named after it */
	const char *interp;   /* the name of the file at hand: an argument, if it is a script */
	struct fdl_arg *argv; /* in the call's arena */
	int64_t argc, envc;
	bool path_inaccessible; /* filename is that of a close-on-exec descriptor */
};

/* ---- finding the file ---------------------------------------------------------------------- */

/* Whether a task may run a file: 0 or an error. */
static int may_exec(const struct task *current, const struct inode *inode)
{
	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if (!S_ISREG(inode->mode))
		return -EACCES;
	return inode_permission(current, inode, X_OK);
}

/*
 * Opens the file for a moment, which breaks leases. A file that is open for writing may not be run.
 */
static int open_exec(struct task *current, struct inode *inode)
{
	int error;

	inode->readers++;
	error = break_lease(current, inode, false, false);
	inode->readers--;
	if (!error && inode->writers)
		error = -ETXTBSY;
	return error;
}

static void binprm_release(struct binprm *b)
{
	dput(b->d);
	if (b->inode)
		iput(b->inode);
	b->d = NULL;
	b->inode = NULL;
}

/* Takes what a walk has found as the file at hand, if it may be run. */
static int do_open_execat(struct binprm *b, struct nameidata *nd, int error)
{
	if (!error) {
		/* Its writers, and its contents. */
		touch(b->current->machine, TOUCH_READ, nd->inode, PART_ITSELF);
		error = may_exec(b->current, nd->inode);
	}
	if (!error) {
		struct inode *inode = iget(nd->inode);
		struct dentry *d = dget(nd->dentry);

		/* The name and the file may go while the call waits for a lease. */
		binprm_release(b);
		b->inode = inode;
		b->d = d;
		error = open_exec(b->current, inode);
	}
	walk_end(nd);
	return error;
}

static bool closes_on_exec(const struct task *current, int64_t fd)
{
	struct slot slot;

	return current->files &&
	       current->machine->kernel->slot_next(current, (uint64_t)fd, &slot) &&
	       slot.fd == (uint64_t)fd && slot.cloexec;
}

/* Sets filename; of a file that is given by a descriptor, its name in /dev/fd. 0 or -ENOMEM. */
static int name_of_program(struct binprm *b, int64_t dirfd, const char *path)
{
	const size_t size = strlen(path) + 32;
	char *name;

	b->filename = b->interp = path;
	if (dirfd == AT_FDCWD || *path == '/')
		return 0;
	name = arena_alloc(&b->current->call->arena, size);
	if (!name)
		return -ENOMEM;
	snprintf(name, size, "/dev/fd/%" PRId64 "%s%s", dirfd, *path ? "/" : "", path);
	b->filename = b->interp = name;
	if (b->current->files) {
		touch(b->current->machine, TOUCH_READ, b->current->files, PART_SLOTS);
		touch(b->current->machine, TOUCH_READ, b->current->files, PART_CLOEXEC);
	}
	b->path_inaccessible = closes_on_exec(b->current, dirfd);
	return 0;
}

/* ---- interpreters -------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first line of a script: its interpreter, and one argument (NULL: none). */
struct shebang {
	const char *name, *arg;
};

/* The first byte that is no blank, up to and with last; NULL: there is none. */
static char *skip_blanks(char *from, const char *last)
{
	while (from <= last && is_blank(*from))
		from++;
	return from <= last ? from : NULL;
}

/*
 * Takes "#! name [arg]" apart, in place; NULs follow the end of the file. The name is empty if the
 * file ends where it should begin. 0; -ENOEXEC: the line has no name, or nothing in the buffer ends
 * it, so that it may be longer.
 */
static int parse_script(char *buf, struct shebang *s)
{
	char *last = buf + BINPRM_BUF_SIZE - 1, *end = memchr(buf, '\n', BINPRM_BUF_SIZE);
	char *name = skip_blanks(buf + 2, end ? end : last), *arg;

	if (!name || name == end)
		return -ENOEXEC;
	for (arg = name; arg <= last && *arg && *arg != '\n' && !is_blank(*arg); arg++)
		;
	if (arg > last)
		return -ENOEXEC;
	if (!end)
		end = last;
	while (is_blank(end[-1]))
		end--;
	*end = '\0';
	s->name = name;
	s->arg = NULL;
	if (*arg) {
		*arg = '\0';
		s->arg = skip_blanks(arg + 1, end);
	}
	return 0;
}

static struct fdl_arg string_arg(const char *s)
{
	return (struct fdl_arg){ .num = (int64_t)strlen(s), .str = s };
}

/* Puts the interpreter's arguments first; the script's name replaces its own first argument. */
static int push_arguments(struct binprm *b, const struct shebang *s)
{
	const int64_t rest = b->argc ? b->argc - 1 : 0;
	struct fdl_arg *argv =
		arena_alloc(&b->current->call->arena, (size_t)(rest + 3) * sizeof(*argv));
	int64_t n = 0;

	if (!argv)
		return -ENOMEM;
	argv[n++] = string_arg(s->name);
	if (s->arg)
		argv[n++] = string_arg(s->arg);
	argv[n++] = string_arg(b->interp);
	for (int64_t i = 1; i <= rest; i++)
		argv[n++] = b->argv[i];
	b->argv = argv;
	b->argc = n;
	b->interp = s->name;
	return 0;
}

static int load_script(struct binprm *b, char *buf)
{
	struct nameidata nd;
	struct shebang s;
	int error = parse_script(buf, &s);

	if (error)
		return error;
	/* The interpreter could not open it: the descriptor is closed by then. */
	if (b->path_inaccessible)
		return -ENOENT;
	error = push_arguments(b, &s);
	if (error)
		return error;
	error = path_lookupat(&nd, b->current, NULL, s.name, true);
	return do_open_execat(b, &nd, error);
}

/*
 * Goes from the file at hand, by way of interpreters, to a file in ELF format. 0; -ENOEXEC for an
 * unknown format; -ELOOP for too many interpreters; or an error of opening one.
 */
static int search_binary_handler(struct binprm *b)
{
	for (int depth = 0; depth <= MAX_DEPTH; depth++) {
		char *buf = arena_alloc(&b->current->call->arena, BINPRM_BUF_SIZE + 1);
		int error;

		if (!buf)
			return -ENOMEM;
		memset(buf, 0, BINPRM_BUF_SIZE + 1);
		regular_read(b->inode, buf, BINPRM_BUF_SIZE, 0);
		if (memcmp(buf, "\177ELF", 4) == 0)
			return 0;
		error = memcmp(buf, "#!", 2) == 0 ? load_script(b, buf) : -ENOEXEC;
		if (error)
			return error;
	}
	return -ELOOP;
}

/* ---- the new program ----------------------------------------------------------------------- */

/* Appends strings, each with its NUL, as procfs shows a command line. */
static void join(struct text *out, const struct fdl_arg *strings, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		text_put(out, strings[i].str, (size_t)strings[i].num);
		text_putc(out, '\0');
	}
}

/* The image that the exec makes. NULL: no memory. */
static struct image *image_of(const struct binprm *b, const struct fdl_arg *envp)
{
	struct text cmdline = TEXT_EMPTY, env = TEXT_EMPTY;
	struct image *image = NULL;

	join(&cmdline, b->argv, b->argc);
	if (!cmdline.len)
		text_put(&cmdline, b->filename, strlen(b->filename) + 1);
	join(&env, envp->sub, b->envc);
	if (!cmdline.error && !env.error)
		image = image_new(b->current->machine, b->d, &cmdline, &env);
	text_free(&cmdline);
	text_free(&env);
	return image;
}

static const char *basename_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The ids of a set-id program. A script's own bits do not count: its interpreter runs. */
static void bprm_fill_uid(struct task *current, const struct inode *inode)
{
	if (inode->mode & S_ISUID)
		current->uid = inode->uid;
	if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		current->gid = inode->gid;
}

/* Whether that changes an id of the task. */
static bool changes_user(const struct task *current, const struct inode *inode)
{
	struct task after = { .uid = current->uid, .gid = current->gid };

	bprm_fill_uid(&after, inode);
	return after.uid != current->uid || after.gid != current->gid;
}

/* The point of no return: the task becomes the program. An error ends it by SIGABRT. */
static int begin_new_exec(const struct binprm *b, struct image *image, const char *comm,
			  void *displaced)
{
	struct task *current = b->current;
	const struct kernel *k = current->machine->kernel;
	int error;

	de_thread(current);
	if (current->exit_signal != SIGCHLD)
		touch(current->machine, TOUCH_WRITE, current->machine, PART_TASKS);
	child_set_exit_signal(current, SIGCHLD);
	image_put(current->machine, current->image);
	current->image = image;
	current->vm = ++current->machine->last_share;
	current->sighand = ++current->machine->last_share;
	task_vfork_done(current);
	memset(current->comm, 0, sizeof(current->comm));
	memcpy(current->comm, comm, strnlen(comm, sizeof(current->comm) - 1));
	error = k->exec_commit(current, displaced);
	if (!error)
		error = flush_signal_handlers(current);
	if (!error && k->exec_setid && changes_user(current, b->inode))
		error = k->exec_setid(current);
	if (changes_user(current, b->inode))
		touch(current->machine, TOUCH_WRITE, current->machine, PART_TASKS);
	bprm_fill_uid(current, b->inode);
	if (error) {
		current->group_exit = true;
		current->group_status = SIGABRT;
	}
	return error;
}

/* 0 or an error. *begun is set at the point of no return. */
static int bprm_execve(struct binprm *b, const struct fdl_arg *envp, bool empty, void *displaced,
		       bool *begun)
{
	int error = search_binary_handler(b);
	struct image *image;

	if (error)
		return error;
	image = image_of(b, envp);
	if (!image)
		return -ENOMEM;
	/* Killed meanwhile: it must not end its group by de_thread and go on. */
	if (b->current->call->killed) {
		image_put(b->current->machine, image);
		return -EAGAIN;
	}
	*begun = true;
	return begin_new_exec(b, image, empty && b->d ? b->d->name : basename_of(b->filename),
			      displaced);
}

/* How many strings an array has before NULL; -EFAULT for an address in it. */
static int64_t count(const struct fdl_arg *strings)
{
	int64_t n = 0;

	while (strings->sub && n < strings->num && strings->sub[n].str)
		n++;
	return strings->sub && n < strings->num && strings->sub[n].num ? -EFAULT : n;
}

/* Counts the strings of a new program. 0 or -EFAULT. */
static int count_strings(struct binprm *b, const struct fdl_arg *argv, const struct fdl_arg *envp)
{
	b->argc = count(argv);
	b->envc = count(envp);
	return b->argc < 0 || b->envc < 0 ? -EFAULT : 0;
}

/* execveat; execve passes AT_FDCWD and no flags. */
static int64_t do_execveat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			   const struct fdl_arg *argv, const struct fdl_arg *envp, int64_t flags)
{
	const struct kernel *k = current->machine->kernel;
	const unsigned lookup = lookup_flags(flags);
	const bool empty = is_empty_path(path) && (flags & AT_EMPTY_PATH);
	struct binprm b = { .current = current, .argv = argv->sub };
	struct nameidata nd;
	bool begun = false;
	void *displaced;
	int error = 0;
	const char *name = empty ? "" : path_arg(current, path, &error);

	if (!name)
		return error;
	if (flags & ~(int64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = k->exec_begin(current, &displaced);
	if (error)
		return error;
	touch(current->machine, TOUCH_READ, current->machine, PART_NAMES);
	error = filename_lookup(&nd, current, dirfd, path, lookup);
	error = do_open_execat(&b, &nd, error);
	if (!error)
		error = name_of_program(&b, dirfd, name);
	if (!error)
		error = count_strings(&b, argv, envp);
	if (!error)
		error = bprm_execve(&b, envp, empty, displaced, &begun);
	if (error && !begun)
		k->exec_fail(current, displaced);
	binprm_release(&b);
	return error;
}

static int64_t sys_execve(struct task *current, struct fdl_arg *a)
{
	return do_execveat(current, AT_FDCWD, &a[0], &a[1], &a[2], 0);
}

static int64_t sys_execveat(struct task *current, struct fdl_arg *a)
{
	return do_execveat(current, a[0].num, &a[1], &a[2], &a[3], a[4].num);
}

const struct call_row exec_calls[] = {
	{ "execve", "path pathname=\"/bin/true\", words argv argv=[], opaque envp envp=NULL",
	  sys_execve, CALL_NO_FILES | CALL_MAY_CLOSE | CALL_MAY_OPEN | CALL_TRACED, NULL },
	{ "execveat",
	  "dirfd dirfd, path pathname, words argv argv=[], opaque envp envp=NULL, atflags flags=0",
	  sys_execveat, CALL_NO_FILES | CALL_MAY_CLOSE | CALL_MAY_OPEN | CALL_TRACED, NULL },
	{ 0 },
};

#include "machine/kernel.h"
#include "support/notation_rows.h"

#include <string.h>

static const struct call_row test_calls[] = {
	{ "open", "path pathname, oflags flags=O_RDONLY, creatmode mode=0666", NULL, 0, NULL },
	{ "openat", "dirfd dirfd, path pathname, oflags flags=O_RDONLY, creatmode mode=0666", NULL,
	  0, NULL },
	{ "openat2", "dirfd dirfd, path pathname, open_how how, opaque size size=24", NULL, 0,
	  NULL },
	{ "dup2", "fd oldfd, fd newfd", NULL, 0, NULL },
	{ "dup3", "fd oldfd, fd newfd, dupflags flags=0", NULL, 0, NULL },
	{ "fcntl", "fd fd, =F_DUPFD, int from=0", NULL, 0, NULL },
	{ "fcntl", "fd fd, =F_GETFD", NULL, 0, "fdflags" },
	{ "fcntl", "fd fd, =F_SETFD, fdflags flags", NULL, 0, NULL },
	{ "fcntl", "fd fd, =F_GETFL", NULL, 0, "oflags" },
	{ "fcntl", "fd fd, =F_SETFL, oflags flags", NULL, 0, NULL },
	{ "fcntl", "fd fd, fcntlcmd cmd, long arg=0", NULL, 0, NULL },
	{ "ioctl", "fd fd, =FIOCLEX", NULL, 0, NULL },
	{ "ioctl", "fd fd, ioctlcmd cmd, opaque ptr arg=NULL", NULL, 0, NULL },
	{ "close", "fd fd", NULL, 0, NULL },
	{ "close_range", "uint first, uint last=4294967295, closerangeflags flags=0", NULL, 0,
	  NULL },
	{ "pipe", "out fdpair fds", NULL, 0, NULL },
	{ "pipe2", "out fdpair fds, dupflags flags=0", NULL, 0, NULL },
	{ "read", "fd fd, out buf buf, size count=4096", NULL, CALL_MAY_BLOCK, NULL },
	{ "write", "fd fd, buf buf, size count=len(buf)", NULL, CALL_MAY_BLOCK, NULL },
	{ "lseek", "fd fd, off offset=0, whence whence=SEEK_SET", NULL, 0, NULL },
	{ "fstat", "fd fd, out stat statbuf", NULL, 0, NULL },
	{ "mkdir", "path pathname, mode mode=0777", NULL, 0, NULL },
	{ "access", "path pathname, accessmode mode=F_OK", NULL, 0, NULL },
	{ "fork", "", NULL, 0, NULL },
	{ "clone",
	  "opaque named ptr child_stack=NULL, named cloneflags flags=SIGCHLD, "
	  "opaque named ptr parent_tid=NULL, opaque named ptr tls=NULL, "
	  "opaque named ptr child_tidptr=NULL",
	  NULL, 0, NULL },
	{ "clone3", "clone_args args, opaque size size=88", NULL, 0, NULL },
	{ "unshare", "unshareflags flags=CLONE_FILES", NULL, 0, NULL },
	{ "execve", "path pathname=\"/bin/true\", words argv argv=[], opaque envp envp=NULL", NULL,
	  0, NULL },
	{ "exit", "int status=0", NULL, 0, RESULT_NONE },
	{ "wait4", "pid pid=-1, out wstatus wstatus, waitoptions options=0, opaque ptr rusage=NULL",
	  NULL, CALL_MAY_BLOCK, NULL },
	{ "kill", "pid pid, dashed signal sig=SIGTERM", NULL, 0, NULL },
	{ "prlimit64",
	  "pid pid=0, resource resource=RLIMIT_NOFILE, rlimit new=NULL, out rlimit old", NULL, 0,
	  NULL },
	{ "setrlimit", "resource resource, rlimit rlim", NULL, 0, NULL },
	{ "kcmp", "pid pid1, pid pid2, kcmptype type, uint idx1=0, uint idx2=0", NULL, 0, NULL },
	{ "fd_install", "fd fd, file file", NULL, CALL_INTERNAL, NULL },
	{ "iterate_fd", "uint n=0, file file=NULL, out intlist visited", NULL, CALL_INTERNAL,
	  NULL },
	{ "fget_light", "fd fd, out int fput_needed", NULL, CALL_INTERNAL, NULL },
};

_Static_assert(sizeof(test_calls) / sizeof(test_calls[0]) == TEST_CALLS, "the number of rows");

bool test_rows_compile(struct fdl_row rows[TEST_CALLS], struct text *why)
{
	for (size_t i = 0; i < TEST_CALLS; i++) {
		if (row_compile(&rows[i], &test_calls[i], (unsigned)i, why))
			return false;
	}
	return true;
}

const struct fdl_row *test_row(const struct fdl_row rows[TEST_CALLS], const struct line *line)
{
	for (size_t i = 0; i < TEST_CALLS; i++) {
		if (rows[i].name_len == line->name_len &&
		    memcmp(rows[i].call->name, line->name, line->name_len) == 0)
			return row_select(&rows[i], rows + TEST_CALLS, line);
	}
	return NULL;
}

/*
 * The daemon's sandbox: the system calls that a daemon may make once it serves its mount. It
 * neither opens nor creates files, makes no socket and no process but copies of itself, which are
 * in the same sandbox, and maps no memory to execute. Sockets of clients come from the one at which
 * it listens, if it does.
 */
#include "sandbox.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef SANDBOX_SECCOMP
#include <seccomp.h>
#endif

#ifdef SANDBOX_OFF

bool sandbox_is_built(void)
{
	return false;
}

const char *sandbox_name(void)
{
	return "none in a build for sanitizers, valgrind or coverage";
}

void sandbox_enter(int listener)
{
	(void)listener;
}

#else

bool sandbox_is_built(void)
{
	return true;
}

#ifdef SANDBOX_SECCOMP

/* Calls that may have any arguments, and those that libc makes in their place. */
static const int allowed[] = {
	/* requests and answers; libfuse may splice them */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(pipe2),
	SCMP_SYS(splice),
	SCMP_SYS(vmsplice),
	SCMP_SYS(tee),
	/* the loop, and its signals, which arrive through a socket pair */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(recvfrom),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	/* descriptors that are open */
	SCMP_SYS(close),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(fstat),
	SCMP_SYS(lseek),
	SCMP_SYS(close_range),
	/* the end of a copy of the daemon, and what libc does in one */
	SCMP_SYS(wait4),
	SCMP_SYS(set_robust_list),
	/* the journal */
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fdatasync),
	SCMP_SYS(recvmsg),
	/* memory, without a right to execute */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(sched_yield),
	/* the time and the process's ids */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	/* the end; libfuse looks at /etc/mtab before it unmounts, for root */
	SCMP_SYS(newfstatat),
	SCMP_SYS(umount2),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

static const int fcntl_commands[] = {
	F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETPIPE_SZ, F_SETPIPE_SZ,
};

/* As libc makes a process. */
#define FORK_FLAGS ((scmp_datum_t)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD))

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *sandbox_name(void)
{
	static char name[64];
	const struct scmp_version *v = seccomp_version();

	snprintf(name, sizeof(name), "libseccomp %u.%u.%u", v->major, v->minor, v->micro);
	return name;
}

/* 0 or a negative errno. */
static int add_rules(scmp_filter_ctx ctx)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(allowed) && !r; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < COUNT(fcntl_commands) && !r; i++)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				     SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)fcntl_commands[i], 0));
	if (!r)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!r)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				     SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* The service manager's socket is connected. */
	if (!r)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
				     SCMP_A4(SCMP_CMP_EQ, 0, 0));
	/* fork(), and no other kind of process or thread */
	if (!r)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				     SCMP_A0(SCMP_CMP_EQ, FORK_FLAGS, 0));
	/* abort() */
	if (!r)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				     SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	return r;
}

/*
 * The system calls of HTTP: clients are accepted, how much they have sent is asked, and they are
 * sent away.
 */
static int add_web_rules(scmp_filter_ctx ctx, scmp_datum_t listener)
{
	int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(accept4), 1,
				 SCMP_A0(SCMP_CMP_EQ, listener, 0));

	if (!r)
		r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				     SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0));
	return r ? r : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(shutdown), 0);
}

/* Whether there is as much memory as the filter's program needs at most. 0 or -ENOMEM. */
static int has_room(void)
{
	void *volatile room = malloc((size_t)1 << 20);

	free(room);
	return room ? 0 : -ENOMEM;
}

/* NULL, or why there is no filter. */
static const char *filter(int listener)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!ctx)
		return strerror(ENOMEM);
	/* A search tree; older versions of the library have none, and go through a list. */
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	/* New privileges have been given up, or cannot be; root may have a filter all the same. */
	r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0);
	if (!r)
		r = add_rules(ctx);
	if (!r && listener >= 0)
		r = add_web_rules(ctx, (scmp_datum_t)listener);
	/* Loading never returns if the library gets no memory for its program. */
	if (!r)
		r = has_room();
	/* The library has a code of its own for most errors of the kernel. */
	errno = 0;
	if (!r && (r = seccomp_load(ctx)) != 0 && errno)
		r = -errno;
	seccomp_release(ctx);
	return r ? strerror(-r) : NULL;
}

#else

const char *sandbox_name(void)
{
	return "no new privileges, no filter of system calls: built without libseccomp";
}

static const char *filter(int listener)
{
	(void)listener;
	return "built without libseccomp";
}

#endif

void sandbox_enter(int listener)
{
	const char *why;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		warn("the sandbox lets tracers in");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		warn("the sandbox lets new privileges in");
	why = filter(listener);
	if (why)
		warnx("no filter of system calls: %s", why);
}

#endif

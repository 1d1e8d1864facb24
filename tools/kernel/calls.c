/*
 * The table of system calls: the number of each, and what is to be known about it. A call more is a
 * row more.
 */
#include "kernel/calls.h"

#include "kernel/forms.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

enum {
	FORKS = 1,
	EXECS = 2,
	ENDS = 4,
	SIGNALS = 16,
	SWAPPED = 8, /* strace writes the first two arguments the other way round */
};

#define CALL(name)                                                                                 \
	{                                                                                          \
#name, SYS_##name, 0                                                               \
	}

static const struct system_call {
	const char *name;
	long number;
	unsigned flags;
} system_calls[] = {
#ifdef SYS_open /* newer machines have these by their descendants only */
	CALL(open),
	CALL(creat),
	CALL(dup2),
	CALL(pipe),
	{ "fork", SYS_fork, FORKS },
	{ "vfork", SYS_vfork, FORKS },
	CALL(epoll_create),
	CALL(epoll_wait),
	CALL(eventfd),
	CALL(poll),
	CALL(select),
	CALL(alarm),
	CALL(inotify_init),
	CALL(signalfd),
	CALL(access),
	CALL(chmod),
	CALL(chown),
	CALL(lchown),
	CALL(link),
	CALL(lstat),
	CALL(mkdir),
	CALL(mknod),
	CALL(readlink),
	CALL(rename),
	CALL(rmdir),
	CALL(stat),
	CALL(symlink),
	CALL(unlink),
	CALL(getrlimit),
#endif
	{ "newfstatat", SYS_newfstatat, 0 },
	CALL(openat),
	CALL(openat2),
	CALL(dup),
	CALL(dup3),
	CALL(close),
	CALL(close_range),
	CALL(pipe2),
	CALL(fcntl),
	CALL(flock),
	CALL(ioctl),
	CALL(kcmp),
	CALL(read),
	CALL(write),
	CALL(pread64),
	CALL(pwrite64),
	CALL(lseek),
	CALL(fstat),
	CALL(ftruncate),
	CALL(truncate),
	CALL(fsync),
	CALL(fdatasync),
	CALL(mkdirat),
	CALL(mknodat),
	CALL(symlinkat),
	CALL(unlinkat),
	CALL(renameat),
	CALL(readlinkat),
	CALL(faccessat),
#ifdef SYS_faccessat2
	CALL(faccessat2),
#endif
	CALL(linkat),
	CALL(fchmod),
	CALL(fchmodat),
	CALL(fchown),
	CALL(fchownat),
	CALL(chdir),
	CALL(fchdir),
	CALL(umask),
	CALL(setrlimit),
	CALL(prlimit64),
	{ "clone", SYS_clone, FORKS | SWAPPED },
	{ "clone3", SYS_clone3, FORKS },
	CALL(unshare),
	{ "execve", SYS_execve, EXECS },
	{ "execveat", SYS_execveat, EXECS },
	{ "exit", SYS_exit, ENDS },
	{ "exit_group", SYS_exit_group, ENDS },
	CALL(wait4),
	{ "kill", SYS_kill, SIGNALS },
	{ "tkill", SYS_tkill, SIGNALS },
	{ "tgkill", SYS_tgkill, SIGNALS },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, SIGNALS },
	CALL(pidfd_open),
#ifdef SYS_pidfd_getfd
	CALL(pidfd_getfd),
#endif
	CALL(memfd_create),
	CALL(socket),
	CALL(socketpair),
	CALL(listen),
	CALL(shutdown),
	CALL(rt_sigprocmask),
	CALL(rt_sigpending),
	CALL(signalfd4),
	CALL(eventfd2),
	CALL(ppoll),
	CALL(bind),
	CALL(connect),
	CALL(accept),
	CALL(accept4),
	CALL(getsockname),
	CALL(getpeername),
	CALL(getsockopt),
	CALL(setsockopt),
	CALL(sendto),
	CALL(recvfrom),
	CALL(sendmsg),
	CALL(recvmsg),
	CALL(pselect6),
	CALL(nanosleep),
	CALL(clock_nanosleep),
	CALL(inotify_init1),
	CALL(inotify_add_watch),
	CALL(inotify_rm_watch),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_pwait),
#ifdef SYS_epoll_pwait2
	CALL(epoll_pwait2),
#endif
	CALL(timerfd_create),
	CALL(timerfd_settime),
	CALL(timerfd_gettime),
	CALL(clock_gettime),
	CALL(getpid),
	CALL(getppid),
	CALL(gettid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct system_call *find_call(const char *name)
{
	for (size_t i = 0; i < N(system_calls); i++)
		if (!strcmp(system_calls[i].name, name))
			return &system_calls[i];
	return NULL;
}

const char *kernel_call_refuses(const struct fdl_row *row)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	if (fdl_row_is_internal(row))
		return "function of the kernel";
	if (!find_call(fdl_row_name(row)))
		return "no such system call";
	for (size_t i = 0; i < n; i++) {
		const struct form *form = form_find(param[i].type);

		if (param[i].out ? !form || !form_can_be_taken(form)
				 : !param[i].is_number && !(form && form_can_be_put(form)))
			return "argument without a form";
	}
	return NULL;
}

/* ---- calls ---------------------------------------------------------------------------------- */

int kernel_call_pack(const struct fdl_row *row, const struct fdl_arg *args, char *data,
		     int64_t address, struct kernel_order *order)
{
	const struct system_call *call = find_call(fdl_row_name(row));
	struct kernel_packer p = { .data = data, .address = address, .size = KERNEL_DATA_SIZE };
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	*order = (struct kernel_order){
		.number = call->number,
		.forks = call->flags & FORKS,
		.execs = call->flags & EXECS,
		.ends = call->flags & ENDS,
		.signals = call->flags & SIGNALS,
	};
	for (size_t i = 0; i < n; i++) {
		const struct form *form = form_find(param[i].type);

		p.count = i + 1 < n ? (uint64_t)args[i + 1].num : 0;
		if (param[i].out && form_is_in_place(form))
			order->arg[i] = order->arg[i - 1];
		else if (param[i].out)
			order->arg[i] = form_put_room(&p, form);
		else if (form && form_can_be_put(form))
			order->arg[i] = form_put(&p, form, &args[i]);
		else
			order->arg[i] = args[i].num;
	}
	if (call->flags & SWAPPED) {
		const int64_t first = order->arg[0];

		order->arg[0] = order->arg[1];
		order->arg[1] = first;
	}
	order->used = p.used;
	return p.full ? -E2BIG : 0;
}

/* What came of the length that stands behind an address. */
static size_t length_behind(const struct fdl_param *param, int64_t at, const char *data,
			    int64_t address)
{
	uint32_t came;

	if (strcmp(param->type, "sockaddr") || !param->out || !at)
		return 0;
	memcpy(&came, data + (at - address), sizeof(came));
	return came;
}

/* Whether there is something of an argument in the task's memory: it was no address of another life. */
static bool is_put(const struct fdl_param *param, const struct fdl_arg *a)
{
	return param->is_number || param->inout || a->sub;
}

int kernel_call_unpack(const struct fdl_row *row, const struct fdl_arg *args,
		       const struct kernel_order *order, char *data, int64_t address,
		       int64_t result, struct kernel_filled *filled)
{
	struct kernel_taker t = { .arg = filled->element,
				  .n = KERNEL_ELEMENTS,
				  .result = result,
				  .data = data,
				  .address = address };
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	for (size_t i = 0; i < n; i++) {
		const struct form *form = form_find(param[i].type);
		const char *at = data + (order->arg[i] - address);

		filled->args[i] = args[i];
		if (result < 0 || !form || !order->arg[i])
			continue;
		t.length =
			length_behind(&param[i], i + 1 < n ? order->arg[i + 1] : 0, data, address);
		if (param[i].out)
			form_take(&t, form, at, &filled->args[i]);
		else if (form_is_updated(form, param[i].inout) && is_put(&param[i], &args[i]))
			form_update(&t, form, at, &filled->args[i]);
	}
	return t.full ? -E2BIG : 0;
}

/*
 * The table of the system calls that the running kernel is asked to make, and what is to be known
 * about each. A call more is a row more.
 */
#include "kernel/calls.h"

#include "kernel/forms.h"

#include <errno.h>
#include <string.h>

enum {
	FORKS = 1,
	EXECS = 2,
	ENDS = 4,
	SIGNALS = 16,
	TELLS_TIME = 32, /* of a real clock, which no scenario can state */
	HALVES = 128,    /* an offset in two halves, the second of which is nothing here */
	RESERVES = 64,   /* a descriptor before it waits for the file */
	SWAPPED = 8,     /* strace writes the first two arguments in reverse order */
};

static const struct system_call {
	const char *name;
	unsigned flags;
} system_calls[] = {
	{ "fork", FORKS },
	{ "vfork", FORKS },
	{ "clone", FORKS | SWAPPED },
	{ "clone3", FORKS },
	{ "execve", EXECS },
	{ "execveat", EXECS },
	{ "exit", ENDS },
	{ "exit_group", ENDS },
	{ "kill", SIGNALS },
	{ "tkill", SIGNALS },
	{ "tgkill", SIGNALS },
	{ "pidfd_send_signal", SIGNALS },
	{ "open", RESERVES },
	{ "creat", RESERVES },
	{ "dup2", 0 },
	{ "pipe", 0 },
	{ "epoll_create", 0 },
	{ "epoll_wait", 0 },
	{ "eventfd", 0 },
	{ "poll", 0 },
	{ "select", 0 },
	{ "alarm", 0 },
	{ "inotify_init", 0 },
	{ "signalfd", 0 },
	{ "access", 0 },
	{ "chmod", 0 },
	{ "chown", 0 },
	{ "lchown", 0 },
	{ "link", 0 },
	{ "lstat", 0 },
	{ "mkdir", 0 },
	{ "mknod", 0 },
	{ "readlink", 0 },
	{ "rename", 0 },
	{ "rmdir", 0 },
	{ "stat", 0 },
	{ "symlink", 0 },
	{ "unlink", 0 },
	{ "getrlimit", 0 },
	{ "newfstatat", 0 },
	{ "statx", 0 },
	{ "getdents64", 0 },
	{ "splice", 0 },
	{ "tee", 0 },
	{ "sendfile", 0 },
	{ "copy_file_range", 0 },
	{ "openat", RESERVES },
	{ "openat2", RESERVES },
	{ "dup", 0 },
	{ "dup3", 0 },
	{ "close", 0 },
	{ "close_range", 0 },
	{ "pipe2", 0 },
	{ "fcntl", 0 },
	{ "flock", 0 },
	{ "ioctl", 0 },
	{ "kcmp", 0 },
	{ "read", 0 },
	{ "write", 0 },
	{ "pread64", 0 },
	{ "pwrite64", 0 },
	{ "readv", 0 },
	{ "writev", 0 },
	{ "preadv", HALVES },
	{ "pwritev", HALVES },
	{ "preadv2", HALVES },
	{ "pwritev2", HALVES },
	{ "lseek", 0 },
	{ "fstat", 0 },
	{ "ftruncate", 0 },
	{ "truncate", 0 },
	{ "fsync", 0 },
	{ "fdatasync", 0 },
	{ "mkdirat", 0 },
	{ "mknodat", 0 },
	{ "symlinkat", 0 },
	{ "unlinkat", 0 },
	{ "renameat", 0 },
	{ "readlinkat", 0 },
	{ "faccessat", 0 },
	{ "faccessat2", 0 },
	{ "linkat", 0 },
	{ "fchmod", 0 },
	{ "fchmodat", 0 },
	{ "fchown", 0 },
	{ "fchownat", 0 },
	{ "chdir", 0 },
	{ "fchdir", 0 },
	{ "umask", 0 },
	{ "setrlimit", 0 },
	{ "prlimit64", 0 },
	{ "unshare", 0 },
	{ "wait4", 0 },
	{ "waitid", 0 },
	{ "pidfd_open", 0 },
	{ "pidfd_getfd", 0 },
	{ "memfd_create", 0 },
	{ "socket", 0 },
	{ "socketpair", 0 },
	{ "listen", 0 },
	{ "shutdown", 0 },
	{ "rt_sigprocmask", 0 },
	{ "rt_sigaction", 0 },
	{ "rt_sigpending", 0 },
	{ "signalfd4", 0 },
	{ "eventfd2", 0 },
	{ "ppoll", 0 },
	{ "bind", 0 },
	{ "connect", 0 },
	{ "accept", RESERVES },
	{ "accept4", RESERVES },
	{ "getsockname", 0 },
	{ "getpeername", 0 },
	{ "getsockopt", 0 },
	{ "setsockopt", 0 },
	{ "sendto", 0 },
	{ "recvfrom", 0 },
	{ "sendmsg", 0 },
	{ "recvmsg", 0 },
	{ "sendmmsg", 0 },
	{ "recvmmsg", 0 },
	{ "pselect6", 0 },
	{ "nanosleep", 0 },
	{ "clock_nanosleep", 0 },
	{ "inotify_init1", 0 },
	{ "inotify_add_watch", 0 },
	{ "inotify_rm_watch", 0 },
	{ "epoll_create1", 0 },
	{ "epoll_ctl", 0 },
	{ "epoll_pwait", 0 },
	{ "epoll_pwait2", 0 },
	{ "timerfd_create", 0 },
	{ "timerfd_settime", 0 },
	{ "timerfd_gettime", TELLS_TIME },
	{ "clock_gettime", TELLS_TIME },
	{ "getpid", 0 },
	{ "getppid", 0 },
	{ "gettid", 0 },
	{ "getuid", 0 },
	{ "geteuid", 0 },
	{ "getgid", 0 },
	{ "getegid", 0 },
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
	const char *name = fdl_row_name(row);
	const struct system_call *call = find_call(name);
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	if (fdl_row_is_internal(row))
		return "function of the kernel";
	if (!call || fdl_syscall(name, strlen(name)) < 0)
		return "no such system call";
	if (call->flags & TELLS_TIME)
		return "clock";
	for (size_t i = 0; i < n; i++) {
		const struct form *form = form_find(param[i].type);

		if (param[i].out ? !form || !form_can_be_taken(form)
				 : !param[i].is_number && !(form && form_can_be_put(form)))
			return "argument without a form";
	}
	return NULL;
}

bool kernel_call_reserves(const struct fdl_row *row)
{
	const struct system_call *call = find_call(fdl_row_name(row));

	return call && call->flags & RESERVES;
}

/* ---- calls ---------------------------------------------------------------------------------- */

static bool is_rewritten(const struct fdl_param *param)
{
	const struct form *form = form_find(param->type);

	return form && (param->out ? form_is_in_place(form) : form_is_updated(form, param->inout));
}

bool kernel_call_rewrites(const struct fdl_row *row)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(row, param);

	for (size_t i = 0; i < n; i++)
		if (is_rewritten(&param[i]))
			return true;
	return false;
}

bool kernel_call_fills(const struct fdl_row *row)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(row, param);

	for (size_t i = 0; i < n; i++)
		if (param[i].out || is_rewritten(&param[i]))
			return true;
	return false;
}

int kernel_call_pack(const struct fdl_row *row, const struct fdl_arg *args,
		     const struct kernel_memory *memory, struct kernel_order *order)
{
	const struct system_call *call = find_call(fdl_row_name(row));
	struct kernel_packer p = {
		.data = memory->data,
		.address = memory->address,
		.size = KERNEL_DATA_SIZE,
		.args = args,
	};
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	*order = (struct kernel_order){
		.number = fdl_syscall(call->name, strlen(call->name)),
		.forks = call->flags & FORKS,
		.execs = call->flags & EXECS,
		.ends = call->flags & ENDS,
		.signals = call->flags & SIGNALS,
	};
	for (size_t i = 0; i < n; i++) {
		const struct form *form = form_find(param[i].type);

		/* sendmmsg fills in lengths alone. */
		p.fills = param[i].inout && strcmp(param[i].type, "sentmsgs") != 0;
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
	if (call->flags & HALVES) {
		order->arg[5] = order->arg[4];
		order->arg[4] = 0;
	}
	order->used = p.used;
	return p.full ? -E2BIG : 0;
}

/* Returns the length of an address as a call wrote it, as far as there was room. */
static size_t length_after(const struct fdl_param *param, int64_t at, const struct fdl_arg *room,
			   const struct kernel_memory *memory)
{
	uint32_t came;

	if (strcmp(param->type, "sockaddr") || !param->out || !at)
		return 0;
	memcpy(&came, memory->data + (at - memory->address), sizeof(came));
	return came < (uint32_t)room->num ? came : (uint32_t)room->num;
}

/* Whether an argument was put into the memory of the task: addresses out of a log were not. */
static bool is_put(const struct fdl_param *param, const struct fdl_arg *a)
{
	return param->is_number || param->inout || a->sub;
}

int kernel_call_unpack(const struct fdl_row *row, const struct fdl_arg *args,
		       const struct kernel_order *order, const struct kernel_memory *memory,
		       int64_t result, struct kernel_filled *filled)
{
	struct kernel_taker t = {
		.arg = filled->element,
		.n = KERNEL_ELEMENTS,
		.args = args,
		.result = result,
		.data = memory->data,
		.address = memory->address,
		.pid_base = memory->pid_base,
	};
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	for (size_t i = 0; i < n; i++) {
		const struct form *form = form_find(param[i].type);
		const char *at;

		filled->args[i] = args[i];
		if (result < 0 || !form || !order->arg[i])
			continue;
		at = memory->data + (order->arg[i] - memory->address);
		t.count = i + 1 < n ? (uint64_t)args[i + 1].num : 0;
		t.length = length_after(&param[i], i + 1 < n ? order->arg[i + 1] : 0, &args[i + 1],
					memory);
		if (param[i].out)
			form_take(&t, form, at, &filled->args[i]);
		else if (form_is_updated(form, param[i].inout) && is_put(&param[i], &args[i]))
			form_update(&t, form, at, &filled->args[i]);
	}
	return t.full ? -E2BIG : 0;
}

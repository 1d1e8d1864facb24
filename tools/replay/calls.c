/*
 * The calls that have to do with descriptors, and the ioctls.
 */
#include "replay/calls.h"

#include <string.h>

/* ---- calls that do not always give one ------------------------------------------------------ */

static bool is_new_signalfd(const struct strace_call *call)
{
	int64_t fd;

	return call->nargs && span_number(call->arg[0], &fd) && fd == -1;
}

static bool bpf_gives(const struct strace_call *call)
{
	static const char *const commands[] = {
		"BPF_MAP_CREATE",       "BPF_PROG_LOAD",         "BPF_OBJ_GET",
		"BPF_BTF_LOAD",         "BPF_PROG_GET_FD_BY_ID", "BPF_MAP_GET_FD_BY_ID",
		"BPF_BTF_GET_FD_BY_ID", "BPF_LINK_GET_FD_BY_ID", "BPF_RAW_TRACEPOINT_OPEN",
		"BPF_LINK_CREATE",      "BPF_ITER_CREATE",       "BPF_ENABLE_STATS",
		"BPF_TOKEN_CREATE",
	};

	for (size_t i = 0; call->nargs && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (span_is(call->arg[0], commands[i]))
			return true;
	return false;
}

/* It may also ask for a version, which is no descriptor. */
static bool landlock_gives(const struct strace_call *call)
{
	return call->nargs < 3 || !span_has_word(call->arg[2], "LANDLOCK_CREATE_RULESET_VERSION");
}

static bool seccomp_gives(const struct strace_call *call)
{
	return call->nargs >= 2 && span_has_word(call->arg[1], "SECCOMP_FILTER_FLAG_NEW_LISTENER");
}

/* ---- calls ---------------------------------------------------------------------------------- */

#define USE(call, ...)                                                                             \
	{                                                                                          \
		.name = (call), .effect = EFFECT_USE, .fd = { __VA_ARGS__ }                        \
	}
#define GIVE(call, ...)                                                                            \
	{                                                                                          \
		.name = (call), .effect = EFFECT_GIVE, ##__VA_ARGS__                               \
	}
#define ROW(call, what, ...)                                                                       \
	{                                                                                          \
		.name = (call), .effect = (what), ##__VA_ARGS__                                    \
	}

static const struct log_call rows[] = {
	GIVE("open", .argument = 1),
	GIVE("openat", .argument = 2, .fd = { 1 }),
	GIVE("openat2", .argument = 2, .fd = { 1 }),
	GIVE("creat", .argument = 1),
	GIVE("open_by_handle_at", .fd = { 1 }),
	GIVE("open_tree", .argument = 2, .fd = { 1 }),
	GIVE("open_tree_attr", .argument = 2, .fd = { 1 }),
	GIVE("accept", .fd = { 1 }, .shown = "socket"),
	GIVE("accept4", .fd = { 1 }, .shown = "socket"),
	GIVE("socket", .shown = "socket"),
	GIVE("epoll_create", .shown = "[eventpoll]"),
	GIVE("epoll_create1", .shown = "[eventpoll]"),
	GIVE("eventfd", .shown = "[eventfd]"),
	GIVE("eventfd2", .shown = "[eventfd]"),
	GIVE("timerfd_create", .shown = "[timerfd]"),
	GIVE("signalfd", .gives = is_new_signalfd, .shown = "[signalfd]"),
	GIVE("signalfd4", .gives = is_new_signalfd, .shown = "[signalfd]"),
	GIVE("inotify_init", .shown = "inotify"),
	GIVE("inotify_init1", .shown = "inotify"),
	GIVE("fanotify_init", .shown = "[fanotify]"),
	GIVE("memfd_create", .argument = 1),
	GIVE("memfd_secret", .shown = "secretmem"),
	GIVE("pidfd_open", .cloexec = true, .shown = "[pidfd]"),
	GIVE("pidfd_getfd", .fd = { 1 }, .cloexec = true),
	GIVE("userfaultfd", .shown = "[userfaultfd]"),
	GIVE("perf_event_open", .shown = "[perf_event]"),
	GIVE("bpf", .cloexec = true, .gives = bpf_gives),
	GIVE("io_uring_setup", .cloexec = true, .shown = "[io_uring]"),
	GIVE("fsopen", .shown = "[fscontext]"),
	GIVE("fspick", .fd = { 1 }, .shown = "[fscontext]"),
	GIVE("fsmount", .fd = { 1 }),
	GIVE("mq_open", .argument = 1, .cloexec = true),
	GIVE("landlock_create_ruleset", .cloexec = true, .gives = landlock_gives,
	     .shown = "[landlock-ruleset]"),
	GIVE("seccomp", .cloexec = true, .gives = seccomp_gives, .shown = "seccomp notify"),

	ROW("pipe", EFFECT_PAIR, .argument = 1, .shown = "pipe"),
	ROW("pipe2", EFFECT_PAIR, .argument = 1, .shown = "pipe"),
	ROW("socketpair", EFFECT_PAIR, .argument = 4, .shown = "socket"),
	ROW("dup", EFFECT_DUP),
	ROW("dup2", EFFECT_DUP2),
	ROW("dup3", EFFECT_DUP2),
	ROW("fcntl", EFFECT_FCNTL),
	ROW("fcntl64", EFFECT_FCNTL),
	ROW("ioctl", EFFECT_IOCTL, .fd = { 1 }),
	ROW("close", EFFECT_CLOSE),
	ROW("close_range", EFFECT_CLOSE_RANGE),
	ROW("recvmsg", EFFECT_MESSAGE, .fd = { 1 }, .argument = 3),
	ROW("recvmmsg", EFFECT_MESSAGE, .fd = { 1 }, .argument = 4),
	ROW("recvmmsg_time64", EFFECT_MESSAGE, .fd = { 1 }, .argument = 4),
	ROW("fork", EFFECT_FORK),
	ROW("vfork", EFFECT_FORK),
	ROW("clone", EFFECT_FORK),
	ROW("clone3", EFFECT_FORK),
	ROW("unshare", EFFECT_UNSHARE),
	ROW("execve", EFFECT_EXEC, .argument = 1),
	ROW("execveat", EFFECT_EXEC, .argument = 2, .fd = { 1 }),
	ROW("prlimit64", EFFECT_LIMIT, .argument = 3),
	ROW("setrlimit", EFFECT_LIMIT, .argument = 2),
	ROW("getrlimit", EFFECT_LIMIT, .argument = 2),
	ROW("ugetrlimit", EFFECT_LIMIT, .argument = 2),

	USE("read", 1),
	USE("write", 1),
	USE("pread64", 1),
	USE("pwrite64", 1),
	USE("readv", 1),
	USE("writev", 1),
	USE("preadv", 1),
	USE("pwritev", 1),
	USE("preadv2", 1),
	USE("pwritev2", 1),
	USE("lseek", 1),
	USE("_llseek", 1),
	USE("fstat", 1),
	USE("fstat64", 1),
	USE("newfstatat", 1),
	USE("fstatat64", 1),
	USE("statx", 1),
	USE("fstatfs", 1),
	USE("fsync", 1),
	USE("fdatasync", 1),
	USE("sync_file_range", 1),
	USE("syncfs", 1),
	USE("ftruncate", 1),
	USE("ftruncate64", 1),
	USE("fallocate", 1),
	USE("fadvise64", 1),
	USE("readahead", 1),
	USE("flock", 1),
	USE("fchmod", 1),
	USE("fchown", 1),
	USE("fchdir", 1),
	USE("fchmodat", 1),
	USE("fchownat", 1),
	USE("utimensat", 1),
	USE("mkdirat", 1),
	USE("mknodat", 1),
	USE("unlinkat", 1),
	USE("symlinkat", 2),
	USE("linkat", 1, 3),
	USE("renameat", 1, 3),
	USE("renameat2", 1, 3),
	USE("readlinkat", 1),
	USE("faccessat", 1),
	USE("faccessat2", 1),
	USE("fgetxattr", 1),
	USE("fsetxattr", 1),
	USE("flistxattr", 1),
	USE("fremovexattr", 1),
	USE("getdents", 1),
	USE("getdents64", 1),
	USE("sendfile", 1, 2),
	USE("sendfile64", 1, 2),
	USE("splice", 1, 3),
	USE("tee", 1, 2),
	USE("vmsplice", 1),
	USE("copy_file_range", 1, 3),
	USE("connect", 1),
	USE("bind", 1),
	USE("listen", 1),
	USE("shutdown", 1),
	USE("getsockname", 1),
	USE("getpeername", 1),
	USE("getsockopt", 1),
	USE("setsockopt", 1),
	USE("sendto", 1),
	USE("recvfrom", 1),
	USE("sendmsg", 1),
	USE("sendmmsg", 1),
	USE("epoll_ctl", 1, 3),
	USE("epoll_wait", 1),
	USE("epoll_pwait", 1),
	USE("epoll_pwait2", 1),
	USE("inotify_add_watch", 1),
	USE("inotify_rm_watch", 1),
	USE("fanotify_mark", 1),
	USE("timerfd_settime", 1),
	USE("timerfd_gettime", 1),
	USE("io_uring_enter", 1),
	USE("io_uring_register", 1),
	USE("pidfd_send_signal", 1),
	USE("mq_timedsend", 1),
	USE("mq_timedreceive", 1),
	USE("mq_notify", 1),
	USE("mq_getsetattr", 1),
	USE("fsconfig", 1),
	USE("move_mount", 1, 3),
	USE("setns", 1),
	USE("finit_module", 1),
	USE("landlock_add_rule", 1),
	USE("landlock_restrict_self", 1),
	USE("mmap", 5),
	USE("mmap2", 5),
};

#define N_ROWS  (sizeof(rows) / sizeof(rows[0]))
#define BUCKETS 1024u /* a power of two, several times N_ROWS */

static unsigned hash_name(const char *s, size_t len)
{
	unsigned hash = (unsigned)len;

	for (size_t i = 0; i < len; i++)
		hash = hash * 31 + (unsigned char)s[i];
	return hash ^ hash >> 10;
}

const struct log_call *log_call_find(struct span name)
{
	static const struct log_call *table[BUCKETS];
	static bool filled;
	unsigned at;

	for (size_t i = 0; !filled && i < N_ROWS; i++) {
		at = hash_name(rows[i].name, strlen(rows[i].name));
		while (table[at % BUCKETS])
			at++;
		table[at % BUCKETS] = &rows[i];
	}
	filled = true;
	for (at = hash_name(name.s, name.len); table[at % BUCKETS]; at++)
		if (span_is(name, table[at % BUCKETS]->name))
			return table[at % BUCKETS];
	return NULL;
}

unsigned log_call_reserves(const struct log_call *row)
{
	switch (row->effect) {
	case EFFECT_GIVE:
	case EFFECT_DUP:
	case EFFECT_FCNTL:
	case EFFECT_IOCTL:
	case EFFECT_FORK: /* a pidfd */
		return 1;
	case EFFECT_PAIR:
		return 2;
	case EFFECT_MESSAGE:
		return 253; /* SCM_MAX_FD */
	default:
		return 0;
	}
}

/* ---- ioctls --------------------------------------------------------------------------------- */

static const struct {
	const char *request, *where;
	bool cloexec;
} ioctls[] = {
	{ "TIOCGPTPEER", "", false },
	{ "NS_GET_USERNS", "", true },
	{ "NS_GET_PARENT", "", true },
	{ "SIOCGSKNS", "", true },
	{ "TUNGETDEVNETNS", "", true },
	{ "USERFAULTFD_IOC_NEW", "", false },
	{ "KVM_CREATE_VM", "", true },
	{ "KVM_CREATE_VCPU", "", true },
	{ "KVM_GET_STATS_FD", "", true },
	{ "KVM_CREATE_DEVICE", "fd=", true },
	{ "VFIO_GROUP_GET_DEVICE_FD", "", true },
	{ "DMA_HEAP_IOCTL_ALLOC", "fd=", false },
	{ "UDMABUF_CREATE", "", false },
	{ "UDMABUF_CREATE_LIST", "", false },
	{ "SYNC_IOC_MERGE", "fence=", true },
	{ "DRM_IOCTL_PRIME_HANDLE_TO_FD", "fd=", false },
	{ "GPIO_GET_LINEHANDLE_IOCTL", "fd=", true },
	{ "GPIO_GET_LINEEVENT_IOCTL", "fd=", true },
	{ "GPIO_V2_GET_LINE_IOCTL", "fd=", true },
	{ "MEDIA_IOC_REQUEST_ALLOC", "[", true },
	{ "TEE_IOC_SHM_ALLOC", "", true },
	{ "TEE_IOC_SHM_REGISTER", "", true },
	{ "SIOCKCMCLONE", "fd=", true },
};

const char *ioctl_gives(struct span request, bool *cloexec)
{
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++) {
		/* strace gives the names that a number may have: "A or B". */
		if (!span_has_word(request, ioctls[i].request))
			continue;
		*cloexec = ioctls[i].cloexec;
		return ioctls[i].where;
	}
	return NULL;
}

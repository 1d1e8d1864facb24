/*
 * The table of calls that use or change descriptors, and of ioctls.
 */
#include "replay/calls.h"

#include "cli/number.h"

#include <limits.h>
#include <string.h>

/* ---- calls that do not always give one ------------------------------------------------------ */

static bool is_new_signalfd(const struct fdl_log_call *call)
{
	int64_t fd;

	return value_int(call_argument(call, 1), &fd) && fd == -1;
}

static bool bpf_gives(const struct fdl_log_call *call)
{
	static const char *const commands[] = {
		"BPF_MAP_CREATE",       "BPF_PROG_LOAD",         "BPF_OBJ_GET",
		"BPF_BTF_LOAD",         "BPF_PROG_GET_FD_BY_ID", "BPF_MAP_GET_FD_BY_ID",
		"BPF_BTF_GET_FD_BY_ID", "BPF_LINK_GET_FD_BY_ID", "BPF_RAW_TRACEPOINT_OPEN",
		"BPF_LINK_CREATE",      "BPF_ITER_CREATE",       "BPF_ENABLE_STATS",
		"BPF_TOKEN_CREATE",
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (value_is(call_argument(call, 1), NULL, commands[i]))
			return true;
	return false;
}

/* The call may also ask for a version. */
static bool landlock_gives(const struct fdl_log_call *call)
{
	return !value_has(call_argument(call, 3), NULL, "LANDLOCK_CREATE_RULESET_VERSION");
}

static bool seccomp_gives(const struct fdl_log_call *call)
{
	return value_has(call_argument(call, 2), NULL, "SECCOMP_FILTER_FLAG_NEW_LISTENER");
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
	GIVE("open", .argument = 1, .flags = 2),
	GIVE("openat", .argument = 2, .fd = { 1 }, .flags = 3),
	GIVE("openat2", .argument = 2, .fd = { 1 }),
	GIVE("creat", .argument = 1),
	GIVE("open_by_handle_at", .fd = { 1 }, .flags = 3),
	GIVE("open_tree", .argument = 2, .fd = { 1 }, .flags = 3),
	GIVE("open_tree_attr", .argument = 2, .fd = { 1 }, .flags = 3),
	GIVE("accept", .fd = { 1 }, .shown = "socket"),
	GIVE("accept4", .fd = { 1 }, .shown = "socket", .flags = 4),
	GIVE("socket", .shown = "socket", .flags = 2),
	GIVE("epoll_create", .shown = "[eventpoll]"),
	GIVE("epoll_create1", .shown = "[eventpoll]", .flags = 1),
	GIVE("eventfd", .shown = "[eventfd]"),
	GIVE("eventfd2", .shown = "[eventfd]", .flags = 2),
	GIVE("timerfd_create", .shown = "[timerfd]", .flags = 2),
	GIVE("signalfd", .gives = is_new_signalfd, .shown = "[signalfd]"),
	GIVE("signalfd4", .gives = is_new_signalfd, .shown = "[signalfd]", .flags = 4),
	GIVE("inotify_init", .shown = "inotify"),
	GIVE("inotify_init1", .shown = "inotify", .flags = 1),
	GIVE("fanotify_init", .shown = "[fanotify]", .flags = 1, .cloexec_bit = 1),
	GIVE("memfd_create", .argument = 1, .flags = 2, .cloexec_bit = 1),
	GIVE("memfd_secret", .shown = "secretmem", .flags = 1),
	GIVE("pidfd_open", .cloexec = true, .shown = "[pidfd]"),
	GIVE("pidfd_getfd", .fd = { 1 }, .cloexec = true),
	GIVE("userfaultfd", .shown = "[userfaultfd]", .flags = 1),
	GIVE("perf_event_open", .shown = "[perf_event]", .flags = 5, .cloexec_bit = 8),
	GIVE("bpf", .cloexec = true, .gives = bpf_gives),
	GIVE("io_uring_setup", .cloexec = true, .shown = "[io_uring]"),
	GIVE("fsopen", .shown = "[fscontext]", .flags = 2, .cloexec_bit = 1),
	GIVE("fspick", .fd = { 1 }, .shown = "[fscontext]", .flags = 3, .cloexec_bit = 1),
	GIVE("fsmount", .fd = { 1 }, .flags = 2, .cloexec_bit = 1),
	GIVE("mq_open", .argument = 1, .cloexec = true),
	GIVE("landlock_create_ruleset", .cloexec = true, .gives = landlock_gives,
	     .shown = "[landlock-ruleset]"),
	GIVE("seccomp", .cloexec = true, .gives = seccomp_gives, .shown = "seccomp notify"),

	ROW("pipe", EFFECT_PAIR, .argument = 1, .shown = "pipe"),
	ROW("pipe2", EFFECT_PAIR, .argument = 1, .shown = "pipe", .flags = 2),
	ROW("socketpair", EFFECT_PAIR, .argument = 4, .shown = "socket", .flags = 2),
	ROW("dup", EFFECT_DUP),
	ROW("dup2", EFFECT_DUP2),
	ROW("dup3", EFFECT_DUP2),
	ROW("fcntl", EFFECT_FCNTL),
	ROW("fcntl64", EFFECT_FCNTL),
	ROW("ioctl", EFFECT_IOCTL, .fd = { 1 }),
	ROW("close", EFFECT_CLOSE),
	ROW("close_range", EFFECT_CLOSE_RANGE),
	ROW("recvmsg", EFFECT_MESSAGE, .fd = { 1 }, .flags = 3),
	ROW("recvmmsg", EFFECT_MESSAGE, .fd = { 1 }, .flags = 4),
	ROW("recvmmsg_time64", EFFECT_MESSAGE, .fd = { 1 }, .flags = 4),
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
	ROW("getsockopt", EFFECT_GETSOCKOPT, .fd = { 1 }),
	ROW("exit", EFFECT_EXIT),
	ROW("_exit", EFFECT_EXIT),
	ROW("exit_group", EFFECT_EXIT, .argument = 1),
	ROW("wait4", EFFECT_WAIT),
	ROW("waitpid", EFFECT_WAIT),
	ROW("io_uring_enter", EFFECT_HINT, .fd = { 1 }),

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
	USE("fchmodat2", 1),
	USE("cachestat", 1),
	USE("mount_setattr", 1),
	USE("quotactl_fd", 1),
	USE("process_madvise", 1),
	USE("process_mrelease", 1),
	USE("setxattrat", 1),
	USE("getxattrat", 1),
	USE("listxattrat", 1),
	USE("removexattrat", 1),
	USE("file_getattr", 1),
	USE("file_setattr", 1),
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

/*
 * The name of a call that strace prints as a number: syscall_0x1b3, syscall_435, SYS_435. Numbers
 * that differ between machines stay numbers, since the log does not name its machine.
 */
static bool name_by_number(struct span *name)
{
	static const char *const prefixes[] = { "syscall_", "SYS_" };
	const char *known = NULL;
	char number[24];
	uint64_t n;

	if (name->len >= sizeof(number))
		return false;
	memcpy(number, name->s, name->len);
	number[name->len] = '\0';
	for (size_t i = 0; i < 2 && !known; i++) {
		size_t len = strlen(prefixes[i]);

		if (!strncmp(number, prefixes[i], len) && number_read(number + len, &n) &&
		    n <= INT_MAX)
			known = fdl_syscall_name((int)n);
	}
	if (known)
		*name = (struct span){ known, strlen(known) };
	return known;
}

/* A call by an unknown number may do anything. */
static const struct log_call unknown = { .name = "syscall", .effect = EFFECT_HINT };

static bool is_number(struct span name)
{
	return name.len > 4 && (!memcmp(name.s, "sysc", 4) || !memcmp(name.s, "SYS_", 4));
}

const struct log_call *log_call_find(struct span name)
{
	static struct {
		const struct log_call *row;
		size_t len; /* of its name */
	} table[BUCKETS];
	static bool filled;
	unsigned at;

	for (size_t i = 0; !filled && i < N_ROWS; i++) {
		size_t len = strlen(rows[i].name);

		at = hash_name(rows[i].name, len);
		while (table[at % BUCKETS].row)
			at++;
		table[at % BUCKETS].row = &rows[i];
		table[at % BUCKETS].len = len;
	}
	filled = true;
	if (is_number(name) && !name_by_number(&name))
		return &unknown;
	for (at = hash_name(name.s, name.len); table[at % BUCKETS].row; at++)
		if (table[at % BUCKETS].len == name.len &&
		    !memcmp(table[at % BUCKETS].row->name, name.s, name.len))
			return table[at % BUCKETS].row;
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
		return FDL_MESSAGE_FDS;
	default:
		return 0;
	}
}

/* ---- ioctls --------------------------------------------------------------------------------- */

static const struct {
	const char *request, *where;
	bool cloexec;
	uint32_t number; /* of -X raw, on most machines; 0: not known */
} ioctls[] = {
	{ "TIOCGPTPEER", "", false, 0x5441 },
	{ "NS_GET_USERNS", "", true, 0xb701 },
	{ "NS_GET_PARENT", "", true, 0xb702 },
	{ "NS_MNT_GET_NEXT", "", true, 0x8010b70b },
	{ "NS_MNT_GET_PREV", "", true, 0x8010b70c },
	{ "PIDFD_GET_CGROUP_NAMESPACE", "", true, 0xff01 },
	{ "PIDFD_GET_IPC_NAMESPACE", "", true, 0xff02 },
	{ "PIDFD_GET_MNT_NAMESPACE", "", true, 0xff03 },
	{ "PIDFD_GET_NET_NAMESPACE", "", true, 0xff04 },
	{ "PIDFD_GET_PID_NAMESPACE", "", true, 0xff05 },
	{ "PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE", "", true, 0xff06 },
	{ "PIDFD_GET_TIME_NAMESPACE", "", true, 0xff07 },
	{ "PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE", "", true, 0xff08 },
	{ "PIDFD_GET_USER_NAMESPACE", "", true, 0xff09 },
	{ "PIDFD_GET_UTS_NAMESPACE", "", true, 0xff0a },
	{ "SIOCGSKNS", "", true, 0x894c },
	{ "TUNGETDEVNETNS", "", true, 0x54e3 },
	{ "SIOCKCMCLONE", "fd", true, 0x89e2 },
	{ "USERFAULTFD_IOC_NEW", "", false, 0xaa00 },
	{ "KVM_CREATE_VM", "", true, 0xae01 },
	{ "KVM_CREATE_VCPU", "", true, 0xae41 },
	{ "KVM_GET_STATS_FD", "", true, 0xaece },
	{ "KVM_CREATE_GUEST_MEMFD", "", true, 0xc040aed4 },
	{ "KVM_CREATE_SPAPR_TCE", "", true, 0 },
	{ "KVM_CREATE_SPAPR_TCE_64", "", true, 0 },
	{ "KVM_PPC_GET_HTAB_FD", "", true, 0 },
	{ "KVM_ALLOCATE_RMA", "", true, 0 },
	{ "KVM_CREATE_DEVICE", "fd", true, 0xc00caee0 },
	{ "MSHV_CREATE_PARTITION", "", true, 0 },
	{ "MSHV_CREATE_VP", "", true, 0 },
	{ "NE_CREATE_VM", "", true, 0x8008ae20 },
	{ "NE_CREATE_VCPU", "", true, 0 },
	{ "VFIO_GROUP_GET_DEVICE_FD", "", true, 0x3b6a },
	{ "VFIO_DEVICE_GET_GFX_DMABUF", "", false, 0x3b73 },
	{ "IOMMU_FAULT_QUEUE_ALLOC", "out_fault_fd", true, 0 },
	{ "IIO_GET_EVENT_FD_IOCTL", "[", true, 0x80046990 },
	{ "IIO_BUFFER_GET_FD_IOCTL", "[", true, 0 },
	{ "DMA_HEAP_IOCTL_ALLOC", "fd", false, 0xc0184800 },
	{ "DMA_BUF_IOCTL_EXPORT_SYNC_FILE", "fd", true, 0xc0086202 },
	{ "UDMABUF_CREATE", "", false, 0x40187542 },
	{ "UDMABUF_CREATE_LIST", "", false, 0x40087543 },
	{ "SYNC_IOC_MERGE", "fence", true, 0xc0303e03 },
	{ "SW_SYNC_IOC_CREATE_FENCE", "fence", true, 0 },
	{ "DRM_IOCTL_PRIME_HANDLE_TO_FD", "fd", false, 0xc00c642d },
	{ "DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD", "fd", true, 0xc01064c1 },
	{ "DRM_IOCTL_MODE_CREATE_LEASE", "fd", false, 0xc01864c6 },
	{ "DRM_IOCTL_I915_PERF_OPEN", "", false, 0x40106476 },
	{ "GPIO_GET_LINEHANDLE_IOCTL", "fd", true, 0xc16cb403 },
	{ "GPIO_GET_LINEEVENT_IOCTL", "fd", true, 0xc030b404 },
	{ "GPIO_V2_GET_LINE_IOCTL", "fd", true, 0xc250b407 },
	{ "VIDIOC_EXPBUF", "fd", false, 0xc0405610 },
	{ "DMX_EXPBUF", "fd", false, 0xc00c6f3e },
	{ "MEDIA_IOC_REQUEST_ALLOC", "[", true, 0x80047c05 },
	{ "TEE_IOC_SHM_ALLOC", "", true, 0xc010a401 },
	{ "TEE_IOC_SHM_REGISTER", "", true, 0 },
	{ "TEE_IOC_SHM_REGISTER_FD", "", true, 0 },
	{ "XFS_IOC_OPEN_BY_HANDLE", "", false, 0 },
	{ "AUTOFS_DEV_IOCTL_OPENMOUNT", "ioctlfd", true, 0xc0189374 },
};

const char *ioctl_gives(const struct fdl_value *request, bool *cloexec)
{
	int64_t number;

	if (!value_number(request, &number) || request->comment)
		number = -1;
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++) {
		/* strace prints all names that a number may have: "A or B". */
		if (!value_is(request, NULL, ioctls[i].request) &&
		    (!ioctls[i].number || number != ioctls[i].number))
			continue;
		*cloexec = ioctls[i].cloexec;
		return ioctls[i].where;
	}
	return NULL;
}

bool ioctl_is_known(const struct fdl_value *request)
{
	/*
	 * Families of ioctls (terminals, files, sockets, sound) of which no other gives a
	 * descriptor.
	 */
	static const char *const families[] = { "TC",  "TIO",    "FIO",  "SIOC",  "SNDCTL",
						"BLK", "FS_IOC", "FAT_", "EVIOC", "RTC_" };

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		size_t len = strlen(families[i]);

		if (request->len >= len && !memcmp(request->text, families[i], len))
			return true;
	}
	return false;
}

/*
 * Structures in the memory of a real task: the places of their fields, and the steps between those
 * and arguments. A new structure is a new layout.
 */
#include "kernel/structures.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum {
	LEFT_BY_CALL = 1,        /* the call writes the field of an argument that it gets */
	OUT_OF_ANOTHER_LIFE = 2, /* an address out of a log: nothing is put */
	IS_PID = 4,              /* of a task */
};

/* A field, in the order of fdlab-notation(5): a number, or (inside) a structure. */
struct layout_field {
	uint16_t offset;
	uint8_t size;
	bool is_signed;
	unsigned flags;
	const struct layout *inside;
};

#define IS_SIGNED(type, member) ((__typeof__(((type *)0)->member))-1 < 1)
#define FIELD(type, member, ...)                                                                   \
	{                                                                                          \
		.offset = offsetof(type, member), .size = sizeof(((type *)0)->member),             \
		.is_signed = IS_SIGNED(type, member), __VA_ARGS__                                  \
	}
#define INSIDE(type, member, what)                                                                 \
	{                                                                                          \
		.offset = offsetof(type, member), .inside = &(what)                                \
	}
#define LAYOUT(type, fields)                                                                       \
	{                                                                                          \
		.size = sizeof(type), .n = N(fields), .field = (fields)                            \
	}

static const struct layout_field rlimit_fields[] = {
	FIELD(struct rlimit, rlim_cur, 0),
	FIELD(struct rlimit, rlim_max, 0),
};
const struct layout rlimit_layout = LAYOUT(struct rlimit, rlimit_fields);

/* The kernel's headers of these structures cannot be included with libc's. */
#define WORD(n, ...)                                                                               \
	{                                                                                          \
		.offset = 8 * (n), .size = 8, __VA_ARGS__                                          \
	}
static const struct layout_field open_how_fields[] = { WORD(0, 0), WORD(1, 0), WORD(2, 0) };
const struct layout open_how_layout = { 24, N(open_how_fields), open_how_fields };

static const struct layout_field clone_args_fields[] = {
	WORD(0, 0), /* flags */
	WORD(1, .flags = OUT_OF_ANOTHER_LIFE),
	WORD(2, .flags = OUT_OF_ANOTHER_LIFE),
	WORD(3, .flags = OUT_OF_ANOTHER_LIFE),
	WORD(4, 0), /* exit_signal */
	WORD(5, 0), /* stack */
	WORD(6, 0), /* stack_size */
	WORD(7, .flags = OUT_OF_ANOTHER_LIFE),
	WORD(8, .flags = OUT_OF_ANOTHER_LIFE),
	WORD(9, .flags = OUT_OF_ANOTHER_LIFE),
	WORD(10, .flags = OUT_OF_ANOTHER_LIFE),
};
const struct layout clone_args_layout = { 88, N(clone_args_fields), clone_args_fields };

static const struct layout_field stat_fields[] = {
	FIELD(struct stat, st_mode, 0),    FIELD(struct stat, st_size, 0),
	FIELD(struct stat, st_rdev, 0),    FIELD(struct stat, st_dev, 0),
	FIELD(struct stat, st_ino, 0),     FIELD(struct stat, st_nlink, 0),
	FIELD(struct stat, st_uid, 0),     FIELD(struct stat, st_gid, 0),
	FIELD(struct stat, st_blksize, 0), FIELD(struct stat, st_blocks, 0),
};
const struct layout stat_layout = LAYOUT(struct stat, stat_fields);

static const struct layout_field statx_fields[] = {
	FIELD(struct statx, stx_mask, 0),       FIELD(struct statx, stx_mode, 0),
	FIELD(struct statx, stx_size, 0),       FIELD(struct statx, stx_nlink, 0),
	FIELD(struct statx, stx_uid, 0),        FIELD(struct statx, stx_gid, 0),
	FIELD(struct statx, stx_ino, 0),        FIELD(struct statx, stx_blksize, 0),
	FIELD(struct statx, stx_blocks, 0),     FIELD(struct statx, stx_rdev_major, 0),
	FIELD(struct statx, stx_rdev_minor, 0),
};
const struct layout statx_layout = LAYOUT(struct statx, statx_fields);

static const struct layout_field flock_fields[] = {
	FIELD(struct flock, l_type, 0),
	FIELD(struct flock, l_whence, 0),
	FIELD(struct flock, l_start, 0),
	FIELD(struct flock, l_len, 0),
	FIELD(struct flock, l_pid, .flags = IS_PID),
};
const struct layout flock_layout = LAYOUT(struct flock, flock_fields);

static const struct layout_field siginfo_fields[] = {
	FIELD(siginfo_t, si_signo, 0),
	FIELD(siginfo_t, si_code, 0),
	FIELD(siginfo_t, si_pid, .flags = IS_PID),
	FIELD(siginfo_t, si_uid, 0),
	FIELD(siginfo_t, si_status, 0),
};
const struct layout siginfo_layout = LAYOUT(siginfo_t, siginfo_fields);

static const struct layout_field f_owner_ex_fields[] = {
	FIELD(struct f_owner_ex, type, 0),
	FIELD(struct f_owner_ex, pid, .flags = IS_PID),
};
const struct layout f_owner_ex_layout = LAYOUT(struct f_owner_ex, f_owner_ex_fields);

static const struct layout_field ucred_fields[] = {
	FIELD(struct ucred, pid, .flags = IS_PID),
	FIELD(struct ucred, uid, 0),
	FIELD(struct ucred, gid, 0),
};
const struct layout ucred_layout = LAYOUT(struct ucred, ucred_fields);

static const struct layout_field timeval_fields[] = {
	FIELD(struct timeval, tv_sec, 0),
	FIELD(struct timeval, tv_usec, 0),
};
const struct layout timeval_layout = LAYOUT(struct timeval, timeval_fields);

static const struct layout_field timespec_fields[] = {
	FIELD(struct timespec, tv_sec, 0),
	FIELD(struct timespec, tv_nsec, 0),
};
const struct layout timespec_layout = LAYOUT(struct timespec, timespec_fields);

static const struct layout_field itimerspec_fields[] = {
	INSIDE(struct itimerspec, it_interval, timespec_layout),
	INSIDE(struct itimerspec, it_value, timespec_layout),
};
const struct layout itimerspec_layout = LAYOUT(struct itimerspec, itimerspec_fields);

/* A time to wait, in which the call leaves the rest; once in nanoseconds, once in microseconds. */
static const struct layout_field timeout_fields[] = {
	FIELD(struct timespec, tv_sec, 0),
	FIELD(struct timespec, tv_nsec, 0),
	FIELD(struct timespec, tv_sec, .flags = LEFT_BY_CALL),
	FIELD(struct timespec, tv_nsec, .flags = LEFT_BY_CALL),
};
const struct layout timeout_layout = LAYOUT(struct timespec, timeout_fields);

static const struct layout_field timeoutval_fields[] = {
	FIELD(struct timeval, tv_sec, 0),
	FIELD(struct timeval, tv_usec, 0),
	FIELD(struct timeval, tv_sec, .flags = LEFT_BY_CALL),
	FIELD(struct timeval, tv_usec, .flags = LEFT_BY_CALL),
};
const struct layout timeoutval_layout = LAYOUT(struct timeval, timeoutval_fields);

static const struct layout_field pollfd_fields[] = {
	FIELD(struct pollfd, fd, 0),
	{ .offset = offsetof(struct pollfd, events), .size = sizeof(short) },
	{ .offset = offsetof(struct pollfd, revents),
	  .size = sizeof(short),
	  .flags = LEFT_BY_CALL },
};
const struct layout pollfd_layout = LAYOUT(struct pollfd, pollfd_fields);

static const struct layout_field epoll_data_fields[] = {
	FIELD(epoll_data_t, u32, 0),
	FIELD(epoll_data_t, u64, 0),
};
static const struct layout epoll_data_layout = LAYOUT(epoll_data_t, epoll_data_fields);

static const struct layout_field epoll_event_fields[] = {
	FIELD(struct epoll_event, events, 0),
	INSIDE(struct epoll_event, data, epoll_data_layout),
};
const struct layout epoll_event_layout = LAYOUT(struct epoll_event, epoll_event_fields);

void put_fields(char *at, const struct layout *l, const struct fdl_arg *a)
{
	for (size_t i = 0; a->sub && i < l->n; i++) {
		const struct layout_field *f = &l->field[i];

		/* Both processors for tasks are little-endian. */
		if (f->inside)
			put_fields(at + f->offset, f->inside, &a->sub[i]);
		else if (!(f->flags & (LEFT_BY_CALL | OUT_OF_ANOTHER_LIFE)))
			memcpy(at + f->offset, &a->sub[i].num, f->size);
	}
}

/* A pid as the scenario numbers it; 0, as in a kernel, for a task outside of its namespace. */
static int64_t told_pid(const struct kernel_taker *t, int64_t pid)
{
	if (pid <= 0)
		return pid;
	return pid > t->pid_base ? pid - t->pid_base : 0;
}

static int64_t take_number(const struct kernel_taker *t, const char *at,
			   const struct layout_field *f)
{
	const unsigned above = 64 - 8 * f->size;
	uint64_t bits = 0;
	int64_t number;

	memcpy(&bits, at + f->offset, f->size);
	number = f->is_signed ? (int64_t)(bits << above) >> above : (int64_t)bits;
	return f->flags & IS_PID ? told_pid(t, number) : number;
}

void take_fields(struct kernel_taker *t, const char *at, const struct layout *l, struct fdl_arg *a)
{
	struct fdl_arg *e = taker_elements(t, l->n);

	*a = (struct fdl_arg){ .num = e ? (int64_t)l->n : 0, .sub = e };
	for (size_t i = 0; e && i < l->n; i++) {
		const struct layout_field *f = &l->field[i];

		if (f->inside)
			take_fields(t, at + f->offset, f->inside, &e[i]);
		else
			e[i].num = take_number(t, at, f);
	}
}

void update_fields(struct kernel_taker *t, const char *at, const struct layout *l,
		   struct fdl_arg *a)
{
	struct fdl_arg *e = taker_elements(t, l->n);

	for (size_t i = 0; e && i < l->n; i++) {
		e[i] = a->sub[i];
		if (l->field[i].flags & LEFT_BY_CALL)
			e[i].num = take_number(t, at, &l->field[i]);
	}
	a->sub = e;
}

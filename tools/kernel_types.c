/*
 * The table of types, and the functions that put arguments into a task's memory and take out what
 * a call has left there. A type more is a row more.
 */
#include "kernel_types.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Room of zeros, and its address for the task. NULL: there is none. */
static char *room(struct packer *p, size_t size, int64_t *address)
{
	char *at = p->data + p->used;

	if (size > p->size - p->used) {
		p->full = true;
		return NULL;
	}
	*address = p->address + (int64_t)p->used;
	p->used += (size + 15) & ~(size_t)15;
	if (p->used > p->size)
		p->used = p->size;
	memset(at, 0, size);
	return at;
}

static int64_t put_bytes(struct packer *p, const void *bytes, size_t len, size_t size)
{
	int64_t address = 0;
	char *at = room(p, size, &address);

	if (at)
		memcpy(at, bytes, len);
	return address;
}

/* ---- types ---------------------------------------------------------------------------------- */

/* Strings; NULL and addresses, which are taken as they are. */
static int64_t put_string(struct packer *p, const struct fdl_arg *a)
{
	if (!a->str)
		return a->num;
	return put_bytes(p, a->str, (size_t)a->num, (size_t)a->num + 1);
}

/* A buffer may be shorter than it is said to be: the rest is zeros, as far as there is room. */
static int64_t put_buffer(struct packer *p, const struct fdl_arg *a)
{
	size_t left = p->size - p->used;
	size_t size = p->count < left ? (size_t)p->count : left;

	if (!a->str)
		return a->num;
	return put_bytes(p, a->str, (size_t)a->num, size > (size_t)a->num ? size : (size_t)a->num);
}

/* A pointer without a meaning here, out of another life. */
static int64_t put_nothing(struct packer *p, const struct fdl_arg *a)
{
	(void)p, (void)a;
	return 0;
}

static int64_t put_strings(struct packer *p, const struct fdl_arg *a)
{
	int64_t address = 0, string;
	char *at;

	if (!a->sub)
		return a->num;
	at = room(p, ((size_t)a->num + 1) * sizeof(string), &address);
	for (int64_t i = 0; at && i < a->num; i++) {
		string = put_string(p, &a->sub[i]);
		memcpy(at + (size_t)i * sizeof(string), &string, sizeof(string));
	}
	return address;
}

/* Structures that are 64-bit numbers, one behind the other. */
static int64_t put_words(struct packer *p, const struct fdl_arg *a, size_t n)
{
	uint64_t word[16] = { 0 };

	if (!a->sub)
		return a->num;
	for (size_t i = 0; i < n; i++)
		word[i] = (uint64_t)a->sub[i].num;
	return put_bytes(p, word, n * sizeof(word[0]), n * sizeof(word[0]));
}

static int64_t put_rlimit(struct packer *p, const struct fdl_arg *a)
{
	return put_words(p, a, 2);
}

static int64_t put_open_how(struct packer *p, const struct fdl_arg *a)
{
	return put_words(p, a, 3);
}

/* Flags, exit signal and stack; the other fields are addresses out of another life. */
static int64_t put_clone_args(struct packer *p, const struct fdl_arg *a)
{
	enum { FLAGS, EXIT_SIGNAL = 4, STACK = 5, STACK_SIZE = 6, FIELDS = 11 };
	struct fdl_arg field[FIELDS] = { 0 };

	if (!a->sub)
		return a->num;
	field[FLAGS] = a->sub[FLAGS];
	field[EXIT_SIGNAL] = a->sub[EXIT_SIGNAL];
	field[STACK] = a->sub[STACK];
	field[STACK_SIZE] = a->sub[STACK_SIZE];
	return put_words(p, &(struct fdl_arg){ .num = FIELDS, .sub = field }, FIELDS);
}

static int64_t put_flock(struct packer *p, const struct fdl_arg *a)
{
	struct flock lock = { 0 };

	if (!a->sub)
		return a->num;
	lock.l_type = (short)a->sub[0].num;
	lock.l_whence = (short)a->sub[1].num;
	lock.l_start = a->sub[2].num;
	lock.l_len = a->sub[3].num;
	lock.l_pid = (pid_t)a->sub[4].num;
	return put_bytes(p, &lock, sizeof(lock), sizeof(lock));
}

static void take_buffer(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	(void)e;
	*a = (struct fdl_arg){ .num = result, .str = at };
}

static void take_int(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	int32_t number;

	(void)result;
	memcpy(&number, at, sizeof(number));
	e[0] = (struct fdl_arg){ .num = number };
	*a = (struct fdl_arg){ .num = 1, .sub = e };
}

/* wait4 fills a status in where it has found a child. */
static void take_status(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	if (result > 0)
		take_int(at, result, a, e);
	else
		*a = (struct fdl_arg){ 0 };
}

static void take_pair(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	take_int(at, result, a, e);
	take_int(at + sizeof(int32_t), result, a, e + 1);
	*a = (struct fdl_arg){ .num = 2, .sub = e };
}

static void take_two_words(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	(void)result;
	for (size_t i = 0; i < 2; i++) {
		e[i] = (struct fdl_arg){ 0 };
		memcpy(&e[i].num, at + i * sizeof(e[i].num), sizeof(e[i].num));
	}
	*a = (struct fdl_arg){ .num = 2, .sub = e };
}

static void take_flock(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	struct flock lock;

	(void)result;
	memcpy(&lock, at, sizeof(lock));
	const int64_t field[] = {
		lock.l_type, lock.l_whence, lock.l_start, lock.l_len, lock.l_pid,
	};
	for (size_t i = 0; i < N(field); i++)
		e[i] = (struct fdl_arg){ .num = field[i] };
	*a = (struct fdl_arg){ .num = N(field), .sub = e };
}

/* The fields in the order of fdlab-notation(5). */
static void take_stat(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	struct stat st;

	(void)result;
	memcpy(&st, at, sizeof(st));
	const int64_t field[] = {
		st.st_mode,         st.st_size,           (int64_t)st.st_rdev, (int64_t)st.st_dev,
		(int64_t)st.st_ino, (int64_t)st.st_nlink, st.st_uid,           st.st_gid,
		st.st_blksize,      st.st_blocks,
	};
	for (size_t i = 0; i < N(field); i++)
		e[i] = (struct fdl_arg){ .num = field[i] };
	*a = (struct fdl_arg){ .num = N(field), .sub = e };
}

/* ---- signals and times ---------------------------------------------------------------------- */

/* A set of signals is a list of their numbers here, and bits there. */
static int64_t put_sigset(struct packer *p, const struct fdl_arg *a)
{
	uint64_t bits = 0;

	if (!a->sub)
		return a->num;
	for (int64_t i = 0; i < a->num; i++)
		if (a->sub[i].num >= 1 && a->sub[i].num <= 64)
			bits |= UINT64_C(1) << (a->sub[i].num - 1);
	return put_bytes(p, &bits, sizeof(bits), sizeof(bits));
}

static void take_sigset(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	uint64_t bits;
	int64_t n = 0;

	(void)result;
	memcpy(&bits, at, sizeof(bits));
	for (int sig = 1; sig <= 64; sig++)
		if (bits & (UINT64_C(1) << (sig - 1)))
			e[n++] = (struct fdl_arg){ .num = sig };
	*a = (struct fdl_arg){ .num = n, .sub = e };
}

static int64_t put_timespec(struct packer *p, const struct fdl_arg *a)
{
	return put_words(p, a, 2);
}

/* Two times of two words each. */
static int64_t put_itimerspec(struct packer *p, const struct fdl_arg *a)
{
	struct fdl_arg word[4];

	if (!a->sub)
		return a->num;
	for (size_t i = 0; i < 4; i++)
		word[i] = a->sub[i / 2].sub ? a->sub[i / 2].sub[i % 2] : (struct fdl_arg){ 0 };
	return put_words(p, &(struct fdl_arg){ .num = 4, .sub = word }, 4);
}

static void take_itimerspec(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	take_two_words(at, result, &e[0], e + 2);
	take_two_words(at + 16, result, &e[1], e + 4);
	*a = (struct fdl_arg){ .num = 2, .sub = e };
}

/* ---- events --------------------------------------------------------------------------------- */

enum { P_FD, P_EVENTS, P_REVENTS };

static int64_t put_pollfds(struct packer *p, const struct fdl_arg *a)
{
	int64_t address = 0;
	struct pollfd fd;
	char *at;

	if (!a->sub)
		return a->num;
	at = room(p, (size_t)a->num * sizeof(fd), &address);
	for (int64_t i = 0; at && i < a->num; i++) {
		const struct fdl_arg *field = a->sub[i].sub;

		fd = (struct pollfd){ .fd = -1 };
		if (field)
			fd = (struct pollfd){ (int)field[P_FD].num, (short)field[P_EVENTS].num, 0 };
		memcpy(at + (size_t)i * sizeof(fd), &fd, sizeof(fd));
	}
	return address;
}

static void take_pollfds(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	struct pollfd fd;

	(void)result, (void)e;
	for (int64_t i = 0; a->sub && i < a->num; i++) {
		memcpy(&fd, at + (size_t)i * sizeof(fd), sizeof(fd));
		if (a->sub[i].sub)
			a->sub[i].sub[P_REVENTS].num = fd.revents;
	}
}

static int64_t put_epoll_event(struct packer *p, const struct fdl_arg *a)
{
	struct epoll_event event = { 0 };

	if (!a->sub)
		return a->num;
	event.events = (uint32_t)a->sub[0].num;
	if (a->sub[1].sub)
		event.data.u64 = (uint64_t)a->sub[1].sub[1].num;
	return put_bytes(p, &event, sizeof(event), sizeof(event));
}

#define EVENTS_MAX 16 /* as many elements as five times this are room */

/* An event is its bits and its data; the data is shown as u32 and as u64. */
static void take_epoll_events(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
{
	const int64_t n = result < EVENTS_MAX ? result : EVENTS_MAX;
	struct epoll_event event;

	for (int64_t i = 0; i < n; i++) {
		struct fdl_arg *field = e + EVENTS_MAX + 4 * i, *data = field + 2;

		memcpy(&event, at + (size_t)i * sizeof(event), sizeof(event));
		e[i] = (struct fdl_arg){ .num = 2, .sub = field };
		field[0] = (struct fdl_arg){ .num = event.events };
		field[1] = (struct fdl_arg){ .num = 2, .sub = data };
		data[0] = (struct fdl_arg){ .num = event.data.u32 };
		data[1] = (struct fdl_arg){ .num = (int64_t)event.data.u64 };
	}
	*a = (struct fdl_arg){ .num = n, .sub = e };
}

/* ---- the tables ----------------------------------------------------------------------------- */

/* clang-format off */
static const struct kind kinds[] = {
	{ "path",         put_string,      NULL,              0,                   false, false },
	{ "string",       put_string,      NULL,              0,                   false, false },
	{ "buf",          put_buffer,      take_buffer,       0,                   false, false },
	{ "ptr",          put_nothing,     NULL,              0,                   false, false },
	{ "argv",         put_strings,     NULL,              0,                   false, false },
	{ "envp",         put_strings,     NULL,              0,                   false, false },
	{ "int",          NULL,            take_int,          4,                   false, false },
	{ "fdpair",       NULL,            take_pair,         8,                   false, false },
	{ "wstatus",      NULL,            take_status,       4,                   false, false },
	{ "rlimit",       put_rlimit,      take_two_words,       16,                  false, false },
	{ "open_how",     put_open_how,    NULL,              0,                   false, false },
	{ "clone_args",   put_clone_args,  NULL,              0,                   false, false },
	{ "stat",         NULL,            take_stat,         sizeof(struct stat), false, false },
	{ "flock",        put_flock,       take_flock,        sizeof(struct flock), false, true },
	{ "sigset",       put_sigset,      take_sigset,       8,                   false, false },
	{ "timespec",     put_timespec,    take_two_words,       16,                  false, false },
	{ "itimerspec",   put_itimerspec,  take_itimerspec,   32,                  false, false },
	{ "pollfds",      put_pollfds,     take_pollfds,      0,                   true,  false },
	{ "epoll_event",  put_epoll_event, NULL,              0,                   false, false },
	{ "epoll_events", NULL,            take_epoll_events,
	  EVENTS_MAX * sizeof(struct epoll_event),                                 false, false },
};

static const char *const numbers[] = {
	"fd", "dirfd", "int", "uint", "id", "long", "size", "hexsize", "off", "pid", "oflags",
	"oflags64", "dupflags", "mode", "creatmode", "howmode", "fdflags", "whence", "cloneflags",
	"clone3flags", "unshareflags", "closerangeflags", "atflags", "resolveflags", "accessmode",
	"accessflags", "waitoptions", "signal", "resource", "kcmptype", "fcntlcmd", "ioctlcmd",
	"filemode", "dev", "locktype", "flockop", "epollflags", "epollop", "efdflags", "tfdflags",
	"tfdsetflags", "clockid", "sighow", "sfdflags", "mfdflags", "seals", "family", "socktype", "protocol", "shuthow", "pidfdflags",
	"pidfdsignalflags",
};
/* clang-format on */

const struct kind *kind_find(const char *type)
{
	for (size_t i = 0; i < N(kinds); i++)
		if (!strcmp(kinds[i].type, type))
			return &kinds[i];
	return NULL;
}

bool kind_is_number(const char *type)
{
	for (size_t i = 0; i < N(numbers); i++)
		if (!strcmp(numbers[i], type))
			return true;
	return false;
}

int64_t kind_room(struct packer *p, const struct kind *kind)
{
	size_t left = p->size - p->used;
	size_t size = kind->size;
	int64_t address = 0;

	if (!size)
		size = p->count < left ? (size_t)p->count : left;
	room(p, size, &address);
	return address;
}

/*
 * The table of system calls, and one of the types that are not mere numbers: each has a function that
 * puts an argument into a task's memory, and one that takes out what a call left there. A call or
 * a type more is a row more.
 */
#include "kernel_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum {
	FORKS = 1,
	EXECS = 2,
	ENDS = 4,
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
	{ "exit", SYS_exit, ENDS },
	{ "exit_group", SYS_exit_group, ENDS },
	CALL(wait4),
	CALL(kill),
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

/* ---- a task's memory ------------------------------------------------------------------------ */

/* Where arguments are being put. */
struct packer {
	char *data;
	int64_t address; /* of data, for the task */
	size_t used;
	uint64_t count; /* the number behind a buffer, which is its size */
	bool full;
};

/* Room of zeros, and its address for the task. NULL: there is none. */
static char *room(struct packer *p, size_t size, int64_t *address)
{
	char *at = p->data + p->used;

	if (size > KERNEL_DATA_SIZE - p->used) {
		p->full = true;
		return NULL;
	}
	*address = p->address + (int64_t)p->used;
	p->used += (size + 15) & ~(size_t)15;
	if (p->used > KERNEL_DATA_SIZE)
		p->used = KERNEL_DATA_SIZE;
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
	size_t left = KERNEL_DATA_SIZE - p->used;
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
	uint64_t word[KERNEL_ELEMENTS] = { 0 };

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

/* Takes what is at `at` into *a, whose elements are room at e. */
typedef void take_fn(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e);

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

static void take_rlimit(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e)
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

/* A type without a function to put it is a number. */
static const struct kind {
	const char *type;
	int64_t (*put)(struct packer *p, const struct fdl_arg *a);
	take_fn *take;
	size_t size;   /* what has to be there for a call to fill in; 0: the number behind it */
	bool in_place; /* what is filled in is written over the argument in front of it */
} kinds[] = {
	{ "path", put_string, NULL, 0, false },
	{ "string", put_string, NULL, 0, false },
	{ "buf", put_buffer, take_buffer, 0, false },
	{ "ptr", put_nothing, NULL, 0, false },
	{ "argv", put_strings, NULL, 0, false },
	{ "envp", put_strings, NULL, 0, false },
	{ "int", NULL, take_int, 4, false },
	{ "fdpair", NULL, take_pair, 8, false },
	{ "wstatus", NULL, take_status, 4, false },
	{ "rlimit", put_rlimit, take_rlimit, 16, false },
	{ "open_how", put_open_how, NULL, 0, false },
	{ "clone_args", put_clone_args, NULL, 0, false },
	{ "stat", NULL, take_stat, sizeof(struct stat), false },
	{ "flock", put_flock, take_flock, sizeof(struct flock), true },
};

/* clang-format off */
static const char *const numbers[] = {
	"fd", "dirfd", "int", "uint", "long", "size", "hexsize", "off", "pid", "oflags", "oflags64",
	"dupflags", "mode", "creatmode", "howmode", "fdflags", "whence", "cloneflags",
	"clone3flags", "unshareflags", "closerangeflags", "atflags", "resolveflags", "accessmode",
	"waitoptions", "signal", "resource", "kcmptype", "fcntlcmd", "ioctlcmd", "locktype",
	"flockop", "accessflags", "id", "filemode", "dev",
};
/* clang-format on */

static const struct kind *find_kind(const char *type)
{
	for (size_t i = 0; i < N(kinds); i++)
		if (!strcmp(kinds[i].type, type))
			return &kinds[i];
	return NULL;
}

static bool is_number(const char *type)
{
	for (size_t i = 0; i < N(numbers); i++)
		if (!strcmp(numbers[i], type))
			return true;
	return false;
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
		const struct kind *kind = find_kind(param[i].type);

		if (param[i].out ? !kind || !kind->take
				 : !is_number(param[i].type) && !(kind && kind->put))
			return "argument without a form";
	}
	return NULL;
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* Room for what a call fills in. */
static int64_t put_room(struct packer *p, const struct kind *kind)
{
	size_t left = KERNEL_DATA_SIZE - p->used;
	size_t size = kind->size;
	int64_t address = 0;

	if (!size)
		size = p->count < left ? (size_t)p->count : left;
	room(p, size, &address);
	return address;
}

int kernel_call_pack(const struct fdl_row *row, const struct fdl_arg *args, char *data,
		     int64_t address, struct kernel_order *order)
{
	const struct system_call *call = find_call(fdl_row_name(row));
	struct packer p = { .data = data, .address = address };
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	*order = (struct kernel_order){
		.number = call->number,
		.forks = call->flags & FORKS,
		.execs = call->flags & EXECS,
		.ends = call->flags & ENDS,
	};
	for (size_t i = 0; i < n; i++) {
		const struct kind *kind = find_kind(param[i].type);

		p.count = i + 1 < n ? (uint64_t)args[i + 1].num : 0;
		if (param[i].out && kind->in_place)
			order->arg[i] = order->arg[i - 1];
		else if (param[i].out)
			order->arg[i] = put_room(&p, kind);
		else
			order->arg[i] = kind && kind->put ? kind->put(&p, &args[i]) : args[i].num;
	}
	if (call->flags & SWAPPED) {
		const int64_t first = order->arg[0];

		order->arg[0] = order->arg[1];
		order->arg[1] = first;
	}
	return p.full ? -E2BIG : 0;
}

void kernel_call_unpack(const struct fdl_row *row, const struct fdl_arg *args,
			const struct kernel_order *order, char *data, int64_t address,
			int64_t result, struct kernel_filled *filled)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	size_t n = fdl_row_params(row, param);

	for (size_t i = 0; i < n; i++) {
		filled->args[i] = args[i];
		if (param[i].out && result >= 0)
			find_kind(param[i].type)
				->take(data + (order->arg[i] - address), result, &filled->args[i],
				       filled->element[i]);
	}
}

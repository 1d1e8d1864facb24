/*
 * The table of argument types, and how the simple ones are read and printed: numbers, symbols and
 * strings. Written values flow in and arguments come out, or the other way round; what a call does
 * with them is not known here.
 */
#include "notation/types.h"

#include "base/arena.h"
#include "notation/line.h"
#include "notation/scan.h"
#include "base/suggest.h"
#include "base/text.h"
#include "notation/types_event.h"
#include "notation/xlat.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* A row: constant of types.h, name in signatures, name in messages; and whatever else it has. */
#define ROW(id, called, what, how, reading, printing, ...)                                         \
	[TYPE_##id] = { .name = called,                                                            \
			.expected = what,                                                          \
			.store = STORE_##how,                                                      \
			.read = reading,                                                           \
			.print = printing,                                                         \
			__VA_ARGS__ }
#define RANGE(from, to)      .min = (from), .max = (to)
#define WORDS(table)         .words = &(table)
#define FIELDS(table, count) .fields = (table), .nfields = (count)

#define NUMBER(id, called, what, printing, ...)                                                    \
	ROW(id, called, what, NUMBER, read_scalar, printing, __VA_ARGS__)
#define INTEGER(id, called, what) NUMBER(id, called, what, print_int, RANGE(INT32_MIN, INT32_MAX))
#define NAMED_INTEGER(id, called, what, table)                                                     \
	NUMBER(id, called, what, print_int, RANGE(INT32_MIN, INT32_MAX), WORDS(table))
#define INTEGER_RESULT(id, called, remarking)                                                      \
	NUMBER(id, called, "a number", print_int, RANGE(INT32_MIN, INT32_MAX),                     \
	       .remark = (remarking))
#define SYMBOL(id, called, what, table)                                                            \
	NUMBER(id, called, what, print_symbol, RANGE(INT32_MIN, UINT32_MAX), WORDS(table))
#define FLAGS(id, called, table, to)                                                               \
	ROW(id, called, "flags", NUMBER, read_flags, print_flags, RANGE(INT32_MIN, to),            \
	    WORDS(table))
#define BYTES(id, called, what) ROW(id, called, what, BYTES, read_bytes, print_bytes, RANGE(0, 0))
#define LIST(id, called, what, of, from, to)                                                       \
	ROW(id, called, what, LIST, read_list, print_list, .element = (of), RANGE(from, to))
#define STRUCT(id, called, ...)                                                                    \
	ROW(id, called, "a structure: {...}", STRUCT, read_struct, print_struct, __VA_ARGS__)

static const struct type types[TYPES] = {
	INTEGER(FD, "fd", "a descriptor"),
	NAMED_INTEGER(DIRFD, "dirfd", "a descriptor or AT_FDCWD", at_words),
	INTEGER(INT, "int", "a number"),
	NUMBER(UINT, "uint", "a number", print_uint, RANGE(-1, UINT32_MAX)),
	NUMBER(ID, "id", "a user or group, or -1", print_id, RANGE(-1, UINT32_MAX)),
	NUMBER(LONG, "long", "a number", print_int, RANGE(INT64_MIN, UINT64_MAX)),
	NUMBER(SIZE, "size", "a size", print_uint, RANGE(-1, UINT64_MAX)),
	NUMBER(HEXSIZE, "hexsize", "a size", print_hex, RANGE(-1, UINT64_MAX)),
	NUMBER(OFF, "off", "an offset", print_int, RANGE(INT64_MIN, INT64_MAX)),
	INTEGER(PID, "pid", "a pid"),

	BYTES(PATH, "path", "a path in quotes"),
	BYTES(BUF, "buf", "a string in quotes"),
	BYTES(PTR, "ptr", "an address"),
	BYTES(STRING, "string", "a string in quotes"),
	BYTES(FILE, "file", "a path in quotes, a descriptor or NULL"),
	LIST(ARGV, "argv", "an array of strings", TYPE_STRING, 0, UINT64_MAX),
	LIST(ENVP, "envp", "an array of strings", TYPE_STRING, 0, UINT64_MAX),
	LIST(INTLIST, "intlist", "an array of numbers", TYPE_INT, 0, UINT64_MAX),
	LIST(FDPAIR, "fdpair", "two descriptors: [3, 4]", TYPE_FD, 2, 2),

	ROW(SIGNAME, "signame", "a signal", NUMBER, read_signame, print_signame, RANGE(0, 64),
	    WORDS(signal_words)),
	ROW(SIGSET, "sigset", "a set of signals: [INT TERM]", LIST, read_sigset, print_sigset,
	    .element = TYPE_SIGNAME, RANGE(0, 64)),
	STRUCT(SIGSETARG, "sigsetarg", FIELDS(sigsetarg_fields, SIGSETARG_FIELDS)),
	STRUCT(TIMESPEC, "timespec", FIELDS(timespec_fields, TIMESPEC_FIELDS)),
	STRUCT(TIMEOUT, "timeout", FIELDS(timeout_fields, TIMEOUT_FIELDS)),
	STRUCT(TIMEOUTVAL, "timeoutval", FIELDS(timeoutval_fields, TIMEOUT_FIELDS)),
	FLAGS(POLLEVENTS, "pollevents", poll_words, UINT16_MAX),
	STRUCT(POLLFD, "pollfd", FIELDS(pollfd_fields, POLLFD_FIELDS)),
	ROW(POLLFDS, "pollfds", "an array: [{fd=3, events=POLLIN}]", LIST, read_pollfds, print_list,
	    .element = TYPE_POLLFD, RANGE(0, UINT64_MAX)),
	INTEGER_RESULT(POLLRESULT, "pollresult", remark_poll),
	ROW(FDSETFD, "fdsetfd", "a descriptor", STRUCT, read_fdset_fd, print_struct,
	    FIELDS(fdset_fields, FDSET_FIELDS)),
	ROW(FDSET, "fdset", "a set of descriptors: [3 4]", LIST, read_fdset, print_fdset,
	    .element = TYPE_FDSETFD, RANGE(0, UINT64_MAX)),
	INTEGER_RESULT(SELECTRESULT, "selectresult", remark_select),
	FLAGS(EPOLLFLAGS, "epollflags", epoll_create_words, UINT32_MAX),
	SYMBOL(EPOLLOP, "epollop", "EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL",
	       epoll_ctl_words),
	FLAGS(EPOLLEVENTS, "epollevents", epoll_words, UINT32_MAX),
	ROW(EPOLL_DATA, "epoll_data", "{u32=…, u64=…}", STRUCT, read_epoll_data, print_struct,
	    FIELDS(epoll_data_fields, EPOLL_DATA_FIELDS)),
	ROW(EPOLL_EVENT, "epoll_event", "{events=EPOLLIN, data={u64=3}}", STRUCT, read_epoll_event,
	    print_struct, FIELDS(epoll_event_fields, EPOLL_EVENT_FIELDS)),
	LIST(EPOLL_EVENTS, "epoll_events", "an array: [{events=EPOLLIN, data={u64=3}}]",
	     TYPE_EPOLL_EVENT, 0, UINT64_MAX),
	FLAGS(EFDFLAGS, "efdflags", efd_words, UINT32_MAX),
	FLAGS(TFDFLAGS, "tfdflags", tfd_words, UINT32_MAX),
	FLAGS(TFDSETFLAGS, "tfdsetflags", tfd_set_words, UINT32_MAX),
	FLAGS(TIMERFLAGS, "timerflags", timer_words, UINT32_MAX),
	NAMED_INTEGER(CLOCKID, "clockid", "a clock", clock_words),
	STRUCT(ITIMERSPEC, "itimerspec", FIELDS(itimerspec_fields, ITIMERSPEC_FIELDS)),
	SYMBOL(SIGHOW, "sighow", "SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK", sighow_words),
	FLAGS(SFDFLAGS, "sfdflags", sfd_words, UINT32_MAX),
	FLAGS(MFDFLAGS, "mfdflags", mfd_words, UINT32_MAX),
	FLAGS(SEALS, "seals", seal_words, UINT32_MAX),
	FLAGS(PIDFDFLAGS, "pidfdflags", pidfd_words, UINT32_MAX),
	FLAGS(PIDFDSIGNALFLAGS, "pidfdsignalflags", pidfd_signal_words, UINT32_MAX),
	FLAGS(ININITFLAGS, "ininitflags", inotify_init_words, UINT32_MAX),
	FLAGS(INMASK, "inmask", inotify_words, UINT32_MAX),

	FLAGS(OFLAGS, "oflags", open_words, UINT32_MAX),
	FLAGS(OFLAGS64, "oflags64", open_words, UINT64_MAX),
	FLAGS(DUPFLAGS, "dupflags", dup_words, UINT32_MAX),
	NUMBER(MODE, "mode", "a mode", print_octal, RANGE(0, 0177777)),
	NUMBER(CREATMODE, "creatmode", "a mode", print_octal, RANGE(0, 0177777)),
	NUMBER(HOWMODE, "howmode", "a mode", print_octal, RANGE(0, UINT64_MAX)),
	FLAGS(FDFLAGS, "fdflags", fdflag_words, UINT32_MAX),
	SYMBOL(WHENCE, "whence", "SEEK_SET, SEEK_CUR, ...", whence_words),
	FLAGS(CLONEFLAGS, "cloneflags", clone_words, UINT64_MAX),
	FLAGS(CLONE3FLAGS, "clone3flags", clone3_words, UINT64_MAX),
	FLAGS(UNSHAREFLAGS, "unshareflags", unshare_words, UINT32_MAX),
	FLAGS(CLOSERANGEFLAGS, "closerangeflags", closerange_words, UINT32_MAX),
	FLAGS(ATFLAGS, "atflags", atflag_words, UINT32_MAX),
	FLAGS(RESOLVEFLAGS, "resolveflags", resolve_words, UINT64_MAX),
	FLAGS(ACCESSMODE, "accessmode", access_words, UINT32_MAX),
	FLAGS(ACCESSFLAGS, "accessflags", accessflag_words, UINT32_MAX),
	FLAGS(WAITOPTIONS, "waitoptions", wait_words, UINT32_MAX),
	NAMED_INTEGER(SIGNAL, "signal", "a signal", signal_words),
	SYMBOL(RESOURCE, "resource", "a resource (RLIMIT_NOFILE, ...)", resource_words),
	SYMBOL(KCMPTYPE, "kcmptype", "KCMP_FILE, KCMP_FILES, ...", kcmp_words),
	SYMBOL(FCNTLCMD, "fcntlcmd", "a command (F_DUPFD, ...)", fcntl_words),
	SYMBOL(IOCTLCMD, "ioctlcmd", "a command (FIOCLEX, ...)", ioctl_words),
	SYMBOL(LOCKTYPE, "locktype", "F_RDLCK, F_WRLCK or F_UNLCK", locktype_words),
	FLAGS(FLOCKOP, "flockop", flockop_words, UINT32_MAX),

	FLAGS(FORKFLAGS, "forkflags", fork_words, UINT32_MAX),
	ROW(ERRNO, "errno", "an error (EBADF, ...)", NUMBER, read_errno, print_errno,
	    RANGE(0, 4095)),

	SYMBOL(SOCKFAMILY, "family", "AF_UNIX, AF_INET, ...", family_words),
	FLAGS(SOCKTYPE, "socktype", socktype_words, UINT32_MAX),
	NAMED_INTEGER(PROTOCOL, "protocol", "a protocol", protocol_words),
	FLAGS(MSGFLAGS, "msgflags", msgflag_words, UINT32_MAX),
	SYMBOL(SHUTHOW, "shuthow", "SHUT_RD, SHUT_WR or SHUT_RDWR", shutdown_words),
	NAMED_INTEGER(SOCKLEVEL, "socklevel", "SOL_SOCKET, ...", socklevel_words),
	NAMED_INTEGER(SOCKOPT, "sockopt", "an option (SO_TYPE, ...)", sockopt_words),
	NAMED_INTEGER(TCPOPT, "tcpopt", "an option (TCP_NODELAY, ...)", tcpopt_words),
	NAMED_INTEGER(CMSGTYPE, "cmsgtype", "SCM_RIGHTS, ...", cmsgtype_words),
	ROW(SOCKLEN, "socklen", "a length: [110]", NUMBER, read_socklen, print_socklen,
	    RANGE(INT32_MIN, UINT32_MAX), .value_result = true),
	ROW(NAMELEN, "namelen", "a length", NUMBER, read_namelen, print_namelen,
	    RANGE(INT32_MIN, UINT32_MAX), .value_result = true),
	NUMBER(CONTROLLEN, "controllen", "a size", print_uint, RANGE(-1, UINT64_MAX), .room = true),
	ROW(SUNPATH, "sunpath", "a path in quotes, or @ and a name in quotes", BYTES, read_sunpath,
	    print_sunpath, RANGE(0, 0)),
	ROW(PORT, "port", "a port: htons(80)", NUMBER, read_port, print_port, RANGE(0, UINT16_MAX)),
	ROW(INADDR, "inaddr", "an address: inet_addr(\"127.0.0.1\")", NUMBER, read_inaddr,
	    print_inaddr, RANGE(0, UINT32_MAX)),
	ROW(SOCKADDR, "sockaddr", "an address: {...}", STRUCT, read_sockaddr, print_struct,
	    FIELDS(sockaddr_fields, SOCKADDR_FIELDS), .length = sockaddr_length),
	ROW(IOVEC, "iovec", "a piece: {...}", STRUCT, read_iovec, print_struct,
	    FIELDS(iovec_fields, IOVEC_FIELDS)),
	LIST(IOVECS, "iovecs", "an array of pieces: [{...}]", TYPE_IOVEC, 0, UINT64_MAX),
	ROW(CMSG, "cmsg", "a control message: {...}", STRUCT, read_cmsg, print_struct,
	    FIELDS(cmsg_fields, CMSG_FIELDS)),
	LIST(CMSGS, "cmsgs", "an array of control messages: [{...}]", TYPE_CMSG, 0, UINT64_MAX),
	ROW(MSGHDR, "msghdr", "a message: {...}", STRUCT, read_msghdr, print_struct,
	    FIELDS(msghdr_fields, MSGHDR_FIELDS)),
	ROW(WSTATUS, "wstatus", "a wait status: {WIFEXITED(s) && WEXITSTATUS(s) == 0}", NUMBER,
	    read_wstatus, print_wstatus, RANGE(INT32_MIN, INT32_MAX)),
	NUMBER(RLIM, "rlim", "a limit or RLIM64_INFINITY", print_rlim, RANGE(-1, UINT64_MAX),
	       WORDS(rlim_words)),
	ROW(FILEMODE, "filemode", "a file's mode", NUMBER, read_flags, print_filemode,
	    RANGE(0, UINT32_MAX), WORDS(filemode_words)),
	ROW(DEV, "dev", "a device: makedev(0x1, 0x3)", NUMBER, read_dev, print_dev,
	    RANGE(0, UINT64_MAX)),

	STRUCT(RLIMIT, "rlimit", FIELDS(rlimit_fields, RLIMIT_FIELDS)),
	STRUCT(OPEN_HOW, "open_how", FIELDS(open_how_fields, OPEN_HOW_FIELDS)),
	STRUCT(CLONE_ARGS, "clone_args", FIELDS(clone_args_fields, CLONE_ARGS_FIELDS)),
	STRUCT(FLOCK, "flock", FIELDS(flock_fields, FLOCK_FIELDS)),
	STRUCT(STAT, "stat", FIELDS(stat_fields, STAT_FIELDS), .passed_over = stat_passed_over,
	       .abbreviated = true),
};

const struct type *type_at(enum type_id id)
{
	return &types[id];
}

const struct type *type_find(const char *name, size_t len)
{
	for (size_t i = 0; i < TYPES; i++) {
		if (strncmp(types[i].name, name, len) == 0 && types[i].name[len] == '\0')
			return &types[i];
	}
	return NULL;
}

void type_print(struct text *t, const char *type, int64_t num)
{
	const struct type *found = type_find(type, strlen(type));
	struct fdl_arg arg = { .num = num };

	if (found && found->store == STORE_NUMBER)
		found->print(t, found, &arg, SIZE_MAX);
	else
		text_int(t, num);
}

/* ---- messages ------------------------------------------------------------------------------- */

/* "column 9: dup2: argument 2 (newfd): " */
static void put_place(struct binder *b, size_t column)
{
	text_printf(b->why, "column %zu: %s: ", column, b->call);
	if (b->param)
		text_printf(b->why, "argument %zu (%s): ", b->index + 1, b->param);
}

int bind_fails(struct binder *b, size_t column, const char *fmt, ...)
{
	va_list ap;

	put_place(b, column);
	va_start(ap, fmt);
	text_vprintf(b->why, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

#define GOT_MAX 40 /* bytes of what was written that are repeated */

int bind_expected(struct binder *b, const struct value *v, const char *expected)
{
	put_place(b, v->column);
	text_printf(b->why, "expected %s, got ", expected);
	if (v->kind == VALUE_STRING) {
		text_puts(b->why, "the string ");
		text_quoted(b->why, v->text, v->len, GOT_MAX);
	} else {
		text_quoted(b->why, v->raw, v->raw_len, GOT_MAX);
	}
	return -EINVAL;
}

int bind_unknown(struct binder *b, const struct value *v, const struct words *w, const char *name,
		 size_t len)
{
	struct suggestion s;

	put_place(b, v->column + (name >= v->raw && name <= v->raw + v->raw_len
					  ? (size_t)(name - v->raw)
					  : 0));
	text_printf(b->why, "unknown %s ", w->what);
	text_quoted(b->why, name, len, GOT_MAX);
	suggest_start(&s, name, len);
	words_suggest(w, &s);
	suggest_print(b->why, &s);
	return -EINVAL;
}

/* ---- numbers and symbols -------------------------------------------------------------------- */

static bool in_range(const struct type *type, const struct value *v)
{
	if (v->overflow)
		return false;
	if (v->text[0] == '-')
		return v->num >= type->min;
	return (uint64_t)v->num <= type->max;
}

static int read_number_value(struct binder *b, const struct type *type, const struct value *v,
			     struct fdl_arg *arg)
{
	if (!in_range(type, v))
		return bind_fails(b, v->column, "%.*s is out of range for %s",
				  (int)(v->len < GOT_MAX ? v->len : GOT_MAX), v->text,
				  type->expected);
	arg->num = type->max == UINT32_MAX ? (int64_t)(uint32_t)v->num : v->num;
	return 0;
}

#define NO_SYMBOL INT64_MIN

/* A signal as kill(1) takes it: KILL. */
static int64_t short_signal(const struct value *v)
{
	char name[16] = "SIG";
	uint64_t num;

	if (v->len >= sizeof(name) - 3)
		return NO_SYMBOL;
	memcpy(name + 3, v->text, v->len);
	return words_find(&signal_words, name, v->len + 3, &num) ? (int64_t)num : NO_SYMBOL;
}

int read_scalar(struct binder *b, const struct type *type, const struct value *v,
		struct fdl_arg *arg)
{
	uint64_t num;

	arg->str = NULL;
	if (v->kind == VALUE_NUMBER)
		return read_number_value(b, type, v, arg);
	if (v->kind == VALUE_NULL && type == &types[TYPE_LONG]) {
		arg->num = 0;
		return 0;
	}
	if (v->kind != VALUE_WORD || !type->words)
		return bind_expected(b, v, type->expected);
	if (words_find(type->words, v->text, v->len, &num))
		arg->num = (int64_t)num;
	else if (b->shell && type == &types[TYPE_SIGNAL])
		arg->num = short_signal(v);
	else
		arg->num = NO_SYMBOL;
	if (arg->num == NO_SYMBOL)
		return bind_unknown(b, v, type->words, v->text, v->len);
	return 0;
}

int read_errno(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg)
{
	int err = v->kind == VALUE_WORD ? notation_errno(v->text, v->len) : 0;

	arg->str = NULL;
	if (v->kind == VALUE_NUMBER)
		return read_number_value(b, type, v, arg);
	if (!err)
		return bind_expected(b, v, type->expected);
	arg->num = err;
	return 0;
}

/* One of the words between "|": a symbol, or a number. */
static int read_flag(struct binder *b, const struct type *type, const struct value *v,
		     const char *word, size_t len, uint64_t *bits)
{
	struct reader r = { .text = word, .p = word, .end = word + len };
	struct value number = { 0 };

	if (words_find(type->words, word, len, bits))
		return 0;
	if (!read_number(&r, &number) || r.p != r.end)
		return bind_unknown(b, v, type->words, word, len);
	if (!in_range(type, &number))
		return bind_fails(b, v->column, "%.*s is out of range for %s", (int)len, word,
				  type->expected);
	*bits = (uint64_t)number.num;
	return 0;
}

int read_flags(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg)
{
	const char *end = v->text + v->len, *bar;
	uint64_t all = 0, bits;
	int error;

	arg->str = NULL;
	if (v->kind == VALUE_NUMBER)
		return read_number_value(b, type, v, arg);
	if (v->kind != VALUE_WORD)
		return bind_expected(b, v, type->expected);
	for (const char *p = v->text; p <= end; p = bar + 1) {
		const char *last;

		bar = memchr(p, '|', (size_t)(end - p));
		if (!bar)
			bar = end;
		for (last = bar; last > p && is(last[-1], BLANK); last--)
			;
		while (p < last && is(*p, BLANK))
			p++;
		error = read_flag(b, type, v, p, (size_t)(last - p), &bits);
		if (error)
			return error;
		all |= bits;
	}
	arg->num = type->max == UINT32_MAX ? (int64_t)(uint32_t)all : (int64_t)all;
	return 0;
}

int64_t signal_read(const char *name, size_t len)
{
	uint64_t num;

	return words_find(&signal_words, name, len, &num) ? (int64_t)num : -1;
}

/* The number as its type counts it: what was given in C may have its sign extended. */
static uint64_t unsigned_of(const struct type *type, const struct fdl_arg *arg)
{
	return type->max == UINT32_MAX ? (uint32_t)arg->num : (uint64_t)arg->num;
}

void print_errno(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	const char *name = arg->num > 0 && arg->num <= (int64_t)type->max
				   ? notation_errname((int)arg->num)
				   : NULL;

	(void)max;
	if (name)
		text_puts(t, name);
	else
		text_int(t, arg->num);
}

void print_int(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	const char *name = type->words ? words_name(type->words, (uint64_t)arg->num) : NULL;

	(void)max;
	if (name)
		text_puts(t, name);
	else
		text_int(t, arg->num);
}

void print_uint(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	(void)max;
	text_uint(t, unsigned_of(type, arg));
}

/* chown's "leave it as it is" is the largest number. */
void print_id(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	if ((uint32_t)arg->num == UINT32_MAX)
		text_puts(t, "-1");
	else
		print_uint(t, type, arg, max);
}

void print_hex(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	(void)max;
	text_hex(t, unsigned_of(type, arg));
}

/* As strace prints modes: 0644, but 000 and 077. */
void print_octal(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	uint64_t mode = unsigned_of(type, arg);

	(void)max;
	if (mode >= 010) {
		text_octal(t, mode);
	} else {
		text_puts(t, "00");
		text_putc(t, (char)('0' + mode));
	}
}

void print_symbol(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	uint64_t num = unsigned_of(type, arg);
	const char *name = words_name(type->words, num);

	(void)max;
	if (name)
		text_puts(t, name);
	else
		text_hex(t, num);
}

void print_flags(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	(void)max;
	words_print(t, type->words, unsigned_of(type, arg));
}

/* ---- strings -------------------------------------------------------------------------------- */

bool value_is_address(const struct value *v)
{
	return v->kind == VALUE_NUMBER && v->len > 2 && v->text[0] == '0' &&
	       (v->text[1] == 'x' || v->text[1] == 'X');
}

static int keep_bytes(struct binder *b, const char *s, size_t len, struct fdl_arg *arg)
{
	arg->str = arena_copy(b->arena, s, len);
	arg->num = (int64_t)len;
	return arg->str ? 0 : -ENOMEM;
}

/* The value as it is written, with its quotes and its decoration, but without its key. */
static int keep_written(struct binder *b, const struct value *v, struct fdl_arg *arg)
{
	const char *start = v->key ? v->key + v->key_len + strlen("=") : v->raw;

	return keep_bytes(b, start, (size_t)(v->raw + v->raw_len - start), arg);
}

static int read_quoted(struct binder *b, const struct type *type, const struct value *v,
		       struct fdl_arg *arg)
{
	bool name = type == &types[TYPE_PATH] || type == &types[TYPE_FILE];

	if (name && v->truncated)
		return bind_expected(b, v, "a string that is not cut by \"...\"");
	if (type != &types[TYPE_BUF] && memchr(v->text, '\0', v->len))
		return bind_fails(b, v->column, "a NUL byte inside the string");
	return keep_bytes(b, v->text, v->len, arg);
}

/* Strings in quotes, addresses, and whatever else the type takes in their place. */
int read_bytes(struct binder *b, const struct type *type, const struct value *v,
	       struct fdl_arg *arg)
{
	bool file = type == &types[TYPE_FILE];
	bool pointer = type == &types[TYPE_PTR];

	*arg = (struct fdl_arg){ 0 };
	if (v->kind == VALUE_NULL) {
		arg->num = file ? -1 : 0;
		return 0;
	}
	if (v->kind == VALUE_NUMBER && (file || pointer || (value_is_address(v) && !b->shell))) {
		if (v->overflow || (file && (v->num < 0 || v->num > INT32_MAX)))
			return bind_expected(b, v, type->expected);
		arg->num = v->num;
		return 0;
	}
	/* Whatever strace prints there; but these two could not be read back behind "name=". */
	if (pointer && !(v->kind == VALUE_WORD && v->len && (*v->text == '=' || *v->text == '>')))
		return keep_written(b, v, arg);
	if (pointer)
		return bind_expected(b, v, type->expected);
	if (v->kind == VALUE_STRING)
		return read_quoted(b, type, v, arg);
	if (b->shell && (v->kind == VALUE_WORD || v->kind == VALUE_NUMBER))
		return keep_written(b, v, arg);
	return bind_expected(b, v, type->expected);
}

static void print_address(struct text *t, const struct fdl_arg *arg)
{
	if (arg->num)
		text_hex(t, (uint64_t)arg->num);
	else
		text_puts(t, "NULL");
}

/* A string; one that was cut when it was packed has the complement of its length. */
static void print_string(struct text *t, const struct fdl_arg *arg, size_t max)
{
	size_t kept = (size_t)~arg->num;

	if (arg->num >= 0) {
		text_quoted(t, arg->str, (size_t)arg->num, max);
		return;
	}
	text_quoted(t, arg->str, kept, max);
	if (kept <= max)
		text_puts(t, "...");
}

void print_bytes(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	if (arg->str && type == &types[TYPE_PTR])
		text_put(t, arg->str, (size_t)arg->num);
	else if (arg->str)
		print_string(t, arg, max);
	else if (type == &types[TYPE_FILE] && arg->num >= 0)
		text_int(t, arg->num);
	else if (type == &types[TYPE_FILE])
		text_puts(t, "NULL");
	else
		print_address(t, arg);
}

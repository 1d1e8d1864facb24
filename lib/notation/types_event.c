/*
 * How readiness, time and sets of signals are written: [{fd=3, events=POLLIN}], [3 4],
 * ~[INT TERM], and strace's remarks after the results of poll and select.
 */
#include "notation/type_rows.h"

#include "base/arena.h"
#include "notation/abi.h"
#include "notation/line.h"
#include "notation/scan.h"
#include "base/text.h"
#include "notation/values.h"
#include "notation/xlat.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* ---- fields --------------------------------------------------------------------------------- */

static bool never(const struct fdl_arg *fields)
{
	(void)fields;
	return false;
}

static const struct field sigsetarg_fields[] = {
	[SIGSETARG_SIGMASK] = { "sigmask", &type_sigset, false, NULL },
	[SIGSETARG_SIZE] = { "sigsetsize", &type_size, false, NULL },
};

static const struct field timespec_fields[] = {
	[TIMESPEC_SEC] = { "tv_sec", &type_long, false, NULL },
	[TIMESPEC_NSEC] = { "tv_nsec", &type_long, false, NULL },
};

static const struct field timeval_fields[] = {
	[TIMEVAL_SEC] = { "tv_sec", &type_long, false, NULL },
	[TIMEVAL_USEC] = { "tv_usec", &type_long, false, NULL },
};

static const struct field itimerspec_fields[] = {
	[ITIMERSPEC_INTERVAL] = { "it_interval", &type_timespec, false, NULL },
	[ITIMERSPEC_VALUE] = { "it_value", &type_timespec, false, NULL },
};

static const struct field timeout_fields[] = {
	[TIMEOUT_SEC] = { "tv_sec", &type_long, false, NULL },
	[TIMEOUT_PART] = { "tv_nsec", &type_long, false, NULL },
	[TIMEOUT_LEFT_SEC] = { "left_sec", &type_long, false, never },
	[TIMEOUT_LEFT_PART] = { "left_nsec", &type_long, false, never },
};

static const struct field timeoutval_fields[] = {
	[TIMEOUT_SEC] = { "tv_sec", &type_long, false, NULL },
	[TIMEOUT_PART] = { "tv_usec", &type_long, false, NULL },
	[TIMEOUT_LEFT_SEC] = { "left_sec", &type_long, false, never },
	[TIMEOUT_LEFT_PART] = { "left_usec", &type_long, false, never },
};

static bool has_fd(const struct fdl_arg *pollfd)
{
	return pollfd[POLLFD_FD].num >= 0;
}

static const struct field pollfd_fields[] = {
	[POLLFD_FD] = { "fd", &type_fd, false, NULL },
	[POLLFD_EVENTS] = { "events", &type_pollevents, false, has_fd },
	[POLLFD_REVENTS] = { "revents", &type_pollevents, false, never },
};

static const struct field fdset_fields[] = {
	[FDSET_FD] = { "fd", &type_fd, false, NULL },
	[FDSET_READY] = { "ready", &type_int, false, never },
};

/* ---- sets of signals ------------------------------------------------------------------------ */

/* strace prints INT; SIGINT is accepted as well. */
static int read_signame(struct binder *b, const struct type *type, const struct fdl_value *v,
			struct fdl_arg *arg)
{
	char name[16] = "SIG";
	size_t prefix = 3;
	uint64_t num;

	*arg = (struct fdl_arg){ 0 };
	if (v->kind == FDL_VALUE_NUMBER)
		return v->num > 0 ? read_scalar(b, type, v, arg)
				  : bind_expected(b, v, type->expected);
	if (v->kind != FDL_VALUE_WORD)
		return bind_expected(b, v, type->expected);
	if (v->len > 3 && memcmp(v->text, "SIG", 3) == 0)
		prefix = 0;
	if (v->len + prefix >= sizeof(name))
		return bind_unknown(b, v, type->words, v->text, v->len);
	memcpy(name + prefix, v->text, v->len);
	if (!words_find(type->words, name, v->len + prefix, &num))
		return bind_unknown(b, v, type->words, v->text, v->len);
	arg->num = (int64_t)num;
	return 0;
}

static void print_signame(struct text *t, const struct type *type, const struct fdl_arg *arg,
			  size_t max)
{
	const char *name = words_name(type->words, (uint64_t)arg->num);

	(void)max;
	if (name)
		text_puts(t, name + strlen("SIG"));
	else
		text_int(t, arg->num);
}

uint64_t sigset_bits(const struct fdl_arg *set)
{
	uint64_t bits = 0;

	for (int64_t i = 0; set->sub && i < set->num; i++) {
		if (set->sub[i].num >= 1 && set->sub[i].num <= SIGNALS)
			bits |= UINT64_C(1) << (set->sub[i].num - 1);
	}
	return bits;
}

int sigset_fill(struct arena *a, uint64_t bits, struct fdl_arg *set)
{
	size_t n = (size_t)__builtin_popcountll(bits);
	struct fdl_arg *to = arena_alloc(a, (n ? n : 1) * sizeof(*to));

	if (!to)
		return -ENOMEM;
	*set = (struct fdl_arg){ .num = (int64_t)n, .sub = to };
	for (int sig = 1; sig <= SIGNALS; sig++) {
		if (bits >> (sig - 1) & 1)
			*to++ = (struct fdl_arg){ .num = sig };
	}
	return 0;
}

/* Adds a word of a set of signals, which may be several names with blanks between them. */
static int read_signames(struct binder *b, const struct fdl_value *v, uint64_t *bits)
{
	const char *end = v->text + v->len;
	struct fdl_value name = *v;
	int error = 0;

	for (const char *p = v->text; p < end && !error; p = name.text + name.len) {
		struct fdl_arg sig;

		while (p < end && is(*p, BLANK))
			p++;
		name.text = p;
		while (p < end && (v->kind != FDL_VALUE_WORD || !is(*p, BLANK)))
			p++;
		name.len = (size_t)(p - name.text);
		if (name.len)
			error = read_signame(b, &type_signame, &name, &sig);
		if (name.len && !error)
			*bits |= UINT64_C(1) << (sig.num - 1);
	}
	return error;
}

static int read_sigset(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	const bool all_but = v->kind == FDL_VALUE_WORD && v->len > 1 && *v->text == '~';
	struct fdl_value *listed = NULL;
	uint64_t bits = 0;
	int error;

	if (all_but) {
		struct reader r = { .text = v->text,
				    .p = v->text + 1,
				    .end = v->text + v->len,
				    .arena = b->arena,
				    .why = b->why };

		error = read_value(&r, &listed);
		if (error)
			return error;
		v = listed;
	}
	if (v->kind != FDL_VALUE_ARRAY || v->nsub > (uint64_t)type->max)
		return read_list(b, type, v, arg);
	for (const struct fdl_value *e = v->sub; e; e = e->next) {
		error = read_signames(b, e, &bits);
		if (error)
			return error;
	}
	return sigset_fill(b->arena, all_but ? ~bits : bits, arg);
}

/* Prints the names with blanks between them; of a large set, "~" and the missing ones. */
static void print_sigset(struct text *t, const struct type *type, const struct fdl_arg *arg,
			 size_t max)
{
	uint64_t bits = sigset_bits(arg);
	const char *blank = "";

	if (!arg->sub) {
		print_list(t, type, arg, max);
		return;
	}
	if (__builtin_popcountll(bits) > SIGNALS * 2 / 3) {
		text_putc(t, '~');
		bits = ~bits;
	}
	text_putc(t, '[');
	for (int sig = 1; sig <= SIGNALS; sig++) {
		if (!(bits >> (sig - 1) & 1))
			continue;
		text_puts(t, blank);
		print_signame(t, &type_signame, &(struct fdl_arg){ .num = sig }, max);
		blank = " ";
	}
	text_putc(t, ']');
}

/* ---- poll ----------------------------------------------------------------------------------- */

/* In the shell's form a descriptor alone means: wait until it is readable. */
static int read_pollfds(struct binder *b, const struct type *type, const struct fdl_value *v,
			struct fdl_arg *arg)
{
	struct fdl_arg *pollfd;

	if (!b->shell || v->kind != FDL_VALUE_NUMBER)
		return read_list(b, type, v, arg);
	pollfd = arena_alloc(b->arena, (1 + POLLFD_FIELDS) * sizeof(*pollfd));
	if (!pollfd)
		return -ENOMEM;
	memset(pollfd, 0, (1 + POLLFD_FIELDS) * sizeof(*pollfd));
	*arg = (struct fdl_arg){ .num = 1, .sub = pollfd };
	*pollfd = (struct fdl_arg){ .num = POLLFD_FIELDS, .sub = pollfd + 1 };
	pollfd->sub[POLLFD_EVENTS].num = POLLIN;
	b->wide = false;
	return type_fd.read(b, &type_fd, v, &pollfd->sub[POLLFD_FD]);
}

void print_left(struct text *t, const char *comma, const struct fdl_row *row,
		const struct fdl_arg *arg)
{
	for (size_t i = 0; i < row->nparams; i++) {
		const struct type *type = row->param[i].type;
		const struct fdl_arg *sub = arg[i].sub;

		if ((type != &type_timeout && type != &type_timeoutval) || !sub)
			continue;
		text_puts(t, comma);
		text_puts(t, "left {tv_sec=");
		text_int(t, sub[TIMEOUT_LEFT_SEC].num);
		text_printf(t, ", %s=", type->fields[TIMEOUT_PART].name);
		text_int(t, sub[TIMEOUT_LEFT_PART].num);
		text_putc(t, '}');
	}
}

/* Prints the descriptors with events. */
static void remark_poll(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			int64_t result)
{
	const char *comma = "[";

	if (result == 0)
		text_puts(t, "Timeout");
	if (result <= 0 || !arg[0].sub)
		return;
	for (int64_t i = 0; i < arg[0].num; i++) {
		const struct fdl_arg *pollfd = arg[0].sub[i].sub;

		if (!pollfd || !pollfd[POLLFD_REVENTS].num)
			continue;
		text_puts(t, comma);
		text_puts(t, "{fd=");
		text_int(t, pollfd[POLLFD_FD].num);
		text_puts(t, ", revents=");
		type_print(t, "pollevents", pollfd[POLLFD_REVENTS].num);
		text_putc(t, '}');
		comma = ", ";
	}
	text_putc(t, ']');
	print_left(t, ", ", row, arg);
}

/* ---- select --------------------------------------------------------------------------------- */

static int read_fdset_fd(struct binder *b, const struct type *type, const struct fdl_value *v,
			 struct fdl_arg *arg)
{
	struct fdl_arg *sub = arena_alloc(b->arena, FDSET_FIELDS * sizeof(*sub));

	(void)type;
	if (!sub)
		return -ENOMEM;
	memset(sub, 0, FDSET_FIELDS * sizeof(*sub));
	*arg = (struct fdl_arg){ .num = FDSET_FIELDS, .sub = sub };
	if (v->kind != FDL_VALUE_NUMBER || v->num < 0)
		return bind_expected(b, v, type_fd.expected);
	return type_fd.read(b, &type_fd, v, &sub[FDSET_FD]);
}

/* A set has no order and no duplicates: sorts it, as strace prints it. */
static int read_fdset(struct binder *b, const struct type *type, const struct fdl_value *v,
		      struct fdl_arg *arg)
{
	int error = read_list(b, type, v, arg);
	int64_t n = 0;

	if (error || !arg->sub)
		return error;
	for (int64_t i = 0; i < arg->num; i++) {
		const struct fdl_arg new = arg->sub[i];
		int64_t at = n;

		while (at > 0 && arg->sub[at - 1].sub[FDSET_FD].num > new.sub[FDSET_FD].num)
			at--;
		if (at > 0 && arg->sub[at - 1].sub[FDSET_FD].num == new.sub[FDSET_FD].num)
			continue;
		memmove(&arg->sub[at + 1], &arg->sub[at], (size_t)(n - at) * sizeof(new));
		arg->sub[at] = new;
		n++;
	}
	arg->num = n;
	return 0;
}

static void put_fdset(struct text *t, const struct fdl_arg *set, bool ready)
{
	const char *blank = "";

	text_putc(t, '[');
	for (int64_t i = 0; i < set->num; i++) {
		if (!set->sub[i].sub || (ready && !set->sub[i].sub[FDSET_READY].num))
			continue;
		text_puts(t, blank);
		text_int(t, set->sub[i].sub[FDSET_FD].num);
		blank = " ";
	}
	text_putc(t, ']');
}

static void print_fdset(struct text *t, const struct type *type, const struct fdl_arg *arg,
			size_t max)
{
	if (arg->sub)
		put_fdset(t, arg, false);
	else
		print_list(t, type, arg, max);
}

static bool any_ready(const struct fdl_arg *set)
{
	for (int64_t i = 0; set->sub && i < set->num; i++) {
		if (set->sub[i].sub && set->sub[i].sub[FDSET_READY].num)
			return true;
	}
	return false;
}

/* Prints what select left in its sets. */
static void remark_select(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			  int64_t result)
{
	static const char *const names[] = { "in ", "out ", "except " };
	const char *comma = "";

	if (result == 0)
		text_puts(t, "Timeout");
	if (result <= 0)
		return;
	for (size_t i = 0; i < 3; i++) {
		if (!any_ready(&arg[1 + i]))
			continue;
		text_puts(t, comma);
		text_puts(t, names[i]);
		put_fdset(t, &arg[1 + i], true);
		comma = ", ";
	}
	print_left(t, ", ", row, arg);
}

/* ---- epoll ---------------------------------------------------------------------------------- */

static const struct field epoll_data_fields[] = {
	[EPOLL_DATA_U32] = { "u32", &type_uint, false, NULL },
	[EPOLL_DATA_U64] = { "u64", &type_size, false, NULL },
};

static const struct field epoll_event_fields[] = {
	[EPOLL_EVENT_EVENTS] = { "events", &type_epollevents, false, NULL },
	[EPOLL_EVENT_DATA] = { "data", &type_epoll_data, false, NULL },
};

/* Allocates a structure of nfields fields, all 0. */
static int struct_new(struct binder *b, size_t nfields, struct fdl_arg *arg)
{
	struct fdl_arg *sub = arena_alloc(b->arena, nfields * sizeof(*sub));

	if (!sub)
		return -ENOMEM;
	memset(sub, 0, nfields * sizeof(*sub));
	*arg = (struct fdl_arg){ .num = (int64_t)nfields, .sub = sub };
	return 0;
}

static int epoll_data_set(struct binder *b, uint64_t data, struct fdl_arg *arg)
{
	int error = struct_new(b, EPOLL_DATA_FIELDS, arg);

	if (error)
		return error;
	arg->sub[EPOLL_DATA_U32].num = (uint32_t)data;
	arg->sub[EPOLL_DATA_U64].num = (int64_t)data;
	return 0;
}

/* Strace writes the time of SO_RCVTIMEO as the bytes that it is in memory, too. */
static int read_timeval(struct binder *b, const struct type *type, const struct fdl_value *v,
			struct fdl_arg *arg)
{
	int64_t part[TIMEVAL_FIELDS] = { 0, 0 };
	size_t n = 0;

	if (v->kind != FDL_VALUE_STRING && v->kind != FDL_VALUE_ARRAY)
		return read_struct(b, type, v, arg);
	if (v->kind == FDL_VALUE_STRING)
		memcpy(part, v->text, v->len < sizeof(part) ? v->len : sizeof(part));
	for (const struct fdl_value *e = v->kind == FDL_VALUE_ARRAY ? v->sub : NULL; e;
	     e = e->next) {
		const int32_t word = (int32_t)e->num;

		if (n < 2 * TIMEVAL_FIELDS && e->kind == FDL_VALUE_NUMBER)
			memcpy((char *)part + n++ * sizeof(word), &word, sizeof(word));
	}
	*arg = (struct fdl_arg){ .num = TIMEVAL_FIELDS, .sub = elements_new(b, TIMEVAL_FIELDS) };
	for (size_t i = 0; arg->sub && i < TIMEVAL_FIELDS; i++)
		arg->sub[i].num = part[i];
	return arg->sub ? 0 : -ENOMEM;
}

/* A union: either field, both (as strace prints it), or a number. */
static int read_epoll_data(struct binder *b, const struct type *type, const struct fdl_value *v,
			   struct fdl_arg *arg)
{
	uint64_t data;
	int error;

	if (v->kind == FDL_VALUE_NUMBER && !v->overflow)
		return epoll_data_set(b, (uint64_t)v->num, arg);
	if (v->kind != FDL_VALUE_STRUCT)
		return bind_expected(b, v, type->expected);
	error = read_struct(b, type, v, arg);
	if (error)
		return error;
	data = (uint64_t)arg->sub[EPOLL_DATA_U64].num;
	for (const struct fdl_value *e = v->sub; e; e = e->next) {
		if (v->nsub == 1 && field_of(type, e, 0) == &type->fields[EPOLL_DATA_U32])
			data = (uint32_t)arg->sub[EPOLL_DATA_U32].num;
	}
	return epoll_data_set(b, data, arg);
}

/*
 * In the shell's form the events may stand alone: the data is then the argument before them, the
 * descriptor.
 */
static int read_epoll_event(struct binder *b, const struct type *type, const struct fdl_value *v,
			    struct fdl_arg *arg)
{
	const bool word = b->shell && v->kind == FDL_VALUE_WORD && b->args && b->index > 0;
	int error;

	if (!word) {
		error = read_struct(b, type, v, arg);
		if (!error && arg->sub && !arg->sub[EPOLL_EVENT_DATA].sub)
			error = epoll_data_set(b, 0, &arg->sub[EPOLL_EVENT_DATA]);
		return error;
	}
	b->wide = false;
	error = struct_new(b, EPOLL_EVENT_FIELDS, arg);
	if (!error)
		error = epoll_data_set(b, (uint64_t)b->args[b->index - 1].num,
				       &arg->sub[EPOLL_EVENT_DATA]);
	if (error)
		return error;
	return read_flags(b, &type_epollevents, v, &arg->sub[EPOLL_EVENT_EVENTS]);
}

/* ---- the types ------------------------------------------------------------------------------- */

ROW(signame, "a signal", NUMBER, read_signame, print_signame, RANGE(0, 64), WORDS(signal_words));
ROW(sigset, "a set of signals: [INT TERM]", LIST, read_sigset, print_sigset,
    .element = &type_signame, RANGE(0, 64));
STRUCT(sigsetarg, FIELDS(sigsetarg_fields));
STRUCT(timespec, FIELDS(timespec_fields));
ROW(timeval, "a time: {tv_sec=1, tv_usec=0}", STRUCT, read_timeval, print_struct,
    FIELDS(timeval_fields));
STRUCT(timeout, FIELDS(timeout_fields));
STRUCT(timeoutval, FIELDS(timeoutval_fields));
FLAGS(pollevents, poll_words, UINT16_MAX);
STRUCT(pollfd, FIELDS(pollfd_fields));
ROW(pollfds, "an array: [{fd=3, events=POLLIN}]", LIST, read_pollfds, print_list,
    .element = &type_pollfd, RANGE(0, UINT64_MAX));
INTEGER_RESULT(pollresult, remark_poll);
ROW(fdsetfd, "a descriptor", STRUCT, read_fdset_fd, print_struct, FIELDS(fdset_fields));
ROW(fdset, "a set of descriptors: [3 4]", LIST, read_fdset, print_fdset, .element = &type_fdsetfd,
    RANGE(0, UINT64_MAX));
INTEGER_RESULT(selectresult, remark_select);
FLAGS(epollflags, epoll_create_words, UINT32_MAX);
SYMBOL(epollop, "EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL", epoll_ctl_words);
FLAGS(epollevents, epoll_words, UINT32_MAX);
ROW(epoll_data, "{u32=…, u64=…}", STRUCT, read_epoll_data, print_struct, FIELDS(epoll_data_fields));
ROW(epoll_event, "{events=EPOLLIN, data={u64=3}}", STRUCT, read_epoll_event, print_struct,
    FIELDS(epoll_event_fields));
LIST(epoll_events, "an array: [{events=EPOLLIN, data={u64=3}}]", &type_epoll_event, 0, UINT64_MAX);
FLAGS(efdflags, efd_words, UINT32_MAX);
FLAGS(tfdflags, tfd_words, UINT32_MAX);
FLAGS(tfdsetflags, tfd_set_words, UINT32_MAX);
FLAGS(timerflags, timer_words, UINT32_MAX);
NAMED_INTEGER(clockid, "a clock", clock_words);
STRUCT(itimerspec, FIELDS(itimerspec_fields));
SYMBOL(sighow, "SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK", sighow_words);
FLAGS(sfdflags, sfd_words, UINT32_MAX);
FLAGS(mfdflags, mfd_words, UINT32_MAX);
FLAGS(seals, seal_words, UINT32_MAX);
FLAGS(pidfdflags, pidfd_words, UINT32_MAX);
FLAGS(pidfdsignalflags, pidfd_signal_words, UINT32_MAX);
FLAGS(ininitflags, inotify_init_words, UINT32_MAX);
FLAGS(inmask, inotify_words, UINT32_MAX);

/*
 * Arrays, structures, and numbers written like structures: their elements, readers and printers.
 * Fields are tables, so that a new structure is a new table.
 */
#include "notation/type_rows.h"

#include "base/arena.h"
#include "notation/line.h"
#include "notation/scan.h"
#include "base/suggest.h"
#include "base/text.h"
#include "notation/xlat.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

/* ---- arrays --------------------------------------------------------------------------------- */

bool read_pointer(const struct fdl_value *v, struct fdl_arg *arg)
{
	*arg = (struct fdl_arg){ 0 };
	if (v->kind == FDL_VALUE_NULL)
		return true;
	if (!value_is_address(v) || v->overflow)
		return false;
	arg->num = v->num;
	return true;
}

struct fdl_arg *elements_new(struct binder *b, size_t n)
{
	/* At least one element: sub NULL means that there is no array. */
	struct fdl_arg *sub = arena_alloc(b->arena, (n ? n : 1) * sizeof(*sub));

	if (sub)
		memset(sub, 0, (n ? n : 1) * sizeof(*sub));
	return sub;
}

int read_list(struct binder *b, const struct type *type, const struct fdl_value *v,
	      struct fdl_arg *arg)
{
	const struct type *element = type->element;
	bool whole = !b->partial || !v->truncated;
	size_t i = 0;
	int error;

	if (read_pointer(v, arg))
		return 0;
	b->wide = false;
	if (v->kind != FDL_VALUE_ARRAY || v->nsub > type->max ||
	    (whole && (int64_t)v->nsub < type->min))
		return bind_expected(b, v, type->expected);
	arg->num = (int64_t)v->nsub;
	arg->sub = elements_new(b, v->nsub);
	if (!arg->sub)
		return -ENOMEM;
	for (const struct fdl_value *e = v->sub; e; e = e->next) {
		error = element->read(b, element, e, &arg->sub[i++]);
		if (error)
			return error;
	}
	return 0;
}

void print_pointer(struct text *t, const struct fdl_arg *arg)
{
	if (arg->num)
		text_hex(t, (uint64_t)arg->num);
	else
		text_puts(t, "NULL");
}

void print_list(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	const struct type *element = type->element;

	if (!arg->sub) {
		print_pointer(t, arg);
		return;
	}
	text_putc(t, '[');
	for (int64_t i = 0; i < arg->num; i++) {
		if (i)
			text_puts(t, ", ");
		element->print(t, element, &arg->sub[i], max);
	}
	/* An array that was cut is too short to be read back without its dots. */
	if (arg->num < type->min)
		text_puts(t, arg->num ? ", ..." : "...");
	text_putc(t, ']');
}

/* ---- structures ----------------------------------------------------------------------------- */

static bool is_key(const struct fdl_value *v, const char *name)
{
	return strlen(name) == v->key_len && memcmp(name, v->key, v->key_len) == 0;
}

const struct field *field_of(const struct type *type, const struct fdl_value *v, size_t place)
{
	if (!v->key)
		return place < type->nfields ? &type->fields[place] : NULL;
	for (size_t i = 0; i < type->nfields; i++) {
		if (is_key(v, type->fields[i].name))
			return &type->fields[i];
	}
	return NULL;
}

bool field_passed_over(const struct type *type, const struct fdl_value *v)
{
	if (!type->passed_over || !v->key)
		return false;
	for (const char *const *name = type->passed_over; *name; name++) {
		if (is_key(v, *name))
			return true;
	}
	return false;
}

static int unknown_field(struct binder *b, const struct type *type, const struct fdl_value *v)
{
	struct suggestion s;
	int error;

	if (!v->key)
		return bind_fails(b, v->column, "more values than the structure %s has fields",
				  type->name);
	error = bind_fails(b, v->column, "the structure %s has no field \"%.*s\"", type->name,
			   (int)v->key_len, v->key);
	suggest_start(&s, v->key, v->key_len);
	for (size_t i = 0; i < type->nfields; i++)
		suggest_offer(&s, type->fields[i].name);
	suggest_print(b->why, &s);
	return error;
}

/* The first required field that is missing, or NULL. */
static const struct field *missing_field(const struct type *type, uint64_t given)
{
	for (size_t i = 0; i < type->nfields; i++) {
		if (type->fields[i].required && !(given & (UINT64_C(1) << i)))
			return &type->fields[i];
	}
	return NULL;
}

static int read_field(struct binder *b, const struct type *type, const struct fdl_value *v,
		      struct fdl_arg *sub, size_t place, uint64_t *given)
{
	const struct field *field = field_of(type, v, place);
	uint64_t bit;

	if (!field)
		return field_passed_over(type, v) ? 0 : unknown_field(b, type, v);
	bit = UINT64_C(1) << (field - type->fields);
	if (*given & bit)
		return bind_fails(b, v->column, "the field %s is given twice", field->name);
	*given |= bit;
	return field->type->read(b, field->type, v, &sub[field - type->fields]);
}

int read_struct(struct binder *b, const struct type *type, const struct fdl_value *v,
		struct fdl_arg *arg)
{
	const struct field *missing;
	uint64_t given = 0;
	size_t place = 0;
	int error;

	if (read_pointer(v, arg))
		return 0;
	b->wide = false;
	b->inside = true;
	if (v->kind != FDL_VALUE_STRUCT)
		return bind_expected(b, v, type->expected);
	arg->num = (int64_t)type->nfields;
	arg->sub = elements_new(b, type->nfields);
	if (!arg->sub)
		return -ENOMEM;
	for (const struct fdl_value *e = v->sub; e; e = e->next) {
		error = read_field(b, type, e, arg->sub, place++, &given);
		if (error)
			return error;
	}
	missing = missing_field(type, given);
	if (missing && !b->partial && !v->truncated)
		return bind_fails(b, v->column, "the field %s is missing", missing->name);
	return 0;
}

void print_struct(struct text *t, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	const char *comma = "";

	if (!arg->sub) {
		print_pointer(t, arg);
		return;
	}
	text_putc(t, '{');
	for (size_t i = 0; i < type->nfields; i++) {
		const struct field *f = &type->fields[i];

		if (f->shown && !f->shown(arg->sub))
			continue;
		text_puts(t, comma);
		text_puts(t, f->name);
		text_putc(t, '=');
		f->type->print(t, f->type, &arg->sub[i], max);
		comma = ", ";
	}
	if (type->abbreviated)
		text_printf(t, "%s...", comma);
	text_putc(t, '}');
}

/* ---- their fields --------------------------------------------------------------------------- */

static bool is_set(const struct fdl_arg *a)
{
	return a->num || a->str;
}

static const struct field rlimit_fields[] = {
	[RLIMIT_CUR] = { "rlim_cur", &type_rlim, true, NULL },
	[RLIMIT_MAX] = { "rlim_max", &type_rlim, true, NULL },
};

static bool how_has_mode(const struct fdl_arg *how)
{
	return how[OPEN_HOW_MODE].num ||
	       (how[OPEN_HOW_FLAGS].num & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)));
}

static const struct field open_how_fields[] = {
	[OPEN_HOW_FLAGS] = { "flags", &type_oflags64, false, NULL },
	[OPEN_HOW_MODE] = { "mode", &type_howmode, false, how_has_mode },
	[OPEN_HOW_RESOLVE] = { "resolve", &type_resolveflags, false, NULL },
};

static bool has_flag(const struct fdl_arg *c, uint64_t flag)
{
	return (uint64_t)c[CLONE_ARGS_FLAGS].num & flag;
}

static bool has_pidfd(const struct fdl_arg *c)
{
	return has_flag(c, CLONE_PIDFD) || is_set(&c[CLONE_ARGS_PIDFD]);
}

static bool has_child_tid(const struct fdl_arg *c)
{
	return has_flag(c, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID) ||
	       is_set(&c[CLONE_ARGS_CHILD_TID]);
}

static bool has_parent_tid(const struct fdl_arg *c)
{
	return has_flag(c, CLONE_PARENT_SETTID) || is_set(&c[CLONE_ARGS_PARENT_TID]);
}

static bool has_tls(const struct fdl_arg *c)
{
	return has_flag(c, CLONE_SETTLS) || is_set(&c[CLONE_ARGS_TLS]);
}

static bool has_set_tid(const struct fdl_arg *c)
{
	return is_set(&c[CLONE_ARGS_SET_TID]) || c[CLONE_ARGS_SET_TID_SIZE].num;
}

static bool has_cgroup(const struct fdl_arg *c)
{
	return has_flag(c, CLONE_INTO_CGROUP) || c[CLONE_ARGS_CGROUP].num;
}

static const struct field clone_args_fields[] = {
	[CLONE_ARGS_FLAGS] = { "flags", &type_clone3flags, false, NULL },
	[CLONE_ARGS_PIDFD] = { "pidfd", &type_ptr, false, has_pidfd },
	[CLONE_ARGS_CHILD_TID] = { "child_tid", &type_ptr, false, has_child_tid },
	[CLONE_ARGS_PARENT_TID] = { "parent_tid", &type_ptr, false, has_parent_tid },
	[CLONE_ARGS_EXIT_SIGNAL] = { "exit_signal", &type_signal, false, NULL },
	[CLONE_ARGS_STACK] = { "stack", &type_ptr, false, NULL },
	[CLONE_ARGS_STACK_SIZE] = { "stack_size", &type_hexsize, false, NULL },
	[CLONE_ARGS_TLS] = { "tls", &type_ptr, false, has_tls },
	[CLONE_ARGS_SET_TID] = { "set_tid", &type_ptr, false, has_set_tid },
	[CLONE_ARGS_SET_TID_SIZE] = { "set_tid_size", &type_size, false, has_set_tid },
	[CLONE_ARGS_CGROUP] = { "cgroup", &type_size, false, has_cgroup },
};

static bool is_device(const struct fdl_arg *st)
{
	return S_ISCHR(st[STAT_MODE].num) || S_ISBLK(st[STAT_MODE].num);
}

static bool is_no_device(const struct fdl_arg *st)
{
	return !is_device(st);
}

static bool never(const struct fdl_arg *st)
{
	(void)st;
	return false;
}

static const struct field stat_fields[] = {
	[STAT_MODE] = { "st_mode", &type_filemode, false, NULL },
	[STAT_SIZE] = { "st_size", &type_off, false, is_no_device },
	[STAT_RDEV] = { "st_rdev", &type_dev, false, is_device },
	[STAT_DEV] = { "st_dev", &type_dev, false, never },
	[STAT_INO] = { "st_ino", &type_size, false, never },
	[STAT_NLINK] = { "st_nlink", &type_size, false, never },
	[STAT_UID] = { "st_uid", &type_uint, false, never },
	[STAT_GID] = { "st_gid", &type_uint, false, never },
	[STAT_BLKSIZE] = { "st_blksize", &type_size, false, never },
	[STAT_BLOCKS] = { "st_blocks", &type_size, false, never },
};

static const struct field statx_fields[] = {
	[STX_MASK] = { "stx_mask", &type_statxmask, false, NULL },
	[STX_MODE] = { "stx_mode", &type_filemode, false, NULL },
	[STX_SIZE] = { "stx_size", &type_off, false, NULL },
	[STX_NLINK] = { "stx_nlink", &type_size, false, never },
	[STX_UID] = { "stx_uid", &type_uint, false, never },
	[STX_GID] = { "stx_gid", &type_uint, false, never },
	[STX_INO] = { "stx_ino", &type_size, false, never },
	[STX_BLKSIZE] = { "stx_blksize", &type_size, false, never },
	[STX_BLOCKS] = { "stx_blocks", &type_size, false, never },
	[STX_RDEV_MAJOR] = { "stx_rdev_major", &type_uint, false, never },
	[STX_RDEV_MINOR] = { "stx_rdev_minor", &type_uint, false, never },
};

static const char *const statx_passed_over[] = {
	"stx_attributes",
	"stx_attributes_mask",
	"stx_atime",
	"stx_btime",
	"stx_ctime",
	"stx_mtime",
	"stx_rdev",
	"stx_dev",
	"stx_mnt_id",
	"stx_dio_mem_align",
	"stx_subvol",
	"stx_dio_offset_align",
	NULL,
};

static bool has_pid(const struct fdl_arg *lock)
{
	return lock[FLOCK_PID].num;
}

static const struct field flock_fields[] = {
	[FLOCK_TYPE] = { "l_type", &type_locktype, true, NULL },
	[FLOCK_WHENCE] = { "l_whence", &type_whence, false, NULL },
	[FLOCK_START] = { "l_start", &type_off, false, NULL },
	[FLOCK_LEN] = { "l_len", &type_off, false, NULL },
	[FLOCK_PID] = { "l_pid", &type_pid, false, has_pid },
};

static const struct field f_owner_ex_fields[] = {
	[F_OWNER_EX_TYPE] = { "type", &type_ownertype, true, NULL },
	[F_OWNER_EX_PID] = { "pid", &type_pid, true, NULL },
};

/* Without a child every field is 0, and none is printed. */
static bool has_signo(const struct fdl_arg *info)
{
	return info[SIGINFO_SIGNO].num;
}

static const struct field siginfo_fields[] = {
	[SIGINFO_SIGNO] = { "si_signo", &type_signal, false, has_signo },
	[SIGINFO_CODE] = { "si_code", &type_cldcode, false, has_signo },
	[SIGINFO_PID] = { "si_pid", &type_pid, false, has_signo },
	[SIGINFO_UID] = { "si_uid", &type_uint, false, has_signo },
	[SIGINFO_STATUS] = { "si_status", &type_childstatus, false, has_signo },
};

static const char *const siginfo_passed_over[] = { "si_utime", "si_stime", NULL };

/* The model has no clock. */
static const char *const stat_passed_over[] = {
	"st_atime", "st_atime_nsec", "st_mtime", "st_mtime_nsec", "st_ctime", "st_ctime_nsec", NULL,
};

/* ---- numbers that are written like structures ----------------------------------------------- */

static void print_rlim(struct text *t, const struct type *type, const struct fdl_arg *arg,
		       size_t max)
{
	uint64_t limit = (uint64_t)arg->num;

	(void)type;
	(void)max;
	if (limit == UINT64_MAX) {
		text_puts(t, "RLIM64_INFINITY");
	} else if (limit > 1024 && limit % 1024 == 0) {
		text_uint(t, limit / 1024);
		text_puts(t, "*1024");
	} else {
		text_uint(t, limit);
	}
}

static void print_filemode(struct text *t, const struct type *type, const struct fdl_arg *arg,
			   size_t max)
{
	size_t before = t->len;
	struct fdl_arg rest = { .num = (int64_t)words_print_known(t, type->words,
								  (uint32_t)arg->num) };

	if (t->len > before)
		text_putc(t, '|');
	print_octal(t, &type_howmode, &rest, max);
}

#define MAKEDEV "makedev("

static int read_dev(struct binder *b, const struct type *type, const struct fdl_value *v,
		    struct fdl_arg *arg)
{
	struct reader r = { .text = v->text, .p = v->text, .end = v->text + v->len };
	struct fdl_value major = { 0 }, minor = { 0 };

	arg->str = NULL;
	if (v->kind == FDL_VALUE_NUMBER)
		return read_scalar(b, type, v, arg);
	if (v->kind != FDL_VALUE_WORD || !skip_exactly(&r, MAKEDEV) || !read_number(&r, &major) ||
	    !skip_exactly(&r, ","))
		return bind_expected(b, v, type->expected);
	skip_blanks(&r);
	if (!read_number(&r, &minor) || !skip_exactly(&r, ")") || r.p != r.end ||
	    (uint64_t)major.num > UINT32_MAX || (uint64_t)minor.num > UINT32_MAX)
		return bind_expected(b, v, type->expected);
	arg->num = (int64_t)makedev((unsigned)major.num, (unsigned)minor.num);
	return 0;
}

static void print_dev(struct text *t, const struct type *type, const struct fdl_arg *arg,
		      size_t max)
{
	(void)type;
	(void)max;
	text_puts(t, MAKEDEV);
	text_hex(t, major((dev_t)arg->num));
	text_puts(t, ", ");
	text_hex(t, minor((dev_t)arg->num));
	text_putc(t, ')');
}

/* A word of a wait status, and the place of its value. */
struct status_word {
	const char *name;
	unsigned shift; /* of the value after "==" */
	bool has_value, signal;
	int64_t bits; /* for a word without a value */
};

static const struct status_word status_words[] = {
	{ "WIFEXITED(s)", 0, false, false, 0 },    { "WEXITSTATUS(s)", 8, true, false, 0 },
	{ "WIFSIGNALED(s)", 0, false, false, 0 },  { "WTERMSIG(s)", 0, true, true, 0 },
	{ "WCOREDUMP(s)", 0, false, false, 0x80 }, { "WIFSTOPPED(s)", 0, false, false, 0x7f },
	{ "WSTOPSIG(s)", 8, true, true, 0 },       { "WIFCONTINUED(s)", 0, false, false, 0xffff },
};

/* Reads the value after "==": an exit status or a signal. -1: it is neither. */
static int64_t read_status_value(struct reader *r, const struct status_word *w)
{
	const char *start;
	struct fdl_value v = { 0 };
	int64_t sig;

	skip_blanks(r);
	if (!skip_exactly(r, "=="))
		return -1;
	skip_blanks(r);
	start = r->p;
	if (w->signal && skip_name(r)) {
		sig = signal_read(start, (size_t)(r->p - start));
		return sig < 0x7f ? sig : -1;
	}
	if (!read_number(r, &v) || v.overflow || v.num < 0 || v.num > (w->signal ? 0x7e : 0xff))
		return -1;
	return v.num;
}

static const struct status_word *read_status_word(struct reader *r)
{
	for (size_t i = 0; i < sizeof(status_words) / sizeof(status_words[0]); i++) {
		if (skip_exactly(r, status_words[i].name))
			return &status_words[i];
	}
	return NULL;
}

/* Reads the text between the braces. False if it is no wait status. */
static bool read_status(struct reader *r, int64_t *status)
{
	const struct status_word *w;
	int64_t value;

	*status = 0;
	for (;;) {
		w = read_status_word(r);
		if (!w)
			return false;
		*status |= w->bits;
		if (w->has_value) {
			value = read_status_value(r, w);
			if (value < 0)
				return false;
			*status |= value << w->shift;
		}
		skip_blanks(r);
		if (r->p == r->end)
			return true;
		if (!skip_exactly(r, "&&"))
			return false;
		skip_blanks(r);
	}
}

static int read_wstatus(struct binder *b, const struct type *type, const struct fdl_value *v,
			struct fdl_arg *arg)
{
	struct reader r;

	arg->str = NULL;
	if (v->kind == FDL_VALUE_NUMBER)
		return read_scalar(b, type, v, arg);
	if (v->kind != FDL_VALUE_STRUCT || v->nsub != 1 || v->sub->kind != FDL_VALUE_WORD)
		return bind_expected(b, v, type->expected);
	r = (struct reader){ .text = v->sub->text,
			     .p = v->sub->text,
			     .end = v->sub->text + v->sub->len };
	return read_status(&r, &arg->num) ? 0 : bind_expected(b, v, type->expected);
}

static void put_signal(struct text *t, int sig)
{
	type_print(t, "signal", sig);
}

static void print_wstatus(struct text *t, const struct type *type, const struct fdl_arg *arg,
			  size_t max)
{
	int status = (int)arg->num;

	(void)type;
	(void)max;
	if (WIFEXITED(status)) {
		text_puts(t, "{WIFEXITED(s) && WEXITSTATUS(s) == ");
		text_int(t, WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		text_puts(t, "{WIFSIGNALED(s) && WTERMSIG(s) == ");
		put_signal(t, WTERMSIG(status));
		if (WCOREDUMP(status))
			text_puts(t, " && WCOREDUMP(s)");
	} else if (WIFCONTINUED(status)) {
		text_puts(t, "{WIFCONTINUED(s)");
	} else {
		text_puts(t, "{WIFSTOPPED(s) && WSTOPSIG(s) == ");
		put_signal(t, WSTOPSIG(status));
	}
	text_putc(t, '}');
}

/* ---- the types ------------------------------------------------------------------------------- */

LIST(argv, "an array of strings", &type_string, 0, UINT64_MAX);
LIST(envp, "an array of strings", &type_string, 0, UINT64_MAX);
LIST(intlist, "an array of numbers", &type_int, 0, UINT64_MAX);
LIST(fdpair, "two descriptors: [3, 4]", &type_fd, 2, 2);
LIST(idpair, "two ids: [0, 0]", &type_id, 2, 2);
LIST(tidptr, "a number that clone fills in: [3]", &type_int, 1, 1);
ROW(wstatus, "a wait status: {WIFEXITED(s) && WEXITSTATUS(s) == 0}", NUMBER, read_wstatus,
    print_wstatus, RANGE(INT32_MIN, INT32_MAX));
NUMBER(rlim, "a limit or RLIM64_INFINITY", print_rlim, RANGE(-1, UINT64_MAX), WORDS(rlim_words));
ROW(filemode, "a file's mode", NUMBER, read_flags, print_filemode, RANGE(0, UINT32_MAX),
    WORDS(filemode_words), .octal = true);
ROW(dev, "a device: makedev(0x1, 0x3)", NUMBER, read_dev, print_dev, RANGE(0, UINT64_MAX));
STRUCT(rlimit, FIELDS(rlimit_fields));
STRUCT(open_how, FIELDS(open_how_fields));
STRUCT(clone_args, FIELDS(clone_args_fields));
STRUCT(flock, FIELDS(flock_fields));
STRUCT(siginfo, FIELDS(siginfo_fields), .passed_over = siginfo_passed_over);
STRUCT(f_owner_ex, FIELDS(f_owner_ex_fields));
STRUCT(stat, FIELDS(stat_fields), .passed_over = stat_passed_over, .abbreviated = true);
FLAGS(statxflags, statxflag_words, UINT32_MAX);
FLAGS(statxmask, statxmask_words, UINT32_MAX);
STRUCT(statx, FIELDS(statx_fields), .passed_over = statx_passed_over, .abbreviated = true);

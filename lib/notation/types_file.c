/*
 * The types of calls on files that no other calls have: entries of directories, offsets that go in
 * and come out, requests of ioctl.
 */
#include "notation/type_rows.h"

#include "base/text.h"
#include "notation/line.h"
#include "notation/scan.h"
#include "notation/xlat.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

/* ---- entries of directories ----------------------------------------------------------------- */

/* The numbers of inodes differ from machine to machine. */
static bool never(const struct fdl_arg *entry)
{
	(void)entry;
	return false;
}

static const struct field dirent_fields[] = {
	[DIRENT_INO] = { "d_ino", &type_size, false, never },
	[DIRENT_OFF] = { "d_off", &type_off, false, NULL },
	[DIRENT_RECLEN] = { "d_reclen", &type_uint, false, NULL },
	[DIRENT_TYPE] = { "d_type", &type_dirtype, false, NULL },
	[DIRENT_NAME] = { "d_name", &type_string, false, NULL },
};

/* ---- offsets that go in and come out: [0] => [5] --------------------------------------------- */

/* An offset in brackets, for the first or the second element of the argument. */
static int read_offset(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	if (v->kind != FDL_VALUE_ARRAY || v->nsub != 1)
		return bind_expected(b, v, type->expected);
	return type->element->read(b, type->element, v->sub, arg);
}

static int read_offptr(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	int error;

	if (read_pointer(v, arg))
		return 0;
	arg->sub = elements_new(b, 2);
	if (!arg->sub)
		return -ENOMEM;
	arg->num = v->became ? 2 : 1;
	error = read_offset(b, type, v, &arg->sub[0]);
	return error || !v->became ? error : read_offset(b, type, v->became, &arg->sub[1]);
}

static void print_offptr(struct text *t, const struct type *type, const struct fdl_arg *arg,
			 size_t max)
{
	if (!arg->sub) {
		print_pointer(t, arg);
		return;
	}
	for (int64_t i = 0; i < arg->num; i++) {
		if (i && arg->sub[i].num == arg->sub[0].num)
			break;
		text_puts(t, i ? " => [" : "[");
		type->element->print(t, type->element, &arg->sub[i], max);
		text_putc(t, ']');
	}
}

/* Which type of lease the number is. */
static void remark_lease(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			 int64_t result)
{
	(void)row, (void)arg;
	if (result >= 0)
		type_locktype.print(t, &type_locktype, &(struct fdl_arg){ .num = result },
				    SIZE_MAX);
}

/* ---- requests of ioctl ----------------------------------------------------------------------- */

/* Reads a number, up to limit, and the text after it. */
static bool read_part(struct reader *r, uint64_t limit, const char *after, unsigned *part)
{
	struct fdl_value v = { 0 };

	skip_blanks(r);
	if (!read_number(r, &v) || (uint64_t)v.num > limit || !skip_exactly(r, after))
		return false;
	*part = (unsigned)v.num;
	return true;
}

/* A request without a name, as strace writes it: _IOC(_IOC_READ|_IOC_WRITE, 0x66, 0x1, 0x8). */
static bool read_ioc(const struct fdl_value *v, struct fdl_arg *arg)
{
	static const struct {
		const char *word;
		unsigned direction;
	} directions[] = {
		{ "_IOC_NONE,", _IOC_NONE },
		{ "_IOC_READ|_IOC_WRITE,", _IOC_READ | _IOC_WRITE },
		{ "_IOC_WRITE,", _IOC_WRITE },
		{ "_IOC_READ,", _IOC_READ },
	};
	const size_t n = sizeof(directions) / sizeof(directions[0]);
	struct reader r = { .text = v->text, .p = v->text, .end = v->text + v->len };
	unsigned type, nr, size;
	size_t i = 0;

	if (v->kind != FDL_VALUE_WORD || !skip_exactly(&r, "_IOC("))
		return false;
	while (i < n && !skip_exactly(&r, directions[i].word))
		i++;
	if (i == n || !read_part(&r, _IOC_TYPEMASK, ",", &type) ||
	    !read_part(&r, _IOC_NRMASK, ",", &nr) || !read_part(&r, _IOC_SIZEMASK, ")", &size) ||
	    r.p != r.end)
		return false;
	*arg = (struct fdl_arg){ .num = _IOC(directions[i].direction, type, nr, size) };
	return true;
}

/* A number with several names, of which one is known: SNDCTL_TMR_TIMEBASE or TCGETS. */
static bool read_one_of(const struct fdl_value *v, struct fdl_arg *arg)
{
	static const char or [] = " or ";
	const char *const end = v->text + v->len;
	uint64_t request;

	if (v->kind != FDL_VALUE_WORD)
		return false;
	for (const char *p = v->text, *next; p < end; p = next + strlen(or)) {
		next = memmem(p, (size_t)(end - p), or, strlen(or));
		if (!next)
			next = end;
		if (words_find(&ioctl_words, p, (size_t)(next - p), &request)) {
			*arg = (struct fdl_arg){ .num = (int64_t)request };
			return true;
		}
		if (next == end)
			break;
	}
	return false;
}

static bool read_request(const struct fdl_value *v, struct fdl_arg *arg)
{
	return read_one_of(v, arg) || read_ioc(v, arg);
}

/* ---- the types ------------------------------------------------------------------------------- */

NUMBER(ioctlcmd, "a command (FIOCLEX, ...)", print_symbol, RANGE(INT32_MIN, UINT32_MAX),
       WORDS(ioctl_words), .phrase = read_request);
NUMBER(rwhint, "a hint (RWH_WRITE_LIFE_SHORT, ...)", print_symbol, RANGE(INT64_MIN, UINT64_MAX),
       WORDS(rwhint_words));
LIST(rwhints, "a hint in brackets: [RWH_WRITE_LIFE_SHORT]", &type_rwhint, 0, UINT64_MAX);
SYMBOL(dirtype, "a type of file (DT_REG, ...)", dirtype_words);
STRUCT(dirent, FIELDS(dirent_fields));
LIST(dirents, "an array of entries: [{d_name=\".\"}, ...]", &type_dirent, 0, UINT64_MAX);
ROW(offptr, "an offset: [0], or NULL", LIST, read_offptr, print_offptr, .element = &type_off,
    .value_result = true, RANGE(1, 2));
INTEGER_RESULT(leasetype, remark_lease);
FLAGS(dnflags, dn_words, UINT32_MAX);
FLAGS(spliceflags, splice_words, UINT32_MAX);

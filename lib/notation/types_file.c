/*
 * The types of calls on files that no other calls have: entries of directories, and offsets that go in
 * and come out.
 */
#include "notation/type_rows.h"

#include "base/text.h"
#include "notation/line.h"
#include "notation/xlat.h"

#include <errno.h>

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

/* ---- the types ------------------------------------------------------------------------------- */

SYMBOL(dirtype, "a type of file (DT_REG, ...)", dirtype_words);
STRUCT(dirent, FIELDS(dirent_fields));
LIST(dirents, "an array of entries: [{d_name=\".\"}, ...]", &type_dirent, 0, UINT64_MAX);
ROW(offptr, "an offset: [0], or NULL", LIST, read_offptr, print_offptr, .element = &type_off,
    .value_result = true, RANGE(1, 2));
INTEGER_RESULT(leasetype, remark_lease);
FLAGS(dnflags, dn_words, UINT32_MAX);
FLAGS(spliceflags, splice_words, UINT32_MAX);

/*
 * Arguments of calls on files in the memory of a real task: offsets, and entries of directories.
 */
#include "kernel/files.h"

#include <dirent.h>
#include <string.h>

/* An offset that the call reads, and leaves another one in. */
int64_t put_offset(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	(void)form;
	if (!a->sub)
		return a->num;
	return packer_put(p, &a->sub[0].num, sizeof(int64_t), sizeof(int64_t));
}

void update_offset(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a)
{
	struct fdl_arg *e = a->sub ? taker_elements(t, 2) : NULL;

	(void)form;
	if (!e)
		return;
	e[0] = a->sub[0];
	memcpy(&e[1].num, at, sizeof(e[1].num));
	*a = (struct fdl_arg){ .num = 2, .sub = e };
}

/* Entries of a directory: the result of the call is the length of all. */
void take_dirents(struct kernel_taker *t, const struct form *form, const char *at,
		  struct fdl_arg *a)
{
	enum { INO, OFF, RECLEN, TYPE, NAME, FIELDS };
	const char *end = at + t->result;
	const struct dirent64 *d;
	size_t n = 0;

	(void)form;
	for (const char *p = at; p < end; p += ((const struct dirent64 *)p)->d_reclen)
		n++;
	*a = (struct fdl_arg){ .num = (int64_t)n, .sub = taker_elements(t, n) };
	for (size_t i = 0; a->sub && i < n; i++, at += d->d_reclen) {
		struct fdl_arg *field = taker_elements(t, FIELDS);

		d = (const struct dirent64 *)at;
		if (!field)
			return;
		field[INO].num = (int64_t)d->d_ino;
		field[OFF].num = d->d_off;
		field[RECLEN].num = d->d_reclen;
		field[TYPE].num = d->d_type;
		field[NAME] =
			(struct fdl_arg){ .num = (int64_t)strlen(d->d_name), .str = d->d_name };
		a->sub[i] = (struct fdl_arg){ .num = FIELDS, .sub = field };
	}
}

/*
 * Arguments as bytes, for what has to be kept for long or for many calls: variable-length numbers,
 * strings and elements behind their count. What comes back is equal to what went in, except that
 * long strings that a call filled in are cut.
 */
#include "args.h"

#include "arena.h"
#include "types.h"

#include <string.h>

struct packer {
	char *buf;
	size_t size, len; /* len may pass size: then the rest is only counted */
};

static void put_byte(struct packer *p, unsigned byte)
{
	if (p->len < p->size)
		p->buf[p->len] = (char)byte;
	p->len++;
}

static void put_uint(struct packer *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		put_byte(p, (unsigned)(v & 0x7f) | 0x80);
	put_byte(p, (unsigned)v);
}

/* Small numbers of either sign are short. */
static void put_int(struct packer *p, int64_t v)
{
	put_uint(p, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static void put_bytes(struct packer *p, const char *s, size_t len)
{
	if (p->len <= p->size && p->size - p->len >= len && len)
		memcpy(p->buf + p->len, s, len);
	p->len += len;
}

/* Its length and whether it was cut, plus 1; 0 stands for no string. */
static void pack_string(struct packer *p, const struct fdl_arg *arg, size_t max)
{
	bool cut = arg->num < 0;
	size_t len = cut ? (size_t)~arg->num : (size_t)arg->num;

	if (len > max) {
		len = max;
		cut = true;
	}
	put_uint(p, ((uint64_t)len << 1 | cut) + 1);
	put_bytes(p, arg->str, len);
}

static void pack(struct packer *p, const struct type *type, const struct fdl_arg *arg, size_t max)
{
	if (type->store == STORE_NUMBER) {
		put_int(p, arg->num);
		return;
	}
	if (!arg->str) {
		put_uint(p, 0);
		put_int(p, arg->num);
		return;
	}
	if (type->store == STORE_BYTES) {
		pack_string(p, arg, max);
		return;
	}
	put_uint(p, (uint64_t)arg->num + 1);
	for (int64_t i = 0; i < arg->num; i++)
		pack(p, type_at(type->store == STORE_LIST ? type->element : type->fields[i].type),
		     &arg->sub[i], max);
}

size_t args_pack(const struct fdl_row *row, const struct fdl_arg *arg, char *buf, size_t size,
		 size_t max)
{
	struct packer p = { .buf = buf, .size = size };

	put_byte(&p, (unsigned)row->nparams);
	for (size_t i = 0; i < row->nparams; i++) {
		const struct param *param = &row->param[i];

		if (!param->out || param->type->store != STORE_NUMBER) {
			pack(&p, param->type, &arg[i], param->out ? max : SIZE_MAX);
		} else {
			put_byte(&p, arg[i].sub != NULL);
			if (arg[i].sub)
				put_int(&p, arg[i].sub[0].num);
		}
	}
	return p.len;
}

struct unpacker {
	const char *p, *end;
	struct arena *arena;
	bool bad; /* damaged, or no memory */
};

static uint64_t get_uint(struct unpacker *u)
{
	uint64_t v = 0;

	for (unsigned shift = 0; u->p < u->end && shift < 64; shift += 7) {
		unsigned char byte = (unsigned char)*u->p++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	u->bad = true;
	return 0;
}

static int64_t get_int(struct unpacker *u)
{
	uint64_t v = get_uint(u);

	return (int64_t)((v >> 1) ^ (0 - (v & 1)));
}

/* Room for n elements; each of them takes at least a byte of what is left. */
static struct fdl_arg *get_elements(struct unpacker *u, uint64_t n)
{
	struct fdl_arg *sub = NULL;

	if (!u->bad && n <= (size_t)(u->end - u->p))
		sub = arena_alloc(u->arena, (n ? n : 1) * sizeof(*sub));
	if (sub)
		memset(sub, 0, (n ? n : 1) * sizeof(*sub));
	else
		u->bad = true;
	return sub;
}

static void unpack_string(struct unpacker *u, uint64_t head, struct fdl_arg *arg)
{
	uint64_t len = (head - 1) >> 1;
	bool cut = (head - 1) & 1;

	if (len > (size_t)(u->end - u->p)) {
		u->bad = true;
		return;
	}
	arg->str = arena_copy(u->arena, u->p, len);
	arg->num = cut ? ~(int64_t)len : (int64_t)len;
	u->bad |= !arg->str;
	u->p += len;
}

static void unpack(struct unpacker *u, const struct type *type, struct fdl_arg *arg)
{
	uint64_t head;

	*arg = (struct fdl_arg){ 0 };
	if (type->store == STORE_NUMBER) {
		arg->num = get_int(u);
		return;
	}
	head = get_uint(u);
	if (head == 0) {
		arg->num = get_int(u);
		return;
	}
	if (type->store == STORE_BYTES) {
		unpack_string(u, head, arg);
		return;
	}
	if (type->store == STORE_STRUCT && head - 1 != type->nfields)
		u->bad = true;
	arg->sub = get_elements(u, head - 1);
	arg->num = (int64_t)(head - 1);
	for (uint64_t i = 0; i < head - 1 && !u->bad; i++)
		unpack(u, type_at(type->store == STORE_LIST ? type->element : type->fields[i].type),
		       &arg->sub[i]);
}

static void unpack_out_number(struct unpacker *u, struct fdl_arg *arg)
{
	*arg = (struct fdl_arg){ 0 };
	if (get_uint(u) == 0)
		return;
	arg->sub = get_elements(u, 1);
	if (!arg->sub)
		return;
	arg->num = 1;
	arg->sub[0].num = get_int(u);
}

size_t args_unpack(struct arena *a, const struct fdl_row *row, const char *buf, size_t size,
		   struct fdl_arg *arg)
{
	struct unpacker u = { .p = buf, .end = buf + size, .arena = a };

	if (get_uint(&u) != row->nparams)
		return 0;
	for (size_t i = 0; i < row->nparams && !u.bad; i++) {
		const struct param *param = &row->param[i];

		if (!param->out || param->type->store != STORE_NUMBER)
			unpack(&u, param->type, &arg[i]);
		else
			unpack_out_number(&u, &arg[i]);
	}
	return u.bad ? 0 : (size_t)(u.p - buf);
}

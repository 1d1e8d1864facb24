/*
 * Arguments as bytes, for storage: numbers of variable length, strings and elements after their
 * count. Unpacking yields equal arguments, except that long strings filled in by a call are cut.
 */
#include "notation/args.h"

#include "base/arena.h"
#include "notation/types.h"

#include <string.h>

/*
 * The destination. Bytes that do not fit are only counted, so that the caller learns the size
 * needed.
 */
struct packer {
	char *buf;
	size_t size;
};

/*
 * Each of these puts something at a place and returns the place after it. The place is passed by
 * value: in memory, every byte would wait for the last store.
 */
static inline size_t put_byte(struct packer p, size_t at, unsigned byte)
{
	if (at < p.size)
		p.buf[at] = (char)byte;
	return at + 1;
}

static inline size_t put_uint(struct packer p, size_t at, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		at = put_byte(p, at, (unsigned)(v & 0x7f) | 0x80);
	return put_byte(p, at, (unsigned)v);
}

/* Small numbers of either sign are short. */
static inline size_t put_int(struct packer p, size_t at, int64_t v)
{
	return put_uint(p, at, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static size_t put_bytes(struct packer p, size_t at, const char *s, size_t len)
{
	if (at <= p.size && p.size - at >= len && len)
		memcpy(p.buf + at, s, len);
	return at + len;
}

/* The length and whether the string was cut, plus 1; 0 stands for no string. */
static inline size_t put_string(struct packer p, size_t at, const struct fdl_arg *arg, size_t max)
{
	bool cut = arg->num < 0;
	size_t len = cut ? (size_t)~arg->num : (size_t)arg->num;

	if (len > max) {
		len = max;
		cut = true;
	}
	at = put_uint(p, at, ((uint64_t)len << 1 | cut) + 1);
	return put_bytes(p, at, arg->str, len);
}

static size_t put_elements(struct packer p, size_t at, const struct type *type,
			   const struct fdl_arg *arg, size_t max);

static inline size_t put_arg(struct packer p, size_t at, const struct type *type,
			     const struct fdl_arg *arg, size_t max)
{
	if (type->store == STORE_NUMBER)
		return put_int(p, at, arg->num);
	if (!arg->str)
		return put_int(p, put_uint(p, at, 0), arg->num);
	if (type->store == STORE_BYTES)
		return put_string(p, at, arg, max);
	return put_elements(p, at, type, arg, max);
}

static size_t put_elements(struct packer p, size_t at, const struct type *type,
			   const struct fdl_arg *arg, size_t max)
{
	bool list = type->store == STORE_LIST;

	at = put_uint(p, at, (uint64_t)arg->num + 1);
	for (int64_t i = 0; i < arg->num; i++)
		at = put_arg(p, at, list ? type->element : type->fields[i].type, &arg->sub[i], max);
	return at;
}

/* A filled-in number is an array of one element, or absent. */
static size_t put_out_number(struct packer p, size_t at, const struct fdl_arg *arg)
{
	at = put_byte(p, at, arg->sub != NULL);
	return arg->sub ? put_int(p, at, arg->sub[0].num) : at;
}

/* Whether the call fills in bytes of the argument, of which only the first are kept. */
static bool is_filled(const struct param *p)
{
	return (p->out || p->inout) && !p->type->whole;
}

size_t args_pack(const struct fdl_row *row, const struct fdl_arg *arg, char *buf, size_t size,
		 size_t max)
{
	const struct packer p = { buf, size };
	size_t at = put_byte(p, 0, (unsigned)row->nparams);

	for (size_t i = 0; i < row->nparams; i++) {
		const struct param *param = &row->param[i];

		if (param->out && param->type->store == STORE_NUMBER)
			at = put_out_number(p, at, &arg[i]);
		else
			at = put_arg(p, at, param->type, &arg[i],
				     is_filled(param) ? max : SIZE_MAX);
	}
	return at;
}

struct unpacker {
	const char *p, *end;
	struct arena *arena;
	bool bad; /* damaged input, or no memory */
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

/* Allocates n elements, unless fewer bytes are left: each element takes at least a byte. */
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
		unpack(u, type->store == STORE_LIST ? type->element : type->fields[i].type,
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

/*
 * The types of sockets' arguments: addresses, lengths that go in and come out, messages with their
 * iovecs and control messages, in strace's form and in shorter ones.
 */
#include "notation/type_rows.h"

#include "base/arena.h"
#include "notation/line.h"
#include "notation/scan.h"
#include "base/text.h"
#include "notation/values.h"
#include "notation/xlat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* ---- lengths that go in and come out: [110 => 9] --------------------------------------------- */

static int read_length(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	*arg = (struct fdl_arg){ 0 };
	if (v->kind != FDL_VALUE_NUMBER || v->overflow || v->num < INT32_MIN || v->num > UINT32_MAX)
		return bind_expected(b, v, type->expected);
	arg->num = value_result(v->num, -1);
	if (v->became && v->became->kind == FDL_VALUE_NUMBER)
		arg->num = value_result(v->num, v->became->num);
	return 0;
}

/* A pointer to a length. */
static int read_socklen(struct binder *b, const struct type *type, const struct fdl_value *v,
			struct fdl_arg *arg)
{
	*arg = (struct fdl_arg){ .num = VALUE_RESULT_NULL };
	if (v->kind == FDL_VALUE_NULL || value_is_address(v))
		return 0;
	if (v->kind == FDL_VALUE_ARRAY && v->nsub == 1)
		return read_length(b, type, v->sub, arg);
	return read_length(b, type, v, arg);
}

static void print_value_result(struct text *t, const struct fdl_arg *arg)
{
	int64_t given = value_given(arg->num), result = value_came(arg->num);

	text_int(t, given);
	if (result >= 0 && result != given) {
		text_puts(t, " => ");
		text_int(t, result);
	}
}

static void print_socklen(struct text *t, const struct type *type, const struct fdl_arg *arg,
			  size_t max)
{
	(void)type, (void)max;
	if (arg->num == VALUE_RESULT_NULL) {
		text_puts(t, "NULL");
		return;
	}
	text_putc(t, '[');
	print_value_result(t, arg);
	text_putc(t, ']');
}

static void print_namelen(struct text *t, const struct type *type, const struct fdl_arg *arg,
			  size_t max)
{
	(void)type, (void)max;
	print_value_result(t, arg);
}

/* ---- values of options ----------------------------------------------------------------------- */

/* Adds the numbers of a structure, and of those in it; for words there are zeros. */
static void flatten(const struct fdl_value *v, struct fdl_arg *sub, size_t *n)
{
	for (; v; v = v->next) {
		if (v->kind == FDL_VALUE_STRUCT) {
			flatten(v->sub, sub, n);
			continue;
		}
		if (sub)
			sub[*n] = (struct fdl_arg){ .num = v->kind == FDL_VALUE_NUMBER
								   ? (int32_t)v->num
								   : 0 };
		++*n;
	}
}

/* The bytes of a string as the numbers that they are in memory. */
static void split(const struct fdl_value *v, struct fdl_arg *sub, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const size_t at = i * sizeof(int32_t), left = v->len - at;
		int32_t number = 0;

		memcpy(&number, v->text + at, left < sizeof(number) ? left : sizeof(number));
		sub[i] = (struct fdl_arg){ .num = number };
	}
}

/* Reads [1]; strace writes bytes or a structure for options that are no numbers. */
static int read_optval(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	const bool string = v->kind == FDL_VALUE_STRING;
	size_t n = 0;

	if (!string && v->kind != FDL_VALUE_STRUCT)
		return read_list(b, type, v, arg);
	if (string)
		n = (v->len + sizeof(int32_t) - 1) / sizeof(int32_t);
	else
		flatten(v->sub, NULL, &n);
	*arg = (struct fdl_arg){ .num = (int64_t)n,
				 .sub = arena_alloc(b->arena, (n + 1) * sizeof(*arg->sub)) };
	if (!arg->sub)
		return -ENOMEM;
	if (string) {
		split(v, arg->sub, n);
	} else {
		n = 0;
		flatten(v->sub, arg->sub, &n);
	}
	return 0;
}

/* ---- names, ports and addresses -------------------------------------------------------------- */

static int keep_name(struct binder *b, const struct fdl_value *v, bool abstract, const char *s,
		     size_t len, struct fdl_arg *arg)
{
	char bytes[sizeof(((struct sockaddr_un *)0)->sun_path)] = "";

	if (len + abstract > sizeof(bytes))
		return bind_fails(b, v->column, "a name of more than %zu bytes", sizeof(bytes));
	memcpy(bytes + abstract, s, len);
	arg->str = arena_copy(b->arena, bytes, len + abstract);
	arg->num = (int64_t)(len + abstract);
	return arg->str ? 0 : -ENOMEM;
}

/* Reads "/tmp/s", or @"s" for an abstract name, which is kept with its leading NUL. */
static int read_sunpath(struct binder *b, const struct type *type, const struct fdl_value *v,
			struct fdl_arg *arg)
{
	struct reader r = { .text = v->text + 1,
			    .p = v->text + 1,
			    .end = v->text + v->len,
			    .arena = b->arena,
			    .why = b->why };
	struct fdl_value *name;
	int error;

	*arg = (struct fdl_arg){ 0 };
	if (v->kind == FDL_VALUE_STRING)
		return keep_name(b, v, false, v->text, v->len, arg);
	if (v->kind != FDL_VALUE_WORD || !v->len || *v->text != '@')
		return bind_expected(b, v, type->expected);
	if (v->len < 2 || v->text[1] != '"')
		return keep_name(b, v, true, v->text + 1, v->len - 1, arg);
	error = read_value(&r, &name);
	if (error)
		return error;
	if (name->kind != FDL_VALUE_STRING || r.p != r.end)
		return bind_expected(b, v, type->expected);
	return keep_name(b, v, true, name->text, name->len, arg);
}

/* Packing leaves the complement of the length in a name that it cut. */
static void print_sunpath(struct text *t, const struct type *type, const struct fdl_arg *arg,
			  size_t max)
{
	bool cut = arg->num < 0;
	size_t len = cut ? (size_t)~arg->num : (size_t)arg->num;
	bool abstract = len && arg->str[0] == '\0';

	(void)type;
	if (abstract)
		text_putc(t, '@');
	text_quoted(t, arg->str + abstract, len - abstract, max);
	if (cut && len <= max)
		text_puts(t, "...");
}

/* The text between the brackets after word, as in htons(80); or a number, or a bare string. */
static bool read_in_word(const struct fdl_value *v, const char *word, struct reader *r)
{
	size_t len = strlen(word);

	*r = (struct reader){ .text = v->text, .p = v->text, .end = v->text + v->len };
	if (v->kind != FDL_VALUE_WORD || v->len <= len + 1 || memcmp(v->text, word, len) != 0 ||
	    v->text[len] != '(' || v->text[v->len - 1] != ')')
		return false;
	r->p += len + 1;
	r->end--;
	return true;
}

static int read_port(struct binder *b, const struct type *type, const struct fdl_value *v,
		     struct fdl_arg *arg)
{
	struct fdl_value number = *v;
	struct reader r;

	arg->str = NULL;
	if (read_in_word(v, "htons", &r)) {
		number = (struct fdl_value){ 0 };
		if (!read_number(&r, &number) || r.p != r.end)
			return bind_expected(b, v, type->expected);
	}
	if (number.kind != FDL_VALUE_NUMBER || number.overflow || number.num < 0 ||
	    number.num > UINT16_MAX)
		return bind_expected(b, v, type->expected);
	arg->num = number.num;
	return 0;
}

static void print_port(struct text *t, const struct type *type, const struct fdl_arg *arg,
		       size_t max)
{
	(void)type, (void)max;
	text_puts(t, "htons(");
	text_int(t, arg->num);
	text_putc(t, ')');
}

/* Reads "127.0.0.1" in host order. */
static bool parse_inet(const char *s, size_t len, int64_t *addr)
{
	char text[16];
	struct in_addr in;

	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = ntohl(in.s_addr);
	return true;
}

static int read_inaddr(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	struct reader r;

	arg->str = NULL;
	if (read_in_word(v, "inet_addr", &r) && r.end - r.p >= 2 && *r.p == '"' &&
	    r.end[-1] == '"' && parse_inet(r.p + 1, (size_t)(r.end - r.p) - 2, &arg->num))
		return 0;
	if ((v->kind == FDL_VALUE_STRING || v->kind == FDL_VALUE_WORD) &&
	    parse_inet(v->text, v->len, &arg->num))
		return 0;
	return bind_expected(b, v, type->expected);
}

static void print_inaddr(struct text *t, const struct type *type, const struct fdl_arg *arg,
			 size_t max)
{
	const uint32_t a = (uint32_t)arg->num;

	(void)type, (void)max;
	text_printf(t, "inet_addr(\"%u.%u.%u.%u\")", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static int64_t sockaddr_length(const struct fdl_arg *addr)
{
	const struct fdl_arg *name = &addr->sub[SOCKADDR_PATH];

	if (addr->sub[SOCKADDR_FAMILY].num == AF_INET)
		return sizeof(struct sockaddr_in);
	if (addr->sub[SOCKADDR_FAMILY].num != AF_UNIX)
		return sizeof(struct sockaddr);
	if (!name->str)
		return (int64_t)offsetof(struct sockaddr_un, sun_path);
	if (name->num && !name->str[0])
		return (int64_t)offsetof(struct sockaddr_un, sun_path) + name->num;
	return sizeof(struct sockaddr_un);
}

/* Reads 127.0.0.1:80 or :80. */
static bool read_endpoint(const struct fdl_value *v, struct fdl_arg *sub)
{
	const char *colon = memchr(v->text, ':', v->len);
	struct reader r;
	struct fdl_value port = { 0 };

	if (v->kind != FDL_VALUE_WORD || !colon)
		return false;
	r = (struct reader){ .text = colon + 1, .p = colon + 1, .end = v->text + v->len };
	if (!read_number(&r, &port) || r.p != r.end || port.num < 0 || port.num > UINT16_MAX)
		return false;
	sub[SOCKADDR_PORT].num = port.num;
	sub[SOCKADDR_ADDR].num = INADDR_LOOPBACK;
	return colon == v->text ||
	       parse_inet(v->text, (size_t)(colon - v->text), &sub[SOCKADDR_ADDR].num);
}

/* Reads the short forms: a path, @name, 127.0.0.1:80, or a port alone. */
static int read_short_sockaddr(struct binder *b, const struct type *type, const struct fdl_value *v,
			       struct fdl_arg *sub)
{
	const struct type *path = &type_sunpath;

	sub[SOCKADDR_FAMILY].num = AF_INET;
	if (v->kind == FDL_VALUE_NUMBER && v->num >= 0 && v->num <= UINT16_MAX) {
		sub[SOCKADDR_PORT].num = v->num;
		sub[SOCKADDR_ADDR].num = INADDR_LOOPBACK;
		return 0;
	}
	if (v->len && *v->text != '/' && read_endpoint(v, sub))
		return 0;
	sub[SOCKADDR_FAMILY].num = AF_UNIX;
	sub[SOCKADDR_PORT].num = sub[SOCKADDR_ADDR].num = 0;
	if (v->kind == FDL_VALUE_STRING || (v->kind == FDL_VALUE_WORD && v->len && *v->text == '@'))
		return path->read(b, path, v, &sub[SOCKADDR_PATH]);
	if (v->kind == FDL_VALUE_WORD)
		return keep_name(b, v, false, v->text, v->len, &sub[SOCKADDR_PATH]);
	return bind_expected(b, v, type->expected);
}

/* The family of an address that is written as a struct: the field of that name, or the first. */
static const struct fdl_value *family_of(const struct fdl_value *v)
{
	static const char name[] = "sa_family";

	for (const struct fdl_value *e = v->sub; e; e = e->next)
		if (!e->key ? e == v->sub
			    : e->key_len == strlen(name) && !memcmp(e->key, name, e->key_len))
			return e;
	return NULL;
}

/* True for a family that the model lacks; only the family is kept then. */
static bool is_strange(struct binder *b, const struct fdl_value *v, int64_t *family)
{
	const struct type *words = &type_family;
	const struct fdl_value *field = v->kind == FDL_VALUE_STRUCT ? family_of(v) : NULL;
	struct fdl_arg arg;

	if (!field || words->read(b, words, field, &arg))
		return false;
	*family = arg.num;
	return arg.num != AF_UNIX && arg.num != AF_INET;
}

static int read_sockaddr(struct binder *b, const struct type *type, const struct fdl_value *v,
			 struct fdl_arg *arg)
{
	struct text unused = TEXT_EMPTY;
	struct binder quiet = *b;
	int64_t family;
	bool strange;

	quiet.why = &unused;
	strange = is_strange(&quiet, v, &family);
	text_free(&unused);
	if (!strange && (v->kind == FDL_VALUE_STRUCT || v->kind == FDL_VALUE_NULL ||
			 value_is_address(v) || !b->shell))
		return read_struct(b, type, v, arg);
	arg->num = (int64_t)type->nfields;
	arg->sub = arena_alloc(b->arena, type->nfields * sizeof(*arg->sub));
	if (!arg->sub)
		return -ENOMEM;
	memset(arg->sub, 0, type->nfields * sizeof(*arg->sub));
	if (!strange)
		return read_short_sockaddr(b, type, v, arg->sub);
	arg->sub[SOCKADDR_FAMILY].num = family;
	return 0;
}

static bool has_path(const struct fdl_arg *addr)
{
	return addr[SOCKADDR_FAMILY].num == AF_UNIX && addr[SOCKADDR_PATH].str;
}

static bool is_inet(const struct fdl_arg *addr)
{
	return addr[SOCKADDR_FAMILY].num == AF_INET;
}

static const struct field sockaddr_fields[] = {
	[SOCKADDR_FAMILY] = { "sa_family", &type_family, true, NULL },
	[SOCKADDR_PATH] = { "sun_path", &type_sunpath, false, has_path },
	[SOCKADDR_PORT] = { "sin_port", &type_port, false, is_inet },
	[SOCKADDR_ADDR] = { "sin_addr", &type_inaddr, false, is_inet },
};

/* ---- messages -------------------------------------------------------------------------------- */

static const struct field iovec_fields[] = {
	[IOVEC_BASE] = { "iov_base", &type_buf, false, NULL },
	[IOVEC_LEN] = { "iov_len", &type_size, false, NULL },
};

static const struct field cmsg_fields[] = {
	[CMSG_FIELD_LEN] = { "cmsg_len", &type_size, false, NULL },
	[CMSG_FIELD_LEVEL] = { "cmsg_level", &type_socklevel, false, NULL },
	[CMSG_FIELD_TYPE] = { "cmsg_type", &type_cmsgtype, false, NULL },
	[CMSG_FIELD_DATA] = { "cmsg_data", &type_cmsgdata, false, NULL },
};

static const struct field ucred_fields[] = {
	[UCRED_PID] = { "pid", &type_pid, true, NULL },
	[UCRED_UID] = { "uid", &type_id, true, NULL },
	[UCRED_GID] = { "gid", &type_id, true, NULL },
};

static const struct field msghdr_fields[] = {
	[MSGHDR_NAME] = { "msg_name", &type_sockaddr, false, NULL },
	[MSGHDR_NAMELEN] = { "msg_namelen", &type_namelen, false, NULL },
	[MSGHDR_IOV] = { "msg_iov", &type_iovecs, false, NULL },
	[MSGHDR_IOVLEN] = { "msg_iovlen", &type_size, false, NULL },
	[MSGHDR_CONTROL] = { "msg_control", &type_cmsgs, false, NULL },
	[MSGHDR_CONTROLLEN] = { "msg_controllen", &type_controllen, false, NULL },
	[MSGHDR_FLAGS] = { "msg_flags", &type_msgflags, false, NULL },
};

/* The length, if left out, is the buffer's. */
static int read_iovec(struct binder *b, const struct type *type, const struct fdl_value *v,
		      struct fdl_arg *arg)
{
	int error = read_struct(b, type, v, arg);

	if (!error && arg->sub && arg->sub[IOVEC_BASE].str && !arg->sub[IOVEC_LEN].num)
		arg->sub[IOVEC_LEN].num = arg->sub[IOVEC_BASE].num;
	return error;
}

static int read_cmsg(struct binder *b, const struct type *type, const struct fdl_value *v,
		     struct fdl_arg *arg)
{
	int error = read_struct(b, type, v, arg);
	struct fdl_arg *sub = arg->sub;

	if (!error && sub && !sub[CMSG_FIELD_LEN].num)
		sub[CMSG_FIELD_LEN].num =
			(int64_t)CMSG_LEN((size_t)sub[CMSG_FIELD_DATA].num * sizeof(int));
	return error;
}

/* As any structure; the data of SCM_CREDENTIALS are a structure, too. */
static void print_cmsg(struct text *t, const struct type *type, const struct fdl_arg *arg,
		       size_t max)
{
	const struct fdl_arg *sub = arg->sub;
	struct field fields[CMSG_FIELDS];
	struct type with_ucred = *type;

	memcpy(fields, cmsg_fields, sizeof(fields));
	fields[CMSG_FIELD_DATA].type = &type_ucred;
	with_ucred.fields = fields;
	if (sub && sub[CMSG_FIELD_LEVEL].num == SOL_SOCKET &&
	    sub[CMSG_FIELD_TYPE].num == SCM_CREDENTIALS && sub[CMSG_FIELD_DATA].num == UCRED_FIELDS)
		type = &with_ucred;
	print_struct(t, type, arg, max);
}

static struct fdl_arg *fields_new(struct binder *b, size_t n, struct fdl_arg *arg)
{
	arg->sub = arena_alloc(b->arena, n * sizeof(*arg->sub));
	if (!arg->sub)
		return NULL;
	memset(arg->sub, 0, n * sizeof(*arg->sub));
	arg->num = (int64_t)n;
	return arg->sub;
}

/* Makes a message of these bytes: the short form. */
static int message_of(struct binder *b, const char *s, size_t len, struct fdl_arg *sub)
{
	struct fdl_arg *iov = fields_new(b, 1, &sub[MSGHDR_IOV]);
	struct fdl_arg *fields = iov ? fields_new(b, IOVEC_FIELDS, iov) : NULL;

	if (!fields)
		return -ENOMEM;
	fields[IOVEC_BASE].str = arena_copy(b->arena, s, len);
	fields[IOVEC_BASE].num = fields[IOVEC_LEN].num = (int64_t)len;
	return fields[IOVEC_BASE].str ? 0 : -ENOMEM;
}

/* Makes a control message for [3, 4]: these descriptors, with a byte of data. */
static int rights_of(struct binder *b, const struct fdl_value *v, struct fdl_arg *sub)
{
	const struct type *list = &type_intlist;
	struct fdl_arg *cmsg = fields_new(b, 1, &sub[MSGHDR_CONTROL]);
	struct fdl_arg *fields = cmsg ? fields_new(b, CMSG_FIELDS, cmsg) : NULL;
	int error = fields ? list->read(b, list, v, &fields[CMSG_FIELD_DATA]) : -ENOMEM;

	if (error)
		return error;
	fields[CMSG_FIELD_LEN].num =
		(int64_t)CMSG_LEN((size_t)fields[CMSG_FIELD_DATA].num * sizeof(int));
	fields[CMSG_FIELD_LEVEL].num = SOL_SOCKET;
	fields[CMSG_FIELD_TYPE].num = SCM_RIGHTS;
	return message_of(b, "", 1, sub);
}

/* The space that control messages take; the last may lack its padding. */
static int64_t control_length(const struct fdl_arg *control)
{
	size_t len = 0;

	for (int64_t i = 0; control->sub && i < control->num; i++) {
		const struct fdl_arg *cmsg = control->sub[i].sub;

		if (cmsg)
			len += CMSG_ALIGN((size_t)cmsg[CMSG_FIELD_LEN].num);
	}
	return (int64_t)len;
}

/* Whether a structure is written with this field. */
static bool has_field(const struct type *type, const struct fdl_value *v, size_t field)
{
	size_t place = 0;

	if (v->kind != FDL_VALUE_STRUCT)
		return false;
	for (const struct fdl_value *e = v->sub; e; e = e->next)
		if (field_of(type, e, place++) == &type->fields[field])
			return true;
	return false;
}

/* The lengths that are not written. */
static void usual_lengths(const struct type *type, const struct fdl_value *v, struct fdl_arg *msg)
{
	if (msg[MSGHDR_IOV].sub && !has_field(type, v, MSGHDR_IOVLEN))
		msg[MSGHDR_IOVLEN].num = msg[MSGHDR_IOV].num;
	if (msg[MSGHDR_CONTROL].sub && !has_field(type, v, MSGHDR_CONTROLLEN))
		msg[MSGHDR_CONTROLLEN].num = control_length(&msg[MSGHDR_CONTROL]);
	if (msg[MSGHDR_NAME].sub && !has_field(type, v, MSGHDR_NAMELEN))
		msg[MSGHDR_NAMELEN].num = sockaddr_length(&msg[MSGHDR_NAME]);
}

static int read_msghdr(struct binder *b, const struct type *type, const struct fdl_value *v,
		       struct fdl_arg *arg)
{
	bool short_form = b->shell && (v->kind == FDL_VALUE_ARRAY || v->kind == FDL_VALUE_STRING ||
				       v->kind == FDL_VALUE_WORD);
	int error;

	if (!short_form)
		error = read_struct(b, type, v, arg);
	else if (!fields_new(b, MSGHDR_FIELDS, arg))
		error = -ENOMEM;
	else if (v->kind == FDL_VALUE_ARRAY)
		error = rights_of(b, v, arg->sub);
	else
		error = message_of(b, v->text, v->len, arg->sub);
	if (!error && arg->sub)
		usual_lengths(type, v, arg->sub);
	return error;
}

static const struct field mmsghdr_fields[] = {
	[MMSGHDR_HDR] = { "msg_hdr", &type_msghdr, false, NULL },
	[MMSGHDR_LEN] = { "msg_len", &type_uint, false, NULL },
};

/* In the shell's form a message may be short, as sendmsg's. */
static int read_mmsghdr(struct binder *b, const struct type *type, const struct fdl_value *v,
			struct fdl_arg *arg)
{
	if (!b->shell || v->kind == FDL_VALUE_STRUCT || v->kind == FDL_VALUE_NULL)
		return read_struct(b, type, v, arg);
	if (!fields_new(b, MMSGHDR_FIELDS, arg))
		return -ENOMEM;
	return read_msghdr(b, &type_msghdr, v, &arg->sub[MMSGHDR_HDR]);
}

/* The rest of the timeout, if the call had one and received something. */
static void remark_mmsg(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
			int64_t result)
{
	if (result > 0)
		print_left(t, "", row, arg);
}

/* An address counts as one piece, and as one message. */
static int64_t iovecs_length(const struct fdl_arg *iov)
{
	return iov->sub ? iov->num : iov->num != 0;
}

/* ---- the types ------------------------------------------------------------------------------- */

SYMBOL(family, "AF_UNIX, AF_INET, ...", family_words);
FLAGS(socktype, socktype_words, UINT32_MAX);
NAMED_INTEGER(protocol, "a protocol", protocol_words);
FLAGS(msgflags, msgflag_words, UINT32_MAX);
SYMBOL(shuthow, "SHUT_RD, SHUT_WR or SHUT_RDWR", shutdown_words);
NAMED_INTEGER(socklevel, "SOL_SOCKET, ...", socklevel_words);
NAMED_INTEGER(sockopt, "an option (SO_TYPE, ...)", sockopt_words);
NAMED_INTEGER(tcpopt, "an option (TCP_NODELAY, ...)", tcpopt_words);
NAMED_INTEGER(ipopt, "an option (IP_TOS, ...)", ipopt_words);
NAMED_INTEGER(udpopt, "an option (UDP_CORK, ...)", udpopt_words);
ROW(optval, "the value of an option: [1]", LIST, read_optval, print_list, RANGE(0, UINT64_MAX),
    .element = &type_int);
NAMED_INTEGER(cmsgtype, "SCM_RIGHTS, ...", cmsgtype_words);
ROW(socklen, "a length: [110]", NUMBER, read_socklen, print_socklen, RANGE(INT32_MIN, UINT32_MAX),
    .value_result = true);
ROW(namelen, "a length", NUMBER, read_length, print_namelen, RANGE(INT32_MIN, UINT32_MAX),
    .value_result = true);
NUMBER(controllen, "a size", print_uint, RANGE(-1, UINT64_MAX), .room = true);
ROW(sunpath, "a path in quotes, or @ and a name in quotes", BYTES, read_sunpath, print_sunpath,
    RANGE(0, 0));
ROW(port, "a port: htons(80)", NUMBER, read_port, print_port, RANGE(0, UINT16_MAX));
ROW(inaddr, "an address: inet_addr(\"127.0.0.1\")", NUMBER, read_inaddr, print_inaddr,
    RANGE(0, UINT32_MAX));
ROW(sockaddr, "an address: {...}", STRUCT, read_sockaddr, print_struct, FIELDS(sockaddr_fields),
    .length = sockaddr_length);
ROW(iovec, "a piece: {...}", STRUCT, read_iovec, print_struct, FIELDS(iovec_fields));
ROW(iovecs, "an array of pieces: [{...}]", LIST, read_list, print_list, RANGE(0, UINT64_MAX),
    .element = &type_iovec, .length = iovecs_length);
FLAGS(rwfflags, rwf_words, UINT32_MAX);
ROW(ucred, "credentials: {pid=1, uid=0, gid=0}", STRUCT, read_struct, print_struct,
    FIELDS(ucred_fields));
ROW(cmsgdata, "an array of numbers, or credentials", LIST, read_optval, print_list,
    RANGE(0, UINT64_MAX), .element = &type_int);
ROW(cmsg, "a control message: {...}", STRUCT, read_cmsg, print_cmsg, FIELDS(cmsg_fields));
LIST(cmsgs, "an array of control messages: [{...}]", &type_cmsg, 0, UINT64_MAX);
ROW(msghdr, "a message: {...}", STRUCT, read_msghdr, print_struct, FIELDS(msghdr_fields));
ROW(mmsghdr, "a message: {...}", STRUCT, read_mmsghdr, print_struct, FIELDS(mmsghdr_fields));
ROW(mmsghdrs, "an array of messages: [{...}]", LIST, read_list, print_list, RANGE(0, UINT64_MAX),
    .element = &type_mmsghdr, .length = iovecs_length);
ROW(sentmsgs, "an array of messages: [{...}]", LIST, read_list, print_list, RANGE(0, UINT64_MAX),
    .element = &type_mmsghdr, .length = iovecs_length, .whole = true);
INTEGER_RESULT(mmsgresult, remark_mmsg);

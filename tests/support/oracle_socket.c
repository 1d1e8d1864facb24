#include "support/oracle_socket.h"

static struct sockaddr_storage *real_sockaddr(struct arena *arena, const struct fdl_arg *a)
{
	struct sockaddr_storage *st = oracle_room(arena, sizeof(*st));
	struct sockaddr_un *un = (struct sockaddr_un *)st;
	struct sockaddr_in *in = (struct sockaddr_in *)st;

	if (!a->sub)
		return (struct sockaddr_storage *)(intptr_t)a->num;
	st->ss_family = (sa_family_t)a->sub[SOCKADDR_FAMILY].num;
	if (st->ss_family == AF_UNIX && a->sub[SOCKADDR_PATH].str)
		memcpy(un->sun_path, a->sub[SOCKADDR_PATH].str, (size_t)a->sub[SOCKADDR_PATH].num);
	if (st->ss_family == AF_INET) {
		in->sin_port = htons((uint16_t)a->sub[SOCKADDR_PORT].num);
		in->sin_addr.s_addr = htonl((uint32_t)a->sub[SOCKADDR_ADDR].num);
	}
	return st;
}

static void sockaddr_back(struct arena *arena, const struct sockaddr_storage *st, socklen_t len,
			  struct fdl_arg *a)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)st;
	const struct sockaddr_in *in = (const struct sockaddr_in *)st;
	struct fdl_arg *field = oracle_room(arena, SOCKADDR_FIELDS * sizeof(*field));
	size_t path = len > 2 ? len - 2 : 0;

	*a = (struct fdl_arg){ 0 };
	if (!len)
		return;
	field[SOCKADDR_FAMILY].num = st->ss_family;
	if (path > sizeof(un->sun_path))
		path = sizeof(un->sun_path);
	if (path && un->sun_path[0])
		path = strnlen(un->sun_path, path);
	if (st->ss_family == AF_UNIX && path) {
		field[SOCKADDR_PATH].str = arena_copy(arena, un->sun_path, path);
		field[SOCKADDR_PATH].num = (int64_t)path;
	}
	if (st->ss_family == AF_INET) {
		field[SOCKADDR_PORT].num = ntohs(in->sin_port);
		field[SOCKADDR_ADDR].num = ntohl(in->sin_addr.s_addr);
	}
	*a = (struct fdl_arg){ .num = SOCKADDR_FIELDS, .sub = field };
}

/* A message with room for descriptors and its contents. */
struct real_message {
	struct msghdr hdr;
	struct sockaddr_storage *name;
	struct iovec iov[8];
};

static void real_control(struct arena *arena, const struct fdl_arg *msg, struct msghdr *hdr)
{
	const struct fdl_arg *control = &msg[MSGHDR_CONTROL];
	size_t len = (size_t)msg[MSGHDR_CONTROLLEN].num;
	char *at = oracle_room(arena, len + 4096), *start = at;

	hdr->msg_control = len ? start : NULL;
	hdr->msg_controllen = len;
	for (int64_t i = 0; control->sub && i < control->num; i++) {
		const struct fdl_arg *c = control->sub[i].sub;
		struct cmsghdr *cmsg = (struct cmsghdr *)at;
		int *data = (int *)CMSG_DATA(cmsg);

		cmsg->cmsg_len = (size_t)c[CMSG_FIELD_LEN].num;
		cmsg->cmsg_level = (int)c[CMSG_FIELD_LEVEL].num;
		cmsg->cmsg_type = (int)c[CMSG_FIELD_TYPE].num;
		for (int64_t j = 0; c[CMSG_FIELD_DATA].sub && j < c[CMSG_FIELD_DATA].num; j++)
			data[j] = (int)c[CMSG_FIELD_DATA].sub[j].num;
		at += CMSG_ALIGN((size_t)c[CMSG_FIELD_LEN].num);
	}
}

static struct real_message *real_msghdr(struct arena *arena, const struct fdl_arg *a)
{
	struct real_message *m = oracle_room(arena, sizeof(*m));
	const struct fdl_arg *iov = &a->sub[MSGHDR_IOV];

	m->name = real_sockaddr(arena, &a->sub[MSGHDR_NAME]);
	m->hdr.msg_namelen = (socklen_t)value_given(a->sub[MSGHDR_NAMELEN].num);
	if (!m->name && m->hdr.msg_namelen)
		m->name = oracle_room(arena, sizeof(*m->name));
	m->hdr.msg_name = m->name;
	m->hdr.msg_iov = iov->sub ? m->iov : NULL;
	m->hdr.msg_iovlen = (size_t)a->sub[MSGHDR_IOVLEN].num;
	for (int64_t i = 0; iov->sub && i < iov->num && i < 8; i++) {
		const struct fdl_arg *piece = iov->sub[i].sub;
		size_t len = (size_t)piece[IOVEC_LEN].num;

		m->iov[i].iov_base = oracle_room(arena, len + 1);
		m->iov[i].iov_len = len;
		if (piece[IOVEC_BASE].str)
			memcpy(m->iov[i].iov_base, piece[IOVEC_BASE].str,
			       (size_t)piece[IOVEC_BASE].num < len ? (size_t)piece[IOVEC_BASE].num
								   : len);
	}
	real_control(arena, a->sub, &m->hdr);
	return m;
}

static void control_back(struct arena *arena, struct msghdr *hdr, struct fdl_arg *control)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(hdr);
	struct fdl_arg *field, *data;
	size_t n;

	*control = (struct fdl_arg){ 0 };
	if (!cmsg)
		return;
	n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	field = oracle_room(arena, CMSG_FIELDS * sizeof(*field));
	data = oracle_room(arena, (n + 1) * sizeof(*data));
	for (size_t i = 0; i < n; i++)
		data[i].num = ((int *)CMSG_DATA(cmsg))[i];
	field[CMSG_FIELD_LEN].num = (int64_t)cmsg->cmsg_len;
	field[CMSG_FIELD_LEVEL].num = cmsg->cmsg_level;
	field[CMSG_FIELD_TYPE].num = cmsg->cmsg_type;
	field[CMSG_FIELD_DATA] = (struct fdl_arg){ .num = (int64_t)n, .sub = data };
	control->sub = oracle_room(arena, sizeof(*control));
	control->sub[0] = (struct fdl_arg){ .num = CMSG_FIELDS, .sub = field };
	control->num = 1;
}

static void msghdr_back(struct arena *arena, struct real_message *m, int64_t result,
			struct fdl_arg *a)
{
	struct fdl_arg *iov = &a->sub[MSGHDR_IOV];
	int64_t namelen = value_given(a->sub[MSGHDR_NAMELEN].num);

	if (m->name) {
		sockaddr_back(arena, m->name, m->hdr.msg_namelen, &a->sub[MSGHDR_NAME]);
		a->sub[MSGHDR_NAMELEN].num = value_result(namelen, m->hdr.msg_namelen);
	}
	for (int64_t i = 0; iov->sub && i < iov->num; i++) {
		int64_t len = iov->sub[i].sub[IOVEC_LEN].num;
		int64_t n = result < len ? result : len;

		iov->sub[i].sub[IOVEC_BASE] =
			(struct fdl_arg){ .num = n,
					  .str = arena_copy(arena, m->iov[i].iov_base, (size_t)n) };
		result -= n;
	}
	control_back(arena, &m->hdr, &a->sub[MSGHDR_CONTROL]);
	a->sub[MSGHDR_CONTROLLEN].num = (int64_t)m->hdr.msg_controllen;
	a->sub[MSGHDR_FLAGS].num = m->hdr.msg_flags;
}

bool socket_in(struct arena *arena, const struct param *p, const struct fdl_arg *a, long *v)
{
	socklen_t *len;

	if (p->type == &type_sockaddr) {
		/* A length that the call does not ask for is not filled in either. */
		if (!p->out)
			*v = (long)real_sockaddr(arena, a);
		else if (a[1].num != VALUE_RESULT_NULL)
			*v = (long)oracle_room(arena, sizeof(struct sockaddr_storage));
		else
			*v = 0;
	} else if (p->type == &type_socklen) {
		len = oracle_room(arena, sizeof(*len));
		*len = (socklen_t)value_given(a->num);
		*v = a->num == VALUE_RESULT_NULL ? 0 : (long)len;
	} else if (p->type == &type_msghdr) {
		*v = a->sub ? (long)real_msghdr(arena, a) : (long)a->num;
	} else {
		return false;
	}
	return true;
}

bool socket_back(struct arena *arena, const struct fdl_row *row, size_t i, const long *v,
		 int64_t result, struct fdl_arg *a)
{
	const struct param *p = &row->param[i];

	if (p->out && p->type == &type_sockaddr) {
		const socklen_t *len = (const socklen_t *)v[i + 1];
		const socklen_t room = (socklen_t)value_given(a[1].num);

		*a = (struct fdl_arg){ 0 };
		if (len)
			sockaddr_back(arena, (const struct sockaddr_storage *)v[i],
				      *len < room ? *len : room, a);
	} else if (p->type == &type_socklen) {
		if (v[i])
			a->num = value_result(value_given(a->num), *(const socklen_t *)v[i]);
	} else if (p->inout && a->sub) {
		msghdr_back(arena, (struct real_message *)v[i], result, a);
	} else {
		return false;
	}
	return true;
}

bool put_socket(struct text *t, const struct param *p, const struct fdl_arg *a)
{
	if (p->type != &type_socklen && !p->inout && !(p->out && p->type == &type_sockaddr))
		return false;
	text_putc(t, ' ');
	p->type->print(t, p->type, a, SIZE_MAX);
	return true;
}

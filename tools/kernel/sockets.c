/*
 * Addresses, lengths and messages of socket calls, between the elements of fdlab-notation(5) and
 * the structures of the kernel. The pointers in a message are addresses of the task.
 */
#include "kernel/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

/* The elements at sub, in order. */
enum { ADDR_FAMILY, ADDR_PATH, ADDR_PORT, ADDR_ADDR, ADDR_FIELDS };
enum { IOV_BASE, IOV_LEN, IOV_FIELDS };
enum { CMSG_LENGTH, CMSG_LEVEL, CMSG_TYPE, CMSG_VALUES, CMSG_FIELDS };
enum {
	MSG_NAME,
	MSG_NAMELEN,
	MSG_IOV,
	MSG_IOVLEN,
	MSG_CONTROL,
	MSG_CONTROLLEN,
	MSG_FLAGS,
	MSG_FIELDS
};
enum { MMSG_HDR, MMSG_LEN, MMSG_FIELDS };

/* The bytes of a piece that a call may fill in. */
#define PIECE_MAX    ((size_t)1 << 20)
#define CONTROL_MOST ((size_t)4096)

/* The messages of one call. */
#define MESSAGES_MAX 16

#define PATH_AT offsetof(struct sockaddr_un, sun_path)

/* ---- lengths -------------------------------------------------------------------------------- */

/*
 * FDL_NO_LENGTH stands for no pointer. Otherwise the low half is the length that was given, the
 * high half one more than the length that the call wrote.
 */
static int32_t given_length(int64_t num)
{
	return num == FDL_NO_LENGTH ? 0 : (int32_t)(uint32_t)num;
}

static int64_t with_length(int64_t num, uint32_t came)
{
	return (int64_t)((uint64_t)(uint32_t)num | ((uint64_t)came + 1) << 32);
}

int64_t put_socklen(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	const int32_t given = given_length(a->num);

	(void)form;
	return a->num == FDL_NO_LENGTH ? 0 : packer_put(p, &given, sizeof(given), sizeof(given));
}

void update_socklen(struct kernel_taker *t, const struct form *form, const char *at,
		    struct fdl_arg *a)
{
	uint32_t came;

	(void)t, (void)form;
	memcpy(&came, at, sizeof(came));
	a->num = with_length(a->num, came);
}

/* ---- addresses ------------------------------------------------------------------------------ */

const char *sockaddr_name(const struct fdl_arg *a, size_t *len)
{
	const struct fdl_arg *path = a->sub ? &a->sub[ADDR_PATH] : NULL;

	if (!path || a->sub[ADDR_FAMILY].num != AF_UNIX || !path->str || !path->num || !*path->str)
		return NULL;
	*len = strnlen(path->str, (size_t)path->num);
	return path->str;
}

int64_t put_sockaddr(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_un un = { 0 };
	struct sockaddr_in in = { 0 };
	const struct fdl_arg *e = a->sub;

	(void)form;
	if (!e)
		return a->num;
	ss.ss_family = (sa_family_t)e[ADDR_FAMILY].num;
	if (ss.ss_family == AF_UNIX && (size_t)e[ADDR_PATH].num <= sizeof(un.sun_path)) {
		un.sun_family = AF_UNIX;
		if (e[ADDR_PATH].str)
			memcpy(un.sun_path, e[ADDR_PATH].str, (size_t)e[ADDR_PATH].num);
		memcpy(&ss, &un, sizeof(un));
	} else if (ss.ss_family == AF_INET) {
		in.sin_family = AF_INET;
		in.sin_port = htons((uint16_t)e[ADDR_PORT].num);
		in.sin_addr.s_addr = htonl((uint32_t)e[ADDR_ADDR].num);
		memcpy(&ss, &in, sizeof(in));
	}
	return packer_put(p, &ss, sizeof(ss), sizeof(ss));
}

void take_sockaddr(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a)
{
	struct fdl_arg *e =
		t->length >= sizeof(sa_family_t) ? taker_elements(t, ADDR_FIELDS) : NULL;
	const char *path = at + PATH_AT;
	struct sockaddr_in in;

	(void)form;
	*a = (struct fdl_arg){ .num = e ? ADDR_FIELDS : 0, .sub = e };
	if (!e)
		return;
	memcpy(&in, at, sizeof(in));
	e[ADDR_FAMILY].num = in.sin_family;
	if (in.sin_family == AF_INET) {
		e[ADDR_PORT].num = ntohs(in.sin_port);
		e[ADDR_ADDR].num = ntohl(in.sin_addr.s_addr);
	} else if (in.sin_family == AF_UNIX && t->length > PATH_AT) {
		const size_t room = t->length - PATH_AT;

		/* An abstract name begins with a NUL and may have more of them. */
		e[ADDR_PATH].str = path;
		e[ADDR_PATH].num = (int64_t)(*path ? strnlen(path, room) : room);
	}
}

/* ---- messages ------------------------------------------------------------------------------- */

static void *address(int64_t at)
{
	return (void *)(uintptr_t)at;
}

int64_t put_iovecs(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	const struct fdl_arg piece[IOV_FIELDS] = { [IOV_LEN].num = FDL_USUAL_DATA };
	const struct fdl_arg usual = { .num = IOV_FIELDS, .sub = (struct fdl_arg *)piece };
	const struct fdl_arg *list = a->sub ? a->sub : &usual;
	const int64_t n = a->sub ? a->num : 1;
	int64_t address_of_all;
	char *at;

	(void)form;
	/* A call that writes takes its bytes from an address as it is. */
	if (!a->sub && (!a->num || !p->fills))
		return a->num;
	at = packer_room(p, (size_t)n * sizeof(struct iovec), &address_of_all);
	for (int64_t i = 0; at && i < n; i++) {
		const struct fdl_arg *base = &list[i].sub[IOV_BASE];
		const size_t len = (size_t)list[i].sub[IOV_LEN].num;
		const size_t given = base->str ? (size_t)base->num : 0;
		const size_t room = len > given ? len : given;
		struct iovec iov = { .iov_len = len };

		/* A length that no memory has is the call's concern. */
		iov.iov_base =
			address(base->str || p->fills ? packer_put(p, base->str, given,
								   room > PIECE_MAX ? given : room)
						      : base->num);
		memcpy(at + (size_t)i * sizeof(iov), &iov, sizeof(iov));
	}
	return address_of_all;
}

static void put_control(struct kernel_packer *p, const struct fdl_arg *list, struct msghdr *h)
{
	char control[FDL_USUAL_CONTROL] = "";
	size_t used = 0, room = h->msg_controllen;

	for (int64_t i = 0; list->sub && i < list->num; i++) {
		const struct fdl_arg *e = list->sub[i].sub;
		const size_t n = (size_t)e[CMSG_VALUES].num;
		struct cmsghdr head = {
			.cmsg_len = (size_t)e[CMSG_LENGTH].num,
			.cmsg_level = (int)e[CMSG_LEVEL].num,
			.cmsg_type = (int)e[CMSG_TYPE].num,
		};

		if (n > sizeof(control) || CMSG_SPACE(n * sizeof(int)) > sizeof(control) - used) {
			p->full = true;
			return;
		}
		memcpy(control + used, &head, sizeof(head));
		for (size_t k = 0; k < n; k++) {
			const int value = (int)e[CMSG_VALUES].sub[k].num;

			memcpy(control + used + CMSG_LEN(k * sizeof(int)), &value, sizeof(value));
		}
		used += CMSG_SPACE(n * sizeof(int));
	}
	/* The kernel has no more to fill in. */
	if (room > CONTROL_MOST)
		room = CONTROL_MOST;
	if (room || used)
		h->msg_control = address(packer_put(p, control, used, room > used ? room : used));
}

/* Makes a msghdr of the notation's; where that is an address, one with the usual room. */
static struct msghdr make_msghdr(struct kernel_packer *p, const struct form *form,
				 const struct fdl_arg *a)
{
	const struct fdl_arg piece[IOV_FIELDS] = { [IOV_LEN].num = FDL_USUAL_DATA };
	const struct fdl_arg pieces = { .num = IOV_FIELDS, .sub = (struct fdl_arg *)piece };
	const struct fdl_arg usual[MSG_FIELDS] = {
		[MSG_IOV] = { .num = 1, .sub = (struct fdl_arg *)&pieces },
		[MSG_IOVLEN].num = 1,
		[MSG_CONTROLLEN].num = FDL_USUAL_CONTROL,
	};
	const struct fdl_arg *e = a->sub ? a->sub : usual;
	const struct fdl_arg room[ADDR_FIELDS] = { 0 };
	const struct fdl_arg no_name = { .num = ADDR_FIELDS, .sub = (struct fdl_arg *)room };
	struct msghdr h = { 0 };

	h.msg_namelen = (socklen_t)given_length(e[MSG_NAMELEN].num);
	/* The name of a message that is sent is the one that is written, also if it is none. */
	if (e[MSG_NAME].sub || !p->fills)
		h.msg_name = address(put_sockaddr(p, form, &e[MSG_NAME]));
	else if (h.msg_namelen)
		h.msg_name = address(put_sockaddr(p, form, &no_name));
	h.msg_iov = address(put_iovecs(p, form, &e[MSG_IOV]));
	h.msg_iovlen = (size_t)e[MSG_IOVLEN].num;
	h.msg_controllen = (size_t)e[MSG_CONTROLLEN].num;
	put_control(p, &e[MSG_CONTROL], &h);
	h.msg_flags = (int)e[MSG_FLAGS].num;
	return h;
}

int64_t put_msghdr(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	struct msghdr h;

	if (!a->sub && !a->num)
		return 0;
	h = make_msghdr(p, form, a);
	return packer_put(p, &h, sizeof(h), sizeof(h));
}

/* Messages that the line does not write have the usual room. */
int64_t put_mmsghdrs(struct kernel_packer *p, const struct form *form, const struct fdl_arg *a)
{
	const struct fdl_arg usual = { .num = 1 };
	const int64_t given = a->sub ? a->num : 0;
	const int64_t vlen = p->count < MESSAGES_MAX ? (int64_t)p->count : MESSAGES_MAX;
	const int64_t n = given > vlen ? given : vlen;
	int64_t address_of_all;
	char *at;

	if (!a->sub && !a->num)
		return 0;
	at = packer_room(p, (size_t)n * sizeof(struct mmsghdr), &address_of_all);
	for (int64_t i = 0; at && i < n; i++) {
		const struct fdl_arg *e = i < given ? a->sub[i].sub : NULL;
		const struct mmsghdr message = {
			.msg_hdr = make_msghdr(p, form, e ? &e[MMSG_HDR] : &usual),
		};

		memcpy(at + (size_t)i * sizeof(message), &message, sizeof(message));
	}
	return address_of_all;
}

/* The place here of an address of the task. */
static const char *here(const struct kernel_taker *t, const void *of_task)
{
	return t->data + ((int64_t)(uintptr_t)of_task - t->address);
}

/* The n pieces at a place of the task's memory, with the bytes that the call moved. */
static void take_pieces(struct kernel_taker *t, const char *at, size_t n, struct fdl_arg *a)
{
	struct fdl_arg *list = taker_elements(t, n);
	size_t left = (size_t)t->result;

	*a = (struct fdl_arg){ .num = list ? (int64_t)n : 0, .sub = list };
	for (size_t i = 0; list && i < n; i++) {
		struct fdl_arg *e = taker_elements(t, IOV_FIELDS);
		struct iovec iov;
		size_t part;

		if (!e)
			return;
		memcpy(&iov, at + i * sizeof(iov), sizeof(iov));
		part = left < iov.iov_len ? left : iov.iov_len;
		left -= part;
		e[IOV_BASE] =
			(struct fdl_arg){ .num = (int64_t)part, .str = here(t, iov.iov_base) };
		e[IOV_LEN].num = (int64_t)iov.iov_len;
		list[i] = (struct fdl_arg){ .num = IOV_FIELDS, .sub = e };
	}
}

void update_iovecs(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a)
{
	(void)form;
	take_pieces(t, at, a->sub ? (size_t)a->num : 1, a);
}

/* One control message, whose values are numbers. */
static void take_cmsg(struct kernel_taker *t, const char *at, const struct cmsghdr *head,
		      struct fdl_arg *a)
{
	const size_t n = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	struct fdl_arg *e = taker_elements(t, CMSG_FIELDS);
	struct fdl_arg *values = taker_elements(t, n);

	if (!e || !values)
		return;
	for (size_t i = 0; i < n; i++) {
		int value;

		memcpy(&value, at + CMSG_LEN(i * sizeof(int)), sizeof(value));
		values[i].num = value;
	}
	/* The pid of credentials, as the scenario numbers it. */
	if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_CREDENTIALS && n)
		values[0].num = values[0].num > t->pid_base ? values[0].num - t->pid_base : 0;
	e[CMSG_LENGTH].num = (int64_t)head->cmsg_len;
	e[CMSG_LEVEL].num = head->cmsg_level;
	e[CMSG_TYPE].num = head->cmsg_type;
	e[CMSG_VALUES] = (struct fdl_arg){ .num = (int64_t)n, .sub = values };
	*a = (struct fdl_arg){ .num = CMSG_FIELDS, .sub = e };
}

#define CMSGS_MAX 16

static void take_control(struct kernel_taker *t, const struct msghdr *h, struct fdl_arg *a)
{
	const size_t len = h->msg_controllen;
	struct fdl_arg *list = len ? taker_elements(t, CMSGS_MAX) : NULL;
	struct cmsghdr head;

	*a = (struct fdl_arg){ .sub = list };
	for (size_t at = 0; list && at + sizeof(head) <= len && a->num < CMSGS_MAX;
	     at += CMSG_ALIGN(head.cmsg_len)) {
		const char *cmsg = here(t, h->msg_control) + at;

		memcpy(&head, cmsg, sizeof(head));
		if (head.cmsg_len < sizeof(head) || head.cmsg_len > len - at)
			return;
		take_cmsg(t, cmsg, &head, &list[a->num++]);
	}
}

void update_msghdr(struct kernel_taker *t, const struct form *form, const char *at,
		   struct fdl_arg *a)
{
	const int64_t namelen = a->sub ? a->sub[MSG_NAMELEN].num : 0;
	struct fdl_arg *e = taker_elements(t, MSG_FIELDS);
	struct msghdr h;

	if (!e)
		return;
	memcpy(&h, at, sizeof(h));
	t->length = h.msg_namelen;
	if (h.msg_name && given_length(namelen))
		take_sockaddr(t, form, here(t, h.msg_name), &e[MSG_NAME]);
	e[MSG_NAMELEN].num = given_length(namelen) ? with_length(namelen, h.msg_namelen) : namelen;
	take_pieces(t, here(t, h.msg_iov), h.msg_iovlen, &e[MSG_IOV]);
	e[MSG_IOVLEN].num = (int64_t)h.msg_iovlen;
	take_control(t, &h, &e[MSG_CONTROL]);
	e[MSG_CONTROLLEN].num = (int64_t)h.msg_controllen;
	e[MSG_FLAGS].num = h.msg_flags;
	*a = (struct fdl_arg){ .num = MSG_FIELDS, .sub = e };
}

/* Elements for the messages of a call, as they were given; the rest of n has none. */
static struct fdl_arg *take_messages(struct kernel_taker *t, const struct fdl_arg *a, size_t n)
{
	struct fdl_arg *list = taker_elements(t, n);

	for (size_t i = 0; list && i < n; i++) {
		struct fdl_arg *e = taker_elements(t, MMSG_FIELDS);

		if (!e)
			return NULL;
		if (a->sub && (int64_t)i < a->num && a->sub[i].sub)
			memcpy(e, a->sub[i].sub, MMSG_FIELDS * sizeof(*e));
		list[i] = (struct fdl_arg){ .num = MMSG_FIELDS, .sub = e };
	}
	return list;
}

static void update_messages(struct kernel_taker *t, const struct form *form, const char *at,
			    struct fdl_arg *a, bool received)
{
	const int64_t given = a->sub ? a->num : 0, came = t->result;
	const int64_t n = given > came ? given : came;
	struct fdl_arg *list = take_messages(t, a, (size_t)n);

	for (int64_t i = 0; list && i < came; i++) {
		struct fdl_arg *e = list[i].sub;
		struct mmsghdr message;

		memcpy(&message, at + (size_t)i * sizeof(message), sizeof(message));
		e[MMSG_LEN].num = message.msg_len;
		t->result = message.msg_len;
		if (received)
			update_msghdr(t, form, at + (size_t)i * sizeof(message), &e[MMSG_HDR]);
	}
	t->result = came;
	if (list)
		*a = (struct fdl_arg){ .num = n, .sub = list };
}

void update_mmsghdrs(struct kernel_taker *t, const struct form *form, const char *at,
		     struct fdl_arg *a)
{
	update_messages(t, form, at, a, true);
}

void update_sentmsgs(struct kernel_taker *t, const struct form *form, const char *at,
		     struct fdl_arg *a)
{
	update_messages(t, form, at, a, false);
}

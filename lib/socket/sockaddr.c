/*
 * Addresses between arguments and struct sock_addr, checked and cut by their lengths as the kernel
 * does.
 */
#include "socket/sockaddr.h"

#include "machine/task.h"
#include "notation/args.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

int move_addr_to_kernel(const struct fdl_arg *arg, int64_t len, struct sock_addr *addr)
{
	const struct fdl_arg *field = arg->sub;

	*addr = (struct sock_addr){ 0 };
	if (len < 0 || len > (int64_t)sizeof(struct sockaddr_storage))
		return -EINVAL;
	if (len == 0)
		return 0;
	if (!field)
		return -EFAULT;
	addr->len = (int)len;
	if (len >= (int64_t)sizeof(sa_family_t))
		addr->family = (int)field[SOCKADDR_FAMILY].num;
	if (addr->family == AF_UNIX && field[SOCKADDR_PATH].str)
		memcpy(addr->path, field[SOCKADDR_PATH].str,
		       min_size(min_size((size_t)field[SOCKADDR_PATH].num, sizeof(addr->path) - 1),
				(size_t)len - sizeof(sa_family_t)));
	addr->port = (uint16_t)field[SOCKADDR_PORT].num;
	addr->addr = (uint32_t)field[SOCKADDR_ADDR].num;
	return 0;
}

/* Puts out the bytes of a name that fit. A path ends before its NUL. */
static int put_path(struct task *current, const struct sock_addr *addr, size_t room,
		    struct fdl_arg *out)
{
	size_t len = unix_name_len(addr);

	if (len && addr->path[0])
		len = strlen(addr->path);
	if (room <= SUN_PATH || !len)
		return 0;
	len = min_size(len, room - SUN_PATH);
	out->str = arena_copy(&current->call->arena, addr->path, len);
	out->num = (int64_t)len;
	return out->str ? 0 : -ENOMEM;
}

/* A big-endian number of bytes bytes at offset at, of which those that do not fit are zero. */
static uint32_t cut_number(uint32_t value, size_t bytes, size_t at, size_t room)
{
	const size_t there = room > at ? min_size(room - at, bytes) : 0;
	const unsigned lost = (unsigned)(bytes - there) * 8;

	return there ? value >> lost << lost : 0;
}

int move_addr_to_user(struct task *current, const struct sock_addr *addr, struct fdl_arg *out,
		      struct fdl_arg *len)
{
	struct fdl_arg *field;
	int64_t given;

	if (len->num == VALUE_RESULT_NULL)
		return -EFAULT;
	given = value_given(len->num);
	if (given < 0)
		return -EINVAL;
	len->num = value_result(given, addr->len);
	*out = (struct fdl_arg){ 0 };
	if (!addr->len || !given)
		return 0;
	field = arena_alloc(&current->call->arena, SOCKADDR_FIELDS * sizeof(*field));
	if (!field)
		return -ENOMEM;
	memset(field, 0, SOCKADDR_FIELDS * sizeof(*field));
	field[SOCKADDR_FAMILY].num = addr->family;
	field[SOCKADDR_PORT].num =
		cut_number(addr->port, 2, offsetof(struct sockaddr_in, sin_port), (size_t)given);
	field[SOCKADDR_ADDR].num =
		cut_number(addr->addr, 4, offsetof(struct sockaddr_in, sin_addr), (size_t)given);
	*out = (struct fdl_arg){ .num = SOCKADDR_FIELDS, .sub = field };
	return addr->family == AF_UNIX
		       ? put_path(current, addr, (size_t)given, &field[SOCKADDR_PATH])
		       : 0;
}

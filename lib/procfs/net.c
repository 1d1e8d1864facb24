/*
 * The files of net/, as procfs formats them. Programs look up there the sockets that the links of
 * descriptors (socket:[N]) name.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "machine/machine.h"
#include "socket/message.h"
#include "tree/tree.h"
#include "vfs/inode.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* The kernel's addresses, as it shows them to unprivileged readers. */
#define NO_ADDRESS "0000000000000000"

/* The kernel's SS_UNCONNECTED, SS_CONNECTING or SS_CONNECTED. */
static unsigned unix_state(const struct sock *sk)
{
	const bool connected = sk->state == SOCK_CONNECTED;

	if (sk->inode)
		return connected ? 3 : 1;
	return connected ? 2 : 4;
}

static void put_unix(struct text *out, const struct sock *sk)
{
	const size_t len = unix_name_len(&sk->name);

	text_printf(out, NO_ADDRESS ": %08X %08X %08X %04X %02X %5" PRIu64, sk->refs + 1, 0u,
		    sk->state == SOCK_LISTEN ? 0x10000u : 0u, (unsigned)sk->type, unix_state(sk),
		    sk->inode ? sk->inode->ino : 0);
	if (len && sk->name.path[0]) {
		text_putc(out, ' ');
		text_puts(out, sk->name.path);
	} else if (len) {
		text_puts(out, " @");
		for (size_t i = 1; i < len; i++)
			text_putc(out, sk->name.path[i] ? sk->name.path[i] : '@');
	}
	text_putc(out, '\n');
}

int text_net_unix(const struct node *n, struct text *out)
{
	text_puts(out, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	list_for_each(pos, &n->machine->sockets) {
		const struct sock *sk = container_of(pos, struct sock, all);

		if (out->error)
			break;
		if (!sk->dead && sk->ops->family == AF_UNIX)
			put_unix(out, sk);
	}
	return 0;
}

/* ---- AF_INET --------------------------------------------------------------------------------- */

/* The lines are all of one length. */
#define TCP_WIDTH 149
#define UDP_WIDTH 127

static void pad(struct text *out, size_t start, size_t width)
{
	const size_t len = out->len - start;

	text_printf(out, "%*s\n", len < width ? (int)(width - len) : 0, "");
}

/* An address is in network byte order, printed as a number of the host. */
static void put_endpoint(struct text *out, uint32_t addr, uint16_t port)
{
	text_printf(out, " %08X:%04X", htonl(addr), port);
}

static size_t unread(const struct sock *sk)
{
	size_t bytes = 0;

	list_for_each(pos, &sk->messages) {
		const struct message *msg = container_of(pos, struct message, link);

		bytes += msg->len - msg->offset;
	}
	return bytes;
}

/* A line up to the inode, which is the same in both files. */
static void put_inet(struct text *out, const struct sock *sk, unsigned state, size_t sent,
		     size_t received)
{
	put_endpoint(out, sk->name.addr, sk->inet.num);
	put_endpoint(out, sk->inet.remote.addr, sk->inet.remote.port);
	text_printf(out, " %02X %08zX:%08zX 00:00000000 00000000 %5u %8d %" PRIu64, state, sent,
		    received, sk->inode ? sk->inode->uid : 0, 0, sk->inode ? sk->inode->ino : 0);
}

static void put_tcp(struct text *out, const struct sock *sk, unsigned line)
{
	const bool listens = sk->inet.tcp_state == TCP_LISTEN;
	const size_t start = out->len;

	text_printf(out, "%4u:", line);
	put_inet(out, sk, (unsigned)sk->inet.tcp_state, 0, listens ? sk->nembryos : unread(sk));
	text_printf(out, " 1 " NO_ADDRESS " %s", listens ? "100 0 0 10 0" : "20 0 0 10 -1");
	pad(out, start, TCP_WIDTH);
}

static bool shown(const struct sock *sk, int type, bool listens)
{
	return sk->ops->family == AF_INET && sk->type == type && sk->inet.tcp_state != TCP_CLOSE &&
	       (sk->inet.tcp_state == TCP_LISTEN) == listens;
}

/* Listening sockets first, then connections. */
int text_net_tcp(const struct node *n, struct text *out)
{
	unsigned line = 0;

	text_printf(out, "%-*s\n", TCP_WIDTH,
		    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		    "uid  timeout inode");
	for (int listens = 1; listens >= 0; listens--) {
		list_for_each(pos, &n->machine->sockets) {
			const struct sock *sk = container_of(pos, struct sock, all);

			if (out->error)
				break;
			if (shown(sk, SOCK_STREAM, listens))
				put_tcp(out, sk, line++);
		}
	}
	return 0;
}

/* A line begins with a bucket of the kernel's hash table: here there is one for each port. */
static void put_udp(struct text *out, const struct sock *sk)
{
	const size_t start = out->len;

	text_printf(out, "%5u:", sk->inet.num);
	put_inet(out, sk, (unsigned)sk->inet.tcp_state, sk->sent, sk->received);
	text_puts(out, " 2 " NO_ADDRESS " 0");
	pad(out, start, UDP_WIDTH);
}

int text_net_udp(const struct node *n, struct text *out)
{
	text_printf(
		out, "%-*s\n", UDP_WIDTH,
		"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		"uid  timeout inode ref pointer drops");
	list_for_each(pos, &n->machine->sockets) {
		const struct sock *sk = container_of(pos, struct sock, all);

		if (out->error)
			break;
		if (sk->ops->family == AF_INET && sk->type == SOCK_DGRAM && sk->inet.num)
			put_udp(out, sk);
	}
	return 0;
}

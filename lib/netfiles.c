/*
 * The files of net/, as procfs formats them, for programs that look up there what the links of
 * descriptors (socket:[N]) are of. There is no network: of the other families there are headings.
 */
#include "views.h"

#include "inode.h"
#include "machine.h"
#include "socket.h"
#include "text.h"
#include "tree.h"

#include <inttypes.h>
#include <sys/socket.h>

/* As the kernel shows addresses of its own to those who may not see them. */
#define NO_ADDRESS "0000000000000000"

/* SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED of the kernel's socket; and of one that has none. */
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

		if (!sk->dead && sk->ops->family == AF_UNIX)
			put_unix(out, sk);
	}
	return 0;
}

/* The lines of tcp are all of one length. */
#define TCP_WIDTH 149

int text_net_tcp(const struct node *n, struct text *out)
{
	(void)n;
	text_printf(out, "%-*s\n", TCP_WIDTH,
		    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		    "uid  timeout inode");
	return 0;
}

int text_net_udp(const struct node *n, struct text *out)
{
	(void)n;
	text_printf(
		out, "%-*s\n", 127,
		"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		"uid  timeout inode ref pointer drops");
	return 0;
}

/*
 * The options of sockets that the kernels have, as ranges of numbers. The model has few of them;
 * this tells those that it lacks from numbers that no kernel knows.
 */
#include "socket/known_options.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "socket/sock.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

/* Options that the headers of some systems lack. */
enum { OPT_PASSSEC = 34, OPT_ZEROCOPY = 60, OPT_RESERVE_MEM = 73, OPT_TXREHASH = 74 };
enum { OPT_PASSRIGHTS = 83, OPT_INQ = 84 };
enum { OPT_UDPLITE = 136 };
enum { MRT_FIRST = 200, MRT_LAST = 212 }; /* of a router, whose socket is a raw one */

/* Kinds of sockets. */
enum { KIND_UNIX_STREAM = 1, KIND_UNIX_OTHER = 2, KIND_TCP = 4, KIND_UDP = 8 };
#define KIND_UNIX (KIND_UNIX_STREAM | KIND_UNIX_OTHER)
#define KIND_INET (KIND_TCP | KIND_UDP)
#define KIND_ANY  (KIND_UNIX | KIND_INET)

static unsigned kind_of(const struct sock *sk)
{
	if (sk->ops->family == AF_UNIX)
		return sk->type == SOCK_STREAM ? KIND_UNIX_STREAM : KIND_UNIX_OTHER;
	return sk->type == SOCK_STREAM ? KIND_TCP : KIND_UDP;
}

enum { READS = 1, SETS = 2, BOTH = 3 };

/* The options first to last of a level: of which kinds of sockets, and how they are used. */
struct range {
	int level;
	unsigned char first, last, how, kinds;
};

static const struct range known[] = {
	{ SOL_SOCKET, 1, 2, BOTH, KIND_ANY },
	{ SOL_SOCKET, 3, 4, READS, KIND_ANY },
	{ SOL_SOCKET, 5, 16, BOTH, KIND_ANY },
	{ SOL_SOCKET, 17, 17, READS, KIND_ANY },
	{ SOL_SOCKET, 18, 18, BOTH, KIND_ANY },
	{ SOL_SOCKET, 19, 19, READS, KIND_ANY },
	{ SOL_SOCKET, 20, 21, BOTH, KIND_ANY },
	{ SOL_SOCKET, 25, 26, BOTH, KIND_ANY },
	{ SOL_SOCKET, 27, 27, SETS, KIND_ANY },
	{ SOL_SOCKET, 28, 28, READS, KIND_ANY },
	{ SOL_SOCKET, 29, 29, BOTH, KIND_ANY },
	{ SOL_SOCKET, 30, 30, READS, KIND_ANY },
	{ SOL_SOCKET, 32, 33, SETS, KIND_ANY },
	{ SOL_SOCKET, 34, 37, BOTH, KIND_ANY },
	{ SOL_SOCKET, 38, 39, READS, KIND_ANY },
	{ SOL_SOCKET, 40, 47, BOTH, KIND_ANY },
	{ SOL_SOCKET, 48, 48, READS, KIND_ANY },
	{ SOL_SOCKET, 49, 49, BOTH, KIND_ANY },
	{ SOL_SOCKET, 50, 53, SETS, KIND_ANY },
	{ SOL_SOCKET, 55, 57, READS, KIND_ANY },
	{ SOL_SOCKET, 59, 59, READS, KIND_ANY },
	{ SOL_SOCKET, 60, 67, BOTH, KIND_ANY },
	{ SOL_SOCKET, 68, 68, SETS, KIND_ANY },
	{ SOL_SOCKET, 69, 69, BOTH, KIND_ANY },
	{ SOL_SOCKET, 70, 70, SETS, KIND_ANY },
	{ SOL_SOCKET, 71, 71, READS, KIND_ANY },
	{ SOL_SOCKET, 72, 76, BOTH, KIND_ANY },
	{ SOL_SOCKET, 77, 77, READS, KIND_ANY },
	{ SOL_SOCKET, 80, 80, SETS, KIND_ANY },
	{ SOL_SOCKET, 82, 83, BOTH, KIND_ANY },
	{ SOL_SOCKET, OPT_INQ, OPT_INQ, SETS, KIND_UNIX_STREAM },
	{ SOL_IP, 1, 2, BOTH, KIND_INET },
	{ SOL_IP, 3, 3, READS, KIND_INET },
	{ SOL_IP, 4, 8, BOTH, KIND_INET },
	{ SOL_IP, 9, 9, READS, KIND_TCP },
	{ SOL_IP, 10, 13, BOTH, KIND_INET },
	{ SOL_IP, 14, 14, READS, KIND_INET },
	{ SOL_IP, 15, 15, BOTH, KIND_INET },
	{ SOL_IP, 16, 17, SETS, KIND_INET },
	{ SOL_IP, 18, 21, BOTH, KIND_INET },
	{ SOL_IP, 22, 22, READS, KIND_INET },
	{ SOL_IP, 23, 26, BOTH, KIND_INET },
	{ SOL_IP, 32, 34, BOTH, KIND_INET },
	{ SOL_IP, 35, 40, SETS, KIND_INET },
	{ SOL_IP, 41, 41, BOTH, KIND_INET },
	{ SOL_IP, 42, 47, SETS, KIND_INET },
	{ SOL_IP, 48, 51, BOTH, KIND_INET },
	{ SOL_IP, 52, 52, READS, KIND_INET },
	{ SOL_IP, MRT_FIRST, MRT_LAST, BOTH, KIND_INET },
	{ SOL_TCP, 1, 10, BOTH, KIND_TCP },
	{ SOL_TCP, 11, 11, READS, KIND_TCP },
	{ SOL_TCP, 12, 13, BOTH, KIND_TCP },
	{ SOL_TCP, 14, 14, SETS, KIND_TCP },
	{ SOL_TCP, 16, 21, BOTH, KIND_TCP },
	{ SOL_TCP, 22, 22, SETS, KIND_TCP },
	{ SOL_TCP, 23, 25, BOTH, KIND_TCP },
	{ SOL_TCP, 26, 26, READS, KIND_TCP },
	{ SOL_TCP, 27, 27, BOTH, KIND_TCP },
	{ SOL_TCP, 28, 28, READS, KIND_TCP },
	{ SOL_TCP, 29, 31, BOTH, KIND_TCP },
	{ SOL_TCP, 32, 32, SETS, KIND_TCP },
	{ SOL_TCP, 33, 34, BOTH, KIND_TCP },
	{ SOL_TCP, 35, 35, READS, KIND_TCP },
	{ SOL_TCP, 36, 37, BOTH, KIND_TCP },
	{ SOL_TCP, 43, 43, READS, KIND_TCP },
	{ SOL_TCP, 44, 46, BOTH, KIND_TCP },
	{ IPPROTO_UDP, 1, 1, BOTH, KIND_UDP },
	{ IPPROTO_UDP, 10, 11, READS, KIND_UDP },
	{ IPPROTO_UDP, 100, 104, BOTH, KIND_UDP },
	{ OPT_UDPLITE, 1, 1, BOTH, KIND_UDP },
	{ OPT_UDPLITE, 10, 11, READS, KIND_UDP },
	{ OPT_UDPLITE, 100, 104, BOTH, KIND_UDP },
};

/* Known ones that these kinds refuse. */
static const struct range refused[] = {
	{ SOL_SOCKET, SO_PASSCRED, SO_PASSCRED, BOTH, KIND_INET },
	{ SOL_SOCKET, OPT_PASSSEC, OPT_PASSSEC, BOTH, KIND_INET },
	{ SOL_SOCKET, OPT_ZEROCOPY, OPT_ZEROCOPY, SETS, KIND_UNIX },
	{ SOL_SOCKET, OPT_RESERVE_MEM, OPT_RESERVE_MEM, SETS, KIND_ANY },
	{ SOL_SOCKET, OPT_TXREHASH, OPT_TXREHASH, BOTH, KIND_UNIX | KIND_UDP },
	{ SOL_SOCKET, OPT_PASSPIDFD, OPT_PASSPIDFD, BOTH, KIND_INET },
	{ SOL_SOCKET, OPT_PASSRIGHTS, OPT_PASSRIGHTS, BOTH, KIND_INET },
	{ SOL_IP, 16, 16, SETS, KIND_INET },
	{ SOL_IP, MRT_FIRST, MRT_LAST, BOTH, KIND_INET },
};

static bool is_among(const struct range *r, size_t n, const struct sock *sk, int64_t level,
		     int64_t name, bool set)
{
	for (size_t i = 0; i < n; i++) {
		if (r[i].level == level && r[i].first <= name && name <= r[i].last &&
		    (r[i].how & (set ? SETS : READS)) && (r[i].kinds & kind_of(sk)))
			return true;
	}
	return false;
}

#define AMONG(ranges, ...) is_among(ranges, sizeof(ranges) / sizeof((ranges)[0]), __VA_ARGS__)

bool option_is_known(const struct sock *sk, int64_t level, int64_t name, bool set)
{
	const struct kernel *kernel = sk->machine->kernel;

	if (sk->ops->family == AF_UNIX && level == 0 && name >= 1 && name <= kernel->local_options)
		return true;
	return (!kernel->has_option || kernel->has_option(sk->ops->family, level, name)) &&
	       AMONG(known, sk, level, name, set);
}

bool option_is_refused(const struct sock *sk, int64_t level, int64_t name, bool set)
{
	return option_is_known(sk, level, name, set) && AMONG(refused, sk, level, name, set);
}

/*
 * The search for sockets that want one port, compared with a walk over all sockets, while random calls
 * bind, listen, connect, close, and change options and owners. FDLAB_SEED chooses other calls.
 */
#include "socket/inet_conflict.h"
#include "support/play.h"
#include "support/random.h"
#include "vfs/inode.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define STEPS 30000
#define FDS   16 /* from 3 on, as the limit of the machine below */

static unsigned answers[2]; /* no conflict, a conflict */

static bool may_share(const struct sock *sk, const struct sock *other)
{
	if (sk->reuseaddr && other->reuseaddr && other->inet.tcp_state != TCP_LISTEN)
		return true;
	return sk->reuseport && other->reuseport && sk->inode && other->inode &&
	       sk->inode->uid == other->inode->uid;
}

static bool walk(const struct sock *sk, uint32_t addr, uint16_t port)
{
	list_for_each(pos, &sk->machine->sockets) {
		const struct sock *other = container_of(pos, struct sock, all);
		const uint32_t bound = other->name.addr;

		if (other != sk && other->ops->family == AF_INET && other->type == sk->type &&
		    other->inet.num == port &&
		    (bound == INADDR_ANY || addr == INADDR_ANY || bound == addr) &&
		    !may_share(sk, other))
			return true;
	}
	return false;
}

static const uint32_t addresses[] = { INADDR_ANY, INADDR_LOOPBACK, INADDR_LOOPBACK + 1 };
static const uint16_t ports[] = { 5000, 5001 };

static void check(const struct fdl_machine *m)
{
	list_for_each(pos, &m->sockets) {
		const struct sock *sk = container_of(pos, struct sock, all);

		for (size_t i = 0; i < 6 && sk->inode; i++) {
			const uint32_t addr = addresses[i % 3];
			const uint16_t port = ports[i / 3];
			const bool in_use = walk(sk, addr, port);

			assert_int_equal(inet_port_in_use(sk, addr, port), in_use);
			answers[in_use]++;
		}
	}
}

#define AT(host) "{sa_family=AF_INET, sin_port=htons(500$2), sin_addr=inet_addr(\"" host "\")}, 16"

static void random_line(char *line, size_t size)
{
	/* $1 and $3 are descriptors, $2 is 0 or 1. Several calls make a connection. */
	static const char *const calls[] = {
		"socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)",
		"socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)",
		"socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK, 0)",
		"setsockopt($1, SOL_SOCKET, SO_REUSEADDR, [$2], 4)",
		"setsockopt($1, SOL_SOCKET, SO_REUSEADDR, [1], 4)",
		"setsockopt($1, SOL_SOCKET, SO_REUSEPORT, [$2], 4)",
		"setsockopt($1, SOL_SOCKET, SO_REUSEPORT, [1], 4)",
		"bind($1, " AT("127.0.0.1") ")",
		"bind($1, " AT("127.0.0.2") ")",
		"bind($1, " AT("0.0.0.0") ")",
		"connect($1, " AT("127.0.0.1") ")",
		"connect($1, " AT("127.0.0.2") ")",
		"connect($1, {sa_family=AF_UNSPEC}, 16)",
		"listen($1, $2)",
		"accept4($1, NULL, NULL, SOCK_NONBLOCK)",
		"shutdown($1, SHUT_RD)",
		"shutdown($1, SHUT_RDWR)",
		"fchown($1, $2, -1)",
		"close($1)",
		"setsockopt($1, SOL_SOCKET, SO_REUSEPORT, [1], 4)\n"
		"bind($1, " AT(
			"127.0.0.1") ")\n"
				     "listen($1, 1)\n"
				     "connect($3, " AT(
					     "127.0.0.1") ")\n"
							  "accept4($1, NULL, NULL, SOCK_NONBLOCK)\n"
							  "close($1)",
	};
	const int numbers[] = { 3 + (int)pick(FDS), (int)pick(2), 3 + (int)pick(FDS) };

	fill_in(line, size, PICK(calls), numbers);
}

static void the_search_finds_what_a_walk_finds(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset nofile=19");
	random_state = setting("FDLAB_SEED", 1);
	for (unsigned i = 0; i < STEPS; i++) {
		char line[500];

		random_line(line, sizeof(line));
		lab_submit(lab, line);
		check(lab->m);
	}
	/* Each answer is given often. */
	assert_true(answers[false] > STEPS);
	assert_true(answers[true] > STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(the_search_finds_what_a_walk_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Sockets of AF_INET: tasks that wait for each other, files in the tree, the shell's form of their
 * calls, and the end of a connection. tests/oracle/inet.c compares single calls with the running
 * kernel.
 */
#include "support/play.h"
#include "vfs/vfs.h"

/*
 * A listener of task 1 at 3, with a queue of one, and a task 2 that has a socket of its own at 4.
 */
#define LISTENER                                                                                   \
	"1 socket AF_INET = 3", "1 bind 3 127.0.0.1:5000 = 0", "1 listen 3 0 = 0", "1 fork() = 2", \
		"2 close(3) = 0", "2 socket AF_INET = 3", "2 socket AF_INET = 4"

#define CONNECTION                                                                                 \
	"socket AF_INET = 3", "bind 3 127.0.0.1:5000 = 0", "listen 3 = 0", "socket AF_INET = 4",   \
		"connect 4 127.0.0.1:5000 = 0", "accept 3 = 5", "close(3) = 0"

static void accept_waits_for_a_connection(void **state)
{
	PLAY(*state, LISTENER, "1 accept(3, ..., [16])", "expect 1/wchan = inet_csk_accept",
	     "2 connect 4 127.0.0.1:5000 = 0",
	     "1 <... accept resumed>{sa_family=AF_INET, sin_port=htons(32768), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, [16]) = 4");
}

static void connect_waits_for_room_in_the_queue(void **state)
{
	PLAY(*state, LISTENER, "2 connect 3 127.0.0.1:5000 = 0",
	     "2 connect(4, {sa_family=AF_INET, sin_port=htons(5000), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, 16)",
	     "expect 2/wchan = wait_woken", "expect net/tcp ~ 0100007F:8001 0100007F:1388 02",
	     "1 accept 3 = 4",
	     "2 <... connect resumed>{sa_family=AF_INET, sin_port=htons(5000), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0",
	     "1 accept 3 = 5");
}

static void closing_the_listener_refuses_waiting_connections(void **state)
{
	PLAY(*state, LISTENER, "2 connect 3 127.0.0.1:5000 = 0",
	     "2 connect(4, {sa_family=AF_INET, sin_port=htons(5000), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, 16)",
	     "1 close(3) = 0",
	     "2 <... connect resumed>{sa_family=AF_INET, sin_port=htons(5000), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, 16) = -1 ECONNREFUSED",
	     "2 read(3, ..., 1) = -1 ECONNRESET", "expect no 2/wchan ~ wait");
}

static void one_that_does_not_wait_is_told_later(void **state)
{
	PLAY(*state, LISTENER, "2 socket AF_INET SOCK_STREAM|SOCK_NONBLOCK = 5",
	     "2 connect 5 127.0.0.1:5000 = -1 EINPROGRESS",
	     "2 poll([{fd=5, events=POLLOUT}], 1, 0) = 1 ([{fd=5, revents=POLLOUT}])",
	     "2 connect 5 127.0.0.1:5000 = 0", "2 connect 5 127.0.0.1:5000 = -1 EISCONN");
}

static void a_writer_waits_for_room(void **state)
{
	PLAY(*state, CONNECTION, "setsockopt(4, SOL_SOCKET, SO_SNDBUF, [1], 4) = 0", "fork() = 2",
	     "2 write(4, \"x\", 100000)", "expect 2/wchan = wait_woken", "1 read 5 100000",
	     "2 <... write resumed>\"x\", 100000) = 100000");
}

static void a_signal_ends_the_wait(void **state)
{
	PLAY(*state, CONNECTION, "fork() = 2", "2 read(5, ..., 1)", "expect 2/wchan = wait_woken",
	     "1 kill(2, SIGKILL) = 0", "expect 2/stat ~ ^2 .* Z ", "1 close(5) = 0",
	     "1 read 4 = 0");
}

static void epoll_is_told_of_connections_and_ends(void **state)
{
	PLAY(*state, LISTENER, "1 epoll_create1(0) = 4",
	     "1 epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN|EPOLLET, data={u64=3}}) = 0",
	     "1 epoll_wait(4, ..., 9, 0) = 0", "2 connect 4 127.0.0.1:5000 = 0",
	     "1 epoll_wait(4, [{events=EPOLLIN, data={u64=3}}], 9, 0) = 1", "1 accept 3 = 5",
	     "1 epoll_ctl(4, EPOLL_CTL_ADD, 5, {events=EPOLLIN|EPOLLRDHUP, data={u64=5}}) = 0",
	     "1 epoll_wait(4, ..., 9, 0) = 0", "2 close(4) = 0",
	     "1 epoll_wait(4, [{events=EPOLLIN|EPOLLRDHUP, data={u64=5}}], 9, 0) = 1");
}

static void ports_below_1024_are_the_superusers(void **state)
{
	PLAY(*state, "reset uid=1000", "socket AF_INET = 3", "bind 3 127.0.0.1:1023 = -1 EACCES",
	     "bind 3 127.0.0.1:1024 = 0");
}

static void a_task_dies_of_a_broken_pipe(void **state)
{
	PLAY(*state, CONNECTION, "fork() = 2", "2 shutdown(4, SHUT_WR) = 0", "2 write 4 x = ?",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGPIPE}], 0) = 2");
}

static void net_tcp_and_net_udp_list_them_as_procfs_does(void **state)
{
	PLAY(*state, LISTENER, "2 connect 4 127.0.0.1:5000 = 0", "2 write 4 early = 5",
	     "expect net/tcp ~ ^   0: 0100007F:1388 00000000:0000 0A 00000000:00000001 "
	     "00:00000000 00000000     0        0 [1-9][0-9]* 1 0{16} 100 0 0 10 0 +$",
	     "expect net/tcp ~ ^   1: 0100007F:8000 0100007F:1388 01 00000000:00000000 "
	     "00:00000000 00000000     0        0 [1-9][0-9]* 1 0{16} 20 0 0 10 -1 +$",
	     "expect net/tcp ~ ^   2: 0100007F:1388 0100007F:8000 01 00000000:00000005 "
	     "00:00000000 00000000     0        0 0 1 0{16} 20 0 0 10 -1 +$",
	     "1 accept 3 = 4", "2 close(4) = 0",
	     "expect net/tcp ~ ^   1: 0100007F:8000 0100007F:1388 05 .* 0 1 0{16}",
	     "expect net/tcp ~ ^   2: 0100007F:1388 0100007F:8000 08 .* [1-9][0-9]* 1 0{16}",
	     "1 socket AF_INET SOCK_DGRAM = 5", "1 bind 5 0.0.0.0:5353 = 0",
	     "expect net/udp ~ ^ 5353: 00000000:14E9 00000000:0000 07 00000000:00000000 "
	     "00:00000000 00000000     0        0 [1-9][0-9]* 2 0{16} 0 +$");
}

static void nothing_is_left_of_them(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem = lab->m->kmem;
	size_t bytes = lab->m->vfs->bytes.used;

	PLAY(lab, CONNECTION, "write 4 unread = 6", "close(4) = 0", "close(5) = 0", CONNECTION,
	     "write 5 unread = 6", "close(4) = 0", "close(5) = 0", "socket AF_INET = 3",
	     "bind 3 127.0.0.1:5000 = 0", "listen 3 = 0", "socket AF_INET = 4",
	     "connect 4 127.0.0.1:5000 = 0", "write 4 early = 5", "close(3) = 0", "close(4) = 0",
	     "socket AF_INET SOCK_DGRAM = 3", "connect 3 127.0.0.1:32768 = 0", "write 3 me = 2",
	     "close(3) = 0", "expect no net/tcp ~ 1388");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
}

static void allocations_may_fail(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "echo 1 > 1/fail-nth", "socket AF_INET = -1 ENOMEM", CONNECTION,
	     "echo 1 > 1/fail-nth", "write 4 x = -1 ENOBUFS", "write 4 x = 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(accept_waits_for_a_connection),
		LAB_TEST(connect_waits_for_room_in_the_queue),
		LAB_TEST(closing_the_listener_refuses_waiting_connections),
		LAB_TEST(one_that_does_not_wait_is_told_later),
		LAB_TEST(a_writer_waits_for_room),
		LAB_TEST(a_signal_ends_the_wait),
		LAB_TEST(epoll_is_told_of_connections_and_ends),
		LAB_TEST(ports_below_1024_are_the_superusers),
		LAB_TEST(a_task_dies_of_a_broken_pipe),
		LAB_TEST(net_tcp_and_net_udp_list_them_as_procfs_does),
		LAB_TEST(nothing_is_left_of_them),
		LAB_TEST(allocations_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

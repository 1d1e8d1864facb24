/*
 * Sockets of AF_UNIX: tasks that wait for each other, files in the tree, the form of their calls,
 * and the end of a connection. tests/oracle/unix and tests/oracle/scm compare single calls with the
 * running kernel.
 */
#include "support/play.h"
#include "vfs/vfs.h"

/* A listener of task 1 at 3, and a task 2 that has a socket of its own at 4. */
#define LISTENER                                                                                   \
	"1 socket(AF_UNIX, SOCK_STREAM, 0) = 3",                                                   \
		"1 bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",                    \
		"1 listen(3, 0) = 0", "1 fork() = 2", "2 socket(AF_UNIX, SOCK_STREAM, 0) = 4"

static void a_reader_waits_for_what_is_sent(void **state)
{
	PLAY(*state, "1 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "1 fork() = 2",
	     "2 read(4, ..., 10)", "expect 2/wchan = unix_stream_data_wait",
	     "1 write(3, \"hi\", 2) = 2", "2 <... read resumed>\"hi\", 10) = 2",
	     "2 recvfrom(4, ..., 10, 0, NULL, NULL)", "1 close(3) = 0",
	     "expect 2/wchan = unix_stream_data_wait", "2 close(3) = -1 EALREADY");
}

static void the_end_of_the_last_copy_is_the_end_of_the_stream(void **state)
{
	PLAY(*state, "1 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "1 fork() = 2",
	     "2 close(3) = 0", "2 read(4, ..., 10)", "1 close(3) = 0",
	     "2 <... read resumed>\"\", 10) = 0");
}

static void accept_waits_with_a_reserved_descriptor(void **state)
{
	PLAY(*state, LISTENER, "1 accept(3, ..., [110])",
	     "expect 1/wchan = __skb_wait_for_more_packets", "expect 1/files/open_fds_list = 0-4",
	     "expect no 1/fd/4", "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",
	     "1 <... accept resumed>{sa_family=AF_UNIX}, [110 => 2]) = 4",
	     "1 write(4, \"x\", 1) = 1", "2 read(4, \"x\", 9) = 1");
}

/* Each number is reserved, filled, and given back by itself. */
static void descriptors_come_in_steps(void **state)
{
	PLAY(*state, LISTENER, "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0");
	lab_points(*state, "1 accept(3)", "get_unused_fd_flags do_accept fd_install");
	PLAY(*state, "1 fcntl(3, F_SETFL, O_NONBLOCK) = 0");
	lab_points(*state, "1 accept(3)", "get_unused_fd_flags do_accept put_unused_fd");
	lab_points(*state, "1 socket(AF_UNIX, SOCK_STREAM, 0)", "fd_install");
	lab_points(*state, "1 socketpair(AF_UNIX, SOCK_STREAM, 0)",
		   "get_unused_fd_flags fd_install fd_install");
	lab_points(*state, "1 socketpair(AF_INET, SOCK_STREAM, 0)",
		   "get_unused_fd_flags put_unused_fd put_unused_fd");
	lab_points(*state, "1 eventfd2(0, 0)", "fd_install");
	lab_points(*state, "1 memfd_create(\"m\", 0)", "fd_install");
	PLAY(*state, "1 pidfd_open(1, 0) = 10");
	lab_points(*state, "1 pidfd_getfd(10, 0, 0)", "get_unused_fd_flags fd_install");
}

static void connect_waits_for_room_in_the_queue(void **state)
{
	PLAY(*state, LISTENER, "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",
	     "2 socket(AF_UNIX, SOCK_STREAM, 0) = 5", "2 connect 5 /tmp/s",
	     "expect 2/wchan = unix_wait_for_peer", "1 accept(3, NULL, NULL) = 4",
	     "2 <... connect resumed>) = 0", "1 accept 3 = 5");
}

static void closing_the_listener_refuses_waiting_connections(void **state)
{
	PLAY(*state, LISTENER, "2 close(3) = 0",
	     "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",
	     "2 socket(AF_UNIX, SOCK_STREAM, 0) = 3", "2 connect 3 /tmp/s", "1 close(3) = 0",
	     "2 <... connect resumed>) = -1 ECONNREFUSED (Connection refused)",
	     "2 read(4, ..., 1) = -1 ECONNRESET (Connection reset by peer)");
}

static void a_writer_waits_until_three_quarters_are_free(void **state)
{
	PLAY(*state, "1 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "1 fork() = 2",
	     "2 write(3, \"x\", 1000000)", "expect 2/wchan = sock_alloc_send_pskb",
	     "1 read(4, ..., 36544) = 36544", "1 read(4, ..., 36544) = 36544",
	     "expect 2/wchan = sock_alloc_send_pskb", "1 kill(2, SIGKILL) = 0",
	     "1 read(4, ..., 200000) = 146176");
}

static void a_datagram_waits_for_room(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "1 socket(AF_UNIX, SOCK_DGRAM, 0) = 3", "1 bind 3 @d = 0", "1 fork() = 2",
	     "2 socket(AF_UNIX, SOCK_DGRAM, 0) = 4", "2 connect 4 @d = 0");
	for (int i = 0; i < 11; i++)
		PLAY(lab, "2 send 4 x = 1");
	PLAY(lab, "2 send 4 y", "expect 2/wchan = unix_wait_for_peer", "1 recv 3 = 1",
	     "2 <... sendto resumed>) = 1",
	     "2 sendto(4, \"z\", 1, MSG_DONTWAIT, NULL, 0) = -1 EAGAIN (Resource temporarily "
	     "unavailable)");
}

static void a_signal_ends_the_wait(void **state)
{
	PLAY(*state, LISTENER, "1 accept(3, NULL, NULL)",
	     "1 <... accept resumed>NULL, NULL) = -1 EINTR (Interrupted system call)",
	     "expect 1/files/open_fds_list = 0-3",
	     "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",
	     "2 recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=10}], msg_iovlen=1}, 0)",
	     "2 <... recvmsg resumed>...) = -1 EINTR (Interrupted system call)");
}

static void addresses_can_be_typed_in_a_short_form(void **state)
{
	PLAY(*state, "socket = 3", "bind 3 /tmp/s = 0", "listen 3 = 0", "socket = 4",
	     "connect 4 /tmp/s = 0", "accept 3 = 5", "send 4 hello = 5", "recv 5 = 5",
	     "sendmsg 4 [0,1] = 1", "recvmsg 5 = 1", "expect 1/fd/6 = /dev/console",
	     "sendmsg 4 hello = 5", "recvmsg 5 MSG_PEEK = 5", "shutdown 4 = 0",
	     "socketpair AF_UNIX SOCK_DGRAM = 0", "getsockname 3 = 0",
	     "expect log ~ ^1 getsockname\\(3, \\{sa_family=AF_UNIX, sun_path=\"/tmp/s\"\\}, "
	     "\\[128 => 9\\]\\) = 0$");
}

static void messages_are_printed_as_strace_prints_them(void **state)
{
	PLAY(*state, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "sendmsg 3 [0] = 1",
	     "expect log ~ ^1 sendmsg\\(3, \\{msg_name=NULL, msg_namelen=0, "
	     "msg_iov=\\[\\{iov_base=\"\\\\0\", iov_len=1\\}\\], msg_iovlen=1, "
	     "msg_control=\\[\\{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
	     "cmsg_data=\\[0\\]\\}\\], msg_controllen=24, msg_flags=0\\}, 0\\) = 1$",
	     "recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"\\0\", iov_len=10}], "
	     "msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, "
	     "cmsg_type=SCM_RIGHTS, cmsg_data=[5]}], msg_controllen=24, msg_flags=0}, 0) = 1");
}

static void received_messages_and_lengths_are_compared_with_the_line(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "sendmsg 3 [0] = 1");
	lab_submit(lab, "recvmsg(4, {msg_iov=[{iov_base=\"\\0\", iov_len=1}], msg_iovlen=1, "
			"msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
			"cmsg_data=[6]}], msg_controllen=24}, 0) = 1");
	assert_non_null(strstr(lab->replies, "# expected"));
	lab_submit(lab, "getsockname(3, {sa_family=AF_UNIX}, [110 => 3]) = 0");
	assert_non_null(strstr(lab->replies, "# expected [110 => 3]"));
	PLAY(lab, "getsockname(3, {sa_family=AF_UNIX}, [110 => 2]) = 0");
}

static void addresses_of_other_families_are_read(void **state)
{
	PLAY(*state, "socket = 3",
	     "connect(3, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), "
	     "inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=0}, 28) = -1 EINVAL",
	     "connect(3, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = -1 EINVAL",
	     "connect(3, {nl_pid=0, sa_family=AF_NETLINK}, 12) = -1 EINVAL",
	     "bind(3, {sa_family=AF_UNIX, sun_path=@\"a\\0b\"}, 6) = 0",
	     "getsockname(3, {sa_family=AF_UNIX, sun_path=@\"a\\0b\"}, [110 => 6]) = 0");
}

/* The family is the field of that name: a port that comes first is none. */
static void the_family_of_an_address_may_come_last(void **state)
{
	PLAY(*state, "socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3",
	     "bind(3, {sin_port=16, sin_addr=inet_addr(\"127.0.0.1\"), sa_family=AF_INET}, 16) = 0",
	     "getsockname(3, {sa_family=AF_INET, sin_port=htons(16), "
	     "sin_addr=inet_addr(\"127.0.0.1\")}, [16]) = 0");
}

static void a_message_in_transit_holds_its_file(void **state)
{
	PLAY(*state, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0",
	     "open(\"/etc/passwd\", O_RDONLY) = 5", "sendmsg 3 [5] = 1", "close(5) = 0",
	     "expect open_files ~ /etc/passwd\tin transit to socket:\\[[0-9]+\\]\t$",
	     "expect state.json ~ ^\\{\"file\": [0-9]+, \"inode\": [0-9]+\\}$",
	     "expect dot ~ object[0-9]+ -> file[0-9]+ \\[style=dashed, label=\"in a message\", "
	     "constraint=false\\];",
	     "recvmsg 4 = 1", "expect 1/fd/5 = /etc/passwd",
	     "expect open_files ~ /etc/passwd\t1:5\t$");
}

static void an_unread_queue_is_closed_with_its_socket(void **state)
{
	struct lab *lab = *state;
	uint64_t files = lab->m->nr_files;
	size_t bytes = lab->m->vfs->bytes.used;

	PLAY(lab, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0",
	     "open(\"/etc/passwd\", O_RDONLY) = 5", "sendmsg 3 [5,5] = 1", "sendmsg 4 [5] = 1",
	     "close(5) = 0", "close(4) = 0", "expect open_files ~ in transit", "close(3) = 0");
	assert_int_equal(lab->m->nr_files, files);
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
}

static void a_descriptor_waits_with_a_connection_that_is_not_accepted(void **state)
{
	PLAY(*state, LISTENER, "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",
	     "2 open(\"/etc/passwd\", O_RDONLY) = 5", "2 sendmsg 4 [5] = 1", "2 close(5) = 0",
	     "2 close(3) = 0", "expect open_files ~ /etc/passwd\tin transit\t$", "1 close(3) = 0",
	     "2 read(4, ..., 1) = -1 ECONNRESET");
}

static void cycles_are_gone_when_a_socket_is_closed(void **state)
{
	struct lab *lab = *state;
	uint64_t files = lab->m->nr_files;
	size_t bytes = lab->m->vfs->bytes.used;

	PLAY(lab, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "sendmsg 3 [4,3] = 1",
	     "sendmsg 4 [3] = 1", "close(3) = 0", "close(4) = 0", "expect open_files ~ in transit",
	     "socket = 3", "close(3) = 0");
	assert_int_equal(lab->m->nr_files, files);
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
}

/* A message that can still be received stays, whatever refers to it. */
static void a_socket_that_can_be_reached_is_not_collected(void **state)
{
	PLAY(*state, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0",
	     "socketpair(AF_UNIX, SOCK_STREAM, 0, [5, 6]) = 0", "sendmsg 5 [3,5] = 1",
	     "sendmsg 3 [6] = 1", "close(3) = 0", "close(5) = 0", "close(6) = 0", "socket = 3",
	     "close(3) = 0", "recvmsg 4 = 1", "recvmsg 3 = 1",
	     "expect 1/files/open_fds_list = 0-6");
}

static void socketpair_installs_both_or_none(void **state)
{
	PLAY(*state, "reset nofile=4", "socketpair(AF_UNIX, SOCK_STREAM, 0, ...) = -1 EMFILE",
	     "expect 1/files/open_fds_list = 0-2", "reset nofile=5",
	     "socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0, [3, 4]) = 0",
	     "expect 1/files/close_on_exec_list = 3-4", "read(3, ..., 1) = -1 EAGAIN");
}

static void socketpair_stops_before_it_installs(void **state)
{
	PLAY(*state, "socketpair(AF_UNIX, SOCK_STREAM, 0, ... <unfinished at fd_install ...>",
	     "expect 1/files/open_fds_list = 0-4", "expect no 1/fd/3", "finish",
	     "expect 1/files/open_fds_list = 0-4");
}

static void net_unix_lists_them_as_procfs_does(void **state)
{
	PLAY(*state, LISTENER, "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",
	     "expect net/unix ~ ^Num       RefCount Protocol Flags    Type St Inode Path$",
	     "expect net/unix ~ ^0{16}: [0-9A-F]{8} 0{8} 00010000 0001 01 +[1-9][0-9]* /tmp/s$",
	     "expect net/unix ~ ^0{16}: [0-9A-F]{8} 0{8} 00000000 0001 03 +[1-9][0-9]*$",
	     "expect net/unix ~ ^0{16}: [0-9A-F]{8} 0{8} 00000000 0001 02     0 /tmp/s$",
	     "1 socket(AF_UNIX, SOCK_DGRAM, 0) = 4",
	     "1 bind(4, {sa_family=AF_UNIX, sun_path=@\"a\\0b\"}, 6) = 0",
	     "expect net/unix ~ ^0{16}: [0-9A-F]{8} 0{8} 00000000 0002 01 +[1-9][0-9]* @a@b$");
}

/* A chain of any length needs no more stack. */
static void a_long_chain_of_sockets_goes_one_by_one(void **state)
{
	struct lab *lab = *state;
	uint64_t files = lab->m->nr_files;

	PLAY(lab, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0");
	for (int i = 0; i < 3000; i++)
		PLAY(lab, "socketpair(AF_UNIX, SOCK_STREAM, 0, [5, 6]) = 0", "sendmsg 5 [4] = 1",
		     "close(4) = 0", "dup2(6, 4) = 4", "close(5) = 0", "close(6) = 0");
	PLAY(lab, "close(4) = 0", "close(3) = 0");
	assert_int_equal(lab->m->nr_files, files);
}

static void only_so_many_are_in_transit_for_a_user(void **state)
{
	PLAY(*state, "reset uid=1000 nofile=8", "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0",
	     "sendmsg 3 [0,0,0,0] = 1", "sendmsg 3 [0,0,0,0,0] = 1",
	     "sendmsg 3 [0] = -1 ETOOMANYREFS (Too many references: cannot splice)",
	     "recvmsg 4 = 1", "sendmsg 3 [0] = 1");
}

static void a_receiver_without_descriptors_is_told(void **state)
{
	PLAY(*state, "reset nofile=6", "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0",
	     "sendmsg 3 [0,1,2] = 1",
	     "recvmsg(4, {msg_iov=[{iov_base=\"\\0\", iov_len=1}], msg_iovlen=1, "
	     "msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, "
	     "cmsg_data=[5]}], msg_controllen=64, msg_flags=MSG_CTRUNC}, 0) = 1");
}

static void allocations_may_fail(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem = lab->m->kmem;
	size_t bytes = lab->m->vfs->bytes.used;

	PLAY(lab, "echo 1 > 1/fail-nth", "socket = -1 ENOMEM", "echo 2 > 1/fail-nth",
	     "socketpair(AF_UNIX, SOCK_STREAM, 0, ...) = -1 ENOMEM", "echo 3 > 1/fail-nth",
	     "socketpair(AF_UNIX, SOCK_STREAM, 0, ...) = -1 ENOMEM", "echo 4 > 1/fail-nth",
	     "socketpair(AF_UNIX, SOCK_STREAM, 0, ...) = -1 ENOMEM",
	     "expect 1/files/open_fds_list = 0-2");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
	PLAY(lab, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "echo 1 > 1/fail-nth",
	     "write(3, \"x\", 1) = -1 ENOBUFS", "write(3, \"x\", 1) = 1");
}

static void a_name_is_there_before_it_leads_to_the_socket(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "socket(AF_UNIX, SOCK_DGRAM, 0) = 3", "socket(AF_UNIX, SOCK_DGRAM, 0) = 4",
	     "clone(flags=CLONE_FILES|SIGCHLD) = 2",
	     "1 bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110 <unfinished at "
	     "unix_insert_bsd_socket ...>",
	     "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = -1 ECONNREFUSED",
	     "1 finish", "2 connect(4, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0");
}

static void a_bind_that_another_overtook_takes_its_name_away(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "socket(AF_UNIX, SOCK_DGRAM, 0) = 3", "clone(flags=CLONE_FILES|SIGCHLD) = 2",
	     "1 bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110 <unfinished at "
	     "unix_insert_bsd_socket ...>",
	     "2 bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/t\"}, 110) = 0",
	     "1 <... bind resumed>) = -1 EINVAL", "expect no rootfs/tmp/s");
}

/*
 * A list that is not written receives no more than a line has room for. A byte takes four
 * characters; what MSG_TRUNC counts beyond the buffer takes none.
 */
static void a_list_that_is_not_written_fits_into_a_line(void **state)
{
	struct lab *lab = *state;
	char send[64 + 4 * 6000] = "sendto(3, \"";
	size_t len = strlen(send);

	for (int i = 0; i < 6000; i++)
		len += (size_t)sprintf(send + len, "\\377");
	strcpy(send + len, "\", 6000, 0, NULL, 0) = 6000");
	PLAY(lab, "socketpair(AF_UNIX, SOCK_DGRAM, 0, [3, 4]) = 0");
	for (int i = 0; i < 6; i++)
		PLAY(lab, send);
	PLAY(lab, "recvmmsg(4, 0x1000, 6, MSG_TRUNC|MSG_DONTWAIT, NULL) = 3",
	     "recvmmsg(4, 0x1000, 6, MSG_TRUNC|MSG_DONTWAIT, NULL) = 3");
	len = strcspn(lab->replies, "\n");
	assert_in_range(len, FDL_LINE_MAX / 2, FDL_LINE_MAX);
}

static void file_max_stops_sockets(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset file_max=2", "socketpair(AF_UNIX, SOCK_STREAM, 0, ...) = -1 ENFILE",
	     "expect 1/files/open_fds_list = 0-2", "socket = 3", "socket = -1 ENFILE",
	     "bind 3 /tmp/s = 0", "listen 3 = 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_reader_waits_for_what_is_sent),
		LAB_TEST(the_end_of_the_last_copy_is_the_end_of_the_stream),
		LAB_TEST(accept_waits_with_a_reserved_descriptor),
		LAB_TEST(descriptors_come_in_steps),
		LAB_TEST(connect_waits_for_room_in_the_queue),
		LAB_TEST(closing_the_listener_refuses_waiting_connections),
		LAB_TEST(a_writer_waits_until_three_quarters_are_free),
		LAB_TEST(a_datagram_waits_for_room),
		LAB_TEST(a_signal_ends_the_wait),
		LAB_TEST(addresses_can_be_typed_in_a_short_form),
		LAB_TEST(messages_are_printed_as_strace_prints_them),
		LAB_TEST(received_messages_and_lengths_are_compared_with_the_line),
		LAB_TEST(addresses_of_other_families_are_read),
		LAB_TEST(the_family_of_an_address_may_come_last),
		LAB_TEST(a_message_in_transit_holds_its_file),
		LAB_TEST(an_unread_queue_is_closed_with_its_socket),
		LAB_TEST(a_descriptor_waits_with_a_connection_that_is_not_accepted),
		LAB_TEST(cycles_are_gone_when_a_socket_is_closed),
		LAB_TEST(a_socket_that_can_be_reached_is_not_collected),
		LAB_TEST(socketpair_installs_both_or_none),
		LAB_TEST(socketpair_stops_before_it_installs),
		LAB_TEST(net_unix_lists_them_as_procfs_does),
		LAB_TEST(a_long_chain_of_sockets_goes_one_by_one),
		LAB_TEST(only_so_many_are_in_transit_for_a_user),
		LAB_TEST(a_receiver_without_descriptors_is_told),
		LAB_TEST(allocations_may_fail),
		LAB_TEST(a_name_is_there_before_it_leads_to_the_socket),
		LAB_TEST(a_bind_that_another_overtook_takes_its_name_away),
		LAB_TEST(a_list_that_is_not_written_fits_into_a_line),
		LAB_TEST(file_max_stops_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

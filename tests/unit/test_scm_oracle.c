/*
 * Descriptors in messages, held against the running kernel: how they are sent, which numbers they
 * get, what happens where there is no room for them, and when what nobody can receive is closed.
 */
#include "oracle.h"

#define PAIR "socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
#define IOV  "msg_iov=[{iov_base=\"x\", iov_len=1}], msg_iovlen=1"
#define RIGHTS(len, fds)                                                                           \
	"{cmsg_len=" len ", cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[" fds "]}"
#define SEND(on, fds)            "sendmsg(" on ", {" IOV ", msg_control=[" RIGHTS("0", fds) "]}, 0)\n"
#define RECEIVE(on, room, flags) "recvmsg(" on ", {" IOV ", msg_controllen=" room "}, " flags ")\n"

static void passing_descriptors_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare(PAIR
		"open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"write(5, \"hello\", 5)\n" SEND(
			"3",
			"5") "close(5)\n"
			     "dup(0)\n" RECEIVE(
				     "4", "64",
				     "0") "lseek(6, 0, SEEK_CUR)\n"
					  "fcntl(6, F_GETFD)\n" SEND(
						  "3",
						  "6, 0, 6") "close(0)\n"
							     "close(5)\n" RECEIVE(
								     "4", "64",
								     "MSG_CMSG_CLOEXEC") "fcntl(0, "
											 "F_GETFD)"
											 "\n"
											 "fcntl(5, "
											 "F_GETFD)"
											 "\n"
											 "fcntl(7, "
											 "F_GETFD)"
											 "\n"
											 "fcntl(7, "
											 "F_GETFL)"
											 "\n"
											 "open("
											 "\"a\", "
											 "O_PATH)"
											 "\n" SEND("4", "8") RECEIVE(
												 "3",
												 "6"
												 "4",
												 "0") "fcntl(9, F_GETFL)\n"
												      "socket(AF_UNIX, SOCK_STREAM, 0)\n" SEND(
													      "10",
													      "0"));
}

static void sending_nonsense_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare(PAIR SEND("3", "99")
			SEND("3", "0, -1") "sendmsg(3, {" IOV ", msg_control=[" RIGHTS(
				"15",
				"0") "], msg_controllen=24}, 0)\n"
				     "sendmsg(3, {" IOV ", msg_control=[" RIGHTS(
					     "25",
					     "0") "], msg_controllen=24}, 0)\n"
						  "sendmsg(3, {" IOV ", msg_control=[" RIGHTS("16", "") "], msg_controllen=16}, 0)\n" RECEIVE(
							  "4", "64",
							  "0") "sendmsg(3, {" IOV
							       ", msg_control=[" RIGHTS("20", "0") "], msg_controllen=15}, 0)\n" RECEIVE(
								       "4", "64",
								       "0") "sendmsg(3, {" IOV ", "
									    "msg_control=[{cmsg_"
									    "len=20, "
									    "cmsg_level=SOL_SOCKET,"
									    " "
									    "cmsg_type=9, "
									    "cmsg_data=[0]}], "
									    "msg_controllen=24}, "
									    "0)\n"
									    "sendmsg(3, {" IOV ", "
									    "msg_control=[{cmsg_"
									    "len=20, "
									    "cmsg_level=SOL_IP, "
									    "cmsg_type=SCM_RIGHTS, "
									    "cmsg_data=[0]}], "
									    "msg_controllen=24}, "
									    "0)\n" RECEIVE("4", "64", "0") "sendmsg(3, {" IOV ", msg_control=[" RIGHTS("20", "0") ", " RIGHTS(
										    "20",
										    "1") "], "
											 "msg_"
											 "controlle"
											 "n=48}, "
											 "0)"
											 "\n" RECEIVE("4", "64", "0") "sendmsg(3, {msg_iov=[], msg_iovlen=0, msg_control=[" RIGHTS(
												 "2"
												 "0",
												 "0") "], "
												      "msg_controllen=24}, 0)\n" RECEIVE(
													      "4",
													      "64",
													      "0") "sendmsg(3, {" IOV
														   "}, 0)\n"
														   "sendmsg(3, NULL, 0)\n"
														   "recvmsg(4, NULL, 0)\n"
														   "sendmsg(3, {msg_iov=NULL, msg_iovlen=1025}, 0)\n"
														   "sendmsg(0, {" IOV
														   "}, 0)\n"
														   "recvmsg(99, {" IOV
														   "}, 0)\n"
														   "recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=1}, {iov_base=\"\", iov_len=5}], "
														   "msg_iovlen=2}, 0)\n");
}

static void room_for_descriptors_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare(PAIR SEND("3", "0, 1, 2") RECEIVE("4", "0", "0") SEND("3", "0, 1, 2") RECEIVE(
		"4", "16", "0") SEND("3", "0, 1, 2") RECEIVE("4", "19", "0") SEND("3", "0, 1, 2")
			RECEIVE("4", "20", "0") SEND("3", "0, 1, 2") RECEIVE("4", "24", "0") SEND(
				"3", "0, 1, 2") RECEIVE("4", "28", "0") SEND("3", "0, 1, 2")
				RECEIVE("4", "32",
					"0") "setrlimit(RLIMIT_NOFILE, {rlim_cur=15, "
					     "rlim_max=1024})\n"
					     "dup(0)\n"
					     "close(14)\n" SEND("3", "0, 1, 2") RECEIVE(
						     "4", "64",
						     "0") SEND("3", "0, 1, 2") RECEIVE("4", "64",
										       "0")
						     SEND("3",
							  "0") "read(4, ..., 10)\n"
							       "close(7)\n" SEND(
								       "3",
								       "0") "recvfrom(4, ..., 10, "
									    "0, NULL, "
									    "NULL)\n" RECEIVE("4",
											      "64",
											      "0"));
}

static void descriptors_end_a_read_of_a_stream(void **state)
{
	(void)state;
	compare(PAIR "write(3, \"ab\", 2)\n" SEND("3", "0") "write(3, \"cd\", 2)\n" SEND(
		"3", "1") "recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=100}], msg_iovlen=1, "
			  "msg_controllen=64}, MSG_PEEK)\n"
			  "recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=100}], msg_iovlen=1, "
			  "msg_controllen=64}, 0)\n"
			  "recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=1}, {iov_base=\"\", "
			  "iov_len=1}], "
			  "msg_iovlen=2, msg_controllen=64}, 0)\n"
			  "read(4, ..., 100)\n"
			  "recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=100}], msg_iovlen=1, "
			  "msg_controllen=64}, 0)\n");
}

static void datagrams_carry_descriptors(void **state)
{
	(void)state;
	compare("socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"
		"bind(3, {sa_family=AF_UNIX, sun_path=\"s\"}, 110)\n"
		"socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"
		"bind(4, {sa_family=AF_UNIX, sun_path=\"c\"}, 110)\n"
		"sendmsg(4, {msg_name={sa_family=AF_UNIX, sun_path=\"s\"}, msg_namelen=110, "
		"msg_iov=[], msg_iovlen=0, msg_control=[" RIGHTS(
			"24", "0, 4") "]}, 0)\n"
				      "sendmsg(4, {msg_name={sa_family=AF_UNIX, sun_path=\"s\"}, "
				      "msg_namelen=110, "
				      "msg_iov=[{iov_base=\"ab\", iov_len=2}, {iov_base=\"cd\", "
				      "iov_len=2}], "
				      "msg_iovlen=2}, 0)\n"
				      "recvmsg(3, {msg_name={sa_family=AF_UNIX}, msg_namelen=110, "
				      "msg_iov=[], "
				      "msg_iovlen=0, msg_controllen=64}, 0)\n"
				      "recvmsg(3, {msg_name={sa_family=AF_UNIX}, msg_namelen=110, "
				      "msg_iov=[{iov_base=\"\", iov_len=3}], msg_iovlen=1, "
				      "msg_controllen=64}, 0)\n"
				      "recvmsg(3, {msg_iov=[{iov_base=\"\", iov_len=3}], "
				      "msg_iovlen=1}, 0)\n"
				      "sendmsg(4, {msg_name={sa_family=AF_UNIX, "
				      "sun_path=\"missing\"}, msg_namelen=110, "
				      "msg_iov=[], msg_iovlen=0, msg_control=[" RIGHTS(
					      "24", "0, 4") "]}, 0)\n");
}

static void a_message_holds_at_most_253_descriptors(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, PAIR);
	for (int n = 253; n <= 254; n++) {
		text_printf(&t,
			    "sendmsg(3, {" IOV ", msg_control=[{cmsg_len=%d, "
			    "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[0",
			    16 + 4 * n);
		for (int i = 1; i < n; i++)
			text_puts(&t, ", 0");
		text_printf(&t, "]}], msg_controllen=%d}, 0)\n", (16 + 4 * n + 7) / 8 * 8);
	}
	text_puts(&t, RECEIVE("4", "2000", "0") "close(258)\nclose(257)\nread(4, ..., 1)\n");
	compare(t.s);
	text_free(&t);
}

/* A pipe's reader sees the end when nobody holds the end to write to, not even a message. */
static void a_message_holds_its_files(void **state)
{
	(void)state;
	compare(PAIR "pipe2(..., O_NONBLOCK)\n" SEND(
		"3", "6") "close(6)\n"
			  "read(5, ..., 1)\n"
			  "close(4)\n"
			  "read(5, ..., 1)\n" PAIR
			  "pipe2(..., O_NONBLOCK)\n" SEND("4", "8") "close(8)\n"
								    "read(7, ..., 1)\n"
								    "read(6, ..., 1)\n"
								    "read(7, ..., 1)\n");
}

/* A socket whose only other reference is in its own queue; two in each other's; a longer chain. */
static void cycles_are_collected(void **state)
{
	(void)state;
	compare(PAIR "pipe2(..., O_NONBLOCK)\n" SEND(
		"3", "4, 6") "close(6)\n"
			     "close(4)\n"
			     "read(5, ..., 1)\n"
			     "close(3)\n"
			     "poll([{fd=5, events=POLLIN}], 1, 1000)\n"
			     "read(5, ..., 1)\n"
			     "close(5)\n" PAIR PAIR "pipe2(..., O_NONBLOCK)\n" SEND("3", "6, 8")
				     SEND("5", "4") "close(8)\n"
						    "close(4)\n"
						    "close(6)\n"
						    "read(7, ..., 1)\n"
						    "close(3)\n"
						    "poll([{fd=7, events=POLLIN}], 1, 1000)\n"
						    "read(7, ..., 1)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passing_descriptors_agrees_with_the_kernel),
		cmocka_unit_test(sending_nonsense_agrees_with_the_kernel),
		cmocka_unit_test(room_for_descriptors_agrees_with_the_kernel),
		cmocka_unit_test(descriptors_end_a_read_of_a_stream),
		cmocka_unit_test(datagrams_carry_descriptors),
		cmocka_unit_test(a_message_holds_at_most_253_descriptors),
		cmocka_unit_test(a_message_holds_its_files),
		cmocka_unit_test(cycles_are_collected),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}

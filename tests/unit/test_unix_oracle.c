/*
 * AF_UNIX, held against the running kernel: names and connections, streams, datagrams and packets,
 * and descriptors in messages, as far as one process can show them without waiting.
 */
#include "oracle.h"

#define UN(name) "{sa_family=AF_UNIX, sun_path=" name "}"

static void making_sockets_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("socket(AF_UNIX, SOCK_STREAM, 0)\n"
		"fcntl(3, F_GETFL)\n"
		"fcntl(3, F_GETFD)\n"
		"fstat(3, {})\n"
		"lseek(3, 0, SEEK_SET)\n"
		"pread64(3, ..., 1, 0)\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"open(\"/proc/self/fd/3\", O_RDWR)\n"
		"socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 1)\n"
		"fcntl(4, F_GETFL)\n"
		"fcntl(4, F_GETFD)\n"
		"socket(AF_UNIX, SOCK_SEQPACKET, 0)\n"
		"socket(AF_UNIX, SOCK_RAW, 0)\n"
		"socket(AF_UNIX, SOCK_RDM, 0)\n"
		"socket(AF_UNIX, SOCK_STREAM, 2)\n"
		"socket(AF_UNIX, SOCK_STREAM|0x10, 0)\n"
		"socket(AF_UNIX, 11, 0)\n"
		"socket(AF_UNIX, 0, 0)\n"
		"socket(AF_UNSPEC, SOCK_STREAM, 0)\n"
		"socket(99, SOCK_STREAM, 0)\n"
		"socket(-1, SOCK_STREAM, 0)\n"
		"socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, ...)\n"
		"fcntl(8, F_GETFD)\n"
		"socketpair(AF_UNIX, SOCK_STREAM, 5, ...)\n"
		"socketpair(AF_UNIX, 7, 0, ...)\n"
		"socketpair(AF_UNIX, SOCK_STREAM|0x20, 0, ...)\n"
		"socketpair(AF_UNSPEC, SOCK_STREAM, 0, ...)\n"
		"dup(7)\n"
		"fcntl(3, F_SETFL, O_NONBLOCK|O_APPEND)\n"
		"fcntl(3, F_GETFL)\n"
		"listen(0, 1)\n"
		"listen(99, 1)\n"
		"bind(0, " UN("\"a\"") ", 110)\n"
				       "connect(0, " UN(
					       "\"a\"") ", 110)\n"
							"accept(0, NULL, NULL)\n"
							"accept(99, NULL, NULL)\n"
							"accept4(3, NULL, NULL, 1)\n"
							"getsockname(0, ..., [110])\n"
							"shutdown(0, SHUT_RD)\n"
							"sendto(0, \"x\", 1, 0, NULL, 0)\n"
							"recvfrom(0, ..., 1, 0, NULL, NULL)\n");
}

static void names_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("socket(AF_UNIX, SOCK_STREAM, 0)\n"
		"getsockname(3, ..., [110])\n"
		"getsockname(3, ..., [1])\n"
		"getsockname(3, ..., [0])\n"
		"getpeername(3, ..., [110])\n"
		"bind(3, " UN(
			"\"a\"") ", 2)\n"
				 "getsockname(3, ..., [2])\n"
				 "socket(AF_UNIX, SOCK_STREAM, 0)\n"
				 "bind(4, " UN(
					 "\"a\"") ", 1)\n"
						  "bind(4, " UN(
							  "\"a\"") ", 0)\n"
								   "bind(4, " UN(
									   "\"a\"") ", 111)\n"
										    "bind(4,"
										    " " UN("\"a\"") ", 129)\n"
												    "bind(4, " UN("\"a\"") ", -1)\n"
															   "bind(4, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr(\"127.0.0.1\")}, "
															   "16)\n"
															   "bind(4, NULL, 110)\n"
															   "bind(4, " UN("\"missing/a\"") ", 110)\n"
																			  "bind(4, " UN("\".\"") ", 110)\n"
																						 "bind(4, " UN("\"a/\"") ", 110)\n"
																									 "bind(4, " UN("\"abc\"") ", 4)\n"
																												  "getsockname(4, ..., [110])\n"
																												  "getsockname(4, ..., [3])\n"
																												  "lstat(\"ab\", {})\n"
																												  "bind(4, " UN("\"b\"") ", 110)\n"
																															 "lstat(\"b\", {})\n"
																															 "bind(4, " UN(
																																 "\"ab\"") ", 110)\n"
																																	   "bind(4, " UN(
																																		   "@\"x\"") ", 4)\n"
																																			     "bind(4, " UN(
																																				     "\"b\"") ", 2)\n"
																																					      "socket(AF_UNIX, SOCK_STREAM, 0)\n"
																																					      "bind(5, " UN(
																																						      "\"ab\"") ", 110)\n"
																																								"bind(5, " UN(
																																									"@\"fdlab-oracle-x\"") ", 17)\n"
																																											       "getsockname(5, ..., [110])\n"
																																											       "socket(AF_UNIX, SOCK_STREAM, 0)\n"
																																											       "bind(6, " UN(
																																												       "@\"fdlab-oracle-x\"") ", 17)\n"
																																															      "bind(6, " UN("@\"fdlab-oracle-x\"") ", 18)\n"
																																																				   "getsockname(6, ..., [110])\n"
																																																				   "socket(AF_UNIX, SOCK_DGRAM, 0)\n"
																																																				   "bind(7, " UN("@\"fdlab-oracle-x\"") ", 17)\n"
																																																									"close(5)\n"
																																																									"socket(AF_UNIX, SOCK_STREAM, 0)\n"
																																																									"bind(5, " UN("@\"fdlab-oracle-x\"") ", 17)\n"
																																																													     "close(4)\n"
																																																													     "lstat(\"ab\", {})\n"
																																																													     "unlink(\"ab\")\n"
																																																													     "socket(AF_UNIX, SOCK_STREAM, 0)\n"
																																																													     "umask(077)\n"
																																																													     "bind(4, " UN("\"ab\"") ", 110)\n"
																																																																     "lstat(\"ab\", {})\n"
																																																																     "open(\"ab\", O_RDWR)\n");
}

static void connections_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
		"listen(3, 0)\n"
		"accept(3, NULL, NULL)\n"
		"bind(3, " UN(
			"\"s\"") ", 110)\n"
				 "socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
				 "connect(4, " UN(
					 "\"s\"") ", 110)\n"
						  "connect(4, " UN(
							  "\"missing\"") ","
									 " "
									 "1"
									 "1"
									 "0"
									 ")"
									 "\n"
									 "c"
									 "o"
									 "n"
									 "n"
									 "e"
									 "c"
									 "t"
									 "("
									 "4"
									 ","
									 " " UN("\"missing/x\"") ","
												 " "
												 "1"
												 "1"
												 "0"
												 ")"
												 "\n"
												 "c"
												 "o"
												 "n"
												 "n"
												 "e"
												 "c"
												 "t"
												 "("
												 "4"
												 ","
												 " " UN("@\"fdlab-oracle-missing\"") ", 23)\n"
																     "connect(4, " UN("\"s\"") ", 2)\n"
																			       "connect(4, {sa_family=AF_UNSPEC}, 16)\n"
																			       "open(\"f\", O_RDWR|O_CREAT, 0600)\n"
																			       "connect(4, " UN("\"f\"") ", 110)\n"
																							 "close(5)\n"
																							 "listen(3, 0)\n"
																							 "accept(3, NULL, NULL)\n"
																							 "socket(AF_UNIX, SOCK_DGRAM, 0)\n"
																							 "connect(5, " UN("\"s\"") ", 110)\n"
																										   "listen(5, 1)\n"
																										   "accept(5, NULL, NULL)\n"
																										   "close(5)\n"
																										   "connect(4, " UN("\"s\"") ", 110)\n"
																													     "connect(4, " UN(
																														     "\"s\"") ", 110)\n"
																															      "socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
																															      "connect(5, " UN("\"s\"") ", 110)\n"
																																			"getpeername(4, ..., [110])\n"
																																			"getsockname(4, ..., [110])\n"
																																			"write(4, \"early\", 5)\n"
																																			"accept4(3, ..., [110], SOCK_NONBLOCK|SOCK_CLOEXEC)\n"
																																			"fcntl(6, F_GETFL)\n"
																																			"fcntl(6, F_GETFD)\n"
																																			"getsockname(6, ..., [110])\n"
																																			"getpeername(6, ..., [110])\n"
																																			"read(6, ..., 100)\n"
																																			"read(6, ..., 100)\n"
																																			"connect(5, " UN(
																																				"\"s\"") ", 110)\n"
																																					 "bind(5, " UN("@\"fdlab-oracle-c\"") ", 17)\n"
																																									      "accept(3, ..., [110])\n"
																																									      "getpeername(7, ..., [10])\n"
																																									      "close(5)\n"
																																									      "read(7, ..., 100)\n"
																																									      "getpeername(7, ..., [110])\n"
																																									      "connect(3, " UN("\"s\"") ", 110)\n"
																																													"listen(4, 1)\n"
																																													"listen(6, 1)\n"
																																													"read(3, ..., 1)\n"
																																													"write(6, \"back\", 4)\n"
																																													"shutdown(6, SHUT_WR)\n"
																																													"read(4, ..., 100)\n"
																																													"read(4, ..., 100)\n"
																																													"write(4, \"on\", 2)\n"
																																													"read(6, ..., 100)\n"
																																													"shutdown(3, SHUT_RD)\n"
																																													"socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
																																													"connect(5, " UN("\"s\"") ", 110)\n"
																																																  "accept(3, NULL, NULL)\n"
																																																  "close(3)\n"
																																																  "connect(5, " UN("\"s\"") ", 110)\n"
																																																			    "write(5, \"x\", 1)\n"
																																																			    "read(5, ..., 1)\n");
}

static void closing_a_listener_resets_who_waits(void **state)
{
	(void)state;
	compare("socket(AF_UNIX, SOCK_STREAM, 0)\n"
		"bind(3, " UN("\"s\"") ", 110)\n"
				       "listen(3, 5)\n"
				       "socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
				       "connect(4, " UN("\"s\"") ", 110)\n"
								 "close(3)\n"
								 "read(4, ..., 1)\n"
								 "read(4, ..., 1)\n"
								 "write(4, \"x\", 1)\n");
}

static void streams_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
		"read(3, ..., 10)\n"
		"write(4, \"\", 0)\n"
		"sendto(4, \"abc\", 3, 0, NULL, 0)\n"
		"write(4, \"def\", 3)\n"
		"ioctl(3, FIONREAD, ...)\n"
		"recvfrom(3, ..., 2, MSG_PEEK, NULL, NULL)\n"
		"recvfrom(3, ..., 100, MSG_PEEK, ..., [110])\n"
		"recvfrom(3, ..., 4, 0, ..., [110])\n"
		"recvfrom(3, ..., 4, MSG_WAITALL, NULL, NULL)\n"
		"sendto(4, \"x\", 1, 0, " UN(
			"\"s\"") ", 110)\n"
				 "socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)\n"
				 "sendto(5, \"x\", 1, 0, " UN(
					 "\"s\"") ", 110)\n"
						  "sendto(5, \"x\", 1, 0, NULL, 0)\n"
						  "recvfrom(5, ..., 1, 0, NULL, NULL)\n"
						  "read(5, ..., 1)\n"
						  "sendto(4, NULL, 1, 0, NULL, 0)\n"
						  "write(4, \"left\", 4)\n"
						  "close(3)\n"
						  "read(4, ..., 10)\n"
						  "read(4, ..., 10)\n"
						  "sendto(4, \"x\", 1, MSG_NOSIGNAL, NULL, 0)\n");
}

static void shutting_streams_down_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
		"write(3, \"a\", 1)\n"
		"shutdown(3, SHUT_WR)\n"
		"read(4, ..., 10)\n"
		"read(4, ..., 10)\n"
		"write(4, \"b\", 1)\n"
		"shutdown(4, 3)\n"
		"shutdown(4, -1)\n"
		"shutdown(3, SHUT_RD)\n"
		"read(3, ..., 10)\n"
		"read(3, ..., 10)\n"
		"shutdown(4, SHUT_RDWR)\n"
		"getpeername(4, ..., [110])\n"
		"socket(AF_UNIX, SOCK_STREAM, 0)\n"
		"shutdown(5, SHUT_RDWR)\n"
		"write(3, \"x\", 1)\n");
}

static void options_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("socket(AF_UNIX, SOCK_STREAM, 0)\n"
		"getsockopt(3, SOL_SOCKET, SO_TYPE, ..., [4])\n"
		"getsockopt(3, SOL_SOCKET, SO_DOMAIN, ..., [8])\n"
		"getsockopt(3, SOL_SOCKET, SO_PROTOCOL, ..., [4])\n"
		"getsockopt(3, SOL_SOCKET, SO_ACCEPTCONN, ..., [4])\n"
		"getsockopt(3, SOL_SOCKET, SO_ERROR, ..., [4])\n"
		"getsockopt(3, SOL_SOCKET, SO_SNDBUF, ..., [4])\n"
		"getsockopt(3, SOL_SOCKET, SO_RCVBUF, ..., [-1])\n"
		"getsockopt(3, SOL_SOCKET, SO_RCVBUF, ..., NULL)\n"
		"setsockopt(3, SOL_SOCKET, SO_SNDBUF, [10000], 4)\n"
		"getsockopt(3, SOL_SOCKET, SO_SNDBUF, ..., [4])\n"
		"setsockopt(3, SOL_SOCKET, SO_SNDBUF, [1], 4)\n"
		"getsockopt(3, SOL_SOCKET, SO_SNDBUF, ..., [4])\n"
		"setsockopt(3, SOL_SOCKET, SO_RCVBUF, [1], 4)\n"
		"getsockopt(3, SOL_SOCKET, SO_RCVBUF, ..., [4])\n"
		"setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4)\n"
		"getsockopt(3, SOL_SOCKET, SO_REUSEADDR, ..., [4])\n"
		"setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 3)\n"
		"setsockopt(3, SOL_SOCKET, SO_REUSEADDR, NULL, 4)\n"
		"setsockopt(3, SOL_SOCKET, SO_TYPE, [1], 4)\n"
		"setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4)\n"
		"getsockopt(3, SOL_TCP, TCP_NODELAY, ..., [4])\n"
		"getsockopt(3, SOL_SOCKET, 9999, ..., [4])\n"
		"getsockopt(0, SOL_SOCKET, SO_TYPE, ..., [4])\n"
		"setsockopt(99, SOL_SOCKET, SO_TYPE, [1], 4)\n");
}

static void the_room_of_a_stream_agrees_with_the_kernel(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, "socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
		      "socketpair(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0, ...)\n");
	for (int i = 0; i < 280; i++)
		text_puts(&t, "write(3, \"x\", 1)\n");
	text_puts(&t, "read(4, ..., 1)\nwrite(3, \"x\", 1)\nwrite(3, \"x\", 1)\n");
	for (int i = 0; i < 70; i++)
		text_puts(&t, "write(4, \"x\", 3000)\n");
	for (int i = 0; i < 8; i++)
		text_puts(&t, "write(5, \"x\", 50000)\n");
	text_puts(&t, "write(6, \"x\", 212961)\nwrite(6, \"x\", 212960)\nwrite(6, \"x\", 1)\n");
	compare(t.s);
	text_clear(&t);
	text_puts(&t, "socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, ...)\n"
		      "write(3, \"x\", 1000000)\n"
		      "read(4, ..., 100000)\n"
		      "write(3, \"x\", 1000000)\n"
		      "write(4, \"x\", 5000)\n"
		      "write(4, \"x\", 70000)\n"
		      "write(4, \"x\", 70000)\n"
		      "write(4, \"x\", 70000)\n"
		      "write(4, \"x\", 70000)\n");
	compare(t.s);
	text_free(&t);
}

static void datagrams_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"
		"bind(3, " UN("\"s\"") ", 110)\n"
				       "socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"
				       "write(4, \"x\", 1)\n"
				       "sendto(4, \"one\", 3, 0, " UN(
					       "\"s\"") ", 110)\n"
							"sendto(4, \"two\", 3, 0, " UN(
								"\"missing\"") ", 110)\n"
									       "sendto(4, \"two\", "
									       "3, 0, " UN("\"s\"") ", 2)\n"
												    "bind(4, " UN("\"c\"") ", 110)\n"
															   "sendto(4, \"two\", 3, 0, " UN(
																   "\"s\"") ", 110)\n"
																	    "sendto(4, \"\", 0, 0, " UN("\"s\"") ", 110)\n"
																						 "recvfrom(3, ..., 100, 0, ..., [110])\n"
																						 "recvfrom(3, ..., 2, MSG_PEEK, ..., [110])\n"
																						 "recvfrom(3, ..., 2, MSG_PEEK|MSG_TRUNC, ..., [110])\n"
																						 "recvfrom(3, ..., 2, 0, ..., [4])\n"
																						 "recvfrom(3, ..., 100, 0, ..., [110])\n"
																						 "recvfrom(3, ..., 100, 0, ..., [110])\n"
																						 "connect(4, " UN("\"s\"") ", 110)\n"
																									   "write(4, \"\", 0)\n"
																									   "write(4, \"three\", 5)\n"
																									   "ioctl(3, FIONREAD, ...)\n"
																									   "read(3, ..., 100)\n"
																									   "ioctl(3, FIONREAD, ...)\n"
																									   "read(3, ..., 100)\n"
																									   "sendto(3, \"back\", 4, 0, " UN("\"c\"") ", 110)\n"
																														    "socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)\n"
																														    "sendto(5, \"intruder\", 8, 0, " UN(
																															    "\"c\"") ", 110)\n"
																																     "connect(5, " UN(
																																	     "\"c\"") ", 110)\n"
																																		      "connect(5, " UN("\"s\"") ", 110)\n"
																																						"connect(3, " UN("\"c\"") ", 110)\n"
																																									  "getpeername(3, ..., [110])\n"
																																									  "connect(5, {sa_family=AF_UNSPEC}, 16)\n"
																																									  "getpeername(5, ..., [110])\n"
																																									  "write(5, \"x\", 1)\n"
																																									  "read(4, ..., 100)\n"
																																									  "write(3, \"lost\", 4)\n"
																																									  "close(4)\n"
																																									  "write(3, \"x\", 1)\n"
																																									  "write(3, \"x\", 1)\n"
																																									  "read(3, ..., 1)\n"
																																									  "unlink(\"s\")\n"
																																									  "sendto(5, \"x\", 1, 0, " UN(
																																										  "\"s\"") ", 110)\n"
																																											   "socket(AF_UNIX, SOCK_STREAM, 0)\n"
																																											   "bind(4, " UN(
																																												   "\"s\"") ", 110)\n"
																																													    "sendto(5, \"x\", 1, 0, " UN("\"s\"") ", 110)\n"
																																																		  "shutdown(3, SHUT_RD)\n"
																																																		  "read(3, ..., 1)\n"
																																																		  "shutdown(5, SHUT_WR)\n"
																																																		  "sendto(5, \"x\", 1, 0, " UN(
																																																			  "\"c\"") ", 110)\n");
}

static void packets_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, 0, ...)\n"
		"write(3, \"one\", 3)\n"
		"write(3, \"two\", 3)\n"
		"write(3, \"\", 0)\n"
		"read(4, ..., 2)\n"
		"recvfrom(4, ..., 100, 0, ..., [110])\n"
		"read(4, ..., 100)\n"
		"read(4, ..., 100)\n"
		"sendto(3, \"x\", 1, 0, " UN(
			"\"s\"") ", 110)\n"
				 "shutdown(3, SHUT_WR)\n"
				 "read(4, ..., 100)\n"
				 "read(4, ..., 100)\n"
				 "socket(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, 0)\n"
				 "read(5, ..., 1)\n"
				 "write(5, \"x\", 1)\n"
				 "bind(5, " UN(
					 "\"s\"") ", 110)\n"
						  "listen(5, 1)\n"
						  "read(5, ..., 1)\n"
						  "socket(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, "
						  "0)\n"
						  "connect(6, " UN(
							  "\"s\"") ", 110)\n"
								   "accept(5, NULL, NULL)\n"
								   "write(7, \"x\", 1)\n"
								   "close(6)\n"
								   "read(7, ..., 1)\n"
								   "read(7, ..., 1)\n"
								   "socket(AF_UNIX, SOCK_STREAM, "
								   "0)\n"
								   "connect(6, " UN(
									   "\"s\"") ", 110)\n"
										    "write(7, "
										    "\"x\", 1)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(making_sockets_agrees_with_the_kernel),
		cmocka_unit_test(names_agree_with_the_kernel),
		cmocka_unit_test(connections_agree_with_the_kernel),
		cmocka_unit_test(closing_a_listener_resets_who_waits),
		cmocka_unit_test(streams_agree_with_the_kernel),
		cmocka_unit_test(shutting_streams_down_agrees_with_the_kernel),
		cmocka_unit_test(options_agree_with_the_kernel),
		cmocka_unit_test(the_room_of_a_stream_agrees_with_the_kernel),
		cmocka_unit_test(datagrams_agree_with_the_kernel),
		cmocka_unit_test(packets_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}

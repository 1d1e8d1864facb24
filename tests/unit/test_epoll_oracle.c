/*
 * epoll held against the running kernel: errors in the order in which they are checked, which
 * events come and in which order, and what closing and duplicating does to entries. Nothing here
 * has to wait.
 */
#include "oracle.h"

#define IN(fd)   "{events=EPOLLIN, data={u32=" #fd ", u64=" #fd "}}"
#define EV(e, d) "{events=" #e ", data={u32=" #d ", u64=" #d "}}"

static void errors_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("epoll_create(0)\n"
		"epoll_create(-1)\n"
		"epoll_create(1)\n"
		"epoll_create1(EPOLL_CLOEXEC)\n"
		"epoll_create1(1)\n"
		"fcntl(3, F_GETFD)\n"
		"fcntl(4, F_GETFD)\n"
		"fcntl(4, F_GETFL)\n"
		"fstat(3, {})\n"
		"read(3, ..., 1)\n"
		"write(3, \"x\", 1)\n"
		"lseek(3, 5, SEEK_SET)\n"
		"lseek(3, 5, 77)\n"
		"pread64(3, ..., 1, 0)\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"open(\"/proc/self/fd/3\", O_RDWR)\n"
		"ftruncate(3, 0)\n"
		"fsync(3)\n"
		"pipe2(..., 0)\n"
		"open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"open(\"/dev/null\", O_RDONLY)\n"
		"open(\".\", O_RDONLY)\n"
		"open(\"a\", O_PATH)\n"
		"epoll_ctl(3, EPOLL_CTL_ADD, 5, NULL)\n"
		"epoll_ctl(3, EPOLL_CTL_ADD, 5, 0x1)\n"
		"epoll_ctl(99, EPOLL_CTL_ADD, 99, NULL)\n"
		"epoll_ctl(99, EPOLL_CTL_DEL, 99, NULL)\n"
		"epoll_ctl(3, EPOLL_CTL_DEL, 99, NULL)\n"
		"epoll_ctl(3, EPOLL_CTL_DEL, 5, NULL)\n"
		"epoll_ctl(3, EPOLL_CTL_MOD, 5, " IN(
			5) ")\n"
			   "epoll_ctl(3, 77, 5, " IN(
				   5) ")\n"
				      "epoll_ctl(3, 77, 7, NULL)\n"
				      "epoll_ctl(3, 77, 7, " IN(
					      5) ")\n"
						 "epoll_ctl(5, EPOLL_CTL_ADD, 6, " IN(
							 5) ")\n"
							    "epoll_ctl(5, EPOLL_CTL_ADD, 7, " IN(5) ")\n"
												    "epoll_ctl(5, EPOLL_CTL_ADD, 99, " IN(5) ")\n"
																	     "epoll_ctl(3, EPOLL_CTL_ADD, 7, " IN(7) ")\n"
																						     "epoll_ctl(3, EPOLL_CTL_ADD, 8, " IN(8) ")\n"
																											     "epoll_ctl(3, EPOLL_CTL_ADD, 9, " IN(9) ")\n"
																																     "epoll_ctl(3, EPOLL_CTL_ADD, 10, " IN(10) ")\n"
																																					       "epoll_ctl(3, EPOLL_CTL_ADD, 3, " IN(3) ")\n"
																																										       "dup(3)\n"
																																										       "epoll_ctl(3, EPOLL_CTL_ADD, 11, " IN(
																																											       3) ")\n"
																																												  "epoll_ctl(3, EPOLL_CTL_ADD, 5, " IN(5) ")\n"
																																																	  "epoll_ctl(3, EPOLL_CTL_ADD, 5, " IN(
																																																		  5) ")\n"
																																																		     "epoll_ctl(11, EPOLL_CTL_ADD, 5, " IN(5) ")\n"
																																																							      "epoll_ctl(3, EPOLL_CTL_MOD, 5, " EV(
																																																								      EPOLLIN | EPOLLEXCLUSIVE, 5) ")\n"
																																																												   "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(EPOLLOUT |
																																																																		EPOLLEXCLUSIVE |
																																																																		EPOLLONESHOT,
																																																																	6) ")\n"
																																																																	   "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(EPOLLOUT |
																																																																							EPOLLEXCLUSIVE | EPOLLRDHUP,
																																																																						6) ")\n"
																																																																						   "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(EPOLLOUT | EPOLLEXCLUSIVE | EPOLLPRI, 6) ")\n"
																																																																																 "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(EPOLLOUT |
																																																																																					      EPOLLEXCLUSIVE |
																																																																																					      EPOLLET,
																																																																																				      6) ")\n"
																																																																																					 "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(EPOLLOUT | EPOLLEXCLUSIVE, 6) ")\n"
																																																																																													    "epoll_ctl(3, EPOLL_CTL_MOD, 6, " EV(EPOLLOUT,
																																																																																																		 6) ")\n"
																																																																																																		    "epoll_ctl(3, EPOLL_CTL_ADD, 4, " EV(EPOLLIN | EPOLLEXCLUSIVE, 4) ")\n"
																																																																																																										      "epoll_ctl(3, EPOLL_CTL_DEL, 6, NULL)\n"
																																																																																																										      "epoll_wait(99, ..., 0, 0)\n"
																																																																																																										      "epoll_wait(3, ..., 0, 0)\n"
																																																																																																										      "epoll_wait(3, ..., -1, 0)\n"
																																																																																																										      "epoll_wait(3, ..., 178956970, 0)\n"
																																																																																																										      "epoll_wait(3, ..., 178956971, 0)\n"
																																																																																																										      "epoll_wait(5, ..., 1, 0)\n"
																																																																																																										      "epoll_wait(5, ..., 0, 0)\n"
																																																																																																										      "epoll_wait(10, ..., 1, 0)\n"
																																																																																																										      "epoll_wait(3, ..., 1, 0)\n"
																																																																																																										      "epoll_pwait(99, ..., 1, 0, [INT], 9)\n"
																																																																																																										      "epoll_pwait(3, ..., 1, 0, [INT], 9)\n"
																																																																																																										      "epoll_pwait(3, ..., 1, 0, NULL, 9)\n"
																																																																																																										      "epoll_pwait(3, ..., 0, 0, [INT], 8)\n"
																																																																																																										      "epoll_pwait(3, ..., 1, 0, [INT], 8)\n"
																																																																																																										      "epoll_pwait2(3, ..., 1, {tv_sec=0, tv_nsec=0}, NULL, 8)\n"
																																																																																																										      "epoll_pwait2(3, ..., 1, {tv_sec=0, tv_nsec=1000000000}, [INT], 9)\n"
																																																																																																										      "epoll_pwait2(99, ..., 1, {tv_sec=-1, tv_nsec=0}, NULL, 8)\n"
																																																																																																										      "epoll_pwait2(3, ..., 1, {tv_sec=0, tv_nsec=0}, [INT], 8)\n");
}

static void closed_and_duplicated_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("epoll_create1(0)\n"
		"pipe2(..., O_NONBLOCK)\n"
		"epoll_ctl(3, EPOLL_CTL_ADD, 4, " EV(
			EPOLLIN,
			4) ")\n"
			   "dup(4)\n"
			   "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(
				   EPOLLIN,
				   6) ")\n"
				      "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(
					      EPOLLIN,
					      7) ")\n"
						 "close(4)\n"
						 "write(5, \"x\", 1)\n"
						 "epoll_wait(3, ..., 9, 0)\n"
						 "epoll_wait(3, ..., 9, 0)\n"
						 "epoll_wait(3, ..., 1, 0)\n"
						 "epoll_wait(3, ..., 1, 0)\n"
						 "epoll_ctl(3, EPOLL_CTL_DEL, 4, NULL)\n"
						 "epoll_ctl(3, EPOLL_CTL_MOD, 4, " EV(
							 EPOLLIN,
							 4) ")\n"
							    "dup2(5, 4)\n"
							    "epoll_ctl(3, EPOLL_CTL_DEL, 4, NULL)\n"
							    "epoll_ctl(3, EPOLL_CTL_ADD, 4, " EV(
								    EPOLLOUT,
								    44) ")\n"
									"epoll_wait(3, ..., 9, 0)\n"
									"dup2(6, 4)\n"
									"epoll_ctl(3, "
									"EPOLL_CTL_MOD, 4, " EV(
										EPOLLIN,
										444) ")\n"
										     "epoll_wait(3,"
										     " ..., 9, 0)\n"
										     "close(4)\n"
										     "close(6)\n"
										     "epoll_wait(3,"
										     " ..., 9, 0)\n"
										     "close(5)\n"
										     "epoll_wait(3,"
										     " ..., 9, "
										     "0)\n");
}

static void levels_edges_and_one_shots_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("epoll_create1(0)\n"
		"pipe2(..., O_NONBLOCK)\n"
		"pipe2(..., O_NONBLOCK)\n"
		"pipe2(..., O_NONBLOCK)\n"
		"epoll_ctl(3, EPOLL_CTL_ADD, 4, " EV(
			EPOLLIN,
			4) ")\n"
			   "epoll_ctl(3, EPOLL_CTL_ADD, 6, " EV(
				   EPOLLIN | EPOLLET,
				   6) ")\n"
				      "epoll_ctl(3, EPOLL_CTL_ADD, 8, " EV(
					      EPOLLIN | EPOLLONESHOT,
					      8) ")\n"
						 "epoll_wait(3, ..., 9, 0)\n"
						 "write(9, \"x\", 1)\n"
						 "write(7, \"x\", 1)\n"
						 "write(5, \"x\", 1)\n"
						 "epoll_wait(3, ..., 9, 0)\n"
						 "epoll_wait(3, ..., 9, 0)\n"
						 "write(9, \"x\", 1)\n"
						 "write(7, \"x\", 1)\n"
						 "epoll_wait(3, ..., 9, 0)\n"
						 "epoll_wait(3, ..., 9, 0)\n"
						 "epoll_ctl(3, EPOLL_CTL_MOD, 8, " EV(
							 EPOLLIN | EPOLLONESHOT,
							 88) ")\n"
							     "epoll_ctl(3, EPOLL_CTL_MOD, 6, " EV(
								     EPOLLIN | EPOLLET,
								     66) ")\n"
									 "epoll_wait(3, ..., 1, "
									 "0)\n"
									 "epoll_wait(3, ..., 1, "
									 "0)\n"
									 "epoll_wait(3, ..., 1, "
									 "0)\n"
									 "epoll_wait(3, ..., 1, "
									 "0)\n"
									 "read(4, ..., 9)\n"
									 "epoll_wait(3, ..., 9, "
									 "0)\n"
									 "read(6, ..., 1)\n"
									 "epoll_wait(3, ..., 9, "
									 "0)\n"
									 "close(7)\n"
									 "epoll_wait(3, ..., 9, "
									 "0)\n"
									 "epoll_wait(3, ..., 9, "
									 "0)\n"
									 "close(9)\n"
									 "epoll_wait(3, ..., 9, "
									 "0)\n"
									 "close(5)\n"
									 "epoll_wait(3, ..., 9, "
									 "0)\n"
									 "epoll_wait(3, ..., 9, "
									 "0)\n"
									 "epoll_ctl(3, "
									 "EPOLL_CTL_MOD, 8, " EV(
										 EPOLLIN,
										 8) ")\n"
										    "epoll_wait(3, "
										    "..., 9, 0)\n"
										    "epoll_ctl(3, "
										    "EPOLL_CTL_MOD,"
										    " 4, " EV(
											    0,
											    4) ")\n"
											       "epo"
											       "ll_"
											       "wai"
											       "t("
											       "3, "
											       "..."
											       ", "
											       "9, "
											       "0)"
											       "\n"
											       "epo"
											       "ll_"
											       "wai"
											       "t("
											       "3, "
											       "..."
											       ", "
											       "9, "
											       "0)"
											       "\n");
}

static void room_in_a_pipe_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("epoll_create1(0)\n"
		"pipe2(..., O_NONBLOCK)\n"
		"epoll_ctl(3, EPOLL_CTL_ADD, 5, " EV(EPOLLOUT | EPOLLET,
						     5) ")\n"
							"epoll_wait(3, ..., 9, 0)\n"
							"epoll_wait(3, ..., 9, 0)\n"
							"write(5, \"x\", 65536)\n"
							"epoll_wait(3, ..., 9, 0)\n"
							"read(4, ..., 100)\n"
							"epoll_wait(3, ..., 9, 0)\n"
							"read(4, ..., 3996)\n"
							"epoll_wait(3, ..., 9, 0)\n"
							"read(4, ..., 10000)\n"
							"epoll_wait(3, ..., 9, 0)\n"
							"epoll_ctl(3, EPOLL_CTL_ADD, 4, " EV(
								EPOLLIN | EPOLLET,
								4) ")\n"
								   "epoll_wait(3, ..., 9, 0)\n"
								   "write(5, \"x\", 65536)\n"
								   "epoll_wait(3, ..., 9, 0)\n"
								   "write(5, \"x\", 65536)\n"
								   "epoll_wait(3, ..., 9, 0)\n"
								   "close(4)\n"
								   "epoll_wait(3, ..., 9, 0)\n"
								   "epoll_wait(3, ..., 9, 0)\n");
}

static void nests_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("epoll_create1(0)\n"
		"epoll_create1(0)\n"
		"epoll_create1(0)\n"
		"epoll_create1(0)\n"
		"epoll_create1(0)\n"
		"epoll_create1(0)\n"
		"epoll_create1(0)\n"
		"pipe2(..., O_NONBLOCK)\n"
		"epoll_ctl(3, EPOLL_CTL_ADD, 4, " IN(
			4) ")\n"
			   "epoll_ctl(4, EPOLL_CTL_ADD, 3, " IN(
				   3) ")\n"
				      "epoll_ctl(4, EPOLL_CTL_ADD, 5, " IN(
					      5) ")\n"
						 "epoll_ctl(5, EPOLL_CTL_ADD, 3, " IN(
							 3) ")\n"
							    "epoll_ctl(5, EPOLL_CTL_ADD, 6, " IN(
								    6) ")\n"
								       "epoll_ctl(6, "
								       "EPOLL_CTL_ADD, 7, " IN(
									       7) ")\n"
										  "epoll_ctl(7, "
										  "EPOLL_CTL_ADD, "
										  "8, " IN(
											  8) ")\n"
											     "epoll"
											     "_ctl("
											     "8, "
											     "EPOLL"
											     "_CTL_"
											     "ADD, "
											     "9,"
											     " " IN(9) ")\n"
												       "epoll_ctl(7, EPOLL_CTL_ADD, 10, " IN(
													       10) ")\n"
														   "epoll_ctl(3, EPOLL_CTL_ADD, 10, " IN(
															   10) ")\n"
															       "epoll_ctl(7, EPOLL_CTL_DEL, 8, NULL)\n"
															       "epoll_wait(3, ..., 9, 0)\n"
															       "write(11, \"x\", 1)\n"
															       "epoll_wait(3, ..., 9, 0)\n"
															       "epoll_wait(3, ..., 9, 0)\n"
															       "epoll_wait(7, ..., 9, 0)\n"
															       "epoll_wait(6, ..., 9, 0)\n"
															       "poll([{fd=3, events=POLLIN}, {fd=8, events=POLLIN}], 2, 0)\n"
															       "read(10, ..., 9)\n"
															       "poll([{fd=3, events=POLLIN|POLLOUT}, {fd=7, events=POLLIN}], 2, 0)\n"
															       "epoll_wait(3, ..., 9, 0)\n"
															       "epoll_ctl(7, EPOLL_CTL_ADD, 11, " EV(
																       EPOLLOUT,
																       11) ")\n"
																	   "epoll_wait(3, ..., 9, 0)\n"
																	   "close(7)\n"
																	   "epoll_wait(3, ..., 9, 0)\n"
																	   "epoll_wait(6, ..., 9, 0)\n"
																	   "epoll_ctl(6, EPOLL_CTL_ADD, 6, " IN(
																		   6) ")\n");
}

/* Random calls on few files: what comes out in which order. */
static void random_sequences_agree_with_the_kernel(void **state)
{
	static const char *const events[] = { "EPOLLIN",
					      "EPOLLIN|EPOLLET",
					      "EPOLLOUT",
					      "EPOLLIN|EPOLLOUT|EPOLLET",
					      "EPOLLIN|EPOLLONESHOT",
					      "EPOLLIN|EPOLLEXCLUSIVE",
					      "0" };
	struct text t = TEXT_EMPTY;
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 30; round++) {
		text_clear(&t);
		text_puts(&t, "epoll_create1(0)\nepoll_create1(0)\npipe2(..., O_NONBLOCK)\n"
			      "pipe2(..., O_NONBLOCK)\npipe2(..., O_NONBLOCK)\n");
		for (int i = 0; i < 200; i++) {
			unsigned fd, op, other;

			seed = seed * 1103515245 + 12345;
			fd = 4 + (seed >> 16) % 9;
			op = (seed >> 20) % 12;
			other = 4 + (seed >> 24) % 9;
			switch (op) {
			case 0:
			case 1:
			case 2:
				text_printf(&t,
					    "epoll_ctl(%u, EPOLL_CTL_ADD, %u, {events=%s, "
					    "data={u32=%d, u64=%d}})\n",
					    3 + (seed >> 28) % 2, fd, events[(seed >> 8) % 7], i,
					    i);
				break;
			case 3:
				text_printf(&t,
					    "epoll_ctl(3, EPOLL_CTL_MOD, %u, {events=%s, "
					    "data={u32=%d, u64=%d}})\n",
					    fd, events[(seed >> 8) % 7], i, i);
				break;
			case 4:
				text_printf(&t, "epoll_ctl(3, EPOLL_CTL_DEL, %u, NULL)\n", fd);
				break;
			case 5:
			case 6:
				text_printf(&t, "write(%u, \"x\", %u)\n", fd | 1, 1 + seed % 9);
				break;
			case 7:
				text_printf(&t, "read(%u, ..., 10)\n", fd);
				break;
			case 8:
				text_printf(&t, "dup2(%u, %u)\n", fd, other);
				break;
			default:
				text_printf(&t, "epoll_wait(3, ..., %u, 0)\n", 1 + seed % 5);
				break;
			}
		}
		compare(t.s);
	}
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_agree_with_the_kernel),
		cmocka_unit_test(closed_and_duplicated_agrees_with_the_kernel),
		cmocka_unit_test(levels_edges_and_one_shots_agree_with_the_kernel),
		cmocka_unit_test(room_in_a_pipe_agrees_with_the_kernel),
		cmocka_unit_test(nests_agree_with_the_kernel),
		cmocka_unit_test(random_sequences_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}

/*
 * Calls on pipes, epoll sets, eventfds and the other objects, and on signals, with the function
 * that writes the arguments of each.
 */
#include "fuzz/writer.h"

#include <limits.h>

static const enum fuzz_kind kinds[] = {
	KIND_FILE,  KIND_PIPE,    KIND_PIPE,      KIND_SOCKET,  KIND_SOCKET,
	KIND_EPOLL, KIND_EVENTFD, KIND_SIGNALFD,  KIND_INOTIFY, KIND_MEMFD,
	KIND_PIDFD, KIND_TIMERFD, KIND_DIRECTORY,
};

static int some_fd(struct program_writer *w)
{
	return fuzz_fd_of(w->p, PICK(w->p, kinds));
}

/* ---- makers --------------------------------------------------------------------------------- */

static void put_make_pipe(struct program_writer *w)
{
	w->p->makes = KIND_PIPE;
	fuzz_put(w, "pipe2(..., O_NONBLOCK%s)", fuzz_one_in(w->p, 4) ? "|O_DIRECT" : "");
}

static void put_make(struct program_writer *w)
{
	static const struct {
		const char *call;
		enum fuzz_kind kind;
	} makers[] = {
		{ "eventfd2(0, EFD_NONBLOCK)", KIND_EVENTFD },
		{ "eventfd2(3, EFD_NONBLOCK|EFD_SEMAPHORE)", KIND_EVENTFD },
		{ "eventfd2(4294967295, EFD_NONBLOCK|EFD_CLOEXEC)", KIND_EVENTFD },
		{ "epoll_create1(0)", KIND_EPOLL },
		{ "epoll_create1(EPOLL_CLOEXEC)", KIND_EPOLL },
		{ "epoll_create(0)", KIND_EPOLL },
		{ "timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)", KIND_TIMERFD },
		{ "timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK|TFD_CLOEXEC)", KIND_TIMERFD },
		{ "signalfd4(-1, [USR1 USR2 CHLD IO], 8, SFD_NONBLOCK)", KIND_SIGNALFD },
		{ "inotify_init1(IN_NONBLOCK)", KIND_INOTIFY },
		{ "inotify_init1(IN_NONBLOCK|IN_CLOEXEC)", KIND_INOTIFY },
		{ "memfd_create(\"m\", MFD_ALLOW_SEALING)", KIND_MEMFD },
		{ "memfd_create(\"m\", 0)", KIND_MEMFD },
		{ "memfd_create(\"\", MFD_NOEXEC_SEAL|MFD_CLOEXEC)", KIND_MEMFD },
	};
	const size_t i = fuzz_below(w->p, N(makers));

	w->p->makes = makers[i].kind;
	fuzz_put(w, "%s", makers[i].call);
}

static void put_pidfd_open(struct program_writer *w)
{
	static const char *const flags[] = { "0", "PIDFD_NONBLOCK", "PIDFD_THREAD", "1" };

	w->p->makes = KIND_PIDFD;
	fuzz_put(w, "pidfd_open(%d, %s)", fuzz_any_pid(w->p), PICK(w->p, flags));
}

static void put_pidfd_getfd(struct program_writer *w)
{
	fuzz_put(w, "pidfd_getfd(%d, %d, %d)", fuzz_fd_of(w->p, KIND_PIDFD), fuzz_open_fd(w->p),
		 fuzz_one_in(w->p, 9) ? 1 : 0);
}

/* ---- reading and writing -------------------------------------------------------------------- */

static void put_read_any(struct program_writer *w)
{
	static const int counts[] = { 0, 1, 4, 7, 8, 16, 100, 128, 4096, 70000 };
	const int fd = some_fd(w);

	if (fuzz_one_in(w->p, 4))
		fuzz_put(w,
			 "readv(%d, [{iov_base=..., iov_len=%d}, {iov_base=..., iov_len=%d}], 2)",
			 fd, PICK(w->p, counts), PICK(w->p, counts));
	else
		fuzz_put(w, "read(%d, ..., %d)", fd, PICK(w->p, counts));
}

static void put_write_any(struct program_writer *w)
{
	static const char *const buffers[] = {
		"\"abc\", 3",
		"\"a\", 1",
		"\"\", 0",
		"\"\\1\\0\\0\\0\\0\\0\\0\\0\", 8",
		"\"\\377\\377\\377\\377\\377\\377\\377\\377\", 8",
		"\"\\376\\377\\377\\377\\377\\377\\377\\377\", 8",
		"\"x\"..., 4096",
		"\"x\"..., 5000",
		"\"x\"..., 65536",
		"NULL, 3",
		"NULL, 0",
	};

	fuzz_put(w, "write(%d, %s)", some_fd(w), PICK(w->p, buffers));
}

static const char *const pieces[] = {
	"{iov_base=\"ab\", iov_len=2}",      "{iov_base=\"\", iov_len=0}",
	"{iov_base=NULL, iov_len=0}",        "{iov_base=NULL, iov_len=3}",
	"{iov_base=\"x\"..., iov_len=5000}", "{iov_base=\"\\1\\0\\0\\0\\0\\0\\0\\0\", iov_len=8}",
};

static void put_writev(struct program_writer *w)
{
	static const char *const flags[] = { "0",
					     "RWF_NOWAIT",
					     "RWF_APPEND",
					     "RWF_HIPRI",
					     "RWF_DSYNC",
					     "RWF_NOAPPEND",
					     "RWF_NOAPPEND|RWF_APPEND" };
	const int fd = some_fd(w);
	const char *first = PICK(w->p, pieces), *second = PICK(w->p, pieces);

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "pwritev2(%d, [%s, %s], 2, %d, %s)", fd, first, second,
			 (int)fuzz_below(w->p, 4) - 1, PICK(w->p, flags));
	else
		fuzz_put(w, "writev(%d, [%s, %s], %d)", fd, first, second,
			 fuzz_one_in(w->p, 9) ? 1025 : (int)fuzz_below(w->p, 3));
}

static void put_move(struct program_writer *w)
{
	static const char *const flags[] = { "SPLICE_F_NONBLOCK", "SPLICE_F_NONBLOCK|SPLICE_F_MOVE",
					     "SPLICE_F_NONBLOCK|SPLICE_F_MORE" };
	static const char *const offsets[] = { "NULL", "NULL", "[0]", "[2]", "[-1]" };
	static const int counts[] = { 0, 1, 3, 4096, 5000, 70000 };
	const int in = some_fd(w), pipe = fuzz_fd_of(w->p, KIND_PIPE);
	const char *flag = PICK(w->p, flags), *offset = PICK(w->p, offsets);
	const int count = PICK(w->p, counts);

	switch (fuzz_below(w->p, 5)) {
	case 0:
		fuzz_put(w, "splice(%d, %s, %d, NULL, %d, %s)", in, offset, pipe, count, flag);
		break;
	case 1:
		fuzz_put(w, "splice(%d, NULL, %d, %s, %d, %s)", pipe, in, offset, count, flag);
		break;
	case 2:
		fuzz_put(w, "tee(%d, %d, %d, %s)", pipe, fuzz_fd_of(w->p, KIND_PIPE), count, flag);
		break;
	case 3:
		fuzz_put(w, "sendfile(%d, %d, %s, %d)", some_fd(w), in, offset, count);
		break;
	default:
		fuzz_put(w, "copy_file_range(%d, %s, %d, %s, %d, 0)", fuzz_fd_of(w->p, KIND_FILE),
			 offset, fuzz_fd_of(w->p, KIND_FILE), PICK(w->p, offsets), count);
		break;
	}
}

/* ---- waiting for several -------------------------------------------------------------------- */

static void put_epoll_ctl(struct program_writer *w)
{
	static const char *const operations[] = { "EPOLL_CTL_ADD", "EPOLL_CTL_ADD", "EPOLL_CTL_ADD",
						  "EPOLL_CTL_MOD", "EPOLL_CTL_DEL", "9" };
	static const char *const events[] = { "EPOLLIN",
					      "EPOLLIN|EPOLLOUT",
					      "EPOLLIN|EPOLLET",
					      "EPOLLIN|EPOLLOUT|EPOLLONESHOT",
					      "EPOLLOUT|EPOLLET",
					      "EPOLLIN|EPOLLEXCLUSIVE",
					      "0",
					      "EPOLLRDHUP|EPOLLPRI" };
	const int set = fuzz_fd_of(w->p, KIND_EPOLL);
	const char *operation = PICK(w->p, operations);

	fuzz_put(w, "epoll_ctl(%d, %s, %d, {events=%s, data=%d})", set, operation, some_fd(w),
		 PICK(w->p, events), (int)fuzz_below(w->p, 100));
}

static void put_epoll_wait(struct program_writer *w)
{
	fuzz_put(w, "epoll_wait(%d, ..., %d, 0)", fuzz_fd_of(w->p, KIND_EPOLL),
		 (int)fuzz_below(w->p, 5));
}

static void put_poll(struct program_writer *w)
{
	static const char *const events[] = { "POLLIN", "POLLOUT",
					      "POLLIN|POLLOUT|POLLPRI|POLLRDHUP",
					      "POLLRDNORM|POLLWRBAND", "0" };
	const int first = some_fd(w), second = some_fd(w);
	const char *of_first = PICK(w->p, events);

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "select(10, [3 4 5 6 7 8 9], [3 4 5 6 7 8 9], [3 4 5], {tv_sec=0, "
			    "tv_usec=0})");
	else
		fuzz_put(w, "poll([{fd=%d, events=%s}, {fd=%d, events=%s}], 2, 0)", first, of_first,
			 second, PICK(w->p, events));
}

/* ---- commands ------------------------------------------------------------------------------- */

static void put_owner_of(struct program_writer *w)
{
	static const char *const signals[] = { "0", "SIGIO", "SIGUSR1", "SIGCHLD", "65", "-1" };
	const int fd = some_fd(w);

	switch (fuzz_below(w->p, 6)) {
	case 0:
		fuzz_put(w, "fcntl(%d, F_SETOWN, %d)", fd, fuzz_any_pid(w->p));
		break;
	case 1:
		fuzz_put(w, "fcntl(%d, F_GETOWN)", fd);
		break;
	case 2:
		fuzz_put(w, "fcntl(%d, F_SETSIG, %s)", fd, PICK(w->p, signals));
		break;
	case 3:
		fuzz_put(w, "fcntl(%d, F_GETSIG)", fd);
		break;
	case 4:
		fuzz_put(w, "fcntl(%d, F_SETOWN_EX, {type=%s, pid=%d})", fd,
			 fuzz_one_in(w->p, 2) ? "F_OWNER_PID" : "F_OWNER_TID", fuzz_any_pid(w->p));
		break;
	default:
		fuzz_put(w, "fcntl(%d, F_GETOWN_EX, ...)", fd);
		break;
	}
}

static void put_flags_of(struct program_writer *w)
{
	static const char *const flags[] = {
		"O_NONBLOCK",          "O_NONBLOCK|O_ASYNC",   "O_NONBLOCK|O_APPEND",
		"O_NONBLOCK|O_DIRECT", "O_NONBLOCK|O_NOATIME", "O_NONBLOCK|O_CREAT|O_RDWR|O_PATH"
	};

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "fcntl(%d, F_GETFL)", some_fd(w));
	else
		fuzz_put(w, "fcntl(%d, F_SETFL, %s)", some_fd(w), PICK(w->p, flags));
}

static void put_size_of_pipe(struct program_writer *w)
{
	static const char *const sizes[] = { "0", "1", "4096", "4097", "65536", "1048576", "-1" };

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "fcntl(%d, F_GETPIPE_SZ)", fuzz_fd_of(w->p, KIND_PIPE));
	else
		fuzz_put(w, "fcntl(%d, F_SETPIPE_SZ, %s)", fuzz_fd_of(w->p, KIND_PIPE),
			 PICK(w->p, sizes));
}

static void put_seals(struct program_writer *w)
{
	static const char *const seals[] = {
		"F_SEAL_WRITE",        "F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_SEAL",
		"F_SEAL_FUTURE_WRITE", "F_SEAL_EXEC",   "0",           "64"
	};

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "fcntl(%d, F_GET_SEALS)", fuzz_fd_of(w->p, KIND_MEMFD));
	else
		fuzz_put(w, "fcntl(%d, F_ADD_SEALS, %s)", fuzz_fd_of(w->p, KIND_MEMFD),
			 PICK(w->p, seals));
}

static void put_query(struct program_writer *w)
{
	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "fcntl(%d, F_DUPFD_QUERY, %d)", some_fd(w), fuzz_open_fd(w->p));
	else
		fuzz_put(w, "fcntl(%d, F_CREATED_QUERY)", some_fd(w));
}

static void put_control(struct program_writer *w)
{
	switch (fuzz_below(w->p, 3)) {
	case 0:
		fuzz_put(w, "ioctl(%d, FIONREAD, ...)", some_fd(w));
		break;
	case 1:
		fuzz_put(w, "ioctl(%d, FIONBIO, [1])", some_fd(w));
		break;
	default:
		fuzz_put(w, "ioctl(%d, FIOASYNC, [%d])", some_fd(w), (int)fuzz_below(w->p, 3));
		break;
	}
}

static void put_timer(struct program_writer *w)
{
	static const char *const times[] = {
		"{it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=0}}",
		"{it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=1000000000}}",
		"{it_interval={tv_sec=5, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=0}}",
		"{it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=-1, tv_nsec=0}}",
	};

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "timerfd_gettime(%d, ...)", fuzz_fd_of(w->p, KIND_TIMERFD));
	else
		fuzz_put(w, "timerfd_settime(%d, %d, %s, NULL)", fuzz_fd_of(w->p, KIND_TIMERFD),
			 (int)fuzz_below(w->p, 5), PICK(w->p, times));
}

static void put_watch(struct program_writer *w)
{
	static const char *const names[] = {
		"/tmp",     "/tmp/a",          "/tmp/d",          "/etc/passwd",
		"/missing", "/proc/self/fd/3", "/proc/self/fd/4", "/proc/self/fd/6",
		"/"
	};
	static const char *const masks[] = { "0xfff",
					     "0xfff",
					     "0xfff",
					     "IN_CREATE|IN_DELETE",
					     "IN_OPEN|IN_ONESHOT",
					     "IN_MODIFY|IN_MASK_ADD",
					     "0xfff|IN_ONLYDIR",
					     "0xfff|IN_MASK_CREATE",
					     "0xfff|IN_EXCL_UNLINK",
					     "0" };

	if (fuzz_one_in(w->p, 4))
		fuzz_put(w, "inotify_rm_watch(%d, %d)", fuzz_fd_of(w->p, KIND_INOTIFY),
			 (int)fuzz_below(w->p, 5));
	else
		fuzz_put(w, "inotify_add_watch(%d, \"%s\", %s)", fuzz_fd_of(w->p, KIND_INOTIFY),
			 PICK(w->p, names), PICK(w->p, masks));
}

/* ---- signals and children ------------------------------------------------------------------- */

static void put_mask(struct program_writer *w)
{
	static const char *const hows[] = { "SIG_BLOCK", "SIG_BLOCK", "SIG_BLOCK", "SIG_UNBLOCK",
					    "SIG_SETMASK" };
	static const char *const sets[] = { "[USR1 USR2 CHLD IO PIPE]", "[USR1]", "[CHLD]", "[]",
					    "[PIPE IO]" };

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "rt_sigpending(..., 8)");
	else
		fuzz_put(w, "rt_sigprocmask(%s, %s, ..., 8)", PICK(w->p, hows), PICK(w->p, sets));
}

static void put_action(struct program_writer *w)
{
	static const char *const signals[] = { "SIGUSR1", "SIGCHLD", "SIGPIPE",
					       "SIGIO",   "SIGUSR2", "SIGKILL" };
	static const char *const handlers[] = { "SIG_IGN", "SIG_IGN", "SIG_DFL" };

	fuzz_put(w, "rt_sigaction(%s, {sa_handler=%s, sa_mask=[], sa_flags=0}, NULL, 8)",
		 PICK(w->p, signals), PICK(w->p, handlers));
}

static void put_signal(struct program_writer *w)
{
	static const char *const signals[] = { "SIGUSR1", "SIGUSR2", "0",
					       "SIGCHLD", "SIGIO",   "SIGUSR1" };

	if (fuzz_one_in(w->p, 3))
		fuzz_put(w, "pidfd_send_signal(%d, %s, NULL, 0)", fuzz_fd_of(w->p, KIND_PIDFD),
			 PICK(w->p, signals));
	else
		fuzz_put(w, "kill(%d, %s)", w->p->maker.leader, PICK(w->p, signals));
}

static void put_waitid(struct program_writer *w)
{
	static const char *const options[] = { "WEXITED|WNOHANG", "WEXITED|WNOHANG|WNOWAIT",
					       "WNOHANG", "WSTOPPED|WEXITED|WCONTINUED|WNOHANG",
					       "WEXITED|WNOHANG|__WALL" };

	if (fuzz_one_in(w->p, 2))
		fuzz_put(w, "waitid(P_PIDFD, %d, ..., %s, NULL)", fuzz_fd_of(w->p, KIND_PIDFD),
			 PICK(w->p, options));
	else
		fuzz_put(w, "waitid(P_PID, %d, ..., %s, NULL)", fuzz_any_pid(w->p),
			 PICK(w->p, options));
}

/* clang-format off */
const struct fuzz_call fuzz_object_calls[] = {
	{ 50, put_make_pipe,    false },
	{ 60, put_make,         false },
	{ 25, put_pidfd_open,   false },
	{ 15, put_pidfd_getfd,  false },
	{ 80, put_read_any,     false },
	{ 80, put_write_any,    false },
	{ 50, put_writev,       false },
	{ 90, put_move,         false },
	{ 60, put_epoll_ctl,    false },
	{ 50, put_epoll_wait,   false },
	{ 60, put_poll,         false },
	{ 40, put_owner_of,     false },
	{ 25, put_flags_of,     false },
	{ 20, put_size_of_pipe, false },
	{ 20, put_seals,        false },
	{ 10, put_query,        false },
	{ 25, put_control,      false },
	{ 20, put_timer,        false },
	{ 40, put_watch,        false },
	{ 30, put_mask,         false },
	{ 15, put_action,       false },
	{ 20, put_signal,       false },
	{ 20, put_waitid,       false },
	{ 0 },
};
/* clang-format on */

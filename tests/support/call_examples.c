#include "support/call_examples.h"

#include "fdlab.h"
#include "machine/kernel.h"
#include "notation/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/*
 * The machine before a call, and the descriptor that a line makes, or 0. The numbers are used
 * below. A line that the kernel refuses has a copy of descriptor 0 in its place.
 */
static const struct {
	int fd;
	const char *line;
} setup[] = {
	{ 3, "1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600)" },
	{ 5, "1 pipe(...)" }, /* 4 reads, 5 writes */
	{ 7, "1 socketpair(AF_UNIX, SOCK_STREAM, 0, ...)" },
	{ 8, "1 socket(AF_INET, SOCK_STREAM, 0)" },
	{ 9, "1 eventfd2(3, 0)" },
	{ 10, "1 timerfd_create(CLOCK_MONOTONIC, 0)" },
	{ 11, "1 epoll_create1(0)" },
	{ 12, "1 inotify_init1(0)" },
	{ 13, "1 memfd_create(\"m\", MFD_ALLOW_SEALING)" },
	{ 14, "1 open(\"/tmp\", O_RDONLY|O_DIRECTORY)" },
	{ 0, "1 fork()" },
	{ 0, "1 write(3, \"hello\", 5)" },
	{ 0, "1 write(5, \"hello\", 5)" },
	{ 0, "1 write(7, \"hello\", 5)" },
	{ 15, "1 pidfd_open(2, 0)" },
	{ 16, "1 socket(AF_INET, SOCK_STREAM, 0)" }, /* listens */
	{ 0, "1 bind(16, {sa_family=AF_INET, sin_port=htons(5000)}, 16)" },
	{ 0, "1 listen(16, 5)" },
	{ 17, "1 socket(AF_INET, SOCK_DGRAM, 0)" },
	{ 0, "1 inotify_add_watch(12, \"/tmp\", IN_ALL_EVENTS)" },
	{ 0, "1 epoll_ctl(11, EPOLL_CTL_ADD, 4, {events=EPOLLIN, data={u64=1}})" },
};

/* The first descriptor of calls whose names begin so; other calls take the file. */
static const struct {
	const char *name, *fd;
} descriptors[] = {
	{ "timerfd_", "10" }, { "epoll_", "11" },   { "inotify_", "12" }, { "accept", "16" },
	{ "listen", "16" },   { "bind", "8" },      { "connect", "8" },   { "recv", "6" },
	{ "send", "6" },      { "shutdown", "6" },  { "getsock", "8" },   { "setsock", "8" },
	{ "getpeer", "6" },   { "pidfd_", "15" },   { "tee", "4" },       { "splice", "4" },
	{ "fchdir", "14" },   { "getdents", "14" }, { "process_", "15" }, { "vmsplice", "5" },
};

/* An argument of each type, where a call takes one and has no usual value for it. */
static const struct {
	const char *type, *text;
} examples[] = {
	{ "path", "\"/tmp/y\"" },
	{ "dirfd", "AT_FDCWD" },
	{ "pid", "2" },
	{ "optval", "[1]" },
	{ "dnflags", "DN_CREATE" },
	{ "flock", "{l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}" },
	{ "int", "1" },
	{ "uint", "1" },
	{ "long", "1" },
	{ "buf", "\"hello\"" },
	{ "iovecs", "[{iov_base=\"abc\", iov_len=3}, {iov_base=\"de\", iov_len=2}]" },
	{ "udpopt", "UDP_CORK" },
	{ "tcpopt", "TCP_NODELAY" },
	{ "sockopt", "SO_REUSEADDR" },
	{ "ipopt", "IP_TTL" },
	{ "socklevel", "SOL_SOCKET" },
	{ "sockaddr",
	  "{sa_family=AF_INET, sin_port=htons(5000), sin_addr=inet_addr(\"127.0.0.1\")}" },
	{ "intlist", "[1]" },
	{ "rwhints", "[RWH_WRITE_LIFE_SHORT]" },
	{ "file", "\"/tmp/x\"" },
	{ "timespec", "{tv_sec=1, tv_nsec=0}" },
	{ "locktype", "F_RDLCK" },
	{ "timeval", "{tv_sec=1, tv_usec=0}" },
	{ "pollfds", "[{fd=4, events=POLLIN}, {fd=6, events=POLLIN}]" },
	{ "sigset", "[USR1]" },
	{ "rlimit", "{rlim_cur=100, rlim_max=200}" },
	{ "resource", "RLIMIT_NOFILE" },
	{ "oflags", "O_RDWR|O_CREAT" },
	{ "msghdr", "{msg_iov=[{iov_base=\"x\", iov_len=1}], msg_control=[{cmsg_len=24, "
		    "cmsg_level=SOL_SOCKET, "
		    "cmsg_type=SCM_RIGHTS, cmsg_data=[3, 4]}]}" },
	{ "mode", "0700" },
	{ "ioctlcmd", "TIOCGWINSZ" },
	{ "flockop", "LOCK_EX" },
	{ "fdflags", "FD_CLOEXEC" },
	{ "fcntlcmd", "F_GETLEASE" },
	{ "timerflags", "0" },
	{ "tfdsetflags", "0" },
	{ "string", "\"name\"" },
	{ "signal", "SIGUSR1" },
	{ "sighow", "SIG_BLOCK" },
	{ "seals", "F_SEAL_GROW" },
	{ "open_how", "{flags=O_RDWR|O_CREAT, mode=0600}" },
	{ "kcmptype", "KCMP_FILES" },
	{ "itimerspec", "{it_interval={tv_sec=0, tv_nsec=7}, it_value={tv_sec=1, tv_nsec=0}}" },
	{ "sentmsgs", "[{msg_hdr={msg_iov=[{iov_base=\"x\", iov_len=1}]}}]" },
	{ "idtype", "P_ALL" },
	{ "f_owner_ex", "{type=F_OWNER_PID, pid=2}" },
	{ "epollop", "EPOLL_CTL_ADD" },
	{ "clone_args", "{flags=CLONE_FILES, exit_signal=SIGCHLD}" },
	{ "clockid", "CLOCK_MONOTONIC" },
};

/* Calls whose arguments must fit each other. */
static const struct {
	const char *name, *line;
} lines[] = {
	{ "epoll_ctl", "1 epoll_ctl(11, EPOLL_CTL_ADD, 6, {events=EPOLLIN, data={u64=2}})" },
	{ "execve", "1 execve(\"/bin/true\", [\"true\", \"x\"], [])" },
	{ "link", "1 link(\"/tmp/x\", \"/tmp/y\")" },
	{ "rename", "1 rename(\"/tmp/x\", \"/tmp/y\")" },
	{ "accept", "1 accept(16, ..., [16])" },
	{ "pidfd_getfd", "1 pidfd_getfd(15, 3, 0)" },
};

/* The end of a parameter: the next comma outside of quotes and brackets. */
static size_t param_len(const char *p)
{
	size_t n = 0;
	int open = 0;
	bool quoted = false;

	for (; p[n] && (quoted || open || p[n] != ','); n++) {
		quoted ^= p[n] == '"';
		open += !quoted && strchr("([{", p[n]) ? 1 : 0;
		open -= !quoted && strchr(")]}", p[n]) ? 1 : 0;
	}
	return n;
}

static const char *example_of(const char *type, size_t len)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (strlen(examples[i].type) == len && !memcmp(type, examples[i].type, len))
			return examples[i].text;
	fail_msg("there is no example of the type %.*s", (int)len, type);
	return NULL;
}

static const char *descriptor_of(const char *call, unsigned nth)
{
	static const char *const later[] = { "40", "6" };

	if (nth)
		return later[nth > 1];
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++)
		if (!strncmp(call, descriptors[i].name, strlen(descriptors[i].name)))
			return descriptors[i].fd;
	return "3";
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/*
 * An argument for a parameter, "TYPE NAME", "out TYPE NAME", "=COMMAND": in text, which has its
 * room. False: it has a usual value.
 */
static bool argument(const char *call, const char *p, size_t len, unsigned *nfds, char *text,
		     size_t room)
{
	const bool inout = begins(p, "inout ");
	size_t type;

	if (*p == '=') {
		snprintf(text, room, "%.*s", (int)len - 1, p + 1);
		return true;
	}
	if (memchr(p, '=', len) || begins(p, "opaque "))
		return false;
	if (begins(p, "out ")) {
		snprintf(text, room, "...");
		return true;
	}
	p += inout ? strlen("inout ") : 0;
	type = strcspn(p, " ,");
	snprintf(text, room, "%s",
		 type == 2 && begins(p, "fd") ? descriptor_of(call, (*nfds)++)
					      : example_of(p, type));
	return true;
}

/* The arguments of a line that is written out above: the texts between its commas. */
static size_t written_arguments(const char *line, char args[][EXAMPLE_MAX])
{
	const char *p = strchr(line, '(') + 1;
	const size_t end = strlen(line) - 1;
	size_t n = 0;

	while (p < line + end) {
		size_t len = param_len(p);

		if (p + len > line + end)
			len = (size_t)(line + end - p);
		snprintf(args[n++], EXAMPLE_MAX, "%.*s", (int)len, p);
		p += len + (p[len] == ',');
		p += strspn(p, " ");
	}
	return n;
}

size_t call_example_args(const struct call_row *row, char args[][EXAMPLE_MAX])
{
	const char *p = row->signature;
	unsigned nfds = 0;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!strcmp(row->name, lines[i].name))
			return written_arguments(lines[i].line, args);
	}
	while (*p) {
		const size_t len = param_len(p);

		if (!argument(row->name, p, len, &nfds, args[n], EXAMPLE_MAX))
			*args[n] = '\0';
		n++;
		p += len + (p[len] == ',');
		p += strspn(p, " ");
	}
	return n;
}

bool call_example(const struct call_row *row, char line[EXAMPLE_MAX])
{
	size_t used = (size_t)snprintf(line, EXAMPLE_MAX, "1 %s(", row->name);
	char args[ARGS_MAX][EXAMPLE_MAX];
	size_t n = call_example_args(row, args);

	while (n && !*args[n - 1])
		n--;
	for (size_t i = 0; i < n; i++) {
		if (!*args[i])
			return false;
		used += (size_t)snprintf(line + used, EXAMPLE_MAX - used, "%s%s", i ? ", " : "",
					 args[i]);
	}
	snprintf(line + used, EXAMPLE_MAX - used, ")");
	return true;
}

struct fdl_machine *example_machine(const char *kernel)
{
	const struct fdl_options o = { .kernel = kernel };
	struct fdl_machine *m;

	assert_int_equal(fdl_machine_new(&o, &m), 0);
	for (size_t i = 0; i < sizeof(setup) / sizeof(setup[0]); i++) {
		const char *line = setup[i].line;
		const int error = fdl_write_file(m, "control", line, strlen(line));
		char again[32];

		if (setup[i].fd && error) {
			snprintf(again, sizeof(again), "1 dup2(0, %d)", setup[i].fd);
			assert_int_equal(fdl_write_file(m, "control", again, strlen(again)), 0);
		}
	}
	return m;
}

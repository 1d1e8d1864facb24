/*
 * Options of sockets, requests of ioctl and names in /proc that the model has not: it says ENOSYS
 * for those that the running kernel has, and the kernel's own error for those that it has not. An
 * option or a request that the kernel has may fail for other reasons, with the values that the test
 * gives.
 */
#include "support/oracle.h"

#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

/* The model's tables are of this kernel. */
#define OLDEST_MAJOR 6
#define OLDEST_MINOR 17

static bool kernel_is_old(void)
{
	struct utsname uts;
	int major = 0, minor = 0;

	if (uname(&uts) || sscanf(uts.release, "%d.%d", &major, &minor) != 2)
		return true;
	return major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR);
}

static int64_t on_machine(struct fdl_machine *m, const char *line)
{
	struct arena arena = { 0 };
	struct bound b;
	int64_t result;

	bind_line(m, &arena, line, strlen(line), &b);
	result = machine_call(m, &b);
	arena_free(&arena);
	return result;
}

static int64_t on_kernel(struct fdl_machine *m, const char *line)
{
	struct arena arena = { 0 };
	struct bound b;
	int64_t result;

	bind_line(m, &arena, line, strlen(line), &b);
	result = kernel_call(&arena, &b);
	arena_free(&arena);
	return result;
}

/* Whether an error says that there is no such option or request. */
static bool denies(int64_t result, bool option)
{
	return option ? result == -ENOPROTOOPT || result == -EOPNOTSUPP : result == -ENOTTY;
}

/* Makes an object on both sides, and makes the call that format shows with its descriptor. */
static bool agree(const char *object, const char *format, long a, long b)
{
	struct fdl_machine *m = new_machine();
	char line[200];
	const int64_t model_fd = on_machine(m, object), fd = on_kernel(m, object);
	int64_t model, kernel;
	const bool option = strstr(format, "sockopt") != NULL;
	bool ok;

	assert_true(model_fd >= 0);
	assert_true(fd >= 0);
	snprintf(line, sizeof(line), format, (int)model_fd, a, b);
	model = on_machine(m, line);
	snprintf(line, sizeof(line), format, (int)fd, a, b);
	kernel = on_kernel(m, line);
	ok = model == -ENOSYS
		     ? !denies(kernel, option)
		     : model == kernel || !(denies(model, option) || denies(kernel, option));
	if (!ok) {
		print_error("%s: %s: the model %s, the kernel %s\n", object, line,
			    model < 0 ? notation_errname((int)-model) : "succeeds",
			    kernel < 0 ? notation_errname((int)-kernel) : "succeeds");
		ok = false;
	}
	close((int)fd);
	fdl_machine_free(m);
	return ok;
}

static const char *const sockets[] = {
	"socket(AF_UNIX, SOCK_STREAM, 0)",    "socket(AF_UNIX, SOCK_DGRAM, 0)",
	"socket(AF_UNIX, SOCK_SEQPACKET, 0)", "socket(AF_INET, SOCK_STREAM, 0)",
	"socket(AF_INET, SOCK_DGRAM, 0)",
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* The netfilter's options of SOL_IP depend on what is loaded. */
static const struct {
	int level, last;
} levels[] = { { SOL_SOCKET, 84 }, { SOL_IP, 60 }, { 6, 46 }, { 17, 104 }, { 41, 20 }, { 270, 5 } };

static void options_that_the_kernel_has_are_not_denied(void **state)
{
	size_t wrong = 0;

	(void)state;
	if (kernel_is_old())
		skip();
	for (size_t s = 0; s < N(sockets); s++) {
		for (size_t l = 0; l < N(levels); l++) {
			for (int name = 0; name <= levels[l].last; name++) {
				wrong += !agree(sockets[s], "getsockopt(%d, %ld, %ld, ..., [4])",
						levels[l].level, name);
				wrong += !agree(sockets[s], "setsockopt(%d, %ld, %ld, [0], 4)",
						levels[l].level, name);
			}
		}
	}
	assert_int_equal(wrong, 0);
}

static const char *const objects[] = {
	"memfd_create(\"x\", 0)",
	"open(\"/tmp\", O_RDONLY)",
	"open(\"/dev/null\", O_RDWR)",
	"open(\"/dev/zero\", O_RDWR)",
	"epoll_create1(0)",
	"eventfd2(0, 0)",
	"timerfd_create(CLOCK_MONOTONIC, 0)",
	"signalfd4(-1, [], 8, 0)",
	"inotify_init1(0)",
	"socket(AF_UNIX, SOCK_STREAM, 0)",
	"socket(AF_INET, SOCK_STREAM, 0)",
	"socket(AF_INET, SOCK_DGRAM, 0)",
};

/* No request here changes what another test sees, with a structure of zeros as its argument. */
static const unsigned long requests[] = {
	0x1,        0x2,        0x5401,     0x540e,     0x540f,     0x5411,     0x5413,
	0x541b,     0x5460,     0x8901,     0x8902,     0x8903,     0x8904,     0x8905,
	0x890b,     0x8910,     0x8912,     0x8933,     0x8946,     0x89e0,     0x12345678,
	0x80086601, 0x40086602, 0x801c581f, 0x401c5820, 0x40049409, 0x4020940d, 0xc0189436,
	0xc020660b, 0x40305828, 0x4030582a, 0x4030582b, 0x40305839, 0x40085400, 0x80088a02,
	0x40044900, 0xc048ff0b, 0x80087601, 0x80086663, 0x5760,     0xb701,     0x1260,
	0x80045200, 0x80045430,
};

static char room[512];

static void requests_that_the_kernel_has_are_not_denied(void **state)
{
	size_t wrong = 0;

	(void)state;
	if (kernel_is_old())
		skip();
	assert_int_equal(mkdir(directory, 0777), 0);
	for (size_t o = 0; o < N(objects); o++)
		for (size_t r = 0; r < N(requests); r++) {
			memset(room, 0, sizeof(room));
			wrong += !agree(objects[o], "ioctl(%d, %#lx, %#lx)", (long)requests[r],
					(long)room);
		}
	remove_all(directory);
	assert_int_equal(wrong, 0);
}

/* What the machine says of a name. */
static int64_t model_of(const char *dir, const char *name)
{
	struct fdl_machine *m = new_machine();
	char line[400];
	int64_t result;

	snprintf(line, sizeof(line), "open(\"%s/%s\", O_PATH)", dir, name);
	result = on_machine(m, line);
	if (result < 0 && result != -ENOSYS)
		print_message("%s: the model %s\n", line, notation_errname((int)-result));
	fdl_machine_free(m);
	return result;
}

static void names_in_proc_that_the_kernel_has_are_not_missing(void **state)
{
	static const char *const always[] = { "cmdline", "cpuinfo", "filesystems", "loadavg",
					      "meminfo", "mounts",  "net",         "self",
					      "stat",    "sys",     "thread-self", "uptime",
					      "version" };
	DIR *self;
	struct dirent *e;
	size_t seen = 0;

	(void)state;
	if (kernel_is_old())
		skip();
	self = opendir("/proc/self");
	assert_non_null(self);
	while ((e = readdir(self)) != NULL) {
		const int64_t result = model_of("/proc/self", e->d_name);

		assert_true(result >= 0 || result == -ENOSYS);
		seen++;
	}
	closedir(self);
	assert_true(seen > 40);
	for (size_t i = 0; i < N(always); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%s", always[i]);
		assert_int_equal(access(path, F_OK), 0);
		assert_true(model_of("/proc", always[i]) >= 0 ||
			    model_of("/proc", always[i]) == -ENOSYS);
	}
	assert_int_equal(model_of("/proc/1", "status"), -ENOSYS);
	assert_int_equal(model_of("/proc/self", "nosuch"), -ENOENT);
	assert_int_equal(model_of("/proc", "nosuch"), -ENOENT);
	assert_int_equal(model_of("/proc", "77"), -ENOENT);
	assert_int_equal(model_of("/proc", "01"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_that_the_kernel_has_are_not_denied),
		cmocka_unit_test(requests_that_the_kernel_has_are_not_denied),
		cmocka_unit_test(names_in_proc_that_the_kernel_has_are_not_missing),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}

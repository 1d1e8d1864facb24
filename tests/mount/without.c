/*
 * Runs a command where the kernel refuses a part of the sandbox: without PART COMMAND
 * [ARGUMENT...]. A part is "dumpable", "privileges" or "filter". Exits with 77 where no filter of
 * system calls can be had.
 */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SKIPPED 77

static const struct part {
	const char *name;
	unsigned option;  /* of prctl, which fails */
	unsigned syscall; /* which fails, too */
} parts[] = {
	{ "dumpable", PR_SET_DUMPABLE, __NR_prctl },
	{ "privileges", PR_SET_NO_NEW_PRIVS, __NR_prctl },
	{ "filter", PR_SET_SECCOMP, __NR_seccomp },
};

#define FIELD(what)  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, what))
#define IS(k, t, f)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, t, f)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

static int refuse(const struct part *part)
{
	struct sock_filter code[] = {
		FIELD(nr),
		IS(__NR_prctl, 2, 0),
		IS(part->syscall, 4, 0),
		RETURN(SECCOMP_RET_ALLOW),
		FIELD(args[0]), /* its low half: the computers that fdlab runs on are little-endian */
		IS(part->option, 1, 0),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_ERRNO | EPERM),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int main(int argc, char **argv)
{
	const struct part *part = parts;
	const struct part *end = parts + sizeof(parts) / sizeof(parts[0]);

	if (argc < 3)
		errx(2, "usage: without PART COMMAND [ARGUMENT...]");
	while (part < end && strcmp(part->name, argv[1]) != 0)
		part++;
	if (part == end)
		errx(2, "%s: no part of the sandbox", argv[1]);
	if (refuse(part))
		err(SKIPPED, "no filter of system calls");
	execvp(argv[2], argv + 2);
	err(2, "%s", argv[2]);
}

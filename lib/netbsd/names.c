/*
 * The names that a NetBSD machine starts with. /dev/fd/N and the names of the standard streams are
 * devices whose minor number is the descriptor.
 */
#include "netbsd/calls.h"

#define FD(n) FIRST_DEVICE("fd", #n, 0666, fdesc_inode, 22, n)
#define FDS(tens)                                                                                  \
	FD(tens##0), FD(tens##1), FD(tens##2), FD(tens##3), FD(tens##4), FD(tens##5), FD(tens##6), \
		FD(tens##7), FD(tens##8), FD(tens##9)

const struct first_name netbsd_names[] = {
	FIRST_DIRECTORY("", "bin", 0755, directory_inode),
	FIRST_DIRECTORY("", "dev", 0755, directory_inode),
	FIRST_DIRECTORY("", "etc", 0755, directory_inode),
	FIRST_DIRECTORY("", "home", 0755, directory_inode, .users = true),
	FIRST_DIRECTORY("", "tmp", 01777, directory_inode),
	FIRST_REGULAR("bin", "sh", 0755, first_program),
	FIRST_REGULAR("bin", "true", 0755, first_program),
	FIRST_REGULAR("bin", "cat", 0755, first_program),
	FIRST_REGULAR("bin", "ls", 0755, first_program),
	FIRST_REGULAR("bin", "su", 04755, first_program),
	FIRST_DEVICE("dev", "null", 0666, null_inode, 2, 2),
	FIRST_DEVICE("dev", "zero", 0666, zero_inode, 2, 12),
	FIRST_DEVICE("dev", "full", 0666, full_inode, 2, 11),
	FIRST_DEVICE("dev", "tty", 0666, tty_inode, 1, 0),
	FIRST_DEVICE("dev", "console", 0600, console_inode, 0, 0, .users = true),
	FIRST_DEVICE("dev", "bpf", 0600, clone_inode, 23, 0, .users = true),
	FIRST_DEVICE("dev", "ptm", 0666, clone_inode, 165, 1),
	FIRST_DEVICE("dev", "tap", 0600, clone_inode, 169, 0, .users = true),
	FIRST_DEVICE("dev", "stdin", 0666, fdesc_inode, 22, 0),
	FIRST_DEVICE("dev", "stdout", 0666, fdesc_inode, 22, 1),
	FIRST_DEVICE("dev", "stderr", 0666, fdesc_inode, 22, 2),
	FIRST_DIRECTORY("dev", "fd", 0755, directory_inode),
	FDS(),
	FDS(1),
	FDS(2),
	FDS(3),
	FDS(4),
	FDS(5),
	FD(60),
	FD(61),
	FD(62),
	FD(63),
	FIRST_REGULAR("etc", "passwd", 0644, first_passwd),
	FIRST_REGULAR("etc", "hosts", 0644, first_hosts),
	{ 0 },
};

/*
 * The names that a Linux machine starts with. A task's descriptors are magic links in /proc, to
 * which the names in /dev lead.
 */
#include "linux/calls.h"

const struct first_name linux_names[] = {
	FIRST_DIRECTORY("", "bin", 0755, directory_inode),
	FIRST_DIRECTORY("", "dev", 0755, directory_inode),
	FIRST_DIRECTORY("", "etc", 0755, directory_inode),
	FIRST_DIRECTORY("", "home", 0755, directory_inode, .users = true),
	FIRST_DIRECTORY("", "proc", 0555, proc_inode),
	FIRST_DIRECTORY("", "tmp", 01777, directory_inode),
	FIRST_REGULAR("bin", "sh", 0755, first_program),
	FIRST_REGULAR("bin", "true", 0755, first_program),
	FIRST_REGULAR("bin", "cat", 0755, first_program),
	FIRST_REGULAR("bin", "ls", 0755, first_program),
	FIRST_DEVICE("dev", "null", 0666, null_inode, 1, 3),
	FIRST_DEVICE("dev", "zero", 0666, zero_inode, 1, 5),
	FIRST_DEVICE("dev", "full", 0666, full_inode, 1, 7),
	FIRST_DEVICE("dev", "tty", 0666, tty_inode, 5, 0),
	FIRST_DEVICE("dev", "console", 0600, console_inode, 5, 1, .users = true),
	FIRST_SYMLINK("dev", "fd", "/proc/self/fd"),
	FIRST_SYMLINK("dev", "stdin", "/proc/self/fd/0"),
	FIRST_SYMLINK("dev", "stdout", "/proc/self/fd/1"),
	FIRST_SYMLINK("dev", "stderr", "/proc/self/fd/2"),
	FIRST_REGULAR("etc", "passwd", 0644, first_passwd),
	FIRST_REGULAR("etc", "hosts", 0644, first_hosts),
	FIRST_DIRECTORY("proc", "self", 0555, proc_self_inode, .users = true, .immutable = true),
	FIRST_DIRECTORY("self", "fd", 0500, proc_fd_inode, .users = true),
	{ 0 },
};

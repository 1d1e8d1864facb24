# file: lib/linux/expand.c
# caught by: dupfd_against_expansion
# A table that was allocated without the lock replaces the one there is, whoever expanded meanwhile.
/^	if (nr < cur_fdt->max_fds) {$/,/^	}$/d

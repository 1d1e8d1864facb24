# file: lib/linux/expand.c
# caught by: dupfd_against_expansion
# A table that was allocated without the lock replaces the present one, even if that has grown meanwhile.
/^	if (nr < cur_fdt->max_fds) {$/,/^	}$/d

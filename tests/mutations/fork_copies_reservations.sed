# file: lib/linux/files.c
# caught by: fork_against_open
# The copy keeps bits whose files another thread is about to install in the original.
s/^				__clear_open_fd(fdt, (unsigned)fd);$/				(void)fd;/

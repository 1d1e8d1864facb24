# file: lib/linux/files.c
# caught by: fork_against_open
# The copy keeps bits whose files another thread is about to install in the original.
s/^			sparse_clear(&new->fds, SPARSE_OPEN,$/			(void)(/
s/^				     first + (unsigned)__builtin_ctzll(reserved));$/				first);/

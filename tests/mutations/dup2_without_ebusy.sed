# file: lib/linux/files.c
# caught by: dup2_against_open dup3_against_open pipe_against_dup2
# not allowed but seen by: dup2_against_open
# dup2 takes a number that another thread has reserved.
/^	if (!tofree && fd_is_open(current, fdt, fd))$/,/^		return -EBUSY;$/d

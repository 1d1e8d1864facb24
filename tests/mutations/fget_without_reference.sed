# file: lib/linux/fget.c
# caught by: dup_against_close
# A look-up returns the file without a reference for its caller, who drops one.
s/^	if (!file || (file->mode & mask) || !get_file_not_zero(current, file))$/	if (!file || (file->mode \& mask))/

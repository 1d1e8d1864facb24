# file: lib/linux/fget.c
# caught by: dup_against_close
# A look-up returns the file without a reference for its caller, who drops one.
/^	if (file)$/{N;s/^	if (file)\n		get_file(file);$//}

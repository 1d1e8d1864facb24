# file: lib/linux/rcu.c
# caught by: expansion_against_lookup
# A table that was replaced is freed though another task may still read it.
s/^	return container_of(lm->readers.next, struct rcu_reader, readers)->began > fdt->retired_at;$/	return fdt->retired_at < UINT64_MAX;/

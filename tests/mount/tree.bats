#!/usr/bin/env bats
# The tree as programs made for any file system see it.

setup() {
	load helper
	mount_lab
	echo 'open /etc/passwd' >1/control
	echo 'creat /tmp/x' >1/control
	echo pipe >1/control
	echo 'write 6 hello' >1/control
	echo fork >1/control
}

teardown() {
	unmount_lab
}

@test "texts_have_size_0_and_are_read_whole_and_what_grows_has_its_size" {
	for file in log events errors; do
		[ "$(stat -c %s "$file")" -eq "$(cat "$file" | wc -c)" ]
	done
	find . -path ./rootfs -prune -o -path ./at -prune -o -type f -print | grep -v '^\./\(log\|events\|errors\)$' |
		while read -r file; do
			[ "$(stat -c %s "$file")" -eq 0 ] || {
				echo "$file: $(stat -c %s "$file")"
				false
			}
		done
	cat open_files >"$BATS_TEST_TMPDIR/read"
	[ "$(wc -c <open_files)" -eq "$(wc -c <"$BATS_TEST_TMPDIR/read")" ]
	[ "$(tail -n 1 open_files)" = "$(tail -n 1 "$BATS_TEST_TMPDIR/read")" ]
	cp open_files "$BATS_TEST_TMPDIR/copy"
	cmp open_files "$BATS_TEST_TMPDIR/copy"
	cmp "$BATS_TEST_TMPDIR/read" "$BATS_TEST_TMPDIR/copy"
}

@test "a_text_that_would_be_too_long_is_EFBIG_and_errors_tells_which" {
	echo 'reset text_limit=64K nofile=4096' >control
	yes 'open /etc/passwd' | head -n 3000 | at_once >1/control
	run -1 cat open_files
	[[ $output == *'File too large'* ]]
	[[ $(tail -n 1 errors) == '# open_files: longer than the option text_limit allows'* ]]
	[ -n "$(cat 1/status)" ]
}

@test "the_size_of_an_open_file_grows_with_what_is_written_to_the_log" {
	exec 5<log
	before=$(stat -L -c %s /dev/fd/5)
	echo 'dup 0' >1/control
	[ "$(stat -L -c %s /dev/fd/5)" -eq $((before + $(echo '1 dup(0) = 7' | wc -c))) ]
	exec 5<&-
}

@test "the_whole_tree_can_be_found_read_and_searched_without_an_error" {
	run -0 --separate-stderr find . -type f
	[ -z "$stderr" ]
	[ "${#lines[@]}" -gt 60 ]
	run -0 --separate-stderr grep -r passwd .
	[ -z "$stderr" ]
	[[ $output == *'1/files/slots:'* ]]
	run -0 --separate-stderr bash -c 'find . -type f -exec cat {} + | wc -l'
	[ -z "$stderr" ]
	run -0 --separate-stderr ls -lR 1/files 1/fd 1/fdinfo sys
	[ -z "$stderr" ]
}

@test "find_and_ls_agree_on_every_name" {
	diff <(find . | LC_ALL=C sort) \
		<(ls -RA1 . | awk '/:$/ { dir = substr($0, 1, length - 1); print dir; next }
			NF { print dir "/" $0 }' | LC_ALL=C sort -u)
}

@test "inode_numbers_are_the_same_in_listings_and_stat_and_stay" {
	for dir in . 1 1/files 1/fd sys/fs rootfs rootfs/etc; do
		diff <(cd $dir && ls -Ai1 | awk '{ print $1, $2 }' | sort) \
			<(cd $dir && stat -c '%i %n' -- * | sort)
	done
	before=$(stat -c %i 1/control)
	echo 'dup 0' >1/control
	[ "$(stat -c %i 1/control)" = "$before" ]
	[ "$(find . -type f -printf '%i\n' | sort | uniq -d)" = '' ]
}

@test "permissions_say_what_can_be_done" {
	[ "$(stat -c %A control)" = -rw-r--r-- ]
	[ "$(stat -c %A 1/control)" = -rw-r--r-- ]
	[ "$(stat -c %A log)" = -r--r--r-- ]
	[ "$(stat -c %A 1/files)" = dr-xr-xr-x ]
	[ "$(stat -c %A sys/fs/nr_open)" = -rw-r--r-- ]
	find . -path ./rootfs -prune -o -path ./at -prune -o -type f -perm -u+w -print | while read -r file; do
		(exec 5>>"$file")
	done
	find . -type f ! -perm -u+w | while read -r file; do
		fails bash -c "exec 5>>'$file'" 2>/dev/null
	done
}

@test "links_of_descriptors_have_the_modes_and_targets_of_procfs" {
	[ "$(stat -c %A 1/fd/0)" = lrwx------ ]
	[ "$(stat -c %A 1/fd/3)" = lr-x------ ]
	[ "$(stat -c %A 1/fd/4)" = l-wx------ ]
	[ "$(stat -c %A 1/fd/5)" = lr-x------ ]
	[ "$(readlink 1/fd/0)" = "$lab/rootfs/dev/console" ]
	[ "$(readlink 1/fd/3)" = "$lab/rootfs/etc/passwd" ]
	[[ $(readlink 1/fd/5) =~ ^pipe:\[[0-9]+\]$ ]]
	[ "$(readlink 1/fd/5)" = "$(readlink 1/fd/6)" ]
	echo 'unlink /tmp/x' >1/control
	[ "$(readlink 1/fd/4)" = "$lab/rootfs/tmp/x (deleted)" ]
}

@test "everything_is_owned_by_the_user_of_the_daemon" {
	[ -z "$(find . -path ./rootfs -prune -o -path ./at -prune -o ! -user "$(id -u)" -print)" ]
	[ -z "$(find . -path ./rootfs -prune -o -path ./at -prune -o ! -group "$(id -g)" -print)" ]
}

@test "times_are_those_of_the_last_change_and_not_before_the_mount" {
	touch "$BATS_TEST_TMPDIR/now"
	sleep 0.1
	echo 'dup 0' >1/control
	[ 1/files/slots -nt "$BATS_TEST_TMPDIR/now" ]
	[ log -nt "$BATS_TEST_TMPDIR/now" ]
	[ -z "$(find . ! -newermt '2020-01-01')" ]
	before=$(stat -c %y 1/files/slots)
	sleep 0.1
	[ "$(stat -c %y 1/files/slots)" = "$before" ]
}

@test "directories_have_as_many_links_as_subdirectories_and_two" {
	find . -type d | while read -r dir; do
		subdirs=$(find "$dir" -mindepth 1 -maxdepth 1 -type d | wc -l)
		[ "$(stat -c %h "$dir")" -eq $((subdirs + 2)) ] || {
			echo "$dir: $(stat -c %h "$dir") links, $subdirs subdirectories"
			false
		}
	done
}

@test "names_that_do_not_exist_are_ENOENT_and_appear_when_they_do" {
	[ ! -e 1/fd/7 ]
	[ ! -e 3 ]
	echo 'dup 0' >1/control
	[ -h 1/fd/7 ]
	echo fork >1/control
	[ -d 3 ]
	echo 'close 7' >1/control
	[ ! -h 1/fd/7 ]
	run -1 cat 99/status
	[[ $output == *'No such file or directory'* ]]
}

@test "a_directory_of_a_task_that_is_gone_cannot_be_listed" {
	cd 2
	echo 'exit 0' >control
	echo '1 wait4 2' >../control
	run -2 ls
	run -1 cat status
	cd "$lab"
	[ ! -e 2 ]
}

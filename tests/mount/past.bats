#!/usr/bin/env bats
# The past on a mount: at/N, changes/N, and the machine's own way back and forth.

setup() {
	load helper
	mount_lab
}

teardown() {
	unmount_lab
}

@test "moments_can_be_compared" {
	printf 'pipe\ndup2 0 9\nopen /etc/passwd\nmkfifo /tmp/f\n' >control
	run timeout 90 diff -r at/1/1/files at/2/1/files
	[ "$status" = 1 ]
	grep -q '^> 0-4,9$' <<<"$output"
	# All of a task, and of its root directory with devices and a FIFO: it ends, and tells what differs.
	run timeout 90 diff -r --no-dereference at/3/1 at/4/1
	[ "$status" = 1 ]
	run timeout 90 diff -r --no-dereference at/3 at/4
	[ "$status" = 1 ]
	grep -q 'Only in at/4/rootfs/tmp: f' <<<"$output"
	[ "$(readlink at/3/1/fd/5)" = "$lab/at/3/rootfs/etc/passwd" ]
	cmp at/3/1/fd/5 rootfs/etc/passwd
	[ "$(for n in $(seq 0 3); do cat at/$n/1/files/open_fds_list; done)" = $'0-2\n0-4\n0-4,9\n0-5,9' ]
}

@test "the_past_is_read_only_and_ends_at_the_present" {
	echo 'dup 0' >1/control
	fails bash -c 'echo "dup 0" >at/1/control'
	fails bash -c 'echo 64 >at/1/sys/fs/nr_open'
	fails touch at/1/x
	fails mkdir at/2
	fails rm at/1/log
	fails mv at/0 at/x
	fails chmod 600 at/1/control
	fails ls at/2
	fails ls at/01
	fails ls at/x
	fails cat changes/0
	fails ls at/1/at
	[ "$(ls at)" = $'0\n1' ]
	[ "$(ls changes)" = $'1\n1.json' ]
	[ "$(cat at/1/control)" = '1 dup(0) = 3' ]
	[ "$(cat 1/files/open_fds_list)" = 0-3 ]
	echo reset >control
	fails ls at/1
	[ "$(ls at)" = 0 ]
}

@test "every_file_of_the_past_has_a_number_of_its_own" {
	printf 'dup 0\ndup 0\n' >control
	[ -z "$(find at -type f -printf '%i\n' | sort | uniq -d)" ]
	[ "$(stat -c %i at/1/1/status)" = "$(stat -c %i at/1/1/status)" ]
	[ "$(stat -c %u at/1/1/status)" = "$(stat -c %u 1/status)" ]
}

@test "an_open_file_of_the_past_stays_as_it_was" {
	printf 'dup 0\ndup 0\n' >control
	exec 8<at/1/1/files/open_fds_list 9<at/1/log
	cat at/0/1/status at/2/1/status >/dev/null
	printf 'dup 0\n%.0s' $(seq 50) >control
	read -r line <&8
	[ "$line" = 0-3 ]
	read -r line <&9
	[ "$line" = '1 dup(0) = 3' ]
	! read -r line <&9 || false
	exec 8<&- 9<&-
}

@test "changes_are_lines_and_json" {
	echo 'dup2 0 9' >1/control
	[ "$(cat changes/1)" = $'what\tid\tattribute\tbefore\tafter\nslot\t1:9\tfile\t-\t1\nslot\t1:9\tcloexec\t-\t0\nfile\t1\treferences\t3\t4' ]
	python3 - <<-'END'
		import json
		c = json.load(open('changes/1.json'))
		assert (c['from'], c['to']) == (0, 1)
		assert c['changes'][2] == {'what': 'file', 'file': 1, 'attribute': 'references',
		    'before': '3', 'after': '4'}, c
	END
}

@test "a_long_log_has_every_moment_and_lists_none" {
	for _ in $(seq 10); do
		for i in $(seq 3 302); do echo "dup2(0, $i)"; done
	done >control
	for i in 2999 7 1500; do
		[ "$(tail -n 1 at/$i/1/files/slots | cut -f 1)" = $((i > 300 ? 302 : 2 + i)) ]
	done
	[ "$(for n in $(seq 1 600); do tail -n 1 at/$n/1/files/open_fds_list; done | sort -u | wc -l)" = 300 ]
	[ -z "$(ls at)" ]
	fails ls at/3001
}

@test "a_writer_of_a_call_that_is_undone_is_interrupted" {
	printf 'pipe\nfork\n' >control
	(echo 'read 3 10' >2/control) 2>/dev/null 3>&- &
	writer=$!
	until [ "$(cat 2/wchan)" = pipe_read ]; do sleep 0.05; done
	echo undo >control
	fails wait $writer
	[ "$(cat 2/wchan)" = 0 ]
	[ "$(tail -n 1 log)" = '# line 3 is undone' ]
	echo redo >control
	[ "$(cat 2/wchan)" = pipe_read ]
}

@test "a_machine_without_a_history_has_no_past" {
	BATS_TEST_COMPLETED=1 unmount_lab
	mount_lab --history 0
	echo 'dup 0' >1/control
	[ ! -e at ]
	[ ! -e changes ]
	echo undo >control
	[ "$(cat 1/files/open_fds_list)" = 0-2 ]
}

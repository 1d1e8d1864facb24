#!/usr/bin/env bats
# The life of the daemon: into the background, ready, and its end without remains.

setup() {
	load helper
	needs_fuse
	dir=$BATS_TEST_TMPDIR/"a lab"
	mkdir "$dir"
}

teardown() {
	exec 5>&-
	cd /
	drop_mount "$dir"
}

# start [OPTION...]: in the background; $daemon is its process.
start() {
	"${fdlabd[@]}" "$@" "$dir"
	daemon=$(daemon_at "$dir")
	[ -n "$daemon" ]
}

# start_here [OPTION...]: as a child of the test.
start_here() {
	"${fdlabd[@]}" --foreground "$@" "$dir" 3>&- &
	daemon=$!
	eventually mountpoint -q "$dir"
}

# is_over: nothing is mounted, the directory is a plain one again, the daemon has ended.
is_over() {
	eventually is_gone "$daemon"
	fails mountpoint -q "$dir"
	[ -z "$(ls -A "$dir")" ]
}

# crash: leaves a dead mount.
crash() {
	start
	kill -KILL "$daemon"
	eventually is_gone "$daemon"
	run -1 stat "$dir"
	[[ $output == *'not connected'* ]]
}

@test "when_fdlabd_returns_the_mount_answers" {
	for i in 1 2 3 4 5; do
		start
		[ -e "$dir/1/control" ]
		umount "$dir"
		is_over
	done
}

@test "the_daemon_lets_go_of_the_terminal_and_of_the_directory_it_was_started_in" {
	# A name of its own, because other runs of these tests may use this machine.
	local lab="a lab $$"
	cd "$BATS_TEST_TMPDIR"
	dir=$PWD/$lab
	mkdir "$lab"
	run -0 timeout 60 "${fdlabd[@]}" "$lab"
	[ -z "$output" ]
	daemon=$(daemon_at "$lab")
	[ "$(readlink "/proc/$daemon/cwd")" = / ]
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$daemon/fd/$fd")" = /dev/null ]
	done
	[ "$(ps -o tty= -p "$daemon")" = '?' ]
	[ "$(ps -o sid= -p "$daemon" | tr -d ' ')" = "$daemon" ]
	umount "$dir"
	is_over
}

@test "a_reader_of_fdlabd_s_output_does_not_wait_for_the_daemon" {
	output=$(exec 5>&1; timeout 60 "${fdlabd[@]}" "$dir")
	[ -z "$output" ]
	umount "$dir"
}

@test "umount_ends_the_daemon" {
	start
	umount "$dir"
	is_over
}

@test "fusermount3_u_ends_the_daemon" {
	start
	fusermount3 -u "$dir"
	is_over
}

@test "a_lazy_umount_ends_the_daemon_when_the_last_file_is_closed" {
	start
	exec 5<"$dir/log"
	umount -l "$dir"
	fails is_gone "$daemon"
	exec 5<&-
	is_over
}

@test "signals_end_the_daemon_and_unmount" {
	for signal in TERM INT HUP; do
		start
		kill -$signal "$daemon"
		is_over
	done
}

@test "signals_end_the_foreground_with_status_0" {
	for signal in TERM INT HUP; do
		start_here
		kill -$signal "$daemon"
		wait "$daemon"
		is_over
	done
}

@test "umount_ends_the_foreground_with_status_0" {
	start_here
	umount "$dir"
	wait "$daemon"
	is_over
}

@test "a_hangup_does_not_end_a_daemon_that_nohup_started" {
	nohup "${fdlabd[@]}" --foreground "$dir" >/dev/null 2>&1 3>&- &
	daemon=$!
	eventually mountpoint -q "$dir"
	kill -HUP "$daemon"
	[ -e "$dir/1/control" ]
	kill -TERM "$daemon"
	wait "$daemon"
	is_over
}

@test "a_signal_ends_the_daemon_while_files_are_open_and_a_writer_waits" {
	start_here
	echo pipe >"$dir/1/control"
	exec 5<"$dir/log"
	"$handle" "$dir/1/control" $'write=read(3, "", 10)\n' >"$BATS_TEST_TMPDIR/out" 3>&- 5<&- &
	writer=$!
	lab=$dir
	eventually is_blocked 1
	kill -TERM "$daemon"
	wait "$daemon"
	wait "$writer"
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = 'write: EINTR' ]
	run -1 cat <&5
	exec 5<&-
	is_over
}

@test "a_dead_mount_of_its_own_is_taken_down_at_the_start" {
	crash
	start
	[ -e "$dir/1/control" ]
	umount "$dir"
	is_over
}

@test "a_dead_mount_is_found_by_a_relative_path_and_with_slashes_at_its_end" {
	crash
	cd "$BATS_TEST_TMPDIR"
	"${fdlabd[@]}" "a lab//"
	[ -e "$dir/1/control" ]
	umount "$dir"
}

@test "dead_mounts_on_top_of_each_other_are_all_taken_down" {
	mkdir -p "$dir"
	crash
	umount "$dir"
	mount --bind "$dir" "$dir"
	crash
	start
	umount "$dir"
	fails test -e "$dir/1"
	umount "$dir"
	is_over
}

@test "a_live_mount_is_an_error_and_stays" {
	start
	echo 'dup 0' >"$dir/1/control"
	run -1 "${fdlabd[@]}" "$dir"
	[[ $output == *"$dir: "*'already mounted'* ]]
	[ "$(cat "$dir/1/files/open_fds_list")" = 0-3 ]
	umount "$dir"
	is_over
}

@test "of_daemons_that_start_at_once_on_one_directory_one_mounts" {
	for i in 1 2 3 4 5 6 7 8; do
		"${fdlabd[@]}" "$dir" 2>"$BATS_TEST_TMPDIR/err$i" 3>&- && touch "$BATS_TEST_TMPDIR/ok$i" &
	done
	wait
	[ "$(ls "$BATS_TEST_TMPDIR"/ok* | wc -l)" -eq 1 ]
	[ "$(grep -l 'already mounted' "$BATS_TEST_TMPDIR"/err* | wc -l)" -eq 7 ]
	[ "$(grep -c " ${dir// /\\\\040} " /proc/self/mountinfo)" -eq 1 ]
	daemon=$(daemon_at "$dir")
	umount "$dir"
	is_over
}

@test "a_session_that_cannot_start_is_a_failure_and_leaves_no_mount" {
	[ -z "${FDLAB_SANITIZED:-}" ] && [ "${#fdlabd[@]}" -eq 1 ] || skip "the program must be the plain one"
	cat >"$BATS_TEST_TMPDIR/refuse.c" <<-'END'
		/* Answers the kernel's first request with an error, as libfuse does when it cannot start. */
		#include <stdint.h>
		#include <sys/uio.h>
		#include <unistd.h>
		struct fuse_session;
		struct fuse_buf { unsigned long size; int flags; void *mem; };
		int fuse_session_fd(struct fuse_session *se);
		void fuse_session_exit(struct fuse_session *se);
		void fuse_session_process_buf(struct fuse_session *se, const struct fuse_buf *buf)
		{
			struct { uint32_t len; int32_t error; uint64_t unique; } out = { 16, -71, 0 };

			out.unique = ((const uint64_t *)buf->mem)[1];
			if (write(fuse_session_fd(se), &out, sizeof(out)) != sizeof(out))
				_exit(99);
			fuse_session_exit(se);
		}
	END
	cc -shared -fPIC -o "$BATS_TEST_TMPDIR/refuse.so" "$BATS_TEST_TMPDIR/refuse.c"
	for how in --foreground ''; do
		run -1 env LD_PRELOAD="$BATS_TEST_TMPDIR/refuse.so" timeout 20 "${fdlabd[@]}" $how "$dir"
		eventually fails mountpoint -q "$dir"
		[ -z "$(ls -A "$dir")" ]
	done
	start
	[ -e "$dir/1/control" ]
	umount "$dir"
}

@test "a_mount_of_another_program_stays" {
	mount -t tmpfs something "$dir"
	touch "$dir/theirs"
	start
	[ ! -e "$dir/theirs" ]
	umount "$dir"
	[ -e "$dir/theirs" ]
	umount "$dir"
	is_over
}

@test "a_directory_that_is_not_empty_is_seen_again_after_the_mount" {
	touch "$dir/file"
	start
	[ ! -e "$dir/file" ]
	umount "$dir"
	[ -e "$dir/file" ]
	rm "$dir/file"
	is_over
}

@test "the_mount_is_found_by_its_name_and_type" {
	start
	[ "$(findmnt -n -o SOURCE,FSTYPE "$dir" | tr -s ' ')" = 'fdlab fuse.fdlab' ]
	umount "$dir"
}

@test "options_of_the_mount_are_passed_on" {
	start -o ro,noexec
	[[ ,$(findmnt -n -o OPTIONS "$dir"), == *,ro,*noexec,* ]]
	run -1 bash -c "echo dup 0 >'$dir/1/control'"
	[[ $output == *'Read-only file system'* ]]
	umount "$dir"
}

@test "other_users_are_let_in_only_with_allow_other" {
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." || true
	setpriv --reuid 65534 --regid 65534 --clear-groups test -d "$dir" ||
		skip "the test's directory is closed to others"
	start
	run -2 setpriv --reuid 65534 --regid 65534 --clear-groups ls "$dir"
	[[ $output == *'Permission denied'* ]]
	umount "$dir"
	is_over
	start -o allow_other
	setpriv --reuid 65534 --regid 65534 --clear-groups cat "$dir/1/files/slots"
	run -1 setpriv --reuid 65534 --regid 65534 --clear-groups \
		bash -c "echo dup 0 >'$dir/1/control'"
	[[ $output == *'Permission denied'* ]]
	umount "$dir"
}

@test "machine_options_make_the_machine" {
	start --kernel linux --option nofile=20 --option nr_open=100
	[ "$(cat "$dir/sys/fs/nr_open")" = 100 ]
	run -1 bash -c "echo dup2 0 20 >'$dir/1/control'"
	echo dup2 0 19 >"$dir/1/control"
	umount "$dir"
}

@test "a_machine_of_the_other_kernel_is_mounted" {
	start --kernel netbsd
	echo 'open /etc/passwd' >"$dir/1/control"
	echo 'dup2 3 10' >"$dir/1/control"
	[ "$(cat "$dir/1/files/freefile")" = 3 ]
	[ "$(cat "$dir/1/files/lastfile")" = 10 ]
	[ "$(cat "$dir/1/files/nfiles")" = 20 ]
	[ "$(readlink "$dir/1/fd/10")" = "$dir/rootfs/etc/passwd" ]
	fails bash -c "echo 'dup3 3 11 O_CLOEXEC' >'$dir/1/control'"
	ls -l "$dir/1/files" "$dir/1/fdinfo" >"$BATS_TEST_TMPDIR/listed"
	grep -q himap "$BATS_TEST_TMPDIR/listed"
	umount "$dir"
}

@test "a_service_manager_is_told_of_the_start_and_the_end" {
	for address in "$BATS_TEST_TMPDIR/socket" "@fdlab-test-$$"; do
		rm -f "$BATS_TEST_TMPDIR/told"
		"$bin/notified" "$address" "${fdlabd[@]}" --foreground "$dir" \
			>"$BATS_TEST_TMPDIR/told" 3>&- &
		manager=$!
		eventually says "$BATS_TEST_TMPDIR/told" '^READY=1$'
		[ -e "$dir/1/control" ]
		umount "$dir"
		wait "$manager"
		[ "$(cat "$BATS_TEST_TMPDIR/told")" = $'READY=1\nSTOPPING=1' ]
	done
}

@test "a_service_manager_that_is_not_there_changes_nothing" {
	NOTIFY_SOCKET=/no/such/socket start
	umount "$dir"
	is_over
}

#!/usr/bin/env bats
# Many clients at once, which are killed in the middle of their calls, and what another client sees of it.

setup() {
	load helper
	[ "${FDLAB_SLOW:-1}" != 0 ] || skip "FDLAB_SLOW=0: the sanitizers see the same"
	mount_lab
}

teardown() {
	unmount_lab
}

@test "clients_that_are_killed_leave_a_mount_that_answers" {
	run timeout 280 "$bin/stress" "$lab" "${FDLAB_STRESS:-30}" 32
	printf '%s\n' "$output" | sed 's/^/# /' >&3
	[ "$status" -eq 0 ]
	echo reset >control
	echo 'dup2 0 10' >1/control
	[ "$(cat 1/files/open_fds_list)" = 0-2,10 ]
	timeout 60 find . -path ./rootfs -prune -o -type f -perm -400 ! -name control -exec cat {} + >/dev/null
}

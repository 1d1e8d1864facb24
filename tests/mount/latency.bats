#!/usr/bin/env bats
# The delay of a client while another reads the longest texts: it is printed, and not judged, since
# it depends on the computer and on what else runs there.

setup() {
	load helper
}

teardown() {
	unmount_lab
}

@test "another_client_is_answered_while_long_texts_are_made" {
	local thread='clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)'

	mount_lab --option nofile=100000 --option nofile_hard=100000
	yes "$thread" | head -n 5000 | at_once >1/control
	yes 'open /etc/passwd' | head -n 5000 | at_once >1/control
	[ "$(grep -c /etc/passwd open_files)" -eq 5000 ]
	for i in $(seq 20); do
		echo 'dup2 0 1' >1/control
		cat open_files state.json dot picture.svg 1/files/slots
	done >/dev/null 2>&1 3>&- &
	local job=$! from to worst=0 sum=0
	for i in $(seq 50); do
		from=${EPOCHREALTIME/[.,]/}
		read -r comm <2/comm
		to=${EPOCHREALTIME/[.,]/}
		[ "$comm" = init ]
		sum=$((sum + to - from))
		[ $((to - from)) -le "$worst" ] || worst=$((to - from))
	done
	wait $job
	echo "# another client waited for $((sum / 50)) us, at most $worst us" >&3
}

#!/usr/bin/env bats
# fdlabd for an ordinary user, with fusermount3.

# The user is nobody. If only root can open /dev/fuse, a mount namespace gets a /dev/fuse that is
# open to all, and the machine's own one stays as it is.
setup() {
	load helper
	needs_fuse
	[ "$(id -u)" -eq 0 ] || skip "only root can become an ordinary user"
	[ -u "$(command -v fusermount3)" ] || skip "fusermount3 is not set-uid"
	work=$(mktemp -d /tmp/fdlab-user.XXXXXX)
	mkdir "$work/lab"
	cp "${fdlabd[-1]}" "$work/fdlabd"
	chown -R 65534:65534 "$work"
	mknod -m 666 "$work/fuse" c 10 229
	unshare -m sh -c 'mount --bind "$1" /dev/fuse && setpriv --reuid 65534 --regid 65534 \
		--clear-groups sh -c "exec 3<>/dev/fuse"' sh "$work/fuse" 2>/dev/null ||
		skip "/dev/fuse is not open to ordinary users here"
}

teardown() {
	[ -z "${work:-}" ] || rm -rf "$work"
}

# as_nobody COMMANDS: a shell of an ordinary user, in $work, where $fdlabd is the daemon. Without
# valgrind, which that user may not be able to run.
as_nobody() {
	fdlabd=$work/fdlabd unshare -m --propagation private sh -c '
		mount --bind fuse /dev/fuse
		exec setpriv --reuid 65534 --regid 65534 --clear-groups bash -ec "$1" 3>&-' sh "$1"
}

# has_ended: no daemon of the user is left.
has_ended() {
	[ -z "$(ps -u 65534 -o stat=,comm= | grep 'fdlabd$' | grep -v ^Z)" ]
}

@test "an_ordinary_user_mounts_works_and_unmounts" {
	cd "$work"
	as_nobody '
		$fdlabd lab
		echo "dup2 0 10" >lab/1/control
		[ "$(cat lab/1/files/open_fds_list)" = 0-2,10 ]
		[ "$(stat -c %u:%g lab lab/1/control)" = "65534:65534
65534:65534" ]
		fusermount3 -u lab
		! mountpoint -q lab || false
		[ -z "$(ls -A lab)" ]'
	eventually has_ended
}

@test "a_signal_unmounts_for_an_ordinary_user" {
	cd "$work"
	as_nobody '
		for signal in TERM INT HUP; do
			$fdlabd --foreground lab &
			until mountpoint -q lab; do sleep 0.05; done
			kill -$signal $!
			wait $!
			! mountpoint -q lab || false
		done'
}

@test "an_ordinary_users_dead_mount_is_taken_down_at_the_start" {
	cd "$work"
	as_nobody '
		$fdlabd --foreground lab &
		until mountpoint -q lab; do sleep 0.05; done
		kill -KILL $!
		wait $! || true
		! stat lab 2>/dev/null || false
		$fdlabd lab
		[ -e lab/1/control ]
		fusermount3 -u lab'
}

@test "permissions_keep_the_owner_from_what_the_tree_does_not_allow" {
	cd "$work"
	as_nobody '
		$fdlabd lab
		! (: >lab/log) 2>/dev/null || false
		! mkdir lab/dir 2>/dev/null || false
		fusermount3 -u lab'
}

@test "an_ordinary_users_daemon_is_in_the_sandbox_too" {
	"${fdlabd[@]}" --version | grep -q '^sandbox: libseccomp' || skip "this build has no filter of system calls"
	eventually has_ended
	cd "$work"
	as_nobody '
		$fdlabd lab
		daemon=$(pgrep -o -f "^$fdlabd lab")
		grep -q "^Seccomp:[[:space:]]*2$" /proc/$daemon/status
		grep -q "^NoNewPrivs:[[:space:]]*1$" /proc/$daemon/status
		! readlink /proc/$daemon/exe || false
		kill -TERM $daemon
		while mountpoint -q lab; do sleep 0.05; done
		$fdlabd lab
		fusermount3 -u lab'
	eventually has_ended
}

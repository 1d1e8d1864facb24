# Helpers of the tests on a mount: a machine mounted on $lab for each test, and waiting for events.
# Loaded by each file; the environment may name the programs (FDLABD may be a command with words,
# such as "valgrind fdlabd").

bats_require_minimum_version 1.5.0

build=${FDLAB_BUILD:-$BATS_TEST_DIRNAME/../../build}
read -r -a fdlabd <<<"${FDLABD:-$build/fdlabd}"
bin=${FDLAB_TEST_BIN:-$build/tests/bin/mount}
handle=$bin/handle
listing=$bin/listing

needs_fuse() {
	if [ -c /dev/fuse ] && (exec 9<>/dev/fuse) 2>/dev/null; then
		return 0
	fi
	if [ "${FDLAB_REQUIRE_FUSE:-0}" = 1 ]; then
		echo "there is no /dev/fuse that can be opened, and FDLAB_REQUIRE_FUSE=1" >&2
		return 1
	fi
	skip "no /dev/fuse"
}

# eventually COMMAND...: COMMAND succeeds now or soon.
eventually() {
	local i
	for ((i = 0; i < 1200; i++)); do
		! "$@" || return 0
		sleep 0.05
	done
	echo "it did not come about: $*" >&2
	return 1
}

# fails COMMAND...: COMMAND does not succeed. ("!" before a command alone does not fail a test.)
fails() {
	! "$@"
}

# is_gone PID: the process has ended, whether or not its parent has waited for it.
is_gone() {
	! [ -e "/proc/$1" ] || grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null
}

# is_blocked PID: the task of the machine waits in a call.
is_blocked() {
	! grep -q '^running' "$lab/$1/syscall"
}

# says FILE REGEX
says() {
	grep -Eq "$2" "$1"
}

# at_once: writes standard input in one write; bash would write line by line.
at_once() {
	dd bs=1M iflag=fullblock status=none
}

is_mounted_or_gone() {
	mountpoint -q "$lab" || is_gone "$daemon"
}

# mount_lab [OPTION...]: mounts a machine on $lab, as a child of the test, so that unmount_lab can
# read its status. Its messages go to $lab.err.
mount_lab() {
	needs_fuse
	lab=$BATS_TEST_TMPDIR/lab
	mkdir -p "$lab"
	"${fdlabd[@]}" --foreground "$@" "$lab" 2>"$lab.err" 3>&- &
	daemon=$!
	eventually is_mounted_or_gone
	mountpoint -q "$lab"
	cd "$lab"
}

# unmount_lab: the daemon exits with 0 when its mount is gone, and has printed no error. Descriptors
# and processes that a failed test has left do not keep the daemon.
unmount_lab() {
	local status=0
	[ -n "${daemon:-}" ] || return 0
	cd /
	exec 5>&- 6>&- 7>&- 8>&-
	if [ -n "${BATS_TEST_COMPLETED:-}" ]; then
		eventually umount -q "$lab"
	else
		umount -l "$lab" || true
		kill "$daemon" 2>/dev/null || true
	fi
	wait "$daemon" || status=$?
	daemon=
	cat "$lab.err" >&2
	[ "$status" -eq 0 ]
	[ ! -s "$lab.err" ]
}

# drop_mount DIR: removes a mount that a test has left.
drop_mount() {
	! mountpoint -q "$1" 2>/dev/null || umount -l "$1"
}

# daemon_at DIR: the process of a daemonized fdlabd.
daemon_at() {
	pgrep -f -- "fdlabd .*$1\$" | head -n 1
}

#!/usr/bin/env bats
# In its sandbox the daemon has given up rights that it does not need once its mount can be used.

setup() {
	load helper
	needs_fuse
}

teardown() {
	unmount_lab
	drop_mount "$BATS_TEST_TMPDIR/lab"
}

needs_sandbox() {
	"${fdlabd[@]}" --version | grep -q '^sandbox: libseccomp' || skip "this build has no filter of system calls"
}

# status_of NAME: a line of the daemon's status, as root sees it.
status_of() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$daemon/status"
}

has_status() {
	[ "$(status_of "$1")" = "$2" ]
}

@test "the_version_names_the_sandbox" {
	run -0 "${fdlabd[@]}" --version
	[[ $output == *$'\nsandbox: '* ]]
}

@test "a_daemon_that_serves_has_a_filter_and_gets_no_new_privileges" {
	needs_sandbox
	mount_lab
	eventually has_status Seccomp 2
	[ "$(status_of NoNewPrivs)" = 1 ]
	# Not dumpable: its files in /proc are root's, and only root may trace it.
	[ "$(stat -c %u "/proc/$daemon/fd")" = 0 ]
	echo 'dup2 0 10' >1/control
	[ "$(cat 1/files/open_fds_list)" = 0-2,10 ]
}

@test "no_sandbox_turns_it_off" {
	mount_lab --no-sandbox
	[ -e 1/control ]
	[ "$(status_of Seccomp)" = "$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)" ]
	[ "$(status_of NoNewPrivs)" = "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/self/status)" ]
	[ -z "$(pgrep -P "$daemon")" ]
}

@test "calls_that_serving_does_not_need_fail" {
	needs_sandbox
	cat >"$BATS_TEST_TMPDIR/tries.c" <<-'END'
		/* On SIGUSR1, makes the calls that an intruder would make, and prints those that succeed. */
		#define _GNU_SOURCE
		#define _GNU_SOURCE
		#include <errno.h>
		#include <fcntl.h>
		#include <sched.h>
		#include <signal.h>
		#include <stdio.h>
		#include <string.h>
		#include <sys/mman.h>
		#include <sys/ptrace.h>
		#include <sys/socket.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		static void tell(const char *what, long result)
		{
			const char *outcome = result >= 0 ? ": done\n" : errno == EPERM ? ": EPERM\n" : ": ?\n";
			char line[64] = "";

			strcat(strcat(line, what), outcome);
			(void)!write(2, line, strlen(line));
		}
		static void intrude(int sig)
		{
			char *argv[] = { "true", NULL };

			(void)sig;
			tell("execve", execve("/bin/true", argv, argv + 1));
			tell("vfork", (int)syscall(SYS_vfork));
			tell("thread", (int)syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0));
			tell("namespace", (int)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
			tell("open", open("/etc/passwd", O_RDONLY));
			tell("socket", socket(AF_INET, SOCK_STREAM, 0));
			tell("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
			tell("kill", kill(1, 0));
			tell("unlink", unlink("/nonexistent"));
			tell("mmap", mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
			tell("read", read(-1, NULL, 0) < 0 && errno == EBADF ? 0 : -1);
		}
		__attribute__((constructor)) static void ready(void)
		{
			signal(SIGUSR1, intrude);
		}
	END
	cc -shared -fPIC -o "$BATS_TEST_TMPDIR/tries.so" "$BATS_TEST_TMPDIR/tries.c"
	lab=$BATS_TEST_TMPDIR/lab
	mkdir "$lab"
	LD_PRELOAD=$BATS_TEST_TMPDIR/tries.so "${fdlabd[@]}" --foreground "$lab" 2>"$lab.tries" 3>&- &
	daemon=$!
	: >"$lab.err"
	eventually has_status Seccomp 2
	kill -USR1 "$daemon"
	eventually says "$lab.tries" '^read'
	for call in execve vfork thread namespace open socket ptrace kill unlink mmap; do
		says "$lab.tries" "^$call: EPERM$"
	done
	says "$lab.tries" '^read: done$'
	[ -e "$lab/1/control" ]
}

@test "a_daemon_in_the_background_is_in_the_sandbox_when_fdlabd_returns" {
	needs_sandbox
	lab=$BATS_TEST_TMPDIR/lab
	mkdir "$lab"
	"${fdlabd[@]}" "$lab"
	daemon=$(daemon_at "$lab")
	[ "$(status_of Seccomp)" = 2 ]
	umount "$lab"
	eventually is_gone "$daemon"
	daemon=
}

@test "the_process_that_unmounts_ends_with_a_daemon_that_is_killed" {
	needs_sandbox
	mount_lab
	helper=$(pgrep -P "$daemon")
	[ -n "$helper" ]
	cd /
	# A service manager's signal to all processes leaves it until the daemon has unmounted.
	kill -TERM "$helper"
	sleep 0.2
	fails is_gone "$helper"
	kill -KILL "$daemon"
	eventually is_gone "$helper"
	umount "$lab"
	wait "$daemon" || true
	daemon=
}

# refused PART MESSAGE REGEX...: a daemon to which the kernel refuses PART of the sandbox says MESSAGE, in one
# line, and serves with the other parts: lines of its status match each REGEX.
refused() {
	local part=$1 message=$2 regex
	shift 2
	needs_sandbox
	lab=$BATS_TEST_TMPDIR/lab
	mkdir "$lab"
	run "$bin/without" "$part" true
	[ "$status" -ne 77 ] || skip "$output"
	[ "$status" -eq 0 ]
	run -0 "$bin/without" "$part" "${fdlabd[@]}" "$lab"
	[ "$output" = "fdlabd: $message" ]
	daemon=$(daemon_at "$lab")
	for regex; do
		says "/proc/$daemon/status" "$regex"
	done
	echo 'dup2 0 10' >"$lab/1/control"
	[ "$(cat "$lab/1/files/open_fds_list")" = 0-2,10 ]
	umount "$lab"
	eventually is_gone "$daemon"
	daemon=
}

@test "where_core_dumps_and_tracers_cannot_be_refused_it_is_said" {
	refused dumpable 'the sandbox lets tracers in: Operation not permitted' \
		'^NoNewPrivs:.1$' '^Seccomp_filters:.2$'
}

@test "where_new_privileges_cannot_be_refused_it_is_said" {
	refused privileges 'the sandbox lets new privileges in: Operation not permitted' \
		'^NoNewPrivs:.0$' '^Seccomp_filters:.2$'
}

@test "where_there_can_be_no_filter_it_is_said" {
	refused filter 'no filter of system calls: Operation not permitted' \
		'^NoNewPrivs:.1$' '^Seccomp_filters:.1$'
}

@test "a_build_without_libseccomp_says_that_it_has_no_filter" {
	needs_sandbox
	local objects object
	# A build directory may still hold objects of sources that have gone.
	mapfile -t objects < <(cd "$build/CMakeFiles/fdlabd.dir/daemon" && find . -name '*.o' ! -name sandbox.c.o)
	for object in "${!objects[@]}"; do
		[ -f "$FDLAB_SOURCE/daemon/${objects[object]%.o}" ] || unset "objects[object]"
	done
	cc -std=gnu11 -D_GNU_SOURCE= -c -o "$BATS_TEST_TMPDIR/sandbox.o" "$FDLAB_SOURCE/daemon/sandbox.c"
	"$CC" -O1 -o "$BATS_TEST_TMPDIR/fdlabd" "$BATS_TEST_TMPDIR/sandbox.o" \
		"${objects[@]/#/$build/CMakeFiles/fdlabd.dir/daemon/}" "$build/CMakeFiles/fdlabd.dir/page.c.o" \
		"$build/libfdlab.a" $(pkg-config --libs jansson zlib fuse3 libevent_core libevent_extra)
	lab=$BATS_TEST_TMPDIR/lab
	mkdir "$lab"
	run -0 "$BATS_TEST_TMPDIR/fdlabd" --version
	[[ $output == *$'\nsandbox: no new privileges, no filter of system calls: built without libseccomp' ]]
	run -0 "$BATS_TEST_TMPDIR/fdlabd" "$lab"
	[ "$output" = 'fdlabd: no filter of system calls: built without libseccomp' ]
	daemon=$(daemon_at "$lab")
	[ "$(status_of NoNewPrivs)" = 1 ]
	[ -e "$lab/1/control" ]
	umount "$lab"
	eventually is_gone "$daemon"
	run -0 "$BATS_TEST_TMPDIR/fdlabd" --no-sandbox "$lab"
	[ -z "$output" ]
	daemon=$(daemon_at "$lab")
	umount "$lab"
	eventually is_gone "$daemon"
	daemon=
}

# fdlab check on programs in C that are right, and wrong in each way.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	export LC_ALL=C.UTF-8
	[ -z "${FDLAB_SANITIZED:-}" ] || export ASAN_OPTIONS=detect_leaks=0
	command -v strace >/dev/null || skip "strace is missing"
	strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
}

# program NAME: compiles NAME.c, the body of main on standard input.
program() {
	{
		echo '#define _GNU_SOURCE'
		printf '#include <%s>\n' fcntl.h unistd.h stdlib.h signal.h sched.h sys/socket.h sys/syscall.h sys/wait.h
		echo 'int main(void) {'
		echo '#line 1'
		cat
		echo '}'
	} >"$1.c"
	${CC:-cc} -g -O0 -w -o "$1" "$1.c"
}

# checked STATUS OPTION... -- PROGRAM
checked() {
	local status=$1
	shift
	run "-$status" --separate-stderr "$FDLAB" check "$@"
}

# says LINE: a line of the report.
says() {
	grep -qxF -- "$1" <<<"$output" || {
		echo "not in the report: $1"
		echo "$output"
		return 1
	}
}

stacks() {
	strace -V | grep -q 'stack-trace=' && command -v addr2line >/dev/null
}

# at PROPERTY LINE REST: a failure, at the line of the source where strace can tell it.
at() {
	if stacks; then
		says "# $2: $3"
	else
		says "# $1: $3"
	fi
}

@test "a_pipeline_that_closes_all_ends_passes" {
	program right <<'END'
	int p[2];
	pipe2(p, O_CLOEXEC);
	if (!fork()) { dup2(p[1], 1); execlp("echo", "echo", "hello", (char *)0); }
	if (!fork()) { dup2(p[0], 0); dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 1);
		execlp("cat", "cat", (char *)0); }
	close(p[0]); close(p[1]);
	wait(0); wait(0);
	return 0;
END
	checked 0 -- ./right
	[ "$output" = "TAP version 13
1..4
ok 1 - ends
ok 2 - no-leaks
ok 3 - all-ends-closed
ok 4 - cloexec
# 4 passed, 0 failed" ]
}

@test "a_leak_has_the_line_that_opened_it" {
	program leak <<'END'
	int a = open("/etc/passwd", O_RDONLY);
	int b = dup(a);
	int c = fcntl(a, F_DUPFD, 20);
	close(a);
	return 0;
END
	checked 1 --no-leaks -- ./leak
	at no-leaks leak.c:2 "4, /etc/passwd (dup), is open when process 1 exits"
	at no-leaks leak.c:3 "20, /etc/passwd (fcntl(F_DUPFD)), is open when process 1 exits"
	[[ $output != *leak.c:1:* ]]
	checked 0 --all-ends-closed -- ./leak
	checked 0 --cloexec -- ./leak
}

@test "copies_of_fork_are_no_leaks_but_ends_of_pipes_are_open" {
	program child <<'END'
	int p[2], s[2];
	int file = open("/etc/passwd", O_RDONLY);
	pipe(p);
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	if (!fork()) { close(p[0]); close(s[0]); close(s[1]); _exit(0); }
	close(p[0]); close(p[1]); close(s[0]); close(file);
	wait(0);
	return 0;
END
	checked 1 --no-leaks --all-ends-closed -- ./child
	at all-ends-closed child.c:3 "5, write end of a pipe (pipe2, then fork), is open when process 2 exits"
	at all-ends-closed child.c:4 "7, socket (socketpair), is open when process 1 exits"
	at no-leaks child.c:4 "7, socket (socketpair), is open when process 1 exits"
	says "# 1 passed, 2 failed"
	[ "$(grep -c 'is open when' <<<"$output")" = 3 ]
}

@test "exec_hands_on_only_what_it_was_told_to" {
	program exec <<'END'
	int a = open("/etc/passwd", O_RDONLY);
	int b = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	int c = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	fcntl(c, F_SETFD, 0);
	dup2(b, 9);
	if (!fork())
		execl("/bin/true", "true", (char *)0);
	wait(0);
	return 0;
END
	checked 1 --cloexec -- ./exec
	[ "$(grep -c ' goes on to ' <<<"$output")" = 1 ]
	if stacks; then
		says "# exec.c:1: 3, /etc/passwd (openat, then fork), goes on to /bin/true in process 2, exec.c:7"
	fi
}

@test "a_reader_that_hangs_is_killed_and_told_which_process_keeps_the_pipe_open" {
	program hang <<'END'
	int p[2]; char c;
	pipe(p);
	if (!fork()) { close(p[0]); write(p[1], "x", 1); _exit(0); }
	while (read(p[0], &c, 1) > 0)
		;
	return 0;
END
	checked 1 --timeout 1 --all-ends-closed -- ./hang
	says "# ends: it did not end in its time, and was killed"
	grep -q '^# ends: process 1 was in read(3<pipe:\[[0-9]*\]>, \.\.\.)$' <<<"$output"
	at ends hang.c:2 "4, write end of a pipe (pipe2), keeps the pipe open, so read cannot return 0"
	[ "$(grep -c 'keeps the pipe open' <<<"$output")" = 1 ]
	[ -z "$(pgrep -f "$BATS_TEST_TMPDIR/hang")" ]
}

@test "children_of_a_late_program_are_killed_too" {
	program orphan <<'END'
	if (!fork()) { if (!fork()) { pause(); } _exit(0); }
	wait(0);
	return 0;
END
	local before=$SECONDS
	checked 1 --timeout 1 -- ./orphan
	((SECONDS - before < 8))
	says "not ok 1 - ends"
}

@test "a_signal_that_kills_the_program_is_told" {
	program killed <<'END'
	raise(SIGTERM);
END
	checked 1 -- ./killed
	says "# ends: it was killed by SIGTERM"
	program status <<'END'
	return 3;
END
	checked 0 --json -- ./status
	[ "$(jq -r '.files[0].status' <<<"$output")" = 3 ]
}

@test "a_file_of_expectations_holds_at_the_exit_of_the_program" {
	program state <<'END'
	int p[2];
	open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	pipe(p);
	close(1);
	if (!fork()) _exit(0);
	wait(0);
	_exit(0);
END
	printf '%s\n' 'expect 1/files/open_fds_list = 0,2-5' 'expect 1/files/close_on_exec_list = 3' \
		'expect no 1/fd/1' 'expect 1/fd/3 = /etc/passwd' 'expect 1/fd/4 ~ ^pipe:' \
		'expect no 2' >right.fdl
	checked 0 --expect right.fdl -- ./state
	says "ok 2 - right.fdl"
	printf '%s\n' 'expect 1/files/open_fds_list = 0-5' 'expect no 1/fd/3' >wrong.fdl
	checked 1 --expect wrong.fdl -- ./state
	says "# wrong.fdl:1: 1/files/open_fds_list: expected '0-5', got '0,2-5'"
	says "# wrong.fdl:2: 1/fd/3: expected not to exist, but it does"
}

@test "a_file_that_asks_what_a_log_cannot_tell_is_not_run" {
	program none <<'END'
	return 0;
END
	printf '%s\n' 'close(0) = 0' 'expect 1/fdinfo/0 ~ pos' >bad.fdl
	checked 2 --expect bad.fdl -- ./none
	says "# bad.fdl:1: only expect lines can be held against a real program"
	[[ $output == *"bad.fdl:2: 1/fdinfo/0: a log of strace does not tell"* ]]
	checked 2 --expect missing.fdl -- ./none
	says "# missing.fdl: could not run: No such file or directory"
	: >empty.fdl
	checked 2 --expect empty.fdl -- ./none
	[[ $output == *"there is no expect line in it"* ]]
}

@test "json_has_the_findings_and_the_programs_output_is_on_standard_error" {
	program output <<'END'
	write(1, "out\n", 4);
	open("/etc/passwd", O_RDONLY);
	_exit(0);
END
	checked 1 --json --no-leaks -- ./output
	[ "$stderr" = out ]
	[ "$(jq -c '.files[1].findings[0] | [.process, .fd, .what, .opened_by, .copied]' <<<"$output")" = \
		'[1,3,"/etc/passwd","openat",false]' ]
	! stacks || [ "$(jq -r '.files[1].findings[0].opened_at' <<<"$output")" = output.c:2 ]
	[ "$(jq -r '.failed' <<<"$output")" = 1 ]
	checked 0 -- sh -c 'echo out'
	[ "${lines[0]}" = out ]
}

@test "without_debugging_information_the_function_is_named" {
	stacks || skip "this strace prints no stacks"
	program plain <<'END'
	return open("/etc/passwd", O_RDONLY) < 0;
END
	${CC:-cc} -O0 -w -o plain plain.c
	checked 1 --no-leaks -- ./plain
	[[ $output == *"# plain(main+0x"*"): 3, /etc/passwd (openat), is open"* ]]
	says "# no lines of source: compiled without -g, or strace cannot follow the stack"
	${CC:-cc} -g -O0 -w -no-pie -o plain plain.c
	checked 1 --no-leaks -- ./plain
	says "# plain.c:1: 3, /etc/passwd (openat), is open when process 1 exits"
}

@test "a_thread_leaks_into_its_process_and_what_the_shell_of_system_inherits_is_told" {
	program threads <<'END'
	int a = open("/etc/group", O_RDONLY);
	system("true");
	close(a);
	syscall(SYS_clone, CLONE_FILES | CLONE_VM | CLONE_VFORK | SIGCHLD, 0) ?: _exit(open("/etc/passwd", O_RDONLY) < 0);
	return 0;
END
	checked 1 --no-leaks --cloexec -- ./threads
	at no-leaks threads.c:4 "3, /etc/passwd (openat), is open when process 1 exits"
	[ "$(grep -c 'is open when' <<<"$output")" = 1 ]
	at cloexec threads.c:1 "3, /etc/group (openat, then fork), goes on to /bin/sh in process 2"
}

@test "the_program_starts_with_0_to_2_alone" {
	checked 0 --no-leaks -- sh -c 'exec 7</etc/passwd; exec 7<&-' 7</etc/passwd
	program none <<'END'
	return open("/etc/passwd", O_RDONLY) != 3;
END
	checked 1 --json --no-leaks -- ./none 3</etc/passwd 4</etc/passwd
	[ "$(jq -r '.files[0].status' <<<"$output")" = 0 ]
}

# fake SCRIPT: puts a strace in front that does as the script says.
fake() {
	mkdir -p fake
	printf '#!/bin/sh\n%s\n' "$1" >fake/strace
	chmod +x fake/strace
	PATH=$PWD/fake:$PATH
}

@test "clear_words_where_strace_is_missing_or_cannot_trace" {
	local real
	real=$(command -v strace)
	export TMPDIR=$PWD/tmp
	mkdir tmp
	checked 2 -- ./nothing
	[ "$stderr" = "fdlab check: ./nothing: there is no such program" ]
	echo 'int main(void)' >source.c
	run -2 --separate-stderr "$FDLAB" check -- ./source.c
	[ "$stderr" = "fdlab check: ./source.c: this is no program that can be run" ]
	echo 'true' >script
	chmod +x script
	checked 2 -- ./script
	[[ $stderr == *"fdlab check: ./script could not be executed" ]]
	mkdir only
	ln -s "$(type -P true)" only/true
	run -2 --separate-stderr env "PATH=$PWD/only" "$FDLAB" check -- true
	[[ $stderr == "fdlab check: strace is missing: "*"apt install strace)" ]]
	fake "[ \"\$1\" != -V ] || exec $real -V; echo 'strace: ptrace: no' >&2; exit 1"
	checked 2 -- true
	[[ $stderr == *"fdlab check: strace could not trace true; ptrace(2) may be forbidden here"* ]]
	[ -z "$(ls "$TMPDIR")" ]
}

@test "a_strace_without_stacks_is_no_hindrance" {
	local real
	real=$(command -v strace)
	program leak <<'END'
	open("/etc/passwd", O_RDONLY);
	_exit(0);
END
	fake "[ \"\$1\" != -V ] || { echo 'strace -- version 6.1'; exit; }; exec $real \"\$@\""
	checked 1 --no-leaks -- ./leak
	says "# no-leaks: 3, /etc/passwd (openat), is open when process 1 exits"
	says "# no lines of source: this strace prints no stacks (-k)"
}

@test "a_command_line_without_a_program_is_an_error" {
	run -2 --separate-stderr "$FDLAB" check --no-leaks
	[ "${stderr_lines[0]}" = "fdlab check: a program is missing" ]
	run -2 --separate-stderr "$FDLAB" check --timeout soon -- true
	[ "${stderr_lines[0]}" = "fdlab check: --timeout takes a number of seconds, not 'soon'" ]
}

# fdlab shell: scripts, habits of C, explanations, calls in flight; typing, history, completion and
# the size of the window in a terminal (tmux).

setup() {
	load terminal
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	export LC_ALL=C.UTF-8
	socket=$BATS_TEST_TMPDIR/tmux
}

teardown() {
	! command -v tmux >/dev/null || tmux -S "$socket" kill-server 2>/dev/null || true
}

# shell LINE...: the output of a script.
shell() {
	printf '%s\n' "$@" | "$FDLAB" shell
}

has() {
	grep -qF -- "$1" <<<"$output" || {
		echo "not in the output: $1"
		echo "$output"
		return 1
	}
}

@test "a_script_shows_lines_replies_and_rows_that_changed" {
	run -0 shell 'open /etc/passwd' 'dup2(3, 7)' 'close(3)'
	[ "${lines[0]}" = '1> open /etc/passwd' ]
	[ "${lines[1]}" = '1 open("/etc/passwd", O_RDONLY) = 3' ]
	has '    > 7                 2     0  /etc/passwd'
	has '    > 3                          closed'
	# What did not change is not drawn.
	[ "$(grep -c ' 7 .*passwd' <<<"$output")" -eq 1 ]
}

@test "habits_of_c_are_understood" {
	run -0 shell 'int fd = open("/etc/passwd", O_RDONLY);' 'ssize_t n = read(fd, buf, 4);' \
		'int p[2];' 'pipe(p);' 'write(p[1], "a;b", 3);' 'close(STDIN_FILENO);' 'int d = dup(fd)'
	has '1 read(3, "root", 4) = 4'
	has '1 pipe([4, 5]) = 0'
	has '1 write(5, "a;b", 3) = 3'
	has '1 close(0) = 0'
	has '1 dup(3) = 0'
	has 'declarations are not needed'
	run -0 shell 'char buf[10];' 'struct stat st;' 'pid_t pid = fork();' '2 exit(0);' \
		'waitpid(pid, &status, 0);' 'pipe(&p)' 'fstat(p[0], &st);'
	[ "$(grep -c 'declarations are not needed' <<<"$output")" -eq 2 ]
	has '1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0) = 2'
	has '1 fstat(3, {st_mode=S_IFIFO|0600, st_size=0, ...}) = 0'
	run -0 shell fork '2 exit(3)' 'wait(&status);' fork '3 exit(0)' 'wait(NULL)' 'help waitpid'
	has '1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0) = 2'
	has '1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0) = 3'
	has '  wait4(pid pid'
}

@test "statements_are_answered_with_the_calls_that_they_make" {
	for line in 'if (fork() == 0) {' 'while (1)' 'for (;;) close(3);' 'else'; do
		run -1 shell "$line"
		has 'statements are not played: type the calls that they make, one a line'
	done
	run -1 shell '}'
	has 'blocks are not needed: one call a line'
	run -1 shell 'return 0;'
	has 'exit(0) ends the task'
}

@test "chmod_has_the_order_of_a_shell_and_of_the_call" {
	run -0 shell 'open /tmp/x O_CREAT 0644' 'chmod 600 /tmp/x' 'chmod /tmp/x 755' 'open 7 O_CREAT 0644' \
		'chmod 7 644'
	has '1 chmod("/tmp/x", 0600) = 0'
	has '1 chmod("/tmp/x", 0755) = 0'
	has '1 chmod("7", 0644) = 0'
}

@test "help_names_every_command_and_explains_each" {
	run -0 shell help
	for word in show fdtable draw tasks task stop step finish save load help exit quit undo redo goto clock \
		rcu reset; do
		grep -qE "^  $word " <<<"$output"
		"$FDLAB" shell <<<"help $word" | grep -qE "^  $word "
	done
}

@test "redo_tells_where_the_machine_is" {
	run -0 shell 'dup 0' 'dup 0' 'dup 0' 'undo 3' 'redo 2' 'redo'
	has '  lines 1 to 3 are undone'
	has '  now after: 1 dup(0) = 4; line 3 is undone'
	[ "${lines[-1]}" = '  now after: 1 dup(0) = 5' ]
}

@test "C_without_a_plain_meaning_is_answered_with_a_form_that_works" {
	run -1 shell 'write(1, buf, 4)'
	has "'buf' has no value here: write the argument itself"
	run -1 shell 'write(1, &c, 1)'
	has 'there are no addresses here'
	run -1 shell 'read(0, buf, sizeof(buf))'
	has 'lengths are numbers here'
	run -1 shell 'close(0); close(1);'
	has 'one call a line'
	run -1 shell 'dupp(0)'
	has 'there is no call "dupp" (did you mean "dup"?)'
	run -1 shell exit
	has 'exit 0 ends task 1; quit leaves the prompt'
	run -0 shell 'open /tmp/x O_CREAT 0644' 'chmod /tmp/x 777'
	has 'chmod("/tmp/x", 0777) = 0'
}

@test "errors_are_explained_where_they_happen" {
	run -0 shell 'close(77)' 'dup3(0, 0, 0)' 'get_unused_fd_flags(0)' 'dup2(0, 3)' \
		'open /etc/passwd' 'write 4 x' 'open /nothing' 'wait4'
	has 'descriptor 77 is not open in task 1; open are 0-2'
	has 'dup3 refuses two equal numbers, where dup2 does nothing'
	has '3 is reserved: a call in flight has taken the number'
	has 'descriptor 4 is open for reading only'
	has 'O_CREAT would make it'
	has 'the task has no child that it could wait for'
}

@test "a_call_that_waits_names_the_task_that_it_waits_for" {
	run -0 shell pipe fork 'read 3 10' tasks '2 write 4 hello' '2 flock 0 LOCK_EX' fork
	has 'it waits for the other end, which is open as 1:4,2:4 (task:descriptor)'
	has '* 1 init, in read: blocked at pipe_read'
	has '1 (in read)> 2 write 4 hello'
	has '1 <... read resumed>"hello", 10) = 5'
}

@test "calls_stop_and_are_stepped" {
	run -0 shell 'stop at fd_install' 'open("/etc/hosts", O_RDONLY)' step 'dup 0'
	has 'task 1 is stopped at fd_install'
	has '1 (in open)> step'
	has '1 <... open resumed>) = 3'
	has '1 dup(0) = 4'
}

@test "tasks_are_chosen_and_left_when_they_end" {
	run -0 shell fork 'task 2' 'open /etc/passwd' '1 dup 0' 'exit 3' '1 wait4' 'dup 0'
	has '2> open /etc/passwd'
	has '2 open("/etc/passwd", O_RDONLY) = 3'
	has '1 dup(0) = 3'
	has 'task 2 is gone: calls are for task 1'
	has '1> dup 0'
	run -1 shell 'task 9'
	has "there is no task '9'; tasks lists them"
}

@test "a_session_is_saved_as_a_scenario_and_loaded" {
	run -0 shell 'open /etc/passwd' 'read 3 4' 'save s.fdl'
	run -0 "$FDLAB" run s.fdl
	run -0 shell 'load s.fdl' 'show 1/fd/3' 'show 1/fdinfo/3' fdtable draw
	has /etc/passwd
	has 'pos:	4'
	has 'files_struct 1: count 1'
	has 'tasks 1'
	has 'open file descriptions'
	run -1 shell 'load missing.fdl'
	has 'missing.fdl: No such file or directory'
	run -1 shell 'save /no/dir/x'
	has '/no/dir/x: No such file or directory'
}

@test "calls_are_undone_and_redone" {
	run -0 shell 'open /etc/passwd' 'read 3 10' 'dup 3' undo 'undo 2' 'redo 3' 'goto 1' 'dup 3' \
		'show 1/fdinfo/4'
	has '    > 4                          closed'
	has '  line 3 is undone'
	has '  lines 1 to 3 are undone'
	has '  now after: 1 dup(3) = 4'
	has 'O_RDONLY) = 3; lines 2 to 3 are undone'
	has 'pos:	0'
	run -1 shell 'redo 2'
	has 'can be redone'
}

@test "help_tells_about_commands_and_calls" {
	run -0 shell help 'help dup2' 'help fd_install' 'help fcntl'
	has '  stop     at POINT'
	has '  dup2(fd oldfd, fd newfd)'
	has '  errors: EBADF EBUSY'
	has 'a function of the kernel, which no program calls'
	has 'F_DUPFD, F_GETFD'
	run -1 shell 'help dpu'
	has "did you mean 'dup'?"
}

# Each call that the manual lists for programs has its line of help.
@test "every_call_of_the_manual_has_help" {
	local names
	names=$(sed -n '/^\.Sh CALLS/,/^\.Ss Functions of the Linux/s/^\.It Fn \([a-z0-9_]*\).*/\1/p' \
		"$FDLAB_SOURCE/man/fdlab-notation.5" | sort -u)
	[ "$(wc -l <<<"$names")" -gt 100 ]
	for name in $names; do
		grep -q "^	{ \"$name\",\|{ \"$name\", *$" "$FDLAB_SOURCE/lib/about.c" || {
			echo "no help for $name"
			return 1
		}
	done
}

@test "a_mounted_machine_is_worked_on" {
	command -v "${FDLABD%% *}" >/dev/null || [ -x "${FDLABD##* }" ] || skip "there is no fdlabd"
	[ -c /dev/fuse ] || skip "there is no /dev/fuse"
	mkdir m
	timeout 60 $FDLABD m || skip "it cannot be mounted here"
	echo 'open /etc/passwd' >m/1/control
	printf '%s\n' 'dup 3' 'show 1/files/open_fds_list' 'close 77' >script
	run -0 timeout 60 "$FDLAB" shell --on "mount=$PWD/m" <script
	fusermount3 -u m || umount m
	has '1 dup(3) = 4'
	has 0-4
	has 'descriptor 77 is not open in task 1; open are 0-4'
	run -2 "$FDLAB" shell --on mount=/nowhere
	run -2 "$FDLAB" shell --on kernel
	run -2 "$FDLAB" shell file
}

# ---- in a terminal ---------------------------------------------------------------------------

terminal() {
	command -v tmux >/dev/null || skip "tmux is not installed"
	tmux -S "$socket" -f /dev/null new-session -d -x "${1:-80}" -y "${2:-24}" \
		"NO_COLOR=1 '$FDLAB' shell; echo status \$?; sleep 100"
	shows '1>'
}

type_keys() {
	tmux -S "$socket" send-keys "$@"
}

needs_editor() {
	strings -a "$FDLAB" 2>/dev/null | grep -q 'was built without libedit' &&
		! ldd "$FDLAB" | grep -q libedit && skip "built without libedit"
	return 0
}

@test "typing_history_and_the_end_of_input" {
	terminal
	needs_editor
	type_keys 'dup 0' Enter
	shows '1 dup(0) = 3'
	type_keys Up Enter
	shows '1 dup(0) = 4'
	type_keys Up Up Enter
	shows '1 dup(0) = 5'
	type_keys C-d
	shows 'status 0'
}

@test "calls_flags_descriptors_and_paths_are_completed" {
	terminal
	needs_editor
	type_keys 'epoll_cr' Tab '1 0' Enter
	shows '1 epoll_create1(0) = 3'
	type_keys 'open("/etc/pass' Tab '", O_RDO' Tab ')' Enter
	shows '1 open("/etc/passwd", O_RDONLY) = 4'
	type_keys 'stop at fd_install' Enter
	type_keys 'quit' Enter
	shows 'status 0'
}

@test "lines_fit_eighty_columns_and_a_window_that_shrinks" {
	terminal 100 30
	type_keys help Enter
	shows 'leave the prompt'
	[ "$(wc -L <screen)" -le 80 ]
	tmux -S "$socket" resize-window -x 80 -y 24
	type_keys 'open /etc/passwd' Enter
	shows '> 3 '
	type_keys 'quit' Enter
	shows 'status 0'
}

@test "a_dumb_terminal_and_the_c_locale_will_do" {
	command -v script >/dev/null || skip "script is not installed"
	printf 'dup 0\nquit\n' | LC_ALL=C TERM=dumb timeout 60 script -qec "$FDLAB shell" /dev/null >out
	grep -qF '1 dup(0) = 3' out
}

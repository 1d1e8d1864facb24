# fdlab fuzz: the same seed gives the same programs, a machine that differs from the kernel is
# caught, and the program that caught it is shrunk.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	if ! output=$("$FDLAB" fuzz --calls 1 2>&1); then
		[ "${FDLAB_REQUIRE_KERNEL:-0}" != 1 ] || return 1
		skip "$output"
	fi
}

# caught LINES [argument...]: a divergence is found, and its scenario has at most so many lines.
caught() {
	local most=$1
	shift
	run -1 --separate-stderr "$FDLAB" fuzz --seed 7 --save . "$@"
	[[ ${lines[-1]} == *" 1 divergence" ]]
	file=$(sed -n 's/^saved as //p' <<<"$output")
	[ -f "$file" ]
	cat "$file"
	calls=$(grep -cE '^[0-9]+ ' "$file")
	[ "$calls" -le $((5 + most)) ] # each program begins with the same five
}

@test "no_divergence_is_status_0_and_says_the_seed" {
	run -0 "$FDLAB" fuzz --calls 500 --seed 42
	[ "${lines[0]}" = "seed 42" ]
	[[ ${lines[1]} == "500 calls in 1 programs, "*" a second, no divergence" ]]
	run -0 "$FDLAB" fuzz --calls 50
	[[ ${lines[0]} =~ ^seed\ [0-9]+$ ]]
}

@test "machine_with_another_nr_open_is_caught_and_shrunk" {
	caught 5 --model nr_open=64
	grep -q '^option nofile=[0-9]* nofile_hard=[0-9]* nr_open=64$' "$file"
	# The saved scenario has the machine's results,
	run -0 "$FDLAB" run "$file"
	# and not the kernel's.
	sed -i 's/ nr_open=64$//' "$file"
	run -1 "$FDLAB" run --on kernel "$file"
	run -1 "$FDLAB" run "$file"
}

@test "machine_with_another_limit_is_caught_and_shrunk" {
	caught 3 --model nofile=9
	run -0 "$FDLAB" run "$file"
	sed -i 's/ nofile=9$//' "$file"
	run -1 "$FDLAB" run --on kernel "$file"
}

@test "machine_with_fewer_open_files_is_caught_and_shrunk" {
	caught 12 --model file_max=6
	run -0 "$FDLAB" run "$file"
}

@test "same_seed_gives_the_same_programs" {
	mkdir a b
	run -1 "$FDLAB" fuzz --seed 3 --save a --model nr_open=64
	run -1 "$FDLAB" fuzz --seed 3 --save b --model nr_open=64
	diff -r a b
	run -1 "$FDLAB" fuzz --seed 4 --save b --model nr_open=64
	[ "$(ls b | wc -l)" -eq 2 ]
}

@test "report_in_json" {
	run -0 --separate-stderr "$FDLAB" fuzz --calls 100 --seed 5 --json
	json=$(tr -d ' \n' <<<"$output")
	[[ $json == '{"version":"'*'"on":"linux'*'"seed":"5","calls":100,"programs":1,"divergence":null}' ]]
	run -1 --separate-stderr "$FDLAB" fuzz --seed 5 --json --save . --model nr_open=64
	json=$(tr -d ' \n' <<<"$output")
	[[ $json == *'"divergence":{"call":'*'"what":"'*'"machine":"'*'"kernel":"'*'"file":"./fuzz-5-'*'.fdl"}}' ]]
}

@test "time_ends_it" {
	run -0 "$FDLAB" fuzz --time 0.3
	run -2 "$FDLAB" fuzz --time soon
	[[ $output == *"--time takes seconds, not 'soon'"* ]]
}

@test "wrong_arguments_are_status_2" {
	run -2 "$FDLAB" fuzz --calls many
	run -2 "$FDLAB" fuzz --seed -1
	run -2 "$FDLAB" fuzz --model kernel=plan9
	run -2 "$FDLAB" fuzz file.fdl
	run -2 "$FDLAB" fuzz --sed 1
}

# tasks_of PID [NAME]: waits until a process has children, the first of them with this name.
tasks_of() {
	local tasks
	for _ in {1..200}; do
		tasks=$(cat "/proc/$1/task/$1/children")
		if [ -n "$tasks" ] && { [ $# = 1 ] || [ "$(cat "/proc/${tasks%% *}/comm")" = "$2" ]; }; then
			return
		fi
		sleep 0.02
	done
	return 1
}

# tasks_go_with PID: a process that is killed leaves no task.
tasks_go_with() {
	local tasks task
	kill -STOP "$1"
	tasks=$(cat "/proc/$1/task/$1/children")
	kill -KILL "$1"
	wait "$1" || true
	for task in $tasks; do
		for _ in {1..100}; do
			[ -e "/proc/$task" ] || continue 2
			! grep -q '^State:.Z' "/proc/$task/status" || continue 2
			sleep 0.1
		done
		return 1
	done
}

@test "tasks_go_with_the_process_that_gives_orders" {
	"$FDLAB" fuzz --time 60 3>&- >out &
	tasks_of $!
	tasks_go_with $!
}

# The thread takes the place of task 1, whose parent's end would not concern it.
@test "tasks_go_with_that_process_after_an_exec_by_a_thread" {
	{
		echo '1 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2'
		echo '2 execve("/bin/true")'
		yes '1 dup2(0, 5) = 5' | head -n 400000
	} >s.fdl
	"$FDLAB" run --on kernel s.fdl 3>&- >out &
	tasks_of $! true
	tasks_go_with $!
}

#!/usr/bin/env bats
# Programs from Debian's packages that were made for /proc, reading a machine in its place.

setup() {
	load helper
	python=/usr/bin/python3
	mount_lab --option nofile=20
	at_once <<-'END' >control
		1 open("/etc/passwd", O_RDONLY) = 3
		1 read(3, ..., 10) = 10
		1 pipe2([4, 5], 0) = 0
		1 fork() = 2
		2 execve("/bin/cat", ["cat", "two words"], NULL) = 0
		2 fork() = 3
		3 close(5) = 0
		3 execve("/bin/sh", ["sh"], NULL) = 0
		3 dup2(3, 12) = 12
		2 fork() = 4
		4 exit(3) = ?
		3 read(4, ..., 1)
	END
	[ "$(cat 3/wchan)" = pipe_read ]
}

teardown() {
	[ -z "${exporter:-}" ] || kill "$exporter" 2>/dev/null || true
	unmount_lab
}

# needs PACKAGE PROGRAM
needs() {
	command -v "$2" >/dev/null || [ "${FDLAB_REQUIRE_PROGRAMS:-0}" = 1 ] || skip "no $2: $1 is not installed"
}

needs_namespaces() {
	unshare --mount true 2>/dev/null || skip "no mount namespaces here"
}

# in_its_place COMMAND...: runs a command with the machine at /proc, without output to the test, and
# with a time limit.
in_its_place() {
	run -0 --separate-stderr timeout 60 unshare --mount --propagation private bash -c '
		mount --bind "$0" /proc && exec "$@"' "$lab" "$@"
	echo "$output"
	echo "$stderr" >&2
	[ -z "$stderr" ]
}

# The same for programs that read their own process: they are process 1 of a namespace, and find
# init.
as_init() {
	run -0 --separate-stderr timeout 60 unshare --mount --propagation private --pid --fork bash -c '
		mount --bind "$0" /proc && exec "$@"' "$lab" "$@"
	echo "$output"
	echo "$stderr" >&2
	[ -z "$stderr" ]
}

# psutil PYTHON: prints the value of an expression; warnings are errors.
psutil() {
	run -0 --separate-stderr "$python" -W error -c "
import psutil
psutil.PROCFS_PATH = '$lab'
print($1)"
	[ -z "$stderr" ]
}

needs_psutil() {
	"$python" -c 'import psutil' 2>/dev/null || skip "no python3-psutil"
}

@test "psutil_counts_processes_and_descriptors" {
	needs_psutil
	psutil 'psutil.pids()'
	[ "$output" = "[1, 2, 3, 4]" ]
	psutil '[psutil.Process(p).num_fds() for p in (1, 2, 3)]'
	[ "$output" = "[6, 6, 6]" ]
	for pid in 1 2 3; do
		[ "$(ls $pid/fd | wc -l)" -eq 6 ]
	done
	psutil '[(p.pid, p.name(), p.status()) for p in psutil.process_iter()]'
	[ "$output" = "[(1, 'init', 'running'), (2, 'cat', 'running'), (3, 'sh', 'sleeping'), (4, 'cat', 'zombie')]" ]
}

@test "psutil_finds_open_files_with_their_descriptors_offsets_and_modes" {
	needs_psutil
	psutil '[(f.path, f.fd, f.position, f.mode) for f in psutil.Process(3).open_files()]'
	[ "$output" = "[('$lab/rootfs/etc/passwd', 3, 10, 'r'), ('$lab/rootfs/etc/passwd', 12, 10, 'r')]" ]
	echo '2 read(3, ..., 7)' >control
	psutil '[f.position for f in psutil.Process(3).open_files()]'
	[ "$output" = "[17, 17]" ]
}

@test "psutil_finds_parents_children_and_what_they_run" {
	needs_psutil
	psutil '[psutil.Process(p).ppid() for p in psutil.pids()]'
	[ "$output" = "[0, 1, 2, 2]" ]
	psutil '[c.pid for c in psutil.Process(1).children(recursive=True)]'
	[ "$output" = "[2, 3, 4]" ]
	psutil '(psutil.Process(2).cmdline(), psutil.Process(2).exe(), psutil.Process(2).cwd())'
	[ "$output" = "(['cat', 'two words'], '$lab/rootfs/bin/cat', '$lab/rootfs')" ]
	psutil 'psutil.Process(3).uids().real, psutil.Process(3).num_threads(), psutil.Process(3).terminal()'
	[ "$output" = "0 1 None" ]
}

# some_sockets: task 1 has a pair, and a socket that listens by name.
some_sockets() {
	[ -e net/unix ] || skip "the machine has no net directory"
	at_once <<-'END' >control
		1 socketpair(AF_UNIX, SOCK_STREAM, 0, [6, 7]) = 0
		1 socket(AF_UNIX, SOCK_STREAM, 0) = 8
		1 bind(8, {sa_family=AF_UNIX, sun_path="/tmp/sock"}, 110) = 0
		1 listen(8, 5) = 0
	END
}

@test "psutil_sees_the_connections_of_the_machine" {
	needs_psutil
	psutil 'psutil.Process(1).connections()'
	[ "$output" = "[]" ]
	some_sockets
	psutil 'sorted((c.fd, c.type.name, c.laddr) for c in psutil.Process(1).connections("unix"))'
	[ "$output" = "[(6, 'SOCK_STREAM', ''), (7, 'SOCK_STREAM', ''), (8, 'SOCK_STREAM', '/tmp/sock')]" ]
	psutil 'psutil.Process(2).connections("all"), len(psutil.net_connections("all"))'
	[ "$output" = "[] 3" ]
}

@test "lsof_tells_what_sockets_are" {
	needs lsof lsof
	needs_namespaces
	some_sockets
	in_its_place lsof -n -P -w -U -p 1 -a
	[ "$(awk 'NR > 1 { print $4, $5 }' <<<"$output")" = $'6u unix\n7u unix\n8u unix' ]
	[[ $output == *'/tmp/sock type=STREAM (LISTEN)'* ]]
}

@test "everything_that_psutil_asks_of_a_process_is_answered" {
	needs_psutil
	for pid in 1 2 3; do
		psutil "sorted(k for k, v in psutil.Process($pid).as_dict(ad_value='none', attrs=[
			a for a in psutil.Process($pid).as_dict() if a not in ('connections',)]).items()
			if v == 'none')"
		[ "$output" = "[]" ]
		psutil "psutil.Process($pid).io_counters().read_count, len(psutil.Process($pid).memory_maps())"
		[ "$output" = "0 2" ]
	done
	psutil '(psutil.virtual_memory().total, psutil.swap_memory().sin, psutil.cpu_stats().ctx_switches)'
	[ "$output" = "(1073741824, 0, 0)" ]
}

@test "the_process_exporter_counts_descriptors_and_the_worst_ratio" {
	needs prometheus-process-exporter prometheus-process-exporter
	port=$((20000 + $$ % 20000))
	prometheus-process-exporter -procfs "$lab" -procnames init,cat,sh -children=false \
		-web.listen-address "127.0.0.1:$port" >"$BATS_TEST_TMPDIR/exporter" 2>&1 3>&- &
	exporter=$!
	metrics() {
		{ exec 7<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
		printf 'GET /metrics HTTP/1.0\r\n\r\n' >&7
		timeout 20 cat <&7 >"$BATS_TEST_TMPDIR/metrics"
		exec 7>&-
		grep -q '^namedprocess_namegroup_open_filedesc' "$BATS_TEST_TMPDIR/metrics"
	}
	eventually metrics
	cd "$BATS_TEST_TMPDIR"
	value() {
		grep -F "namedprocess_namegroup_$1" metrics | sed 's/.* //'
	}
	[ "$(value 'open_filedesc{groupname="init"}')" = 6 ]
	[ "$(value 'open_filedesc{groupname="cat"}')" = 6 ]
	[ "$(value 'open_filedesc{groupname="sh"}')" = 6 ]
	# The highest descriptor is above the soft limit, 20.
	[ "$(value 'worst_fd_ratio{groupname="sh"}')" = 0.3 ]
	[ "$(value 'num_procs{groupname="cat"}')" = 2 ]
	[ "$(value 'states{groupname="sh",state="Sleeping"}')" = 1 ]
	[ "$(value 'states{groupname="cat",state="Zombie"}')" = 1 ]
	[ "$(value 'scrape_errors' | sort -u)" = 0 ] || ! grep -q '^namedprocess_scrape_errors [^0]' metrics
	! grep -qi 'level=error\|panic' exporter || false
	kill "$exporter"
	cd "$lab"
}

@test "ps_lists_the_machine" {
	needs procps ps
	needs_namespaces
	as_init ps -e -o pid=,ppid=,stat=,nlwp=,comm=,args=
	[ "$(sed 's/  */ /g; s/^ //' <<<"$output")" = "$(
		cat <<-'END'
			1 0 Rs 1 init init
			2 1 R 1 cat cat two words
			3 2 S 1 sh sh
			4 2 Z 1 cat [cat] <defunct>
		END
	)" ] || {
		# Session leaders are not modelled: the letters after the state may differ.
		[ "$(awk '{ print $1, $2, substr($3, 1, 1), $5 }' <<<"$output")" = "$(
			printf '%s\n' '1 0 R init' '2 1 R cat' '3 2 S sh' '4 2 Z cat'
		)" ]
	}
	as_init ps -o wchan:30= -p 3
	[ "$(tr -d ' ' <<<"$output")" = pipe_read ]
	as_init ps aux
	[ "${#lines[@]}" -eq 5 ]
	as_init ps -eLf
	[ "${#lines[@]}" -eq 5 ]
	as_init ps -ejH
	as_init ps axo pid,%cpu,%mem,vsz,rss,tty,stat,start,time,nice,psr,cls
	[ "${#lines[@]}" -eq 5 ]
}

@test "the_other_tools_of_procps_find_what_they_look_for" {
	needs procps pgrep
	needs_namespaces
	in_its_place pgrep -l .
	[ "$output" = $'1 init\n2 cat\n3 sh\n4 cat' ]
	in_its_place pgrep -P 2
	[ "$output" = $'3\n4' ]
	in_its_place free
	in_its_place vmstat
	in_its_place uptime
	in_its_place pmap 2
	in_its_place pmap -X 2
	as_init top -b -n 1
	[[ $output == *'4 total'*'1 sleeping'*'1 zombie'* ]]
}

@test "lsof_lists_descriptors_with_what_they_are" {
	needs lsof lsof
	needs_namespaces
	in_its_place lsof -n -P -w -p 3
	descriptors=$(awk 'NR > 1 && $4 ~ /^[0-9]/ { print $4, $5 }' <<<"$output")
	[ "$descriptors" = $'0u CHR\n1u CHR\n2u CHR\n3r REG\n4r FIFO\n12r REG' ]
	# The holder of the pipe's write end, which is not its reader.
	in_its_place lsof -n -P -d 5 -F pf
	[ "$output" = $'p1\nf5\np2\nf5' ]
	ino=$(sed -n 's/^ino:\t//p' 1/fdinfo/4)
	in_its_place lsof -n -P -w -d 4 -F i
	[ "$(grep -c "^i$ino\$" <<<"$output")" -eq 3 ]
}

@test "lsfd_lists_descriptors_with_what_they_are" {
	needs util-linux-extra lsfd
	needs_namespaces
	in_its_place lsfd -p 3 -n -r -o FD,MODE,TYPE,POS,NAME
	[ "$(grep '^[0-9]' <<<"$output" | sed "s/pipe:.*/pipe/; s|$lab/rootfs||")" = "$(
		cat <<-'END'
			0 rw- CHR 0 /dev/console
			1 rw- CHR 0 /dev/console
			2 rw- CHR 0 /dev/console
			3 r-- REG 10 /etc/passwd
			4 r-- FIFO 0 pipe
			12 r-- REG 10 /etc/passwd
		END
	)" ]
	in_its_place lsfd -n -r -o PID,COMMAND -Q 'FD == 5'
	[ "$output" = $'1 init\n2 cat' ]
}

@test "lslocks_lists_the_locks_and_waiting_tasks" {
	needs util-linux lslocks
	needs_namespaces
	[ -e net/unix ] || skip "lslocks of this version asks for net/unix"
	at_once <<-'END' >control
		1 open("/etc/hosts", O_RDWR) = 6
		1 fcntl(6, F_SETLK, {l_type=F_WRLCK, l_len=10}) = 0
		1 flock(6, LOCK_SH) = 0
		1 fork() = 5
		5 fcntl(6, F_SETLKW, {l_type=F_WRLCK})
	END
	in_its_place lslocks -n -r -o COMMAND,PID,TYPE,MODE,START,END,BLOCKER
	[ "$(sort <<<"$output" | sed 's/ *$//')" = "$(
		cat <<-'END'
			init 1 FLOCK READ 0 0
			init 1 POSIX WRITE 0 9
			init 5 POSIX WRITE* 0 0 1
		END
	)" ]
}

@test "psmisc_draws_the_tree_and_finds_users_of_a_file" {
	needs psmisc pstree
	needs_namespaces
	in_its_place pstree -p -A
	[ "$output" = $'init(1)---cat(2)-+-cat(4)\n                 `-sh(3)' ]
}

@test "links_to_files_without_a_path_lead_to_them" {
	[ "$(stat -L -c '%F %i' 1/fd/4)" = "fifo $(sed -n 's/^ino:\t//p' 1/fdinfo/4)" ]
	[ "$(stat -c '%F' "1/fd/$(readlink 1/fd/5)")" = fifo ]
	run -1 stat '1/fd/pipe:[999]'
	[ "$(ls 1/fd | tr '\n' ' ')" = "0 1 2 3 4 5 " ]
	echo 'epoll_create1(0)' >1/control
	[ "$(stat -L -c '%a' 1/fd/6)" = 600 ]
	run -1 cat 1/fd/6
	[[ $output == *'Permission denied' ]]
}

@test "self_is_init" {
	[ "$(readlink self)" = 1 ]
	cmp self/stat 1/stat
	[ "$(readlink thread-self)" = 1/task/1 ]
	[ "$(cat thread-self/comm)" = init ]
}

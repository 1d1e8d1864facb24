#!/usr/bin/env bats
# The machine over HTTP: every resource by curl, and clients that no browser would be (hostile.py). Only the
# tests that name a mount need /dev/fuse.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	daemon= options=()
}

teardown() {
	cd /
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	! mountpoint -q "$BATS_TEST_TMPDIR/lab" || umount -l "$BATS_TEST_TMPDIR/lab"
}

has_url() {
	[ -s url ] || is_gone "$daemon"
}

# serve OPTION...: starts a daemon without a mount, or with the options of one.
serve() {
	rm -f url
	"${fdlabd[@]}" --web 127.0.0.1:0 "$@" >url 2>err 3>&- &
	daemon=$!
	eventually has_url
	url=$(<url)
	[[ $url =~ ^http://127\.0\.0\.1:[0-9]+/\?token=[0-9a-f]{32}$ ]]
	token=${url#*=} base=${url%%/\?*}
}

# A signal ends the daemon with status 0, and it has printed nothing.
ends() {
	local status=0
	kill "${1:--TERM}" "$daemon"
	wait "$daemon" || status=$?
	daemon=
	[ "$status" = 0 ]
	[ ! -s err ] || {
		cat err
		return 1
	}
}

get() {
	curl -sS --max-time 120 -f -H "Authorization: Bearer $token" "$base$1" "${@:2}"
}

status() {
	curl -sS --max-time 120 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$base$1" "${@:2}"
}

post() {
	get "/calls${2:-}" --data-binary "$1" "${@:3}"
}

json=(-H "Accept: application/json")

# hostile CLIENT ARGUMENT...: plays it with a daemon that has $options, and the daemon lives.
hostile() {
	serve --no-mount "${options[@]}"
	python3 "$BATS_TEST_DIRNAME/hostile.py" "$url" "${@//PID/$daemon}"
	ends
}

@test "the_machine_says_which_it_is" {
	serve --no-mount --title 'a "title"' --kernel netbsd
	get /machine | jq -e '. == {kernel: "netbsd", version: "'"$FDLAB_VERSION"'", mount: null,
		title: "a \"title\"", line: 1, oldest: 0, history: true}'
	post 'reset kernel=linux' >replies
	get /machine | jq -e '.kernel == "linux"'
	ends
	serve --no-mount --history 0
	post 'dup 0'
	get /machine | jq -e '.history == false and .oldest == 1 and .title == null'
	[ "$(status /at/0/tree/log)" = 404 ]
	ends
}

@test "the_page_and_its_files_come_with_their_types" {
	serve --no-mount
	curl -sS -D head "$url" >page
	cmp page "$FDLAB_SOURCE/daemon/web/index.html"
	says head '^Content-Type: text/html; charset=utf-8'
	for file in "$FDLAB_SOURCE"/daemon/web/*; do
		get "/${file##*/}" -D head | cmp - "$file"
		case $file in
		*.js) says head '^Content-Type: text/javascript; charset=utf-8' ;;
		*.css) says head '^Content-Type: text/css; charset=utf-8' ;;
		*.html) ;;
		*.svg) says head '^Content-Type: image/svg\+xml' ;;
		*) false ;;
		esac
		says head '^X-Content-Type-Options: nosniff'
		says head "^Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"
		fails says head "unsafe|Access-Control"
		says head '^Cache-Control: no-store'
	done
	[ "$(status /nosuch.js)" = 404 ]
	ends
}

@test "long_texts_are_those_of_a_line" {
	serve --no-mount --no-sandbox --option nofile=100000 --option nofile_hard=100000
	yes 'dup(0)' | head -n 59997 >lines
	post @lines >replies
	get /tree/open_files -D head | tr ',' '\n' | grep -c 1: | grep -qx 60000
	says head "^Fdlab-Line: $(get /machine | jq .line)"
	get /tree/state.json | jq -e '.tasks | length == 1'
	get /at/59997/tree/state.json | jq -e '.tables[0].slots | length == 59998'
	get /tree/changes/59999 | grep 1:59999
	ends
}

@test "files_of_the_tree_are_read_now_and_at_any_moment" {
	serve --no-mount
	post $'dup 0\npipe\nfork' >replies
	get /tree/log -D head >log
	[ "$(wc -l <log)" = 3 ]
	says head '^Fdlab-Line: 3'
	says head '^Fdlab-Type: file'
	says head '^Content-Type: text/plain; charset=utf-8'
	[ "$(get /tree/1/fd)" = "$(printf '%s\n' 0 1 2 3 4 5)" ]
	[ "$(get /at/1/tree/1/fd)" = "$(printf '%s\n' 0 1 2 3)" ]
	[ "$(get /at/0/tree/log)" = "" ]
	[ "$(status /at/2/tree/2/comm)" = 404 ]
	[ "$(get /at/3/tree/2/comm)" = init ]
	[[ $(get /tree/1/fd/4 -D head) == 'pipe:['*']' ]]
	says head '^Fdlab-Type: link'
	get /tree/1 "${json[@]}" | jq -e '.[] | select(.name == "fd") == {name: "fd", type: "directory", mode: "0500", size: 0}'
	get /tree "${json[@]}" | jq -e '[.[].name] | contains(["1", "log", "rootfs"])'
	get /tree/state.json -D head | jq -e '.tasks | length == 2'
	says head '^Content-Type: application/json'
	get /tree/picture.svg -D head | grep -q '^<svg\|<svg '
	says head '^Content-Type: image/svg\+xml'
	get /tree/1/control | grep -q fork
	# A name that is encoded, and one that is none.
	[ "$(get /tree/%31/comm)" = init ]
	get /tree/nosuch "${json[@]}" --no-fail | jq -e '.error | test("nosuch")'
	ends
}

@test "calls_have_replies_as_text_and_as_json" {
	serve --no-mount
	post $'dup 0\n\n# a comment\n  dup(99)\nfrobnicate\npipe\nread 4 1' >replies
	diff replies - <<-'END'
		1 dup(0) = 3
		1 dup(99) = -1 EBADF (Bad file descriptor)
		# line 1: column 1: there is no call "frobnicate"
		1 pipe([4, 5]) = 0
		1 read(4, ..., 1)
	END
	post $'reset\ndup(0)\ndup(99)\nfrobnicate\n1 pipe\nfork\n2 read(4, ..., 1)\n1 dup(0 <unfinished at fget:fdt ...>' '' \
		"${json[@]}" >replies
	post $'1 finish\n1 write(5, "abc", 3)\n2 +++ killed by SIGKILL +++' '' "${json[@]}" >more
	jq -c '.replies[] | [.text, .error, .in_flight]' replies >got
	diff got - <<-'END'
		["",null,false]
		["1 dup(0) = 3",null,false]
		["1 dup(99) = -1 EBADF (Bad file descriptor)","EBADF",false]
		["# line 1: column 1: there is no call \"frobnicate\"","EINVAL",false]
		["1 pipe([4, 5]) = 0",null,false]
		["1 fork() = 2",null,false]
		["2 read(4, ..., 1)",null,true]
		["1 dup(0 <unfinished at fget:fdt ...>",null,true]
	END
	jq -c '.replies[] | [.text, .error, .in_flight]' more >got
	diff got - <<-'END'
		["1 <... dup resumed>) = 6",null,false]
		["1 write(5, \"abc\", 3) = 3",null,false]
		["2 +++ killed by SIGKILL +++",null,false]
	END
	jq -e '.line == 10' more
	ends
}

# A line that is refused has no reply of its own, and the reply before it is not taken for one.
@test "a_line_that_is_too_long_is_told_and_does_nothing" {
	serve --no-mount
	{
		printf '1 write(1, "'
		head -c 70000 /dev/zero | tr '\0' x
		printf '", 70000)\n1 dup(0)\n'
	} >body
	post @body >replies
	diff replies - <<-'END'
		# the line is too long
		1 dup(0) = 3
	END
	post @body '' "${json[@]}" | jq -e '.replies[0] | .error == "E2BIG" and .text == "# the line is too long"'
	ends
}

@test "calls_of_a_task_are_those_of_its_control_file" {
	serve --no-mount
	post $'fork\n2 dup 0' >replies
	[ "$(post 'dup 1' '?task=2')" = 'dup(1) = 4' ]
	[ "$(post 'dup 1' '?task=1')" = 'dup(1) = 3' ]
	for task in 9 x -1 99999999999 ''; do
		[ "$(status "/calls?task=$task" -d 'dup 1')" = 404 ]
	done
	[ "$(get /tree/log | wc -l)" = 4 ]
	ends
}

@test "lines_of_a_transcript_can_be_played" {
	serve --no-mount
	[ "$(post 'echo 5000 > sys/fs/nr_open')" = "" ]
	[ "$(get /tree/sys/fs/nr_open)" = 5000 ]
	[ "$(get /tree/log)" = 'echo 5000 > sys/fs/nr_open' ]
	# A text that is empty.
	[ "$(post 'echo > 1/comm')" = "" ]
	[ "$(get /tree/log | tail -n 1)" = 'echo > 1/comm' ]
	post $'echo many > sys/fs/nr_open\necho 1 > nosuch\necho 1\necho 1 > log' '' "${json[@]}" | jq -c '[.replies[].error]' >got
	[ "$(<got)" = '["EINVAL","ENOENT","EINVAL","EACCES"]' ]
	post $'undo\nredo' >replies
	[ "$(get /tree/sys/fs/nr_open)" = 5000 ]
	ends
}

@test "a_call_that_waits_is_answered_at_once_and_its_end_is_an_event" {
	serve --no-mount
	curl -sSN --max-time 120 "$base/events?token=$token" >events &
	reader=$!
	eventually says events '^:'
	post $'pipe\nfork' >replies
	[ "$(post '2 read 3 9')" = '2 read(3, ..., 9)' ]
	post '1 write 4 abc' >replies
	eventually says events '"2 <\.\.\. read resumed>'
	kill "$reader"
	wait "$reader" || true
	ends
}

@test "the_words_are_those_of_the_kernel" {
	serve --no-mount
	get /words.json >words
	jq -e '.calls[] | select(.name == "dup2") | .args == "fd oldfd, fd newfd" and .internal == false' words
	jq -e '[.flags[]] | contains(["O_CLOEXEC", "SIGKILL"]) and length == (unique | length)' words
	jq -e '.points | index("fget:fdt") != null' words
	jq -e '.commands[] | select(.name == "clock") | .args == "+SECONDS" and .help != ""' words
	jq -e '[.commands[] | select(.moves) | .name] == ["undo", "redo", "goto"]' words
	jq -e '[.commands[] | select(.starts_over) | .name] == ["reset"]' words
	post 'reset kernel=netbsd' >replies
	get /words.json | jq -e '[.calls[].name] | index("closefrom") != null and index("epoll_wait") == null'
	ends
}

@test "races_are_kept_as_they_were_left" {
	serve --no-mount
	[ "$(get /races)" = '[]' ]
	get /races -X PUT --data-binary '[{"title": "a race"}]'
	[ "$(get /races)" = '[{"title": "a race"}]' ]
	get /races -X PUT --data-binary '[]'
	[ "$(get /races)" = '[]' ]
	ends
}

@test "a_mount_and_the_web_show_one_machine" {
	needs_fuse
	mkdir lab
	serve -f "$PWD/lab"
	get /machine | jq -e --arg lab "$PWD/lab" '.mount == $lab'
	post 'dup 0' >replies
	[ "$(cat lab/log)" = '1 dup(0) = 3' ]
	curl -sSN --max-time 120 "$base/events?token=$token" >events &
	reader=$!
	eventually says events '^:'
	echo dup 1 >lab/1/control
	eventually says events '"1 dup\(1\) = 4"'
	# A writer that waits in the mount is woken by a call of the web.
	printf 'pipe\nfork\n' >lab/1/control || true
	echo pipe >lab/control
	echo fork >lab/control
	echo 2 read 5 3 >lab/control &
	writer=$!
	cd lab
	lab=$PWD eventually is_blocked 2
	cd ..
	post '1 write 6 abc' >replies
	wait "$writer"
	kill "$reader"
	wait "$reader" || true
	umount lab
	wait "$daemon"
	daemon=
}

@test "a_daemon_in_the_background_prints_its_url" {
	needs_fuse
	mkdir lab
	"${fdlabd[@]}" --web 0 "$PWD/lab" >url 3>&-
	url=$(<url)
	token=${url#*=} base=${url%%/\?*}
	get /machine | jq -e '.line == 0'
	umount lab
	eventually fails get /machine 2>/dev/null
}

@test "calls_are_in_the_journal_before_they_are_answered" {
	for sync in batch each none; do
		rm -f j
		serve --no-mount --journal j --sync "$sync"
		post $'dup 0\nfork\n2 dup 1' >replies
		post 'echo 5000 > sys/fs/nr_open' >replies
		post $'pipe\nread 4 9' '?task=2' >replies
		get /tree/state.json >before
		get /tree/log >log
		kill -KILL "$daemon"
		wait "$daemon" || true
		serve --no-mount --journal j
		get /tree/state.json | cmp - before
		get /tree/log | cmp - log
		post $'undo 2\n' >replies
		get /tree/state.json >before
		kill -KILL "$daemon"
		wait "$daemon" || true
		serve --no-mount --journal j
		get /tree/state.json | cmp - before
		ends
	done
}

@test "a_journal_that_cannot_be_written_refuses_calls" {
	[ -e /dev/full ] || skip "no /dev/full"
	serve --no-mount --journal j
	post 'dup 0' >replies
	ends
	chmod 400 j
	if [ "$(id -u)" = 0 ]; then
		skip "root can write every file"
	fi
	rm -f url
	"${fdlabd[@]}" --web 127.0.0.1:0 --no-mount --journal j >url 2>err 3>&- &
	daemon=$!
	eventually has_url
	url=$(<url) token=${url#*=} base=${url%%/\?*}
	[ "$(status /calls -d 'dup 0')" = 503 ]
	[ "$(get /tree/log)" = '1 dup(0) = 3' ]
}

@test "the_command_line_is_checked" {
	run -2 "${fdlabd[@]}" --no-mount
	[[ $output == *'--no-mount is for --web'* ]]
	run -2 "${fdlabd[@]}" --no-mount --web 0 dir
	run -2 "${fdlabd[@]}" --title x dir
	for where in x 65536 127.0.0.1 127.0.0.1: :80 ::1:80 '[::1]' '[::1:80' -1 '' 1x 0x50; do
		run -1 "${fdlabd[@]}" --no-mount --web "$where"
		[[ $output == *'[ADDRESS:]PORT'* ]]
	done
	run -1 "${fdlabd[@]}" --no-mount --web 192.0.2.1:0
	serve --no-mount
	run -1 "${fdlabd[@]}" --no-mount --web "127.0.0.1:${base##*:}"
	[[ $output == *'Address already in use'* ]]
	ends -INT
}

@test "other_names_of_the_computer_are_not_its_own" {
	hostile wrong_hosts
}

@test "pages_of_other_sites_are_refused" {
	hostile wrong_origins
}

@test "nothing_is_shown_or_done_without_the_token" {
	hostile wrong_tokens
}

@test "odd_paths_lead_nowhere" {
	hostile odd_paths
}

@test "odd_methods_are_refused" {
	hostile odd_methods
}

@test "requests_that_are_none_end_their_connection_alone" {
	hostile broken_requests
}

@test "requests_that_are_cut_off_do_nothing" {
	hostile cut_off
}

@test "a_request_that_is_too_large_is_refused" {
	hostile huge
}

@test "requests_in_a_row_are_answered_in_order" {
	hostile pipelined
}

@test "two_hundred_idle_connections_keep_no_client_out" {
	hostile crowd 200
}

@test "with_few_descriptors_there_are_fewer_connections" {
	local all=("${fdlabd[@]}")
	[[ ${all[*]} != *valgrind* ]] || skip "valgrind has descriptors of its own"
	for few in 20 40 64; do
		fdlabd=(prlimit --nofile=$few "${all[@]}")
		hostile crowd 200 2
	done
	# As the unit starts it, there are all places.
	fdlabd=(prlimit --nofile="$(sed -n 's/^LimitNOFILE=//p' "$FDLAB_SOURCE/daemon/fdlabd.service.in")" "${all[@]}")
	hostile crowd 200 40
	hostile streams
}

@test "a_client_for_whom_there_is_no_memory_is_the_only_one_that_is_lost" {
	local nth=$FDLAB_BUILD/tests/bin/nth_malloc.so counts=$BATS_TEST_TMPDIR/counts
	[ -e "$nth" ] || skip "the program has a malloc of its own"
	head -c 32 /dev/zero >"$counts"
	LD_PRELOAD=$nth NTH_MALLOC=$counts "${fdlabd[@]}" --no-mount --web 0 >"$BATS_TEST_TMPDIR/url" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	daemon=$!
	eventually [ -s "$BATS_TEST_TMPDIR/url" ]
	url=$(cat "$BATS_TEST_TMPDIR/url")
	for ((n = 1; n <= 24; n++)); do
		# From the n-th allocation on all fail, while one client asks.
		python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as f: f.write(struct.pack("4Q", 0, 0, int(sys.argv[2]), 1))' "$counts" $n
		curl -s -m 2 -o /dev/null "$url" || true
		python3 -c 'import sys
with open(sys.argv[1], "r+b") as f: f.write(bytes(32))' "$counts"
		curl -sf -m 20 -o /dev/null "$url"
	done
	python3 "$BATS_TEST_DIRNAME/hostile.py" "$url" lines_without_memory "$counts"
	kill "$daemon"
	wait "$daemon"
	daemon=
}

@test "other_clients_are_answered_while_a_text_is_made" {
	options=(--no-sandbox --option nofile=100000 --option nofile_hard=100000)
	hostile others PID
}

@test "clients_that_wait_for_texts_keep_or_leave_their_places" {
	options=(--no-sandbox --option nofile=100000 --option nofile_hard=100000)
	hostile waiting PID
}

@test "a_text_has_the_number_of_its_own_last_line" {
	options=(--no-sandbox --option nofile=100000 --option nofile_hard=100000)
	hostile lines_of_texts PID
}

@test "other_clients_are_answered_while_many_lines_are_run" {
	local n=50000
	[ "${FDLAB_SLOW:-1}" != 0 ] && [ -z "${FDLAB_SANITIZED:-}" ] || n=3000
	hostile many_lines $n
	# Each line is synced by itself.
	options=(--journal j --sync each)
	hostile many_lines 3000
}

@test "readers_of_events_are_bounded" {
	hostile streams
}

@test "a_reader_resumes_where_it_was" {
	hostile resumes
}

# A million, or fewer where all is slow.
lines() {
	[ "${FDLAB_SLOW:-1}" = 0 ] || [ -n "${FDLAB_SANITIZED:-}" ] && echo 100000 || echo 1000000
}

@test "a_reader_that_sleeps_misses_nothing" {
	hostile sleeper PID "$(lines)"
}

@test "a_reader_that_sleeps_costs_no_memory" {
	hostile sleeper_of_a_short_log PID "$(lines)"
}

@test "a_reader_that_takes_nothing_is_dropped" {
	[ "${FDLAB_SLOW:-1}" != 0 ] || skip "it takes half a minute"
	hostile dropped PID
}

@test "a_reader_that_sends_without_end_costs_no_memory" {
	hostile floods PID
}

@test "random_bytes_end_nothing" {
	hostile noise "${SEED:-1}"
}

#!/usr/bin/env bats
# fdlab view: a daemon without a mount that serves the page, with what a file makes.
bats_require_minimum_version 1.5.0

setup() {
	FDLAB=${FDLAB:-$BATS_TEST_DIRNAME/../../build/fdlab}
	mkdir "$BATS_TEST_TMPDIR/bin"
	cd "$BATS_TEST_TMPDIR"
	PATH=$PWD/bin:$PATH
	view=
}

teardown() {
	[ -z "$view" ] || kill "$view" 2>/dev/null || true
}

# view ARGUMENT...: starts fdlab view, and waits for its URL.
view() {
	rm -f url
	"$FDLAB" view "$@" >url 2>err 3>&- &
	view=$!
	local i
	for ((i = 0; i < 200; i++)); do
		[ ! -s url ] || break
		kill -0 "$view" 2>/dev/null || break
		sleep 0.05
	done
	url=$(<url)
	base=${url%%/\?*}
	daemon=$(pgrep -P "$view" -f -- --no-mount) || daemon=
}

get() {
	curl -sS --max-time 10 -f -H "Authorization: Bearer ${url##*=}" "$base$1"
}

# ends: the view ends by a signal, with status 0, and its daemon with it.
ends() {
	local status=0
	kill "${1:--TERM}" "$view"
	wait "$view" || status=$?
	[ "$status" = 0 ]
	view=
	fails_soon kill -0 "$daemon"
}

fails_soon() {
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" 2>/dev/null || return 0
		sleep 0.05
	done
	return 1
}

@test "an_empty_machine_is_shown_until_a_signal_comes" {
	view --no-browser
	[[ $url =~ ^http://127\.0\.0\.1:[0-9]+/\?token=[0-9a-f]{32}$ ]]
	[ "$(get /tree/log)" = "" ]
	[ "$(get /races)" = "[]" ]
	get "/" | grep -q '<html'
	ends -INT
	[ ! -s err ]
}

@test "the_kernel_and_the_place_can_be_chosen" {
	view --no-browser --kernel netbsd --web '[::1]:0'
	[[ $url =~ ^http://\[::1\]:[0-9]+/ ]]
	get /machine | grep -q '"kernel": "netbsd"'
	ends
}

@test "a_scenario_is_played_into_it_with_its_options_and_its_writes" {
	cat >s.fdl <<'END'
option nofile=20
1 pipe([3, 4]) = 0
echo 100 > sys/fs/nr_open
1 write(4, "# line 1", 8) = 8
1 fork() = 2
2 read(3, ..., 99 <unfinished ...>
1 close(9) = -1 EBADF
END
	view --no-browser s.fdl
	get /machine | grep -q '"title": "s.fdl"'
	get /tree/1/limits | grep -q '^Max open files *20 '
	[ "$(get /tree/sys/fs/nr_open)" = 100 ]
	"$FDLAB" run s.fdl
	[ "$(get /tree/log | wc -l)" = 7 ]
	ends
}

@test "a_scenario_that_does_not_go_as_it_states_is_shown_and_is_status_1" {
	echo '1 dup(0) = 9' >s.fdl
	view --no-browser s.fdl
	[ "$(get /tree/log)" = '1 dup(0) = 3' ]
	grep -q 'expected 9' err
	status=0
	kill -TERM "$view"
	wait "$view" || status=$?
	view=
	[ "$status" = 1 ]
}

@test "a_race_comes_with_its_outcomes_and_a_way_to_each" {
	printf '%s\n' '1 open("/etc/passwd", O_RDONLY) = 3' '1 clone(0, CLONE_FILES) = 2' \
		race '1 close(3)' '2 dup(0)' end >race.fdl
	"$FDLAB" explore --json race.fdl >explored
	view --no-browser race.fdl
	get /races >races
	jq -e '.[0].title == "race.fdl" and .[0].race == ["1 close(3)", "2 dup(0)"]' races
	jq -e '[.[0].outcomes[].orders] == ([.[0].outcomes[].orders] | sort | reverse)' races
	[ "$(jq '[.[0].outcomes[].orders] | add' races)" = "$(jq '.files[0].interleavings' explored)" ]
	# Each witness is a scenario that ends in the results of its outcome.
	n=$(jq '.[0].outcomes | length' races)
	[ "$n" -ge 2 ]
	for ((i = 0; i < n; i++)); do
		jq -r ".[0].outcomes[$i].witness[]" races >witness.fdl
		"$FDLAB" run witness.fdl
	done
	ends
}

@test "a_lesson_is_shown_by_its_name" {
	view --no-browser dup
	get /machine | jq -e '.title == "dup" and .line > 2'
	ends
	echo '1 dup(2) = 3' >dup
	view --no-browser dup
	[ "$(get /tree/log)" = '1 dup(2) = 3' ]
	ends
}

@test "standard_input_is_a_scenario" {
	echo '1 dup(0) = 3' >s.fdl
	"$FDLAB" view --no-browser - <s.fdl >url 2>err 3>&- &
	view=$!
	fails_soon test ! -s url
	url=$(<url)
	base=${url%%/\?*}
	daemon=$(pgrep -P "$view" -f -- --no-mount)
	[ "$(get /tree/log)" = '1 dup(0) = 3' ]
	ends
}

@test "the_browser_gets_a_page_that_leads_to_the_url_and_outlives_the_view" {
	cat >bin/xdg-open <<END
#!/bin/sh
echo "\$1" >$PWD/opened.new
mv $PWD/opened.new $PWD/opened
END
	chmod +x bin/xdg-open
	view
	fails_soon test ! -e opened
	page=$(<opened)
	[[ $page = */fdlab-*.html ]]
	[ "$(stat -c %a "$page")" = 600 ]
	grep -qF "url=$url\"" "$page"
	ends
	[ ! -e "$page" ]
	[ ! -s err ]
}

@test "without_a_browser_the_reader_is_told" {
	mkdir empty
	PATH=$PWD/empty "$FDLAB" view >url 2>err 3>&- &
	view=$!
	fails_soon test ! -s err
	grep -q 'open the URL yourself' err
	daemon=$(pgrep -P "$view" -f -- --no-mount)
	ends
}

@test "the_daemon_ends_with_a_view_that_is_killed" {
	view --no-browser
	kill -KILL "$view"
	wait "$view" || true
	view=
	fails_soon kill -0 "$daemon"
}

@test "a_view_ends_with_its_daemon" {
	view --no-browser
	kill -KILL "$daemon"
	status=0
	wait "$view" || status=$?
	view=
	[ "$status" = 2 ]
}

@test "a_file_that_cannot_be_shown_is_status_2" {
	run -2 "$FDLAB" view --no-browser nosuch.fdl
	[[ $output == *'nosuch.fdl: could not run: No such file or directory'* ]]
	run -2 "$FDLAB" view --no-browser a b
	echo 'frobnicate(1)' >s.fdl
	run -1 timeout 20 "$FDLAB" run s.fdl
	run -2 "$FDLAB" view --no-browser --web 127.0.0.1:nowhere
	[[ $output == *'expected [ADDRESS:]PORT'* ]]
	run -2 "$FDLAB" view --no-browser --web 192.0.2.1:0
	cp "$FDLAB" alone
	PATH=/nonexistent run -2 ./alone view --no-browser
	[[ $output == *'there is no fdlabd'* ]]
}

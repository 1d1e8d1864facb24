#!/usr/bin/env bats
# fdlabd.service under a service manager of a user: one that is started here, in a mount namespace
# that has a /run of its own.

setup() {
	load helper
	needs_fuse
	manager=/lib/systemd/systemd
	[ -x "$manager" ] || skip "there is no systemd"
	[ "$(id -u)" -eq 0 ] || skip "only root can give the manager a /run"
	[ "${#fdlabd[@]}" -eq 1 ] || skip "the unit starts the plain program"
	home=$BATS_TEST_TMPDIR/home
	mkdir -p "$home/.config/systemd/user"
	sed "s|^ExecStart=[^ ]*|ExecStart=$(realpath "${fdlabd[0]}")|" "$build/fdlabd.service" \
		>"$home/.config/systemd/user/fdlabd.service"
}

# managed COMMANDS: a shell beside a manager, which has read the unit. 77: no manager can run here.
managed() {
	timeout -k 5 120 unshare -m --propagation private bash -c '
		mount -t tmpfs none /run || exit 77
		mkdir -p /run/systemd/system /run/user/0
		chmod 700 /run/user/0
		export XDG_RUNTIME_DIR=/run/user/0 HOME=$1
		unset DBUS_SESSION_BUS_ADDRESS NOTIFY_SOCKET
		lab=/run/user/0/fdlab
		"$2" --user --log-target=null >/dev/null 2>&1 &
		systemd=$!
		finish() {
			set +e
			systemctl --user kill --signal=KILL fdlabd
			kill -KILL $systemd
		} 2>/dev/null
		trap finish EXIT
		trap "systemctl --user status fdlabd; echo failed: \$BASH_COMMAND" ERR
		for i in {1..100}; do
			! systemctl --user show-environment >/dev/null 2>&1 || break
			kill -0 $systemd 2>/dev/null && [ $i -lt 100 ] || exit 77
			sleep 0.1
		done
		set -e
		daemon() { systemctl --user show --property MainPID --value fdlabd; }
		eval "$3"' bash "$home" "$manager" "$1" 3>&-
}

# runs COMMANDS: they succeed, or the test is skipped.
runs() {
	run managed "$1"
	[ "$status" -ne 77 ] || skip "no service manager can be started here"
	[ "$status" -eq 0 ] || { echo "$output" && false; }
}

@test "the_unit_starts_when_the_mount_answers_and_stops_without_remains" {
	runs '
		systemctl --user start fdlabd
		[ "$(cat $lab/1/files/open_fds_list)" = 0-2 ]
		systemctl --user stop fdlabd
		[ "$(systemctl --user show --property Result --value fdlabd)" = success ]
		[ ! -e $lab ]'
}

@test "the_unit_comes_back_after_a_crash" {
	runs '
		systemctl --user start fdlabd
		echo dup 0 >$lab/1/control
		before=$(daemon)
		kill -SEGV $before
		for i in {1..100}; do
			now=$(daemon)
			[ $now = 0 ] || [ $now = $before ] || break
			sleep 0.1
		done
		[ "$(systemctl --user show --property NRestarts --value fdlabd)" = 1 ]
		for i in {1..100}; do
			! systemctl --user is-active -q fdlabd || break
			sleep 0.1
		done
		[ "$(cat $lab/1/files/open_fds_list)" = 0-2 ]
		systemctl --user stop fdlabd'
}

@test "the_unit_comes_back_with_its_journal_after_a_crash" {
	mkdir "$home/.config/systemd/user/fdlabd.service.d"
	cat >"$home/.config/systemd/user/fdlabd.service.d/journal.conf" <<'END'
[Service]
Environment="FDLABD_OPTIONS=--journal %S/fdlab/journal"
END
	runs '
		systemctl --user start fdlabd
		echo dup 0 >$lab/1/control
		before=$(daemon)
		kill -SEGV $before
		for i in {1..100}; do
			[ "$(cat $lab/1/files/open_fds_list 2>/dev/null)" != 0-3 ] || [ "$(daemon)" = $before ] || break
			sleep 0.1
		done
		[ "$(daemon)" != $before ]
		[ "$(cat $lab/1/files/open_fds_list)" = 0-3 ]
		systemctl --user stop fdlabd'
}

@test "the_unit_has_no_mistakes_that_systemd_knows_of" {
	run managed 'SYSTEMD_LOG_LEVEL=notice systemd-analyze --user verify --man=no fdlabd.service'
	[ "$status" -ne 77 ] || skip "no service manager can be started here"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

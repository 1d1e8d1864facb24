#!/usr/bin/env bats
# The machine's own files, and links of tasks that lead there: never to files of this computer.

setup() {
	load helper
	mount_lab
	outside=/tmp/fdlab-outside-$$
	rm -f "$outside"
}

teardown() {
	rm -f "$outside"
	unmount_lab
}

@test "files_of_tasks_are_read_through_their_descriptors" {
	echo 'open /etc/passwd' >1/control
	diff 1/fd/3 rootfs/etc/passwd
	grep -q '^nobody:' 1/fd/3
	[ "$(ls 1/root)" = "$(ls rootfs)" ]
	[ "$(readlink 1/root)" = "$lab/rootfs" ]
	[ "$(readlink 1/cwd)" = "$lab/rootfs" ]
	[ "$(readlink 1/exe)" = "$lab/rootfs/bin/sh" ]
	says 1/maps "$lab/rootfs/bin/sh\$"
}

@test "a_write_to_a_link_changes_no_file_of_this_computer" {
	echo "open $outside O_RDWR|O_CREAT" >1/control
	fails bash -c 'echo hello >1/fd/3'
	[ ! -e "$outside" ]
	echo 'write 3 inside' >1/control
	[ "$(cat 1/fd/3)" = inside ]
	echo "unlink $outside" >1/control
	[ "$(cat 1/fd/3)" = inside ]
	ln -s /etc/hostname "$outside"
	echo "symlink /etc/hostname /tmp/link" >1/control
	fails cat rootfs/tmp/link
}

@test "a_directory_that_is_moved_under_a_reader_does_not_lead_out" {
	at_once <<-'END' >1/control
		mkdir("/x", 0755) = 0
		mkdir("/x/y", 0755) = 0
		symlink("/etc/passwd", "/x/y/l") = 0
		mkdir("/tmp/1", 0755) = 0
		mkdir("/tmp/1/2", 0755) = 0
	END
	local deep=/tmp/1/2 i
	for ((i = 3; i < 20; i++)); do
		deep+=/$i
		echo "mkdir $deep" >1/control
	done
	cd rootfs/x/y
	diff l "$lab/rootfs/etc/passwd"
	echo "rename /x $deep/x" >"$lab/1/control"
	run ! cat l
	[[ $output != *root:* ]]
	cd "$lab"
	diff "rootfs$deep/x/y/l" rootfs/etc/passwd
	cd "rootfs$deep/x/y"
	echo reset >"$lab/control"
	run ! cat l
	[[ $output != *root:* ]]
	cd "$lab"
}

@test "no_name_of_a_memfd_leads_out" {
	at_once <<-END >1/control
		mkdir("/memfd:x", 0755) = 0
		memfd_create("x/../../../../../../../../../../..$outside", 0) = 3
		write(3, "inside", 6) = 6
	END
	[ "$(cat 1/fd/3)" = inside ]
	run ! bash -c 'echo hello >1/fd/3'
	[[ $output == *'Read-only file system'* ]]
	[ ! -e "$outside (deleted)" ]
}

@test "copies_archives_and_searches_meet_the_machine_alone" {
	at_once <<-'END' >1/control
		symlink("/", "/tmp/root") = 0
		symlink("../../../../../../../..", "/tmp/up") = 0
		symlink("/tmp/root/../../../etc/hostname", "/tmp/hostname") = 0
		symlink("/tmp/loop", "/tmp/loop") = 0
		symlink("/proc/self/root", "/tmp/self") = 0
		mkdir("/tmp/a\nb", 0755) = 0
		open("/tmp/a\nb/c\td", O_RDWR|O_CREAT, 0644) = 3
		write(3, "odd", 3) = 3
		mkfifo("/tmp/fifo", 0644) = 0
		open("/tmp/gone", O_RDWR|O_CREAT, 0644) = 4
		write(4, "deleted", 7) = 7
		unlink("/tmp/gone") = 0
	END
	[ "$(cat 1/fd/3)" = odd ]
	[ "$(cat 1/fd/4)" = deleted ]
	[ "$(timeout 30 find -L rootfs -maxdepth 6 -printf '%D\n' 2>"$BATS_TEST_TMPDIR/err" | sort -u)" = "$(stat -c %d rootfs)" ]
	timeout 30 cp -a rootfs "$BATS_TEST_TMPDIR/copy" || true
	for file in etc/passwd $'tmp/a\nb/c\td' tmp/fifo bin/sh; do
		diff "rootfs/$file" "$BATS_TEST_TMPDIR/copy/$file"
	done
	[ "$(realpath "$BATS_TEST_TMPDIR/copy/tmp/root")" = "$BATS_TEST_TMPDIR/copy" ]
	timeout 30 tar -cf "$BATS_TEST_TMPDIR/x.tar" --exclude=dev rootfs
	timeout 30 tar -df "$BATS_TEST_TMPDIR/x.tar"
}

@test "everything_there_is_read_only" {
	run -1 bash -c 'echo x >rootfs/etc/passwd'
	[[ $output == *'Read-only file system'* ]]
	for command in 'touch rootfs/tmp/x' 'mkdir rootfs/tmp/x' 'rm -f rootfs/etc/passwd' 'chmod 777 rootfs/etc' \
		'mv rootfs/etc/passwd rootfs/tmp/x' 'ln rootfs/etc/passwd rootfs/tmp/x' 'ln -s x rootfs/tmp/x' \
		'mkfifo rootfs/tmp/x' 'truncate -s 0 rootfs/etc/hosts'; do
		run -1 $command
		[[ $output == *'Read-only file system'* ]]
	done
	says rootfs/etc/passwd '^root:'
}

@test "nothing_there_hangs_or_leads_to_a_device_of_this_computer" {
	at_once <<-'END' >1/control
		mkfifo("/tmp/fifo", 0666) = 0
		open("/tmp/fifo", O_RDWR) = 3
		write(3, "waits", 5) = 5
	END
	[ "$(timeout 5 cat rootfs/tmp/fifo)" = waits ]
	[ "$(timeout 5 cat 1/fd/3)" = waits ]
	for file in rootfs/dev/* 1/fd/0; do
		run timeout 5 head -c 1 "$file"
		[ "$status" -lt 124 ]
		[ "$status" -ne 0 ] || [ -z "$output" ]
	done
	[ "$(stat -c '%F %t:%T' rootfs/dev/zero)" = 'character special file 1:5' ]
	timeout 20 grep -r -q nobody rootfs
}

@test "modes_owners_sizes_and_times_are_shown" {
	at_once <<-'END' >1/control
		open("/tmp/x", O_RDWR|O_CREAT, 0640) = 3
		write(3, "12345", 5) = 5
		fchown(3, 12, 34) = 0
		symlink("/tmp/x", "/home/y") = 0
	END
	[ "$(stat -c '%A %u %g %s' rootfs/tmp/x)" = '-rw-r----- 12 34 5' ]
	[ "$(stat -c %N rootfs/home/y)" = "'rootfs/home/y' -> '../tmp/x'" ]
	[ "$(cat rootfs/home/y)" = 12345 ]
	[ "$(stat -c %i rootfs/tmp/x)" = "$(sed -n 's/^ino:\t//p' 1/fdinfo/3)" ]
}

@test "links_can_be_verbatim" {
	# Nothing went wrong, so the daemon may end by itself.
	BATS_TEST_COMPLETED=1 unmount_lab
	mount_lab --links=verbatim
	echo 'open /etc/passwd' >1/control
	[ "$(readlink 1/fd/3)" = /etc/passwd ]
	[ "$(readlink 1/root)" = / ]
	[ "$(readlink 1/exe)" = /bin/sh ]
	says 1/maps ' /bin/sh$'
}

@test "scenarios_on_a_mount_see_the_names_of_the_machine" {
	cat >"$BATS_TEST_TMPDIR/x.fdl" <<-'END'
		open("/etc/passwd", O_RDONLY) = 3
		expect 1/fd/3 = /etc/passwd
		expect 1/root = /
		expect 1/cwd = /
		expect 1/maps ~ /bin/sh$
		chdir("/etc") = 0
		expect 1/cwd = /etc
	END
	cd /
	"$build/fdlab" run --on mount="$lab" "$BATS_TEST_TMPDIR/x.fdl"
	"$build/fdlab" run "$BATS_TEST_TMPDIR/x.fdl"
}

@test "options_that_would_let_files_of_the_machine_act_are_refused" {
	for option in dev suid ro,dev; do
		run -2 "${fdlabd[@]}" -o $option "$BATS_TEST_TMPDIR"
		[[ $output == *"${option#ro,}"* ]]
	done
	run -2 "${fdlabd[@]}" --links=sideways "$BATS_TEST_TMPDIR"
	[[ $output == *"sideways is neither rootfs nor verbatim"* && $output != *"did you mean"* ]]
}

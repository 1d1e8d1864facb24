#!/usr/bin/env bats
# fdlab journal shows, checks, cuts and compresses a journal.
bats_require_minimum_version 1.5.0

setup() {
	FDLAB=${FDLAB:-$BATS_TEST_DIRNAME/../../build/fdlab}
	cd "$BATS_TEST_TMPDIR"
	# Written by the description in fdlab-journal(5).
	make_journal j
}

# make_journal FILE: two handles, calls that wait, an interrupt, a time, a start.
make_journal() {
	python3 - "$1" <<'END'
import struct, sys, zlib
def record(kind, text=b'', file=0, flags=0):
    head = struct.pack('<IBBHII', len(text), kind, flags, 0, file, zlib.crc32(text))
    return head + struct.pack('<I', zlib.crc32(head)) + text
data = b'fdlab journal 1\n'
data += record(1, b'option nofile=20\ntime 1000000000.000000005\n')
data += record(4, b'control')
data += record(4, b'1/control', 1)
data += record(5, b'1 pipe\n1 fork\n', 0)
data += record(3, b'time 1000000001.500000000\n')
data += record(5, b'read 3\n', 1)
data += record(5, b'no such call\n', 0)
data += record(6, file=1)
data += record(5, b'write 4 abc\n', 0, 1)
data += record(7, file=1)
open(sys.argv[1], 'wb').write(data)
END
}

@test "the_records_are_shown_a_line_each" {
	run -0 "$FDLAB" journal j
	diff - <(printf '%s\n' "$output") <<'END'
       1 machine      2001-09-09T01:46:40.000000005Z option nofile=20
       2 open       0 control
       3 open       1 1/control
       4 write      0 1 pipe
                      1 fork
       5 time         2001-09-09T01:46:41.500000000Z
       6 write      1 read 3
       7 write      0 no such call
       8 interrupt  1
       9 write      0 O_NONBLOCK write 4 abc
      10 close      1
END
	[ "$("$FDLAB" journal --json j | jq -r 'select(.record == 9) | .kind, .file, .nonblock, .text')" = "$(printf 'write\n0\ntrue\nwrite 4 abc')" ]
	[ "$("$FDLAB" journal --json j | jq -s length)" -eq 10 ]
}

@test "check_plays_a_journal_and_names_the_place_where_it_is_broken" {
	run -0 "$FDLAB" journal --check j
	[ "$output" = "j: 10 records, $(stat -c %s j) bytes" ]
	printf X | dd of=j bs=1 seek=100 conv=notrunc status=none
	run -1 "$FDLAB" journal --check j
	[ "$output" = 'fdlab journal: j: record 3, at offset 106, is broken' ] ||
		[ "$output" = 'fdlab journal: j: record 2, at offset 79, is broken' ]
	run -1 "$FDLAB" journal j
	[ "${#lines[@]}" -ge 2 ]
}

@test "a_torn_end_is_told_and_cut_off" {
	cp j whole
	printf '\1\2\3' >>j
	run -1 "$FDLAB" journal --check j
	[[ $output == *"the record after 10 whole ones was not written to its end: 3 bytes, from offset "* ]]
	run -0 "$FDLAB" journal --cut j
	[ "$output" = 'j: 3 bytes are cut off' ]
	cmp j whole
	run -0 "$FDLAB" journal --cut j
	[ "$output" = 'j: it ends with a whole record' ]
}

@test "a_journal_is_cut_at_a_record_also_inside_a_block" {
	"$FDLAB" journal --json j | jq -c 'del(.offset)' >all
	cp j plain
	run -0 "$FDLAB" journal --cut --from 8 plain
	[ "$output" = 'plain: record 8 and what follows it are cut off' ]
	diff <(head -n 7 all) <("$FDLAB" journal --json plain | jq -c 'del(.offset)')
	"$FDLAB" journal --compact j
	cp j packed
	run -0 "$FDLAB" journal --cut --from 8 packed
	diff <(head -n 7 all) <("$FDLAB" journal --json packed | jq -c 'del(.offset)')
	run -2 "$FDLAB" journal --cut --from 9 packed
	[ "$output" = 'fdlab journal: packed: there is no record 9' ]
	run -2 "$FDLAB" journal --cut --from 1 packed
	# What is broken is cut off only when that is asked for.
	printf X | dd of=plain bs=1 seek="$(($(stat -c %s plain) - 3))" conv=notrunc status=none
	cp plain broken
	run -1 "$FDLAB" journal --cut plain
	[[ $output == *"--cut --from 7 cuts it off"* ]]
	cmp plain broken
	run -0 "$FDLAB" journal --cut --from 7 plain
	diff <(head -n 6 all) <("$FDLAB" journal --json plain | jq -c 'del(.offset)')
}

@test "a_journal_is_compressed_and_says_the_same" {
	for ((i = 0; i < 200; i++)); do cat j; done >/dev/null
	"$FDLAB" journal --json j | jq -c 'del(.offset)' >before
	"$FDLAB" journal --scenario j >scenario
	chmod 0640 j
	run -0 "$FDLAB" journal --compact j
	[[ $output == "j: "*" bytes, of "* ]]
	[ "$(stat -c %a j)" = 640 ]
	diff before <("$FDLAB" journal --json j | jq -c 'del(.offset)')
	diff scenario <("$FDLAB" journal --scenario j)
	[ "$(echo j*)" = j ]
}

@test "a_journal_becomes_a_scenario_that_fdlab_run_plays" {
	"$FDLAB" journal --scenario j >s.fdl
	head -n 1 s.fdl | grep -qx 'option nofile=20'
	grep -q 'resumed>' s.fdl
	run -0 "$FDLAB" run s.fdl
}

@test "a_journal_that_cannot_be_read_or_changed_is_an_error" {
	run -2 "$FDLAB" journal nothing
	[ "$output" = 'fdlab journal: nothing: No such file or directory' ]
	run -2 "$FDLAB" journal .
	[ "$output" = 'fdlab journal: .: a journal is a regular file' ]
	echo text >text
	run -2 "$FDLAB" journal text
	[ "$output" = 'fdlab journal: text: it is not a journal of fdlab' ]
	echo fdlab journal 9 >newer
	run -2 "$FDLAB" journal --check newer
	[ "$output" = 'fdlab journal: newer: it was written by a newer fdlab: version 9 of the format' ]
	exec 6<j
	flock -n 6
	run -2 "$FDLAB" journal --compact j
	[ "$output" = 'fdlab journal: j: another process uses this journal' ]
	run -0 "$FDLAB" journal --check j
	run -2 "$FDLAB" journal --cut --check j
	run -2 "$FDLAB" journal --from 3 j
	run -2 "$FDLAB" journal
	: >empty
	run -0 "$FDLAB" journal empty
	[ -z "$output" ]
	run -0 "$FDLAB" journal --check empty
}

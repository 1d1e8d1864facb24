# fdlab replay --svg and --html draw a timeline of a bounded size, however long the log is.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
}

# log LINE...: writes r.log
log() {
	printf '%s\n' "$@" >r.log
}

# draw: the timeline of r.log in r.svg, which an XML parser takes. The log may diverge.
draw() {
	run "$FDLAB" replay --svg r.svg "$@" r.log
	[ "$status" -le 1 ]
	python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' r.svg
}

# elements PATTERN: counts the lines of the picture that begin such an element.
elements() {
	grep -c -- "$1" r.svg
}

# lacks PATTERN FILE: no line of the file has it. (A command after "!" fails no test.)
lacks() {
	if grep -q -- "$1" "$2"; then
		return 1
	fi
}

# shell_and_child: a log with a fork, execs, and a finding of each kind.
shell_and_child() {
	log '10 execve("/bin/sh", ["sh"], 0x7ffd /* 40 vars */) = 0' \
		'10 openat(AT_FDCWD, "/tmp/notes", O_RDWR) = 3' '10 pipe2([4, 5], O_CLOEXEC) = 0' \
		'10 clone(child_stack=NULL, flags=SIGCHLD) = 11' '11 dup2(5, 1) = 1' '11 close(4) = 0' \
		'11 execve("/bin/ls", ["ls"], 0x7ffd /* 40 vars */) = 0' '11 close(4) = -1 EBADF (Bad file descriptor)' \
		'11 openat(AT_FDCWD, "/tmp/leaked", O_RDONLY) = 4' '11 exit_group(0) = ?' '11 +++ exited with 0 +++' \
		'10 close(5) = 0' '10 openat(AT_FDCWD, "/tmp/wrong", O_RDONLY) = 9' '10 exit_group(0) = ?' '10 +++ exited with 0 +++'
}

@test "findings_have_marks_that_differ_in_shape" {
	shell_and_child
	draw
	grep -A1 'href="#leak".*<title>11: 4 open at exit: /tmp/leaked, line 11</title>' r.svg
	grep 'href="#twice".*<title>11: close of 4, closed at line 6 by 11, line 8</title>' r.svg
	grep 'href="#handed".*<title>11: 3 handed on to /bin/ls: /tmp/notes, line 7</title>' r.svg
	grep 'href="#diverged".*<title>10: openat = 9, expected 5, line 13</title>' r.svg
	for shape in leak twice handed diverged; do
		[ "$(grep -c "<path id=\"$shape\"" r.svg)" -eq 1 ]
	done
}

@test "forks_and_execs_are_shown" {
	shell_and_child
	draw
	grep 'class="fork".*<title>10 forks 11, line 4</title>' r.svg
	[ "$(elements 'class="mark".*href="#exec"')" -eq 2 ]
	grep 'href="#exec".*<title>executes /bin/ls, line 7</title>' r.svg
	grep '<text .*>/bin/ls</text>' r.svg
}

@test "a_bar_has_its_name_inside_where_there_is_room" {
	shell_and_child
	draw
	grep '<text [^>]*aria-hidden="true">/tmp/notes</text>' r.svg
	{
		printf '10 openat(AT_FDCWD, "/short", O_RDONLY) = 3\n10 close(3) = 0\n'
		for i in $(seq 500); do echo '10 getpid() = 10'; done
	} >r.log
	draw
	grep '<title>3 /short, by openat' r.svg
	lacks 'aria-hidden="true">/short' r.svg
}

@test "the_axis_counts_lines" {
	log '10 getpid() = 10'
	for i in $(seq 999); do echo '10 getpid() = 10'; done >>r.log
	draw
	for line in 0 100 500 1000; do
		[ "$(grep -o "<text class=\"soft mid\"[^>]*>$line</text>" r.svg | wc -l)" -eq 2 ]
	done
	lacks '>50</text>' r.svg
}

@test "everything_has_a_name_and_panels_are_reached_by_keyboard" {
	shell_and_child
	draw
	[ "$(elements 'class="bar ')" -eq "$(elements 'class="bar .* role="img".*<title>..*</title>')" ]
	[ "$(elements 'class="mark"')" -eq "$(elements 'class="mark" role="img" tabindex="0".*<title>..*</title>')" ]
	grep 'class="panel".*tabindex="0" aria-label="process 11 ls, lines 4 to 11, 8 lifetimes of descriptors, 3 findings"' r.svg
	grep -q 'prefers-color-scheme:dark' r.svg
}

# short_lived N: a process that forks N others, each of which lives for a few lines.
short_lived() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) { p = 100 + i
		print "10 pipe2([3, 4], 0) = 0"
		print "10 clone(child_stack=NULL, flags=SIGCHLD) = " p
		print p " dup2(4, 1) = 1"
		print p " execve(\"/bin/x\", [\"x\"], 0x55d9 /* 37 vars */) = 0"
		print p " +++ exited with 0 +++"
		print "10 close(3) = 0"
		print "10 close(4) = 0"
	} }' >r.log
}

@test "short_lived_processes_are_folded_and_their_forks_joined" {
	short_lived 1000
	draw --html r.html
	[ "$(elements '<g class="panel"')" -eq 1 ]
	[ "$(elements '<g class="panel folded"')" -eq 1 ]
	grep '>1000 short-lived</text>' r.svg
	[ "$(elements 'href="#forks"')" -le 130 ]
	grep 'href="#forks".*<title>[0-9]* times: forks of folded processes, lines' r.svg
	grep 'class="bar many".*<title>[0-9]* processes, lines' r.svg
	grep '<details><summary>1000 short-lived processes</summary>' r.html
	[ "$(grep -c '^<tr><td>' r.html)" -eq 1000 ]
}

@test "no_process_of_a_small_log_is_folded" {
	short_lived 5
	draw
	[ "$(elements '<g class="panel"')" -eq 6 ]
	lacks 'panel folded' r.svg
}

@test "bars_narrower_than_a_pixel_are_joined" {
	awk 'BEGIN { for (i = 0; i < 3000; i++)
		print "10 openat(AT_FDCWD, \"/a\", O_RDONLY) = 3\n10 close(3) = 0" }' >r.log
	draw
	[ "$(elements 'class="bar ')" -le 10 ]
	grep 'class="bar many".*<title>3: 3000 lifetimes, lines 1 to 6000</title>' r.svg
}

# bounded: the picture is at most 2.6 screens of 1000 lines high, with so many elements and bytes.
bounded() {
	[ "$(sed -n '1s/.* height="\([0-9]*\)".*/\1/p' r.svg)" -le 2600 ]
	[ "$(grep -o '<[a-z]' r.svg | wc -l)" -le 15000 ]
	[ "$(stat -c %s r.svg)" -le 1000000 ]
}

@test "the_picture_of_a_log_of_200000_lines_is_bounded" {
	short_lived 28572
	[ "$(wc -l <r.log)" -ge 200000 ]
	draw --html r.html
	bounded
	[ "$(stat -c %s r.svg)" -le 100000 ]
	grep 'findings after the first 1000 of their kind have no mark' r.svg
	grep '<p>and 27572 more' r.html
}

@test "the_picture_of_many_processes_and_descriptors_is_bounded" {
	awk 'BEGIN { srand(7); for (p = 11; p < 90; p++) print "10 fork() = " p
		for (i = 0; i < 60000; i++) { p = 11 + int(rand() * 79)
			if (rand() < .7 || !open[p]) print p " openat(AT_FDCWD, \"/f" i "\", O_RDONLY) = " 3 + open[p]++
			else if (rand() < .1) print p " close(999) = -1 EBADF (Bad file descriptor)"
			else print p " close(" 3 + --open[p] ") = 0"
		} }' >r.log
	draw
	bounded
	grep '<text class="fd"[^>]*>[0-9]* from 23 on</text>' r.svg
	grep '<title>23 and above: [0-9]* lifetimes' r.svg
}

@test "a_page_has_the_picture_and_works_without_its_script" {
	shell_and_child
	run -1 "$FDLAB" replay --html r.html r.log
	python3 - r.html <<'PY'
import sys
from html.parser import HTMLParser

class Page(HTMLParser):
    tags, depth = {}, 0
    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        assert not any(a in ("src", "onclick", "onload") for a, _ in attrs), attrs

page = Page()
page.feed(open(sys.argv[1]).read())
assert page.tags["svg"] == 1 and page.tags["script"] == 1 and page.tags["html"] == 1
assert page.tags["g"] >= 4 and page.tags["use"] >= 6, page.tags
PY
	lacks 'http://[^w]\|https://' r.html
	grep -q 'id="told" role="status"' r.html
}

@test "both_forms_are_written_at_once_and_errors_name_the_file" {
	shell_and_child
	draw --html r.html
	[ "$(grep -c 'class="mark"' r.html)" -eq "$(elements 'class="mark"')" ]
	[ "$(grep -c 'class="bar ' r.html)" -eq "$(elements 'class="bar ')" ]
	run -2 --separate-stderr "$FDLAB" replay --html no/where.html r.log
	[[ $stderr == *"no/where.html"*"No such file or directory"* ]]
}

@test "programs_and_names_with_markup_are_escaped" {
	log '10 execve("/bin/<b>&\"", ["x"], 0x7ffd /* 40 vars */) = 0' '10 openat(AT_FDCWD, "<i>", O_RDONLY) = 3' \
		'10 +++ exited with 0 +++'
	draw --html r.html
	grep -q '&lt;b&gt;&amp;' r.svg
	lacks '<b>\|<i>' r.html
}

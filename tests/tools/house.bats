# tests/scripts/house finds every kind of breach. Each test builds a small tree with one.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	mkdir -p lib/linux lib/netbsd tests
	printf '%s\n' '`do_dup2` (`linux/files.c`), [Linux](linux/README.md), `linux/`' >lib/README.md
	printf '%s\n' '`do_dup2` `files.c`' "## Where today's Linux differs" '`fd_publish`' >lib/linux/README.md
	printf '%s\n' '#include "linux/fdtable.h"' '' 'int do_dup2(void)' '{' '	return 1;' '}' >lib/linux/files.c
	printf '%s\n' '#include "machine/touch.h"' 'void fdt_touch_table(void);' >lib/linux/fdtable.h
}

# house BREACH: expects that breach alone; without one, expects none.
house() {
	if [ $# -eq 0 ]; then
		run -0 "$FDLAB_SOURCE/tests/scripts/house" .
		[ -z "$output" ]
	else
		run -1 "$FDLAB_SOURCE/tests/scripts/house" .
		[ "${lines[0]}" = "$1" ]
		[ "${lines[1]}" = "1 breaches" ]
	fi
}

# lines N: N lines of a function.
lines() {
	local i
	for ((i = 0; i < $1; i++)); do
		echo '	;'
	done
}

@test "sound_tree_has_no_breach" {
	house
}

@test "file_of_650_lines_is_sound_and_of_651_is_not" {
	local i
	for ((i = 0; i < 650; i++)); do
		echo
	done >tests/long.c
	house
	echo >>tests/long.c
	house 'tests/long.c: 651 lines, at most 650'
}

@test "function_of_60_lines_is_sound_and_of_61_is_not" {
	{ printf '%s\n' 'static int x;' '' 'int f(int a,' '      int b)' '{' && lines 56 && echo '}'; } >tests/f.c
	house
	{ printf '%s\n' 'static int x;' '' 'int f(int a,' '      int b)' '{' && lines 57 && echo '}'; } >tests/f.c
	house 'tests/f.c:3: a function of 61 lines, at most 60'
}

@test "line_of_100_columns_is_sound_and_of_101_is_not" {
	printf '\t/*%087d…*/\n' 0 >>lib/linux/files.c
	house
	printf '\t/*%088d…*/\n' 0 >>lib/linux/files.c
	house 'lib/linux/files.c:8: 101 columns, at most 100'
}

@test "line_of_the_page_of_100_columns_is_sound_and_of_101_is_not" {
	mkdir -p daemon/web
	printf '\t/*%092d*/\n' 0 >daemon/web/a.js
	house
	printf '\t/*%093d*/\n' 0 >daemon/web/a.js
	house 'daemon/web/a.js:1: 101 columns, at most 100'
}

@test "comment_that_cites_a_page_that_is_not_here" {
	echo '/* As DESIGN has it. */' >>lib/linux/fdtable.h
	house 'lib/linux/fdtable.h:3: cites a page that is not here: /* As DESIGN has it. */'
}

@test "kernel_page_that_tells_what_a_step_touches" {
	echo 'void f(void) { fdt_touch_table(); }' >>lib/linux/files.c
	house 'lib/linux/files.c:7: only fdtable.h tells what a step touches: void f(void) { fdt_touch_table(); }'
}

@test "page_that_names_a_function_that_is_gone" {
	echo '`do_dup4`' >>lib/README.md
	house 'lib/README.md names do_dup4, which is not there'
}

@test "page_that_names_a_file_that_is_gone" {
	echo '`linux/dup4.c`' >>lib/README.md
	house 'lib/README.md names linux/dup4.c, which is not there'
}

@test "page_of_a_kernel_that_names_a_function_that_is_gone" {
	sed -i '1i `do_dup4()`' lib/linux/README.md
	house 'lib/linux/README.md names do_dup4, which is not there'
}

@test "page_that_names_a_function_in_another_file" {
	echo '`do_dup2` (`linux/fdtable.h`)' >>lib/README.md
	house 'lib/README.md says that do_dup2 is in linux/fdtable.h'
}

@test "page_with_a_link_that_leads_nowhere" {
	echo '[NetBSD](netbsd/README.md)' >>lib/README.md
	house 'lib/README.md names netbsd/README.md, which is not there'
}

@test "page_of_a_kernel_that_names_a_file_that_is_gone" {
	sed -i '1i `fs/file.c` `dup4.c`' lib/linux/README.md
	house 'lib/linux/README.md names dup4.c, which is not there'
}

@test "page_of_a_kernel_that_says_nothing_of_a_file" {
	echo '#include "linux/fdtable.h"' >lib/linux/dup.c
	house 'lib/linux/README.md says nothing of dup.c'
}

@test "type_of_two_folders" {
	mkdir tools
	echo 'enum table { TABLE };' >tools/table.h
	house
	echo 'struct table {' >lib/linux/table.h
	house 'table is a type in several folders: lib/linux/table.h:1, tools/table.h:1'
}

@test "static_function_with_the_name_of_another_one" {
	mkdir tools
	printf '%s\n' 'static __attribute__((cold)) int do_dup2(int a)' '{' '	return 1;' '}' >tools/dup2.c
	house 'tools/dup2.c:1: do_dup2 is a function of lib/linux/files.c'
}

@test "daemon_and_command_are_programs_of_their_own" {
	mkdir tools daemon
	printf '%s\n' 'int serve(void)' '{' '	return 1;' '}' >daemon/serve.c
	printf '%s\n' 'static int serve(void)' '{' '	return 1;' '}' >tools/serve.c
	house
}

@test "number_that_is_read_elsewhere" {
	mkdir -p tools/cli
	echo '`cli/`' >>lib/README.md
	echo 'int n = strtoul(text, &end, 10);' >tools/cli/number.c
	house
	mv tools/cli/number.c tools/cli/numbers.c
	house 'tools/cli/numbers.c:1: numbers are read by tools/cli/number.c and daemon/number.c, and in lib/ by base/number.c: int n = strtoul(text, &end, 10);'
}

@test "comment_that_begins_with_a_noun_and_a_clause" {
	echo '/* Pages: how they are made and freed. */' >tests/c.c
	house 'tests/c.c:1: a comment without a verb: /* Pages: how'
}

@test "name_of_a_test_without_a_subject" {
	mkdir -p tests/tools
	printf '@test "%s" {\n}\n' what_is_read_is_written >tests/tools/t.bats
	house 'tests/tools/t.bats: the name of a test without a subject: what_is_read_is_written'
}

@test "comment_without_a_subject" {
	printf '%s\n' 'int behind;' '/*' ' * The file that nobody has.' ' */' >tests/c.c
	house 'tests/c.c:3: words without a subject: * The file that nobody has.'
}

@test "folder_that_the_page_says_nothing_of" {
	mkdir -p tools/cli
	echo 'void f(void);' >tools/cli/f.h
	house 'lib/README.md says nothing of tools/cli/'
}

# tests/scripts/house finds every kind of breach. Each test builds a small tree with one.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	mkdir -p lib/linux lib/netbsd tests
	printf '%s\n' '`do_dup2` (`linux/files.c`)' >lib/README.md
	printf '%s\n' '`do_dup2`' "## Where today's Linux differs" '`fd_publish`' >lib/linux/README.md
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

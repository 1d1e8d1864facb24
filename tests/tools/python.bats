# The binding in Python: the examples of the module (those of its manual page are run with the page);
# errors, and what is left of machines.

setup() {
	bats_require_minimum_version 1.5.0
	[ -z "$FDLAB_SANITIZED" ] || skip "Python itself is not built with the sanitizers"
	export FDLAB_LIBRARY=$FDLAB_BUILD/libfdlab.so.0
	[ -e "$FDLAB_LIBRARY" ] || skip "there is no shared library"
	export PYTHONPATH=$FDLAB_SOURCE/tools/python PYTHONDONTWRITEBYTECODE=1
	cd "$BATS_TEST_TMPDIR"
}

@test "examples_of_the_module" {
	python3 -m doctest "$FDLAB_SOURCE/tools/python/fdlab.py"
}

@test "errors_are_exceptions_with_the_reason" {
	python3 - <<-'END'
		import fdlab

		def raises(kind, words, what, *args, **named):
		    try:
		        what(*args, **named)
		    except kind as error:
		        assert words in str(error), error
		    else:
		        raise AssertionError(words)

		raises(fdlab.Error, "kernel", fdlab.Machine, kernel="plan9")
		raises(fdlab.Error, "nofyle", fdlab.Machine, nofyle=3)
		m = fdlab.Machine()
		raises(KeyError, "7/fd", m.__getitem__, "7/fd/3")
		raises(fdlab.Error, "control", m.__setitem__, "1/control", "open(")
		raises(fdlab.Error, "png", m.draw, "png")
		raises(fdlab.Error, "dupp", m.explore, {1: ["dupp(0)"]})
		raises(fdlab.Error, "bracket", m.stop, "dup 0", "fd_install")
		assert m.run("close(9)", 7).errno == "ESRCH"
		m.close()
		raises(fdlab.Error, "closed", m.run, "dup(0)")
	END
}

@test "replies_of_calls_in_flight_and_of_calls_without_a_result" {
	python3 - <<-'END'
		import fdlab
		m = fdlab.Machine()
		assert m.run("pipe()").result == 0
		waiting = m.run("read(3, ..., 10)")
		assert waiting.pending and waiting.result is None
		assert m.run("fork()", 1).errno == "EALREADY"
		m = fdlab.Machine()
		m.run("fork()")
		ended = m.run("exit(3)", 2)
		assert ended.result is None and not ended.pending, ended
		many = m.run("dup(0)\ndup(0)\n")
		assert many.text.count("\n") == 2 and many.result == 4
		assert m.run("umask(077)").result == 0o22 and m.run("umask(0)").result == 0o77
		assert m.run("umask(022)").result == 0
	END
}

# What the library reads beyond a structure that is too short is anything.
@test "structures_have_the_members_of_the_header" {
	python3 - "$FDLAB_SOURCE"/lib/fdlab*.h <<-'END'
		import fdlab, re, sys
		text = "".join(open(name).read() for name in sys.argv[1:])
		text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
		for name, ours in [("fdl_drawing", fdlab._Drawing), ("fdl_explore", fdlab._Explore),
		                   ("fdl_race_outcome", fdlab._RaceOutcome), ("fdl_dirent", fdlab._Dirent)]:
		    body = re.search(r"struct %s \{(.*?)\n\};" % name, text, re.S).group(1)
		    members = []
		    for line in filter(str.strip, body.split(";")):
		        function = re.search(r"\(\*(\w+)\)\(", line)
		        members += [function.group(1)] if function else \
		            [re.sub(r"\[.*", "", word).split()[-1].lstrip("*") for word in line.split(",")]
		    assert members == [field[0] for field in ours._fields_], (name, members)
	END
}

@test "machines_are_freed" {
	python3 - <<-'END'
		import fdlab, resource
		def work():
		    for _ in range(200):
		        m = fdlab.Machine()
		        for _ in range(50):
		            m.run("dup(0)")
		        m.draw()
		work()
		before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
		work(); work()
		after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
		assert after < before * 1.3 + 4096, (before, after)
	END
}

@test "an_empty_line_does_nothing_and_a_nul_is_no_end" {
	python3 - <<-'END'
		import fdlab
		m = fdlab.Machine()
		m.run("dup(0)")
		assert m.run("").text == "" and m.run("# only a comment").text == ""
		assert m.log == ["1 dup(0) = 3"], m.log
		for what in (lambda: m.run("dup(0)\0"), lambda: m.__setitem__("1/comm\0x", "a")):
		    try:
		        what()
		    except fdlab.Error as error:
		        assert "NUL" in str(error), error
		    else:
		        raise AssertionError("a NUL was taken for the end")
		assert 3 not in m and "1\0/fd" not in m and "1/fd" in m
		assert m.log == ["1 dup(0) = 3"], m.log
	END
}

# A structure that is shorter than the library's makes it read bytes after the end.
@test "structures_are_those_of_the_header" {
	local cc=${CC:-cc}
	command -v "$cc" >/dev/null || skip "there is no compiler"
	python3 - >layout.py.txt 3>layout.c <<-'END'
		import ctypes, fdlab
		pairs = (("drawing", fdlab._Drawing), ("explore", fdlab._Explore),
		         ("race_outcome", fdlab._RaceOutcome), ("dirent", fdlab._Dirent))
		with open(3, "w") as c:
		    print("#include <fdlab.h>\n#include <stddef.h>\n#include <stdio.h>\nint main(void)\n{", file=c)
		    for name, structure in pairs:
		        print(name, ctypes.sizeof(structure))
		        print(f'printf("{name} %zu\\n", sizeof(struct fdl_{name}));', file=c)
		        for field, *_ in structure._fields_:
		            print(name, field, getattr(structure, field).offset)
		            print(f'printf("{name} {field} %zu\\n", offsetof(struct fdl_{name}, {field}));', file=c)
		    print(f'return sizeof(struct fdl_options) > {ctypes.sizeof(fdlab._Options)};\n}}', file=c)
	END
	"$cc" -I "$FDLAB_SOURCE/lib" -o layout layout.c
	./layout >layout.c.txt
	diff layout.c.txt layout.py.txt
}

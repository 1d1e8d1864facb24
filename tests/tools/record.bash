# Helpers of tests of fdlab replay that record a real program with strace: the log may not diverge,
# and its scenario must run.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	strace -f -o probe.log true 2>probe.err || skip "strace cannot trace here: $(head -1 probe.err)"
}

# needs PROGRAM...: skips if one is not installed.
needs() {
	local program
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}

# agrees LOG LEAST: no divergence, every result predicted, and at least this many.
agrees() {
	run "$FDLAB" replay --json "$1"
	if [ "$status" -ne 0 ]; then
		cp "$1" "${FDLAB_BUILD:-/tmp}/diverges-$BATS_TEST_NUMBER-${1##*/}"
		"$FDLAB" replay "$1" | sed '/^Inherited/q'
		return 1
	fi
	grep -q '"divergences_total": 0' <<<"$output"
	judged=$(sed -n 's/^    "judged": \([0-9]*\),/\1/p' <<<"$output")
	predicted=$(sed -n 's/^    "predicted": \([0-9]*\),/\1/p' <<<"$output")
	echo "$1: $predicted of $judged predicted, at least $2 wanted"
	[ "$judged" -eq "$predicted" ]
	[ "$judged" -ge "$2" ]
	"$FDLAB" replay --scenario "$1" >s.fdl
	run -0 "$FDLAB" run s.fdl
}

# record LEAST COMMAND...: with children, and in strace's other forms: each recording is another run.
record() {
	local least=$1
	shift
	for how in '-f' '-f -yy -ttt -T' '-f -y -r'; do
		# shellcheck disable=SC2086
		strace $how -o r.log "$@" >out 2>err </dev/null || {
			echo "strace $how $*: status $?"
			tail -5 err
			return 1
		}
		agrees r.log "$least"
	done
}

# record_here COMMAND: standard error with "[pid N]", and the first process alone.
record_here() {
	strace -f -tt "$@" >out 2>r.log </dev/null
	agrees r.log 1
	strace -o r.log "$@" >out 2>err </dev/null
	agrees r.log 1
}

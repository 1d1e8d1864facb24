# Shells, recorded: they use descriptors more than most programs.

load record

@test "bash_pipelines_do_not_diverge" {
	needs bash
	record 20 bash -c 'ls / | sort | head -2; echo x | cat | cat | cat; ! false | true; cat < <(ls /)'
	record_here bash -c 'ls / | cat; (exec 5</etc/passwd; cat <&5) & wait'
}

@test "bash_here_documents_do_not_diverge" {
	needs bash
	record 20 bash -c 'cat <<X
$(ls /)
X
cat <<<"a string"; read -r a <<<b; while read -r l; do : "$l"; done </etc/passwd'
}

@test "bash_coprocesses_do_not_diverge" {
	needs bash
	record 20 bash -c 'coproc cat; echo x >&"${COPROC[1]}"; read -r a <&"${COPROC[0]}"; eval "exec ${COPROC[1]}>&-"; wait'
}

@test "bash_redirections_do_not_diverge" {
	needs bash
	record 20 bash -c 'exec 3</etc/passwd 4>&1 5>>out2 {v}<>/dev/null; read -r a <&3; ls / >&4 2>&5; exec 3<&- 4>&-; exec {v}>&-; { echo x; } 7>&1 >&2; set -o noclobber; echo >| out2; exec 9>&1-'
}

@test "bash_jobs_and_traps_do_not_diverge" {
	needs bash
	record 20 bash -c 'trap "echo t" USR1; for i in 1 2 3; do (sleep 0.0$i; ls / | wc -l) & done; kill -USR1 $$; wait; sleep 10 & kill $!; wait; timeout 0.1 sleep 5; true'
}

@test "bash_script_keeps_255" {
	needs bash
	printf '%s\n' 'exec 3</etc/passwd' 'ls /' 'source /dev/null' >s.sh
	record 20 bash s.sh
}

@test "dash_does_not_diverge" {
	needs dash
	record 20 dash -c 'ls / | sort | head -2; exec 3</etc/passwd 4>&1; read a <&3; (echo sub; ls / >&4) & wait; cat <<X
$(ls /)
X
while read x; do :; done </etc/passwd; trap "" USR1'
	printf '%s\n' 'exec 3</etc/passwd' 'ls /' '. /dev/null' 'exec ls / 3<&-' >s.sh
	record 20 dash s.sh
	record_here dash -c 'ls / | cat; sleep 0.01 & wait'
}

@test "inherited_descriptors_are_found_out" {
	needs bash
	strace -f -o r.log bash -c 'for i in 1 2 3; do cat </etc/passwd; done; exec 4</etc/group; cat <&5; ls' \
		3</etc/group 5</etc/passwd >out 2>err </dev/null
	agrees r.log 10
	for fd in 3 5; do
		grep -q "\"fd\": $fd" <<<"$("$FDLAB" replay --json r.log | sed -n '/"inherited"/,/"divergences"/p')"
	done
}

@test "closed_standard_input_is_found_out" {
	needs bash
	strace -f -o r.log bash -c 'ls /; cat </etc/passwd' >out 2>err <&-
	agrees r.log 5
}

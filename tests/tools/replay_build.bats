# Builds of programs, recorded: make with several jobs, the compiler, git.

load record

@test "make_with_four_jobs_does_not_diverge" {
	needs make cat
	cat >Makefile <<'X'
all: a b c d e f
	$(MAKE) --no-print-directory sub
sub: g h
%:
	@ls / | cat >/dev/null; cat </etc/passwd >/dev/null; sleep 0.01
X
	record 30 make -j4
}

@test "gcc_does_not_diverge" {
	needs gcc
	echo 'int main(void) { return 0; }' >x.c
	record 30 gcc -O1 -o x x.c
	record 30 gcc -pipe -o x x.c
}

@test "git_does_not_diverge" {
	needs git
	cat >g.sh <<'X'
set -e
export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD GIT_PAGER=cat
git init -q g
cd g
echo a >a
git add a
git -c user.name=a -c user.email=b commit -qm one
git log
git clone -q . h
git gc -q
git diff HEAD
git fetch -q .
cd ..
rm -rf g
X
	record 60 sh g.sh
}

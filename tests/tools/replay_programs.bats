# Programs of many kinds, recorded. One that is not installed is skipped.

load record

@test "perl_does_not_diverge" {
	needs perl
	record 20 perl -e 'open(F, "<", "/etc/passwd"); open(G, "-|", "ls /"); my @a = <G>; close G;
		pipe(R, W); if (!fork) { print W "x"; exit } close W; <R>; wait; system("true");
		my $x = `echo hi`; open(STDOUT, ">&", F); socket(S, 1, 1, 0); opendir(D, "/"); readdir D'
}

@test "tar_and_gzip_do_not_diverge" {
	needs tar gzip
	mkdir d
	for i in 1 2 3 4 5 6 7 8; do echo $i >"d/$i"; echo $i >"d/$i-"; done
	record 20 sh -c 'tar cf - d | gzip >d.gz; gzip -d <d.gz | tar tf - >/dev/null; tar xzf d.gz'
}

@test "xz_does_not_diverge" {
	needs xz
	record 5 sh -c 'ls -R /etc 2>/dev/null | xz -T2 -c | xz -dc >/dev/null'
}

@test "find_and_parallel_xargs_do_not_diverge" {
	needs find xargs
	mkdir d
	for i in 1 2 3 4 5 6 7 8 9; do mkdir "d/$i"; echo $i >"d/$i/x"; done
	record 50 sh -c 'find d -type f | xargs -n 1 -P 4 cat; find d -name x -exec cat {} +'
}

@test "tmux_does_not_diverge" {
	needs tmux
	record 20 tmux -S "$BATS_TEST_TMPDIR/t" -f /dev/null new-session -d 'ls /; sleep 0.2'
}

@test "node_does_not_diverge" {
	needs node
	record 20 node -e 'const c = require("child_process"), fs = require("fs");
		c.execSync("true"); c.spawn("cat", ["/etc/passwd"], { stdio: ["ignore", "pipe", "inherit"] });
		for (let i = 0; i < 20; i++) fs.readFile("/etc/passwd", () => {});
		const s = require("http").createServer((q, a) => { a.end("x"); s.close(); });
		s.listen(0, () => require("http").get({ port: s.address().port, agent: false }))'
}

@test "java_does_not_diverge" {
	needs java
	record 20 java -version
}

@test "threads_that_open_close_and_fork_at_once_do_not_diverge" {
	cat >t.c <<'X'
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *p)
{
	unsigned seed = (unsigned)(long)p;
	int mine[64], n = 0, fds[2];

	for (int i = 0; i < 80; i++) {
		switch (n > 40 ? 3 : rand_r(&seed) % 9) {
		case 0:
		case 1:
			mine[n++] = open("/etc/passwd", rand_r(&seed) % 2 ? O_CLOEXEC : 0);
			break;
		case 2:
			if (!pipe(fds)) {
				mine[n++] = fds[0];
				mine[n++] = fds[1];
			}
			break;
		case 3:
		case 4:
			if (n) {
				int k = rand_r(&seed) % n;

				close(mine[k]);
				mine[k] = mine[--n];
			}
			break;
		case 5:
			mine[n++] = dup(0);
			break;
		case 6:
			open("/nonexistent", O_RDONLY);
			break;
		case 7:
			if (rand_r(&seed) % 3 == 0) {
				pid_t child = fork();

				if (!child) {
					close(open("/etc/group", O_RDONLY));
					open("/etc/hosts", O_RDONLY);
					_exit(0);
				}
				waitpid(child, NULL, 0);
			} else {
				mine[n++] = fcntl(0, F_DUPFD_CLOEXEC, 20);
			}
			break;
		default:
			if (!socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) {
				mine[n++] = fds[0];
				mine[n++] = fds[1];
			}
		}
	}
	while (n)
		close(mine[--n]);
	return NULL;
}
int main(void)
{
	pthread_t t[6];

	for (long i = 0; i < 6; i++)
		pthread_create(&t[i], NULL, work, (void *)(i + getpid()));
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	return 0;
}
X
	"$CC" -pthread -o t t.c
	for i in 1 2 3; do
		record 150 ./t
	done
}

@test "threads_that_are_attached_to_do_not_diverge" {
	PYTHON=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null) || skip "python3 is not installed"
	"$PYTHON" -c 'import os, threading, time
def work():
    while not os.access("go", os.F_OK):
        time.sleep(0.01)
    for i in range(25):
        time.sleep(0.01)
        os.close(os.open("/etc/passwd", os.O_RDONLY))
keep = os.open("/etc/group", os.O_RDONLY)
for i in range(3): threading.Thread(target=work).start()
open("ready", "w").close()' &
	until [ -e ready ]; do sleep 0.05; done
	strace -f -o r.log -p $! 2>err &
	# Attaching takes time, and tasks that are not attached yet are not in the log.
	until grep -q 'attached with' err || ! kill -0 $!; do sleep 0.05; done
	sleep 0.2
	touch go
	wait
	agrees r.log 20
}

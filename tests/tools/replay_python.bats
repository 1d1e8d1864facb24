# Python, recorded: threads that open at once, subprocesses of threads, descriptors in messages.

load record

setup_file() {
	# "python3" may be a script that looks for another program.
	PYTHON=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null || true)
	export PYTHON
}

python() {
	[ -n "$PYTHON" ] || skip "python3 is not installed"
	cat >p.py
	record "$1" "$PYTHON" p.py
}

@test "python_threads_that_open_do_not_diverge" {
	python 100 <<'X'
import os, threading
def work(n):
    for i in range(25):
        a = os.open("/etc/passwd", os.O_RDONLY)
        r, w = os.pipe()
        b = os.dup(a)
        os.close(r if i % 2 else a)
        try:
            os.open("/nonexistent", os.O_RDONLY)
        except OSError:
            pass
        os.close(w)
        os.close(a if i % 2 else r)
        os.close(b)
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
X
}

@test "python_subprocesses_of_threads_do_not_diverge" {
	python 100 <<'X'
import subprocess, threading
def work(n):
    for i in range(2):
        subprocess.run(["true"])
        p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, close_fds=n % 2 == 0)
        p.communicate(b"x")
        with open("/etc/passwd") as f: f.read()
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
X
}

@test "python_sent_descriptors_do_not_diverge" {
	python 20 <<'X'
import os, socket
a, b = socket.socketpair()
if os.fork() == 0:
    a.close()
    _, fds, _, _ = socket.recv_fds(b, 10, 8)
    assert len(fds) == 4
    f = os.open("/etc/passwd", os.O_RDONLY)
    os._exit(0)
b.close()
r, w = os.pipe()
socket.send_fds(a, [b"x"], [0, r, w, a.fileno()])
os.wait()
c, d = socket.socketpair()
socket.send_fds(c, [b"y"], [r, w])
msg, fds, _, _ = socket.recv_fds(d, 1, 2)
os.close(fds[0])
os.dup(fds[1])
X
}

@test "python_with_every_kind_of_descriptor_does_not_diverge" {
	python 30 <<'X'
import ctypes, mmap, os, select, signal, socket, tempfile
libc = ctypes.CDLL(None, use_errno=True)
e = select.epoll()
r, w = os.pipe()
e.register(r)
ev = libc.eventfd(0, 0o2000000)
tfd = libc.timerfd_create(1, 0)
ino = libc.inotify_init1(0)
mask = ctypes.create_string_buffer(128)
sfd = libc.signalfd(-1, mask, 0)
assert libc.signalfd(sfd, mask, 0) == sfd
mem = os.memfd_create("m")
if hasattr(os, "pidfd_open"):
    p = os.pidfd_open(os.getpid())
m, s = os.openpty()
s1 = socket.socket()
s1.bind(("127.0.0.1", 0))
s1.listen()
s2 = socket.create_connection(s1.getsockname())
s3, _ = s1.accept()
u = socket.socket(socket.AF_UNIX)
name = "s->\"k%d" % os.getpid()
u.bind(name)
t = tempfile.TemporaryFile()
d = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
q = os.open("passwd", os.O_RDONLY, dir_fd=d)
os.close(w)
os.dup2(q, 100)
os.dup2(q, 5000 if os.sysconf("SC_OPEN_MAX") > 5000 else 200, inheritable=False)
os.set_inheritable(q, True)
os.closerange(50, 300)
for name in (b"a<b", b"a->", b"a\"b", b"a]->b", b"a\nb", b"\xff\xfe", b"a, b)", b" = 3", b"<unfinished ...>"):
    f = os.open(name, os.O_CREAT | os.O_RDWR)
    os.write(f, name)
    os.close(os.dup(f))
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
try:
    while True: os.dup(0)
except OSError as error:
    assert error.errno == 24
X
}

@test "python_pools_of_processes_do_not_diverge" {
	python 50 <<'X'
import multiprocessing
def f(x): return x * x
if __name__ == "__main__":
    for how in "fork", "spawn", "forkserver":
        with multiprocessing.get_context(how).Pool(2) as pool: pool.map(f, [1, 2, 3])
X
}

@test "python_exec_by_a_thread_does_not_diverge" {
	python 10 <<'X'
import os, threading, time
def other():
    r, w = os.pipe()
    os.read(r, 1)
def go():
    time.sleep(0.1)
    os.execv("/bin/sh", ["sh", "-c", "ls / | cat"])
for f in other, go: threading.Thread(target=f).start()
os.read(os.pipe()[0], 1)
X
}

@test "python_that_is_killed_does_not_diverge" {
	[ -n "$PYTHON" ] || skip "python3 is not installed"
	cat >p.py <<'X'
import os, signal, threading, time
r, w = os.pipe()
if os.fork() == 0:
    for i in range(3): threading.Thread(target=lambda: os.read(os.pipe()[0], 1)).start()
    os.write(w, b"x")
    time.sleep(60)
os.read(r, 1)
os.kill(os.getppid() and os.getpid(), 0)
import subprocess
child = int(open("/proc/self/task/%d/children" % os.getpid()).read().split()[0])
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
os.open("/etc/passwd", os.O_RDONLY)
X
	record 10 "$PYTHON" p.py
}

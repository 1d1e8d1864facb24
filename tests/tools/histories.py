"""Logs of tasks that a small simulation of descriptor tables has run, with calls that overlap.

histories.py SEED writes one. Each call begins, happens at some later moment and ends later still, and
the lines show the beginnings and the ends, as strace does: so a replay that is right finds an order
for every one of them. A thread closes only what a call has already come back with; with "free" after
SEED it closes and replaces any number, in whatever call that is; with "long" there are thousands of
calls.
"""

import random
import sys


class Table:
    def __init__(self, fds):
        self.fds, self.reserved = set(fds), set()

    def lowest(self, start=0):
        while start in self.fds or start in self.reserved:
            start += 1
        return start


class Task:
    def __init__(self, pid, table):
        self.pid, self.table, self.state = pid, table, "idle"
        self.kind = self.result = None
        self.fd = -1
        self.given = []


CALLS = {
    "open": 'openat(AT_FDCWD, "x", O_RDONLY',
    "fail": 'openat(AT_FDCWD, "no", O_RDONLY',
    "accept": "accept(0, NULL, NULL",
    "dup": "dup(0",
    "dupfd": "fcntl(0, F_DUPFD, 5",
    "pipe": "pipe2(",
    "close": "close(%d",
    "dup2": "dup2(0, %d",
    "fork": "clone(child_stack=NULL, flags=SIGCHLD",
    "thread": "clone(child_stack=0x1, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD",
}
KINDS = list(CALLS) + ["open", "close", "close"]


class History:
    def __init__(self, seed, options):
        self.random = random.Random(seed)
        self.free, self.long = "free" in options, "long" in options
        inherited = {self.random.randrange(3, 8)} if self.random.random() < 0.3 else set()
        self.tasks = [Task(10, Table({0, 1, 2} | inherited))]
        self.lines = []  # [text, whose call it leaves open or None]

    def interrupt(self, task):
        if self.lines and self.lines[-1][1] not in (None, task):
            self.lines[-1][0] += " <unfinished ...>"
            self.lines[-1][1] = None

    def busy_with(self, task):
        """Numbers that other calls in flight close, replace or have been given."""
        for other in self.tasks:
            if other is not task and other.table is task.table and other.state != "idle":
                yield from [other.fd] + other.given

    def begin(self, task):
        busy = set() if self.free else set(self.busy_with(task))
        live = sorted(fd for fd in task.table.fds - busy if fd > 2)
        kind = self.random.choice(KINDS)
        task.fd = self.random.choice(live + [self.random.randrange(3, 12)])
        if kind == "close" and task.fd not in live and not self.free:
            kind = "open"
        if (kind == "dup2" and task.fd in busy) or (
            kind in ("fork", "thread") and len(self.tasks) > 6
        ):
            kind = "open"
        if kind not in ("close", "dup2"):
            task.fd = -1
        task.kind, task.state, task.given = kind, "begun", []
        self.interrupt(task)
        text = CALLS[kind] % task.fd if "%" in CALLS[kind] else CALLS[kind]
        self.lines.append(["%d %s" % (task.pid, text), task])

    def happen(self, task):
        table, kind = task.table, task.kind
        if kind in ("fail", "pipe") and task.state == "begun":
            task.given = [table.lowest()]
            table.reserved.add(task.given[0])
            task.state = "reserved"
            return
        task.state, task.result = "done", 0
        if kind == "fail":
            table.reserved.discard(task.given[0])
            task.given, task.result = [], "-1 ENOENT (No such file or directory)"
        elif kind == "pipe":
            task.given.append(table.lowest())
            table.reserved.discard(task.given[0])
        elif kind == "close":
            if task.fd not in table.fds:
                task.result = "-1 EBADF (Bad file descriptor)"
            table.fds.discard(task.fd)
        elif kind == "dup2":
            task.result = task.fd
            if task.fd in table.reserved:
                task.result = "-1 EBUSY (Device or resource busy)"
            else:
                table.fds.add(task.fd)
        elif kind in ("fork", "thread"):
            task.result = 11 + len(self.tasks)
            shared = table if kind == "thread" else Table(table.fds)
            self.tasks.append(Task(task.result, shared))
        else:
            task.result = table.lowest(5 if kind == "dupfd" else 0)
            task.given = [task.result]
        if kind != "fail":
            table.fds.update(task.given)

    def end(self, task):
        rest = "[%d, %d], 0)" % tuple(task.given) if task.kind == "pipe" else ")"
        rest += " = %s" % task.result
        if self.lines[-1][1] is task:
            self.lines[-1][0] += rest
            self.lines[-1][1] = None
        else:
            self.interrupt(task)
            name = CALLS[task.kind].split("(")[0]
            self.lines.append(["%d <... %s resumed>%s" % (task.pid, name, rest), None])
        task.state, task.fd, task.given = "idle", -1, []

    def run(self):
        steps = {"idle": self.begin, "begun": self.happen, "reserved": self.happen, "done": self.end}
        for _ in range(self.random.randrange(20, 200) if not self.long else 12000):
            task = self.random.choice(self.tasks)
            steps[task.state](task)
        return "".join(text + "\n" for text, task in self.lines if task is None)


sys.stdout.write(History(int(sys.argv[1]), sys.argv[2:]).run())

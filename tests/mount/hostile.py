#!/usr/bin/env python3
"""Clients of the daemon's HTTP that no browser would be. tests/mount/hostile.py URL CLIENT [ARGUMENT...]:
plays a client of this file, and exits with 0 if the daemon behaved."""

import json
import mmap
import os
import random
import re
import select
import signal
import socket
import struct
import sys
import time

URL = re.match(r'http://([^/]*):(\d+)/\?token=([0-9a-f]+)$', sys.argv[1])
HOST, PORT, TOKEN = URL[1].strip('[]'), int(URL[2]), URL[3]
TIMEOUT = 120  # for what never comes: the daemon may be under valgrind, on a busy computer


def connect():
    return socket.create_connection((HOST, PORT), timeout=TIMEOUT)


def head(method='GET', path='/machine', host=None, token=TOKEN, more=()):
    lines = [f'{method} {path} HTTP/1.1', f'Host: {host or f"{HOST}:{PORT}"}']
    if token is not None:
        lines.append(f'Authorization: Bearer {token}')
    return '\r\n'.join(lines + list(more) + ['', '']).encode('latin-1')


def read_answer(s, rest=b''):
    """(status, headers, body, what follows) of one answer; None: the connection was closed without one."""
    data = rest
    while b'\r\n\r\n' not in data:
        try:
            got = s.recv(65536)
        except ConnectionResetError:
            got = b''
        if not got:
            return None
        data += got
    top, body = data.split(b'\r\n\r\n', 1)
    status, *fields = top.decode('latin-1').split('\r\n')
    headers = {k.lower(): v for k, v in (field.split(': ', 1) for field in fields)}
    length = int(headers.get('content-length', 0))
    while len(body) < length:
        got = s.recv(65536)
        if not got:
            break
        body += got
    return int(status.split()[1]), headers, body[:length], body[length:]


def send_and_hear_out(data):
    """What is answered does not matter."""
    with connect() as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        s.settimeout(5)
        try:
            while s.recv(65536):
                pass
        except (socket.timeout, ConnectionResetError):
            pass


def ask(data):
    with connect() as s:
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # answered before it has read all
        return read_answer(s)


def post(text, **rest):
    body = text.encode()
    return ask(head('POST', '/calls', more=[f'Content-Length: {len(body)}'], **rest) + body)


def alive():
    answer = ask(head())
    assert answer and answer[0] == 200, answer
    return json.loads(answer[2])


def expect(wanted, answer):
    """The status is one of these; None: closed without an answer."""
    got = answer and answer[0]
    assert got in wanted, (wanted, answer)


def memory(pid):
    """Kilobytes that the daemon has."""
    with open(f'/proc/{pid}/status') as status:
        return int(re.search(r'VmRSS:\s*(\d+)', status.read())[1])


# ---- clients ----------------------------------------------------------------------------------


def wrong_hosts():
    for host in ('evil.example', f'evil.example:{PORT}', f'127.0.0.1.evil.example:{PORT}', 'localhost.', '[evil]',
                 f'[::1]x:{PORT}', f'127.0.0.1:{PORT}x', '127.0.0.1:', ':80', '127.1', '2130706433', ' ', 'a' * 300):
        expect([403, 400], ask(head(host=host)))
    expect([403, 400], ask(f'GET /machine?token={TOKEN} HTTP/1.1\r\n\r\n'.encode()))
    for host in (f'localhost:{PORT}', 'LOCALHOST', f'127.0.0.1:{PORT}', '127.0.0.1', '[::1]:8000'):
        expect([200], ask(head(host=host)))


def wrong_origins():
    for origin in ('http://evil.example', 'null', f'https://{HOST}:{PORT}', f'http://{HOST}:{PORT + 1}',
                   f'http://{HOST}:{PORT}.evil.example', f'http://{HOST}', ''):
        expect([403], ask(head(more=[f'Origin: {origin}'])))
        body = b'dup 0'
        expect([403], ask(head('POST', '/calls', more=[f'Origin: {origin}', 'Content-Length: 5']) + body))
    expect([200], ask(head(more=[f'Origin: http://{HOST}:{PORT}'])))
    assert alive()['line'] == 0


def wrong_tokens():
    paths = ('/', '/store.js', '/machine', '/tree/log', '/at/0/tree/log', '/events', '/words.json', '/races', '/nosuch')
    for token in (None, '', TOKEN[:-1], TOKEN + '0', TOKEN[::-1], TOKEN.upper() + ' ', '0' * 32, 'a' * 10000):
        for path in paths:
            expect([401], ask(head(path=path, token=token)))
        expect([401], ask(head('POST', '/calls', token=token, more=['Content-Length: 5']) + b'dup 0'))
        expect([401], ask(head('PUT', '/races', token=token, more=['Content-Length: 2']) + b'{}'))
    expect([401], ask(head(path=f'/machine?token={TOKEN[1:]}', token=None)))
    expect([401], ask(head(path=f'/machine?token={TOKEN}', token='0' * 32)))
    expect([200], ask(head(path=f'/machine?token={TOKEN}', token=None)))
    # The cookie is for the other files of the page alone.
    cookie = ask(head(path=f'/?token={TOKEN}', token=None))[1]['set-cookie']
    assert 'HttpOnly' in cookie and 'SameSite=Strict' in cookie, cookie
    cookie = [f'Cookie: other=1; {cookie.split(";")[0]}; more=2']
    expect([200], ask(head(path='/store.js', token=None, more=cookie)))
    for path in ('/', '/machine', '/tree/log', '/events', '/races'):
        expect([401], ask(head(path=path, token=None, more=cookie)))
    expect([401], ask(head(path='/store.js', token=None, more=[f'Cookie: fdlab-{PORT}={TOKEN[1:]}0'])))
    expect([401], ask(head(path='/store.js', token=None, more=[f'Cookie: fdlab-{PORT}'])))
    assert alive()['line'] == 0


def odd_paths():
    for path in ('/tree/../../etc/passwd', '/tree/%2e%2e/%2e%2e/etc/passwd', '/../etc/passwd', '/%2e%2e/store.js',
                 '/tree/rootfs/../../../etc/shadow', '/./store.js/..', '/web/store.js', '/tree/nosuch', '/at/9/tree/log',
                 '/at/-1/tree/log', '/at/99999999999999999999/tree/log', '/at/0x0/tree/log', '/at//tree/log', '/at/0',
                 '/at/0/', '/at/0/machine', '/at/0/calls', '/at/0/store.js', '/at/0/at/0/tree/log', '/nosuch',
                 '/machine/', '/machine/x', '/words.json/', '/tree/%00', '/tree/log%00.js', '/tree/%', '/tree/%g0',
                 '/tree/%1', '/tree/' + 'a' * 300, '/tree/' + 'a/' * 3000, '/tree/1/fd/99', '/tree/99/fd'):
        expect([404, 403, 400], ask(head(path=path)))
    for path in ('//tree/log', '*', 'tree/log', 'http://evil.example/tree/log', '', '/tree/log?' + 'x=%zz&' * 50,
                 '/tree/log?token', '/tree/log#x', '/tree//log', '/tree/./log', f'/tree/log?token={TOKEN}&token=x'):
        expect([200, 400, 401, 404, 403, 501], ask(head(path=path)))
    assert ask(head(path='/tree/rootfs/etc/passwd'))[2].startswith(b'root:')
    with open('/etc/passwd', 'rb') as own:
        assert ask(head(path='/tree/rootfs/etc/passwd'))[2] != own.read()
    alive()


def odd_methods():
    for method in ('DELETE', 'TRACE', 'OPTIONS', 'CONNECT', 'PATCH', 'HEAD', 'PROPFIND', 'get', 'G' * 5000, '\x00', 'GET\t'):
        expect([400, 405, 501, None], ask(head(method)))
    for method, path in (('POST', '/machine'), ('PUT', '/calls'), ('GET', '/calls'), ('POST', '/events'),
                         ('POST', '/tree/1/control'), ('PUT', '/tree/1/control'), ('POST', '/'), ('PUT', '/store.js')):
        expect([405], ask(head(method, path, more=['Content-Length: 5']) + b'dup 0'))
    assert alive()['line'] == 0


def broken_requests():
    for data in (b'', b'\r\n\r\n', b'GET', b'GET /machine', b'GET /machine HTTP/9.9\r\n\r\n', b'\x00' * 100, b'\xff' * 5000,
                 b'GET / HTTP/1.1\r\nHost\r\n\r\n', b'GET / HTTP/1.1\r\n: x\r\n\r\n', b'GET / HTTP/1.1\r\n x\r\n\r\n',
                 b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
                 head('POST', '/calls', more=['Content-Length: -1']), head('POST', '/calls', more=['Content-Length: x']),
                 head('POST', '/calls', more=['Content-Length: 99999999999999999999']) + b'dup 0',
                 head('POST', '/calls', more=['Content-Length: 5', 'Content-Length: 6']) + b'dup 0',
                 head('POST', '/calls', more=['Transfer-Encoding: chunked']) + b'zz\r\n\r\n',
                 head('POST', '/calls', more=['Transfer-Encoding: chunked']) + b'-5\r\ndup 0\r\n0\r\n\r\n',
                 head('POST', '/calls', more=['Transfer-Encoding: chunked']) + b'ffffffffffffffff\r\nx',
                 head('POST', '/calls', more=['Transfer-Encoding: chunked']) + b'7fffffff\r\nx',
                 head('POST', '/calls', more=['Transfer-Encoding: chunked', 'Content-Length: 3']) + b'3\r\nabc\r\n0\r\n\r\n',
                 head('POST', '/calls', more=['Expect: 100-continue', 'Content-Length: 2000000']),
                 head('POST', '/calls', more=['Expect: 200-ok', 'Content-Length: 5']) + b'dup 9'):
        send_and_hear_out(data)
    alive()


def cut_off():
    """Requests that end at every byte, and one that comes byte by byte."""
    whole = head('POST', '/calls', more=['Content-Length: 5']) + b'dup 0'
    for n in range(len(whole)):
        with connect() as s:
            s.sendall(whole[:n])
    assert alive()['line'] == 0
    with connect() as s:
        for i in range(len(whole)):
            s.sendall(whole[i:i + 1])
        expect([200], read_answer(s))
    assert alive()['line'] == 1


def huge():
    expect([400, 413, None], ask(head(more=[f'X-{i}: {"a" * 100}' for i in range(1000)])))
    expect([400, 413, None], ask(head(more=[f'X: {"a" * 1000000}'])))
    expect([400, 413, 414, None], ask(head(path='/' + 'a' * 1000000)))
    expect([413], post('x' * 524289))
    expect([400, 413, None], post('x' * 3000000))
    expect([400, 413, None], ask(head('PUT', '/races', more=['Transfer-Encoding: chunked']) +
                                 (b'10000\r\n' + b'x' * 65536 + b'\r\n') * 64 + b'0\r\n\r\n'))
    expect([200], ask(head('PUT', '/races', more=['Content-Length: 1048576']) + b' ' * 1048576))
    # A line that is too long is no call, and those after it are.
    answer = post('x' * 100000 + '\ndup 0\n')
    assert answer[0] == 200 and answer[2].endswith(b'dup(0) = 3\n'), answer
    # As many lines as fit.
    assert post('close 99\n' * 58000)[0] == 200
    alive()


def pipelined():
    """Several requests in one write have their answers in order; what follows a stream is passed over."""
    with connect() as s:
        s.sendall(head(path='/tree/1/comm') * 20)
        rest = b''
        for _ in range(20):
            status, _, body, rest = read_answer(s, rest)
            assert (status, body) == (200, b'init\n')
    with connect() as s:
        s.sendall(head(path='/events') + head() * 1000)
        s.settimeout(1)
        got = b''
        try:
            while True:
                got += s.recv(65536)
        except socket.timeout:
            pass
        assert got.count(b'HTTP/1.1 200') == 1, got
        s.settimeout(TIMEOUT)
        post('dup 0')
        while b'dup(0) = 3' not in got:
            got += s.recv(65536)
    alive()


def crowd(n='200', whole='40'):
    """Connections that send nothing, or part of a request: others are served all the same."""
    idle = []
    for i in range(int(n)):
        s = connect()
        if i % 2:
            s.sendall(head()[:i % 40])
        idle.append(s)
    for _ in range(5):
        alive()
    for s in idle:
        s.close()
    alive()
    # Whole requests at once.
    many = [connect() for _ in range(int(whole))]
    for s in many:
        s.sendall(head())
    for s in many:
        expect([200], read_answer(s))


def lines_without_memory(counts):
    """Lines of which one takes several blocks of the daemon's spare memory, one has a reply, and one has
    no end; the computer has no memory from some allocation on. COUNTS: the file of nth_malloc."""
    body = b'#' + b'0' * 60000 + b'\nfrobnicate\ndup 0'
    data = head('POST', '/calls', more=['Accept: application/json', f'Content-Length: {len(body)}']) + body
    with open(counts, 'r+b') as f, mmap.mmap(f.fileno(), 32) as numbers:
        for n in range(1, 1000):
            numbers[:] = struct.pack('4Q', 0, 0, n, 1)
            answer = ask(data)
            failed = struct.unpack('4Q', numbers)[1]
            numbers[:] = bytes(32)
            assert not answer or answer[0] in (200, 503), answer
            alive()
            if not failed:
                assert answer[0] == 200 and b'dup(0) = ' in answer[2], answer
                return
    raise AssertionError('the lines have no end')


def copies(pid):
    with open(f'/proc/{pid}/task/{pid}/children') as children:
        return [int(child) for child in children.read().split()]


def stop_copy(pid, but=()):
    """Stops a copy of the daemon that makes texts, which has nothing to do then, and returns its pid."""
    for _ in range(20):
        expect([200], ask(head(path='/tree/open_files')))
        for copy in copies(pid):
            if copy in but:
                continue
            os.kill(copy, signal.SIGSTOP)
            return copy
        # A copy without work ends after two seconds, which can be too soon on a slow computer.
    raise AssertionError('there is no copy')


def wait_for_text():
    s = connect()
    s.sendall(head(path='/tree/open_files'))
    alive()  # the request has been taken by now
    return s


def wait_for_stopped_copy(pid):
    """A client that waits for a text of a copy that is stopped. (socket, pid of the copy)"""
    for _ in range(20):
        copy = stop_copy(pid)
        s = wait_for_text()
        if copies(pid) == [copy]:
            return s, copy
        # The daemon had given up the copy when the request came, and has made another one.
        os.kill(copy, signal.SIGCONT)
        expect([200], read_answer(s))
        s.close()
    raise AssertionError('no copy is asked while it is stopped')


def post_begins(body):
    """A client that has sent lines, and reads no answer yet."""
    s = connect()
    s.sendall(head('POST', '/calls', more=[f'Content-Length: {len(body)}']) + body)
    return s


def answered_in_between(body):
    """Whether another client was answered after some of the lines. All of them are run, in order."""
    n = body.count(b'\n')
    start = alive()['line']
    s = post_begins(body)
    seen = set()
    while not select.select([s], [], [], 0)[0]:
        seen.add(alive()['line'] - start)
    status, _, replies, _ = read_answer(s)
    assert status == 200 and replies.splitlines() == [b'1 dup2(0, 9) = 9'] * n, (status, replies[:200])
    assert alive()['line'] == start + n
    return any(0 < line < n for line in seen)


def many_lines(n):
    """Lines of one request are run in parts, and a client that leaves stops them."""
    body = b'dup2 0 9\n' * int(n)
    assert any(answered_in_between(body) for _ in range(20)), 'nobody is answered in between'
    for _ in range(20):
        start = alive()['line']
        s = post_begins(body)
        while alive()['line'] == start:
            pass
        s.close()
        before, line = None, alive()['line']
        while line != before:
            time.sleep(0.1)
            before, line = line, alive()['line']
        if line < start + int(n):
            return
    raise AssertionError('a client that leaves stops nothing')


def large_table():
    """60,003 descriptors, whose list is a text that a copy makes."""
    for _ in range(6):
        assert post('dup 0\n' * 10000)[0] == 200


def others(pid):
    """While one client waits for a long text, others are answered, and one that does not wait may leave."""
    large_table()
    patient, copy = wait_for_stopped_copy(pid)
    with connect() as s:
        s.sendall(head(path='/tree/dot'))
        alive()
        assert not select.select([s], [], [], 0.2)[0], 'a copy that is stopped has made a text'
    assert ask(head(path='/tree/1/comm'))[2] == b'init\n'
    os.kill(copy, signal.SIGCONT)
    answer = read_answer(patient)
    assert answer[0] == 200 and answer[2].count(b'1:') == 60003, answer[:2]


def waiting(pid):
    """Clients that wait for a text that is not made: they do not lose their places to idle ones, lose them
    when there are only such, and leave them when they go."""
    large_table()
    patient, copy = wait_for_stopped_copy(pid)
    idle = [connect() for _ in range(200)]
    alive()
    for s in idle:
        s.close()
    assert not select.select([patient], [], [], 0.2)[0], 'it has lost its place'
    crowd = [wait_for_text() for _ in range(100)]
    assert read_answer(patient) is None
    for s in crowd:
        s.close()
    for _ in range(300):
        if sockets(pid) < 10:
            break
        time.sleep(0.1)
    assert sockets(pid) < 10, sockets(pid)
    patient = wait_for_text()
    idle = [connect() for _ in range(200)]
    alive()
    os.kill(copy, signal.SIGCONT)
    # On the same connection it is answered as any other.
    answer = read_answer(patient)
    assert answer[0] == 200 and answer[2].count(b'1:') == 60003, answer[:2]
    patient.sendall(head(path='/tree/1/comm'))
    expect([200], read_answer(patient, answer[3]))


def lines_of_texts(pid):
    """The line that an answer names is that of its text, which may be made of a later machine than that
    of the request. A machine with N lines has N + 1 descriptors here: two lines are options."""
    large_table()
    stopped = []
    for _ in range(4):
        stopped.append(stop_copy(pid, stopped))
        post('dup 0')
    s = wait_for_text()
    post('dup 0')
    for copy in stopped:
        os.kill(copy, signal.SIGCONT)
    # Another change while the text is made by a copy of the machine before.
    end = time.monotonic() + TIMEOUT
    while not (new := [copy for copy in copies(pid) if copy not in stopped]):
        assert time.monotonic() < end, 'there is no other copy'
    os.kill(new[0], signal.SIGSTOP)
    post('dup 0')
    os.kill(new[0], signal.SIGCONT)
    _, headers, body, _ = read_answer(s)
    assert body.count(b'1:') == int(headers['fdlab-line']) + 1, (body.count(b'1:'), headers)


def streams():
    """Readers of events are bounded, and a place that is left is free again."""
    readers, refused = [], 0
    for _ in range(40):
        s = connect()
        s.sendall(head(path='/events'))
        status = read_answer(s)[0]
        if status == 200:
            readers.append(s)
        else:
            assert status == 503
            refused += 1
            s.close()
    assert len(readers) == 32 and refused == 8, (len(readers), refused)
    post('dup 0')
    for s in readers:
        got = b''
        while b'dup(0) = 3' not in got:
            part = s.recv(65536)
            assert part
            got += part
        s.close()
    for _ in range(100):
        with connect() as s:
            s.sendall(head(path='/events'))
            if read_answer(s)[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError('no place became free')


def events_of(s, rest=b''):
    """Yields (id, event, data) of a stream whose header was read."""
    while True:
        while b'\n\n' in rest:
            event, rest = rest.split(b'\n\n', 1)
            # The chunks' lengths stand in between.
            fields = dict(line.split(': ', 1) for line in event.decode().replace('\r', '').split('\n') if ': ' in line)
            if 'event' in fields:
                yield fields['id'], fields['event'], json.loads(fields['data'])
        part = s.recv(65536)
        if not part:
            return
        rest += part


def follow(since=None, last=None):
    s = connect()
    path = '/events' + (f'?since={since}' if since is not None else '')
    s.sendall(head(path=path, more=[f'Last-Event-ID: {last}'] if last is not None else []))
    status, _, _, rest = read_answer(s)
    assert status == 200, status
    return s, events_of(s, rest)


def resumes():
    """A reader gets each line once, over as many connections as it likes, and hears of lines taken away."""
    post('\n'.join(['dup 0', 'dup 1', 'dup 2', 'close 3', 'close 9']))
    s, events = follow(since=0)
    got = [next(events) for _ in range(3)]
    s.close()
    assert [e[1] for e in got] == ['line'] * 3 and [e[2]['n'] for e in got] == [1, 2, 3], got
    s, events = follow(since=0, last=got[-1][0])
    got = [next(events) for _ in range(2)]
    assert [e[2]['n'] for e in got] == [4, 5], got
    assert got[1][2]['text'] == '1 close(9) = -1 EBADF (Bad file descriptor)', got
    # While it listens.
    post('undo 2')
    back = next(events)
    assert back[1:] == ('back', {'line': 4}), back
    post('dup 0')
    line = next(events)
    assert line[1:] == ('line', {'n': 5, 'text': '1 dup(0) = 6'}), line
    s.close()
    # While it was away: the log has as many lines as before, and they are others.
    post('undo\ndup 1')
    s, events = follow(last=line[0])
    assert next(events)[1] == 'back'
    s.close()
    s, events = follow(since=99)
    assert next(events)[1] == 'back'
    s.close()
    for wrong in ('x', '-1', '1.x', '1.', '99999999999999999999', '1' * 5000):
        expect([400], ask(head(path='/events', more=[f'Last-Event-ID: {wrong}'])))
        expect([400], ask(head(path=f'/events?since={wrong}')))


LINE = re.compile(rb'id: (\d+)\nevent: line\n')


def take_lines(s, rest, seen, last):
    """Reads a stream whose lines go on after seen, up to last or its end. Returns the last one that came."""
    while seen < last:
        try:
            part = s.recv(1 << 20)
        except ConnectionResetError:
            part = b''
        if not part:
            break
        # A chunk's length can stand inside of an event's first lines: never where events begin.
        *whole, rest = (rest + part).split(b'\n\n')
        for event in whole:
            found = LINE.search(event)
            if not found:
                assert b'event' not in event, event
                continue
            assert int(found[1]) == seen + 1, (found[1], seen)
            seen += 1
    return seen


def sleep_through(pid, lines):
    """A reader that has begun, and sleeps while so many lines are made. (socket, rest, KiB grown, last line)"""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(TIMEOUT)
    s.connect((HOST, PORT))
    s.sendall(head(path='/events?since=0'))
    status, _, _, rest = read_answer(s)
    assert status == 200
    burst = 'close 99\n' * 50000
    post(burst)
    before = memory(pid)
    for _ in range(lines // 50000 - 1):
        assert post(burst)[0] == 200
    grown = memory(pid) - before
    last = alive()['line']
    print(f'{last} lines; the daemon grew by {grown} KiB')
    return s, rest, grown, last


def sleeper(pid, lines):
    """A reader that sleeps while the machine makes very many lines misses none, however often it is dropped."""
    s, rest, _, last = sleep_through(pid, int(lines))
    seen = connections = 0
    while seen < last:
        seen = take_lines(s, rest, seen, last)
        s.close()
        connections += 1
        if seen < last:
            s = connect()
            s.sendall(head(path='/events?since=0', more=[f'Last-Event-ID: {seen}']))
            rest = read_answer(s)[3]
    print(f'{seen} lines came, over {connections} connections')


def sleeper_of_a_short_log(pid, lines):
    """The same where the log does not keep them: the daemon does not grow, and the reader hears of it."""
    post('reset log=1000000')
    s, rest, grown, last = sleep_through(pid, int(lines))
    # Sanitizers and valgrind keep memory that was freed for a while.
    watched = os.environ.get('FDLAB_SANITIZED') or 'valgrind' in os.environ.get('FDLABD', '')
    assert grown < (32768 if watched else 8192), grown
    event, place = 'line', 0
    events = events_of(s, rest)
    while event == 'line':
        try:
            place, event, data = next(events)
        except (StopIteration, ConnectionResetError):
            # It was dropped meanwhile.
            s.close()
            s, events = follow(last=place)
    assert event in ('lost', 'back') and data == {'line': last}, (event, data)
    post('dup 0')
    _, event, data = next(events)
    assert (event, data) == ('line', {'n': last + 1, 'text': '1 dup(0) = 3'}), (event, data)


def sockets(pid):
    n = 0
    for fd in os.listdir(f'/proc/{pid}/fd'):
        try:
            n += os.readlink(f'/proc/{pid}/fd/{fd}').startswith('socket:')
        except FileNotFoundError:
            pass  # it was closed meanwhile
    return n


def dropped(pid):
    """A reader that takes nothing for longer than the daemon waits has its connection closed."""
    s, rest, _, last = sleep_through(pid, 100000)
    time.sleep(3)  # other connections are closed by then
    before = sockets(pid)
    for _ in range(90):
        if sockets(pid) < before:
            break
        time.sleep(1)
    assert sockets(pid) < before, 'it was not dropped'
    s.close()
    s = connect()
    s.sendall(head(path='/events', more=['Last-Event-ID: 7']))
    assert take_lines(s, read_answer(s)[3], 7, last) == last


def floods(pid):
    """A reader of events that sends without end costs no memory."""
    s = connect()
    s.sendall(head(path='/events'))
    assert read_answer(s)[0] == 200
    before = memory(pid)
    s.settimeout(1)
    sent = 0
    try:
        while sent < 200 << 20:
            sent += s.send(b'x' * 65536)
    except socket.timeout:
        pass
    grown = memory(pid) - before
    print(f'{sent} bytes sent; the daemon grew by {grown} KiB')
    # Sanitizers and valgrind keep memory that was freed for a while.
    watched = os.environ.get('FDLAB_SANITIZED') or 'valgrind' in os.environ.get('FDLABD', '')
    assert grown < (32768 if watched else 8192), grown
    alive()


def noise(seed):
    """Random bytes, and whole requests in which some bytes are random."""
    chance = random.Random(int(seed))
    whole = head('POST', '/calls', more=['Content-Length: 5', f'Origin: http://{HOST}:{PORT}']) + b'dup 9'
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            data = bytearray(chance.randbytes(chance.randrange(1, 3000)))
        send_and_hear_out(data)
    alive()


if __name__ == '__main__':
    globals()[sys.argv[2]](*sys.argv[3:])

"""A laboratory for file-descriptor tables, from Python.

    >>> import fdlab
    >>> m = fdlab.Machine()
    >>> m.run('open("/etc/passwd", O_RDONLY)').result
    3
    >>> m['1/files/open_fds_list']
    '0-3\\n'

A machine runs calls in the notation of fdlab-notation(5), and has its tree, fdlab-tree(5), as a mapping
from paths to texts. See fdlab-python(7). Needs libfdlab.so, and nothing that is compiled.
"""

import collections.abc
import ctypes
import ctypes.util
import errno
import json
import os
import re

__all__ = ['Machine', 'Reply', 'Outcome', 'Error', 'version', 'kernels']


class Error(Exception):
    """What the library could not do."""


# ---- the library ---------------------------------------------------------------------------------

_OPTIONS = ('kernel', 'nofile', 'nofile_hard', 'nr_open', 'file_max', 'tasks', 'bytes', 'memory',
            'log', 'uid', 'gid')


class _Options(ctypes.Structure):
    # Larger than struct fdl_options of any version: fdl_option_set alone writes to it.
    _fields_ = [('room', ctypes.c_uint64 * 64)]


class _Drawing(ctypes.Structure):
    _fields_ = [('format', ctypes.c_int), ('console', ctypes.c_int),
                ('pids', ctypes.POINTER(ctypes.c_int)), ('npids', ctypes.c_size_t),
                ('label', ctypes.c_void_p), ('ctx', ctypes.c_void_p), ('caption', ctypes.c_char_p)]


class _Explore(ctypes.Structure):
    _fields_ = [('naive', ctypes.c_bool), ('part', ctypes.c_uint), ('parts', ctypes.c_uint),
                ('progress', ctypes.c_void_p), ('ctx', ctypes.c_void_p)]


class _RaceOutcome(ctypes.Structure):
    _fields_ = [('schedules', ctypes.c_uint64), ('results', ctypes.POINTER(ctypes.c_char_p)),
                ('calls', ctypes.POINTER(ctypes.c_char_p)), ('tables', ctypes.c_char_p),
                ('watched', ctypes.POINTER(ctypes.c_char_p))]


class _Dirent(ctypes.Structure):
    _fields_ = [('ino', ctypes.c_uint64), ('mode', ctypes.c_uint), ('name', ctypes.c_char * 256)]


def _load():
    beside = os.path.dirname(os.path.abspath(__file__))
    names = [os.environ.get('FDLAB_LIBRARY'), os.path.join(beside, 'libfdlab.so.0'),
             ctypes.util.find_library('fdlab'), 'libfdlab.so.0']
    why = None
    for name in filter(None, names):
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            why = why or error
    raise ImportError(f'libfdlab.so.0 was not found: {why}; FDLAB_LIBRARY can name it')


_lib = _load()
_free = ctypes.CDLL(None).free
_free.argtypes = [ctypes.c_void_p]
_lib.fdl_version.restype = ctypes.c_char_p
_lib.fdl_kernels.restype = ctypes.POINTER(ctypes.c_char_p)
_lib.fdl_errname.restype = ctypes.c_char_p
_lib.fdl_machine_free.argtypes = [ctypes.c_void_p]
_lib.fdl_machine_free.restype = None
_lib.fdl_explorer_free.argtypes = [ctypes.c_void_p]
_lib.fdl_explorer_free.restype = None
_lib.fdl_explorer_outcomes.argtypes = [ctypes.c_void_p]
_lib.fdl_explorer_outcomes.restype = ctypes.c_size_t
_lib.fdl_explorer_lines.argtypes = [ctypes.c_void_p]
_lib.fdl_explorer_lines.restype = ctypes.c_size_t
_lib.fdl_explorer_outcome.restype = None


def _take(pointer):
    """The text that the library has given away."""
    text = ctypes.string_at(pointer).decode('utf-8', 'surrogateescape')
    _free(pointer)
    return text


def _bytes(text):
    """A line or a path for the library, where it ends at the first NUL."""
    data = os.fsencode(text)
    if b'\0' in data:
        raise Error(f'{text!r}: there is a NUL in it')
    return data


def _check(error, what, message=b''):
    if error:
        why = message.decode('utf-8', 'replace') if message else os.strerror(-error)
        raise Error(f'{what}: {why}' if what else why)


def version():
    """The version of the library, such as '0.1.0'."""
    return _lib.fdl_version().decode()


def kernels():
    """The names of the kernels that a machine can run."""
    names, found = _lib.fdl_kernels(), []
    while names[len(found)]:
        found.append(names[len(found)].decode())
    return found


def _number(text):
    """A number as the notation writes it: hexadecimal after 0x, octal after 0."""
    digits = text.lstrip('-')
    octal = digits.startswith('0') and digits.isdigit()
    return int(text, 8 if octal else 0)


# ---- replies -------------------------------------------------------------------------------------

class Reply:
    """What came of a line: its text, and of a call the result.

    result is a number, or None while the call is in flight, or where its task ended in it; errno is
    the name of an error ('EBADF') or None. A line that could not be read is an Error instead.
    """

    _RESULT = re.compile(r'\s= (-?\d+|0x[0-9a-f]+|\?)(?: (E[A-Z0-9]+))?(?: \([^)]*\))?(?:\s+#.*)?$')

    def __init__(self, text):
        self.text = text
        last = text.rstrip('\n').rpartition('\n')[2]
        match = self._RESULT.search(last)
        number = match and match.group(1)
        self.result = _number(number) if number and number != '?' else None
        self.errno = match and match.group(2)

    @property
    def pending(self):
        """Whether the call is in flight."""
        return self.result is None and not self._RESULT.search(self.text)

    def __repr__(self):
        return f'<Reply {self.text.rstrip()!r}>'

    def __str__(self):
        return self.text.rstrip('\n')


class Outcome:
    """An outcome of a race: results by line, the calls with them, the tables at the end, and the
    number of orders that lead to it."""

    def __init__(self, orders, results, calls, tables, witness):
        self.orders, self.results, self.calls = orders, results, calls
        self.tables, self.witness = tables, witness

    def __repr__(self):
        return f'<Outcome {" | ".join(self.calls)}>'


# ---- machines ------------------------------------------------------------------------------------

class Machine(collections.abc.Mapping):
    """A simulated machine. Options are those of a scenario: Machine(kernel='netbsd', nofile=20).

    As a mapping it has the files of its tree: m['1/fd/3'], 'log' in m, list(m) for the root.
    """

    def __init__(self, **options):
        self._m = ctypes.c_void_p()
        given, message = _Options(), ctypes.create_string_buffer(256)
        self._kept = []  # the strings that the options point to
        for name, value in options.items():
            assignment = f'{name}={value}'.encode()
            self._kept.append(assignment)
            _check(_lib.fdl_option_set(ctypes.byref(given), assignment, message, len(message)), '',
                   message.value)
        _check(_lib.fdl_machine_new(ctypes.byref(given), ctypes.byref(self._m)), 'no machine')

    def close(self):
        """Frees the machine, which must not be used any more. Done by with, and at the end."""
        if self._m:
            _lib.fdl_machine_free(self._m)
            self._m = ctypes.c_void_p()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.close()

    def __del__(self):
        if getattr(self, '_m', None) and _lib:
            self.close()

    def _machine(self):
        if not self._m:
            raise Error('the machine was closed')
        return self._m

    # -- calls

    def run(self, line, pid=None):
        """Runs a line, for task pid if it is given, and returns its Reply."""
        if pid is not None:
            line = f'{pid} {line}'
        reply = ctypes.c_void_p()
        error = _lib.fdl_run_line(self._machine(), _bytes(line), ctypes.byref(reply))
        if not reply:
            raise Error(f'{line}: {os.strerror(-error)}')
        text = _take(reply)
        if text.startswith('# line '):
            raise Error(text.rstrip('\n').partition(': ')[2])
        if error == -errno.EINVAL and not text:
            raise Error(f'{line}: {os.strerror(errno.EINVAL)}')
        return Reply(text)

    def stop(self, line, point, pid=1):
        """Begins a call that stops at a preemption point: m.stop('dup(0)', 'fd_install')."""
        if not line.rstrip().endswith(')'):
            raise Error(f'{line}: a call that is to stop ends in a bracket')
        return self.run(f'{line.rstrip()[:-1]} <unfinished at {point} ...>', pid)

    def step(self, pid=1, point=None):
        """Lets a stopped call go on to the next point, or to a given one."""
        return self.run(f'step {point}' if point else 'step', pid)

    def finish(self, pid=1):
        """Lets a stopped call go on to its end."""
        return self.run('finish', pid)

    # -- the tree

    def __getitem__(self, path):
        if not isinstance(path, (str, bytes)) or (b'\0' if isinstance(path, bytes) else '\0') in path:
            raise KeyError(path)
        text, length = ctypes.c_void_p(), ctypes.c_size_t()
        error = _lib.fdl_read_file(self._machine(), os.fsencode(path), ctypes.byref(text),
                                   ctypes.byref(length))
        if error == -errno.EISDIR:
            return self.list(path)
        if error in (-errno.ENOENT, -errno.ENOTDIR, -errno.ESRCH):
            raise KeyError(path)
        _check(error, path)
        data = ctypes.string_at(text, length.value)
        _free(text)
        return data.decode('utf-8', 'surrogateescape')

    def __setitem__(self, path, text):
        data = os.fsencode(text)
        _check(_lib.fdl_write_file(self._machine(), _bytes(path), data,
                                   ctypes.c_size_t(len(data))), path)

    def list(self, path='.'):
        """The names in a directory of the tree."""
        ino, cookie, de = ctypes.c_uint64(), ctypes.c_uint64(), _Dirent()
        names = []
        error = _lib.fdl_walk(self._machine(), os.fsencode(path), ctypes.byref(ino))
        if error:
            raise KeyError(path)
        while True:
            more = _lib.fdl_readdir(self._m, ino, ctypes.byref(cookie), ctypes.byref(de))
            if more <= 0:
                break
            names.append(os.fsdecode(de.name))
        _check(more, path)
        return [name for name in names if name not in ('.', '..')]

    def __iter__(self):
        return iter(self.list())

    def __len__(self):
        return len(self.list())

    @property
    def state(self):
        """The whole machine, as state.json has it."""
        return json.loads(self['state.json'])

    @property
    def log(self):
        """What was done, as lines of a scenario."""
        return self['log'].splitlines()

    def check(self):
        """Checks every invariant of the machine; an Error has the first violation."""
        message = ctypes.create_string_buffer(256)
        _check(_lib.fdl_machine_check(self._machine(), message, len(message)), '', message.value)

    def draw(self, form='svg', pids=()):
        """A picture of the machine, as svg, dot or text."""
        forms = ('svg', 'dot', 'text')
        if form not in forms:
            raise Error(f'there is no form {form!r}: {", ".join(forms)}')
        array = (ctypes.c_int * len(pids))(*pids)
        how = _Drawing(forms.index(form), 0, array, len(pids))
        text, length = ctypes.c_void_p(), ctypes.c_size_t()
        _check(_lib.fdl_draw(self._machine(), ctypes.byref(how), ctypes.byref(text),
                             ctypes.byref(length)), 'draw')
        return _take(text)

    # -- races

    def explore(self, programs, naive=False):
        """All outcomes of a race that begins now.

        programs maps pids to lists of calls: m.explore({1: ['open("/etc/hosts", O_RDONLY)'],
        2: ['dup2(0, 3)']}). The machine stays as it is.
        """
        e, message = ctypes.c_void_p(), ctypes.create_string_buffer(512)
        _check(_lib.fdl_explorer_new(self._machine(), ctypes.byref(e), message, len(message)), '',
               message.value)
        try:
            for pid, calls in programs.items():
                for call in calls:
                    data = os.fsencode(call)
                    _check(_lib.fdl_explorer_add(e, ctypes.c_int(pid), data,
                                                 ctypes.c_size_t(len(data)), message, len(message)),
                           call, message.value)
            how = _Explore(naive=naive)
            _check(_lib.fdl_explorer_run(e, ctypes.byref(how)), 'explore')
            return [self._outcome(e, i) for i in range(_lib.fdl_explorer_outcomes(e))]
        finally:
            _lib.fdl_explorer_free(e)

    @staticmethod
    def _outcome(e, i):
        o, witness = _RaceOutcome(), ctypes.c_void_p()
        _lib.fdl_explorer_outcome(e, ctypes.c_size_t(i), ctypes.byref(o))
        lines = range(_lib.fdl_explorer_lines(e))
        results = [o.results[line].decode() for line in lines]
        calls = [os.fsdecode(o.calls[line]) for line in lines]
        tables = os.fsdecode(o.tables)
        orders = o.schedules
        _check(_lib.fdl_explorer_witness(e, ctypes.c_size_t(i), ctypes.byref(witness)), 'witness')
        return Outcome(orders, results, calls, tables, _take(witness))

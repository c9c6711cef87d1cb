"""Runs a supervisor as PID 1 of namespaces of its own, and waits for what it does.

A test is a configuration as text and the events that must follow. Nothing here sleeps for luck: every wait is for an
event and has a bound, generous because the machine may be slow.
"""

import os
import re
import signal
import subprocess
import tempfile
import textwrap
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("CSLSUP_SHARED", ROOT.parent / "shared"))
BINARY = Path(os.environ.get("CSLSUP_BINARY", ROOT / "build/dev/cslsup"))
FULL = os.environ.get("CSLSUP_FULL") == "1"  # the long versions of the load tests
PATIENCE = 20.0  # seconds until a wait has failed

# What every supervisord-style configuration of the tests begins with, unless it has a [supervisord] of its own.
HEADER = """\
[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
pidfile=%(here)s/pid
[unix_http_server]
file=%(here)s/sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/sock
"""

CLEAN_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
SANITIZER_COMPLAINT = re.compile(r"(ERROR: (Address|Leak|Undefined)\w*Sanitizer|runtime error:)")


class Timeout(AssertionError):
    """What was waited for did not come."""


def wait_until(condition, what="the condition", timeout=PATIENCE):
    """Polls until `condition()` is true and returns what it gave."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"{what} did not come true in {timeout} s")
        time.sleep(0.02)


class Log:
    """The bytes of several streams in the order of arrival."""

    def __init__(self):
        self.text, self.cursor, self.open = "", 0, 0
        self.changed = threading.Condition()

    def follow(self, stream, keep):
        """Reads `stream` to its end in a thread of its own; `keep` gets the pieces, too."""
        with self.changed:
            self.open += 1

        def run():
            while piece := os.read(stream.fileno(), 65536):
                text = piece.decode("utf-8", "replace")
                with self.changed:
                    self.text += text
                    keep.append(text)
                    self.changed.notify_all()
            stream.close()
            with self.changed:
                self.open -= 1
                self.changed.notify_all()

        threading.Thread(target=run, daemon=True).start()

    def wait_for(self, pattern, timeout):
        """The next match behind the last one that was waited for."""
        expression = re.compile(pattern, re.M)
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                found = expression.search(self.text, self.cursor)
                if found:
                    self.cursor = found.end()
                    return found
                left = end - time.monotonic()
                if left <= 0 or not self.open:
                    why = f"in {timeout} s" if self.open else "before the end"
                    raise Timeout(f"no line like {pattern!r} {why}, after:\n{self.text[: self.cursor][-300:]}"
                                  f"\n--- but:\n{self.text[self.cursor :][-3000:]}")
                self.changed.wait(left)


class Box:
    """A directory that any uid may use, under a short name (a socket's path has room for 107 bytes)."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="box-", dir="/tmp"))
        self.path.chmod(0o777)

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        path.chmod(mode)
        return path

    def read(self, name):
        """A file's text, '' while there is none."""
        try:
            return (self.path / name).read_text(errors="replace")
        except FileNotFoundError:
            return ""


class Instance:
    """One supervisor, PID 1 of its pid namespace, with /run and /dev/shm of its own.

    command   its argv
    box       its working directory
    env       added to a clean environment
    uid       runs it as this user, without other groups
    setup     shell lines that prepare the mount namespace (as root, in the box)
    pid1      False puts a small init of ours before it, so that it is not PID 1
    stdout    a descriptor instead of a captured pipe
    """

    def __init__(self, command, box, *, env=None, uid=None, setup="", pid1=True, stdout=None, names=None):
        self.box, self.names = box, names or {}
        user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid is not None else []
        settings = [f"{key}={value}" for key, value in {**CLEAN_ENVIRONMENT, **(env or {})}.items()]
        script = "\n".join(
            [
                "set -e",
                "mount -t tmpfs -o mode=755 tmpfs /run",
                "mount -t tmpfs -o mode=1777 tmpfs /dev/shm",
                textwrap.dedent(setup),
                f"cd {box.path}",
                'exec "$@"' if pid1 else '"$@" & child=$!; trap "kill -TERM $child" TERM; wait $child || wait $child',
            ]
        )
        self.process = subprocess.Popen(
            ["unshare", "--fork", "--pid", "--mount", "--mount-proc", "--kill-child", "sh", "-c", script, "sh"]
            + [*user, "env", "-i", *settings, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
        )
        self.log, self._out, self._err = Log(), [], []
        if stdout is None:
            self.log.follow(self.process.stdout, self._out)
        self.log.follow(self.process.stderr, self._err)
        self.pid = wait_until(self._child_of_unshare, "the namespace")
        if not pid1:
            self.pid = wait_until(lambda: self._running(command[0]), "the supervisor")

    def _child_of_unshare(self):
        return next(iter(children(self.process.pid)), None) or (self.process.poll() is not None and -1)

    def _running(self, program):
        """The child of the small init that runs this program by now."""
        for child in children(self.pid):
            try:
                if os.path.samefile(f"/proc/{child}/exe", program):
                    return child
            except OSError:
                pass  # it is gone, or not there yet
        return None

    out = property(lambda self: "".join(self._out))
    err = property(lambda self: "".join(self._err))

    def wait_for(self, *patterns, timeout=PATIENCE):
        """Waits for lines in this order; returns the last match."""
        for pattern in patterns:
            found = self.log.wait_for(pattern, timeout)
        return found

    def running(self, *names, timeout=PATIENCE):
        """Waits until the log said of each name, in any order, that it is RUNNING; only looks behind the cursor."""
        start = self.log.cursor
        for name in names:
            self.log.cursor = start
            self.wait_for(rf"success: {re.escape(name)} entered RUNNING", timeout=timeout)

    def signal(self, number):
        os.kill(self.pid, number)

    def wait_exit(self, timeout=PATIENCE):
        """The exit code, 128+N for a death by signal."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Timeout(f"still running after {timeout} s") from None
        with self.log.changed:
            self.log.changed.wait_for(lambda: not self.log.open, 2)
        return 128 - code if code < 0 else code

    def stop(self, timeout=PATIENCE):
        self.signal(signal.SIGTERM)
        return self.wait_exit(timeout)

    def inside(self, *command, uid=None, timeout=PATIENCE, env=None, stdin=""):
        """Runs a command in the namespaces, and returns its CompletedProcess."""
        user = [f"--setuid={uid}", f"--setgid={uid}"] if uid is not None else []
        return subprocess.run(
            ["nsenter", f"--target={self.pid}", "--mount", "--pid", f"--wd={self.box.path}", *user, *map(str, command)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**CLEAN_ENVIRONMENT, **(env or {})},
        )

    def ctl(self, *words, **how):
        """What the user's control command says: supervisorctl or `cslsup ctl`, by the way this one was started."""
        return self.inside(*self.names["ctl"], *words, **how)

    def health(self, *words, **how):
        return self.inside(self.names["cslsup"], "health", *words, **how)

    def status(self, *names):
        """name -> (state, description), of every process or those named."""
        lines = [line.split(None, 2) for line in self.ctl("status", *names).stdout.splitlines()]
        return {line[0]: (line[1], line[2] if len(line) > 2 else "") for line in lines if len(line) > 1}

    def wait_state(self, name, state, timeout=PATIENCE):
        wait_until(lambda: self.status().get(name, ("",))[0] == state, f"{name} {state}", timeout)

    def tree(self):
        """Every process of the namespace but PID 1, as outer pids."""
        return descendants(self.pid)

    def close(self):
        """Ends whatever is left; returns what the sanitizers had to say."""
        if self.process.poll() is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                self.process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        return SANITIZER_COMPLAINT.search(self.log.text)


def children(pid):
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid):
    found = children(pid)
    for child in found:
        found += children(child)
    return found


def status_field(pid, field):
    """One line of /proc/PID/status: `VmRSS`, `SigBlk`, …; '' when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    found = re.search(rf"^{field}:\s*(.*)$", text, re.M)
    return found[1] if found else ""


def seconds(line):
    """The time of a line of the main log."""
    found = re.search(r"(\d+):(\d+):(\d+),(\d+) ", line)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]) + int(found[4]) / 1000

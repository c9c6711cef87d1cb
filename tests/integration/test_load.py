"""Under load: back-pressure, a full disk, crash loops, no idle wake-ups. CSLSUP_FULL=1 runs the long versions."""

import os
import re
import threading
import time
from pathlib import Path

import pytest
from harness import FULL, children, status_field, wait_until


class Reader:
    """The far end of the container's stdout: reads, pauses once, and counts the lines of each writer."""

    def __init__(self, pause_after, pause):
        self.end, self.write_end = os.pipe()
        self.pause_after, self.pause, self.paused = pause_after, pause, threading.Event()
        self.counts, self.broken = {}, []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        os.close(self.write_end)
        self.thread.start()

    def run(self):
        rest, total = b"", 0
        while piece := os.read(self.end, 1 << 16):
            total += len(piece)
            if total > self.pause_after and not self.paused.is_set():
                self.paused.set()
                time.sleep(self.pause)
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self.take(line)

    def take(self, line):
        found = re.fullmatch(rb"writer-(\d) line (\d+) end", line)
        if found:
            writer, number = found[1], int(found[2])
            if number != self.counts.get(writer, 0):
                self.broken.append(line)
            self.counts[writer] = number + 1
        elif line.startswith(b"writer") or b" end" in line:
            self.broken.append(line)


LINES, PAUSE = (1_000_000, 30) if FULL else (60_000, 4)
WRITER = """#!/bin/sh
exec awk -v n={lines} -v w=$1 'BEGIN {{ for (i = 0; i < n; i++) print "writer-" w " line " i " end"; }}'
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "uid, user", [(None, ""), (1000, ""), (None, "user=www-data")], ids=["root", "1000", "www-data"])
def test_stalled_reader_loses_no_line(cslsup, box, uid, user):
    box.write("writer", WRITER.format(lines=LINES), mode=0o755)
    reader = Reader(200_000, PAUSE)
    it = cslsup(f"""
        [program:w]
        command=./writer %(process_num)d
        process_name=w%(process_num)d
        numprocs=5
        oneshot=true
        {user}
        stdout_logfile=/dev/stdout
        """, uid=uid, stdout=reader.write_end)
    reader.start()
    slowest = 0
    reader.paused.wait(20)
    done = lambda: len(reader.counts) == 5 and all(count == LINES for count in reader.counts.values())
    end = time.monotonic() + (600 if FULL else 60)
    while not done() and not reader.broken and time.monotonic() < end:
        start = time.monotonic()
        answer = it.health(uid=uid)
        assert answer.returncode in (0, 1) and answer.stdout
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(0.2)
    assert reader.broken == [] and reader.counts == {b"%d" % number: LINES for number in range(5)}
    assert slowest < 2


def test_full_disk_loses_log_lines_and_nothing_else(cslsup, box):
    it = cslsup("""
        [program:shout]
        command=sh -c 'while :; do echo 0123456789012345678901234567890123456789; done'
        startsecs=0
        stdout_logfile=/run/small/log
        stdout_logfile_maxbytes=0
        [program:other]
        command=sh -c 'while :; do echo tick; sleep 0.2; done'
        startsecs=0
        stdout_logfile=%(here)s/other
        """, setup="mkdir /run/small; mount -t tmpfs -o size=256k tmpfs /run/small")
    it.wait_for(r"(ERRO|WARN|CRIT) .*no space left on device")
    before = len(box.read("other"))
    wait_until(lambda: len(box.read("other")) > before + 20, "the other goes on")
    assert it.health().returncode == 0
    assert it.log.text.count("no space left on device") == 1
    assert it.status()["shout"][0] == "RUNNING"
    assert it.ctl("clear", "shout").returncode == 0
    assert it.stop() == 0


def resources(pid):
    return len(os.listdir(f"/proc/{pid}/fd")), int(status_field(pid, "VmRSS").split()[0])


def zombies(pid):
    return sum(1 for child in children(pid) if status_field(child, "State").startswith("Z"))


@pytest.mark.slow
def test_100_programs_crash_looping(cslsup):
    it = cslsup("""
        [program:c]
        command=sh -c 'exit 1'
        process_name=c%(process_num)02d
        numprocs=100
        startsecs=0
        autorestart=true
        stdout_logfile=NONE
        stderr_logfile=NONE
        """)
    it.wait_for(r"exited: c99", timeout=30)
    time.sleep(2)
    before, held = resources(it.pid), 0
    end = time.monotonic() + (60 if FULL else 10)
    while time.monotonic() < end:
        start = time.monotonic()
        assert len(it.ctl("status").stdout.splitlines()) == 100
        assert time.monotonic() - start < 10  # the loop keeps every processor busy
        held = held + 1 if zombies(it.pid) > 20 else 0
        assert held < 5, "zombies stay"
        time.sleep(0.2)
    after = resources(it.pid)
    assert after[0] <= before[0] + 110  # the pipes of children that live at this moment
    assert after[1] <= before[1] + 256
    it.ctl("stop", "all", timeout=60)
    wait_until(lambda: not it.tree(), "all gone")
    assert resources(it.pid)[0] <= before[0]


def wakeups(pid):
    return int(status_field(pid, "voluntary_ctxt_switches"))


@pytest.mark.slow
def test_idle_pid_1_sleeps(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\n[program:b]\ncommand=sleep 1000\nuser=www-data\n")
    it.running("a", "b")
    wait_until(lambda: it.health().returncode == 0)
    time.sleep(0.5)
    before = wakeups(it.pid)
    time.sleep(4)
    assert wakeups(it.pid) == before


def test_pid_1_maps_only_its_four_libraries(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\n")
    it.running("a")
    lines = Path(f"/proc/{it.pid}/maps").read_text().splitlines()
    mapped = {Path(line.split()[-1]).name for line in lines if "/" in line}
    libraries = {name.split(".so")[0].split("-")[0] for name in mapped if ".so" in name}
    sanitizers = {"libasan", "libubsan", "libgcc_s", "libstdc++"}
    assert libraries <= {"libc", "libm", "libev", "libinih", "ld"} | sanitizers

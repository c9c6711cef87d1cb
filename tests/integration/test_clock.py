"""Calendar jobs and delays while the wall clock is set, put forward and put back (container contract §3).

The clock is that of tests/integration/fakeclock.c. Each test is near a moment that matters and waits for it.
"""

import datetime
import re
import subprocess
import time
from pathlib import Path

import pytest
from harness import BINARY, wait_until

pytestmark = pytest.mark.skipif(
    not BINARY.exists() or b"__asan_init" in BINARY.read_bytes() or b"libc.so.6" not in BINARY.read_bytes(),
    reason="needs LD_PRELOAD",
)
QUIET = 2.5  # seconds in which something must not happen


class Clock:
    def __init__(self, folder):
        self.path = folder / "clock"
        self.path.write_bytes(bytes(8))
        self.path.chmod(0o644)
        library = folder / "fakeclock.so"
        source = Path(__file__).with_name("fakeclock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
        self.env = {"LD_PRELOAD": str(library), "FAKECLOCK": str(self.path), "TZ": "UTC"}

    def set(self, text):
        """`2024-03-31 00:59:58`, in UTC."""
        wanted = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()
        offset = int((wanted - time.time()) * 1e9)
        with self.path.open("r+b", buffering=0) as file:
            file.write(offset.to_bytes(8, "little", signed=True))


@pytest.fixture
def clock(box):
    return Clock(box.path)


@pytest.fixture
def job(cslsup, clock):
    """One job of a schedule, started at a time."""

    def start(schedule, at, *more, command="true"):
        clock.set(at)
        lines = [f"command={command}", f"schedule={schedule}", *more]
        it = cslsup("[program:job]\n" + "\n".join(lines) + "\n", env=clock.env)
        wait_until(lambda: "job" in it.status())
        return it

    return start


def runs(it):
    return it.log.text.count("spawned: 'job'")


def stays(it, count):
    time.sleep(QUIET)
    assert runs(it) == count


def test_a_skipped_time_runs_once_after(job, clock):
    """Berlin, 2024-03-31: 02:00 to 03:00 do not exist; 03:00 is 01:00 UTC."""
    it = job("*/20 2 * * *", "2024-03-31 00:59:57", "schedule_timezone=Europe/Berlin")
    it.wait_for("spawned: 'job'")
    stays(it, 1)
    clock.set("2024-03-31 01:19:58")
    stays(it, 1)
    clock.set("2024-03-31 23:59:58")  # the next day, 02:00 summer time is 00:00 UTC
    it.wait_for("spawned: 'job'")


def test_a_repeated_time_runs_once(job, clock):
    """Berlin, 2024-10-27: 02:30 is at 00:30 and again at 01:30 UTC."""
    it = job("30 2 * * *", "2024-10-27 00:29:58", "schedule_timezone=Europe/Berlin")
    it.wait_for("spawned: 'job'")
    clock.set("2024-10-27 01:29:58")
    stays(it, 1)
    clock.set("2024-10-28 01:29:58")
    it.wait_for("spawned: 'job'")


def test_an_hourly_job_runs_in_both_hours(job, clock):
    it = job("30 * * * *", "2024-10-27 00:29:58", "schedule_timezone=Europe/Berlin")
    it.wait_for("spawned: 'job'")
    clock.set("2024-10-27 01:29:58")
    it.wait_for("spawned: 'job'")


def test_an_hour_forth_and_back_is_one_run(job, clock):
    it = job("0 12 * * *", "2024-06-01 11:30:00")
    stays(it, 0)
    clock.set("2024-06-01 12:30:00")  # over it: it runs once, now
    it.wait_for("spawned: 'job'")
    clock.set("2024-06-01 11:59:58")  # before it again: it ran
    time.sleep(1)
    stays(it, 1)
    clock.set("2024-06-02 11:59:58")
    it.wait_for("spawned: 'job'")


def test_a_job_longer_than_its_period(job, clock):
    it = job("* * * * *", "2024-06-01 11:59:58", command="sleep 6")
    it.wait_for("spawned: 'job'")
    clock.set("2024-06-01 12:00:58")
    stays(it, 1)
    it.wait_for(r"exited: job \(exit status 0; expected\)")
    clock.set("2024-06-01 12:01:58")
    it.wait_for("spawned: 'job'")
    stays(it, 2)


@pytest.mark.parametrize("then", ["2024-06-01 11:00:00", "2024-06-01 13:00:00"], ids=["back", "forth"])
def test_delays_do_not_look_at_the_wall_clock(cslsup, clock, then):
    clock.set("2024-06-01 12:00:00")
    it = cslsup("""
        [program:job]
        command=true
        schedule=@every 2s
        [program:bad]
        command=false
        startretries=100
        restart_delay=2
        """, env=clock.env)
    it.wait_for("spawned: 'job'")
    it.wait_for(r"exited: job")
    clock.set(then)
    seen = it.log.text.count("spawned: 'bad'")
    time.sleep(5)
    assert runs(it) in (3, 4)
    assert it.log.text.count("spawned: 'bad'") - seen in (2, 3)
    assert re.search(r"next run|pid", it.status()["job"][1])

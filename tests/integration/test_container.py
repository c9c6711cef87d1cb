"""Being PID 1, or not; one command; ending in time: container contract §1, §5, §11."""

import os
import re
import signal
import subprocess
import time

import pytest
from harness import children, wait_until

STUBBORN = """startsecs=0
stdout_logfile=/dev/stdout
command=sh -c "trap '' TERM; echo armed; while :; do sleep 0.2; done"
"""


def test_three_that_ignore_term_end_within_the_grace(cslsup):
    it = cslsup("[cslsup]\nstop_grace_period=10s\n" + "".join(
        f"[program:p{number}]\n{STUBBORN}stopwaitsecs={wait}\npriority={number}\n"
        for number, wait in ((1, 3600), (2, 10), (3, 10))))
    it.wait_for(*["^armed"] * 3)
    start = time.monotonic()
    assert it.stop() == 0
    assert time.monotonic() - start < 10
    assert it.log.text.count("WARN killing '") == 3


def test_grace_period_from_the_environment(cslsup):
    it = cslsup(f"[program:a]\n{STUBBORN}stopwaitsecs=3600\n", env={"CSLSUP_STOP_GRACE_PERIOD": "3s"})
    it.wait_for("^armed")
    start = time.monotonic()
    assert it.stop() == 0
    assert time.monotonic() - start < 4  # not 3600


def test_without_a_grace_the_log_warns_who_outlives_docker(cslsup):
    it = cslsup("[program:slow]\ncommand=sleep 1000\nstopwaitsecs=3600\n[program:fine]\ncommand=sleep 1000\n")
    line = it.wait_for(r"^.* WARN .*stop_grace_period.*$")[0]
    assert "slow" in line and "fine" not in line


def test_equal_priorities_stop_together(cslsup):
    slow = STUBBORN.replace("''", "'sleep 1; exit 0'")
    it = cslsup("".join(f"[program:p{number}]\n{slow}" for number in range(6)))
    it.wait_for(*["^armed"] * 6)
    start = time.monotonic()
    assert it.stop() == 0
    assert time.monotonic() - start < 3
    assert len(re.findall(r"stopped: p\d \(exit status 0\)", it.log.text)) == 6


def test_second_int_kills_what_is_left_and_repeated_term_does_not(cslsup):
    it = cslsup(f"[program:a]\n{STUBBORN}stopwaitsecs=60\n")
    it.wait_for("^armed")
    it.signal(signal.SIGTERM)
    it.wait_for("received SIGTERM indicating exit request")
    it.signal(signal.SIGTERM)
    with pytest.raises(AssertionError):
        it.wait_exit(1)
    it.signal(signal.SIGINT)
    assert it.wait_exit(5) == 0


def test_orphans_are_ended_with_the_container(cslsup, box):
    box.write("leave", """\
        #!/bin/sh
        (setsid sleep 1000 &)
        (setsid sh -c 'trap : TERM; while sleep 1; do :; done' &)
        exec sleep 1000
        """, mode=0o755)
    it = cslsup("""
        [program:a]
        command=./leave
        [cslsup]
        stop_grace_period=3s
        """)
    wait_until(lambda: len(it.tree()) >= 3)
    left = it.tree()
    assert it.stop() == 0
    assert not [pid for pid in left if os.path.exists(f"/proc/{pid}")]


def test_orphans_of_programs_that_are_down_already(cslsup):
    """Then the stop is at its end as soon as it begins."""
    it = cslsup("""
        [program:a]
        command=sh -c "setsid sh -c 'trap : TERM; while :; do sleep 0.1; done' & sleep 0.2"
        autorestart=false
        startsecs=0
        [cslsup]
        stop_grace_period=3s
        """)
    it.wait_state("a", "EXITED")
    left = it.tree()
    assert left
    assert it.stop() == 0
    assert not [pid for pid in left if os.path.exists(f"/proc/{pid}")]
    it.wait_for("waiting for [12] orphans to end")


def test_a_second_int_kills_orphans_too(cslsup):
    it = cslsup("""
        [program:a]
        command=sh -c "setsid sh -c 'trap : TERM; while :; do sleep 0.1; done' & exec sleep 1000"
        startsecs=0
        [cslsup]
        stop_grace_period=60s
        """)
    wait_until(lambda: len(it.tree()) >= 2)
    it.signal(signal.SIGINT)
    it.wait_for("waiting for [12] orphans to end")
    it.signal(signal.SIGINT)
    assert it.wait_exit(5) == 0


def test_not_pid_1_is_a_subreaper(cslsup):
    it = cslsup("[program:a]\ncommand=sh -c '(sh -c \"sleep 0.3; exit 7\" &); exec sleep 1000'\n", pid1=False)
    it.wait_for(r"reaped unknown pid \d+ \(exit status 7\)")
    wait_until(lambda: len(children(it.pid)) == 1)
    assert it.health().returncode in (0, 1)
    os.kill(it.pid, signal.SIGTERM)
    assert it.wait_exit() == 0


def test_children_die_with_pid_1(cslsup, box):
    """Outside a namespace of its own, a killed supervisor leaves nobody behind."""
    it = cslsup("[program:a]\ncommand=sleep 1000\nuser=www-data\nstartsecs=0\n", pid1=False)
    it.wait_for("spawned: 'a'")
    (child,) = wait_until(lambda: children(it.pid))
    os.kill(it.pid, signal.SIGKILL)
    wait_until(lambda: not os.path.exists(f"/proc/{child}"))


def test_hup_with_a_broken_file_keeps_everything(cslsup, box):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\n")
    it.wait_for("spawned: 'a'")
    pid = it.ctl("pid", "a").stdout
    box.write("cslsup.ini", "[program:a]\nstartsecs=0\n")
    it.signal(signal.SIGHUP)
    it.wait_for("ERRO .*does not specify a command")
    assert it.ctl("pid", "a").stdout == pid and it.health().returncode == 0
    done = it.ctl("reload")
    assert done.returncode != 0 and "does not specify a command" in done.stdout + done.stderr
    assert it.ctl("pid", "a").stdout == pid
    box.write("cslsup.ini", "[program:b]\ncommand=sleep 1000\n")
    it.signal(signal.SIGHUP)
    it.wait_for("stopped: a", "spawned: 'b'")


@pytest.mark.parametrize(
    "words, code, out",
    [
        (["sh", "-c", "echo one; exit 5"], 5, "one\n"),
        (["/bin/echo", "two"], 0, "two\n"),
        (["exec", "--", "sh", "-c", "kill -9 $$"], 137, ""),
        (["exec", "no-such-command"], 127, ""),
        (["exec", "/etc/passwd"], 126, ""),
        (["no-such-word"], 2, ""),
    ],
    ids=["in PATH", "path", "signal", "not found", "not executable", "neither"],
)
def test_one_command_as_pid_1(launch, names, words, code, out):
    it = launch([names["cslsup"], *words])
    assert (it.wait_exit(), it.out) == (code, out)


def test_one_command_gets_signals_and_orphans_are_reaped(launch, names):
    it = launch([names["cslsup"], "sh", "-c",
                 "(sh -c 'exec sleep 0.2' &); trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done"])
    it.wait_for("^up")
    wait_until(lambda: len(it.tree()) <= 2)
    assert it.stop() == 9


def test_exec_as_a_program(cslsup, launch, names, box):
    box.write("password", "s\n")
    config = box.write("as.ini", """
        [program:a]
        command=sleep 1000
        user=www-data
        directory=/usr
        environment=A="1"
        secrets=TOKEN
        limit_nofile=100
        """)
    it = launch([names["cslsup"], "exec", "--as", "a", "--", "sh", "-c", 'echo "$(id -u) $PWD $A $TOKEN $(ulimit -n)"'],
                env={"CSLSUP_CONFIG": str(config), "TOKEN_FILE": str(box.path / "password")})
    assert (it.wait_exit(), it.out) == (0, "33 /usr 1 s 100\n")


def test_config_from_the_environment(launch, names, box):
    config = box.write("x.ini", "[program:a]\ncommand=sleep 1000\n")
    it = launch([names["cslsup"]], env={"CSLSUP_CONFIG": str(config)})
    it.wait_for("spawned: 'a'")
    it = launch([names["cslsup"]], env={"CSLSUP_CONFIG": str(box.path / "absent.ini")})
    assert it.wait_exit() == 2 and "absent.ini" in it.err and it.err.count("\n") == 1


def test_second_instance_of_the_same_config(cslsup, box):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\n")
    it.wait_for("spawned: 'a'")
    done = it.inside(it.names["cslsup"], "-c", box.path / "cslsup.ini")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert it.health().returncode == 0


def test_supervisorctl_reaches_it_without_any_server_section(supervisord):
    it = supervisord("[supervisord]\nnodaemon=true\nlogfile=/dev/null\n[program:a]\ncommand=sleep 1000\nstartsecs=0\n")
    it.wait_for("spawned: 'a'")
    assert it.inside(it.names["supervisorctl"], "status").stdout.split()[:2] == ["a", "RUNNING"]
    assert it.inside(it.names["supervisorctl"], "stop", "a").stdout == "a: stopped\n"


def test_ctl_c_reaches_the_instance_started_from_that_file(cslsup, names, box):
    it = cslsup("[program:first]\ncommand=sleep 1000\nstartsecs=0\n")
    it.wait_for("spawned: 'first'")
    other = box.write("other.ini", "[program:second]\ncommand=sleep 1000\nstartsecs=0\n")
    second = subprocess.Popen(
        ["nsenter", f"--target={it.pid}", "--mount", "--pid", str(names["cslsup"]), "-c", str(other)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: "second" in it.ctl("-c", str(other), "status").stdout)
        assert it.ctl("status").stdout.split()[0] == "first"
    finally:
        it.ctl("-c", str(other), "shutdown")
        assert second.wait(20) == 0


@pytest.mark.parametrize("uid", [1000, 54321])
@pytest.mark.parametrize("setup", ["", "umount /run; mount -t tmpfs -o ro tmpfs /run"], ids=["run", "no writable run"])
def test_any_uid(cslsup, uid, setup):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\nstdout_logfile=/dev/stdout\n", uid=uid, setup=setup)
    it.wait_for("spawned: 'a'")
    assert it.health(uid=uid).returncode == 0
    assert it.ctl("stop", "a", uid=uid).stdout == "a: stopped\n"
    assert it.stop() == 0


def test_under_hardening(launch, names, box):
    """No capability, no new privileges, everything read-only."""
    box.write("c.ini", """
        [program:a]
        command=sh -c 'echo hello; exec sleep 1000'
        startsecs=0
        stdout_logfile=/dev/stdout
        """)
    it = launch(["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", names["cslsup"], "-c",
                 box.path / "c.ini"], names={**names, "ctl": [names["cslsup"], "ctl"]},
                setup="mount --bind / /mnt; mount -o remount,bind,ro /mnt; umount /mnt; mount -o remount,ro,bind /")
    it.wait_for("^hello")
    assert it.health().returncode == 0
    assert it.stop() == 0


def test_missing_cap_kill_is_said_and_stop_gives_up(launch, names, box):
    box.write("c.ini", "[cslsup]\nstop_grace_period=3s\n[program:a]\ncommand=sleep 1000\nstartsecs=0\nuser=www-data\n")
    it = launch(["setpriv", "--bounding-set=-kill", "--inh-caps=-kill", names["cslsup"], "-c", box.path / "c.ini"])
    it.wait_for("spawned: 'a'")
    it.signal(signal.SIGTERM)
    it.wait_for(r"ERRO cannot signal a \(uid 33\): add CAP_KILL")
    assert it.wait_exit() == 0

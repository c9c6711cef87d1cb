"""Health: container contract §4 and §6."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
from harness import wait_until


def ready(it, timeout=20):
    return wait_until(lambda: (lambda done: done.returncode == 0 and done)(it.health()), "ready", timeout)


def test_starting_then_healthy(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=2\n")
    it.wait_for("spawned: 'a'")
    first = it.health()
    assert first.returncode == 1 and first.stdout.startswith("starting: ") and first.stdout.count("\n") == 1
    assert it.health("--live").returncode == 0
    assert len(ready(it).stdout.splitlines()) == 1


def test_fatal_is_named_with_its_reason(cslsup):
    it = cslsup("""
        [program:good]
        command=sleep 1000
        startsecs=0
        [program:bad]
        command=false
        startretries=0
        [program:side]
        command=false
        startretries=0
        essential=false
        """)
    it.wait_state("bad", "FATAL")
    it.wait_state("good", "RUNNING")
    done = it.health()
    assert done.returncode == 1
    assert re.match(r"unhealthy: bad FATAL \(Exited too quickly", done.stdout)
    assert "side" not in done.stdout and "good" not in done.stdout
    assert it.health("--live").returncode == 1
    assert it.health("good").returncode == 0 and it.health("side").returncode == 1
    assert it.health("nosuch").returncode == 1


def test_stopped_by_request_is_not_ready_but_live(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\n[program:never]\ncommand=x\nautostart=false\n")
    ready(it)
    it.ctl("stop", "a")
    done = it.health()
    assert done.returncode == 1 and "a STOPPED (by request)" in done.stdout
    assert it.health("--live").returncode == 0


def test_wanted_exit_keeps_the_container_healthy(cslsup):
    """A worker that exits 0 again and again, each time after startsecs."""
    it = cslsup("[program:a]\ncommand=sleep 1.3\nautorestart=true\n")
    ready(it)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        assert it.health().returncode == 0
        time.sleep(0.1)
    assert it.log.text.count("exited: a (exit status 0; expected)") >= 3


def test_flapping(cslsup):
    it = cslsup("[program:a]\ncommand=sh -c 'sleep 1.2; exit 1'\nautorestart=true\n")
    ready(it)
    for _ in range(3):
        it.wait_for(r"exited: a \(exit status 1; not expected\)")
    it.wait_for("success: a")
    done = it.health()
    assert done.returncode == 1 and "flapping" in done.stdout
    assert it.health("--live").returncode == 1


def test_exec_check_and_its_reason(cslsup, box):
    it = cslsup("""
        [program:a]
        command=sleep 1000
        startsecs=0
        healthcheck=exec: sh -c 'test -e ok || { echo not yet; exit 1; }'
        healthcheck_interval=300ms
        healthcheck_retries=2
        healthcheck_start_interval=200ms
        """)
    it.wait_for("spawned: 'a'")
    wait_until(lambda: "a" in it.health().stdout and it.health().returncode == 1)
    box.write("ok", "")
    ready(it)
    (box.path / "ok").unlink()
    wait_until(lambda: it.health().returncode == 1, "unhealthy")
    assert it.health().stdout.startswith("unhealthy: a")
    assert it.status()["a"][0] == "RUNNING"
    box.write("ok", "")
    ready(it)


@pytest.fixture
def port():
    """A port of 127.0.0.1 that answers HTTP with what `status` says; closed while `status` is None."""

    class Server:
        status = 200

        def __init__(self):
            self.socket = socket.create_server(("127.0.0.1", 0))
            self.number = self.socket.getsockname()[1]
            threading.Thread(target=self.serve, daemon=True).start()

        def serve(self):
            while True:
                try:
                    one, _ = self.socket.accept()
                except OSError:
                    return
                with one:
                    one.settimeout(5)
                    try:
                        one.recv(4096)
                        head = f"HTTP/1.1 {self.status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
                        one.sendall(head.encode() + b"ok")
                    except OSError:
                        pass

    server = Server()
    yield server
    server.socket.close()


QUICK = "healthcheck_interval=300ms\nhealthcheck_retries=2\nhealthcheck_timeout=2s\nstartsecs=0\ncommand=sleep 1000\n"


def test_http_check(cslsup, port):
    it = cslsup(f"[program:a]\n{QUICK}healthcheck=http://127.0.0.1:{port.number}/up\n")
    ready(it)
    port.status = 503
    wait_until(lambda: "503" in it.health().stdout and it.health().returncode == 1)
    port.status = 302
    ready(it)


def test_tcp_check_and_all_must_pass(cslsup, port):
    it = cslsup(f"[program:a]\n{QUICK}healthcheck=tcp://127.0.0.1:{port.number}\n  exec: true\n")
    ready(it)
    port.socket.shutdown(socket.SHUT_RDWR)
    port.socket.close()
    wait_until(lambda: f"tcp://127.0.0.1:{port.number}: connection refused" in it.health().stdout.lower())


def test_unix_check(cslsup, box):
    one = socket.socket(socket.AF_UNIX)
    it = cslsup(f"[program:a]\n{QUICK}healthcheck=unix://{box.path}/s\n")
    wait_until(lambda: f"unix://{box.path}/s" in it.health().stdout)
    one.bind(str(box.path / "s"))
    one.listen(50)
    ready(it)


def test_file_check(cslsup, box):
    it = cslsup(f"[program:a]\n{QUICK}healthcheck=file: {box.path}/beat 2s\n")
    wait_until(lambda: it.health().returncode == 1)
    box.write("beat", "")
    ready(it)
    wait_until(lambda: it.health().returncode == 1, "the beat is too old")


def test_log_check_finds_a_silent_worker(cslsup, box):
    it = cslsup(f"""
        [program:a]
        command=sh -c 'while :; do test -e hang || echo tick; sleep 0.2; done'
        startsecs=0
        healthcheck=log: 2s
        healthcheck_interval=300ms
        healthcheck_retries=1
        on_unhealthy=restart
        """)
    ready(it)
    box.write("hang", "")
    it.wait_for("spawned: 'a'", "spawned: 'a'", timeout=30)


def test_on_unhealthy_exit_gives_1(cslsup, box):
    box.write("ok", "")
    it = cslsup(f"[program:a]\n{QUICK}healthcheck=exec: test -e ok\non_unhealthy=exit\n")
    ready(it)
    (box.path / "ok").unlink()
    assert it.wait_exit() == 1


def test_health_json(cslsup):
    it = cslsup("[program:a]\ncommand=false\nstartretries=0\n")
    it.wait_state("a", "FATAL")
    answer = json.loads(it.health("--json").stdout)
    assert (answer["ready"], answer["live"], answer["starting"]) == (False, False, False)
    (reason,) = answer["reasons"]
    assert (reason["program"], reason["state"]) == ("a", "FATAL") and "Exited too quickly" in reason["reason"]


def test_stopped_pid1_is_unhealthy_within_2_seconds(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\n")
    ready(it)
    os.kill(it.pid, signal.SIGSTOP)
    start = time.monotonic()
    done = it.health()
    took = time.monotonic() - start
    os.kill(it.pid, signal.SIGCONT)
    assert done.returncode == 1 and len((done.stdout + done.stderr).splitlines()) == 1 and took < 4  # 2 s, and a busy machine
    ready(it)


def test_no_instance_is_unhealthy(names, box):
    done = subprocess.run(
        ["unshare", "-fpm", "--mount-proc", "sh", "-c", 'mount -t tmpfs t /run; "$@"; exit $?', "sh",
         names["cslsup"], "health"],
        capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and len((done.stdout + done.stderr).splitlines()) == 1


@pytest.mark.parametrize("check, code", [("tcp://127.0.0.1:{up}", 0), ("http://127.0.0.1:{up}/", 0),
                                         ("tcp://127.0.0.1:1", 1), ("exec: true", 0), ("exec: false", 1)])
def test_probe(names, port, check, code):
    done = subprocess.run([names["cslsup"], "probe", "--timeout", "2", check.format(up=port.number)],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == code, done


def test_probe_waits_until_it_passes_or_the_deadline(names, box):
    start = time.monotonic()
    done = subprocess.run([names["cslsup"], "probe", "--wait", "1", "--interval", "0.2", "tcp://127.0.0.1:1"],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and 0.9 < time.monotonic() - start < 4 and "127.0.0.1:1" in done.stdout + done.stderr
    command = [names["cslsup"], "probe", "--wait", "20", "--interval", "0.2", f"file: {box.path}/x 60s"]
    waiting = subprocess.Popen(command)
    box.write("x", "")
    assert waiting.wait(20) == 0

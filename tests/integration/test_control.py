"""What people type: supervisord contract §6, under both names."""

import json
import signal
import subprocess
import time

import pytest
from harness import wait_until

SLEEPERS = """
    [program:a]
    command=sleep 1000
    [program:b]
    command=sleep 1000
    autostart=false
    [program:w]
    command=sleep 1000
    process_name=%(program_name)s_%(process_num)02d
    numprocs=2
    """


@pytest.fixture
def sleepers(supervisord):
    it = supervisord(SLEEPERS)
    it.running("a", "w_00", "w_01")
    return it


@pytest.mark.same
@pytest.mark.parametrize(
    "words, lines, code",
    [
        ("start a", ["a: ERROR (already started)"], 0),
        ("start nosuch", ["nosuch: ERROR (no such process)"], 1),
        ("start nosuch:*", ["nosuch: ERROR (no such group)"], 2),
        ("stop b", ["b: ERROR (not running)"], 0),
        ("stop nosuch", ["nosuch: ERROR (no such process)"], 1),
        ("signal FOO a", ["a: ERROR (bad signal name)"], 1),
        ("signal HUP b", ["b: ERROR (not running)"], 7),
        ("signal WINCH a", ["a: signalled"], 0),
        ("status nosuch", ["nosuch: ERROR (no such process)"], 4),
        ("status nosuch:*", ["nosuch: ERROR (no such group)"], 4),
        ("pid b", ["0"], 7),
        ("pid nosuch", ["No such process nosuch"], 1),
        ("tail nosuch", ["nosuch: ERROR (no such process name)"], 1),
        ("clear nosuch", ["nosuch: ERROR (no such process)"], 1),
        ("add a", ["ERROR: process group already active"], 0),
        ("remove a", ["ERROR: process/group still running: a"], 1),
        ("remove nosuch", ["ERROR: no such process/group: nosuch"], 1),
        ("update nosuch", ["ERROR: no such group: nosuch"], 1),
        ("reread", ["No config updates to processes"], 0),
        ("update", [], 0),
        ("nosuch", ["*** Unknown syntax: nosuch"], 1),
        ("version", ["4.2.5"], 0),
        ("clear a", ["a: cleared"], 0),
    ],
)
def test_answer_and_exit_code(sleepers, words, lines, code):
    done = sleepers.ctl(*words.split())
    assert (done.stdout.splitlines(), done.returncode) == (lines, code)


@pytest.mark.same
def test_status_table(sleepers):
    done = sleepers.ctl("status")
    assert done.returncode == 3
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["a", "RUNNING"], ["b", "STOPPED"], ["w:w_00", "RUNNING"], ["w:w_01", "RUNNING"]]
    assert done.stdout.splitlines()[1] == "b".ljust(33) + "STOPPED".ljust(10) + "Not started"
    assert sleepers.ctl("status", "a", "w:*").returncode == 0


@pytest.mark.same
def test_start_stop_restart_by_group_and_all(sleepers):
    assert sorted(sleepers.ctl("stop", "w:*").stdout.split("\n")) == ["", "w:w_00: stopped", "w:w_01: stopped"]
    assert sleepers.ctl("start", "b").stdout == "b: started\n"
    assert sorted(sleepers.ctl("restart", "a", "b").stdout.split("\n")) == [
        "", "a: started", "a: stopped", "b: started", "b: stopped"]
    assert sorted(sleepers.ctl("start", "all").stdout.split("\n")) == ["", "w:w_00: started", "w:w_01: started"]
    assert len(sleepers.ctl("stop", "all").stdout.splitlines()) == 4


@pytest.mark.same
def test_start_of_a_program_that_dies(supervisord):
    it = supervisord("[program:a]\ncommand=false\nautostart=false\nstartretries=0\n"
                     "[program:b]\ncommand=/no/such\nautostart=false\nstartretries=0\n")
    it.wait_for("supervisord started")
    done = it.ctl("start", "a")
    assert (done.stdout, done.returncode) == ("a: ERROR (spawn error)\n", 7)
    done = it.ctl("start", "b")
    assert (done.stdout, done.returncode) == ("b: ERROR (no such file)\n", 1)


@pytest.mark.same
def test_pid(sleepers):
    assert sleepers.ctl("pid").stdout == "1\n"
    one = sleepers.ctl("pid", "a").stdout.strip()
    assert f"spawned: 'a' with pid {one}" in sleepers.log.text
    assert one in sleepers.ctl("pid", "all").stdout.split()


@pytest.mark.same
def test_tail_and_clear(supervisord, box):
    it = supervisord("""
        [program:a]
        command=sh -c 'seq 1000; echo oops >&2; exec sleep 1000'
        stdout_logfile=%(here)s/out
        stderr_logfile=%(here)s/err
        [program:quiet]
        command=sleep 1000
        stdout_logfile=NONE
        """)
    it.running("a")
    wait_until(lambda: box.read("out").endswith("1000\n"))
    assert it.ctl("tail", "a").stdout == box.read("out")[-1600:] + "\n"
    assert it.ctl("tail", "-10", "a").stdout == box.read("out")[-10:] + "\n"
    assert it.ctl("tail", "a", "stderr").stdout == "oops\n\n"
    done = it.ctl("tail", "quiet")
    assert (done.stdout, done.returncode) == ("quiet: ERROR (no log file)\n", 1)
    assert it.ctl("clear", "a").stdout == "a: cleared\n"
    assert box.read("out") == ""


@pytest.mark.same
def test_reread_update_add_remove(supervisord, box):
    it = supervisord("""
        [program:keep]
        command=sleep 1000
        [program:change]
        command=sleep 1000
        [program:go]
        command=sleep 1000
        """)
    it.running("keep", "change", "go")
    kept = it.ctl("pid", "keep").stdout
    config = box.path / "supervisord.conf"
    text = config.read_text().replace("program:go", "program:new")
    config.write_text(text.replace("[program:change]\n", "[program:change]\npriority=5\n"))
    done = it.ctl("reread")
    assert done.stdout.splitlines() == ["change: changed", "go: disappeared", "new: available"]
    assert sorted(it.status()) == ["change", "go", "keep"]
    assert sorted(it.ctl("update").stdout.splitlines()) == sorted([
        "go: stopped", "go: removed process group", "change: stopped", "change: updated process group",
        "new: added process group"])
    assert sorted(it.status()) == ["change", "keep", "new"] and it.ctl("pid", "keep").stdout == kept
    it.ctl("stop", "new")
    assert it.ctl("remove", "new").stdout == "new: removed process group\n"
    assert it.ctl("add", "new").stdout == "new: added process group\n"
    it.running("new")


@pytest.mark.same
def test_reread_of_a_broken_file_changes_nothing(sleepers, box):
    config = box.path / "supervisord.conf"
    config.write_text(config.read_text() + "\n[program:bad]\ncommand=x\nstartsecs=soon\n")
    for word in ("reread", "update"):
        done = sleepers.ctl(word)
        assert done.returncode == 1
        assert "CANT_REREAD: invalid literal for int() with base 10: 'soon'" in done.stdout
    assert "bad" not in sleepers.status() and sleepers.status()["a"][0] == "RUNNING"


@pytest.mark.same
def test_avail(sleepers):
    rows = [line.split() for line in sleepers.ctl("avail").stdout.splitlines()]
    assert rows == [["a", "in", "use", "auto", "999:999"], ["b", "in", "use", "manual", "999:999"],
                    ["w:w_00", "in", "use", "auto", "999:999"], ["w:w_01", "in", "use", "auto", "999:999"]]


@pytest.mark.same
@pytest.mark.parametrize("word, answer", [("shutdown", "Shut down"), ("reload", "Restarted supervisord")])
def test_shutdown_and_reload(sleepers, word, answer):
    assert sleepers.ctl(word).stdout == answer + "\n"
    if word == "shutdown":
        assert sleepers.wait_exit() == 0
    else:
        sleepers.running("a")


def test_ctl_with_500_programs_is_like_with_20(supervisord):
    it = supervisord("[program:p]\ncommand=sleep 1000\nprocess_name=p%(process_num)03d\nnumprocs=500\n")
    it.wait_for("success: p499 entered RUNNING", timeout=60)
    wait_until(lambda: it.ctl("status").returncode == 0)
    rows = it.ctl("status").stdout.splitlines()
    assert len(rows) == 500 and all(row.split()[1] == "RUNNING" for row in rows)
    assert len(it.ctl("pid", "all").stdout.split()) == 500
    assert len(it.ctl("stop", "all", timeout=60).stdout.splitlines()) == 500


def test_json(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\n[program:b]\ncommand=false\nautostart=false\n")
    it.wait_for("spawned: 'a'")
    answer = json.loads(it.ctl("status", "--json").stdout)
    assert answer["ok"] is True and answer["error"] is None
    row = next(each for each in answer["results"] if each["name"] == "a")
    assert (row["group"], row["statename"], row["state"]) == ("a", "RUNNING", 20)
    assert {"ready", "restarts", "reason", "pid", "start", "now", "spawnerr", "exitstatus"} <= set(row)


def test_help_and_wrong_words(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\n")
    it.wait_for("spawned: 'a'")
    for words in (["ctl", "--help"], ["ctl", "start", "--help"], ["health", "--help"], ["probe", "--help"],
                  ["check", "--help"], ["exec", "--help"], ["init", "--help"], ["help"], ["help", "ctl"]):
        done = it.inside(it.names["cslsup"], *words)
        assert done.returncode == 0 and len(done.stdout) > 80, words
    done = it.ctl("statsu")
    assert done.returncode != 0 and "status" in done.stdout + done.stderr
    done = it.inside(it.names["cslsup"], "helath")
    assert done.returncode == 2 and "health" in done.stderr


def test_a_stranger_may_look_but_not_command(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\n")
    it.wait_for("spawned: 'a'")
    assert it.ctl("status", uid=33).stdout.split()[:2] == ["a", "RUNNING"]
    assert it.health(uid=33).returncode == 0
    for words in (["stop", "a"], ["restart", "a"], ["shutdown"], ["signal", "KILL", "a"], ["reload"], ["why", "a"]):
        done = it.ctl(*words, uid=33)
        assert "ERROR (not permitted)" in done.stdout + done.stderr and done.returncode == 1, words
    assert it.ctl("status").returncode == 0


def test_2000_idle_connections_of_a_stranger_do_not_starve_root(cslsup, box):
    """The stranger's connections are real ones, to whatever socket the instance listens on."""
    it = cslsup("[program:a]\ncommand=sleep 1000\nstartsecs=0\n")
    it.wait_for("spawned: 'a'")
    box.write("flood.py", """
        import resource, socket, sys, time
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        held, path = [], None
        for line in open("/proc/net/unix"):
            words = line.split()
            if len(words) == 8 and words[4] == "0005" and words[3] == "00010000":
                path = words[7]
        for _ in range(2000):
            one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            one.setblocking(False)
            try:
                one.connect(path.replace("@", "\\0", 1) if path[0] == "@" else path)
            except OSError:
                pass
            held.append(one)
        print("holding", flush=True)
        time.sleep(60)
        """)
    flood = subprocess.Popen(
        ["nsenter", f"--target={it.pid}", "--mount", "--pid", "--setuid=33", "--setgid=33", "prlimit", "--nofile=4096",
         "/usr/bin/python3", str(box.path / "flood.py")], stdout=subprocess.PIPE, text=True)
    try:
        assert flood.stdout.readline() == "holding\n"
        for _ in range(5):
            assert it.health(timeout=3).returncode == 0
            assert it.ctl("status", timeout=3).stdout.split()[:2] == ["a", "RUNNING"]
        assert it.ctl("stop", "a", timeout=15).stdout == "a: stopped\n"
    finally:
        flood.kill()
        flood.wait()


def test_callers_without_a_descriptor_left_do_not_keep_pid_1_busy(cslsup, box):
    it = cslsup("[supervisord]\nnodaemon=true\nminfds=20\n[program:a]\ncommand=sleep 1000\nstartsecs=0\n",
                setup="ulimit -n 30")
    it.wait_for("spawned: 'a'")
    box.write("flood.py", """
        import os, socket, time
        own = {os.readlink(f"/proc/1/fd/{fd}")[8:-1] for fd in os.listdir("/proc/1/fd")}
        listening = [line.split() for line in open("/proc/net/unix") if line.split()[3:5] == ["00010000", "0005"]]
        path = next(one[7] for one in listening if one[6] in own).replace("@", "\\0", 1)
        held = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(60)]
        for one in held:
            one.connect(path)
        print("holding", flush=True)
        time.sleep(60)
        """)
    flood = subprocess.Popen(["nsenter", f"--target={it.pid}", "--mount", "--pid", "/usr/bin/python3",
                              str(box.path / "flood.py")], stdout=subprocess.PIPE, text=True)
    ticks = lambda: sum(map(int, open(f"/proc/{it.pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    try:
        assert flood.stdout.readline() == "holding\n"
        before = ticks()
        time.sleep(1)
        assert ticks() - before < 20
    finally:
        flood.kill()
        flood.wait()


def test_control_socket_outlives_the_configuration_that_named_it(cslsup, box):
    it = cslsup("""
        [program:a]
        command=sleep 1000
        [cslsup]
        control_socket=%(here)s/control
        """)
    it.running("a")
    for _ in range(3):
        assert it.ctl("reread").returncode == 0
    it.signal(signal.SIGHUP)
    it.running("a")
    assert it.stop() == 0
    assert not (box.path / "control").exists()

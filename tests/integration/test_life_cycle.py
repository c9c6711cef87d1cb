"""The life of a process: supervisord contract §3."""

import re
import signal

import pytest
from harness import descendants, seconds, status_field, wait_until

pytestmark = pytest.mark.same


def test_start_and_orderly_stop(supervisord):
    it = supervisord("""
        [program:a]
        command=sleep 1000
        """)
    pid = it.wait_for(r"INFO spawned: 'a' with pid (\d+)")[1]
    it.wait_for(
        r"INFO success: a entered RUNNING state, process has stayed up for > than 1 seconds \(startsecs\)$")
    assert it.status()["a"][0] == "RUNNING" and f"pid {pid}, uptime 0:00:0" in it.status()["a"][1]
    assert it.stop() == 0
    it.wait_for(r"WARN received SIGTERM indicating exit request",
                r"INFO waiting for a to die",
                r"WARN stopped: a \(terminated by SIGTERM\)")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_stop_signals_end_with_0(supervisord, number):
    it = supervisord("[program:a]\ncommand=sleep 1000\nstartsecs=0\n")
    it.wait_for("spawned: 'a'")
    it.signal(number)
    assert it.wait_exit() == 0
    it.wait_for(f"WARN received {number.name} indicating exit request")


def test_back_off_waits_and_fatal(supervisord):
    it = supervisord("""
        [program:a]
        command=sh -c 'exit 3'
        startretries=2
        """)
    times = []
    for _ in range(3):
        times.append(seconds(it.wait_for(r"^.* INFO spawned: 'a' with pid \d+")[0]))
        it.wait_for(r"(INFO|WARN) exited: a \(exit status 3; not expected\)")
    it.wait_for(r"INFO gave up: a entered FATAL state, too many start retries too quickly")
    assert 0.9 < times[1] - times[0] < 2.5 and 1.9 < times[2] - times[1] < 3.5
    assert it.status()["a"] == ("FATAL", "Exited too quickly (process log may have details)")
    assert it.ctl("status").returncode == 3


@pytest.mark.parametrize(
    "program, line",
    [
        ("command=/does/not/exist", "can't find command '/does/not/exist'"),
        ("command=does-not-exist", "can't find command 'does-not-exist'"),
        ("command=/tmp", "command at '/tmp' is a directory"),
        ("command=/etc/passwd", "command at '/etc/passwd' is not executable"),
        ("command=", "command is empty"),
        ("command=echo 'open", "can't parse command \"echo 'open\": No closing quotation"),
    ],
    ids=["absent", "not in PATH", "directory", "not executable", "empty", "open quote"],
)
def test_spawn_errors(supervisord, program, line):
    it = supervisord(f"[program:a]\n{program}\nstartretries=0\n")
    it.wait_for(rf"INFO spawnerr: {re.escape(line)}$", "gave up: a entered FATAL state")
    assert it.status()["a"] == ("FATAL", line)


@pytest.mark.parametrize(
    "program, error",
    [
        ("directory=/does/not/exist", "couldn't chdir to /does/not/exist: ENOENT"),
        ("command=%(here)s/script", "couldn't exec %(here)s/script: ENOEXEC"),
    ],
    ids=["chdir", "exec"],
)
def test_failures_in_the_child_go_to_its_stderr_log(supervisord, box, program, error):
    box.write("script", "no interpreter line", mode=0o755)
    it = supervisord(f"""
        [program:a]
        command=sleep 1000
        startretries=0
        stderr_logfile=%(here)s/err
        {program}
        """)
    it.wait_for(r"exited: a \(exit status 127; not expected\)")
    error = error.replace("%(here)s", str(box.path))
    wait_until(lambda: f"supervisor: {error}\nsupervisor: child process was not spawned\n" in box.read("err"))


def test_autorestart_unexpected_looks_at_exitcodes(supervisord, box):
    it = supervisord("""
        [program:good]
        command=sh -c 'sleep 1.2; exit 2'
        exitcodes=0,2
        [program:bad]
        command=sh -c 'sleep 1.2; exit 1'
        """)
    it.running("good", "bad")
    it.wait_for(r"WARN exited: bad \(exit status 1; not expected\)", "spawned: 'bad'")
    it.wait_state("good", "EXITED")
    assert "INFO exited: good (exit status 2; expected)" in it.log.text


@pytest.mark.parametrize("policy, state", [("true", "again"), ("false", "EXITED")])
def test_autorestart_true_and_false(supervisord, policy, state):
    it = supervisord(f"[program:a]\ncommand=sh -c 'sleep 1.2; exit 5'\nautorestart={policy}\n")
    it.wait_for(r"exited: a \(exit status 5; not expected\)")
    if state == "again":
        it.wait_for("spawned: 'a'")
    else:
        it.wait_state("a", state)


def test_death_by_signal_is_never_expected(supervisord):
    it = supervisord("[program:a]\ncommand=sh -c 'sleep 1.2; kill -9 $$'\nexitcodes=0,137,9\nautorestart=false\n")
    it.wait_for(r"WARN exited: a \(terminated by SIGKILL; not expected\)")


def test_startsecs_0_passes_running_without_success_line(supervisord):
    it = supervisord("[program:a]\ncommand=true\nstartsecs=0\nautorestart=false\n")
    it.wait_for(r"INFO exited: a \(exit status 0; expected\)")
    it.wait_state("a", "EXITED")
    assert it.ctl("status").returncode == 3


def test_autostart_false_waits_for_a_request(supervisord):
    it = supervisord("[program:a]\ncommand=sleep 1000\nautostart=false\n")
    it.wait_for("supervisord started with pid")
    it.wait_state("a", "STOPPED")
    assert it.status()["a"][1] == "Not started"
    assert it.ctl("start", "a").stdout == "a: started\n"
    it.wait_for("success: a entered RUNNING")


def test_stop_wait_and_kill(supervisord, box):
    it = supervisord("""
        [program:a]
        command=sh -c "trap 'echo caught >>caught' INT; while :; do sleep 0.1; done"
        stopsignal=INT
        stopwaitsecs=2
        """)
    it.running("a")
    assert it.ctl("stop", "a").stdout == "a: stopped\n"
    it.wait_for(r"WARN killing 'a' \(\d+\) with SIGKILL", r"WARN stopped: a \(terminated by SIGKILL\)")
    assert box.read("caught") == "caught\n"
    it.wait_state("a", "STOPPED")


@pytest.mark.parametrize("whole", [False, True])
def test_stopasgroup(supervisord, whole):
    it = supervisord(f"""
        [program:a]
        command=sh -c 'sleep 1000 & sleep 1001 & wait'
        stopasgroup={whole}
        """)
    it.running("a")
    wait_until(lambda: len(it.tree()) == 3)
    it.ctl("stop", "a")
    it.wait_for("stopped: a")
    wait_until(lambda: len(it.tree()) == (0 if whole else 2))


def test_killasgroup(supervisord):
    it = supervisord("""
        [program:a]
        command=sh -c "trap '' TERM; sleep 1000 & sleep 1001 & wait"
        stopwaitsecs=1
        killasgroup=true
        """)
    it.running("a")
    it.ctl("stop", "a")
    it.wait_for(r"stopped: a \(terminated by SIGKILL\)")
    wait_until(lambda: not it.tree())


def test_start_order_is_by_priority_then_name_and_programs_list(supervisord):
    it = supervisord("""
        [program:zeta]
        command=sleep 1000
        priority=5
        [program:beta]
        command=sleep 1000
        [program:alpha]
        command=sleep 1000
        [group:g]
        programs=two,one
        priority=7
        [program:one]
        command=sleep 1000
        priority=1
        [program:two]
        command=sleep 1000
        priority=2
        """)
    it.wait_for(*[f"spawned: '{name}'" for name in ("zeta", "two", "one", "alpha", "beta")])


def test_shutdown_goes_by_falling_priority(supervisord):
    slow = "command=sh -c \"trap 'sleep 0.3; exit 0' TERM; while :; do sleep 0.1; done\""
    it = supervisord("".join(f"[program:{name}]\n{slow}\npriority={number}\n" for number, name in enumerate("abc")))
    it.running("a", "b", "c")
    assert it.stop() == 0
    it.wait_for(r"stopped: c \(exit status 0\)", r"stopped: b \(exit status 0\)", r"stopped: a \(exit status 0\)")


def test_numprocs(supervisord):
    it = supervisord("""
        [program:w]
        command=sh -c 'echo %(process_num)d of %(numprocs)d; exec sleep 1000'
        process_name=%(program_name)s_%(process_num)02d
        numprocs=3
        numprocs_start=9
        stdout_logfile=%(here)s/log-%(process_num)d
        """)
    it.running("w_09", "w_10", "w_11")
    assert sorted(it.status()) == ["w:w_09", "w:w_10", "w:w_11"]
    for number in (9, 10, 11):
        wait_until(lambda: it.box.read(f"log-{number}") == f"{number} of 3\n")


def test_user_directory_umask_environment(supervisord, box):
    it = supervisord("""
        [program:a]
        command=sh -c 'echo "$(id -u):$(id -g):$(id -G) $PWD $(umask) $A $B $HOME"; exec sleep 1000'
        user=www-data
        directory=/usr
        umask=027
        environment=A="x,y",B='z z'
        stdout_logfile=%(here)s/out
        """, env={"HOME": "/root"})
    wait_until(lambda: box.read("out") == "33:33:33 /usr 0027 x,y z z /root\n")


def test_child_environment(supervisord, box):
    it = supervisord("""
        [group:g]
        programs=a
        [program:a]
        command=sh -c 'env; echo END=; exec sleep 1000'
        environment=OWN="%(ENV_GIVEN)s-%(program_name)s-%(group_name)s"
        stdout_logfile=%(here)s/out
        """, env={"GIVEN": "gift"})
    wait_until(lambda: "END=\n" in box.read("out"))
    environment = dict(line.split("=", 1) for line in box.read("out").splitlines())
    assert environment["OWN"] == "gift-a-g" and environment["GIVEN"] == "gift"
    assert environment["SUPERVISOR_ENABLED"] == "1"
    assert environment["SUPERVISOR_PROCESS_NAME"] == "a" and environment["SUPERVISOR_GROUP_NAME"] == "g"
    assert environment["SUPERVISOR_SERVER_URL"] == f"unix://{box.path}/sock"


def test_child_has_clean_descriptors_signals_and_group(supervisord, box):
    it = supervisord("[program:a]\ncommand=sleep 1000\n")
    inner = it.wait_for(r"spawned: 'a' with pid (\d+)")[1]
    it.running("a")
    (pid,) = it.tree()
    assert sorted(map(int, it.inside("ls", f"/proc/{inner}/fd").stdout.split())) == [0, 1, 2]
    assert int(status_field(pid, "SigBlk"), 16) == 0
    assert int(status_field(pid, "SigIgn"), 16) & ~(1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1) == 0
    assert status_field(pid, "NSpgid").split()[-1] == inner and status_field(pid, "NSsid").split()[-1] != inner


def test_stdin_is_open_and_silent(supervisord):
    it = supervisord("[program:a]\ncommand=cat\nautorestart=false\n")
    it.running("a")


def test_orphans_are_reaped(supervisord):
    it = supervisord("""
        [program:a]
        command=sh -c '(sh -c "sleep 0.2; exit 7" &); (sleep 0.5 &); exec sleep 1000'
        """)
    it.wait_for(r"INFO reaped unknown pid \d+ \(exit status 7\)", r"INFO reaped unknown pid \d+ \(exit status 0\)")
    wait_until(lambda: len(descendants(it.pid)) == 1)


def test_hup_restarts_with_the_new_configuration(supervisord, box):
    it = supervisord("[program:a]\ncommand=sleep 1000\n")
    it.running("a")
    config = box.path / "supervisord.conf"
    config.write_text(config.read_text().replace("program:a", "program:b"))
    it.signal(signal.SIGHUP)
    it.wait_for("WARN received SIGHUP indicating restart request", "stopped: a", "spawned: 'b'")
    it.running("b")
    assert list(it.status()) == ["b"]


def test_hup_during_shutdown_is_ignored(supervisord):
    it = supervisord("[program:a]\ncommand=sh -c \"trap '' TERM; while :; do sleep 0.1; done\"\nstopwaitsecs=4\n")
    it.running("a")
    it.signal(signal.SIGTERM)
    it.wait_for("received SIGTERM indicating exit request")
    it.signal(signal.SIGHUP)
    it.wait_for(r"ignored SIGHUP indicating restart request \(shutdown in progress\)")
    assert it.wait_exit() == 0


def test_usr2_reopens_the_logs(supervisord, box):
    it = supervisord("""
        [program:a]
        command=sh -c 'while :; do echo line; sleep 0.1; done'
        stdout_logfile=%(here)s/out
        """)
    it.running("a")
    (box.path / "out").rename(box.path / "moved")
    it.signal(signal.SIGUSR2)
    it.wait_for("INFO received SIGUSR2 indicating log reopen request", "supervisord logreopen")
    wait_until(lambda: "line" in box.read("out"), "a new file")


def test_two_groups_may_share_a_program(supervisord):
    it = supervisord("[group:g]\nprograms=a\n[group:h]\nprograms=a\n[program:a]\ncommand=sleep 1000\n")
    it.wait_for("spawned: 'a'", "spawned: 'a'")
    assert sorted(it.status()) == ["g:a", "h:a"]


def test_pid_file_comes_and_goes(supervisord, box):
    it = supervisord("[program:a]\ncommand=sleep 1000\n")
    it.running("a")
    assert box.read("pid") == "1\n"
    assert it.stop() == 0
    assert not (box.path / "pid").exists()


@pytest.mark.parametrize(
    "ini, error",
    [
        ("[program:a]\n", "program section program:a does not specify a command in section 'program:a'"),
        ("[program:a]\ncommand=x\nautostart=maybe\n", "not a valid boolean value: 'maybe' in section 'program:a'"),
        ("[program:a]\ncommand=x\nuser=nosuch\n", "Invalid user name nosuch in section 'program:a'"),
        ("[program:a b]\ncommand=x\n", "Invalid name: 'a b' because of character: ' '"),
        ("[group:g]\nprograms=nosuch\n", "[group:g] names unknown program or fcgi-program nosuch"),
    ],
    ids=["command", "boolean", "user", "name", "member"],
)
def test_config_errors_end_with_2(supervisord, box, ini, error):
    it = supervisord(ini)
    assert it.wait_exit() == 2
    assert f"Error: {error}" in it.err and "For help, use " in it.err
    if "in section" in error:
        assert f"(file: '{box.path}/supervisord.conf')" in it.err


def test_stop_during_back_off_takes_effect_at_once(supervisord):
    it = supervisord("[program:a]\ncommand=false\nstartretries=10\n")
    for _ in range(3):
        it.wait_for("exited: a")
    spawned = it.log.text.count("spawned: 'a'")
    assert it.ctl("stop", "a").stdout == "a: stopped\n"
    assert it.status()["a"][0] == "STOPPED" and it.log.text.count("spawned: 'a'") == spawned

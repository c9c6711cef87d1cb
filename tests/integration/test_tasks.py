"""What the container contract adds to a program: §3 and its fine print."""

import re
import time

import pytest
from harness import seconds, wait_until


def test_oneshot_then_daemon(cslsup, box):
    it = cslsup("""
        [program:migrate]
        command=sh -c 'until test -e go; do sleep 0.1; done; echo migrated'
        oneshot=true
        stdout_logfile=/dev/stdout
        [program:web]
        command=sleep 1000
        depends_on=migrate
        """)
    wait_until(lambda: "waiting for migrate (completed)" in it.status().get("web", ("", ""))[1])
    assert it.status()["web"][0] == "STARTING"
    box.write("go", "")
    it.wait_for("migrated", r"exited: migrate \(exit status 0; expected\)", "spawned: 'web'", "success: web")
    assert it.status()["migrate"][0] == "EXITED"
    assert it.ctl("status").returncode == 0 and it.health().returncode == 0


def test_failing_oneshot_is_retried_then_fatal_and_ends_the_container_with_its_code(cslsup):
    it = cslsup("""
        [program:migrate]
        command=sh -c 'echo try; exit 7'
        oneshot=true
        startretries=1
        on_fatal=exit
        stdout_logfile=/dev/stdout
        [program:web]
        command=sleep 1000
        depends_on=migrate
        """)
    it.wait_for("^try", "^try", "gave up: migrate entered FATAL state")
    assert it.wait_exit() == 7
    assert "spawned: 'web'" not in it.log.text


def test_code_of_the_dependency_stands_for_those_it_made_fatal(cslsup):
    it = cslsup("""
        [program:migrate]
        command=sh -c 'exit 9'
        oneshot=true
        startretries=0
        [program:web]
        command=sleep 1000
        depends_on=migrate
        on_fatal=exit
        """)
    assert it.wait_exit() == 9


def test_fatal_dependency_is_named_and_met_later(cslsup, box):
    it = cslsup("""
        [program:migrate]
        command=test -e ready
        oneshot=true
        startretries=0
        [program:web]
        command=sleep 1000
        depends_on=migrate
        """)
    it.wait_state("web", "FATAL")
    assert it.status()["web"][1] == "dependency migrate is FATAL"
    box.write("ready", "")
    it.ctl("start", "migrate")
    it.wait_state("web", "RUNNING")


@pytest.mark.parametrize("code, program, on", [
    (5, "command=sh -c 'sleep 0.2; exit 5'\nautorestart=false\nstartsecs=0", "on_exit"),
    (0, "command=sh -c 'sleep 0.2'\nautorestart=false\nstartsecs=0", "on_exit"),
    (143, "command=sh -c 'sleep 0.2; kill $$'\nautorestart=false\nstartsecs=0", "on_exit"),
    (127, "command=/no/such\nstartretries=0", "on_fatal"),
    (126, "command=/etc/passwd\nstartretries=0", "on_fatal"),
    (3, "command=sh -c 'exit 3'\nstartretries=0", "on_fatal"),
    (1, "command=true\nstartretries=0", "on_fatal"),
])
def test_end_of_a_program_ends_the_container(cslsup, code, program, on):
    it = cslsup(f"[program:other]\ncommand=sleep 1000\n[program:a]\n{on}=exit\n{program}\n")
    assert it.wait_exit() == code
    assert it.log.text.count("spawned: 'other'") == it.log.text.count("stopped: other")


def test_on_done_exit(cslsup):
    it = cslsup("""
        [cslsup]
        on_done=exit
        [program:a]
        command=true
        oneshot=true
        [program:b]
        command=sleep 0.5
        oneshot=true
        [program:side]
        command=sleep 1000
        essential=false
        """)
    assert it.wait_exit() == 0


def test_every_runs_at_start_and_counts_from_the_end(cslsup):
    it = cslsup("""
        [program:job]
        command=sh -c 'echo run; sleep 0.5'
        schedule=@every 1s
        stdout_logfile=/dev/stdout
        """)
    times = [seconds(it.wait_for(r"^.*spawned: 'job'.*$")[0]) for _ in range(3)]
    assert all(1.4 < after - before < 2.2 for before, after in zip(times, times[1:]))
    state, text = it.status()["job"]
    assert state in ("RUNNING", "EXITED")
    wait_until(lambda: re.search(r"next run .*, last exit 0 in \d", it.status()["job"][1]))
    assert it.ctl("status").returncode == 0 and it.health().returncode == 0


def test_a_job_waits_for_what_it_needs(cslsup):
    it = cslsup("""
        [program:job]
        command=true
        schedule=@every 1s
        depends_on=prepare
        priority=1
        [program:prepare]
        command=sleep 1.5
        oneshot=true
        """)
    it.wait_for("spawned: 'prepare'")
    wait_until(lambda: "waiting for prepare (completed)" in it.status()["job"][1])
    it.wait_for("exited: prepare", "spawned: 'job'", "spawned: 'job'")
    assert it.log.text.index("exited: prepare") < it.log.text.index("spawned: 'job'")


def test_failed_run_of_a_job_waits_for_its_next_time(cslsup):
    it = cslsup("[program:job]\ncommand=sh -c 'exit 1'\nschedule=@every 1s\n")
    for _ in range(3):
        it.wait_for("spawned: 'job'", r"exited: job \(exit status 1")
    assert "gave up" not in it.log.text


def test_cron_job_is_armed_and_run_by_hand(cslsup):
    it = cslsup("""
        [program:job]
        command=sh -c 'echo ran; exit 4'
        schedule=0 0 1 1 *
        stdout_logfile=/dev/stdout
        """)
    wait_until(lambda: it.status().get("job", ("", ""))[1].startswith("next run"))
    assert it.status()["job"][0] == "EXITED" and "spawned" not in it.log.text
    assert it.ctl("run", "job").returncode == 4
    it.wait_for("^ran")
    it.ctl("stop", "job")
    it.wait_state("job", "STOPPED")


def test_run_timeout(cslsup):
    it = cslsup("""
        [program:job]
        command=sleep 1000
        oneshot=true
        startretries=0
        run_timeout=1s
        """)
    it.wait_for("spawned: 'job'")
    it.wait_state("job", "FATAL")
    assert not it.tree()


@pytest.mark.parametrize("ini, word", [
    ("[program:a]\ncommand=x\ndepends_on=nosuch\n", "nosuch"),
    ("[program:a]\ncommand=x\ndepends_on=b\n[program:b]\ncommand=x\ndepends_on=a\n", "a -> b -> a"),
    ("[program:a]\ncommand=x\nschedule=61 * * * *\n", "schedule"),
    ("[program:a]\ncommand=x\nschedule=@daily\nschedule_timezone=Mars/Olympus\n", "Mars/Olympus"),
    ("[program:a]\ncommand=%(ENV_NOPE:?set it in compose)s\n", "set it in compose"),
], ids=["unknown", "cycle", "cron", "zone", "required variable"])
def test_rejected_with_file_and_line(cslsup, box, ini, word):
    it = cslsup(ini)
    assert it.wait_exit() == 2
    assert re.match(rf"{box.path}/cslsup\.ini:\d+: ", it.err) and word in it.err and it.err.count("\n") == 1


def test_expansion_with_defaults(cslsup):
    it = cslsup("""
        [program:a]
        command=sh -c 'echo "%(ENV_A:-one)s %(ENV_B:-two)s %(ENV_C:-three)s%(ENV_A:+yes)s"; exec sleep 1000'
        stdout_logfile=/dev/stdout
        """, env={"A": "1", "B": ""})
    it.wait_for("^1 two threeyes$")


def test_notify_by_descriptor(cslsup, box):
    it = cslsup("""
        [program:db]
        command=sh -c 'until test -e go; do sleep 0.1; done; echo up; echo >&3; exec sleep 1000'
        notify=fd:3
        startsecs=0
        stdout_logfile=/dev/stdout
        [program:web]
        command=sleep 1000
        depends_on=db:healthy
        """)
    wait_until(lambda: "waiting for db (healthy)" in it.status().get("web", ("", ""))[1])
    assert it.health().returncode == 1
    box.write("go", "")
    it.wait_for("^up$", "spawned: 'web'", "success: web")
    assert it.health().returncode == 0


def test_notify_systemd(cslsup, box):
    box.write("notify.py", """
        import os, socket, time
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        where = os.environ["NOTIFY_SOCKET"]
        one.connect(where.replace("@", "\\0", 1) if where[0] == "@" else where)
        time.sleep(0.5)
        one.send(b"READY=1\\nSTATUS=fine\\n")
        time.sleep(1000)
        """)
    it = cslsup("""
        [program:db]
        command=/usr/bin/python3 notify.py
        notify=systemd
        [program:web]
        command=sleep 1000
        depends_on=db
        """)
    wait_until(lambda: it.health().returncode == 0)
    assert it.status()["web"][0] == "RUNNING"


def test_require_env(cslsup):
    it = cslsup("[program:a]\ncommand=sh -c 'echo ran'\nrequire_env=TOKEN, OTHER\nstartretries=0\n", env={"OTHER": "x"})
    it.wait_state("a", "FATAL")
    assert "TOKEN" in it.status()["a"][1] and "OTHER" not in it.status()["a"][1]
    assert "spawned" not in it.log.text


def test_secrets(cslsup, box):
    box.write("password", "s3cret\n")
    it = cslsup("""
        [program:a]
        command=sh -c 'test "$DB_PASSWORD" = s3cret && test "$API_KEY" = k && echo both; exec sleep 1000'
        secrets=DB_PASSWORD, API_KEY
        stdout_logfile=/dev/stdout
        [program:b]
        command=sh -c 'echo "b has <$API_KEY>"; exec sleep 1000'
        stdout_logfile=/dev/stdout
        """, env={"DB_PASSWORD_FILE": str(box.path / "password")},
        setup="mkdir -p /run/secrets; printf 'k' >/run/secrets/api_key")
    it.wait_for("^both$")
    wait_until(lambda: "b has <>" in it.log.text)


def test_env_file_and_its_order(cslsup, box):
    box.write("one.env", """
        # comment
        export A=file
        B="two words"
        C='single'
        D=file
        """)
    it = cslsup("""
        [program:a]
        command=sh -c 'echo "$A,$B,$C,$D,$E"; exec sleep 1000'
        env_file=one.env,-absent.env
        environment=D="own"
        stdout_logfile=/dev/stdout
        [program:b]
        command=sleep 1000
        env_file=absent.env
        startretries=0
        """, env={"A": "container", "E": "container"})
    it.wait_for("^file,two words,single,own,container$")
    it.wait_state("b", "FATAL")
    assert "absent.env" in it.status()["b"][1]


def test_user_env(cslsup):
    it = cslsup("""
        [program:a]
        command=sh -c 'echo "$HOME,$USER,$LOGNAME,$SHELL"; exec sleep 1000'
        user=www-data
        user_env=true
        stdout_logfile=/dev/stdout
        """, env={"HOME": "/root"})
    it.wait_for("^/var/www,www-data,www-data,/usr/sbin/nologin$")


def test_program_defaults(cslsup):
    it = cslsup("""
        [program_defaults]
        stdout_logfile=/dev/stdout
        environment=A="1"
        [program:a]
        command=sh -c 'echo "a=$A"; exec sleep 1000'
        """)
    it.wait_for("^a=1$")


def test_enabled_false_is_not_loaded(cslsup):
    it = cslsup("""
        [program:a]
        command=sleep 1000
        [program:b]
        command=sleep 1000
        enabled=%(ENV_TOKEN:-)s
        """)
    it.wait_for("spawned: 'a'")
    assert list(it.status()) == ["a"]


def test_restart_delay_is_constant(cslsup):
    it = cslsup("""
        [program:a]
        command=sh -c 'sleep 0.1; exit 1'
        startsecs=0
        autorestart=true
        restart_delay=500ms
        """)
    times = [seconds(it.wait_for(r"^.*spawned: 'a'.*$")[0]) for _ in range(4)]
    assert all(0.55 < after - before < 1.1 for before, after in zip(times, times[1:]))


def test_hot_loop_is_held_at_100_ms(cslsup):
    it = cslsup("[program:a]\ncommand=true\nstartsecs=0\nautorestart=true\n")
    times = [seconds(it.wait_for(r"^.*spawned: 'a'.*$")[0]) for _ in range(6)]
    assert times[-1] - times[0] >= 0.49


def test_start_of_two_that_depend_does_not_hang(cslsup):
    it = cslsup("""
        [program:a]
        command=sleep 1000
        autostart=false
        startsecs=0
        depends_on=b
        [program:b]
        command=sleep 1000
        autostart=false
        startsecs=0
        """)
    it.wait_for("started with pid")
    start = time.monotonic()
    it.ctl("start", "a", "b")
    assert time.monotonic() - start < 10
    assert {state for state, _ in it.status().values()} == {"RUNNING"}

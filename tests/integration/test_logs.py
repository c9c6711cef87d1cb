"""Where output goes: supervisord contract §4, container contract §3 and §11."""

import json
import os
import re
import signal
import socket
import time

import pytest
from harness import wait_until

MAIN_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) ")


@pytest.mark.same
def test_main_log_format_and_start_lines(supervisord):
    it = supervisord("[program:a]\ncommand=sleep 1000\n")
    it.running("a")
    assert all(MAIN_LINE.match(line) for line in it.out.splitlines())
    it.log.cursor = 0
    it.wait_for("CRIT Supervisor is running as root.  Privileges were not dropped because no user is specified in the "
                "config file.  If you intend to run as root, you can set user=root in the config file to avoid this "
                "message.$")


@pytest.mark.same
def test_main_log_file_rotates(supervisord, box):
    it = supervisord("""
        [supervisord]
        nodaemon=true
        logfile=%(here)s/main.log
        logfile_maxbytes=2KB
        logfile_backups=2
        pidfile=%(here)s/pid
        [program:a]
        command=true
        startsecs=0
        autorestart=true
        """)
    wait_until(lambda: (box.path / "main.log.2").exists(), "rotation", 60)
    assert not (box.path / "main.log.3").exists()
    assert MAIN_LINE.match(box.read("main.log.2"))


@pytest.mark.same
def test_files_auto_and_redirect(supervisord, box):
    it = supervisord("""
        [supervisord]
        nodaemon=true
        logfile=/dev/null
        logfile_maxbytes=0
        pidfile=%(here)s/pid
        childlogdir=%(here)s
        identifier=me
        [program:auto]
        command=sh -c 'echo out; echo err >&2; exec sleep 1000'
        [program:both]
        command=sh -c 'echo out; echo err >&2; exec sleep 1000'
        redirect_stderr=true
        stdout_logfile=%(here)s/both.log
        """)
    it.running("auto", "both")
    wait_until(lambda: box.read("both.log") == "out\nerr\n")
    found = {name for name in os.listdir(box.path) if "---me-" in name}
    assert {re.sub("-[a-z0-9_]{8}.log", "", name) for name in found} == {"auto-stdout---me", "auto-stderr---me"}
    for name in found:
        assert (box.path / name).read_text() == ("out\n" if "stdout" in name else "err\n")
        assert os.stat(box.path / name).st_mode & 0o777 == 0o600


@pytest.mark.same
def test_rotation_keeps_every_line_and_so_many_backups(supervisord, box):
    it = supervisord("""
        [program:a]
        command=sh -c 'i=0; while [ $i -lt 300 ]; do echo line-$i; i=$((i+1)); sleep 0.003; done; exec sleep 1000'
        stdout_logfile=%(here)s/log
        stdout_logfile_maxbytes=1KB
        stdout_logfile_backups=50
        [program:few]
        command=sh -c 'i=0; while [ $i -lt 300 ]; do echo line-$i; i=$((i+1)); sleep 0.003; done; exec sleep 1000'
        stdout_logfile=%(here)s/few
        stdout_logfile_maxbytes=1KB
        stdout_logfile_backups=2
        """)
    it.running("a", "few")

    def whole():
        parts = [box.read(f"log.{number}") for number in range(50, 0, -1)] + [box.read("log")]
        return "".join(parts) == "".join(f"line-{number}\n" for number in range(300))

    wait_until(whole, "all 300 lines, in order", 90)
    assert (box.path / "few.2").exists() and not (box.path / "few.3").exists()


@pytest.mark.same
def test_maxbytes_0_never_rotates(supervisord, box):
    it = supervisord("""
        [program:a]
        command=seq 100000
        startsecs=0
        autorestart=false
        stdout_logfile=%(here)s/log
        stdout_logfile_maxbytes=0
        """)
    it.wait_for("exited: a")
    assert box.read("log") == "".join(f"{number}\n" for number in range(1, 100001))
    assert not (box.path / "log.1").exists()


@pytest.mark.same
def test_strip_ansi(supervisord, box):
    it = supervisord("""
        [supervisord]
        nodaemon=true
        logfile=/dev/null
        logfile_maxbytes=0
        pidfile=%(here)s/pid
        strip_ansi=true
        [program:a]
        command=printf '\\033[31mred\\033[0m plain\\n'
        startsecs=0
        autorestart=false
        stdout_logfile=%(here)s/log
        """)
    it.wait_for("exited: a")
    wait_until(lambda: box.read("log") == "red plain\n")


def test_strip_ansi_over_the_borders_of_reads(supervisord, box):
    """An ESC at the end of a read that begins no sequence used to overwrite what came after it."""
    box.write("pieces", """\
        #!/bin/sh
        printf 'a\\033'; sleep 0.3; printf '(Bcdef\\n'
        printf 'g\\033'; sleep 0.3; printf '[31mh\\033'; sleep 0.3; printf '\\033[0mi\\n'
        """, mode=0o755)
    it = supervisord("""
        [supervisord]
        nodaemon=true
        logfile=/dev/null
        logfile_maxbytes=0
        pidfile=%(here)s/pid
        strip_ansi=true
        [program:a]
        command=./pieces
        startsecs=0
        autorestart=false
        stdout_logfile=%(here)s/log
        """)
    it.wait_for("exited: a")
    wait_until(lambda: box.read("log") == "a\033(Bcdef\ngh\033i\n")


def test_numprocs_share_one_rotated_file(supervisord, box):
    it = supervisord("""
        [program:w]
        command=sh -c 'i=0; while [ $i -lt 300 ]; do echo %(process_num)d-$i-xxxxxxxxxxxxxxx; i=$((i+1)); done'
        process_name=%(program_name)s%(process_num)d
        numprocs=4
        startsecs=0
        autorestart=false
        stdout_logfile=%(here)s/log
        stdout_logfile_maxbytes=4KB
        stdout_logfile_backups=40
        """)
    for _ in range(4):
        it.wait_for("exited: w")
    lines = "".join(box.read(f"log.{number}") for number in range(40, 0, -1)) + box.read("log")
    assert sorted(lines.splitlines()) == sorted(f"{w}-{i}-xxxxxxxxxxxxxxx" for w in range(4) for i in range(300))


@pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1", "/proc/1/fd/1", "/dev/stderr"])
def test_container_streams_simply_work(supervisord, target):
    it = supervisord(f"""
        [program:a]
        command=sh -c 'for i in 1 2 3; do echo line-$i; done; exec sleep 1000'
        stdout_logfile={target}
        user=www-data
        """)
    it.wait_for("^line-1", "^line-2", "^line-3")
    it.running("a")
    assert "Illegal seek" not in it.log.text
    assert ("line-1" in it.err) == (target == "/dev/stderr")
    assert it.ctl("clear", "a").returncode == 0
    assert it.inside("test", "-L", "/dev/stdout").returncode == 0


def test_main_log_to_stdout_is_written_once(cslsup, supervisord):
    it = supervisord("""
        [supervisord]
        nodaemon=true
        logfile=/dev/stdout
        [program:a]
        command=sleep 1000
        startsecs=0
        """)
    it.wait_for("spawned: 'a'")
    assert it.log.text.count("spawned: 'a'") == 1
    it.stop()
    assert it.log.text.count("received SIGTERM") == 1


def test_child_may_open_its_own_stdout_again(cslsup):
    """user= and /dev/stdout: the pipe belongs to, or may be opened by, the child's user."""
    it = cslsup("""
        [program:a]
        command=sh -c 'echo again >/dev/stdout; echo errors >/dev/stderr; exec sleep 1000'
        user=www-data
        stdout_logfile=/dev/stdout
        stderr_logfile=/dev/stderr
        """)
    it.wait_for("^again|^errors", "^again|^errors")


@pytest.mark.parametrize(
    "prefix, expected",
    [
        ("true", r"a \| "),
        ("[{group}/{name} {stream} {pid}] ", r"\[a/a stdout \d+\] "),
        ("{time} ", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d) "),
        ("none", ""),
    ],
    ids=["true", "fields", "time", "none"],
)
def test_log_prefix(cslsup, prefix, expected):
    it = cslsup(f"""
        [program:a]
        command=sh -c 'echo hello; exec sleep 1000'
        stdout_logfile=/dev/stdout
        log_prefix="{prefix}"
        """)
    it.wait_for(f"^{expected}hello$")


def test_log_format_json(cslsup, box):
    box.write("talk", r"""#!/bin/sh
        printf '%s\n' 'say "hi" \ there'
        printf 'bad \377 byte\n'
        printf partial
        exec sleep 1000
        """, mode=0o755)
    it = cslsup("""
        [program:a]
        command=./talk
        stdout_logfile=/dev/stdout
        log_format=json
        """)
    it.wait_for("partial", timeout=10)
    rows = [json.loads(line) for line in it.out.splitlines() if line.startswith("{")]
    assert [row["message"] for row in rows] == ['say "hi" \\ there', "bad \ufffd byte", "partial"]
    assert rows[0]["program"] == "a" and rows[0]["stream"] == "stdout" and isinstance(rows[0]["pid"], int)
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", rows[0]["time"])


def test_json_splits_lines_over_16_kib(cslsup):
    it = cslsup("""
        [program:a]
        command=sh -c 'head -c 40000 /dev/zero | tr "\\0" x; echo; exec sleep 1000'
        stdout_logfile=/dev/stdout
        log_format=json
        """)

    def messages():
        try:
            return [json.loads(line)["message"] for line in it.out.splitlines() if line.startswith("{")]
        except ValueError:
            return []

    wait_until(lambda: "".join(messages()) == "x" * 40000)
    assert len(messages()) >= 3


def test_tee_to_stdout_beside_a_file(cslsup, box):
    it = cslsup("""
        [program:a]
        command=sh -c 'echo both; echo oops >&2; exec sleep 1000'
        stdout_logfile=%(here)s/log
        stdout_tee=/dev/stdout
        stderr_logfile=%(here)s/err
        stderr_tee=/dev/stderr
        log_prefix=true
        """)
    it.wait_for(r"^a \| (both|oops)", r"^a \| (both|oops)")
    wait_until(lambda: (box.read("log"), box.read("err")) == ("both\n", "oops\n"))


def test_syslog(cslsup, box):
    one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.bind(str(box.path / "log.sock"))
    os.chmod(box.path / "log.sock", 0o777)
    one.settimeout(20)
    it = cslsup("[program:a]\ncommand=sh -c 'echo first; echo second; exec sleep 1000'\nstdout_logfile=syslog\n",
                setup=f"""
                d={box.path}/dev; mkdir $d; mount -t tmpfs tmpfs $d # a /dev of our own: the machine's is not ours to change
                for n in null zero random urandom tty; do touch $d/$n; mount --bind /dev/$n $d/$n; done
                ln -s /proc/self/fd $d/fd; ln -s /proc/self/fd/1 $d/stdout; ln -s /proc/self/fd/2 $d/stderr
                touch $d/log; mount --bind {box.path}/log.sock $d/log; mount --rbind $d /dev
                """)
    assert b"a first" in one.recv(4096) and b"a second" in one.recv(4096)


def test_rotation_by_day_and_age(cslsup, box):
    """A file of an earlier day is rotated at start; old ones go by age; today's lines go to the plain name."""
    day = 86400
    now = time.time()
    for name, age in (("log", 1), ("log.2001-01-01", 9000)):
        box.write(name, "old\n")
        os.utime(box.path / name, (now - age * day, now - age * day))
    it = cslsup("""
        [program:a]
        command=sh -c 'echo new; exec sleep 1000'
        stdout_logfile=%(here)s/log
        stdout_logfile_rotate=daily
        stdout_logfile_max_age=7
        """)
    wait_until(lambda: box.read("log") == "new\n")
    stamp = time.strftime("%Y-%m-%d", time.localtime(now - day))
    assert box.read(f"log.{stamp}") == "old\n"
    wait_until(lambda: not (box.path / "log.2001-01-01").exists())


def test_last_words_of_a_child_come_before_its_end(cslsup, box):
    it = cslsup("""
        [program:a]
        command=sh -c 'seq 20000; echo last words'
        oneshot=true
        stdout_logfile=%(here)s/log
        """)
    it.wait_for("exited: a")
    assert box.read("log").endswith("last words\n") and box.read("log").count("\n") == 20001



def test_the_rest_of_a_line_that_a_full_stdout_took_in_part(cslsup, box):
    """Nobody writes after it, so nobody but the reader's reading can bring it out."""
    box.write("write", """\
        #!/bin/sh
        for n in 1 2 3 4; do printf '%016383d\\n' 0 | tr 0 x; done >lines
        exec cat lines
        """, mode=0o755)
    reader, writer = os.pipe()
    it = cslsup("[program:a]\ncommand=./write\nstdout_logfile=/dev/stdout\nautorestart=false\nstartsecs=0\n",
                stdout=writer)
    os.close(writer)
    it.wait_state("a", "EXITED")
    os.set_blocking(reader, False)
    got = bytearray()

    def all_came():
        try:
            got.extend(os.read(reader, 1 << 20))
        except BlockingIOError:
            pass
        return got.count(b"x" * 16383 + b"\n") == 4

    wait_until(all_came, "the fourth line", 5)
    os.close(reader)


def test_a_descendant_that_never_stops_writing_does_not_hold_pid_1(cslsup):
    it = cslsup("""
        [program:a]
        command=sh -c 'for i in 1 2 3 4; do cat /dev/zero & done; sleep 0.5'
        stdout_logfile=/dev/null
        autorestart=false
        startsecs=0
        """)
    it.wait_for("exited: a", timeout=5)
    it.signal(signal.SIGTERM)
    assert it.wait_exit(10) == 0


def test_the_exit_report_waits_for_no_reader(launch, names, box):
    config = box.write("x.ini", """
        [program:shout]
        command=yes
        stdout_logfile=/dev/stdout
        [program:bad]
        command=false
        startretries=0
        """)
    reader, writer = os.pipe()
    it = launch(["sh", "-c", 'exec "$@" 2>&1', "sh", names["cslsup"], "-c", config], stdout=writer,
                names={**names, "ctl": [names["cslsup"], "ctl"]})
    os.close(writer)
    it.wait_state("bad", "FATAL")
    it.signal(signal.SIGTERM)
    assert it.wait_exit(10) == 0
    os.close(reader)


def test_without_proc_each_start_has_a_pipe(cslsup, box):
    it = cslsup("[supervisord]\nnodaemon=true\nlogfile=/dev/stdout\n[program:a]\n"
                "command=sh -c 'echo hello; exec sleep 0.2'\nautorestart=true\nstartsecs=0\n"
                f"stdout_logfile={box.path}/a.out\n", setup="mount -t tmpfs none /proc")
    for _ in range(3):
        it.wait_for("exited: a")
    assert (box.path / "a.out").read_text().count("hello\n") >= 3

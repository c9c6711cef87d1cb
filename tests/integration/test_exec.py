"""`cslsup exec` and `cslsup COMMAND`: what they lend and pass on (container contract §1). Exit codes and --as: test_container."""

import os
import pty
import select
import signal
import subprocess
import time


def read_until(fd, text, seconds=10):
    seen, end = b"", time.monotonic() + seconds
    while text not in seen:
        assert time.monotonic() < end, seen
        if select.select([fd], [], [], 0.1)[0]:
            seen += os.read(fd, 4096)
    return seen


TERMINAL = "trap 'echo got INT; exit 3' INT; echo up; read x; echo \"<$x>\"; while :; do sleep 0.1; done"


def test_the_command_has_the_terminal(names):
    """It may read, and Ctrl-C reaches it once: from the terminal, not from us as well."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(names["cslsup"], ["cslsup", "sh", "-c", TERMINAL])
    read_until(fd, b"up")
    os.write(fd, b"hello\n")
    read_until(fd, b"<hello>")
    os.write(fd, b"\x03")
    read_until(fd, b"got INT")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    os.close(fd)


def test_every_signal_is_passed_on(names):
    script = "for s in HUP INT QUIT USR1 USR2 TERM WINCH; do trap \"echo $s\" $s; done; echo up; while :; do sleep 0.05; done"
    one = subprocess.Popen([names["cslsup"], "bash", "-c", script], stdout=subprocess.PIPE, text=True)
    assert one.stdout.readline() == "up\n"
    for name in ("HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "WINCH"):
        one.send_signal(getattr(signal, f"SIG{name}"))
        assert one.stdout.readline() == f"{name}\n"
    one.kill()
    one.wait()


def test_the_command_dies_with_us(names):
    one = subprocess.Popen([names["cslsup"], "sh", "-c", "echo $$; exec sleep 100"], stdout=subprocess.PIPE, text=True)
    child = int(one.stdout.readline())
    one.kill()
    one.wait()
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{child}") and open(f"/proc/{child}/stat").read().split()[2] != "Z":
        assert time.monotonic() < end
        time.sleep(0.02)


def test_wrong_calls(names):
    for words, text in ((["exec"], "which command?"), (["exec", "--sa", "x", "ls"], "--as"), (["exec", "--as"], "needs a value"),
                        (["exec", "--as", "x", "-c", "/absent.ini", "ls"], "/absent.ini")):
        done = subprocess.run([names["cslsup"], *words], capture_output=True, text=True)
        assert done.returncode == 2 and text in done.stderr and done.stderr.count("\n") == 1

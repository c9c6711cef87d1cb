"""`cslsup probe` against servers that answer well, badly, late, or not at all: container contract §4."""

import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest
from harness import wait_until

PHP_FPM = next((path for path in map(shutil.which, ("php-fpm8.2", "php-fpm8.3", "php-fpm")) if path), None)


class Server:
    """A listener whose `talk(connection)` runs for each connection, in a thread."""

    def __init__(self, listener, talk):
        self.listener, self.talk = listener, talk
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with connection:
            try:
                self.talk(connection)
            except OSError:
                pass


@pytest.fixture
def serve(box):
    """serve(talk) gives the port of a TCP server; serve(talk, path) listens on a unix socket."""
    listeners = []

    def start(talk, path=None):
        listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        listener.bind(str(path) if path else ("127.0.0.1", 0))
        listener.listen()
        listeners.append(listener)
        Server(listener, talk)
        return None if path else listener.getsockname()[1]

    yield start
    for listener in listeners:
        listener.close()


@pytest.fixture
def probe(names):
    def run(*words):
        start = time.monotonic()
        done = subprocess.run([str(names["cslsup"]), "probe", *words], capture_output=True, text=True, timeout=30)
        done.took = time.monotonic() - start
        return done

    return run


def answer(*parts, pause=0, seen=None):
    """Reads a request's head, then sends the parts, `pause` seconds before each but the first."""

    def talk(connection):
        request = b""
        while b"\r\n\r\n" not in request:
            more = connection.recv(4096)
            if not more:
                return
            request += more
        if seen is not None:
            seen.append(request.decode())
        for number, part in enumerate(parts):
            time.sleep(pause if number else 0)
            connection.sendall(part)

    return talk


def silent(connection):
    time.sleep(20)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("head, code", [
    ("200 OK", 0), ("204 No Content", 0), ("302 Found", 0), ("399 X", 0), ("400 Bad Request", 1), ("404 Not Found", 1),
    ("503 Service Unavailable", 1)])
def test_http_status(serve, probe, head, code):
    port = serve(answer(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode()))
    done = probe(f"http://127.0.0.1:{port}/up")
    assert done.returncode == code
    assert done.stderr == (f"http://127.0.0.1:{port}/up: HTTP {head}\n" if code else "")


def test_http_request(serve, probe):
    seen = []
    port = serve(answer(OK, seen=seen))
    assert probe(f"http://localhost:{port}/up?a=b#c").returncode == 0
    assert seen[0].startswith(f"GET /up?a=b HTTP/1.1\r\nHost: localhost:{port}\r\n")


def test_http_over_a_unix_socket(serve, probe, box):
    serve(answer(OK), box.path / "s")
    assert probe(f"http+unix://{box.path}/s:/up").returncode == 0
    assert probe(f"http+unix://{box.path}/s").returncode == 0
    assert probe(f"unix://{box.path}/s").returncode == 0
    done = probe(f"http+unix://{box.path}/t:/up")
    assert done.returncode == 1 and "no such file or directory" in done.stderr


@pytest.mark.parametrize("parts, words", [
    ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"], "broke off"),
    ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok"], "broke off"),
    ([b"SSH-2.0-OpenSSH_9.2\r\n"], "not of this protocol"),
    ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000], "too long"),
    ([], "closed without an answer"),
])
def test_broken_answers(serve, probe, parts, words):
    done = probe(f"http://127.0.0.1:{serve(answer(*parts))}/")
    assert done.returncode == 1 and words in done.stderr and done.stderr.count("\n") == 1


def test_slow_answers_are_cut_at_the_timeout(serve, probe):
    port = serve(silent)
    done = probe("--timeout", "0.5", f"http://127.0.0.1:{port}/")
    assert done.returncode == 1 and "timed out" in done.stderr and done.took < 2
    port = serve(answer(b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 20, pause=0.2))
    done = probe("--timeout", "0.5", f"http://127.0.0.1:{port}/")
    assert done.returncode == 1 and "timed out" in done.stderr and done.took < 2


def test_all_must_pass_and_each_failure_is_named(serve, probe):
    port = serve(answer(OK))
    done = probe(f"http://127.0.0.1:{port}/", "tcp://127.0.0.1:1", "file: /nonexistent 5s", "exec: true")
    assert done.returncode == 1
    assert done.stderr == "tcp://127.0.0.1:1: connection refused; file: /nonexistent 5s: no such file or directory\n"


@pytest.mark.parametrize("check, reason", [
    ("exec: sh -c 'echo why not >&2; exit 3'", "exit status 3 (why not)"),
    ("exec: sh -c 'kill -9 $$'", "killed by signal 9"),
    ("exec: no-such-command", "can't find command 'no-such-command'"),
    ("exec: sh -c 'sleep 20 & wait'", "timed out"),
])
def test_exec(probe, check, reason):
    done = probe("--timeout", "1", check)
    assert done.returncode == 1 and done.stderr == f"{check}: {reason}\n" and done.took < 3


def test_exec_ends_though_a_grandchild_holds_its_output(probe):
    done = probe("exec: sh -c 'sleep 20 & echo started'")
    assert done.returncode == 0 and done.took < 2


def test_file(probe, box):
    path = box.write("beat", "")
    assert probe(f"file: {path} 60s").returncode == 0
    os.utime(path, (time.time() - 90, time.time() - 90))
    done = probe(f"file: {path} 60s")
    assert done.returncode == 1 and "last touched 90 s ago" in done.stderr


@pytest.mark.parametrize("words, text", [
    ([], "which check?"), (["--wiat", "5"], "--wait"), (["--wait"], "needs a value"), (["--timeout", "x", "exec: true"], "'x'"),
    (["log: 5s"], "only PID 1"), (["htp://x/"], "http://"), (["tcp://db"], "tcp://127.0.0.1:3306")])
def test_wrong_calls(probe, words, text):
    done = probe(*words)
    assert done.returncode == 2 and text in done.stderr and done.stderr.count("\n") == 1 and not done.stdout


def test_wait_says_what_it_waits_for_and_what_came(probe, box):
    later = threading.Timer(0.5, lambda: box.write("x", ""))
    later.start()
    done = probe("--wait", "10", "--interval", "0.1", f"file: {box.path}/x 60s")
    assert done.returncode == 0 and done.stdout.startswith("reached after 0.")
    assert done.stderr == f"waiting up to 10 s: file: {box.path}/x 60s: no such file or directory\n"
    done = probe("--wait", "0.5", "--interval", "0.1", "tcp://127.0.0.1:1")
    assert done.returncode == 1 and 0.3 < done.took < 2
    assert done.stderr.splitlines()[-1] == "not reached within 0.5 s: tcp://127.0.0.1:1: connection refused"


def record(kind, content, request=1):
    return struct.pack(">BBHHBB", 1, kind, request, len(content), 0, 0) + content


def fastcgi(management, *records):
    """A FastCGI server that answers the management question, or hangs up on it, and everything else with `records`."""

    def talk(connection):
        head = connection.recv(8, socket.MSG_WAITALL)
        if head[1] == 9:
            if management:
                connection.sendall(record(10, b"\x0f\x01FCGI_MPXS_CONNS0", 0))
            return
        connection.recv(65536)
        connection.sendall(b"".join(records))

    return talk


END = record(3, bytes(8))


@pytest.mark.parametrize("talk, path, code", [
    (fastcgi(True), "", 0),
    (fastcgi(False, record(6, b"Status: 404 Not Found\r\n\r\n"), END), "", 0),
    (fastcgi(False), "", 1),
    (fastcgi(True, record(6, b"A: b\r\n\r\nhi"), END), "/x", 0),
    (fastcgi(True, record(6, b"Status: 302 Found\r\n\r\n"), END), "/x", 1),
    (fastcgi(True, record(7, b"it broke\n"), record(6, b"Status: 500 No\r\n\r\n"), END), "/x", 1),
    (fastcgi(True, record(6, b"A: b\r\n\r\nhi")), "/x", 1),
    (fastcgi(True, record(3, struct.pack(">IB3x", 0, 2))), "/x", 1),
    (answer(OK), "/x", 1),
])
def test_fastcgi(serve, probe, box, talk, path, code):
    port = serve(talk)
    assert probe("--timeout", "1", f"fastcgi://127.0.0.1:{port}{path}").returncode == code
    serve(talk, box.path / "f")
    assert probe("--timeout", "1", f"fastcgi+unix://{box.path}/f{':' + path if path else ''}").returncode == code


@pytest.mark.skipif(not PHP_FPM, reason="no php-fpm here")
def test_php_fpm(probe, box):
    box.path.chmod(0o755)
    script = box.write("i.php", "<?php http_response_code((int)($_GET['c'] ?? 200)); echo 'x';")
    log = box.path / "access.log"
    config = box.write("fpm.conf", f"""
        [global]
        daemonize = no
        error_log = {box.path}/error.log
        [www]
        user = www-data
        group = www-data
        listen = {box.path}/fpm.sock
        pm = static
        pm.max_children = 1
        ping.path = /ping
        access.log = {log}
        """)
    fpm = subprocess.Popen([PHP_FPM, "-F", "-y", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"fastcgi+unix://{box.path}/fpm.sock"
    try:
        wait_until(lambda: probe(address).returncode == 0, "php-fpm answers")
        assert not log.exists() or log.read_text() == ""  # the bare check leaves no trace
        assert probe(f"{address}:/ping").returncode == 0
        assert probe(f"{address}:{script}").returncode == 0
        done = probe(f"{address}:{script}?c=503")
        assert done.returncode == 1 and done.stderr.endswith("status 503\n")
        done = probe(f"{address}:/absent.php")
        assert done.returncode == 1 and "status 404" in done.stderr
    finally:
        fpm.terminate()
        fpm.wait(20)
    assert probe("--timeout", "1", address).returncode == 1


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
def test_https(serve, probe, box):
    key, cert = box.path / "key", box.path / "cert"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", key, "-out", cert],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def over_tls(talk):
        def wrapped(connection):
            with context.wrap_socket(connection, server_side=True) as secure:
                talk(secure)

        return wrapped

    assert probe(f"https://127.0.0.1:{serve(over_tls(answer(OK)))}/up").returncode == 0
    port = serve(over_tls(answer(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")))
    done = probe(f"https://127.0.0.1:{port}/up")
    assert done.returncode == 1 and done.stderr == f"https://127.0.0.1:{port}/up: HTTP 503\n"
    assert probe("--timeout", "0.5", f"https://127.0.0.1:{serve(silent)}/").took < 2

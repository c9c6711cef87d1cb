"""The five services at work."""

import base64
import hashlib
import os
import socket

from harness import wait_until
from services import PROJECT, SERVICES, docker

WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

DAEMONS = {
    "app": {"php-fpm", "nginx"},
    "queue": {"laravel-queue:laravel-queue_00", "laravel-queue:laravel-queue_01"},
    "reverb": {"reverb"},
    "scheduler": {"laravel-scheduler"},
    "nightwatch": {"nightwatch-agent"},
}


def test_five_are_healthy(stack):
    assert {service: stack[service].health for service in SERVICES} == dict.fromkeys(SERVICES, "healthy")


def test_each_role_runs_its_own_daemons(stack):
    for service, daemons in DAEMONS.items():
        states = stack[service].states()
        assert {name for name, state in states.items() if state == "RUNNING"} - {"order-regularizer"} == daemons


def test_worker_does_a_job_dispatched_over_http(stack):
    for queue in ("default", "emails", "notifications"):
        stack.dispatch(f"hello-{queue}", queue=queue)
    for queue in ("default", "emails", "notifications"):
        wait_until(lambda: stack.job_done(f"hello-{queue}"), f"a job of {queue}", 60)


def test_regularizer_runs_as_often_as_the_environment_says(stack):
    assert stack.http("/orders", {})[0] == 201
    wait_until(lambda: all(row["regularized_at"] for row in stack.rows("/orders")), "the order regularized", 60)


def test_websocket_handshake_ping_and_pong(stack):
    key = base64.b64encode(os.urandom(16)).decode()
    with socket.create_connection(("127.0.0.1", stack.ports["REVERB_PUBLISH"]), 10) as peer:
        peer.sendall(
            f"GET /app/demo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        received = b""
        while b"connection_established" not in received:
            received += peer.recv(4096) or exit("closed")
        assert received.startswith(b"HTTP/1.1 101 ")
        assert base64.b64encode(hashlib.sha1((key + WEBSOCKET_GUID).encode()).digest()) in received
        peer.sendall(bytes([0x89, 0x82, 0, 0, 0, 0]) + b"hi")
        received = b""
        while not received.endswith(b"\x8a\x02hi"):
            received += peer.recv(4096) or exit("closed")


def test_agent_answers_from_another_container(stack):
    answer = stack["app"].exec("php", "artisan", "nightwatch:status", "--address=nightwatch:2407")
    assert "running" in answer.stdout


def test_status_is_supervisorctls_table(stack):
    for words in (["cslsup", "ctl", "status"], ["supervisorctl", "status"]):
        done = stack.compose("exec", "-T", "scheduler", *words, check=False)
        line = next(line for line in done.stdout.splitlines() if line.startswith("laravel-scheduler"))
        assert line.split()[1:3] == ["RUNNING", "pid"] and " uptime " in line


def test_run_takes_a_command(stack):
    done = stack.compose("run", "--rm", "-T", "app", "php", "artisan", "--version")
    assert "Laravel Framework" in done.stdout
    done = stack.compose("run", "--rm", "-T", "app", "sh", "-c", "exit 7", check=False)
    assert done.returncode == 7


def test_caches_are_warm_and_the_webs_own(stack):
    listing = stack["app"].exec("sh", "-c", "ls -l bootstrap/cache; ls -ld storage/logs; readlink public/storage").stdout
    assert "config.php" in listing and "routes-v7.php" in listing and "../storage/app/public" in listing
    assert all(line.split()[2] == "www-data" for line in listing.splitlines() if ".php" in line or "storage/logs" in line)


def test_logs_are_in_the_files_and_on_stdout(stack):
    stack.dispatch("logged")
    wait_until(lambda: stack.job_done("logged"), "the job", 60)
    queue = stack["queue"]
    queue.wait_log("RecordJob")
    files = queue.exec("sh", "-c", "cat storage/logs/queue.log; ls storage/logs").stdout
    assert "RecordJob" in files
    stack.http("/up?mark=seen")
    app = stack["app"]
    app.wait_log("GET /up?mark=seen")
    assert "GET /up?mark=seen" in app.exec("cat", "/var/log/nginx/access.log").stdout


def test_killed_daemons_come_back(stack):
    for service, program in (("queue", "laravel-queue:laravel-queue_00"), ("app", "php-fpm"), ("app", "nginx")):
        container = stack[service]
        before = container.pid(program)
        container.exec("sh", "-c", f"kill -9 {before}")
        wait_until(lambda: container.pid(program) not in (0, before), f"{program} restarted")
    wait_until(lambda: stack.http("/up")[0] == 200, "the application")
    wait_until(lambda: stack["app"].exec("cslsup", "health", check=False).returncode == 0, "app ready again")


def test_without_php_fpm_the_app_is_unhealthy_and_says_why(stack):
    app = stack["app"]
    app.ctl("stop", "php-fpm")
    assert stack.http("/health/index.php")[0] == 502
    wait_until(lambda: app.health == "unhealthy", "app unhealthy", 10 * 3 + 15)
    assert "php-fpm" in app.state["Health"]["Log"][-1]["Output"]
    app.ctl("start", "php-fpm")
    wait_until(lambda: app.health == "healthy", "app healthy", 60)


def test_www_data_may_look_but_not_touch(stack):
    app = stack["app"]
    assert app.exec("cslsup", "health", user="www-data").returncode == 0
    refused = app.ctl("stop", "nginx", user="www-data", check=False)
    assert refused.returncode != 0 and "not permitted" in refused.stdout
    assert app.states()["nginx"] == "RUNNING"


def test_stopped_pid_1_is_unhealthy_within_two_seconds(stack):
    reverb = stack["reverb"]
    os.kill(reverb.state["Pid"], 19)
    try:
        assert reverb.exec("cslsup", "health", check=False, timeout=5).returncode == 1
    finally:
        os.kill(reverb.state["Pid"], 18)
    wait_until(lambda: reverb.exec("cslsup", "health", check=False).returncode == 0, "ready again")


def test_scheduled_task_runs(stack):
    wait_until(lambda: stack.rows("/heartbeats"), "a heartbeat", 90)


def test_scaling_needs_no_edit_of_a_file(images):
    words = ["--rm", "--env", "QUEUE_WORKERS=4", images["laravel"], "check", "--role", "queue", "--explain", "laravel-queue"]
    assert "numprocs" in docker("run", *words).stdout
    words = words[:4] + ["check", "--role", "queue", "--json"]
    assert docker("run", *words).stdout.count('"laravel-queue_0') >= 4


def test_debians_own_supervisor_files_do_not_matter(images, tmp_path):
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "supervisord.conf").write_text("[program:stranger]\ncommand=sleep 9\n[include]\nfiles=/etc/supervisor/conf.d/*\n")
    words = ["--rm", "--volume", f"{tmp_path}:/etc/supervisor:ro", images["laravel"], "check", "--role", "app", "--json"]
    listed = docker("run", *words).stdout
    assert '"nginx"' in listed and '"php-fpm"' in listed and "stranger" not in listed


def test_workers_that_end_of_themselves_are_well(stack, start, images):
    words = []
    for name, value in {**stack.environment("queue"), "QUEUE_MAX_TIME": "3"}.items():
        words += ["--env", f"{name}={value}"]
    queue = start("--network", f"{PROJECT}_default", *words, images["laravel"])
    queue.wait_log("laravel-queue_01 entered RUNNING")
    wait_until(lambda: queue.exec("cslsup", "health", check=False).returncode == 0, "ready")
    verdicts = []
    wait_until(
        lambda: verdicts.append(queue.exec("cslsup", "health", check=False)) or queue.logs.count("exited: laravel-queue") > 5,
        "six ends",
        60,
    )
    assert [verdict.stdout for verdict in verdicts if verdict.returncode] == []

"""Stops that lose nothing, and stops that end in time."""

import threading

import pytest
from harness import wait_until
from services import docker, write


@pytest.fixture
def queue_with_grace(stack):
    """Recreates the queue with another grace period; afterwards it is as before."""

    def recreate(grace):
        stack.compose("up", "-d", "--no-build", "queue", QUEUE_GRACE=grace)
        stack.wait_healthy("queue")
        return stack["queue"]

    yield recreate
    recreate("30s")


def running_job(stack, queue, name):
    stack.dispatch(name, seconds=20)
    queue.wait_log(f"job {name} started")


def test_job_survives_a_stop_with_time_enough(stack, queue_with_grace):
    queue = queue_with_grace("30s")
    running_job(stack, queue, "survivor")
    stack.compose("stop", "queue", QUEUE_GRACE="30s")
    assert queue.state["ExitCode"] == 0
    assert stack.job_done("survivor")


def test_too_little_time_is_said_beforehand_and_kept(stack, queue_with_grace):
    queue = queue_with_grace("10s")
    running_job(stack, queue, "victim")
    assert any("WARN" in line and "laravel-queue" in line for line in queue.logs.splitlines())
    stack.compose("stop", "queue", QUEUE_GRACE="10s")
    assert queue.state["ExitCode"] == 0  # 137 were Docker's kill
    assert not stack.job_done("victim")


def test_request_in_flight_is_answered(stack):
    app, answers = stack["app"], []
    asking = threading.Thread(target=lambda: answers.append(stack.http("/slow/5")))
    asking.start()
    try:
        app.wait_log("a request of 5 s")
        stack.compose("stop", "app")
        asking.join(30)
        assert answers == [(200, "slept 5\n")]
        assert app.state["ExitCode"] == 0
    finally:
        stack.compose("up", "-d", "--no-build", "app")
        stack.wait_healthy("app")


def test_three_that_ignore_term_are_never_dockers_to_kill(start, images, tmp_path):
    ini = "[cslsup]\nroles_dir=/conf/none\nstop_grace_period=10s\n"
    for name, wait in (("a", 3600), ("b", 10), ("c", 10)):
        ini += f"[program:{name}]\ncommand=sh -c \"trap '' TERM; while :; do sleep 1; done\"\nstopwaitsecs={wait}\n"
    write(tmp_path / "stubborn.ini", ini)
    container = start("--volume", f"{tmp_path}:/conf:ro", images["laravel"], "-c", "/conf/stubborn.ini")
    wait_until(lambda: list(container.states().values()) == ["RUNNING"] * 3, "three running")
    docker("stop", "--time", "10", container.name)
    assert container.state["ExitCode"] == 0

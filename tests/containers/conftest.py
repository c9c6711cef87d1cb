"""An engine, the images, the stack. Where no engine can be had, every test here is skipped, and counted."""

import os

import pytest
from harness import ROOT
from services import Container, Stack, docker, engine_answers, run


@pytest.fixture(scope="session")
def images():
    """Built anew; CSLSUP_IMAGES=ready takes them as they are."""
    names = {"cslsup": "cslsup", "laravel": "cslsup/laravel", "database": "cslsup/database"}
    was_there = engine_answers()
    if was_there and os.environ.get("CSLSUP_IMAGES") == "ready":
        yield names
        return
    done = run("sh", ROOT / "docker/up", "--images", timeout=900, check=False)
    if done.returncode == 3:
        pytest.skip("no Docker engine can be had here")
    assert done.returncode == 0, done.stdout
    yield names
    if not was_there:
        run("sh", ROOT / "docker/down")


@pytest.fixture(scope="session")
def stack(images):
    made = Stack()
    made.compose("down", "--volumes", check=False)
    try:
        made.compose("up", "-d", "--no-build")
        made.wait_healthy()
        yield made
    finally:
        print(made.compose("logs", "--no-color", "--tail=200", check=False).stdout[-30000:])
        made.compose("down", "--volumes", check=False)


@pytest.fixture
def start(images):
    """Starts containers of their own, and removes them with the test."""
    started = []

    def start(*words):
        started.append(Container(docker("run", "--detach", *words).stdout.split()[-1]))
        return started[-1]

    yield start
    for container in started:
        print(container.logs[-10000:])
        docker("rm", "--force", "--volumes", container.name)

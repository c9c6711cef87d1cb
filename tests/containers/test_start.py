"""What must not start, and how that is said."""

import time

import pytest
from services import PROJECT, docker, setting, write

DAEMON_LINES = ("fpm is running", "Processing", "Schedule worker started")


def laravel(role, images, **environment):
    words = []
    for name, value in {"CONTAINER_ROLE": role, "APP_KEY": setting("APP_KEY"), **environment}.items():
        words += ["--env", f"{name}={value}"]
    return words + [images["laravel"]]


def test_no_database_no_migration_no_daemon(start, images):
    began = time.monotonic()
    app = start(*laravel("app", images, DB_WAIT="3s"))
    assert app.wait_end() not in (0, 137)
    assert 3 <= time.monotonic() - began < 30
    assert "tcp://127.0.0.1:3306" in app.logs
    assert "Migrat" not in app.logs and not any(line in app.logs for line in DAEMON_LINES)


@pytest.mark.parametrize("role", ["queue", "scheduler", "nightwatch"])
def test_no_database_no_worker(start, images, role):
    container = start(*laravel(role, images, DB_WAIT="1s"))
    assert container.wait_end() not in (0, 137)
    assert not any(line in container.logs for line in DAEMON_LINES)


def test_failed_migration_ends_the_container_with_its_code(stack, start, images, tmp_path):
    php = write(tmp_path / "php", '#!/bin/sh\n[ "$2" != migrate ] || exit 7\nexec /usr/bin/php "$@"\n', 0o755)
    words = ["--network", f"{PROJECT}_default", "--volume", f"{php}:/usr/local/sbin/php:ro"]
    app = start(*words, *laravel("app", images, DB_HOST="database"))
    assert app.wait_end() == 7
    assert not any(line in app.logs for line in DAEMON_LINES)


@pytest.mark.parametrize("role, text", [("quue", "did you mean queue"), ("", "scheduler")])
def test_unknown_or_missing_role(images, role, text):
    done = docker("run", "--rm", *laravel(role, images), check=False)
    assert done.returncode == 2
    assert text in done.stdout and "nightwatch" in done.stdout


def test_nightwatch_needs_its_token(stack, start, images):
    words = ["--network", f"{PROJECT}_default"]
    agent = start(*words, *laravel("nightwatch", images, DB_HOST="database"))
    agent.wait_log("NIGHTWATCH_TOKEN")
    health = agent.exec("cslsup", "health", check=False)
    assert health.returncode == 1 and "nightwatch-agent" in health.stdout
    assert "listening" not in agent.logs


def test_roles_make_their_directories(stack, start, images, tmp_path):
    words = ["--network", f"{PROJECT}_default", "--volume", f"{tmp_path}:/var/www/html/storage"]
    queue = start(*words, *laravel("queue", images, DB_HOST="database"))
    queue.wait_log("laravel-queue_01 entered RUNNING")
    assert (tmp_path / "logs/queue.log").exists()

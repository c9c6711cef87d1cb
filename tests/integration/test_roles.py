"""One image, five roles: container contract §2, and the first user's files as they are."""

import shutil

import pytest
from harness import SHARED, wait_until

FIRST_USER = SHARED / "first-user/docker/supervisor"

ROLES = {
    "app.ini": "[program:web]\ncommand=sleep 1000\nstartsecs=0\n",
    "queue.ini": "[program:worker]\ncommand=sleep 1000\nstartsecs=0\n",
    "scheduler.conf": "[program:cron]\ncommand=sleep 1000\nstartsecs=0\n",
}
MAIN = "[cslsup]\nroles_dir=%(here)s/roles\n"


@pytest.fixture
def roles(cslsup, box):
    for name, text in ROLES.items():
        box.write(f"roles/{name}", text)

    def start(role, main=MAIN, **how):
        return cslsup(main, env={} if role is None else {"CONTAINER_ROLE": role}, **how)

    return start


@pytest.mark.parametrize(
    "role, expected",
    [("app", ["web"]), ("QUEUE", ["worker"]), ("scheduler", ["cron"]), ("app, Queue", ["web", "worker"])],
)
def test_role_selects_its_file(roles, role, expected):
    it = roles(role)
    for name in expected:
        it.wait_for("spawned: '")
    wait_until(lambda: it.health().returncode == 0)
    assert sorted(it.status()) == expected


def test_unknown_role_lists_the_roles_and_the_nearest(roles):
    it = roles("quue")
    assert it.wait_exit() == 2
    assert "did you mean queue?" in it.err and len(it.err.splitlines()) == 1
    for name in ("app", "queue", "scheduler"):
        assert name in it.err


def test_unset_role_is_an_error_but_for_a_default(roles):
    it = roles(None)
    assert it.wait_exit() == 2 and "CONTAINER_ROLE" in it.err and "scheduler" in it.err
    it = roles(None, MAIN + "default_role=queue\n")
    it.wait_for("spawned: 'worker'")


def test_role_variable_may_have_another_name(cslsup, box):
    box.write("roles/app.ini", ROLES["app.ini"])
    it = cslsup(MAIN + "role_env=CONTAINER_MODE\n", env={"CONTAINER_MODE": "app"})
    it.wait_for("spawned: 'web'")


def test_roles_key_without_files(cslsup):
    it = cslsup("""
        [program:all]
        command=sleep 1000
        startsecs=0
        [program:one]
        command=sleep 1000
        startsecs=0
        roles=app,queue
        [program:other]
        command=sleep 1000
        roles=scheduler
        """, env={"CONTAINER_ROLE": "queue"})
    it.wait_for("spawned: ", "spawned: ")
    assert sorted(it.status()) == ["all", "one"]


def test_without_roles_the_variable_is_ignored(cslsup):
    it = cslsup("[program:a]\ncommand=sleep 1000\n", env={"CONTAINER_ROLE": "whatever"})
    it.wait_for("spawned: 'a'")


def test_same_program_in_two_roles_names_both_files(roles, box):
    box.write("roles/queue.ini", ROLES["app.ini"])
    it = roles("app,queue")
    assert it.wait_exit() == 2
    assert "app.ini" in it.err and "queue.ini" in it.err and "web" in it.err


def test_role_expands(cslsup, box):
    box.write("roles/b.ini", "[program:x]\ncommand=sh -c 'echo \"<%(role)s>\"; exec sleep 1000'\n"
              "stdout_logfile=/dev/stdout\n")
    box.write("roles/a.ini", "[program:y]\ncommand=sleep 1000\n")
    it = cslsup(MAIN, env={"CONTAINER_ROLE": "B,a"})
    it.wait_for("<b,a>")


def test_the_role_file_alone_is_enough(cslsup, box):
    box.write("roles/app.ini", ROLES["app.ini"])
    it = cslsup(None, env={"CONTAINER_ROLE": "app"},
                setup=f"""
                mkdir -p {box.path}/etc/roles
                cp {box.path}/roles/app.ini {box.path}/etc/roles/
                [ -d /etc/cslsup ] || {{ mount -t tmpfs tmpfs /opt; cp -a /etc /opt/etc; mkdir -p /opt/etc/cslsup
                mount --bind /opt/etc /etc; }}
                mount --bind {box.path}/etc /etc/cslsup
                """)
    it.wait_for("spawned: 'web'")
    assert list(it.status()) == ["web"]


# The first user's files, untouched: php and the log folders are stubs.
STUBS = """
    mount -t tmpfs -o mode=755 tmpfs /opt
    mkdir -p /opt/usr /opt/work /opt/var/html/storage/logs
    printf '#!/bin/sh\\nexec sleep 1000\\n' >/opt/php && chmod 755 /opt/php
    touch /opt/work/php
    mkdir -p /var/www 2>/dev/null || true
    mount --bind /opt/var /var/www
    chown -R 33:33 /opt/var/html/storage
    mount -t tmpfs -o mode=755 tmpfs /etc/supervisor
    mkdir -p /etc/supervisor/conf.d /var/log/supervisor
    cp {files}/*.conf /etc/supervisor/conf.d/
    """

EVERYTHING = {
    "kafka-consumer", "kafka-outbox-processor", "laravel-queue:laravel-queue_00", "laravel-queue:laravel-queue_01",
    "laravel-scheduler", "nightwatch-agent", "order-regularizer"}


@pytest.fixture
def first_user(launch, names, box):
    if not FIRST_USER.exists():
        pytest.skip(f"{FIRST_USER} is not there")
    shutil.copytree(FIRST_USER, box.path / "files")
    (box.path / "files").chmod(0o755)

    def start(command, ctl, env):
        path = {"PATH": f"/opt:{'/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'}"}
        setup = STUBS.format(files=box.path / "files")
        return launch([names[command[0]], *command[1:]], names={**names, "ctl": [names[ctl[0]], *ctl[1:]]},
                      env={**path, **env}, setup=setup)

    return start


def test_first_users_files_run_unmodified(first_user):
    """All programs in every container, as they have it today under this name."""
    config = ["-c", "/etc/supervisor/conf.d/supervisord.conf"]
    it = first_user(["supervisord", "-n", *config], ["cslsup", "ctl"], {"CONTAINER_ROLE": "queue"})
    wait_until(lambda: it.ctl("status").returncode == 0, "all RUNNING")
    assert set(it.status()) == EVERYTHING
    assert len(it.inside("cat", "/var/log/supervisor/supervisord.log").stdout.splitlines()) > 7
    assert it.inside("cat", "/run/supervisord.pid").stdout == "1\n"


@pytest.mark.parametrize(
    "role, programs",
    [
        ("queue", {"laravel-queue:laravel-queue_00", "laravel-queue:laravel-queue_01"}),
        ("scheduler", {"laravel-scheduler", "order-regularizer"}),
        ("nightwatch", {"nightwatch-agent"}),
        ("kafka-consumer", {"kafka-consumer"}),
        ("outbox-processor", {"kafka-outbox-processor"}),
    ],
)
def test_each_role_starts_exactly_its_programs(first_user, box, role, programs):
    box.write("main.ini", "[cslsup]\nroles_dir=/etc/supervisor/conf.d\n")
    it = first_user(["cslsup", "-c", box.path / "main.ini"], ["cslsup", "ctl"], {"CONTAINER_ROLE": role})
    wait_until(lambda: it.ctl("status").returncode == 0 and it.status(), "all RUNNING")
    assert set(it.status()) == programs

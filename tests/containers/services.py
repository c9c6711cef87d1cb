"""Drives Docker and Compose for the tests of the real containers."""

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from harness import ROOT, wait_until

SERVICES = ("app", "queue", "reverb", "scheduler", "nightwatch")
PROJECT = "cslsup-test"
START = 180.0  # seconds in which everything must be healthy


def run(*words, timeout=120, check=True, env=None):
    """Runs a command to its end; stdout and stderr together in `.stdout`."""
    done = subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
    )
    assert not check or done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}"
    return done


def docker(*words, **how):
    return run("docker", *words, **how)


def engine_answers():
    return shutil.which("docker") is not None and docker("info", check=False).returncode == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Container:
    """One running or ended container."""

    def __init__(self, name):
        self.name = name

    def inspect(self):
        return json.loads(docker("inspect", self.name).stdout)[0]

    @property
    def state(self):
        return self.inspect()["State"]

    @property
    def health(self):
        return self.state["Health"]["Status"]

    @property
    def logs(self):
        return docker("logs", self.name).stdout

    def exec(self, *words, user=None, **how):
        return docker("exec", *(["--user", user] if user else []), self.name, *words, **how)

    def ctl(self, *words, **how):
        return self.exec("cslsup", "ctl", *words, **how)

    def pid(self, program):
        """0 while it does not run."""
        return int(self.ctl("pid", program, check=False).stdout.strip().splitlines()[-1])

    def states_by(self, *command):
        """Process name to state, as `COMMAND status` prints them."""
        lines = self.exec(*command, "status", check=False).stdout.splitlines()
        return {words[0]: words[1] for words in (line.split() for line in lines) if len(words) > 1}

    def states(self):
        return self.states_by("cslsup", "ctl")

    def wait_log(self, text, timeout=60.0):
        wait_until(lambda: text in self.logs, f"{text!r} in the log of {self.name}", timeout)

    def wait_end(self, timeout=60.0):
        """The exit code."""
        return int(docker("wait", self.name, timeout=timeout).stdout.strip())


class Stack:
    """The five services and their database as a Compose project of its own."""

    def __init__(self):
        self.ports = {name: free_port() for name in ("APP_PUBLISH", "REVERB_PUBLISH", "NIGHTWATCH_PUBLISH")}
        plugin = run("docker", "compose", "version", check=False).returncode == 0
        self.command = ["docker", "compose"] if plugin else ["docker-compose"]
        self.settings = {"COMPOSE_PROJECT_NAME": PROJECT, "REGULARIZER_EVERY": "5s", "QUEUE_GRACE": "30s"}

    def compose(self, *words, timeout=START, check=True, **settings):
        folder = ROOT / "docker"
        env = {**self.settings, **{name: str(port) for name, port in self.ports.items()}, **settings}
        where = ["--project-directory", folder, "--file", folder / "compose.yaml"]
        return run(*self.command, *where, *words, timeout=timeout, check=check, env=env)

    def __getitem__(self, service):
        label = "label=com.docker.compose."
        named = ["--filter", f"{label}project={PROJECT}", "--filter", f"{label}service={service}"]
        return Container(docker("ps", "--all", "--quiet", *named).stdout.split()[0])

    def environment(self, service):
        """What Compose gave the container, without what the image has."""
        pairs = dict(pair.split("=", 1) for pair in self[service].inspect()["Config"]["Env"])
        return {name: value for name, value in pairs.items() if name != "PATH"}

    def wait_healthy(self, *services, timeout=START):
        for service in services or SERVICES:
            wait_until(lambda: self[service].health == "healthy", f"{service} healthy", timeout)

    def http(self, path, data=None, timeout=30):
        """Status and body; 0 when nothing answers."""
        form = urllib.parse.urlencode(data).encode() if data is not None else None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['APP_PUBLISH']}{path}", form, timeout) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def rows(self, path):
        status, body = self.http(path)
        return json.loads(body) if status == 200 else []

    def dispatch(self, name, seconds=0, queue="default"):
        status, _ = self.http("/jobs", {"name": name, "seconds": seconds, "queue": queue})
        assert status == 202

    def job_done(self, name):
        return [row for row in self.rows("/jobs") if row["name"] == name]


def setting(name):
    """A value of docker/.env."""
    lines = (ROOT / "docker/.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)[name]


def write(path: Path, text, mode=0o644):
    path.write_text(text)
    path.chmod(mode)
    return path

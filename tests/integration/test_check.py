"""cslsup check (container contract §1, §8, §11): what it prints, where, and with which exit code."""

import json
import subprocess

import pytest
from harness import BINARY

GOOD = "[program:web]\ncommand=sleep 1\nstartsecs=%(ENV_SECS:-3)s\nrestart_delay=90s\ndepends_on=db:healthy\n" \
       "[program:db]\ncommand=sleep 1\n"
TYPO = "[program:web]\ncommand=sleep 1\nauto_start=true\n"
BAD = "[program:web]\ncommand=sleep 1\n\nautostart=maybe\n"


@pytest.fixture
def check(tmp_path):
    def run(text, *options, env=None):
        (tmp_path / "c.ini").write_text(text)
        return subprocess.run([BINARY, "check", "-c", "c.ini", *options], cwd=tmp_path, capture_output=True, text=True,
                              timeout=20, env={"PATH": "/usr/bin:/bin", **(env or {})})
    return run


def test_fine(check):
    done = check(GOOD, "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["config", "db", "web"]


def test_warning_names_place_code_and_mend(check):
    done = check(TYPO)
    assert done.returncode == 0
    assert "c.ini:3: warning[unknown-key]: unknown key auto_start; did you mean autostart?\n" in done.stdout
    assert check(TYPO, "--strict").returncode == 1


def test_refusal_is_one_line_on_stderr(check):
    done = check(BAD)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "c.ini:4: autostart: not a valid boolean value: 'maybe'; write true or false\n"


def test_json(check):
    answer = json.loads(check(GOOD, "--json").stdout)
    assert list(answer) == ["role", "programs", "errors", "warnings"]
    web = next(each for each in answer["programs"] if each["name"] == "web")
    assert (web["startsecs"], web["restart_delay"], web["depends_on"]) == (3, 90, ["db:healthy"])
    assert "oneshot" not in web and web["kind"] == "program"
    done = check(BAD, "--json")
    assert done.returncode == 2
    error = json.loads(done.stdout)["errors"][0]
    assert (error["file"], error["line"]) == ("c.ini", 4) and error["code"] and error["text"]


def test_explain(check):
    done = check(GOOD, "--explain", "web")
    assert done.returncode == 0
    assert "  startsecs=3  (c.ini:3)\n" in done.stdout
    assert "  stopsignal=TERM  (default)\n" in done.stdout
    assert "db:db" not in done.stdout
    assert check(GOOD, "--explain", "nobody").returncode == 2


def test_no_env(check):
    text = "[program:web]\ncommand=sleep %(ENV_SECS)s\nuser=nosuch\n"
    assert check(text).returncode == 2
    done = check(text, "--no-env")
    assert done.returncode == 0
    assert "c.ini:2: warning[unset-variable]" in done.stdout and "c.ini:3: warning[unknown-user]" in done.stdout


def test_wrong_calls(check):
    for options in (["--jsn"], ["word"], ["--role"]):
        done = check(GOOD, *options)
        assert done.returncode == 2 and done.stderr.startswith("cslsup") and done.stdout == ""

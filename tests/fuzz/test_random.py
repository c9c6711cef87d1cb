"""10,000 random configuration files and 200 malformed ones: no crash, no hang, a clear error with file and line.

They are loaded by one process of the address and undefined-behaviour sanitizers' build. CSLSUP_SEED repeats a run.
"""

import os
import random
import re
import subprocess

import generate
import pytest
from harness import BINARY, ROOT

DRIVER = ROOT / "build/asan/tests/fuzz_driver"
SEED = int(os.environ.get("CSLSUP_SEED", "20261124"))
COUNT = int(os.environ.get("CSLSUP_COUNT", "10000"))


def load(files, *options):
    """What the driver says of each file; ends the test when it dies on one."""
    if not DRIVER.exists():
        pytest.fail(f"{DRIVER} is not there: build the asan preset")
    names, said = files[0].with_suffix(".names"), files[0].with_suffix(".answers")
    names.write_text("".join(f"{each}\n" for each in files))
    with open(names) as stdin, open(said, "w") as stdout:  # no pipes: a random [include] may read /dev/stdout
        done = subprocess.run([DRIVER, *options], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, text=True,
                              errors="replace", timeout=600, env={"ASAN_OPTIONS": "detect_leaks=1"})
    answers = said.read_text(errors="replace").split("\0")[:-1]
    if done.returncode != 0 or len(answers) != len(files):
        culprit = files[min(len(answers), len(files) - 1)]
        kept = ROOT / "build/tests" / culprit.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(culprit.read_bytes())
        pytest.fail(f"exit {done.returncode} at {kept} after {len(answers)} files: {done.stderr[-3000:]}")
    return answers


@pytest.mark.parametrize("options", [[], ["--supervisord"]], ids=["cslsup", "supervisord"])
def test_random_files(tmp_path, options):
    source = random.Random(SEED + len(options))
    files = []
    for number in range(COUNT // 2):
        files.append(tmp_path / f"{number}.ini")
        files[-1].write_bytes(generate.random_ini(source))
    answers = load(files, *options)
    vague = [(file.read_bytes(), answer) for file, answer in zip(files, answers)
             if answer != "ok" and not re.fullmatch(r"bad /\S+:\d+: .*", answer)]
    assert options or vague == []  # supervisord's own texts say less, and may be of several lines
    assert sum(answer == "ok" for answer in answers) > COUNT // 50, "the generator makes nothing that loads"


def test_malformed_files_are_refused_at_their_line(tmp_path):
    cases = generate.malformed(random.Random(SEED))
    files = []
    for number, (text, _) in enumerate(cases):
        files.append(tmp_path / f"{number}.ini")
        files[-1].write_text(text)
    wrong = []
    for file, (text, line), answer in zip(files, cases, load(files)):
        if not answer.startswith(f"bad {file}:{line}: "):
            wrong.append(f"{text.splitlines()[line - 1]!r} in line {line}: {answer}")
    assert wrong == []


def test_long_values_and_names_are_never_cut(tmp_path):
    file = tmp_path / "long.ini"
    name, value = "n" * 255, "v" * 65000
    file.write_text(f"[program:{name}]\ncommand=echo {value}\nenvironment=A=\"{value}\"\n")
    done = subprocess.run([BINARY, "check", "--json", "-c", file], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and f"echo {value}" in done.stdout and done.stdout.count(value) == 2
    assert f'"{name}"' in done.stdout

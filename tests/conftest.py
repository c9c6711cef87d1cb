"""The fixtures of every test that runs a supervisor."""

import shutil
import textwrap

import pytest
from harness import BINARY, HEADER, Box, Instance


def pytest_addoption(parser):
    parser.addoption("--oracle", action="store_true", help="run the tests marked `same` under supervisord 4.2.5")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--oracle"):
        items[:] = [item for item in items if item.get_closest_marker("same")]


@pytest.fixture
def box():
    made = Box()
    yield made
    shutil.rmtree(made.path, ignore_errors=True)


@pytest.fixture(scope="session")
def names(request):
    """The binary under each of its names; with --oracle supervisord's own."""
    if request.config.getoption("--oracle"):
        yield {"supervisord": "/usr/bin/supervisord", "supervisorctl": "/usr/bin/supervisorctl"}
        return
    if not BINARY.exists():
        pytest.fail(f"{BINARY} is not there: build it first")
    folder, made = Box(), {}  # not pytest's own folder, which other users may not enter
    for name in ("cslsup", "supervisord", "supervisorctl"):
        made[name] = folder.path / name
        made[name].symlink_to(BINARY)
    yield made
    shutil.rmtree(folder.path, ignore_errors=True)


@pytest.fixture
def launch(box, request):
    """Starts instances, and ends them with the test."""
    started = []

    def start(command, **how):
        started.append(Instance(command, box, **how))
        return started[-1]

    yield start
    complaints = [instance.close() for instance in started]
    for instance in started:
        print(instance.log.text[-20000:])
    assert not any(complaints), "a sanitizer complains"


@pytest.fixture
def supervisord(launch, box, names):
    """Runs a configuration as `supervisord -n -c FILE`: by cslsup under that name, or (--oracle) by supervisord."""

    def start(ini, *options, **how):
        text = textwrap.dedent(ini)
        box.write("supervisord.conf", text if "[supervisord]" in text else HEADER + text)
        config = ["-c", box.path / "supervisord.conf"]
        ctl = {**names, "ctl": [names["supervisorctl"], *config]}
        return launch([names["supervisord"], "-n", *config, *options], names=ctl, **how)

    return start


@pytest.fixture
def cslsup(launch, box, names):
    """Runs a configuration as `cslsup -c FILE`, or `cslsup` alone (ini=None)."""

    def start(ini, *options, **how):
        config = []
        if ini is not None:
            config = ["-c", box.write("cslsup.ini", ini)]
        ctl = {**names, "ctl": [names["cslsup"], "ctl"]}
        return launch([names["cslsup"], *config, *options], names=ctl, **how)

    return start

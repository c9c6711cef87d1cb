"""It starts, and is reached, whoever it is and whatever was taken from it."""

import itertools

import pytest
from harness import wait_until
from services import docker, write

# A static image with nothing but cslsup has no passwd, no shell and no /run; a probe that never succeeds is its daemon.
CONFIG = """\
[cslsup]
roles_dir=/conf/none
[program:{name}]
command=/usr/local/bin/cslsup probe --wait 3600 tcp://127.0.0.1:1
"""

USERS = {"root": "0:0", "uid-1000": "1000:1000", "no-passwd-entry": "54321:54321"}
TAKEN = {
    "plain": [],
    "read-only": ["--read-only"],
    "cap-drop": ["--cap-drop=ALL", "--security-opt=no-new-privileges"],
    "read-only-cap-drop": ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"],
    "tini": ["--init"],
}


def supervisor(start, image, folder, name, *words):
    write(folder / f"{name}.ini", CONFIG.format(name=name))
    folder.chmod(0o755)
    volume = ["--volume", f"{folder}:/conf:ro", "--no-healthcheck"]
    container = start(*volume, *words, "--entrypoint", "/usr/local/bin/cslsup", image, "-c", f"/conf/{name}.ini")
    wait_until(lambda: container.states_by("/usr/local/bin/cslsup", "ctl") == {name: "RUNNING"}, f"{name} running")
    return container


@pytest.mark.parametrize("user, taken", itertools.product(USERS, TAKEN))
@pytest.mark.parametrize("image", ["cslsup", "laravel"])
def test_starts_and_answers(start, images, tmp_path, image, user, taken):
    container = supervisor(start, images[image], tmp_path, "own", "--user", USERS[user], *TAKEN[taken])
    assert container.exec("/usr/local/bin/cslsup", "health").returncode == 0
    if image == "laravel":
        assert container.states_by("supervisorctl") == {"own": "RUNNING"}


@pytest.mark.parametrize("user", USERS)
def test_neighbours_in_one_namespace_stay_apart(start, images, tmp_path, user):
    first = supervisor(start, images["laravel"], tmp_path, "first", "--user", USERS[user])
    shared = [f"--pid=container:{first.name}", f"--network=container:{first.name}"]
    second = supervisor(start, images["laravel"], tmp_path, "second", "--user", USERS[user], *shared)
    assert first.states() == {"first": "RUNNING"}
    second.ctl("stop", "second")
    assert second.states() == {"second": "STOPPED"}
    docker("stop", second.name)
    assert second.state["ExitCode"] == 0
    assert first.states() == {"first": "RUNNING"}
    assert first.exec("cslsup", "health").returncode == 0

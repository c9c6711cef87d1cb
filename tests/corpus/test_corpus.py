"""Real configuration files get the verdict and, field by field, the programs that supervisord 4.2.5 gave them.

The files lie in ../shared/corpus; its README says what each needs. Every file is read in a mount namespace with a root
of its own: a tmpfs with the users, groups and folders of that file, nothing of this machine but /usr and /dev.
With --oracle supervisord itself reads them: that proves this test's surroundings.
"""

import ctypes
import json
import os
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from harness import BINARY, SHARED

CORPUS = SHARED / "corpus"
CASES = sorted(path.stem for path in CORPUS.glob("*.json"))

ACCOUNTS = """root:0 daemon:1 bin:2 sys:3 sync:4:65534 games:5:60 man:6:12 lp:7 mail:8 news:9 uucp:10 proxy:13 www-data:33
backup:34 list:38 irc:39 _apt:42:65534 nobody:65534""".split()
GROUPS = """root:0 daemon:1 bin:2 sys:3 adm:4 tty:5 disk:6 lp:7 mail:8 news:9 uucp:10 man:12 proxy:13 kmem:15 dialout:20
fax:21 voice:22 cdrom:24 floppy:25 tape:26 sudo:27 audio:29 dip:30 www-data:33 backup:34 operator:37 list:38 irc:39 src:40
shadow:42 utmp:43 video:44 sasl:45 plugdev:46 staff:50 games:60 users:100 nogroup:65534""".split()

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUTS = 0x20000, 0x4000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000


def check_call(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(source, target, kind=None, flags=0):
    arguments = [value.encode() if value is not None else None for value in (source, str(target), kind)]
    check_call(libc.mount(*arguments, ctypes.c_ulong(flags), None))


def number(name):
    """The id that the README gives an invented user or group."""
    return int(name) if name.isdigit() else zlib.crc32(name.encode()) % 50000 + 1000


def passwd(users):
    lines = []
    for account in ACCOUNTS:
        name, uid, gid = (account + ":" + account.split(":")[1]).split(":")[:3]
        lines.append(f"{name}:x:{uid}:{gid}:{name}:/root:/bin/sh\n")
    lines += [f"{name}:x:{number(name)}:{number(name)}::/home/{name}:/bin/sh\n" for name in users]
    return "".join(lines)


def group(groups):
    return "".join(f"{each.split(':')[0]}:x:{each.split(':')[1]}:\n" for each in GROUPS) + "".join(
        f"{name}:x:{number(name)}:\n" for name in groups)


class Case:
    """The surroundings of one file, inside the root: /t/here holds the file, /t/work is the working directory."""

    here, parent, work = "/t/here", "/t", "/w/work"

    def __init__(self, name):
        self.name, self.want = name, json.loads((CORPUS / f"{name}.json").read_text())
        self.conf = f"{self.here}/{'main' if self.want['wrapped'] else name}.conf"

    def place(self, text):
        return text.replace("@HERE@", self.here).replace("@PARENT@", self.parent)

    def placed(self, value):
        if isinstance(value, str):
            return self.place(value)
        if isinstance(value, list):
            return [self.placed(each) for each in value]
        if isinstance(value, dict):
            return {key: self.placed(each) for key, each in value.items()}
        return value

    def enter(self):
        """In the child, before exec: builds the root and goes there."""
        check_call(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS))
        mount("none", "/", None, MS_REC | MS_PRIVATE)
        if self.want.get("hostname"):
            name = self.want["hostname"].encode()
            check_call(libc.sethostname(name, len(name)))
        text = (CORPUS / f"{self.name}.conf").read_bytes()
        mount("tmpfs", "/mnt", "tmpfs")
        root = Path("/mnt")
        for name in ("usr", "dev", "proc"):
            (root / name).mkdir()
            mount(f"/{name}", root / name, None, MS_BIND | MS_REC)
        for name in ("bin", "sbin", "lib", "lib64"):
            if os.path.islink(f"/{name}"):
                (root / name).symlink_to(os.readlink(f"/{name}"))
            elif os.path.isdir(f"/{name}"):
                (root / name).mkdir()
                mount(f"/{name}", root / name, None, MS_BIND | MS_REC)
        shutil.copy(BINARY, root / "cslsup") if BINARY.exists() else None
        for name in ("etc", "tmp", "root", "run", "var/log", "opt", "srv", "home"):
            (root / name).mkdir(parents=True)
        (root / "var/run").symlink_to("/run")
        (root / "etc/passwd").write_text(passwd(self.want["needs"]["users"]))
        (root / "etc/group").write_text(group(self.want["needs"]["groups"]))
        for folder in (self.here, self.work):
            os.makedirs(f"/mnt{folder}")
        (root / f"{self.here[1:]}/{self.name}.conf").write_bytes(text)
        if self.want["wrapped"]:
            main = f"[supervisord]\nnodaemon=true\n[include]\nfiles={self.name}.conf\n"
            (root / f"{self.here[1:]}/main.conf").write_text(main)
        os.chroot("/mnt")
        os.chdir(self.work)
        for folder in self.want["needs"]["dirs"]:
            os.makedirs(self.place(folder), exist_ok=True)

    def run(self, command):
        return subprocess.run(command, env=self.want["env"], preexec_fn=self.enter, capture_output=True, timeout=20)


def differences(got, want):
    """Field by field; a type counts."""
    found = []
    rows = {(each["group"], each["name"]): each for each in got}
    for each in want:
        key = (each["group"], each["name"])
        row = rows.pop(key, None)
        if row is None:
            found.append(f"{key} is missing")
            continue
        for field, value in each.items():
            if type(row.get(field)) is not type(value) or row.get(field) != value:
                found.append(f"{key} {field}: {row.get(field)!r}, should be {value!r}")
    return found + [f"{key} should not be there" for key in rows]


ORACLE = """
import sys
from supervisor.options import ServerOptions
o = ServerOptions()
o.realize(args=["-n", "-c", sys.argv[1]])
"""


@pytest.mark.skipif(not CASES, reason=f"{CORPUS} is not there")
@pytest.mark.same
@pytest.mark.parametrize("name", CASES or ["none"])
def test_verdict_and_programs(name, request):
    case = Case(name)
    want = case.want["verdict"]
    if request.config.getoption("--oracle"):
        done = case.run(["/usr/bin/python3", "-c", ORACLE, case.conf])
        if case.want.get("plugins"):
            return
        assert (want == "accept") == (done.returncode == 0), done.stderr.decode()
        return
    done = case.run(["/cslsup", "check", "--json", "-c", case.conf])
    assert done.returncode in (0, 2), (done.returncode, done.stderr.decode(errors="replace"))
    answer = json.loads(done.stdout)
    verdict = "reject" if done.returncode == 2 else "accept"
    assert bool(answer["errors"]) == (verdict == "reject")
    if not (case.want.get("plugins") and verdict == "accept"):
        assert verdict == want, (answer["errors"], case.want.get("message"))
    if verdict == "accept":
        assert differences(answer["programs"], case.placed(case.want["programs"])) == []

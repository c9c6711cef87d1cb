"""The same scenario under supervisord 4.2.5 and under cslsup called by that name: everything visible must be alike.

A difference that is meant stands in differences/TEST.txt: `#` lines give the reason, `- REGEX` removes lines of
supervisord's transcript, `+ REGEX` lines of ours. An entry that removes nothing is an error, so that none outlives its
reason; differences/every-scenario.txt holds for all scenarios.
"""

import difflib
import re
import signal
import textwrap
from pathlib import Path

import pytest
from harness import HEADER, Box, Instance, wait_until

ORACLE = {"supervisord": "/usr/bin/supervisord", "supervisorctl": "/usr/bin/supervisorctl"}
DIFFERENCES = Path(__file__).parent / "differences"


class Run:
    """One side: drives an instance and writes down what can be seen of it."""

    def __init__(self, names, ini, env=None):
        self.box, self.names, self.lines = Box(), names, []
        text = textwrap.dedent(ini)
        config = self.box.write("supervisord.conf", text if "[supervisord]" in text else HEADER + text)
        self.config = ["-c", config]
        ctl = {**names, "ctl": [names["supervisorctl"], *self.config]}
        self.it = Instance([names["supervisord"], "-n", *self.config], self.box, names=ctl, env=env)

    def mask(self, text):
        text = text.replace(str(self.box.path), "@").replace(str(self.names["supervisord"]), "supervisord")
        text = text.replace(str(self.names["supervisorctl"]), "supervisorctl")
        text = re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", "", text)
        text = re.sub(r"\bpid \d+", "pid N", re.sub(r"('[^']+') \(\d+\)", r"\1 (N)", text))
        text = re.sub(r"uptime \d+:\d\d:\d\d", "uptime T", text)
        text = re.sub(r"\w{3} \d\d \d\d:\d\d [AP]M", "DATE", text)
        # groups that an update added come last here and by name there
        return re.sub("(waiting for )(.*)( to die)", lambda m: m[1] + ", ".join(sorted(m[2].split(", "))) + m[3], text)

    def note(self, title, text):
        self.lines += [f"{title}: {self.mask(line)}" for line in text.splitlines()]

    def ctl(self, *words):
        done = self.it.ctl(*words)
        lines = (done.stdout + done.stderr).splitlines()
        if all(re.search(": (started|stopped)$", line) for line in lines):
            lines.sort()  # in the order in which they happen to end
        self.note("$ " + " ".join(words), "\n".join(lines))
        self.lines.append(f"$ {' '.join(words)}: exit {done.returncode}")

    def finish(self, code=None):
        """Ends the instance if need be, and adds its log: the lines of each process in their order, then the rest."""
        code = self.it.stop(30) if code is None else code
        self.lines.append(f"exit {code}")
        groups = {}
        for line in self.it.out.splitlines():
            line = self.mask(line)
            if re.search("waiting for .* to stop", line):
                continue  # every 2 s of a loop that turns once a second: there or not by chance
            found = re.search(r"(?:spawned: '|exited: |stopped: |success: |gave up: |killing ')([\w-]+)", line)
            groups.setdefault(found[1] if found else "", []).append(line)
        for name in sorted(groups):
            self.note(f"log {name}", "\n".join(groups[name]))
        errors = "\n".join(line for line in self.it.err.splitlines() if not line.startswith("unshare:"))
        self.note("stderr", errors)


SESSION = [
    "status", "status a nosuch", "start b", "stop a", "stop a", "start a", "restart b", "restart nosuch", "pid nosuch",
    "signal HUP nosuch", "signal FOO a", "signal", "start", "stop", "tail", "tail a b c", "tail a", "clear a", "clear",
    "add nosuch", "remove nosuch", "avail", "reread", "update", "version", "nosuch word", "help", "help start",
    "help status", "help nosuch", "stop g:*", "start g:", "start g:one", "status g:*", "stop all", "start nosuch:*", "fg",
    "fg nosuch", "reread x", "maintail -x", "shutdown x", "exit", "quit",
]
SLEEP, DIE = "command=sleep 1000", "command=sh -c 'exit 3'"


def basic(run):
    run.it.running("a", "b")
    run.ctl("status")
    run.finish()


def crash(run):
    run.it.wait_for("gave up: a", timeout=40)
    run.ctl("status")
    run.ctl("start", "a")
    run.it.wait_for("gave up: a", timeout=40)
    run.finish()


def exits(run):
    for name in ("zero", "listed", "unlisted", "killed", "quick"):
        run.it.log.cursor = 0
        run.it.wait_for(f"exited: {name}")
    run.ctl("status")
    run.finish()


def session(run):
    run.it.running("a")
    for words in SESSION:
        run.ctl(*words.split())
    run.finish()


def environment(run):
    run.it.running("a")
    wait_until(lambda: run.box.read("env").count("END"))
    run.note("env", "\n".join(sorted(run.box.read("env").splitlines())))
    run.finish()


def update(run):
    run.it.running("keep", "change", "go")
    config = run.box.path / "supervisord.conf"
    text = config.read_text().replace("program:go", "program:new")
    config.write_text(text.replace("[program:change]\n", "[program:change]\nstartsecs=0\n"))
    for words in ("reread", "status", "avail", "update", "reread", "status"):
        run.ctl(*words.split())
        if words == "update":
            run.it.running("new")
    config.write_text(text + "\n[program:]bad\n")
    run.ctl("reread")
    run.finish()


def hup(run):
    run.it.running("a")
    run.it.signal(signal.SIGHUP)
    run.it.wait_for("stopped: a")
    run.it.running("a")
    run.it.signal(signal.SIGUSR2)
    run.it.wait_for("log reopen")
    run.finish()


def stubborn(run):
    run.it.running("a", "b")
    run.finish()


def spawn_errors(run):
    for name in ("absent", "folder", "plain", "empty", "quote"):
        run.it.log.cursor = 0
        run.it.wait_for(f"gave up: {name}", timeout=30)
    run.ctl("status")
    for name in ("absent", "folder", "plain", "empty", "quote"):
        run.ctl("start", name)
    run.finish()


def shutdown(run):
    run.it.running("a", "b")
    run.ctl("shutdown")
    run.finish(run.it.wait_exit(30))


TRAP = "command=sh -c \"trap '' TERM; while :; do sleep 0.2; done\""
SCENARIOS = {
    basic: f"[program:a]\n{SLEEP}\n[program:b]\n{SLEEP}\npriority=5\n",
    crash: f"[program:a]\n{DIE}\nstartretries=1\n",
    exits: """
        [program:zero]
        command=sleep 1.3
        autorestart=false
        [program:listed]
        command=sh -c 'sleep 1.3; exit 4'
        autorestart=false
        exitcodes=0,4
        [program:unlisted]
        command=sh -c 'sleep 1.3; exit 5'
        autorestart=false
        [program:killed]
        command=sh -c 'sleep 1.3; kill -KILL $$'
        autorestart=false
        [program:quick]
        command=true
        startsecs=0
        autorestart=false
        """,
    session: f"""
        [program:a]
        command=sh -c 'echo hello; exec sleep 1000'
        [program:b]
        {SLEEP}
        autostart=false
        [group:g]
        programs=one,two
        [program:one]
        {SLEEP}
        [program:two]
        {SLEEP}
        """,
    environment: """
        [supervisord]
        nodaemon=true
        logfile=/dev/null
        logfile_maxbytes=0
        pidfile=%(here)s/pid
        environment=GLOBAL="%(here)s",SHARED="global"
        [unix_http_server]
        file=%(here)s/sock
        [rpcinterface:supervisor]
        supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
        [supervisorctl]
        serverurl=unix://%(here)s/sock
        [program:a]
        command=sh -c '(env; id; umask; grep -E "Sig(Blk|Cgt)" /proc/self/status; echo END) >env; exec sleep 1000'
        directory=%(here)s
        environment=OWN="%(program_name)s %(process_num)d %(group_name)s",SHARED="own",Q='a b',E=""
        umask=027
        user=www-data
        """,
    update: f"[program:keep]\n{SLEEP}\n[program:change]\n{SLEEP}\n[program:go]\n{SLEEP}\n",
    hup: f"[program:a]\n{SLEEP}\n",
    stubborn: f"[program:a]\n{TRAP}\nstopwaitsecs=1\n[program:b]\n{SLEEP}\npriority=5\nstopsignal=INT\n",
    spawn_errors: "".join(
        f"[program:{name}]\ncommand={command}\nstartretries=0\n"
        for name, command in (("absent", "/no/such"), ("folder", "/tmp"), ("plain", "/etc/passwd"), ("empty", ""),
                              ("quote", "echo 'open"))),
    shutdown: f"[program:a]\n{SLEEP}\n[program:b]\n{SLEEP}\n",
}


def meant(scenario):
    """The entries of a differences file: [sign, expression, used]."""
    path = DIFFERENCES / (re.sub(r"\W+", "-", scenario).strip("-") + ".txt")
    lines = path.read_text().splitlines() if path.exists() else []
    return [[line[0], re.compile(line[2:]), False] for line in lines if line[:2] in ("- ", "+ ")]


def everywhere():
    return [[sign, expression, True] for sign, expression, _ in meant("every-scenario")]


def without(lines, sign, entries):
    kept = []
    for line in lines:
        hits = [entry for entry in entries if entry[0] == sign and entry[1].search(line)]
        for entry in hits:
            entry[2] = True
        if not hits:
            kept.append(line)
    return kept


def compare(scenario, theirs, ours):
    entries = meant(scenario) + everywhere()
    found = list(difflib.unified_diff(without(theirs, "-", entries), without(ours, "+", entries), "supervisord 4.2.5",
                                      "cslsup", lineterm="", n=1))
    assert not found, "\n" + "\n".join(found)
    assert [entry[1].pattern for entry in entries if not entry[2]] == [], "differences that are none"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_scenario(names, scenario):
    sides = []
    for each in (ORACLE, names):
        run = Run(each, SCENARIOS[scenario], env={"GIVEN": "1"})
        try:
            scenario(run)
        finally:
            run.it.close()
            print(run.it.log.text)
        sides.append(run.lines)
    compare(scenario.__name__, *sides)


BAD = {
    "no section": "command=x\n",
    "no delimiter": "[program:a]\ncommand\n",
    "no supervisord": "[program:a]\ncommand=x\n",
    "no command": "[supervisord]\n[program:a]\n",
    "bool": "[supervisord]\n[program:a]\ncommand=x\nautostart=perhaps\n",
    "autorestart": "[supervisord]\n[program:a]\ncommand=x\nautorestart=perhaps\n",
    "int": "[supervisord]\n[program:a]\ncommand=x\nstartsecs=1.5\n",
    "size": "[supervisord]\n[program:a]\ncommand=x\nstdout_logfile_maxbytes=1TB\n",
    "octal": "[supervisord]\n[program:a]\ncommand=x\numask=9\n",
    "signal": "[supervisord]\n[program:a]\ncommand=x\nstopsignal=FOO\n",
    "signal number": "[supervisord]\n[program:a]\ncommand=x\nstopsignal=99\n",
    "user": "[supervisord]\n[program:a]\ncommand=x\nuser=nosuch\n",
    "uid": "[supervisord]\n[program:a]\ncommand=x\nuser=54321\n",
    "numprocs": "[supervisord]\n[program:a]\ncommand=x\nnumprocs=2\n",
    "name": "[supervisord]\n[program:a b]\ncommand=x\n",
    "process name": "[supervisord]\n[program:a]\ncommand=x\nprocess_name=a/b\n",
    "format": "[supervisord]\n[program:a]\ncommand=x %(nosuch)s\n",
    "bad format": "[supervisord]\n[program:a]\ncommand=100%\n",
    "environment": "[supervisord]\n[program:a]\ncommand=x\nenvironment=A\n",
    "environment quote": "[supervisord]\n[program:a]\ncommand=x\nenvironment=A=\"x\n",
    "logfile": "[supervisord]\n[program:a]\ncommand=x\nstdout_logfile=/no/such/log\n",
    "kill": "[supervisord]\n[program:a]\ncommand=x\nstopasgroup=true\nkillasgroup=false\n",
    "exitcodes": "[supervisord]\n[program:a]\ncommand=x\nexitcodes=1,x\n",
    "exitcode range": "[supervisord]\n[program:a]\ncommand=x\nexitcodes=256\n",
    "group": "[supervisord]\n[group:g]\nprograms=nosuch\n",
    "listener": "[supervisord]\n[eventlistener:a]\ncommand=x\n",
    "listener type": "[supervisord]\n[eventlistener:a]\ncommand=x\nevents=NOSUCH\n",
    "listener stderr": "[supervisord]\n[eventlistener:a]\ncommand=x\nevents=TICK_5\nredirect_stderr=true\n",
    "buffer": "[supervisord]\n[eventlistener:a]\ncommand=x\nevents=TICK_5\nbuffer_size=0\n",
    "fcgi": "[supervisord]\n[fcgi-program:a]\ncommand=x\n",
    "fcgi socket": "[supervisord]\n[fcgi-program:a]\ncommand=x\nsocket=nosuch\n",
    "unix server": "[supervisord]\n[unix_http_server]\nchmod=0700\n",
    "half auth": "[supervisord]\n[unix_http_server]\nfile=/tmp/s\nusername=u\n",
    "inet": "[supervisord]\n[inet_http_server]\nport=99999\n",
    "rpcinterface": "[supervisord]\n[rpcinterface:x]\n",
    "loglevel": "[supervisord]\nloglevel=loud\n",
    "main logfile": "[supervisord]\nlogfile=/no/such/log\n",
    "main user": "[supervisord]\nuser=nosuch\n",
    "directory": "[supervisord]\ndirectory=/no/such\n",
    "main bool": "[supervisord]\nnodaemon=x\n",
    "minfds": "[supervisord]\nminfds=many\n",
    "main format": "[supervisord]\nlogfile=%(nosuch)s\n",
    "include": "[supervisord]\n[include]\n",
}
CALLS = {
    "-v": ["-v"],
    "positional": ["word"],
    "unknown": ["--nosuch"],
    "no argument": ["-c"],
    "no file": ["-c", "/no/such/file"],
    "loglevel": ["-e", "loud"],
    "user": ["-u", "nosuch"],
    "bad int": ["-z", "x"],
}


def outcome(names, arguments, box, program="supervisord"):
    it = Instance([names[program], *arguments], box)
    try:
        code = it.wait_exit()
    finally:
        it.close()
    text = it.out + "".join(line for line in it.err.splitlines(True) if not line.startswith("unshare:"))
    text = text.replace(str(names[program]), program).replace(str(box.path), "@")
    return [f"exit {code}", *re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", "", text).splitlines()]


@pytest.mark.parametrize("name", BAD)
def test_config_error(names, box, name):
    box.write("bad.conf", BAD[name])
    compare(f"config {name}", *[outcome(each, ["-n", "-c", box.path / "bad.conf"], box) for each in (ORACLE, names)])


def test_help_names_the_same_options(names, box):
    """The words are our own."""
    theirs, ours = [[line.split()[0] for line in outcome(each, ["-h"], box) if line.startswith("-")]
                    for each in (ORACLE, names)]
    assert theirs == ours and len(ours) > 15


@pytest.mark.parametrize("name", CALLS)
def test_call(names, box, name):
    compare(f"call {name}", *[outcome(each, CALLS[name], box) for each in (ORACLE, names)])


@pytest.mark.parametrize(
    "words",
    ["status", "start a", "version", "-h", "--nosuch", "-s", "-c /no/such status", "-s unix:///no/such pid",
     "-s http://127.0.0.1:1 status", "-s ftp://x status", "help"],
)
def test_supervisorctl_without_a_server(names, box, words):
    box.write("supervisord.conf", "[supervisord]\n[supervisorctl]\nserverurl=unix:///tmp/no-such-socket\n")
    compare(f"supervisorctl {words}", *[outcome(each, words.split(), box, "supervisorctl") for each in (ORACLE, names)])

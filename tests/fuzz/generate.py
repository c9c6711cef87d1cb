"""Configuration files nobody would write: random ones, and malformed ones whose first bad line is known."""

import string
from pathlib import Path

BOOLEANS = """autostart redirect_stderr stopasgroup killasgroup stdout_events_enabled stderr_syslog oneshot enabled
essential""".split()
NUMBERS = """priority numprocs numprocs_start startsecs startretries stopwaitsecs stdout_logfile_backups
healthcheck_retries""".split()
SIZES = "stdout_logfile_maxbytes stderr_logfile_maxbytes stdout_capture_maxbytes".split()
SECONDS = "run_timeout restart_delay restart_delay_max healthcheck_interval healthcheck_timeout".split()
TEXTS = """command process_name user umask directory environment serverurl exitcodes stopsignal stdout_logfile
stderr_logfile autorestart roles depends_on schedule schedule_timezone notify healthcheck on_unhealthy on_fatal on_exit
stop_command env_file secrets require_env log_format log_prefix limit_nofile stdout_tee stdout_logfile_rotate
nosuchkey events socket""".split()
VALUES = [
    'true', 'false', 'on', '0', '1', '-1', '3', '007', '1_000', '99999999999999999999', '1.5', '', ' ', '10KB',
    '2GB', '5m', '90s', 'TERM', 'SIGHUP', 'root', 'www-data', '33', 'nosuch', '/tmp', '/no/such/dir/x',
    '/dev/stdout', 'NONE', 'AUTO', 'syslog', '%(here)s/x', '%(program_name)s_%(process_num)02d', '%(ENV_GIVEN)s',
    '%(ENV_NOPE)s', '%(ENV_NOPE:-dflt)s', '%(ENV_EMPTY:+yes)s', '%(ENV_NOPE:?needed)s', '%', '%%', '%(', '%(x',
    '%()s', '%(here)d', '%(process_num)99999d', '%(process_num)*d', 'A=1,B=2', 'A="x,y",B=\'z\'', 'A="open', 'A=',
    '=', 'a ; comment', 'a # comment', 'a;b', 'sleep 1000', 'sh -c \'echo "x"; y\'', "echo 'open", '\\', 'a\\',
    '@daily', '@every 5s', '* * * * *', '*/5 1-3,7 * JAN mon', '60 * * * *', 'Europe/Berlin', '../../etc/passwd',
    'exec: true', 'tcp://127.0.0.1:1', 'http://h:0/', 'log: 5s', 'a:healthy,b', 'a,b', ',', 'unexpected', 'json',
    'daily', 'fd:3', 'é ü 漢', '\x1b[31m', '[x]', ']', 'key=value', ':', '0-255', '2,x',
    "x" * 300,
]
NAMES = ["a", "b", "web", "queue worker", "", "a:b", "a/b", "x" * 255, "é", "DEFAULT", "%(here)s"]
KINDS = ["program", "group", "eventlistener", "fcgi-program", "ctlplugin", "nosuch", "PROGRAM"]
FITTING = {  # what a section of this kind must have
    "program": ["command=sleep 1000"],
    "eventlistener": ["command=sleep 1000", "events=TICK_5"],
    "fcgi-program": ["command=sleep 1000", "socket=unix:///tmp/s"],
    "group": ["programs=a,b"],
    "include": ["files=/no/such/*.ini"],
    "inet_http_server": ["port=9001"],
    "unix_http_server": ["file=/tmp/sock"],
}
PLAIN = """supervisord supervisorctl unix_http_server inet_http_server include cslsup program_defaults DEFAULT
nosuch""".split()


def value(random):
    kind = random.random()
    if kind < 0.85:
        return random.choice(VALUES)
    if kind < 0.95:
        return "".join(random.choice(string.printable[:95]) for _ in range(random.randrange(80)))
    if kind < 0.98:
        return random.choice(VALUES) * random.randrange(1, 40)
    return "".join(chr(random.randrange(1, 0x250)) for _ in range(random.randrange(2000)))


def option(random):
    pool = random.choice([BOOLEANS, NUMBERS, SIZES, SECONDS, TEXTS, TEXTS, TEXTS])
    key = random.choice(pool)
    fitting = {id(BOOLEANS): ["true", "false"], id(NUMBERS): ["1", "2"], id(SIZES): ["1KB"], id(SECONDS): ["1s"]}
    good = fitting.get(id(pool))
    text = random.choice(good) if good and random.random() < 0.8 else value(random)
    line = f"{random.choice(['', '', '', ' ', '    '])}{key}{random.choice(['=', ' = ', ':', '=', '='])}{text}"
    while random.random() < 0.08:
        line += "\n" + random.choice(["  ", "\t", "        "]) + value(random)
    return line


def section(random):
    if random.random() < 0.75:
        return f"[{random.choice(KINDS[:1] * 6 + KINDS)}:{random.choice(NAMES[:3] * 4 + NAMES)}]"
    return f"[{random.choice(PLAIN)}]"


def random_ini(random):
    """Bytes: mostly near-valid text, sometimes with damage."""
    lines = ["[supervisord]"] if random.random() < 0.7 else []
    for _ in range(random.randrange(1, 8)):
        lines.append(section(random))
        lines += [line for line in FITTING.get(lines[-1].strip("[]").split(":")[0], []) if random.random() < 0.9]
        lines += [option(random) for _ in range(random.randrange(6))]
        if random.random() < 0.1:
            lines.append(random.choice(["; comment", "# comment", "", "   ", "junk", "[", "]", "[]", "=x", "\t=\t"]))
    data = random.choice(["\n", "\n", "\n", "\r\n"]).join(lines).encode("utf-8", "surrogatepass")
    if random.random() < 0.1 and data:
        place = random.randrange(len(data))
        data = data[:place] + bytes(random.randrange(256) for _ in range(random.randrange(1, 5))) + data[place:]
    if random.random() < 0.05:
        data = data[: random.randrange(len(data) + 1)]
    return data + (b"\n" if random.random() < 0.9 else b"")


# One bad option each, in a program that is fine but for it.
BAD_OPTIONS = (Path(__file__).parent / "bad_options.txt").read_text().splitlines()
BAD_LINES = [
    "junk", "command", "[open", "=value", "key without a delimiter", "\x01\x02", "é", '"quoted"', "[[", "%(here)s", "]",
]


def malformed(random):
    """(text, number of the bad line): 200 of them, good lines around."""
    cases = []
    while len(cases) < 200:
        before = random.randrange(4)
        lines = ["[supervisord]", "nodaemon=true"]
        for number in range(before):
            lines += [f"[program:fine{number}]", "command=sleep 1", "; a comment", ""][: 2 + random.randrange(3)]
        lines += ["[program:good]", "command=sleep 1"]
        lines += ["[program:bad]"]
        pick = len(cases)
        if pick < len(BAD_OPTIONS):
            bad = BAD_OPTIONS[pick]
            if not bad.startswith("command"):
                lines += ["command=sleep 1"]
        elif pick % 3:
            bad = BAD_OPTIONS[random.randrange(len(BAD_OPTIONS))]
            if not bad.startswith("command"):
                lines += ["command=sleep 1"]
        else:
            bad = random.choice(BAD_LINES)
            lines += ["command=sleep 1"]
        lines.append(bad)
        number = len(lines)
        lines += random.choice([[], ["serverurl=AUTO"], ["", "[program:after]", "command=sleep 1"]])
        cases.append(("\n".join(lines) + "\n", number))
    return cases

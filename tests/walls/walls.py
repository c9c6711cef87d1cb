"""The walls of the house (DESIGN, Floors): each function reads a tree and returns its violations as lines of text."""

import re
import subprocess
from pathlib import Path

MIDDLE = ["config", "wire", "os"]
APPLETS = ["init", "gate", "ctl", "probe", "health", "check", "exec"]
BELOW = {
    "base": [],
    "core": ["base"],
    **{floor: ["base", "core"] for floor in MIDDLE},
    **{applet: ["base", "core", *MIDDLE] for applet in APPLETS},
}
# A foreign library lives behind one door: header -> where it may be included.
DOORS = {
    "ev.h": re.compile(r"(src|include)/(init|gate)/"),
    "ini.h": re.compile(r"src/config/ini\.c$"),
    "curl/curl.h": re.compile(r"src/probe/"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 500


def sources(root):
    """Every C file of the house with its path from the root and its floor ('' for main.c)."""
    for top in ("src", "include"):
        for path in sorted(Path(root, top).rglob("*.[ch]")):
            name = path.relative_to(root).as_posix()
            parts = name.split("/")
            yield path, name, parts[1] if len(parts) > 2 else ""


def check_includes(root):
    bad = []
    for path, name, floor in sources(root):
        if floor and floor not in BELOW:
            bad.append(f"{name}: {floor} is no floor")
            continue
        allowed = {floor, *BELOW[floor]} if floor else set(BELOW)
        for quote, header in INCLUDE.findall(path.read_text()):
            door = DOORS.get(header)
            if door and not door.match(name):
                bad.append(f"{name}: {header} may not be included here")
            elif quote == '"' and "/" in header and header.split("/")[0] not in allowed:
                bad.append(f"{name}: {floor or 'main'} may not include {header}")
            elif quote == '"' and ".." in header:
                bad.append(f"{name}: {header} leaves its folder")
    return bad


def check_sizes(root):
    """In this style only a function's body has its braces alone in the first column."""
    bad = []
    for path, name, _ in sources(root):
        lines = path.read_text().splitlines()
        if len(lines) > FILE_LINES_MAX:
            bad.append(f"{name}: {len(lines)} lines, at most {FILE_LINES_MAX}")
        start = None
        for number, line in enumerate(lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start + 1 > FUNCTION_LINES_MAX:
                    bad.append(f"{name}:{start}: function of {number - start + 1} lines, at most {FUNCTION_LINES_MAX}")
                start = None
    return bad


def check_documented(root):
    """A header opens with a comment, and each group of prototypes without a blank line between has one; the opening
    comment is enough where a header has but one group."""
    bad = []
    for path in sorted(Path(root, "include").rglob("*.h")):
        name, text, bare, groups = path.relative_to(root).as_posix(), path.read_text(), [], 0
        if not text.startswith("/*"):
            bad.append(f"{name}:1: does not say what it is for")
        line = 1
        for block in re.split(r"(\n(?:[ \t]*\n)+)", text):
            code = re.sub(r"/\*.*?\*/|//[^\n]*", "", block, flags=re.S)
            prototype = re.search(r"^(?!typedef)[a-z][\w \t*]*?\b(\w+)\([^;{]*\)[^;{]*;", code, re.M)
            if prototype and not code.lstrip().startswith("#define"):
                groups += 1
                if code == block:
                    bare.append(f"{name}:{line}: {prototype[1]} has no comment")
            line += block.count("\n")
        bad += bare if groups > 1 else []
    return bad


def check_format(root):
    files = [str(path) for path, _, _ in sources(root)]
    if not files:
        return []
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], capture_output=True, text=True, cwd=root)
    return [line for line in done.stderr.splitlines() if "error:" in line]


# What pure code may call of libc: it reads and writes memory that it was given, and nothing else.
PURE = set(
    """memcpy memmove memset memcmp memchr memmem rawmemchr strlen strnlen strcmp strncmp strchr strrchr strstr strspn
    strcspn strpbrk strcasecmp strncasecmp snprintf vsnprintf qsort bsearch abs labs llabs setjmp _setjmp longjmp
    __stack_chk_fail __ctype_b_loc __assert_fail _GLOBAL_OFFSET_TABLE_
    __memcpy_chk __memset_chk __memmove_chk __snprintf_chk __vsnprintf_chk __isoc99_sscanf""".split()
)
# The one thing of the floor below that does more: it writes the log line.
LOG_LINE = {"log_line", "log_enabled", "log_level_tag"}


def symbols(archive):
    """Per member of an archive: what it defines and what it wants."""
    text = subprocess.run(["nm", "-A", str(archive)], capture_output=True, text=True, check=True).stdout
    members = {}
    for line in text.splitlines():
        found = re.match(r".*?:([^:]+):\s*[0-9a-f]*\s+([A-Za-z])\s+(\S+)", line)
        if found:
            defined, wanted = members.setdefault(found[1], (set(), set()))
            (wanted if found[2] in "Uw" else defined).add(found[3].split("@")[0])
    return members


def check_pure(archive, below=()):
    """What the archive wants, followed through the members of the archives below it, is pure; the log line excepted."""
    providers = {}
    for library in (archive, *below):
        for member, (defined, wanted) in symbols(library).items():
            for symbol in defined:
                providers.setdefault(symbol, (f"{Path(library).name}({member})", wanted))
    bad, seen = [], set()
    todo = [(symbol, member) for member, (_, wanted) in symbols(archive).items() for symbol in sorted(wanted)]
    while todo:
        symbol, user = todo.pop(0)
        if symbol in seen or symbol in PURE or symbol in LOG_LINE:
            continue
        seen.add(symbol)
        if symbol not in providers:
            bad.append(f"{user} calls {symbol}")
            continue
        place, wanted = providers[symbol]
        todo += [(each, f"{user} -> {symbol} in {place}") for each in sorted(wanted)]
    return bad

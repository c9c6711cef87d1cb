"""The walls hold; and each check catches a violation planted for it."""

import subprocess
from pathlib import Path

import pytest
import walls

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("check", [walls.check_includes, walls.check_sizes, walls.check_documented, walls.check_format])
def test_house(check):
    assert check(ROOT) == []


def test_core_is_pure():
    library = ROOT / "build/dev/src"
    assert walls.check_pure(library / "libcore.a", [library / "libbase.a"]) == []


def plant(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "name, text",
    [
        ("src/base/a.c", '#include "core/machine.h"\n'),
        ("src/core/a.c", '#include "os/clock.h"\n'),
        ("src/config/a.c", '#include "wire/json.h"\n'),
        ("src/ctl/a.c", '# include "health/health.h"\n'),
        ("include/wire/a.h", '#include "init/serve.h"\n'),
        ("src/os/a.c", "#include <ev.h>\n"),
        ("src/config/load.c", "#include <ini.h>\n"),
        ("src/init/a.c", "#include <curl/curl.h>\n"),
        ("src/cellar/a.c", '#include "base/buf.h"\n'),
    ],
)
def test_include_across_a_wall_is_caught(tmp_path, name, text):
    plant(tmp_path, name, '#include "base/buf.h"\n' + text)
    assert len(walls.check_includes(tmp_path)) == 1


def test_includes_through_the_doors_are_fine(tmp_path):
    plant(tmp_path, "src/init/loop.c", '#include <ev.h>\n#include <stdio.h>\n#include "os/spawn.h"\n')
    plant(tmp_path, "src/config/ini.c", '#include <ini.h>\n#include "core/types.h"\n')
    plant(tmp_path, "src/main.c", '#include "init/init.h"\n#include "ctl/ctl.h"\n')
    assert walls.check_includes(tmp_path) == []


def test_long_function_and_file_are_caught(tmp_path):
    plant(tmp_path, "src/base/a.c", "int f(void)\n{\n" + "    g();\n" * 59 + "}\n")
    plant(tmp_path, "src/base/b.c", "int x;\n" * 501)
    assert len(walls.check_sizes(tmp_path)) == 2


def test_bare_prototype_and_header_are_caught(tmp_path):
    plant(tmp_path, "include/base/a.h", "/* Why. */\n\n/* Does f. */\nint f(void);\nint f2(void);\n\nint g(void);\n")
    plant(tmp_path, "include/base/b.h", "#pragma once\n")
    assert [line.split(": ", 1)[1] for line in walls.check_documented(tmp_path)] == [
        "g has no comment",
        "does not say what it is for",
    ]


def test_bad_format_is_caught(tmp_path):
    plant(tmp_path, ".clang-format", (ROOT / ".clang-format").read_text())
    plant(tmp_path, "src/base/a.c", "int f(void) { return 1; }\n")
    assert walls.check_format(tmp_path)


def archive(root, name, text):
    source = plant(root, f"{name}.c", text)
    subprocess.run(["gcc", "-c", source, "-o", source.with_suffix(".o")], check=True)
    subprocess.run(["ar", "rc", root / f"{name}.a", source.with_suffix(".o")], check=True)
    return root / f"{name}.a"


@pytest.mark.parametrize(
    "call, name",
    [
        ("long time(long *); void f(void) { time(0); }", "time"),
        ("void *malloc(unsigned long); void *f(void) { return malloc(1); }", "malloc"),
        ("int kill(int, int); void f(void) { kill(1, 9); }", "kill"),
        ("void deep(void); void f(void) { deep(); }", "read"),
    ],
)
def test_impure_call_is_caught(tmp_path, call, name):
    below = archive(tmp_path, "below", "long read(int, void *, unsigned long); void deep(void) { read(0, 0, 0); }")
    found = walls.check_pure(archive(tmp_path, "upper", call), [below])
    assert len(found) == 1 and found[0].endswith(f"calls {name}")


def test_pure_calls_are_fine(tmp_path):
    below = archive(tmp_path, "below", 'int abs(int); int deep(void) { return abs(1); }')
    text = "void log_line(int, const char *, ...); int deep(void); void f(void) { log_line(1, \"\"); deep(); }"
    assert walls.check_pure(archive(tmp_path, "upper", text), [below]) == []

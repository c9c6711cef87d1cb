"""The documents keep up with the code: every key is described, every link leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "conf/reference.md"
OPTIONS = ROOT / "include/config/options.def"
DOCUMENTS = sorted(path for path in ROOT.glob("**/*.md") if "build" not in path.relative_to(ROOT).parts)


def anchors(text):
    """GitHub's names for the headings of a page."""
    return {re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
            for line in text.splitlines() if line.startswith("#")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document):
    text = document.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        page = document.parent / name if name else document
        assert page.exists(), target
        assert not anchor or anchor in anchors(page.read_text()), target


@pytest.mark.skipif(not OPTIONS.exists(), reason="no table of options yet")
def test_every_key_of_ours_is_in_the_reference():
    text = OPTIONS.read_text()
    keys = re.findall(r'^(?:PROGRAM|DAEMON)\(\w+, "(\w+)",[^"]*(?:"[^"]*",[^"]*)?(?:OURS|LATER)\b', text, re.M)
    keys += ["limit_" + name for name in re.findall(r'^LIMIT_OPTION\("(\w+)"\)', text, re.M)]
    assert len(keys) > 30
    described = set(re.findall(r"`(\w+)`", REFERENCE.read_text()))
    assert [key for key in keys if key not in described] == []


def test_every_code_of_check_is_in_the_reference():
    codes = {code for path in (ROOT / "src/config").glob("*.c")
             for code in re.findall(r'find_fault\(\s*\w+,\s*"([a-z-]+)"', path.read_text())}
    rows = " ".join(re.findall(r"^\| ([a-z, -]+) \|", REFERENCE.read_text(), re.M))
    assert sorted(codes - set(re.split(r"[, ]+", rows))) == []


def test_the_map_names_files_that_exist():
    names = set(re.findall(r"`((?:base|core|config|wire|os|init|ctl|probe)/\w+(?:\.\w+)?)`", (ROOT / "src/README.md").read_text()))
    assert len(names) > 15
    there = {path.relative_to(top).as_posix() for top in (ROOT / "src", ROOT / "include") for path in top.rglob("*.*")}
    there |= {name.rsplit(".", 1)[0] for name in there}
    assert sorted(names - there) == []

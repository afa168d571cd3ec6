"""What every house rule shares: the project's files, and how a rule reports.

A rule is an executable tools/check_NAME whose `findings(tree)` yields a Finding for each breach. It
prints them one a line and exits 1 if there were any. `--root DIR` points it at another tree, which
is how tools/tests proves that each rule can fail.
"""

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Callable, Iterable, Iterator, NamedTuple

# Never the project's own text: what builds, runs and fuzzing leave behind or keep.
SKIPPED_FOLDERS = {".git", "build", "dist", "generated", "node_modules", "callboard-data",
                   "__pycache__", ".pytest_cache", "corpus"}
SHEBANG_LENGTH = 64


class Finding(NamedTuple):
    path: Path
    line: int  # 0: the file as a whole
    text: str


class Tree:
    """The files below one root, by their paths relative to it."""

    def __init__(self, root: Path):
        self.root = root
        self.files = sorted(self._walk())

    def _walk(self) -> Iterator[Path]:
        for folder, subfolders, names in os.walk(self.root):
            subfolders[:] = [name for name in subfolders if name not in SKIPPED_FOLDERS]
            for name in names:
                yield (Path(folder) / name).relative_to(self.root)

    def with_suffix(self, *suffixes: str, under: str = "") -> list[Path]:
        return [path for path in self.files
                if path.suffix in suffixes and path.is_relative_to(under)]

    def text(self, path: Path) -> str:
        """The file's text; empty if it is binary."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""

    def lines(self, path: Path) -> Iterator[tuple[int, str]]:
        return enumerate(self.text(path).splitlines(), start=1)

    def is_script(self, path: Path) -> bool:
        """An executable without a suffix, such as tools/lint."""
        if path.suffix:
            return False
        with open(self.root / path, "rb") as file:
            return file.read(SHEBANG_LENGTH).startswith(b"#!")


def matches(tree: Tree, paths: Iterable[Path], pattern: str, text: str) -> Iterator[Finding]:
    """A finding for each line of `paths` in which `pattern` occurs."""
    regex = re.compile(pattern)
    for path in paths:
        for number, line in tree.lines(path):
            if found := regex.search(line):
                yield Finding(path, number, f"{text}: {found.group(0).strip()}")


def main(findings: Callable[[Tree], Iterable[Finding]], description: str | None) -> None:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    report(findings(Tree(parser.parse_args().root.resolve())))


def report(findings: Iterable[Finding]) -> None:
    count = 0
    for path, line, text in findings:
        print(f"{path}:{line}: {text}" if line else f"{path}: {text}")
        count += 1
    sys.exit(1 if count else 0)

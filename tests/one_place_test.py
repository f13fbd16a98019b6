#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adding one thing touches one place: an oracle, a fault, an action, an option at most three files, its own test or
seed among them; a backend its folder and one line.

Each file of tests/one_place/ is an addition: it edits a copy of the tree, and says what shows that it works.
The files that an edit touches are counted by git; then all additions are built together, and each is used.
What it shows must not be there without it, and the checks of the tables must be content with the tree as it is.

An addition has apply(tree), shows(interplay), and may have TESTS, its own (names of ctest's), PROGRAMS, those that are
programs of the same name, and FOLDER, what counts as one place.

Usage: one_place_test.py [ADDITION]...     (default: all)
"""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/dev")).resolve()
FILES_MAX = 3

# Tests that say whether tables, and all that is made from them, agree; and the targets that are built for them.
PROGRAMS = ["plan_test", "json_test", "protobuf_test", "generate_test", "options_test"]
CHECKS = [*PROGRAMS, "check_format", "check_layers", "plan_schema_test", "plan_numbers_test"]
TARGETS = [*PROGRAMS, "interplay", "interplay_plan_documents"]


class Failure(Exception):
    """What is wrong, for the one line that says so."""


def run(*command, cwd, **options):
    done = subprocess.run([str(word) for word in command], cwd=cwd, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


class Tree:
    """A copy of the sources, and the edits of additions."""

    def __init__(self, root):
        self.root = root
        shutil.copytree(SOURCE, root, symlinks=True,
                        ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
        self.git("init", "-q")
        self.commit("before")

    def git(self, *words):
        return run("git", "-c", "user.name=test", "-c", "user.email=test", "-c", "core.autocrlf=false", *words,
                   cwd=self.root)

    def commit(self, message):
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--no-verify", "-m", message)

    def touched(self):
        """{file: (lines added, lines removed)} since the last commit."""
        self.git("add", "-A", "-f")
        rows = (row.split("\t") for row in self.git("diff", "--cached", "--numstat", "--no-renames").splitlines())
        return {name: (int(added), int(removed)) for added, removed, name in rows}

    def write(self, path, text):
        """A new file."""
        file = self.root / path
        if file.exists():
            raise Failure(f"{path} is there already")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def replace(self, path, pattern, text):
        """The one place in `path` that the regular expression matches becomes `text`."""
        file = self.root / path
        if not file.exists():
            raise Failure(f"there is no {path}")
        before = file.read_text()
        found = re.findall(pattern, before, re.MULTILINE)
        if len(found) != 1:
            raise Failure(f"{path} has {len(found)} places like /{pattern}/, one is expected")
        file.write_text(re.sub(pattern, lambda match: match.expand(text), before, flags=re.MULTILINE))

    def after(self, path, pattern, text):
        self.replace(path, f"(?P<anchor>{pattern})", r"\g<anchor>" + text.replace("\\", r"\\"))

    def before(self, path, pattern, text):
        self.replace(path, f"(?P<anchor>{pattern})", text.replace("\\", r"\\") + r"\g<anchor>")

    def free_number(self, path, macro, numbers, arguments=r"(\d+),"):
        """The first of `numbers` behind all that rows of the table have, MACRO(NUMBER, ...)."""
        used = map(int, re.findall(rf"^ *{macro}\({arguments}", (self.root / path).read_text(), re.MULTILINE))
        return max((number for number in used if number in numbers), default=numbers[0] - 1) + 1

    def append(self, path, text):
        with open(self.root / path, "a") as file:
            file.write(text)


class Program:
    """A build of interplay, called in a folder of its own."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.said = "" # by all calls, for who wants to know why something does not show

    def file(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def __call__(self, *words):
        """Exit status, and what was printed."""
        done = subprocess.run([str(self.path), *map(str, words)], cwd=self.folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        self.said += f"$ interplay {' '.join(map(str, words))}\n{done.stdout}"
        return done.returncode, done.stdout


def load_additions(names):
    additions = {}
    for path in sorted((SOURCE / "tests/one_place").glob("*.py")):
        if names and path.stem not in names:
            continue
        spec = importlib.util.spec_from_file_location(f"one_place_{path.stem}", path)
        additions[path.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(additions[path.stem])
    if not additions or len(additions) < len(names):
        raise Failure("there is no such addition")
    return additions


def count(addition, touched):
    """None, or what is wrong with the places it touches."""
    folder = getattr(addition, "FOLDER", None) # all in it is one place
    outside = {name: lines for name, lines in touched.items() if not folder or not name.startswith(folder)}
    if folder and (list(outside.values()) != [(1, 0)] or len(outside) == len(touched)):
        return f"touches more than {folder} and one line: {outside}"
    if not folder and not 0 < len(touched) <= FILES_MAX:
        return f"touches {len(touched)} files, at most {FILES_MAX} are allowed: {', '.join(touched)}"
    return None


def cached(name):
    """The value of a CMake variable in the build that this test belongs to."""
    found = re.search(rf"^{name}:[A-Z]+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE)
    return found.group(1) if found else ""


def build(tree, programs):
    # The same SQLite, as it was compiled for the build that this test belongs to (cmake/compile-cached).
    run("cmake", "--preset", "dev", f"-DINTERPLAY_SQLITE_DIR={cached('INTERPLAY_SQLITE_DIR')}", cwd=tree.root)
    run("cmake", "--build", "--preset", "dev", "-j2", "--target", *TARGETS, *programs, cwd=tree.root)
    return tree.root / "build/dev"


def names_of(additions, attribute):
    return {name for addition in additions.values() for name in getattr(addition, attribute, [])}


def test(names, work):
    wrong = []
    additions = load_additions(names)
    tree = Tree(work / "tree")
    for name, addition in additions.items():
        addition.apply(tree)
        touched = tree.touched()
        problem = count(addition, touched)
        print(f"{name}: {len(touched)} files: {' '.join(touched)}")
        if problem:
            wrong.append(f"{name}: {problem}")
        tree.commit(name)
    programs = names_of(additions, "PROGRAMS")
    built = build(tree, programs)
    folder = work / "plans"
    folder.mkdir()
    before, after = Program(BUILD / "interplay", folder), Program(built / "interplay", folder)
    for name, addition in additions.items():
        if addition.shows(before):
            wrong.append(f"{name}: shows without the addition, too")
        after.said = ""
        if not addition.shows(after):
            wrong.append(f"{name}: does not show:\n{after.said[-4000:]}")
    tests = {*CHECKS, *programs, *names_of(additions, "TESTS")}
    try:
        run("ctest", "--preset", "dev", "-j2", "-R", f"^({'|'.join(tests)})$", cwd=tree.root)
    except Failure as failure:
        wrong.append(str(failure))
    return wrong


def main():
    with tempfile.TemporaryDirectory() as work:
        try:
            wrong = test(sys.argv[1:], pathlib.Path(work))
        except Failure as failure:
            wrong = [str(failure)]
    for problem in wrong:
        print(f"one_place_test: {problem}", file=sys.stderr)
    print("one_place_test: " + (f"{len(wrong)} failures" if wrong else "ok"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

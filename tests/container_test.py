#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The image of the Dockerfile has what scripts/install-dependencies installs, and the dev container is that image; for pools alone less is installed.

What the Dockerfile copies, from what Dockerfile.dockerignore lets through, is laid out in a folder as in the image, and the command of
its RUN is called there with the tools that install things replaced by ones that only write down what they were asked for:
every package that the script names is asked for. The image itself is not built: that needs a daemon.

Usage: container_test.py
"""
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent


def instructions(text):
    """Pairs of word and rest; continued lines are one."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, rest = line.split(None, 1)
        yield word, " ".join(rest.split())


def passes(path, rules):
    """Whether Dockerfile.dockerignore lets a file through: the last rule that fits decides."""
    is_in = True
    for rule in rules:
        if fnmatch.fnmatch(path, rule.lstrip("!")):
            is_in = rule.startswith("!")
    return is_in


def lay_out(image, copies, rules):
    """Copies as the image does; what is wrong, as lines."""
    for copy in copies:
        *sources, target = copy.split()
        for source in sources:
            if not passes(source, rules):
                yield f"Dockerfile.dockerignore leaves {source} out, which the Dockerfile copies"
            elif not (ROOT / source).is_file():
                yield f"the Dockerfile copies {source}, which is not there"
            else:
                folder = image / target.lstrip("/")
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, folder)


def pretend(folder):
    """Programs for PATH: nothing is installed, and what is asked for is written down."""
    tools = {
        "apt-get": 'echo "$@" >>"$ASKED"',
        "apt-cache": "echo offered",
        "dpkg-query": "exit 1",
        "cmake": 'touch "$ASKED.cmake.$(basename "${@: -1}")"; [[ -e $ASKED.clang ]] || { touch "$ASKED.clang"; exit 1; }',
        "sudo": 'while [[ $1 == -* ]]; do shift; done; exec "$@"',
        "clang": 'echo 14.0.6',
    }
    for name, body in tools.items():
        (folder / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (folder / name).chmod(0o755)
    for name in ("bash", "env", "dirname", "basename", "touch", "awk", "sed", "head"):
        (folder / name).symlink_to(shutil.which(name))


def run_command(image, command):
    """What it asks the packages' manager for, as words."""
    tools = image / "tools"
    tools.mkdir()
    pretend(tools)
    asked = image / "asked"
    asked.touch()
    first = command.split("&&")[0].strip().split()
    done = subprocess.run([str(image / first[0].lstrip("/")), *first[1:]], capture_output=True, text=True, check=False,
                          env={"PATH": str(tools), "ASKED": str(asked), "HOME": os.environ.get("HOME", "/")})
    return done.returncode, done.stderr, asked.read_text().split()


def named_packages(table):
    """Those of a table in the script."""
    text = (ROOT / "scripts" / "install-dependencies").read_text()
    return re.search(rf"^{table}=\((.*?)\)", text, re.DOTALL | re.MULTILINE)[1].split()


def check(dockerfile, rules, arguments=None):
    """What is wrong, as lines; with other arguments of the script than the image's, if they are given."""
    steps = list(instructions(dockerfile))
    runs = [rest for word, rest in steps if word == "RUN"]
    if arguments is not None:
        runs[0] = f"{runs[0].split()[0]} {arguments}"
    with tempfile.TemporaryDirectory() as name:
        image = pathlib.Path(name)
        wrong = list(lay_out(image, [rest for word, rest in steps if word == "COPY"], rules))
        if wrong:
            return wrong
        status, said, asked = run_command(image, runs[0])
    if status != 0:
        return [f"'{runs[0]}' came to {status}: {said}"]
    wanted = {*named_packages("pool_packages"), "clang"}
    others = {*named_packages("packages"), *named_packages("welcome_packages"), "llvm", "clang-format-14"}
    wrong = [f"'{runs[0]}': {package} is not asked for" for package in wanted - set(asked)]
    if "pools" in runs[0].split():
        return wrong + [f"'{runs[0]}': {package} is asked for" for package in others & set(asked)]
    return wrong + [f"'{runs[0]}': {package} is not asked for" for package in (others | {"afl++"}) - set(asked)]


def main():
    """Checks both files, and that the check sees what is missing."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    rules = [line for line in (ROOT / "Dockerfile.dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    wrong = check(dockerfile, rules) + check(dockerfile, rules, "pools")
    if not check(dockerfile.replace(" scripts/lib.sh", ""), rules):
        wrong.append("a Dockerfile that does not copy scripts/lib.sh passes")
    if not check(dockerfile, [rule for rule in rules if "clang" not in rule]):
        wrong.append("a Dockerfile.dockerignore that leaves out what is copied passes")
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    made_of = (ROOT / ".devcontainer" / container["build"]["dockerfile"]).resolve()
    if made_of != (ROOT / "Dockerfile").resolve():
        wrong.append(f"the dev container is made of {made_of}")
    print("\n".join(wrong) or "the image has what the script installs")
    return 1 if wrong else 0


sys.exit(main())

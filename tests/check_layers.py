#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each layer includes only what the table of docs/architecture.md allows: one direction, nobody looks back.

Reads the #include lines of src/, backends/, fuzz/ and include/interplay/. The table is the one place that says what
is allowed, and must itself be in order: a row includes only rows above it, and each has its folder. `--self-test` proves
that illegal includes and tables are seen.
"""

import pathlib
import re
import sys
import tempfile

TABLE = "docs/architecture.md"
EVERYTHING = ("all above", "all")
NOTHING = ("nothing else of ours", "public headers")

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def read_table(text):
    """The layers in their order, each with those that it may include besides itself and the public headers; messages."""
    rows = re.findall(r"^\| `([\w/]+)/` \| .* \| ([^|]*) \|$", text, re.MULTILINE)
    allowed, messages = {}, []
    for folder, cell in rows:
        layer = "public" if folder.startswith("include") else folder.split("/")[-1]
        words = [word.strip("* ") for word in cell.split(",")]
        above = list(allowed)
        if words == [EVERYTHING[0]] or words == [EVERYTHING[1]]:
            words = above
        words = [word for word in words if word not in NOTHING and not word.startswith("nothing ")]
        messages += [f"{TABLE}: {layer} may include {word}, which is no layer above it"
                     for word in words if word not in above]
        allowed[layer] = words
    if not allowed:
        messages.append(f"{TABLE}: no table of layers")
    return allowed, messages


def folder_of(layer, root):
    return root / {"public": "include/interplay", "backends": "backends", "fuzz": "fuzz"}.get(layer, f"src/{layer}")


def layer_of(path, root):
    """The layer of a file and, in backends/, its folder; (None, ...) if it belongs to none."""
    parts = path.relative_to(root).parts
    if parts[0] == "include":
        return "public", None
    if parts[0] == "fuzz":
        return "fuzz", None
    if len(parts) < 3:
        return None, None
    if parts[0] == "backends":
        return "backends", parts[1]
    return parts[1], None


def target_of(name, path, root):
    """What `name`, included by `path`, belongs to: (layer, backend folder), None if not ours."""
    first = name.split("/")[0]
    if first == "interplay":
        return "public", None
    if "/" not in name:
        return layer_of(path.parent / name, root) if (path.parent / name).exists() else None
    if (root / "backends" / first).is_dir():
        return "backends", first
    if (root / "src" / first).is_dir():
        return first, None
    return None


def check(root, table):
    """Returns (number of files read, list of messages)."""
    allowed_of, messages = read_table(table)
    messages += [f"{TABLE}: {layer} is no folder" for layer in allowed_of if not folder_of(layer, root).is_dir()]
    files = sorted(
        path
        for folder in ("include", "src", "backends", "fuzz")
        for path in (root / folder).rglob("*")
        if path.suffix in (".c", ".h", ".def", ".inc")
    )
    for path in files:
        where = path.relative_to(root)
        layer, backend = layer_of(path, root)
        if layer not in allowed_of:
            messages.append(f"{where}: layer '{layer}' is not in the table of {TABLE}")
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            name = match.group(1)
            if ".." in name.split("/"):
                messages.append(f'{where}:{number}: "{name}": write it from the root of includes')
                continue
            target = target_of(name, path, root)
            if target is None or target == ("public", None):
                continue
            if target != (layer, backend) and target[0] not in allowed_of[layer]:
                messages.append(f'{where}:{number}: {layer} must not include "{name}"')
    return len(files), messages


def self_test(table):
    legal = {
        "include/interplay/backend.h": "#include <interplay/value.h>\n#include <stdint.h>",
        "src/base/arena.c": '#include "base/arena.h"\n#include <interplay/error.h>',
        "src/plan/plan.c": '#include "base/arena.h"\n#include "plan/ops.def"\n#include <jansson.h>',
        "src/run/run.c": '#include "oracle/snapshot.h"\n#include "sqlite/sim_vfs.h"',
        "backends/sqlite/sim_vfs.c": '#include "sqlite/sim_vfs.h"\n#include "sim/storage.h"',
        "src/cli/main.c": '#include "report/text.h"',
        "fuzz/fuzz_sqlite.c": '#include "run/run.h"',
    }
    illegal = {
        "include/interplay/pool.h": '#include "base/arena.h"',
        "include/interplay/fuzz.h": "#include <base/arena.h>",
        "src/base/hash.c": '#include "plan/plan.h"',
        "src/sim/clock.c": '  #  include "plan/plan.h"',
        "src/stack/direct.c": '#include "sim/clock.h"',
        "src/pool/pool.c": '#include "sim/posix.h"',
        "src/model/model.c": '#include "sqlite/sim_vfs.h"',
        "src/oracle/durability.c": '#include "run/trace.h"',
        "src/generate/generate.c": '#include "../run/trace.h"',
        "backends/memory/memory.c": '#include "sqlite/sim_vfs.h"',
        "backends/sqlite/other.c": '#include "run/run.h"',
        "src/newlayer/x.c": "",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**legal, **illegal}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for layer in read_table(table)[0]:
            folder_of(layer, root).mkdir(parents=True, exist_ok=True)
        _, messages = check(root, table)
    seen = {message.split(":")[0] for message in messages}
    wrong = [f"not seen: {name}" for name in illegal if name not in seen]
    wrong += [f"wrongly refused: {name}" for name in legal if name in seen]
    wrong += [f"table wrongly refused: {message}" for message in messages if message.startswith(TABLE)]
    for what, spoilt in {
        "to the right": table.replace("| public headers |", "| base, plan |", 1),
        "no such layer": table.replace("| public headers |", "| bass |", 1),
        "no table": table.replace("`src/", "src/").replace("`include/", "include/").replace("`fuzz", "fuzz")
                         .replace("`backends", "backends"),
    }.items():
        if not read_table(spoilt)[1]:
            wrong.append(f"table, {what}: not seen")
    return wrong


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    table = (root / TABLE).read_text()
    if sys.argv[1:] == ["--self-test"]:
        count, messages = 1, self_test(table)
    else:
        count, messages = check(root, table)
    if count == 0:
        messages.append("no file found")
    print("\n".join(messages) or f"check_layers: {count} files are in order")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())

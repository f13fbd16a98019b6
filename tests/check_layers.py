#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each layer includes only what the table allows: one direction, nobody looks back.

Reads the #include lines of src/, backends/, fuzz/ and include/interplay/. `--self-test` proves that
illegal includes are seen.
"""

import pathlib
import re
import sys
import tempfile

# layer: layers that it may include, besides itself and the public headers. "*" is all of them.
# "backends" stands for every folder in backends/; one backend does not lean on another.
ALLOWED = {
    "public": [],
    "base": [],
    "sim": ["base"],
    "sql": ["base"],
    "plan": ["base", "sql"],
    "pool": [],
    "backends": ["base", "sim"],
    "stack": [],
    "model": ["base", "plan", "sql"],
    "history": ["base", "plan", "sql", "sim", "model"],
    "oracle": ["base", "plan", "model", "history"],
    "run": ["base", "plan", "sim", "sql", "pool", "backends", "stack", "model", "history", "oracle"],
    "generate": ["base", "plan"],
    "shrink": ["base", "plan", "sim", "run", "oracle", "model"],
    "bugbase": ["base", "plan", "run", "oracle", "model"],
    "report": ["base", "plan", "run", "oracle", "model", "history"],
    "cli": ["*"],
    "fuzz": ["*"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


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
    if first in ALLOWED or (root / "src" / first).is_dir():
        return first, None
    return None


def check(root):
    """Returns (number of files read, list of messages)."""
    messages = []
    files = sorted(
        path
        for folder in ("include", "src", "backends", "fuzz")
        for path in (root / folder).rglob("*")
        if path.suffix in (".c", ".h", ".def", ".inc")
    )
    for path in files:
        where = path.relative_to(root)
        layer, backend = layer_of(path, root)
        if layer not in ALLOWED:
            messages.append(f"{where}: layer '{layer}' is not in the table of tests/check_layers.py")
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
            allowed = ALLOWED[layer]
            same = target == (layer, backend)
            if not same and "*" not in allowed and target[0] not in allowed:
                messages.append(f'{where}:{number}: {layer} must not include "{name}"')
    return len(files), messages


def self_test():
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
        _, messages = check(root)
    seen = {message.split(":")[0] for message in messages}
    wrong = [f"not seen: {name}" for name in illegal if name not in seen]
    wrong += [f"wrongly refused: {name}" for name in legal if name in seen]
    return wrong


def main():
    if sys.argv[1:] == ["--self-test"]:
        count, messages = 1, self_test()
    else:
        count, messages = check(pathlib.Path(__file__).resolve().parent.parent)
    if count == 0:
        messages.append("no file found")
    print("\n".join(messages) or f"check_layers: {count} files are in order")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())

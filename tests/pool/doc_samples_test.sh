#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Each block of C in docs/pool.md stands, to the letter and as whole lines, in doc_samples.c, which is compiled and run as
# another test. A document that is spoilt must fail.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

check() { # <document>
    python3 - "$1" doc_samples.c <<'PYTHON'
import pathlib
import re
import sys

document, samples = (pathlib.Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
blocks = re.findall(r"^```c\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
missing = [block for block in blocks if "\n" + block not in samples]
for block in missing:
    print("FAIL: not in doc_samples.c:\n" + block)
print(f"{len(blocks)} blocks, {len(missing)} of them not in doc_samples.c")
sys.exit(1 if missing or not blocks else 0)
PYTHON
}

check ../../docs/pool.md

changed=$(mktemp)
trap 'rm -f "$changed"' EXIT
for spoil in 's/^    struct stream \*stream;/    struct stream *strean;/' '/^```c$/d'; do
    sed "$spoil" ../../docs/pool.md >"$changed"
    if cmp -s "$changed" ../../docs/pool.md; then
        echo "FAIL: '$spoil' changes nothing, so it proves nothing"
        exit 1
    elif check "$changed" >/dev/null; then
        echo "FAIL: after '$spoil' nothing is missing"
        exit 1
    fi
done

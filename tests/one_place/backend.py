# SPDX-License-Identifier: Apache-2.0
"""A backend with a setting and promises of its own: the folder slate/ beside this file, and a line."""

import pathlib

FOLDER = "backends/slate/" # all in it is one place

# Nobody is there who could be the reason why it refuses to write; then somebody is.
ALONE = """{
  "config": {"slate": {"lid": "%s"}},
  "interactions": [
    {"task": 0, "action": {"type": "insert", "key": 1}}
  ]
}
"""
CONTENDED = """{
  "config": {"tasks": 2, "slate": {"lid": "closed"}},
  "interactions": [
    {"task": 1, "action": {"type": "begin"}},
    {"task": 0, "action": {"type": "insert", "key": 1}},
    {"task": 1, "action": {"type": "rollback"}}
  ]
}
"""


def apply(tree):
    for file in (pathlib.Path(__file__).parent / "slate").iterdir():
        tree.write(FOLDER + file.name, file.read_text())
    number = tree.free_number("backends/CMakeLists.txt", "interplay_backend", range(1, 256), r"\w+ (\d+)")
    tree.append("backends/CMakeLists.txt", f"interplay_backend(slate {number})\n")


def shows(interplay):
    def replay(name, plan):
        return interplay("replay", "--backend", "slate", interplay.file(name, plan))
    opened = replay("backend_open.json", ALONE % "open")
    closed = replay("backend_closed.json", ALONE % "closed")
    contended = replay("backend_contended.json", CONTENDED)
    campaign = interplay("run", "--backend", "slate", "--iterations", "50", "--config", "lid=open")
    return (opened[0] == 0 and closed[0] == 1 and "violation error-class/readonly" in closed[1] and
            contended[0] == 0 and campaign[0] == 0)

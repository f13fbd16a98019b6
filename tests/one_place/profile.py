# SPDX-License-Identifier: Apache-2.0
"""A profile: `interplay run --profile lean` draws plans of three interactions, and those who name all profiles name it."""


def apply(tree):
    tree.write("src/generate/profiles/lean.json", '{"comment": "Three interactions.", "steps": 3}\n')


def shows(interplay):
    status, _ = interplay("run", "--seed", 1, "--iterations", 5, "--backend", "memory", "--profile", "lean")
    return status == 0 and "lean" in interplay("run", "--profile", "no-such")[1]

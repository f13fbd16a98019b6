# SPDX-License-Identifier: Apache-2.0
"""A fault: a call into the storage takes a minute longer, which is more than anything else in a plan."""

PLAN = """{
  "config": {},
  "interactions": [
    {"task": 0, "action": {"type": "insert", "key": 1}, "fault": {"kind": "stall", "at": 2}}
  ]
}
"""


def apply(tree):
    number = tree.free_number("src/base/faults.def", "FAULT", range(1, 64))
    tree.append("src/base/faults.def", f'FAULT({number}, stall, STORAGE, "a call into the storage takes a minute longer")\n')
    tree.after("backends/sqlite/sim_file.c", r"^    if \(world_fault_due\(FAULT_latency\)\)\n.*\n",
               "    if (world_fault_due(FAULT_stall))\n"
               "        world_sleep((uint64_t)60 * 1000 * 1000 * 1000);\n")
    tree.write("seeds/fuzz_sqlite/stall.json", PLAN)


def shows(interplay):
    status, text = interplay("replay", "--trace", interplay.file("fault.json", PLAN))
    return status == 0 and "! stall" in text and "sleeps until 60000.000 ms" in text

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the page of a campaign: figures over time and by job. It loads itself again every EVERY seconds; 0: never, it is over.

Usage: campaign_page.py RECORD EVERY PAGE      (RECORD is a folder of findings/TARGET/campaigns)
"""

import csv
import html
import os
import pathlib
import sys

WIDTH, HEIGHT = 640, 160
CURVES = (("plans_per_second", "plans a second"), ("plans", "plans"), ("edges", "edges of the code under test"),
          ("states", "states that are told apart"), ("corpus", "plans in the corpus"), ("findings", "findings"))
STYLE = """body{margin:1rem auto;max-width:1400px;padding:0 1rem;font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;color-scheme:light dark}
svg{width:100%;height:auto;display:block}polyline{fill:none;stroke:#8a93a0;stroke-width:1}polyline.all{stroke:#c2202b;stroke-width:2}
text{font-size:11px;fill:currentColor}figure{margin:0}figcaption{font-weight:600}.curves{display:grid;gap:1.2rem;
grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}div.scroll{overflow-x:auto}table{border-collapse:collapse}
th,td{padding:.1rem .7rem;text-align:right}th:first-child{white-space:nowrap}pre{white-space:pre-wrap;overflow-wrap:anywhere}"""


def read(record):
    with open(record / "figures.csv", newline="", encoding="utf-8") as file:
        return [{name: value if name == "job" else int(value) for name, value in row.items()} for row in csv.DictReader(file)]


def by_job(rows):
    jobs = {}
    for row in rows:
        jobs.setdefault(row["job"], []).append(row)
    return jobs


def curve(jobs, name, title):
    last_s = max(1, max(rows[-1]["seconds"] for rows in jobs.values()))
    top = max(1, max(row[name] for rows in jobs.values() for row in rows))
    lines = ""
    for job, rows in jobs.items():
        points = " ".join(f"{row['seconds'] * WIDTH / last_s:.1f},{HEIGHT - row[name] * (HEIGHT - 16) / top:.1f}" for row in rows)
        lines += f'<polyline class="{"all" if job == "all" else "job"}" points="{points}"/>'
    return (f'<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT + 16}">{lines}'
            f'<text x="0" y="11">{top}</text><text x="{WIDTH}" y="{HEIGHT + 13}" text-anchor="end">{last_s} s</text></svg></figure>\n')


def table(jobs):
    head = "".join(f"<th>{title}</th>" for _, title in CURVES)
    rows = "".join("<tr><th>" + ("all" if job == "all" else f"job {job}") + "</th>" +
                   "".join(f"<td>{rows[-1][name]}</td>" for name, _ in CURVES) + "</tr>\n" for job, rows in jobs.items())
    return f'<div class="scroll"><table><tr><th></th>{head}</tr>\n{rows}</table></div>\n'


def page_of(record, every):
    jobs = by_job(read(record))
    about = html.escape((record / "about.txt").read_text(encoding="utf-8"))
    refresh = f'<meta http-equiv="refresh" content="{every}">' if every > 0 else ""
    state = "at work" if every > 0 else "over"
    curves = "".join(curve(jobs, name, title) for name, title in CURVES) if jobs else "<p>Nothing yet.</p>"
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">{refresh}<meta name="viewport" content="width=device-width">'
            f"<title>campaign, {state}</title><style>{STYLE}</style></head><body>\n<h1>Campaign, {state}</h1>\n<pre>{about}</pre>\n"
            f'{table(jobs) if jobs else ""}<div class="curves">\n{curves}</div>\n</body></html>\n')


def main():
    record, every, page = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    new = page.with_suffix(".new")
    new.write_text(page_of(record, every), encoding="utf-8")
    os.replace(new, page)


if __name__ == "__main__":
    main()

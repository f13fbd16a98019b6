#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages of interplay report and of a campaign in a browser: windows of 400, 700 and 1400 pixels, plans of 5 and of 200 steps.

Nothing is wider than the window (what scrolls in a box of its own is not), no text is cut off by its box, and no word is broken. All
that can be folded is measured unfolded. A page that is spoilt on purpose must be seen. Exits with 77 where there is no Chromium
(Debian: chromium), or where it does not show anything.

Usage: page_test.py [INTERPLAY [FUZZ_NAIVE_POOL]]
"""

import html
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("INTERPLAY_BUILD_DIR", SOURCE / "build/fast")).resolve()
INTERPLAY = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else BUILD / "interplay").resolve())
NAIVE = str(pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else BUILD / "fuzz_naive_pool").resolve())
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS = (400, 700, 1400)
failures = []

# In each frame: what is too wide, what is cut, which words are on two lines. Longer words than any of ours may break.
MEASURE = r"""
addEventListener('load', () => {
  const root = document.documentElement, width = root.clientWidth, said = {width: width, scroll: root.scrollWidth, wide: [], cut: [], broken: []};
  for (const one of document.querySelectorAll('details')) one.open = true;
  said.scroll = root.scrollWidth;
  const name = (one) => one.tagName + '.' + one.className;
  const scrolls = (one) => { for (; one; one = one.parentElement) if (/auto|scroll/.test(getComputedStyle(one).overflowX)) return true; };
  for (const one of document.querySelectorAll('body *')) {
    const box = one.getBoundingClientRect();
    if (box.width > 0 && (box.right > width + 1 || box.left < -1) && !scrolls(one)) said.wide.push(name(one));
    if (one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1 && !scrolls(one) && !one.closest('.l, svg')) said.cut.push(name(one));
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let node; (node = walker.nextNode());)
    for (const word of node.data.matchAll(/[A-Za-z0-9_]+/g)) {
      if (word[0].length > 32) continue;
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
      if (lines.size > 1) said.broken.push(word[0] + ' in ' + name(node.parentElement));
    }
  parent.postMessage(JSON.stringify({page: PAGE, asked: WIDTH, ...said}), '*');
});
"""


def check(condition, message):
    if not condition:
        failures.append(message)
        print(f"page_test: {message}", file=sys.stderr)


def write_plan(path, steps):
    """Of all sorts: several tasks, pauses, faults, long messages, and a violation at the end."""
    draw = random.Random(steps)
    actions = ("select", "insert", "update", "delete", "upsert", "begin", "commit", "rollback", "checkpoint", "create_index",
               "savepoint", "create_table", "sleep", "stream_open", "stream_next", "stream_close")
    interactions = []
    for number in range(steps - 1):
        step = {"task": draw.randrange(6), "action": {"type": draw.choice(actions)}}
        if step["action"]["type"] == "sleep":
            step["action"]["ms"] = 1
        if number % 7 == 3:
            step["pause"] = {"after": 2, "at": draw.choice(("storage", "lock"))}
        if number % 11 == 5:
            step["fault"] = {"kind": draw.choice(("io_write", "io_sync", "disk_full", "busy")), "at": 1}
        interactions.append(step)
    interactions.append({"task": 5, "action": {"type": "query", "sql": "SELECT k, v, p FROM t0 WHERE k BETWEEN 1 AND 5 ORDER BY k"},
                         "expect": {"row_count": 77}})
    path.write_text(json.dumps({"version": 1, "config": {"tasks": 6}, "interactions": interactions}))


def make_page(folder, steps):
    plan = folder / f"plan{steps}.json"
    write_plan(plan, steps)
    done = subprocess.run([INTERPLAY, "report", plan], capture_output=True, text=True)
    check(done.returncode == 1, f"{steps} steps: exit status {done.returncode}: {done.stderr}")
    return (folder / f"plan{steps}.html").read_text()


def test_spots_of_a_pool(folder):
    """The violation is noticed at a step that makes no call: the last call before it is that of who woke nobody up."""
    plan = folder / "lost.json"
    plan.write_text(json.dumps({"version": 1, "config": {"tasks": 3, "readers": 1}, "interactions": [
        {"task": 0, "action": {"type": "checkout"}},
        {"task": 1, "action": {"type": "drop"}, "pause": {"after": 1, "at": "lock"}},
        {"task": 2, "action": {"type": "begin"}},
        {"task": 0, "action": {"type": "insert"}},
        {"task": 1, "action": {"type": "commit"}}]}))
    done = subprocess.run([NAIVE, "--fixed=return,broken", "--interplay", "report", plan], capture_output=True, text=True)
    check("pool/lost-wakeup" in done.stdout, f"the naive pool: {done.stdout}{done.stderr}")
    page = (folder / "lost.html").read_text()
    held = re.search(r"held back before it takes a lock in (\w+) \(naive_pool\.c:\d+\), called by naive_pool_return", page)
    check(held, f"a pool of one's own: {re.findall('held back before [^<]*', page)}")
    last = re.search(r'<dt>last call</dt><dd>of <a href="#s\d">step \d</a>: before it [^<]* in \w+ \(naive_pool\.c:\d+\)', page)
    check(last, f"a pool of one's own, the last call: {re.findall('<dt>last call.*', page)}")


def make_campaign_page(folder):
    """Of eight jobs for hours, with long options."""
    record = folder / "campaign"
    record.mkdir()
    (record / "about.txt").write_text("target: fuzz_naive_pool --fixed=return,broken,wakeup\nengine: libfuzzer -max_len=3104\n"
                                      "build: /home/somebody/projects/interplay/build/fast\njobs: 8\nversion: interplay 0.1.0\n"
                                      "tested: sqlite 3.40.1 2022-12-28 14:03:47 df5c253c0b3dd24916e4ec7cf77d3db5294cc9fd45ae7b9c5e82ad8197f3alt1\n")
    rows = ["seconds,job,plans,plans_per_second,corpus,edges,states,findings"]
    for seconds in range(60, 6000, 60):
        rows += [f"{seconds},{job},{seconds * 7930},7930,{3000 + seconds},1370,19040,{seconds // 600}" for job in (*range(8), "all")]
    (record / "figures.csv").write_text("\n".join(rows) + "\n")
    page = folder / "progress.html"
    subprocess.run([SOURCE / "scripts/campaign_page.py", record, "0", page], check=True)
    return page.read_text()


def check_text(page, steps):
    """What a page says, whatever shows it."""
    check(page.count('<tr id="s') == steps, f"{steps} steps: {page.count('<tr id=')} rows")
    groups = re.findall(r"<details( open)?><summary>steps (\d+) to (\d+)", page)
    check(len(groups) == (0 if steps <= 50 else -(-steps // 25)), f"{steps} steps: groups {groups}")
    check(not groups or [group for group in groups if group[0]] == [groups[-1]], f"{steps} steps: open are {groups}")
    check(len(re.findall(r"<section[^>]*><details open><summary><h2>", page)) >= 4, "sections cannot be folded")
    check(re.search(r"<dt>by</dt><dd>Interplay \d+\.\d+\.\d+, \w+ [\d.]+, .*sanitizers: .*engine: ", page), "no version of Interplay")


def test_spots(folder):
    """Functions, files and lines of pauses and of the last call; the file of the storage, and where in it."""
    plan = folder / "writes.json"
    plan.write_text(json.dumps({"version": 1, "config": {"tasks": 2}, "interactions": [
        {"task": 0, "action": {"type": "upsert"}, "pause": {"after": 1, "at": "write"}},
        {"task": 1, "action": {"type": "select"}},
        {"task": 1, "action": {"type": "query", "sql": "SELECT k FROM t0"}, "expect": {"row_count": 77}}]}))
    subprocess.run([INTERPLAY, "report", plan], capture_output=True)
    page = (folder / "writes.html").read_text()
    held = re.search(r'<div class="note">held back before it writes, (\S+) at (\d+), (\d+) bytes, in (\w+) \((\S+\.c):(\d+)\), called by (.*?)</div>', page)
    check(held, f"where it is held back: {re.findall('held back [^<]*', page)}")
    if held:
        check(held[1].endswith("-wal") and held[2] == "0" and held[3] == "32", f"not the log's header: {held[0]}")
        check(held[5] == "sqlite3.c" and re.search("[wW]al", held[4] + held[7]), f"not in the code under test: {held[0]}")
    last = re.search(r"<dt>last call</dt><dd>before it [^<]*, in \w+ \(sqlite3\.c:\d+\)", page)
    check(last, f"the last call: {re.findall('<dt>last call.*', page)}")
    check("virtual time" not in re.sub(r"<p class=.note.>Time goes down.*?</p>", "", page), "time is told where it stands still")
    plan.write_text(json.dumps({"version": 1, "config": {"tasks": 1}, "interactions": [
        {"task": 0, "action": {"type": "sleep", "ms": 1}}, {"task": 0, "action": {"type": "insert"}}]}))
    subprocess.run([INTERPLAY, "report", plan], capture_output=True)
    check("virtual time" in re.sub(r"<p class=.note.>Time goes down.*?</p>", "", (folder / "writes.html").read_text()), "time that passes is not told")
    trace = subprocess.run([INTERPLAY, "replay", "--trace", plan], capture_output=True, text=True).stdout
    check(re.search(r"^  \.\.\.  virtual time \d+\.000 ms$", trace, re.M), f"time in a trace: {trace}")


def dump(browser, folder, page):
    """What the browser makes of a page, as text, and what it says itself."""
    done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom",
                           f"--user-data-dir={folder}/profile", page.as_uri()], capture_output=True, text=True, timeout=280)
    return done.stdout, done.stderr


def find_browser(folder):
    """One that runs here; None: there is none, or this machine does not let it."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return None
    page = folder / "probe.html"
    page.write_text("<!DOCTYPE html><body><script>document.body.textContent = 6 * 7</script>")
    shown, said = dump(browser, folder, page)
    if ">42<" in shown:
        return browser
    print(f"page_test: {browser} shows nothing: {said[-300:]}", file=sys.stderr)
    return None


def in_browser(browser, folder, pages):
    """[{page, asked, width, scroll, wide, cut, broken}] of each page in each width."""
    frames = ""
    for name, page in pages.items():
        for width in WIDTHS:
            script = MEASURE.replace("PAGE", json.dumps(name)).replace("WIDTH", str(width))
            with_script = page.replace("</body>", f"<script>{script}</script></body>")
            frames += f'<iframe width="{width}" height="3000" style="border:0" srcdoc="{html.escape(with_script)}"></iframe>\n'
    outer = folder / "frames.html"
    outer.write_text(f"""<!DOCTYPE html><meta charset="utf-8"><body style="width:3000px"><script>
        addEventListener('message', (said) => {{ const one = document.createElement('pre'); one.className = 'said';
            one.textContent = said.data; document.body.append(one); }});</script>{frames}""")
    shown, errors = dump(browser, folder, outer)
    said = [json.loads(html.unescape(one)) for one in re.findall(r'<pre class="said">(.*?)</pre>', shown)]
    check(len(said) == len(pages) * len(WIDTHS), f"the browser measured {len(said)} windows: {errors[-300:]}")
    return said


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pages = {f"{steps} steps": make_page(folder, steps) for steps in (5, 200)}
        for steps in (5, 200):
            check_text(pages[f"{steps} steps"], steps)
        test_spots(folder)
        test_spots_of_a_pool(folder)
        pages["campaign"] = make_campaign_page(folder)
        browser = find_browser(folder)
        if browser is None:
            print("page_test: no chromium here, nothing was measured", file=sys.stderr)
            return 1 if failures else 77
        pages["wide"] = pages["5 steps"].replace("</header>", '<p style="width:1500px">x</p></header>')
        pages["broken"] = pages["5 steps"].replace("</header>", '<p style="width:3em;word-break:break-all">checkpointing</p></header>')
        for said in in_browser(browser, folder, pages):
            where = f"{said['page']}, {said['asked']} pixels"
            check(said["asked"] - 20 <= said["width"] <= said["asked"], f"{where}: the window has {said['width']}")
            is_wide, is_broken = said["scroll"] > said["width"] or said["wide"] or said["cut"], said["broken"]
            if said["page"] == "wide":
                check(is_wide, f"{where}: a page that is too wide is not seen")
            elif said["page"] == "broken":
                check(is_broken, f"{where}: a word that is broken is not seen")
            else:
                check(not is_wide, f"{where}: {said['scroll']} pixels wide, {said['wide'][:5]}, cut {said['cut'][:5]}")
                check(not is_broken, f"{where}: {len(said['broken'])} broken words: {said['broken'][:8]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# interplay report and interplay show --trace: pages of findings, of plans that come to ok, of a database
# that dies; that they are whole, well-formed, the same twice, refer to nothing outside and escape what
# a plan says; that a page is written at once or not at all.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"

# well_formed PAGE INTERACTIONS: tags match, nothing leads out of the page, every step is there, every
# link within the page has its target, nothing is a script.
cat >well_formed.py <<'END'
import html.parser, re, sys
VOID = {"meta", "br", "wbr"}
OPTIONAL = {"tr", "td", "th"}  # which HTML may leave open; we do only for <th> in <thead>

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.problems, self.active = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.active += [value or "" for _, value in attributes]
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("src", "srcset", "data", "action") or name.startswith("on"):
                self.problems.append(f"attribute {name}={value} of {tag}")
            if name == "href":
                self.links.append(value)
        if tag in ("script", "link", "iframe", "img", "object", "embed", "base", "form"):
            self.problems.append(f"element {tag}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):  # of SVG
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open[-1] in OPTIONAL and self.open[-1] != tag:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> at {self.getpos()} does not match")

    def handle_data(self, data):
        if "style" in self.open:
            self.active.append(data)

source = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(source)
page.close()
problems = page.problems + [f"<{tag}> is left open" for tag in page.open]
problems += [f"id {name} twice" for name in set(page.ids) if page.ids.count(name) > 1]
problems += [f"link to {link}" for link in page.links if not link.startswith("#")]
if re.search(r"url\((?!#)|@import|https?:", " ".join(page.active)):
    problems.append("something refers out of the page")
for step in range(int(sys.argv[2])):
    if f"s{step}" not in page.ids:
        problems.append(f"step {step} is missing")
for link in page.links:
    if link.startswith("#s") and link[1:] not in page.ids:
        problems.append(f"{link} leads nowhere")
if not source.endswith("</html>\n"):
    problems.append("no end")
print("\n".join(problems))
sys.exit(1 if problems else 0)
END
well_formed() {
    python3 well_formed.py "$@" >problems || fail "$1 is not well-formed: $(head -n 5 problems)"
}

# has PAGE TEXT...: wherever a line of it may end
has() {
    local page=$1 text
    shift
    for text in "$@"; do
        sed 's/<wbr>//g' "$page" | grep -F -- "$text" >/dev/null || fail "$page: '$text' expected"
    done
}

has_not() {
    if grep -qF -- "$2" "$1"; then
        fail "$1: '$2' is not expected"
    fi
}

# The checker sees what it must see.
printf '<p><b>x</p></html>\n' >bad.html
printf '<img src="x"></html>\n' >foreign.html
for page in bad foreign; do
    if python3 well_formed.py "$page.html" 0 >/dev/null; then
        fail "well_formed.py takes $page.html"
    fi
done

# What a database has no words for is passed over, on its page, too.
if grep -q '^INTERPLAY_MSSQL:BOOL=ON$' "$build_dir/CMakeCache.txt"; then
    echo '{"config": {}, "interactions": [{"task": 0, "action": {"type": "add_column"}}, {"task": 0, "action": {"type": "select"}}]}' >unsaid.json
    expect 0 report --backend mssql unsaid.json -o unsaid.html
    has unsaid.html 'SELECT' && has_not unsaid.html 'ALTER TABLE'
fi

# --- a finding, with locks, pauses, a cycle --------------------------------------------------------
expect 1 report "$source_dir/crashes/sqlite/wal-reset.json" -o wal.html
grep -q ': violation snapshot/final-content/t0/other-value, written to wal.html$' out || fail "report says: $(cat out)"
well_formed wal.html 7
has wal.html 'snapshot/final-content' 'held back before unfetch' '&#9733; commit point' \
    'UPDATE t0 SET v=k+64' 'id="cycle"' 'which T5 replaced by v=96' 'class="differs"' 'tested' \
    "$build_dir/interplay replay --backend sqlite" 'log locks: write' 'file lock SHARED' 'log locks: checkpoint' \
    'violation noticed here: snapshot/final-content'
cp wal.html first.html
expect 1 report "$source_dir/crashes/sqlite/wal-reset.json" --output wal.html
cmp -s wal.html first.html || fail "two reports of one plan differ"

# --- a wrong result beside what the model says, from a plan that expects it ------------------------
cat >wrong.json <<'END'
{"version": 1, "config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "insert", "key": 1}},
  {"task": 1, "action": {"type": "select"}, "expect": {"row_count": 5}}
]}
END
expect 1 report wrong.json
well_formed wrong.html 2
has wrong.html 'expectation/row-count' '9 rows' '=&gt; 5 rows' 'violation noticed here' \
    '<a href="#s1">step 1</a> of 2'
has_not wrong.html 'id="cycle"'

# --- ok, with everything that a plan can do --------------------------------------------------------
cat >text.json <<'END'
{"version": 1, "config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "query", "sql": "SELECT '<script>alert(1)</script>', \"</pre>\" & 'é'"}},
  {"task": 1, "action": {"type": "query", "sql": "SELECT 1 -- <img src=x onerror=alert(1)> http://example.org"}}
]}
END
expect 0 report text.json -o text.html
grep -q '^text.json: ok, written to text.html$' out || fail "report says: $(cat out)"
well_formed text.html 2
has text.html '&lt;script&gt;alert(1)&lt;/script&gt;' 'é' 'no violation'
has_not text.html '<script'
has_not text.html '<img'

# Markup in every place where a plan's own words can stand: SQL, values and texts that are expected, what a
# database says of a statement, rows, the name of the file.
mark='<img src=x onerror=alert(1)>\"'"'"'&--></pre></title><script>alert(1)</script>'
cat >"a<xa>&'\".json" <<END
{"version": 1, "config": {"tasks": 2}, "interactions": [
  {"task": 0, "action": {"type": "query", "sql": "SELECT '${mark//"'"/}' AS \"<xi>\""}},
  {"task": 0, "action": {"type": "execute", "sql": "SELECT 1 FROM \"<xb>${mark//"'"/}"}},
  {"task": 1, "action": {"type": "execute", "sql": "CREATE TABLE \"<xu>\"(\"</td>\" PRIMARY KEY CHECK(\"</td>\"<9))"}},
  {"task": 1, "action": {"type": "execute", "sql": "INSERT INTO \"<xu>\" VALUES('<script>')"}},
  {"task": 0, "action": {"type": "query", "sql": "SELECT '<xs>' -- $mark", "expect": {"row_count": 4}}}
]}
END
cat >"c<xd>.json" <<END
{"interactions": [
  {"task": 0, "action": {"type": "checkout"}},
  {"task": 0, "action": {"type": "execute", "sql": "SELECT '<xs>'",
    "expect_error": {"contains": "$mark"}}},
  {"task": 0, "action": {"type": "return"}}
]}
END
for page in "a<xa>&'\"" "c<xd>"; do
    expect 1 report "$page.json" -o marked.html
    well_formed marked.html 3
    for tag in '<script' '<img' '<xs>' '<xi>' '<xb' '<xu>' '<xa>' '<xd>'; do
        has_not marked.html "$tag"
    done
    has marked.html '&lt;'
done

# What runs when, from random bytes: most come to ok, some perhaps not.
for seed in 1 2 3 4; do
    awk -v seed="$seed" 'BEGIN { srand(seed); for (i = 0; i < 32 + 200 * 12; i++)
        printf "%c", 1 + int(rand() * 126) }' >"crash-$seed"
    for backend in sqlite memory; do
        status=0
        timeout "$limit_s" "$build_dir/interplay" report --backend $backend "crash-$seed" >out 2>err ||
            status=$?
        [[ $status -le 1 ]] || fail "crash-$seed on $backend: exit status $status: $(tail -n 2 err)"
        well_formed "crash-$seed.html" 200
        has "crash-$seed.html" "interplay replay --backend $backend crash-$seed"
    done
done

# --- power losses: what became of each file, which commit is left, and beside it what was acknowledged ------
cat >losses.json <<'END'
{"config": {"tasks": 2, "synchronous": "normal", "loss_seed": 3}, "interactions": [
 {"task": 0, "action": {"type": "insert", "key": 1}}, {"task": 0, "action": {"type": "insert", "key": 2}},
 {"task": 0, "action": {"type": "insert", "key": 3}, "fault": {"kind": "power_loss", "at": 9}},
 {"task": 0, "action": {"type": "insert", "key": 5}},
 {"task": 1, "action": {"type": "insert", "key": 6}, "fault": {"kind": "power_loss", "at": 3}}]}
END
expect 0 report losses.json
well_formed losses.html 5
has losses.html 'After the power loss 1 of 2' '<td>interplay.db-wal</td><td>10</td><td>4</td><td>1</td><td>5</td>' \
    '3 commits, 2 of them acknowledged, none promised to survive; what was found is the beginning' 'After the power loss 2 of 2' \
    '1 commit, 1 of them acknowledged' 'At the end, read by a new connection'
expect 1 report "$source_dir/crashes/sqlite/commit-lost-after-recovery.json" -o lost.html
has lost.html '1 commit, 1 of them acknowledged, the first 1 promised to survive; what was found is commit 1' \
    '2 commits, 1 of them acknowledged, the first 1 promised to survive; what was found is the beginning' \
    '<tr class="differs"><td>t0</td><td>0</td><td>0</td><td>0&#215;1</td><td>32</td><td>NULL</td></tr>'
expect 1 report "$source_dir/crashes/sqlite/vacuum-power-loss.json" -o vacuum.html
has vacuum.html '<h3>After the power loss</h3>' '<td>interplay.db</td><td>1</td><td>1</td><td>0</td><td>0</td>' 'could not be read whole'

# --- the process dies ------------------------------------------------------------------------------
awk 'BEGIN {
    sql = "WITH a(n) AS (VALUES(0),(1),(2),(3),(4),(5),(6),(7),(8),(9)) SELECT count(*) FROM a"
    for (i = 0; i < 12; i++) sql = sql ",a a" i
    print "{\"version\": 1, \"config\": {}, \"interactions\": ["
    print "{\"task\": 0, \"action\": {\"type\": \"insert\", \"key\": 1}},"
    print "{\"task\": 0, \"action\": {\"type\": \"query\", \"sql\": \"" sql "\"}},"
    print "{\"task\": 0, \"action\": {\"type\": \"commit\"}}]}"
}' >dies.json
status=0
(ulimit -St 2 && exec timeout "$limit_s" "$build_dir/interplay" report dies.json) >out 2>err </dev/null ||
    status=$?
[[ $status == 1 ]] || fail "report dies.json: exit status $status, expected 1: $(tail -n 2 err)"
well_formed dies.html 3
has dies.html 'crash/signal/SIGXCPU' 'The process of the database does not die' 'ok 1 row changed' \
    'did not return' 'not run' '<dt>died</dt><dd>at <a href="#s1">step 1</a>' 'the process died here'

# --- killed at any moment: the old page or a whole new one -----------------------------------------
# The moments are spread over what a report takes here, and a little more.
began_ms=$(date +%s%3N)
expect 1 report "$source_dir/crashes/sqlite/wal-reset.json" -o page.html
takes_ms=$(($(date +%s%3N) - began_ms + 5))
for attempt in {1..25}; do
    printf 'old\n' >page.html
    "$build_dir/interplay" report "$source_dir/crashes/sqlite/wal-reset.json" -o page.html \
        >out 2>err </dev/null &
    pid=$!
    sleep "$(printf '0.%03d' $((takes_ms * attempt / 22 % 1000)))"
    kill -KILL $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    [[ $(cat page.html) == old ]] || cmp -s page.html first.html || fail "a killed report left half a page"
done
expect 1 report "$source_dir/crashes/sqlite/wal-reset.json" -o page.html
cmp -s page.html first.html || fail "the page is another one where one was before"

# --- what is refused -------------------------------------------------------------------------------
printf '{"version": 1, "config": {}, "interactions": [{"task": 0}]}' >malformed.json
printf '{"interactions": [{"task": 0, "action": {"type": "commit"}}]}' >rules.json
: >empty.json
refuses 'malformed.json:1:47: interactions[0]' report malformed.json
refuses 'rules.json: interactions[0]: task 0' report rules.json
refuses 'empty.json: is empty' report empty.json
refuses 'nothing.json: does not exist' report nothing.json
refuses 'none/page.html: cannot write: its folder does not exist' report text.json -o none/page.html
refuses 'report: the file to report is missing' report
refuses 'report: one file at a time' report text.json wrong.json
backends=$("${program[@]}" --version | awk 'NR > 1 { printf "%s%s", between, $1; between = " or " }')
refuses "report: --backend wants $backends, not 'x'" report --backend x text.json
refuses 'report: option -o needs an argument' report text.json -o
refuses 'text.json: the page would replace the plan' report text.json -o text.json
for left in malformed rules empty nothing; do
    [[ ! -e $left.html ]] || fail "$left.html was written"
done
expect 0 report --help

# --- show --trace ----------------------------------------------------------------------------------
plan=$source_dir/crashes/sqlite/wal-reset.json
escape=$(printf '\033')
expect 1 replay --trace "$plan"
grep -v trace= out >events
expect 0 show "$plan"
cp out table
expect 1 show --trace "$plan"
{ cat table && echo && cat events; } >wanted
head -n "$(wc -l <wanted)" out | cmp -s - wanted || fail "show --trace prints other events than replay"
tail -n 2 out | grep -q ': violation snapshot/final-content/t0/other-value$' || fail "show --trace has no verdict"
has_not out "$escape"
expect 1 show --trace --color always "$plan"
has out "${escape}[34m| " "${escape}[1;32m* commit point${escape}[0m" '  yields  '
# The events are the same, but for those that come late.
sed "s/${escape}\[[0-9;]*m//g" out >plain
grep -v '| goes on' events | sed -n 's/^ *[0-9]*  task [0-9]  //p' >wanted
sed -n '/^  yields/,$s/^ *[0-9]*  [-><*|!.x: ]* *[0-9]*  \([-><*|!.x] .*\)/\1/p' plain >found
cmp -s found wanted || fail "with colours other events: $(diff found wanted | head -n 5)"
# A narrow terminal gets no line that is longer.
expect 1 show --trace --color always -w 50 "$plan"
sed -n "/yields/,\$s/${escape}\[[0-9;]*m//gp" out | awk 'length > 50 { exit 1 }' ||
    fail "a line of the trace is wider than asked"
expect 1 show --trace --color never "$plan"
has_not out "$escape"
for term in "NO_COLOR=1" "NO_COLOR="; do
    if ! script -qec true /dev/null >out 2>&1 </dev/null; then
        echo "report_test: colours in a terminal were not tested, there is none to be had: $(cat out)"
        break
    fi
    env "$term" script -qec "'$build_dir/interplay' show --trace '$plan'" /dev/null >out </dev/null || true
    if [[ $term == NO_COLOR= ]]; then
        has out "${escape}[34m"
    else
        has_not out "${escape}["
    fi
done
expect 0 show --trace --backend memory text.json
refuses 'show: --color: expected auto, always or never, found blue' show --color blue "$plan"
refuses "show: --backend wants $backends, not 'x'" show --trace --backend x "$plan"
refuses 'rules.json: interactions[0]: task 0' show --trace rules.json

[[ $failures == 0 ]] || exit 1
echo "report_test: ok"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# cmake/compile-cached: what was compiled once is copied, in another folder, too; another source, header, flag or compiler is
# compiled; what changes while it is compiled is not kept; a compiler's error is passed on and leaves no entry; half an entry and
# builds that run at once do no harm; without a home it still compiles.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$work"
mkdir cache
export LC_ALL=C XDG_CACHE_HOME=$work/cache
objects=$XDG_CACHE_HOME/interplay/objects

# A compiler that counts what it compiles; where there is a next.h, somebody makes it the header meanwhile.
make_compiler() {
    cat >"$1" <<END
#!/bin/sh
case " \$* " in *" -c "*)
    echo "\$*" >>"$work/compiled"
    [ ! -e "$work/next.h" ] || { cat "$work/next.h" >"$work/x.h" && rm "$work/next.h"; } ;;
esac
exec cc "\$@"
END
    chmod +x "$1"
}
make_compiler ./compiler

# compiles COUNT ARGUMENT...: a call compiles so many times, and leaves an object and a depfile that are right
compiles() {
    local wanted=$1
    shift
    : >compiled
    rm -f x.o x.d
    "$source_dir/cmake/compile-cached" "$work/compiler" "$@" -MD -MT x.o -MF x.d -o x.o -c "$work/x.c" || fail "'$*': failed"
    [[ $(wc -l <compiled) == "$wanted" ]] || fail "'$*': compiled $(wc -l <compiled) times, expected $wanted"
    cc "$@" -o x.wanted -c "$work/x.c"
    cmp -s x.o x.wanted || fail "'$*': another object"
    grep -q '^x.o:.*x\.c' x.d || fail "'$*': no depfile: $(cat x.d)"
}

echo '#include "x.h"
int x(void) { return X + Y; }' >x.c
echo '#define X 1' >x.h
compiles 1 -DY=2
compiles 0 -DY=2
compiles 1 -DY=3
compiles 1 -DY=2 -O2
echo '#define X 2' >x.h
compiles 1 -DY=2
compiles 0 -DY=2
(mkdir elsewhere && cd elsewhere && compiles 0 -DY=2 && ((failures == 0))) || fail "in another folder: compiled again"
echo '# another one' >>compiler
compiles 1 -DY=2

# A header that changes after it was looked at: the object is not that of the old one, nor up to date.
echo '#define X 3' >x.h
echo '#define X 4' >next.h
compiles 1 -DY=2
[[ x.o -ot x.h ]] || fail "a header has changed meanwhile: the object counts as newer"
echo '#define X 3' >x.h
compiles 1 -DY=2
compiles 0 -DY=2

# An error is the compiler's own, and leaves nothing.
before=$(find "$objects" | wc -l)
echo 'int x(void) { return Z; }' >broken.c
status=0
"$source_dir/cmake/compile-cached" "$work/compiler" -o y.o -c broken.c 2>err || status=$?
[[ $status == 1 && ! -e y.o ]] || fail "an error: exit status $status"
grep -q "'Z' undeclared\|undeclared identifier 'Z'" err || fail "an error is not said: $(cat err)"
[[ $(find "$objects" | wc -l) == "$before" ]] || fail "an error left something in the cache"

# Many at once, beside what a killed one has left.
rm -rf "$objects"
mkdir -p "$objects/.new.killed"
: >"$objects/.new.killed/object"
for i in {1..8}; do
    "$source_dir/cmake/compile-cached" "$work/compiler" -DY=2 -o "$i.o" -c x.c &
done
wait
for i in {2..8}; do cmp -s 1.o "$i.o" || fail "at once: another object"; done
[[ $(find "$objects" -mindepth 1 -maxdepth 1 ! -name .new.killed | wc -l) == 1 ]] || fail "at once: $(ls -A "$objects")"

# What nobody used for a month goes when something new comes.
touch -d '40 days ago' "$objects/.new.killed"
compiles 1 -DY=7
[[ ! -e $objects/.new.killed ]] || fail "what is old stays"

for nothing in "$work/nowhere" /proc; do
    XDG_CACHE_HOME='' HOME=$nothing compiles 1 -DY=2
    XDG_CACHE_HOME='' HOME=$nothing compiles 1 -DY=2
    [[ ! -e $nothing/.cache ]] || fail "a home was made"
done

echo "$test_name: $failures failures"
((failures == 0))

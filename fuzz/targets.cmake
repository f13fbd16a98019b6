# The only list of fuzz targets. scripts/fuzz reads the names here, too.

interplay_add_target(NAME fuzz_sqlite SOURCES fuzz_sqlite.c BACKEND sqlite)
interplay_add_target(NAME fuzz_memory SOURCES fuzz_memory.c BACKEND memory)

# SQLite with a planted bug: proves the oracles (tests/canary_test.sh).
interplay_add_target(NAME fuzz_canary
  SOURCES
    ../tests/canaries/canaries.c
    ../tests/canaries/decorator.c
    ../tests/canaries/fuzz_canary.c
    ../tests/canaries/vfs_canaries.c
  BACKEND sqlite)

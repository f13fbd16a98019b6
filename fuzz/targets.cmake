# The only list of fuzz targets. scripts/fuzz reads the names here, too.

interplay_add_target(NAME fuzz_sqlite SOURCES fuzz_sqlite.c BACKEND sqlite)

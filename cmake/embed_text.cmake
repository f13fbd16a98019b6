# cmake -D IN=file -D NAME=identifier -D OUT=file.c -P embed_text.cmake
#
# OUT is C source that defines `const char NAME[]`: the bytes of IN, and a zero.
file(READ "${IN}" bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUT}" "/* Made of ${IN}. */\nextern const char ${NAME}[];\nconst char ${NAME}[] = {\n${bytes}0};\n")

# Makes the C file that has the page's files in it: cmake -D OUT=FILE.c -D FILES=a;b -P embed.cmake.
# The assembler reads them, so that the compiler need not.
set(code "/* Made by embed.cmake. */\n#include \"http/assets.h\"\n\n#include <stddef.h>\n\n")
set(rows)
set(n 0)
foreach(file ${FILES})
	cmake_path(GET file FILENAME name)
	string(APPEND code "__asm__(\".section .rodata\\n\"\n\t\"asset_${n}:\\n\"\n"
		"\t\".incbin \\\"${file}\\\"\\n\"\n\t\"asset_${n}_end:\\n\"\n\t\".previous\\n\");\n"
		"extern const char asset_${n}[], asset_${n}_end[];\n")
	string(APPEND rows "\t{ \"${name}\", asset_${n}, asset_${n}_end },\n")
	math(EXPR n "${n} + 1")
endforeach()
string(APPEND code "\nconst struct asset assets[] = {\n${rows}\t{ NULL, NULL, NULL },\n};\n")
file(WRITE ${OUT} "${code}")

# How everything here is compiled, and the libraries it is compiled against.
add_compile_options(
  -Wall -Wextra -Wshadow -Wconversion -Werror -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -fno-common -ffunction-sections -fdata-sections
  -include ${PROJECT_SOURCE_DIR}/include/base/banned.h)
# At -Os gcc inlines too little to see that what a function gives on success was set; the other builds do see it.
add_compile_options($<$<AND:$<C_COMPILER_ID:GNU>,$<CONFIG:Release,MinSizeRel>>:-Wno-maybe-uninitialized>)
add_compile_definitions(_FILE_OFFSET_BITS=64 CSLSUP_VERSION="${PROJECT_VERSION}")
add_link_options(-Wl,--gc-sections)

# What is shipped is small: PID 1 pays for each page of it, and every `ctl` and `health` for mapping them. So: size before
# speed (the time goes into system calls), one optimization over the whole program, no tables to unwind what never
# throws, calls through the table of addresses instead of stubs, one mapping for code and constants.
set(CSLSUP_SMALL "$<CONFIG:Release,MinSizeRel>")
add_compile_options("$<${CSLSUP_SMALL}:-Os;-fno-asynchronous-unwind-tables;-fno-unwind-tables;-fno-plt>")
add_link_options("$<${CSLSUP_SMALL}:-s;-Wl,-O2;-Wl,-z,now;-Wl,-z,noseparate-code;-Wl,--build-id=none>")
include(CheckIPOSupported)
check_ipo_supported(RESULT CSLSUP_IPO OUTPUT CSLSUP_IPO_WHY LANGUAGES C)
if(CSLSUP_IPO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION_RELEASE ON)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION_MINSIZEREL ON)
endif()
include(CheckLinkerFlag)
check_linker_flag(C -Wl,-z,pack-relative-relocs CSLSUP_RELR)
if(CSLSUP_RELR)
  add_link_options("$<${CSLSUP_SMALL}:-Wl,-z,pack-relative-relocs>")
endif()
include_directories(${PROJECT_SOURCE_DIR}/include)

if(CSLSUP_SANITIZE)
  add_compile_options(-fsanitize=${CSLSUP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CSLSUP_SANITIZE})
  add_compile_definitions(CSLSUP_SANITIZED=1)
endif()

if(CSLSUP_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(CSLSUP_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  add_link_options(-static)
  add_compile_definitions(CSLSUP_STATIC=1)
endif()

find_path(EV_INCLUDE ev.h REQUIRED)
find_library(EV_LIBRARY ev REQUIRED)
find_path(INIH_INCLUDE ini.h REQUIRED)
find_library(INIH_LIBRARY inih REQUIRED)
# The dynamic build loads libcurl when the first https:// check runs; the static one never (probe/https.c).
if(NOT CSLSUP_STATIC)
  find_path(CURL_INCLUDE curl/curl.h REQUIRED)
endif()

/* One fuzz target: bytes go into a parser, and its promises are asserted. Built twice from the same source: with
 * clang's libFuzzer (-DCSLSUP_FUZZ=ON: build/fuzz/tests/fuzz_proto CORPUS tests/fuzz/seeds/proto; what it finds goes
 * into CORPUS) and, everywhere, as a unit test that replays the seeds and mutations of them (replay.c). */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Always returns 0; a broken promise aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

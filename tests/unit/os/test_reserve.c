/* The reserve behind realloc. */
#include "os/reserve.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static void grows_and_frees_like_realloc(void **state)
{
    (void)state;
    char *p = os_grow(NULL, 10);
    assert_non_null(p);
    memcpy(p, "123456789", 10);
    p = os_grow(p, 100000);
    assert_string_equal(p, "123456789");
    assert_null(os_grow(p, 0));
}

/* With the address space used up, what the heap refuses comes out of the reserve, content and all. */
static void takes_from_the_reserve_when_the_heap_refuses(void **state)
{
    struct rlimit limit, none;

    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* the sanitizer needs an address space of its own */
#endif
    assert_int_equal(os_reserve(1 << 20), 0);
    char *p = os_grow(NULL, 300000);
    assert_non_null(p);
    memset(p, 'x', 300000);
    getrlimit(RLIMIT_AS, &limit);
    none = (struct rlimit){1, limit.rlim_max};
    setrlimit(RLIMIT_AS, &none);
    char *grown = os_grow(p, 400000);
    char *again = grown ? os_grow(grown, 500000) : NULL;
    void *too_much = os_grow(NULL, 1 << 21);
    setrlimit(RLIMIT_AS, &limit);
    assert_non_null(grown);
    assert_non_null(again);
    assert_int_equal(again[299999], 'x');
    assert_null(too_much);
    assert_null(os_grow(again, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_frees_like_realloc),
        cmocka_unit_test(takes_from_the_reserve_when_the_heap_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

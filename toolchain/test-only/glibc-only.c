// What .NET's runtime libraries for glibc find in glibc, or do not do themselves because of it, for a link with musl.
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>

// Names that glibc's headers make of strdup (.NET 9's libraries), CPU_ALLOC and CPU_FREE (.NET 10's); musl has them as macros.
char *__strdup(const char *text);
char *__strdup(const char *text) { return strdup(text); }

cpu_set_t *__sched_cpualloc(size_t count);
cpu_set_t *__sched_cpualloc(size_t count) { return malloc(CPU_ALLOC_SIZE(count)); }

void __sched_cpufree(cpu_set_t *set);
void __sched_cpufree(cpu_set_t *set) { free(set); }

// What the start of .NET's runtime does where it is compiled for musl (ENSURE_PRIMARY_STACK_SIZE in its main.cpp), and not where it
// is compiled for glibc: musl reports as much of the first thread's stack as has been used so far, about 128 KiB, and a thread that
// seems to be short of stack hands every continuation to the thread pool.
static const unsigned size = 1536 * 1024;

// Not optimized: an array of which one byte is used would shrink to that byte.
__attribute__((constructor, noinline, optnone)) static void use_the_stack_once(void) {
    volatile char stack[size];
    stack[0] = 0;
}

// What the start of .NET's runtime does where it is compiled for musl (ENSURE_PRIMARY_STACK_SIZE in its main.cpp), and not where it
// is compiled for glibc: musl reports as much of the first thread's stack as has been used so far, about 128 KiB, and a thread that
// seems to be short of stack hands every continuation to the thread pool.
static const unsigned size = 1536 * 1024;

// Not optimized: an array of which one byte is used would shrink to that byte.
__attribute__((constructor, noinline, optnone)) static void use_the_stack_once(void) {
    volatile char stack[size];
    stack[0] = 0;
}

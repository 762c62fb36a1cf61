/*
 * What a Unix socket takes without any protocol: on each connection to fd 0, one after the other, two numbers of 64 bits
 * come, what to do and how much. 'o': send so many bytes; 'i': receive so many and say so with one; 't': send so many
 * times what the clock says, a millisecond apart. 'o' and 'i' are the loop of cat(1), 64 KiB at a time.
 *
 * It deliberately does not serve two connections at once, nor check what comes.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LISTENER = 0, BUFFER = 65536 };

static unsigned char buffer[BUFFER];

static void transfer(int fd, uint64_t left, int out)
{
    while (left > 0) {
        size_t part = left < BUFFER ? (size_t)left : BUFFER;
        ssize_t done = out ? send(fd, buffer, part, MSG_NOSIGNAL) : recv(fd, buffer, part, 0);
        if (done <= 0)
            return;
        left -= (uint64_t)done;
    }
    if (!out)
        (void)!write(fd, "", 1);
}

static void tick(int fd, uint64_t times)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (uint64_t i = 0; i < times; i++) {
        struct timespec t;
        nanosleep(&pause, NULL);
        clock_gettime(CLOCK_MONOTONIC, &t);
        uint64_t now = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
        if (send(fd, &now, sizeof now, MSG_NOSIGNAL) < 0)
            return;
    }
}

int main(void)
{
    memset(buffer, 'x', sizeof buffer);
    for (int fd; (fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC)) >= 0; close(fd)) {
        uint64_t request[2];
        if (recv(fd, request, sizeof request, MSG_WAITALL) != sizeof request)
            continue;
        if (request[0] == 't')
            tick(fd, request[1]);
        else
            transfer(fd, request[1], request[0] == 'o');
    }
    return 1;
}

/*
 * first SOCKET LOG COUNT PROGRAM [ARGUMENT...]
 * Starts PROGRAM COUNT times with a fresh listening socket as fd 0 and a request already waiting in it, and measures
 * from just before exec to the last byte of the first reply. Prints one line of JSON, in milliseconds; what the program
 * prints goes to LOG.
 *
 * It deliberately does not drop the page cache: the second start on a device is what a respawn costs; the first one
 * measures the flash chip. It does not let the program end by itself either: SIGKILL after the answer.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "conversation.h"
#include "listening.h"

enum { STARTS_MAX = 1000, PATIENCE_MS = 5000 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Milliseconds from exec to END_REQUEST, or -1. `launched` is shared with the child, which writes it just before exec. */
static double first_answer(const char *path, int log, char **argv, volatile double *launched, const char **why)
{
    unsigned char request[REQUEST_MAX], reply[REPLY_MAX];
    size_t length = build_request(request, 0), have = 0;
    struct sockaddr_un address = socket_address(path);
    int listener = listen_on(path), client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *why = "socket, connect or send failed";
    if (listener < 0 || connect(client, (struct sockaddr *)&address, sizeof address) < 0 ||
        send(client, request, length, MSG_NOSIGNAL) != (ssize_t)length)
        return -1;

    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(listener, 0);
        dup2(log, 1);
        dup2(log, 2);
        *launched = now_ms();
        execv(argv[0], argv);
        _exit(127);
    }
    close(listener); /* so that a program that dies is noticed as a closed connection */

    int verdict = 0;
    *why = "no answer within 5 seconds";
    struct pollfd readable = {.fd = client, .events = POLLIN};
    while (verdict == 0 && poll(&readable, 1, PATIENCE_MS) > 0) {
        ssize_t got = recv(client, reply + have, sizeof reply - have, 0);
        if (got <= 0) {
            *why = "closed before END_REQUEST";
            break;
        }
        have += (size_t)got;
        verdict = check_reply(reply, have, why);
    }
    double done = now_ms();
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(client);
    unlink(path);
    return verdict == 1 ? done - *launched : -1;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    int count = argc > 4 ? atoi(argv[3]) : 0;
    if (count < 1 || count > STARTS_MAX) {
        fprintf(stderr, "usage: first SOCKET LOG 1..%d PROGRAM [ARGUMENT...]\n", STARTS_MAX);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    static double times[STARTS_MAX];
    double *launched = mmap(NULL, sizeof *launched, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int log = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (launched == MAP_FAILED || log < 0)
        return 1;
    for (int i = 0; i < count; i++) {
        const char *why = NULL;
        times[i] = first_answer(argv[1], log, argv + 4, launched, &why);
        if (times[i] < 0) {
            fprintf(stderr, "first: %s: start %d: %s\n", argv[4], i + 1, why);
            return 1;
        }
    }
    qsort(times, (size_t)count, sizeof times[0], ascending);
    printf("{\"starts\":%d,\"median\":%.2f,\"fastest\":%.2f,\"slowest\":%.2f}\n", count, times[count / 2], times[0],
           times[count - 1]);
    return 0;
}

/*
 * load --socket PATH [--concurrency N] [--seconds N] [--requests N] [--mode close|keep]
 * One thread, epoll, N conversations at once over a Unix socket; `close` opens a connection per request (flags 0, id 1:
 * what lighttpd does), `keep` sends the next request on the same connection when the last one's END_REQUEST is complete.
 * Starts requests until the time is over or the count is reached, then waits for those under way. Prints one line of JSON.
 *
 * It deliberately does not pipeline, multiplex, pace itself or send bodies, and it measures latency from its own side:
 * with N at once that includes the other N-1 it had to serve first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "conversation.h"
#include "listening.h"

enum { CONCURRENCY_MAX = 1000, SECONDS_MAX = 600, LATENCY_MAX = 1000000, ERRORS_MAX = 1000, STALL_SECONDS = 5 };

struct slot {
    int fd; /* -1 while there is no connection */
    int waiting; /* connect said EAGAIN: try again in the next turn */
    int busy;
    double started;
    size_t have;
    unsigned char reply[REPLY_MAX];
};

static struct slot slots[CONCURRENCY_MAX];
static uint32_t latencies[LATENCY_MAX + 1]; /* one bucket a microsecond; the last holds everything slower */
static unsigned char request[REQUEST_MAX];
static size_t request_length;
static struct sockaddr_un address;
static int epoll, keep, in_flight, waiting;
static long started, completed, errors, retries;
static const char *first_error;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void hang_up(struct slot *slot)
{
    if (slot->fd >= 0)
        close(slot->fd); /* takes it out of epoll too */
    slot->fd = -1;
}

static void fail(struct slot *slot, const char *why)
{
    if (!first_error)
        first_error = why;
    errors++;
    in_flight--;
    slot->busy = 0;
    hang_up(slot);
}

/* Connects where there is no connection yet, and sends. A full backlog is the server's queue being full, not an error. */
static void transmit(struct slot *slot)
{
    if (slot->waiting)
        waiting--;
    slot->waiting = 0;
    if (slot->fd < 0) {
        slot->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(slot->fd, (struct sockaddr *)&address, sizeof address) < 0) {
            if (errno != EAGAIN) {
                fail(slot, strerror(errno));
                return;
            }
            hang_up(slot);
            retries++;
            waiting++;
            slot->waiting = 1;
            return;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = slot};
        epoll_ctl(epoll, EPOLL_CTL_ADD, slot->fd, &event);
    }
    if (send(slot->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length)
        fail(slot, "the request could not be sent in one write");
}

static void start(struct slot *slot)
{
    slot->busy = 1;
    slot->have = 0;
    slot->started = now();
    started++;
    in_flight++;
    transmit(slot);
}

static void receive(struct slot *slot)
{
    ssize_t got = recv(slot->fd, slot->reply + slot->have, REPLY_MAX - slot->have, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (!slot->busy) { /* a kept connection may end between requests; bytes nobody asked for are wrong */
        if (got > 0) {
            errors++;
            first_error = first_error ? first_error : "bytes after END_REQUEST";
        }
        hang_up(slot);
        return;
    }
    if (got <= 0) {
        fail(slot, got < 0 ? strerror(errno) : "closed before END_REQUEST");
        return;
    }
    slot->have += (size_t)got;

    const char *why = NULL;
    int verdict = check_reply(slot->reply, slot->have, &why);
    if (verdict < 0)
        fail(slot, why);
    if (verdict <= 0)
        return;
    double microseconds = (now() - slot->started) * 1e6;
    latencies[microseconds < LATENCY_MAX ? (size_t)microseconds : LATENCY_MAX]++;
    completed++;
    in_flight--;
    slot->busy = 0;
    if (!keep)
        hang_up(slot);
}

/* Our own share of the machine, so that the runner can tell what its neighbours took. */
static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    long whole = used.ru_utime.tv_sec + used.ru_stime.tv_sec, micro = used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    return (double)whole + (double)micro / 1e6;
}

static int percentile(double share)
{
    long seen = 0, wanted = (long)((double)completed * share);
    for (int i = 0; i <= LATENCY_MAX; i++)
        if ((seen += latencies[i]) > wanted)
            return i;
    return 0;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    int concurrency = 1, known = argc % 2 == 1;
    double seconds = 3;
    long requests = 0;
    for (int i = 1; i + 1 < argc && known; i += 2) {
        if (!strcmp(argv[i], "--socket")) path = argv[i + 1];
        else if (!strcmp(argv[i], "--concurrency")) concurrency = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--seconds")) seconds = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--requests")) requests = atol(argv[i + 1]);
        else if (!strcmp(argv[i], "--mode")) keep = !strcmp(argv[i + 1], "keep");
        else known = 0;
    }
    if (!known || !path || concurrency < 1 || concurrency > CONCURRENCY_MAX || seconds <= 0 || seconds > SECONDS_MAX) {
        fprintf(stderr, "usage: load --socket PATH [--concurrency 1..%d] [--seconds 0..%d] [--requests N] [--mode close|keep]\n",
                CONCURRENCY_MAX, SECONDS_MAX);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    address = socket_address(path);
    request_length = build_request(request, keep ? KEEP_CONN : 0);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < concurrency; i++)
        slots[i].fd = -1;

    double begin = now(), end = begin + seconds, time = begin;
    for (;;) {
        int more = time < end && (requests == 0 || started < requests) && errors < ERRORS_MAX;
        for (int i = 0; i < concurrency && (more || waiting > 0); i++) {
            if (slots[i].waiting)
                transmit(&slots[i]);
            else if (more && !slots[i].busy && (requests == 0 || started < requests))
                start(&slots[i]);
        }
        if ((!more && in_flight == 0) || time > end + STALL_SECONDS)
            break;
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, waiting > 0 ? 1 : 100);
        for (int i = 0; i < ready; i++)
            receive(events[i].data.ptr);
        time = now();
    }
    if (in_flight > 0) {
        errors += in_flight;
        first_error = first_error ? first_error : "no reply within the stall limit";
    }
    printf("{\"requests\":%ld,\"seconds\":%.3f,\"cpu\":%.3f,\"errors\":%ld,\"retries\":%ld,", completed, time - begin,
           cpu_seconds(), errors, retries);
    printf("\"p50\":%d,\"p99\":%d,\"error\":\"%s\"}\n", percentile(0.50), percentile(0.99), first_error ? first_error : "");
    return 0;
}

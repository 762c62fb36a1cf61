/*
 * idle --socket PATH --connections N
 * Many clients that keep their connection: opens N one after the other, asks for /api/health on each, prints "open" and waits
 * until its standard input ends; then asks once more on every one, prints how many answered, and closes them.
 *
 * It deliberately does nothing at once: what many connections that ask at the same time do is peers/load.c's question.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "conversation.h"
#include "listening.h"

enum { CONNECTIONS_MAX = 100000, STALL_SECONDS = 10 };

static int connections[CONNECTIONS_MAX];
static unsigned char request[REQUEST_MAX];
static size_t request_length;

/* NULL, or what went wrong. */
static const char *ask(int fd)
{
    unsigned char reply[REPLY_MAX];
    size_t have = 0;
    const char *why = NULL;
    if (send(fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length)
        return "the request could not be sent";
    for (int verdict = 0; verdict == 0; verdict = check_reply(reply, have, &why)) {
        ssize_t got = recv(fd, reply + have, REPLY_MAX - have, 0);
        if (got <= 0)
            return got < 0 ? strerror(errno) : "closed before END_REQUEST";
        have += (size_t)got;
    }
    return why;
}

int main(int argc, char **argv)
{
    const char *path = NULL, *why;
    int count = 0, answered = 0, known = argc == 5;
    for (int i = 1; i + 1 < argc && known; i += 2) {
        if (!strcmp(argv[i], "--socket")) path = argv[i + 1];
        else if (!strcmp(argv[i], "--connections")) count = atoi(argv[i + 1]);
        else known = 0;
    }
    if (!known || !path || count < 1 || count > CONNECTIONS_MAX) {
        fprintf(stderr, "usage: idle --socket PATH --connections 1..%d\n", CONNECTIONS_MAX);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);

    struct sockaddr_un address = socket_address(path);
    struct timeval patience = {.tv_sec = STALL_SECONDS};
    request_length = build_request(request, KEEP_CONN);
    for (int i = 0; i < count; i++) {
        int fd = connections[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
            fprintf(stderr, "idle: connection %d: %s\n", i + 1, strerror(errno));
            return 1;
        }
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if ((why = ask(fd))) {
            fprintf(stderr, "idle: connection %d: %s\n", i + 1, why);
            return 1;
        }
    }
    puts("open");
    fflush(stdout);

    while (getchar() != EOF)
        continue;
    for (int i = 0; i < count; i++)
        answered += !ask(connections[i]);
    printf("%d\n", answered);
    return 0;
}

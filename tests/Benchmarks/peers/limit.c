/*
 * The limit: as little as a process can do and still be a FastCGI server. One thread, epoll, one read, one write.
 *
 * It deliberately does not parse: whatever the first read brings counts as one whole request, and the only byte it looks
 * at is BEGIN_REQUEST's flags. It does not handle short writes, split requests, management records, aborts, timeouts or
 * limits. Nobody could ship it; it shows what the kernel alone costs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLAGS_AT = 8 + 2, KEEP_CONN = 1, EVENTS = 64, LISTENER = 0 };

static unsigned char reply[512];
static size_t reply_length;

static void build_reply(void)
{
    static const char text[] =
        "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}";
    const size_t length = sizeof text - 1;
    const unsigned char head[8] = {1, 6, 0, 1, 0, (unsigned char)length, 0, 0}; /* STDOUT */
    const unsigned char tail[24] = {
        1, 6, 0, 1, 0, 0, 0, 0,  /* empty STDOUT */
        1, 3, 0, 1, 0, 8, 0, 0}; /* END_REQUEST: appStatus 0, REQUEST_COMPLETE */
    memcpy(reply, head, sizeof head);
    memcpy(reply + sizeof head, text, length);
    memcpy(reply + sizeof head + length, tail, sizeof tail);
    reply_length = sizeof head + length + sizeof tail;
}

/* 1: answered and to be kept; 0: done with it; -1: nothing to read yet. */
static int answer(int fd)
{
    unsigned char request[4096];
    ssize_t got = recv(fd, request, sizeof request, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return -1;
    if (got <= FLAGS_AT || send(fd, reply, reply_length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return 0;
    return (request[FLAGS_AT] & KEEP_CONN) != 0;
}

int main(void)
{
    build_reply();
    signal(SIGPIPE, SIG_IGN);
    fcntl(LISTENER, F_SETFL, O_NONBLOCK);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = LISTENER};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, LISTENER, &event) < 0) {
        perror("limit: fd 0 is no listening socket");
        return 1;
    }

    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd != LISTENER) {
                if (answer(fd) == 0)
                    close(fd);
                continue;
            }
            /* The request is usually there when the connection is: one attempt before epoll is asked saves two calls. */
            while ((fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
                if (answer(fd) == 0) {
                    close(fd);
                    continue;
                }
                event.data.fd = fd;
                if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
                    close(fd);
            }
        }
    }
}

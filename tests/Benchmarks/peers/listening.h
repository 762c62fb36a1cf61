/*
 * The listening socket lighttpd would hand over: a fresh Unix socket at `path`, listening, blocking, close-on-exec.
 * It deliberately does not look whether somebody still listens on the old path: the runner owns these names.
 */
#ifndef LISTENING_H
#define LISTENING_H

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const int backlog = 1024; /* what lighttpd 1.4.69 asks for when it binds a socket for its backend */

static struct sockaddr_un socket_address(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return address;
}

static inline int listen_on(const char *path)
{
    struct sockaddr_un address = socket_address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0)
        return -1;
    return fd;
}

#endif

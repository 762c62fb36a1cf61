/*
 * listen SOCKET LOG PROGRAM [ARGUMENT...]
 * Becomes PROGRAM with a fresh listening socket SOCKET as fd 0, as lighttpd launches a FastCGI backend; with "-" as
 * SOCKET fd 0 is /dev/null (for lighttpd itself, which makes its backend's socket). stdout and stderr go to LOG.
 * The program dies with the process that called us, so an interrupted benchmark leaves nothing running: a server
 * under test by SIGKILL, lighttpd by SIGTERM because it has a backend of its own to take along.
 *
 * It deliberately does not fork, wait or restart: the caller's child *is* the program, so its pid can be measured.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "listening.h"

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: listen SOCKET|- LOG PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    int own_socket = strcmp(argv[1], "-") != 0;
    int in = own_socket ? listen_on(argv[1]) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        fprintf(stderr, "listen: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int log = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (log < 0) {
        fprintf(stderr, "listen: %s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    prctl(PR_SET_PDEATHSIG, own_socket ? SIGKILL : SIGTERM);
    if (dup2(in, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        return 1;
    execvp(argv[3], argv + 3);
    fprintf(stderr, "listen: %s: %s\n", argv[3], strerror(errno));
    return 127;
}

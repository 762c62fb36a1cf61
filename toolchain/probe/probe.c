// What the C library and the kernel of a target look like to C, one "name value" a line, for everything that our code calls
// them with: tests/Toolchain.Tests compares it with the C# side. Ends with 1 where something does not work at all.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define SHOW(value) printf("%s %lld\n", #value, (long long)(value))

static void show_errors(void) {
    SHOW(EAGAIN);
    SHOW(ECONNABORTED);
    SHOW(ECONNREFUSED);
    SHOW(EFBIG);
    SHOW(EINTR);
    SHOW(EIO);
    SHOW(ENODEV);
    SHOW(EMSGSIZE);
    SHOW(ENOBUFS);
    SHOW(ENOENT);
    SHOW(ENXIO);
    SHOW(EPERM);
    SHOW(EPIPE);
    SHOW(EPROTO);
    SHOW(ENONET);
    SHOW(ENETDOWN);
    SHOW(ENETUNREACH);
    SHOW(EHOSTDOWN);
    SHOW(EHOSTUNREACH);
}

static void show_constants(void) {
    SHOW(AF_UNIX);
    SHOW(AF_INET);
    SHOW(AF_INET6);
    SHOW(AF_NETLINK);
    SHOW(NETLINK_ROUTE);
    SHOW(RTMGRP_LINK);
    SHOW(NLMSG_ERROR);
    SHOW(NLMSG_DONE);
    SHOW(NLM_F_REQUEST);
    SHOW(NLM_F_DUMP);
    SHOW(NLM_F_DUMP_INTR);
    SHOW(RTM_GETLINK);
    SHOW(RTM_GETNEIGH);
    SHOW(IFLA_IFNAME);
    SHOW(NDA_DST);
    SHOW(NDA_LLADDR);
    SHOW(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE);
    SHOW(NUD_INCOMPLETE | NUD_FAILED);
    SHOW(NUD_PERMANENT);
    SHOW(INET6_ADDRSTRLEN);
    SHOW(IPPROTO_TCP);
    SHOW(TCP_NODELAY);
    SHOW(SOCK_STREAM);
    SHOW(SOCK_RAW);
    SHOW(SOCK_NONBLOCK);
    SHOW(SOCK_CLOEXEC);
    SHOW(SOL_SOCKET);
    SHOW(SO_ACCEPTCONN);
    SHOW(SO_DOMAIN);
    SHOW(SO_RCVBUF);
    SHOW(SO_REUSEADDR);
    SHOW(SIOCOUTQ);
    SHOW(FIONREAD);
    SHOW(MSG_NOSIGNAL);
    SHOW(MSG_TRUNC);
    SHOW(SHUT_RD);
    SHOW(SHUT_WR);
    SHOW(SHUT_RDWR);
    SHOW(O_RDONLY);
    SHOW(O_WRONLY);
    SHOW(O_RDWR);
    SHOW(O_CREAT);
    SHOW(O_APPEND);
    SHOW(O_NONBLOCK);
    SHOW(O_CLOEXEC);
    SHOW(F_DUPFD_CLOEXEC);
    SHOW(F_GETFL);
    SHOW(F_SETFD);
    SHOW(F_SETFL);
    SHOW(FD_CLOEXEC);
    SHOW(RLIMIT_NOFILE);
    SHOW(PATH_MAX);
    SHOW(ST_RDONLY);
    SHOW(SIGPIPE);
    SHOW(SIGINT);
    SHOW(SIGUSR1);
    SHOW(SIGTERM);
    SHOW(SIG_BLOCK);
    SHOW(SIG_UNBLOCK);
    SHOW(sizeof(sigset_t));
    SHOW(PIPE_BUF);
    SHOW((intptr_t)SIG_IGN);
    SHOW((intptr_t)SIG_DFL);
    SHOW(STDOUT_FILENO);
    SHOW(STDERR_FILENO);
    SHOW(POLLIN);
    SHOW(POLLPRI);
    SHOW(POLLOUT);
    SHOW(POLLERR);
    SHOW(POLLHUP);
    SHOW(EFD_NONBLOCK);
    SHOW(EFD_CLOEXEC);
    SHOW(EPOLL_CLOEXEC);
    SHOW(EPOLL_CTL_ADD);
    SHOW(EPOLL_CTL_DEL);
    SHOW(EPOLL_CTL_MOD);
    SHOW(EPOLLIN);
    SHOW(EPOLLOUT);
    SHOW(EPOLLERR);
    SHOW(EPOLLHUP);
    SHOW(EPOLLRDHUP);
    SHOW(EPOLLET);
}

static void show_types(void) {
    SHOW(sizeof(int));
    SHOW(sizeof(void *));
    SHOW(sizeof(size_t));
    SHOW(sizeof(ssize_t));
    SHOW(sizeof(socklen_t));
    SHOW(sizeof(nfds_t));
    SHOW(sizeof(mode_t));
    SHOW(sizeof(off64_t));
    SHOW(sizeof(time_t));
    SHOW(sizeof(eventfd_t));
}

#define WIDTH(structure, member) printf("sizeof(%s.%s) %zu\n", #structure, #member, sizeof(((struct structure *)0)->member))

static void show_structures(void) {
    SHOW(sizeof(struct epoll_event));
    SHOW(offsetof(struct epoll_event, events));
    SHOW(offsetof(struct epoll_event, data));
    WIDTH(epoll_event, events);
    WIDTH(epoll_event, data);
    SHOW(sizeof(struct pollfd));
    SHOW(offsetof(struct pollfd, fd));
    SHOW(offsetof(struct pollfd, events));
    SHOW(offsetof(struct pollfd, revents));
    SHOW(sizeof(struct rlimit));
    SHOW(offsetof(struct rlimit, rlim_cur));
    SHOW(offsetof(struct rlimit, rlim_max));
    SHOW(offsetof(struct dirent64, d_name));
    SHOW(sizeof(struct statvfs64));
    SHOW(offsetof(struct statvfs64, f_bsize));
    SHOW(offsetof(struct statvfs64, f_frsize));
    SHOW(offsetof(struct statvfs64, f_blocks));
    SHOW(offsetof(struct statvfs64, f_bfree));
    SHOW(offsetof(struct statvfs64, f_bavail));
    SHOW(offsetof(struct statvfs64, f_files));
    SHOW(offsetof(struct statvfs64, f_ffree));
    SHOW(offsetof(struct statvfs64, f_favail));
    SHOW(offsetof(struct statvfs64, f_flag));
    SHOW(sizeof(struct tm));
    SHOW(offsetof(struct tm, tm_gmtoff));
    SHOW(offsetof(struct tm, tm_zone));
    WIDTH(utsname, machine);
    WIDTH(sockaddr_un, sun_family);
    SHOW(offsetof(struct sockaddr_un, sun_path));
    WIDTH(sockaddr_un, sun_path);
    SHOW(sizeof(struct sockaddr_nl));
    SHOW(offsetof(struct sockaddr_nl, nl_family));
    SHOW(offsetof(struct sockaddr_nl, nl_groups));
    SHOW(sizeof(struct nlmsghdr));
    SHOW(offsetof(struct nlmsghdr, nlmsg_len));
    SHOW(offsetof(struct nlmsghdr, nlmsg_type));
    SHOW(offsetof(struct nlmsghdr, nlmsg_flags));
    SHOW(sizeof(struct ifinfomsg));
    SHOW(offsetof(struct ifinfomsg, ifi_index));
    SHOW(sizeof(struct ndmsg));
    SHOW(offsetof(struct ndmsg, ndm_family));
    SHOW(offsetof(struct ndmsg, ndm_ifindex));
    SHOW(offsetof(struct ndmsg, ndm_state));
    SHOW(sizeof(struct rtattr));
    SHOW(offsetof(struct rtattr, rta_len));
    SHOW(offsetof(struct rtattr, rta_type));
    SHOW(sizeof(struct sockaddr_in));
    SHOW(offsetof(struct sockaddr_in, sin_port));
    SHOW(offsetof(struct sockaddr_in, sin_addr));
    SHOW(sizeof(struct sockaddr_in6));
    SHOW(offsetof(struct sockaddr_in6, sin6_port));
    SHOW(offsetof(struct sockaddr_in6, sin6_addr));
}

// The symbol itself, not what a header makes of the name: what [LibraryImport] names has to be in the library.
#define LINKS(name) \
    do { \
        extern char symbol_##name[] __asm__(#name); \
        printf("%s() %d\n", #name, (uintptr_t)symbol_##name != 0); \
    } while (0)

static void show_functions(void) {
    LINKS(accept4);
    LINKS(bind);
    LINKS(chmod);
    LINKS(close);
    LINKS(closedir);
    LINKS(connect);
    LINKS(dup2);
    LINKS(epoll_create1);
    LINKS(epoll_ctl);
    LINKS(epoll_wait);
    LINKS(eventfd);
    LINKS(execve);
    LINKS(fcntl);
    LINKS(getenv);
    LINKS(getrlimit);
    LINKS(getsockname);
    LINKS(getsockopt);
    LINKS(inet_ntop);
    LINKS(inet_pton);
    LINKS(ioctl);
    LINKS(listen);
    LINKS(localtime_r);
    LINKS(open);
    LINKS(opendir);
    LINKS(poll);
    LINKS(pread64);
    LINKS(pthread_sigmask);
    LINKS(read);
    LINKS(readdir64);
    LINKS(readlink);
    LINKS(realpath);
    LINKS(recv);
    LINKS(send);
    LINKS(setrlimit);
    LINKS(setsockopt);
    LINKS(shutdown);
    LINKS(signal);
    LINKS(socket);
    LINKS(statvfs64);
    LINKS(uname);
    LINKS(unlink);
    LINKS(write);
}

static void *count(void *counter) {
    uint64_t one = 1;
    return write(*(int *)counter, &one, sizeof one) == sizeof one ? counter : NULL;
}

// As our code calls it: with a time of 64 bits, whatever time_t is.
extern struct tm *our_localtime(const int64_t *, struct tm *) __asm__("localtime_r");

static int is_right_in_2100(void) {
    int64_t july = 4118083200;
    struct tm local = {0};
    return our_localtime(&july, &local) == &local && local.tm_year == 2100 - 1900;
}

// One event, from a thread through the kernel back to here, and the mathematics library.
static int works(void) {
    int counter = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x1122334455667788};
    pthread_t thread;
    void *counted = NULL;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event) != 0 || pthread_create(&thread, NULL, count, &counter) != 0 ||
        pthread_join(thread, &counted) != 0 || counted == NULL)
        return 0;
    memset(&event, 0, sizeof event);
    return epoll_wait(epoll, &event, 1, 10000) == 1 && event.events == EPOLLIN &&
           event.data.u64 == 0x1122334455667788 && sqrt((double)event.events + 3) == 2;
}

int main(void) {
    show_errors();
    show_constants();
    show_types();
    show_structures();
    show_functions();
    return works() && is_right_in_2100() ? 0 : 1;
}

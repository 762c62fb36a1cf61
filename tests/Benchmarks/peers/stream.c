/*
 * stream --socket PATH --mode out|in|ticks --amount N [--streams N] [--plain 1]
 * One connection on which much comes. out: N bytes from the server, on each of several requests at once if asked to;
 * in: N bytes to the server, which says how many it got; ticks: N short messages, each with the time it was sent at.
 * Speaks FastCGI to tests/Responder, or with --plain to peers/plain.c, which shows what the kernel alone takes.
 * Prints one line of JSON: seconds, and what the mode has: fairness (out), p50 and p99 in microseconds (ticks).
 *
 * It deliberately does not look at the bytes that come, only at how many there are: that is what the tests do.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "conversation.h"
#include "listening.h"

enum { STREAMS_MAX = 16, BUFFER = 65536, HEADER_MAX = 1024, TICKS_MAX = 100000, STALL_SECONDS = 30 };

struct stream {
    uint64_t got; /* bytes of STDOUT, the CGI header among them */
    int ended;
};

static int fd;
static uint64_t amount;
static int count = 1, ended;
static double fairness; /* of the stream that has got least when the first one is complete, against that one */
static struct stream streams[STREAMS_MAX + 1]; /* by request id */
static unsigned char buffer[8 + BUFFER];
static double latencies[TICKS_MAX];
static uint64_t ticks;
static char text[HEADER_MAX]; /* the first bytes of STDOUT */
static size_t text_length;

static void fail(const char *why)
{
    fprintf(stderr, "stream: %s\n", why);
    exit(1);
}

static uint64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void send_all(const void *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            fail(strerror(errno));
        bytes = (const char *)bytes + sent;
        length -= (size_t)sent;
    }
}

static size_t receive(void *to, size_t most)
{
    ssize_t got = recv(fd, to, most, 0);
    if (got <= 0)
        fail(got < 0 ? strerror(errno) : "the server closed the connection");
    return (size_t)got;
}

static void note_tick(uint64_t sent)
{
    if (ticks < TICKS_MAX)
        latencies[ticks++] = (double)(nanoseconds() - sent) / 1000;
}

/* "data: NUMBER\n\n" after the CGI header, in pieces as they come. */
static void hear_ticks(const unsigned char *bytes, size_t length)
{
    static uint64_t number;
    static int newlines, in_body;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n' && in_body && number > 0)
            note_tick(number);
        if (bytes[i] == '\n')
            number = 0;
        else if (in_body && bytes[i] >= '0' && bytes[i] <= '9')
            number = number * 10 + bytes[i] - '0';
        newlines = bytes[i] == '\n' ? newlines + 1 : bytes[i] == '\r' ? newlines : 0;
        in_body |= newlines == 2;
    }
}

static void hear_stdout(struct stream *stream, const unsigned char *bytes, size_t length, int as_ticks)
{
    stream->got += length;
    if (as_ticks)
        hear_ticks(bytes, length);
    for (size_t i = 0; i < length && text_length < sizeof text - 1; i++)
        text[text_length++] = (char)bytes[i];
}

static void hear_end(struct stream *stream)
{
    stream->ended = 1;
    if (ended++ > 0)
        return;
    uint64_t least = stream->got;
    for (int id = 1; id <= count; id++)
        least = streams[id].got < least ? streams[id].got : least;
    fairness = (double)least / (double)stream->got;
}

/* Records as they come, in whatever pieces, until every request has ended. */
static void hear(int as_ticks)
{
    unsigned char header[8];
    size_t have = 0, content = 0, padding = 0;
    while (ended < count) {
        size_t got = receive(buffer, BUFFER);
        for (size_t at = 0; at < got;) {
            size_t left = got - at, take;
            if (have < sizeof header) {
                take = left < sizeof header - have ? left : sizeof header - have;
                memcpy(header + have, buffer + at, take);
                have += take;
                if (have == sizeof header) {
                    content = (size_t)header[4] << 8 | header[5];
                    padding = header[6];
                    if (header[0] != 1 || header[2] != 0 || header[3] < 1 || header[3] > count || streams[header[3]].ended)
                        fail("a record of another version or request id");
                }
            } else if (content > 0) {
                take = left < content ? left : content;
                if (header[1] == STDOUT)
                    hear_stdout(&streams[header[3]], buffer + at, take, as_ticks);
                content -= take;
            } else {
                take = left < padding ? left : padding;
                padding -= take;
            }
            at += take;
            if (have == sizeof header && content == 0 && padding == 0) {
                if (header[1] == END_REQUEST)
                    hear_end(&streams[header[3]]);
                have = 0;
            }
        }
    }
}

static size_t put_pair(unsigned char *to, const char *name, const char *value)
{
    to[0] = (unsigned char)strlen(name);
    to[1] = (unsigned char)strlen(value);
    memcpy(to + 2, name, to[0]);
    memcpy(to + 2 + to[0], value, to[1]);
    return 2 + (size_t)to[0] + to[1];
}

static size_t put_record(unsigned char *to, int type, int id, size_t content)
{
    put_header(to, type, content);
    to[3] = (unsigned char)id;
    return 8 + content;
}

static void ask(int id, const char *method, const char *path, const char *query)
{
    const unsigned char begin[8] = {0, RESPONDER, KEEP_CONN, 0, 0, 0, 0, 0};
    unsigned char request[REQUEST_MAX];
    size_t at = put_record(request, BEGIN_REQUEST, id, sizeof begin), params = at;
    memcpy(request + 8, begin, sizeof begin);
    at += 8;
    at += put_pair(request + at, "REQUEST_METHOD", method);
    at += put_pair(request + at, "SCRIPT_NAME", path);
    at += put_pair(request + at, "QUERY_STRING", query);
    at += put_pair(request + at, "SERVER_PROTOCOL", "HTTP/1.1");
    put_record(request + params, PARAMS, id, at - params - 8);
    at += put_record(request + at, PARAMS, id, 0);
    if (strcmp(method, "GET") == 0)
        at += put_record(request + at, STDIN, id, 0);
    send_all(request, at);
}

/* In records as long as lighttpd's, or plain. */
static void send_body(int plain)
{
    const size_t most = plain ? BUFFER : 65535;
    for (uint64_t left = amount; left > 0;) {
        size_t part = left < most ? (size_t)left : most;
        put_record(buffer, STDIN, 1, part);
        send_all(buffer + (plain ? 8 : 0), part + (plain ? 0 : 8));
        left -= part;
    }
}

static void speak_fastcgi(const char *mode)
{
    char query[64], said[32];
    int out = !strcmp(mode, "out"), in = !strcmp(mode, "in");
    snprintf(query, sizeof query, out ? "bytes=%llu" : "count=%llu", (unsigned long long)amount);
    for (int id = 1; id <= count; id++)
        ask(id, in ? "POST" : "GET", out ? "/api/pattern" : in ? "/api/count" : "/api/ticks", query);
    if (in) {
        send_body(0);
        put_record(buffer, STDIN, 1, 0);
        send_all(buffer, 8);
    }
    hear(!out && !in);

    snprintf(said, sizeof said, "%llu", (unsigned long long)amount);
    if (!strstr(text, "Status: 200") || (in && !strstr(text, said)))
        fail("not the answer that was expected");
    for (int id = 1; id <= count && out; id++)
        if (streams[id].got <= amount || streams[id].got > amount + HEADER_MAX)
            fail("not as many bytes as were asked for");
}

static void speak_plainly(const char *mode)
{
    struct { uint64_t mode, amount; } request = {(uint64_t)mode[0], amount};
    uint64_t sent;
    send_all(&request, sizeof request);
    if (!strcmp(mode, "out"))
        for (uint64_t left = amount; left > 0;)
            left -= receive(buffer, left < BUFFER ? (size_t)left : BUFFER);
    if (!strcmp(mode, "in")) {
        send_body(1);
        receive(buffer, 1);
    }
    if (!strcmp(mode, "ticks"))
        for (uint64_t i = 0; i < amount; i++) {
            if (receive(&sent, sizeof sent) != sizeof sent)
                fail("a tick in two pieces");
            note_tick(sent);
        }
}

static int ascending(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

int main(int argc, char **argv)
{
    const char *path = NULL, *mode = NULL;
    int plain = 0, known = argc % 2 == 1;
    for (int i = 1; i + 1 < argc && known; i += 2) {
        if (!strcmp(argv[i], "--socket")) path = argv[i + 1];
        else if (!strcmp(argv[i], "--mode")) mode = argv[i + 1];
        else if (!strcmp(argv[i], "--amount")) amount = strtoull(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--streams")) count = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--plain")) plain = atoi(argv[i + 1]);
        else known = 0;
    }
    known = known && path && mode && (!strcmp(mode, "out") || !strcmp(mode, "in") || !strcmp(mode, "ticks"));
    if (!known || amount == 0 || count < 1 || count > STREAMS_MAX || (count > 1 && (plain || strcmp(mode, "out")))) {
        fprintf(stderr, "usage: stream --socket PATH --mode out|in|ticks --amount N [--streams 1..%d] [--plain 1]\n", STREAMS_MAX);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sockaddr_un address = socket_address(path);
    struct timeval patience = {.tv_sec = STALL_SECONDS};
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail(strerror(errno));

    uint64_t begin = nanoseconds();
    if (plain)
        speak_plainly(mode);
    else
        speak_fastcgi(mode);
    double seconds = (double)(nanoseconds() - begin) / 1e9;
    if (!strcmp(mode, "ticks") && ticks != amount)
        fail("not as many ticks as were asked for");
    qsort(latencies, ticks, sizeof latencies[0], ascending);
    printf("{\"seconds\":%.6f,\"fairness\":%.4f,\"p50\":%.1f,\"p99\":%.1f}\n", seconds, fairness, latencies[ticks / 2],
           latencies[ticks * 99 / 100]);
    return 0;
}

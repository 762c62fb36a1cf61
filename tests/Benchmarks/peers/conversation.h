/*
 * The one conversation every measurement holds: the request lighttpd 1.4.69 sends for GET /api/health under a
 * fastcgi.server prefix "/api/", and the check of what comes back.
 *
 * It deliberately does not know STDERR contents, management records or any other request: a reply must be complete in
 * REPLY_MAX bytes, carry "Status: 200" and {"status":"ok"} on STDOUT, and end with END_REQUEST, protocolStatus 0.
 */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include <stddef.h>
#include <string.h>

enum { REQUEST_MAX = 2048, REPLY_MAX = 4096 };
enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6, STDERR = 7 };
enum { KEEP_CONN = 1, RESPONDER = 1, REQUEST_ID = 1 };

/* What a browser makes lighttpd send; names, order and the absence of PATH_INFO were read off the real server. */
static const char *const request_params[][2] = {
    {"CONTENT_LENGTH", "0"},
    {"QUERY_STRING", ""},
    {"REQUEST_URI", "/api/health"},
    {"REDIRECT_STATUS", "200"},
    {"SCRIPT_NAME", "/api/health"},
    {"SCRIPT_FILENAME", "/srv/www/api/health"},
    {"DOCUMENT_ROOT", "/srv/www"},
    {"REQUEST_METHOD", "GET"},
    {"SERVER_PROTOCOL", "HTTP/1.1"},
    {"SERVER_SOFTWARE", "lighttpd/1.4.69"},
    {"GATEWAY_INTERFACE", "CGI/1.1"},
    {"REQUEST_SCHEME", "http"},
    {"SERVER_PORT", "80"},
    {"SERVER_ADDR", "192.168.1.1"},
    {"SERVER_NAME", "192.168.1.1"},
    {"REMOTE_ADDR", "192.168.1.100"},
    {"REMOTE_PORT", "52554"},
    {"HTTP_HOST", "192.168.1.1"},
    {"HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
    {"HTTP_ACCEPT", "*/*"},
    {"HTTP_ACCEPT_LANGUAGE", "en-US,en;q=0.5"},
    {"HTTP_ACCEPT_ENCODING", "gzip, deflate"},
};

/* version | type | requestId (2) | contentLength (2) | paddingLength | reserved: FastCGI 1.0 section 3.3. */
static size_t put_header(unsigned char *to, int type, size_t content)
{
    const unsigned char header[8] = {
        1, (unsigned char)type, 0, REQUEST_ID, (unsigned char)(content >> 8), (unsigned char)content, 0, 0};
    memcpy(to, header, sizeof header);
    return sizeof header;
}

/* BEGIN, PARAMS, empty PARAMS, empty STDIN into `to`, which holds REQUEST_MAX bytes; returns how many were used. */
static inline size_t build_request(unsigned char *to, int flags)
{
    size_t at = put_header(to, BEGIN_REQUEST, 8);
    const unsigned char begin[8] = {0, RESPONDER, (unsigned char)flags, 0, 0, 0, 0, 0};
    memcpy(to + at, begin, sizeof begin);
    at += sizeof begin;

    size_t params = at;
    at += 8;
    for (size_t i = 0; i < sizeof request_params / sizeof request_params[0]; i++) {
        size_t name = strlen(request_params[i][0]), value = strlen(request_params[i][1]);
        to[at++] = (unsigned char)name; /* all lengths are below 128: one byte each, section 3.4 */
        to[at++] = (unsigned char)value;
        memcpy(to + at, request_params[i][0], name);
        memcpy(to + at + name, request_params[i][1], value);
        at += name + value;
    }
    put_header(to + params, PARAMS, at - params - 8);
    at += put_header(to + at, PARAMS, 0);
    at += put_header(to + at, STDIN, 0);
    return at;
}

/* 0: not complete yet; 1: complete and right; -1: never right, *why says what. */
static inline int check_reply(const unsigned char *bytes, size_t have, const char **why)
{
    unsigned char text[REPLY_MAX];
    size_t text_length = 0, at = 0;

    while (have - at >= 8) {
        const unsigned char *header = bytes + at;
        size_t content = (size_t)header[4] << 8 | header[5];
        size_t record = 8 + content + header[6];
        if (header[0] != 1 || header[2] != 0 || header[3] != REQUEST_ID)
            return *why = "a record of another version or request id", -1;
        if (at + record > REPLY_MAX)
            return *why = "a reply longer than the fixed small one", -1;
        if (have - at < record)
            return 0;
        if (header[1] == STDOUT) {
            memcpy(text + text_length, header + 8, content);
            text_length += content;
        } else if (header[1] == END_REQUEST) {
            if (content != 8 || header[8 + 4] != 0)
                return *why = "END_REQUEST with a protocolStatus other than REQUEST_COMPLETE", -1;
            if (at + record != have)
                return *why = "bytes after END_REQUEST", -1;
            if (!memmem(text, text_length, "Status: 200", 11))
                return *why = "a reply without Status: 200", -1;
            if (!memmem(text, text_length, "{\"status\":\"ok\"}", 15))
                return *why = "a reply without the body status ok", -1;
            return 1;
        } else if (header[1] != STDERR) {
            return *why = "a record type no responder may send", -1;
        }
        at += record;
    }
    return 0;
}

#endif

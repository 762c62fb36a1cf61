/*
 * The peer most C backends stand on: libfcgi's reentrant accept loop, one request at a time, as its manual shows it.
 *
 * It deliberately does not use threads, look at its parameters or route: every request gets the same small reply.
 */
#include <fcgiapp.h>

int main(void)
{
    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
        return 1;
    while (FCGX_Accept_r(&request) >= 0) {
        FCGX_PutS(
            "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}", request.out);
        FCGX_Finish_r(&request);
    }
    return 0;
}

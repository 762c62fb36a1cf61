// The peer with a garbage collector and a runtime: Go's net/http/fcgi, as its documentation shows it.
//
// It deliberately does not route, tune GOGC or GOMAXPROCS, or look at the request: every request gets the same small
// reply.
package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
)

func main() {
	listener, err := net.FileListener(os.Stdin)
	if err != nil {
		log.Fatalf("gofcgi: fd 0 is no listening socket: %v", err)
	}
	log.Fatal(fcgi.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "15")
		io.WriteString(w, `{"status":"ok"}`)
	})))
}

package main

import (
	"flag"
	"log"
	"net"
	"strings"
	"time"

	"github.com/strata-http/strata/transport"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "accept connections at this `address`")
	allow := flag.String("allow", "", "reach these `hosts` only, with commas between; *.example.org is every name below it")
	timeout := flag.Duration("timeout", time.Minute, "end a connection on which nothing moves for so long")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("proxy: no argument is wanted, and there is %q", flag.Arg(0))
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	p := &forwarder{name: l.Addr().String(), dialer: transport.TCP{}, timeout: *timeout}
	if *allow != "" {
		p.allow = strings.Split(*allow, ",")
	}
	log.Printf("proxy at http://%s", l.Addr())
	log.Fatal(p.serve(l))
}

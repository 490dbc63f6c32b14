package httpclient_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport/memory"
)

// A Pool keeps connections, and sends a request again whose connection the server had closed meanwhile.
func ExamplePool() {
	var network memory.Network
	listener, err := network.Listen("example.org:80")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL.Path)
	})}
	go server.Serve(listener)
	defer server.Close()

	pool := &httpclient.Pool{
		MaxPerOrigin: 4, IdleTime: time.Minute,
		Options: []httpclient.Option{httpclient.WithDialer(&network)},
	}
	defer pool.Close()

	origin := httpclient.Origin{Scheme: "http", Host: "example.org"}
	for _, target := range []string{"/one", "/two"} {
		resp, err := pool.Do(context.Background(), origin, &httpclient.PoolRequest{Method: "GET", Target: target})
		if err != nil {
			log.Fatal(err)
		}
		content, err := io.ReadAll(resp)
		fmt.Printf("%s %v, used before: %v\n", content, err, resp.Connection().Reused())
		resp.Close()
	}
	fmt.Println(pool.Stats().Dialled, "connection")
	// Output:
	// /one <nil>, used before: false
	// /two <nil>, used before: true
	// 1 connection
}

package nethttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/nethttp"
)

// TestWhateverHappens: with servers that do anything and callers that give up anywhere, a response is never another's, every
// body is closed, and nothing is left open.
func TestWhateverHappens(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("secure %v", secure), func(t *testing.T) { whatever(t, secure) })
	}
}

func whatever(t *testing.T, secure bool) {
	r := &run{T: t}
	rt := &nethttp.Transport{MaxConnsPerHost: 6, MaxIdleConnsPerHost: 6}
	if secure {
		server := newTLSServer(t, http.HandlerFunc(anything))
		r.url, rt.TLSClientConfig = server.URL, server.Client().Transport.(*http.Transport).TLSClientConfig
	} else {
		r.url = "http://" + r.serveRaw(anyPeer)
	}
	defer rt.CloseIdleConnections()
	r.rt = rt
	var all sync.WaitGroup
	for i := range 8 {
		random := rand.New(rand.NewPCG(uint64(i), 1))
		all.Go(func() {
			for j := range 60 {
				anyRequest(r, random, fmt.Sprintf("/%d/%d", i, j))
			}
		})
	}
	all.Wait()
	rt.CloseIdleConnections()
	if s := rt.Stats(); s.Open != 0 || s.Waiting != 0 || s.Origins != 0 {
		t.Errorf("%+v", s)
	}
}

// anyRequest makes a request and gives up on it somewhere, or not.
func anyRequest(r *run, random *rand.Rand, path string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var b *tracked
	var content io.Reader
	if random.IntN(2) == 0 {
		b = track(strings.NewReader(strings.Repeat("c", random.IntN(60000))))
		content = b
	}
	method := []string{"GET", "POST", "PUT", "HEAD"}[random.IntN(4)]
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, content)
	if err != nil {
		r.Error(err)
		return
	}
	if b != nil {
		defer r.logClosed(b)
	}
	if random.IntN(5) == 0 {
		go cancel()
	}
	resp, err := r.rt.RoundTrip(req)
	if err != nil {
		return // of whatever kind
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("X-Path"); got != path {
		r.Errorf("the response to %s, for %s", got, path)
	}
	switch random.IntN(5) {
	case 0:
		return
	case 1:
		resp.Body.Read(make([]byte, 3))
		return
	case 2:
		go resp.Body.Close()
	case 3:
		go cancel()
	}
	all, err := io.ReadAll(resp.Body)
	if err == nil && method != "HEAD" && string(all) != strings.Repeat(path, len(all)/len(path)) {
		r.Errorf("content of another response: %.40q, for %s", all, path)
	}
	if errors.Is(err, io.EOF) {
		r.Errorf("io.EOF within %d octets", len(all))
	}
}

// anyPeer serves in ways that are chosen by chance.
func anyPeer(_ *run, p *peer) {
	random := rand.New(rand.NewPCG(uint64(p.n), 2))
	for {
		head := p.head()
		if head == "" {
			return
		}
		method, path := strings.Fields(head)[0], strings.Fields(head)[1]
		early := random.IntN(4) == 0
		if !early && strings.Contains(head, "chunked") {
			p.chunked()
		}
		content := strings.Repeat(path, random.IntN(3000))
		if method == "HEAD" {
			content = ""
		}
		start := "HTTP/1.1 200 OK\r\nX-Path: " + path + "\r\n"
		switch random.IntN(8) {
		case 0:
			return
		case 1:
			p.send(start[:random.IntN(len(start))])
			return
		case 2:
			p.send("HTTP/1.1 103 Early Hints\r\n\r\n" + start + "Connection: close\r\n\r\n" + content)
			return
		case 3, 4:
			p.send(start + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(content), content))
		case 5:
			p.send(start + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(content), content[:len(content)/2]))
			return
		default:
			if method == "HEAD" || content == "" {
				p.send(start + "Content-Length: 0\r\n\r\n")
				break
			}
			p.send(start + "Transfer-Encoding: chunked\r\n\r\n")
			p.send(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(content), content))
		}
		if early && strings.Contains(head, "chunked") {
			p.chunked()
		}
	}
}

// anything is what net/http serves over TLS.
func anything(w http.ResponseWriter, r *http.Request) {
	n := len(r.URL.Path) * 37 % 11
	w.Header().Set("X-Path", r.URL.Path)
	switch n {
	case 0:
		panic(http.ErrAbortHandler)
	case 1:
	default:
		io.Copy(io.Discard, r.Body)
	}
	io.WriteString(w, strings.Repeat(r.URL.Path, n*100))
}

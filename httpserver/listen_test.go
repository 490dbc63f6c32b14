package httpserver_test

import (
	"context"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

// One server serves listeners of every kind at once. A request's context is below that of its listener and of its
// connection.
func TestListeners(t *testing.T) {
	type key struct{}
	names := map[net.Listener]string{}
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		name, _ := r.Context().Value(key{}).(string)
		w.WriteString(name)
	})
	s.NoDate = true
	s.BaseContext = func(l net.Listener) context.Context { return context.WithValue(context.Background(), key{}, names[l]) }
	s.ConnContext = func(ctx context.Context, nc net.Conn) context.Context {
		return context.WithValue(ctx, key{}, ctx.Value(key{}).(string)+" "+nc.LocalAddr().Network())
	}
	var serving sync.WaitGroup
	dials := map[string]func() (net.Conn, error){}
	var listeners []net.Listener
	for _, link := range links {
		l, dial := link.listen(t)
		names[l], dials[link.name] = link.name, dial
		listeners = append(listeners, l)
	}
	for _, l := range listeners {
		serving.Go(func() {
			if err := s.Serve(l); err != httpserver.ErrServerClosed {
				t.Errorf("%s: Serve: %v", names[l], err)
			}
		})
	}
	for name, content := range map[string]string{"memory": "memory memory", "TCP": "TCP tcp", "Unix": "Unix unix", "TLS": "TLS tcp"} {
		nc, err := dials[name]()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		if err := exchanged(nc, get[:len(get)-2]+"Connection: close\r\n\r\n", answerOf(content)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	serving.Wait()
	for name, dial := range dials {
		nc, err := dial()
		if err == nil {
			t.Errorf("%s still listens", name)
		}
		if err == nil {
			nc.Close()
		}
	}
}

// answerOf is the last response of a connection.
func answerOf(content string) string {
	return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(content)) + "\r\nConnection: close\r\n\r\n" + content
}

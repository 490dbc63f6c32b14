package httpserver_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

// The access log has a line for each exchange, and what the client sent cannot break out of it.
func TestAccessLog(t *testing.T) {
	for _, c := range []struct {
		format  httpserver.LogFormat
		request string
		want    string
	}{
		{httpserver.CommonLog, "GET /a?b HTTP/1.1\nHost: a\n\n", `"GET /a?b HTTP/1.1" 200 5`},
		{httpserver.CommonLog, "HEAD /a HTTP/1.0\n\n", `"HEAD /a HTTP/1.0" 200 -`},
		{httpserver.CommonLog, "nonsense\n\n", `"-" 400 110`},
		{httpserver.CommonLog, "GET /\"\\x HTTP/1.1\nHost: a\n\n", `"GET /\x22\x5cx HTTP/1.1" 200 5`},
		{httpserver.CombinedLog, "GET / HTTP/1.1\nHost: a\nUser-Agent: \"me\xff\"\nReferer: x\n\n", `"GET / HTTP/1.1" 200 5 "x" "\x22me\xff\x22"`},
		{httpserver.CombinedLog, "GET / HTTP/1.1\nHost: a\n\n", `"GET / HTTP/1.1" 200 5 "-" "-"`},
	} {
		var out bytes.Buffer
		s := handle(func(w httpserver.ResponseWriter, _ httpserver.Request) { w.WriteString("hello") })
		s.AccessLog, s.LogFormat = slog.New(httpserver.LogHandler(&out)), c.format
		w := serve(t, s)
		w.send(crlf(c.request))
		w.rest()
		w.wait()
		line := regexp.MustCompile(`^pipe - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [-+]\d{4}\] (.*)\n$`).FindStringSubmatch(out.String())
		if line == nil || line[1] != c.want {
			t.Errorf("%q is logged as %q, want %q", c.request, out.String(), c.want)
		}
	}
}

func TestAccessLogAttributes(t *testing.T) {
	var out bytes.Buffer
	s := handle(func(w httpserver.ResponseWriter, _ httpserver.Request) { w.WriteString("hello") })
	s.AccessLog = slog.New(slog.NewJSONHandler(&out, nil))
	w := serve(t, s)
	w.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
	w.rest()
	w.wait()
	var got struct {
		Msg, Method, Target, Version string
		Status, Octets, Duration     int64
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if got.Method != "GET" || got.Target != "/a" || got.Version != "HTTP/1.1" || got.Status != 200 || got.Octets != 5 || got.Duration < 0 ||
		!strings.Contains(got.Msg, `"GET /a HTTP/1.1" 200 5`) {
		t.Errorf("%+v", got)
	}
}

// An exchange has one line, and the status that was sent, however it ended.
func TestAccessLogOfWhatFailed(t *testing.T) {
	for _, c := range []struct {
		name, request, want string
		handler             httpserver.HandlerFunc
	}{
		{"content that is cut short", "PUT /a HTTP/1.1\nHost: a\nContent-Length: 9\n\nabc", `"PUT /a HTTP/1.1" 400 `, func(_ httpserver.ResponseWriter, r httpserver.Request) {
			r.ReadAll(-1)
		}},
		{"a panic before the head", "GET /b HTTP/1.1\nHost: a\n\n", `"GET /b HTTP/1.1" 000 -`, func(httpserver.ResponseWriter, httpserver.Request) {
			panic(httpserver.ErrAbort)
		}},
		{"a panic behind it", "GET /c HTTP/1.1\nHost: a\n\n", `"GET /c HTTP/1.1" 201 -`, func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.SetStatus(201)
			w.Flush()
			panic(httpserver.ErrAbort)
		}},
	} {
		var out bytes.Buffer
		s := handle(c.handler)
		s.AccessLog = slog.New(httpserver.LogHandler(&out))
		s.OnError = func(net.Addr, error) {}
		w := serve(t, s)
		w.send(crlf(c.request))
		w.rest()
		w.wait()
		if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, c.want) {
			t.Errorf("%s is logged as %q, want one line with %q", c.name, got, c.want)
		}
	}
}

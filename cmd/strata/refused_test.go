package main

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLenient(t *testing.T) {
	const (
		bareCR = "HTTP/1.1 200 OK\r\nA: x\ry\r\nContent-Length: 2\r\n\r\nhi"
		loose  = "HTTP/1.1   200 OK\nNo field\nContent-Length: 2\n\nhi"
		worst  = "HTTP/1.1 200 OK\r\nA: x\ry\x00\nB : \x01\nContent-Length: 2\n\nhi"
		old    = "hi"
	)
	for _, tt := range []struct {
		answer string
		args   []string
		code   int
		want   string // in the message; the content is "hi" where there is none
	}{
		{bareCR, nil, 5, "; --lenient AllowBareCR would admit it"},
		{bareCR, []string{"--lenient", "AllowNUL,AllowBareLF"}, 5, "--lenient AllowBareCR"},
		{bareCR, []string{"--lenient", "http.client"}, 5, "--lenient AllowBareCR"},
		{bareCR, []string{"--lenient", "AllowBareCR"}, 0, ""},
		{bareCR, []string{"--lenient", "AllowNUL, AllowBareCR"}, 0, ""},
		{bareCR, []string{"--lenient=AllowBareCR", "--lenient=AllowNUL"}, 0, ""},
		{loose, []string{"--lenient", "http.client"}, 0, ""},
		{worst, []string{"--lenient", "http.client"}, 5, "--lenient"},
		{worst, []string{"--lenient", "all"}, 0, ""},
		{old, []string{"--lenient", "AllowHTTP09"}, 0, ""},
		{"wire.AllowNUL would admit it\r\n", nil, 5, "; --lenient AllowHTTP09 would admit it"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b", nil, 6, "--lenient AllowTrailerEOF would admit it"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b", []string{"--lenient", "AllowTrailerEOF"}, 0, ""},
	} {
		for _, command := range [][]string{{"get"}, {"request", "GET"}} {
			p := newPeer(t, tt.answer, nil)
			got := strata(t, "", append(append(command, p.addr), tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.stderr, tt.want) || strings.Contains(got.stderr, "wire.") {
				t.Errorf("%q with %q: %+v", tt.answer, tt.args, got)
			}
			if tt.code == 0 && (got.stdout != "hi" || got.stderr != "") {
				t.Errorf("%q with %q: %+v", tt.answer, tt.args, got)
			}
		}
	}
}

// account returns what -v tells of a response: the lines behind the request, without the one about the closing of the
// connection, which is the last, and the message.
func account(t *testing.T, answer string, then func(net.Conn), args ...string) string {
	t.Helper()
	got := strata(t, "", append([]string{"get", "-v", newPeer(t, answer, then).addr}, args...)...)
	_, told, ok := strings.Cut(got.stderr, "\n> \n")
	told, message, closed := strings.Cut(told, "* Connection closed: ")
	if !ok || !closed || strings.Count(message, "\n") != 2 || !strings.Contains(message, "\nstrata: ") {
		t.Errorf("%q: %s", answer, got.stderr)
	}
	if raw := regexp.MustCompile(`[^\n -~]`).FindString(got.stderr); raw != "" {
		t.Errorf("%q: %q is not escaped", answer, raw)
	}
	return told
}

func TestVerboseRefusedResponse(t *testing.T) {
	const line = "HTTP/1.1 200 OK\r\n"
	long := strings.Repeat("x", 600)
	for _, tt := range []struct{ name, answer, want string }{
		{"field", line + "S: \xe9\x9b\\\r\nA: x\x1b[2J\ty\r\nB: not this\r\n\r\n", `< HTTP/1.1 200 OK
< S: \xe9\x9b\\
< A: x\x1b[2J\ty
*     ^ refused at byte 29: rule field-value
`},
		{"first octet", "SSH-2.0-x\r\n\r\n", `< SSH-2.0-x
* ^ refused at byte 0: rule no-status-line
`},
		{"escapes before the place", line + "A: \xff\x80\\\t\x00b\n", `< HTTP/1.1 200 OK
< A: \xff\x80\\\t\x00b\n
*                ^ refused at byte 24: rule nul
`},
		{"line end", line + "A: b\n\r\n", `< HTTP/1.1 200 OK
< A: b\n
*     ^ refused at byte 21: rule bare-lf
`},
		{"behind an interim response", "HTTP/1.1 103 Early\r\nA: b\r\n\r\n" + line + "A b: c\r\n\r\n", `< HTTP/1.1 103 Early
< A: b
< 
< HTTP/1.1 200 OK
< A b: c
*  ^ refused at byte 46: rule space-before-colon
`},
		{"long line", line + "A: " + long + "\x00" + long + "\r\n\r\n", `< HTTP/1.1 200 OK
< A: xxxxxxxxxxxxx[571 octets]xxxxxxxxxxxxxxxx\x00xxxxxxxxxxxxxxx[585 octets]
*                                             ^ refused at byte 620: rule nul
`},
		{"long line before", line + "A: " + long + "\r\nB: \x00\r\n\r\n", "< HTTP/1.1 200 OK\n< A: " + long[:477] + `[123 octets]
< B: \x00
*    ^ refused at byte 625: rule nul
`},
		{"cut", line + "A: b", `< HTTP/1.1 200 OK
< A: b
*     ^ cut short at byte 21: rule incomplete-head
`},
		{"content", line + "Transfer-Encoding: chunked\r\n\r\nx\r\n", `< HTTP/1.1 200 OK
< Transfer-Encoding: chunked
< 
* refused at byte 47: rule chunk-size
`},
		{"nothing", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, account(t, tt.answer, nil)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	t.Run("time", func(t *testing.T) {
		if diff := cmp.Diff("< HTTP/1.1 200 OK\n< A: \n", account(t, line+"A: ", hold, "--timeout", "0.05")); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// TestVerboseRefusedBounded: a head as long as can be shows little of itself.
func TestVerboseRefusedBounded(t *testing.T) {
	for _, value := range []string{"v", strings.Repeat("v", 200), strings.Repeat("\x80", 200), strings.Repeat("v", 900)} {
		var fields strings.Builder
		const n = 60
		for i := range n {
			fmt.Fprintf(&fields, "F%d: %s\r\n", i, value)
		}
		told := account(t, "HTTP/1.1 200 OK\r\n"+fields.String()+"Bad: \x00\r\n\r\n", nil)
		lines := strings.Split(strings.TrimSuffix(told, "\n"), "\n")
		last := lines[len(lines)-2:]
		if len(lines) > 42 || len(told) > 4<<10+200 || lines[0] != "< HTTP/1.1 200 OK" ||
			last[0] != `< Bad: \x00` || !strings.HasPrefix(last[1], "*      ^ refused at byte ") {
			t.Errorf("%d lines, %d octets:\n%s", len(lines), len(told), told)
		}
		left := regexp.MustCompile(`\n\* \((\d+) lines are not shown\)\n`).FindStringSubmatch(told)
		if left == nil || left[1] != fmt.Sprint(n+2-(len(lines)-2)) { // a line each for what is left out and the mark
			t.Errorf("%q are not shown of %d lines:\n%s", left, n+2, told)
		}
	}
}

// TestArrived: however much comes before a head has passed, no more than a bound is kept.
func TestArrived(t *testing.T) {
	l := new(log)
	for range 10 {
		l.arrive(make([]byte, maxKept/4))
	}
	if len(l.octets) != maxKept {
		t.Errorf("%d octets are kept", len(l.octets))
	}
	l.pass(make([]byte, 10), false)
	if len(l.octets) != maxKept-10 || l.base != 10 {
		t.Errorf("behind a head of 10 octets: %d octets, the first at %d", len(l.octets), l.base)
	}
	l.pass(nil, true)
	if l.arrive(make([]byte, 10)); len(l.octets) != 0 {
		t.Errorf("%d octets of content are kept", len(l.octets))
	}
}

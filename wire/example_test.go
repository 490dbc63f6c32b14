package wire_test

import (
	"errors"
	"fmt"

	"github.com/strata-http/strata/wire"
)

// A field line that arrives in two pieces is read from where the first call stopped.
func ExampleConsumeFieldLine() {
	data := []byte("Accept: text/ht")
	_, next, ok, err := wire.ConsumeFieldLine(data, 0, 0, 0)
	fmt.Println(next, ok, err)

	data = append(data, "ml\r\nHost: example.com\r\n"...)
	line, next, ok, err := wire.ConsumeFieldLine(data, 0, next, 0)
	fmt.Println(next, ok, err)
	fmt.Printf("%q %q\n", data[:line.NameEnd], data[line.ValueStart:line.ValueEnd])

	start := next
	line, next, ok, err = wire.ConsumeFieldLine(data, start, start, 0)
	fmt.Println(next, ok, err)
	fmt.Printf("%q %q\n", data[start:line.NameEnd], data[line.ValueStart:line.ValueEnd])
	// Output:
	// 15 false <nil>
	// 19 true <nil>
	// "Accept" "text/html"
	// 38 true <nil>
	// "Host" "example.com"
}

// A rejection names its rule, and the leniency that would admit it.
func ExampleSyntaxError() {
	data := []byte("Transfer-Encoding : chunked\r\n")
	_, _, _, err := wire.ConsumeFieldLine(data, 0, 0, 0)
	fmt.Println(err)
	fmt.Println(errors.Is(err, wire.RuleSpaceBeforeColon), errors.Is(err, wire.RuleFieldName))

	line, _, ok, err := wire.ConsumeFieldLine(data, 0, 0, wire.AllowSpaceBeforeColon)
	fmt.Println(ok, err, line.Admitted)
	// Output:
	// field line at byte 17: whitespace between field name and colon (RFC 9112 section 5.1); wire.AllowSpaceBeforeColon would admit it; found " "
	// true false
	// true <nil> AllowSpaceBeforeColon
}

func ExampleConsumeRequestLine() {
	data := []byte("GET /index.html?q=1 HTTP/1.1\r\nHost: example.com\r\n\r\n")
	line, next, _, err := wire.ConsumeRequestLine(data, 0, 0, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	method, target := data[:line.MethodEnd], data[line.TargetStart:line.TargetEnd]
	form, err := wire.ParseTarget(method, target)
	fmt.Printf("%s %s %v, %v, %v; fields at %d\n", method, target, line.Version, form.Form, err, next)
	// Output: GET /index.html?q=1 HTTP/1.1, origin-form, <nil>; fields at 30
}

func ExampleConsumeStatusLine() {
	data := []byte("HTTP/1.0 404 Not Found\r\n")
	line, _, _, err := wire.ConsumeStatusLine(data, 0, 0, 0)
	fmt.Printf("%v %d %q %v\n", line.Version, line.Status, data[line.ReasonStart:line.ReasonEnd], err)
	// Output: HTTP/1.0 404 "Not Found" <nil>
}

// Nothing of an element that breaks a rule is appended.
func ExampleAppendFieldLine() {
	dst := []byte("GET / HTTP/1.1\r\n")
	dst, err := wire.AppendFieldLine(dst, "Host", "example.com")
	fmt.Println(err)
	dst, err = wire.AppendFieldLine(dst, "X-User", "eve\r\nX-Admin: yes")
	fmt.Println(err)
	fmt.Printf("%q\n", dst)
	// Output:
	// <nil>
	// field line at byte 11: bare CR in field value (RFC 9112 section 2.2); found "\r"
	// "GET / HTTP/1.1\r\nHost: example.com\r\n"
}

func ExampleConsumeChunkHead() {
	data := []byte("1a;sig=\"x;y\";last\r\n")
	head, next, _, err := wire.ConsumeChunkHead(data, 0, 0, wire.ChunkHead{}, 0)
	fmt.Println(head.Size, next, err)
	for ext := data[head.ExtStart:head.ExtEnd]; len(ext) > 0; {
		name, value, n := wire.ConsumeChunkExt(ext)
		fmt.Printf("%s %q\n", name, wire.AppendUnquoted(nil, value))
		ext = ext[n:]
	}
	// Output:
	// 26 19 <nil>
	// sig "x;y"
	// last ""
}

func ExampleRules() {
	for _, r := range wire.Rules() {
		if r.Lenient() == wire.AllowObsFold {
			fmt.Println(r.Name(), "-", r.Section(), "-", r.Requires(), "Binds:", r.Binds())
		}
	}
	// Output: obs-fold - RFC 9112 section 5.2 - A field line is not continued on the next line. Binds: sender
}

package conn_test

import (
	"errors"
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// Whatever a response lacks, leniency about its fields finds nothing to hold on to and does not fall.
func TestLeniencyWithoutFields(t *testing.T) {
	for _, response := range []string{
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 200 OK\n\n",
		"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
		"HTTP/1.1 200 OK\r\n folded\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\nA: b\r\n c\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: unclosed\r\n\r\n",
	} {
		for _, lenient := range []wire.Lenient{wire.LenientAll, wire.LenientHTTPClient} {
			c := conn.New(conn.Client, conn.Config{Lenient: lenient})
			if _, err := c.AppendRaw(nil, nil, "GET"); err != nil {
				t.Fatal(err)
			}
			_, ev, err := c.Next([]byte(response), true)
			if err != nil || ev.Kind != conn.ResponseHead {
				t.Errorf("%q: %v, %v", response, ev.Kind, err)
			}
		}
	}
}

// Each leniency is told once, where it was needed first: in the start-line, in a field line, in the value at
// fault.
func TestDeviationsInOrder(t *testing.T) {
	const response = "HTTP/1.1 200 OK\nA: b\nContent-Length: 1\nContent-Length: 2\n\nx"
	c := conn.New(conn.Client, conn.Config{Lenient: wire.LenientAll})
	if _, err := c.AppendRaw(nil, nil, "GET"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Next([]byte(response), true); err != nil {
		t.Fatal(err)
	}
	want := []wire.Deviation{{Lenient: wire.AllowBareLF, Offset: 0}, {Lenient: wire.AllowManyLengths, Offset: 55}}
	got := c.Deviations()
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v; want %v", got, want)
	}
}

// A server drops no line of a request, whatever it is told to take: what is dropped may be what frames the
// request, and then its content would be read as the next one.
func TestServerDropsNoLines(t *testing.T) {
	for _, lenient := range []wire.Lenient{wire.AllowBadLineSkipped, wire.AllowBadLineEnds, wire.LenientHTTPClient} {
		for request, rule := range map[string]wire.Rule{
			"Content-Length : 35\r\n\r\n":                         wire.RuleSpaceBeforeColon,
			"Transfer-Encoding : chunked\r\n\r\n":                 wire.RuleSpaceBeforeColon,
			"junk\r\nContent-Length: 35\r\n\r\n":                  wire.RuleMissingColon,
			": x\r\n\r\n":                                         wire.RuleFieldName,
			"Transfer-Encoding: chunked\r\n\r\n0\r\njunk\r\n\r\n": wire.RuleMissingColon,
		} {
			c := conn.New(conn.Server, conn.Config{Lenient: lenient})
			data := []byte("POST / HTTP/1.1\r\nHost: h\r\n" + request)
			for {
				n, ev, err := c.Next(data, false)
				data = data[n:]
				if err == nil && ev.Kind != conn.NeedData && ev.Kind != conn.Paused {
					continue
				}
				if !errors.Is(err, rule) {
					t.Errorf("%q with %v: %v, %v; want %v", request, lenient, ev.Kind, err, rule)
				}
				break
			}
		}
	}
}

package parse_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/wire"
)

// TestSetLimit: each name sets one limit of its own.
func TestSetLimit(t *testing.T) {
	var o parse.Options
	for i, name := range parse.LimitNames() {
		if err := o.SetLimit(name, int64(i+1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := wire.Limits{Line: 1, Section: 2, Fields: 3, Trailer: 4, Content: 5, ChunkOverhead: 6, Interim: 7}
	if diff := cmp.Diff(want, o.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	for name, value := range map[string]int64{"none": 1, "Line": 1, "line": 0, "content": 0} {
		if o.SetLimit(name, value) == nil {
			t.Errorf("%s=%d was taken", name, value)
		}
	}
	if diff := cmp.Diff(want, o.Limits); diff != "" {
		t.Errorf("limits after what was refused (-want +got):\n%s", diff)
	}
}

// TestCut: a read that ends anywhere changes nothing, nor does overwriting what was consumed.
func TestCut(t *testing.T) {
	octets := []byte(get + "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + host + "2\r\nhi\r\n0\r\nA: b\r\n\r\n" + get)
	c := parse.Case{Side: conn.Server, Octets: octets}
	want, err := parse.Run(c, parse.Options{})
	if err != nil || want.Messages != 3 {
		t.Fatalf("%d messages, %v", want.Messages, err)
	}
	for cut := 1; cut < len(octets); cut++ {
		for _, scribble := range []bool{false, true} {
			c.Octets = bytes.Clone(octets)
			got, err := parse.Run(c, parse.Options{Cut: cut, Scribble: scribble})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("cut at %d, scribble %t (-want +got):\n%s", cut, scribble, diff)
			}
			if overwritten := !bytes.Equal(c.Octets, octets); overwritten != scribble {
				t.Fatalf("scribble %t: octets overwritten %t", scribble, overwritten)
			}
		}
	}
}

package conformance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/test/conformance"
	"github.com/strata-http/strata/wire"
)

// cases returns the cases of all pages.
func cases(t *testing.T) []conformance.Case {
	t.Helper()
	all, err := conformance.All()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// configured returns a receive case and its configuration as package parse has them.
func configured(t *testing.T, c *conformance.Case) (parse.Case, parse.Options) {
	t.Helper()
	side, err := parse.ParseSide(c.Role)
	if err != nil {
		t.Fatal(err)
	}
	var o parse.Options
	for _, name := range c.Lenient {
		bits, ok := wire.ParseLenient(name)
		if !ok {
			t.Fatalf("there is no leniency %q", name)
		}
		o.Lenient |= bits
	}
	for _, limit := range c.Limits {
		if err := o.SetLimit(limit.Name, limit.Value); err != nil {
			t.Fatal(err)
		}
	}
	return parse.Case{Side: side, Octets: c.Octets, EOF: c.EOF, Methods: c.Methods}, o
}

// outcome is what became of a case.
func outcome(t *testing.T, c parse.Case, o parse.Options) *parse.Result {
	t.Helper()
	c.Octets = bytes.Clone(c.Octets) // whose capacity is no more than it holds
	result, err := parse.Run(c, o)
	if err != nil {
		t.Fatalf("the engine failed: %v", err)
	}
	return result
}

// same compares results; what is told by one is told by the other, in the same words.
func same(want, got *parse.Result) string {
	w, g := *want, *got
	if w.Err, g.Err = nil, nil; reflect.DeepEqual(&w, &g) {
		return "" // which is much faster to find out
	}
	return cmp.Diff(want, got, cmpopts.IgnoreFields(parse.Result{}, "Err"), cmpopts.EquateEmpty())
}

func TestReceive(t *testing.T) {
	counts := map[string]int{}
	replays := 0
	for _, c := range cases(t) {
		if c.Direction != conformance.Receive {
			continue
		}
		t.Run(c.ID(), func(t *testing.T) {
			engine, options := configured(t, &c)
			whole := outcome(t, engine, options)
			if diff := missed(t, &c, whole); diff != "" {
				t.Fatalf("%s.md:%d: %q (-want +got):\n%s", c.File, c.Line, abridged(c.Octets), diff)
			}
			replays += 1 + replaySegments(t, engine, options, whole)
			replays += replayBehind(t, engine, options, whole)
			counts[c.Role+" "+string(whole.Verdict)]++
		})
	}
	client := counts["client accept"] + counts["client reject"] + counts["client hang"]
	server := counts["server accept"] + counts["server reject"] + counts["server hang"]
	t.Logf("receive: %d cases: client %d (accept %d, reject %d, hang %d), server %d (accept %d, reject %d, hang %d); %d replays",
		client+server, client, counts["client accept"], counts["client reject"], counts["client hang"],
		server, counts["server accept"], counts["server reject"], counts["server hang"], replays)
	if client+server == 0 {
		t.Error("there are no cases")
	}
}

// abridged returns octets for a message of a test.
func abridged(octets []byte) []byte {
	if len(octets) > 400 {
		return fmt.Appendf(bytes.Clone(octets[:400]), "... %d octets", len(octets))
	}
	return octets
}

// missed returns where a result is not what the case expects.
func missed(t *testing.T, c *conformance.Case, result *parse.Result) string {
	t.Helper()
	line, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	want := c.JSON().Want
	if _, ok := want["body_b64"]; !ok && result.Verdict == parse.Accept && len(result.Body) > 0 {
		return fmt.Sprintf("the outcome does not state the body %q", abridged(result.Body))
	}
	if result.MoreRule != "" {
		if _, ok := want["more_rule"]; !ok {
			return fmt.Sprintf("the outcome does not state the rule %s that is broken behind the first message", result.MoreRule)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			delete(got, key)
		}
	}
	for key, value := range want {
		if _, ok := got[key]; !ok && value == nil {
			got[key] = nil // left out, as it should be
		}
	}
	return cmp.Diff(want, got)
}

// replayed bounds how many octets the cuts of one case replay.
const replayed = 4_000_000

// replaySegments replays a case under other segmentations, and returns how many there were.
func replaySegments(t *testing.T, c parse.Case, o parse.Options, whole *parse.Result) int {
	t.Helper()
	n := len(c.Octets)
	stride := 1 + n*n/replayed // for n up to 2,000 that is every octet
	count := 0
	for cut := 1; cut < n; cut += stride {
		o.Cut = cut
		if diff := same(whole, outcome(t, c, o)); diff != "" {
			t.Fatalf("cut at %d (-whole +cut):\n%s", cut, diff)
		}
		count++
	}
	o.Cut, o.Scribble = 0, true
	for _, o.Split = range []int{1, 7} {
		if diff := same(whole, outcome(t, c, o)); diff != "" {
			t.Fatalf("%d octets at a time (-whole +split):\n%s", o.Split, diff)
		}
		count++
	}
	return count
}

const (
	nextRequest = "GET /behind HTTP/1.1\r\nHost: behind\r\n\r\n"
	excess      = "HTTP/1.1 299 Behind\r\nContent-Length: 0\r\n\r\n"
)

// replayBehind replays a case with octets behind it, on a connection that stays open. It leaves those out whose
// outcome needs the end of the connection, or which more octets would go on with.
func replayBehind(t *testing.T, c parse.Case, o parse.Options, whole *parse.Result) int {
	t.Helper()
	c.EOF = false
	open := outcome(t, c, o)
	if open.Verdict != whole.Verdict || open.Rule != whole.Rule || open.Verdict == parse.Hang {
		return 0
	}
	behind := nextRequest
	if c.Side == conn.Client {
		behind = excess
	}
	c.Octets = append(bytes.Clone(c.Octets), behind...)
	got := outcome(t, c, o)
	// A later message that was under way in the octets is another with these behind it; the first one never is.
	if diff := cmp.Diff(open.Message, got.Message); diff != "" || got.Verdict != open.Verdict || got.Rule != open.Rule {
		t.Errorf("with octets behind it: %s %s (-alone +behind):\n%s", got.Verdict, got.Rule, diff)
	}
	if diff := cmp.Diff(open.Offset, got.Offset); diff != "" {
		t.Errorf("with octets behind it, the offset (-alone +behind):\n%s", diff)
	}
	switch {
	case len(open.Leftover) > 0 || got.Messages < open.Messages:
		if want := string(open.Leftover) + behind; string(got.Leftover) != want {
			t.Errorf("leftover %q; want %q", got.Leftover, want)
		}
	case c.Side == conn.Client && got.Reusable && len(c.Methods) < 2 && len(got.Leftover) == 0:
		t.Error("the connection is reusable although octets are behind the response")
	}
	return 1
}

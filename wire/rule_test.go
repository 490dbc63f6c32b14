package wire_test

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/wire"
)

func TestCatalogue(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z]+[0-9]*(-[a-z]+[0-9]*)*$`)
	section := regexp.MustCompile(`^RFC 91(10|12) section [1-9][0-9]?(\.[1-9][0-9]?)*$`)
	byName := map[string]wire.Rule{}
	for i, r := range wire.Rules() {
		if int(r) != i+1 {
			t.Errorf("rule %d stands at place %d", r, i)
		}
		if other, twice := byName[r.Name()]; twice || !kebab.MatchString(r.Name()) {
			t.Errorf("rule %d has the name %q; rule %d too: %v", r, r.Name(), other, twice)
		}
		byName[r.Name()] = r
		if !section.MatchString(r.Section()) {
			t.Errorf("%s: section %q", r.Name(), r.Section())
		}
		problem, found := strings.CutSuffix(r.Error(), " ("+r.Section()+")")
		if !found || problem == "" || strings.HasSuffix(problem, ".") {
			t.Errorf("%s: error %q", r.Name(), r.Error())
		}
		if req := r.Requires(); len(req) < 10 || !strings.HasSuffix(req, ".") || strings.ToUpper(req[:1]) != req[:1] {
			t.Errorf("%s: requires %q", r.Name(), req)
		}
		if b := r.Binds(); b < wire.BindsSender || b > wire.BindsServer || b.String() == "" {
			t.Errorf("%s: binds %d", r.Name(), b)
		}
		if r.IsLimit() != strings.Contains(r.Error(), "Limits.") || r.IsLimit() && r.Lenient() != 0 {
			t.Errorf("%s: IsLimit = %v, Lenient = %v", r.Name(), r.IsLimit(), r.Lenient())
		}
	}
}

func TestNoRule(t *testing.T) {
	for _, r := range []wire.Rule{0, wire.Rule(len(wire.Rules()) + 1), math.MaxUint8} {
		if r.Error() != "no rule" || r.Name() != "" || r.Lenient() != 0 || r.IsLimit() || r.Binds().String() != "" {
			t.Errorf("%d: %q, name %q", r, r.Error(), r.Name())
		}
	}
}

// Every leniency belongs to one rule.
func TestRuleOfEachLenient(t *testing.T) {
	rules := map[wire.Lenient]wire.Rule{}
	for _, r := range wire.Rules() {
		for _, l := range bitsOf(r.Lenient()) {
			if other, twice := rules[l]; twice || l&wire.LenientAll == 0 {
				t.Errorf("%s has %v; %s has it too: %v", r.Name(), l, other.Name(), twice)
			}
			rules[l] = r
		}
	}
	for _, l := range bitsOf(wire.LenientAll) {
		if (rules[l] == 0) != (l == wire.AllowCloseSubstring) { // without which nothing is refused
			t.Errorf("%v: its rule is %q", l, rules[l].Name())
		}
	}
}

// bitsOf returns the bits of l one by one.
func bitsOf(l wire.Lenient) (all []wire.Lenient) {
	for ; l != 0; l &= l - 1 {
		all = append(all, l&-l)
	}
	return all
}

func TestLenientNames(t *testing.T) {
	var names []string
	for _, l := range bitsOf(wire.LenientAll) {
		back, ok := wire.ParseLenient(l.String())
		if !ok || back != l || !strings.HasPrefix(l.String(), "Allow") {
			t.Errorf("%d: %q, back: %d, %v", l, l, back, ok)
		}
		names = append(names, l.String())
	}
	if diff := cmp.Diff(strings.Join(names, "|"), wire.LenientAll.String()); diff != "" {
		t.Errorf("LenientAll (-want +got):\n%s", diff)
	}
	if got := wire.Lenient(0).String(); got != "strict" {
		t.Errorf("0: %q", got)
	}
	if l, ok := wire.ParseLenient("http.client"); !ok || l != wire.LenientHTTPClient || l&^wire.LenientAll != 0 {
		t.Errorf("http.client: %v", l)
	}
	for _, name := range []string{"", "strict", "allowbarelf", "AllowBareLF|AllowBareCR"} {
		if l, ok := wire.ParseLenient(name); ok || l != 0 {
			t.Errorf("%q: %v", name, l)
		}
	}
}

func TestSyntaxErrorMessage(t *testing.T) {
	parse := func(k kind, in string) error {
		_, _, _, err := k()([]byte(in), 0, 0, 0)
		return err
	}
	send := func(_ []byte, err error) error { return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{parse(fieldLine, "X-Forwarded-For: 192.0.2.1, 192.0.2.2\rX"),
			`field line at byte 37: bare CR in field value (RFC 9112 section 2.2); wire.AllowBareCR would admit it; found "\r"`},
		{parse(fieldLine, "a\x1b[2J: b"), `field line at byte 1: field name is no token (RFC 9110 section 5.1); found "\x1b"`},
		{parse(requestLine, "GET /\xff"),
			`request-line at byte 5: invalid octet in request-target (RFC 9112 section 3.2); wire.AllowObsTarget would admit it; found "\xff"`},
		// The leniency of that rule is for obs-text; it would not help here.
		{parse(requestLine, "GET /#"), `request-line at byte 5: invalid octet in request-target (RFC 9112 section 3.2); found "#"`},
		{parse(statusLine, "HTTP/1.1 200 \x01"),
			`status-line at byte 13: control character in reason phrase (RFC 9112 section 4); wire.AllowReasonControls would admit it; found "\x01"`},
		{parse(statusLine, "HTTP/1.1 200 \x00"), `status-line at byte 13: control character in reason phrase (RFC 9112 section 4); found "\x00"`},
		{parse(chunkHead, "5\n"),
			`chunk at byte 1: LF without CR in chunked framing (RFC 9112 section 7.1); wire.AllowChunkBareLF would admit it; found "\n"`},
		// No leniency reaches what is sent, and so none is named.
		{send(wire.AppendFieldLine(nil, "a", "b\r\nc: d")), `field line at byte 4: bare CR in field value (RFC 9112 section 2.2); found "\r"`},
		{send(wire.AppendStatusLine(nil, wire.HTTP11, 7, "")), `status-line at byte 9: status code is not three digits (RFC 9112 section 4)`},
		{&wire.SyntaxError{Rule: wire.RuleHostMissing, Element: wire.ElementFieldSection, Offset: -1},
			`field section: HTTP/1.1 request without Host (RFC 9112 section 3.2); wire.AllowMissingHost would admit it`},
		{&wire.SyntaxError{Rule: wire.RuleContentLength, Element: wire.ElementFieldLine, Offset: -1, Firm: true},
			`field line: invalid Content-Length (RFC 9110 section 8.6)`},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%v; want\n%s", c.err, c.want)
		}
	}
}

// Octets of a peer never stand in a message as they are, whatever they are.
func TestSyntaxErrorQuotes(t *testing.T) {
	for c := range 256 {
		for _, rule := range wire.Rules() {
			msg := wire.NewSyntaxError(rule, wire.ElementMessage, []byte{'x', byte(c)}, 1).Error()
			for i := range len(msg) {
				if msg[i] < ' ' || msg[i] > '~' {
					t.Fatalf("octet %d: message %q", c, msg)
				}
			}
		}
	}
}

func TestSyntaxErrorIs(t *testing.T) {
	err := error(wire.NewSyntaxError(wire.RuleNUL, wire.ElementFieldLine, "abc", 1))
	if !errors.Is(err, wire.RuleNUL) || errors.Is(err, wire.RuleBareCR) {
		t.Errorf("%v is not what it is", err)
	}
	for at, want := range map[int]string{-1: "", 0: "a", 2: "c", 3: "", 4: ""} {
		if e := wire.NewSyntaxError(wire.RuleNUL, wire.ElementFieldLine, "abc", at); e.Found != want || e.Offset != int64(at) {
			t.Errorf("at %d: %+v", at, e)
		}
	}
}

func TestLimitsResolved(t *testing.T) {
	byDefault := wire.Limits{
		Line: 16 << 10, Section: 64 << 10, Fields: 256, Trailer: 16 << 10, Content: math.MaxInt64, ChunkOverhead: 16 << 10, Interim: 100,
	}
	none := wire.Limits{
		Line: math.MaxInt32, Section: math.MaxInt32, Fields: math.MaxInt32, Trailer: math.MaxInt32,
		Content: math.MaxInt64, ChunkOverhead: math.MaxInt32, Interim: math.MaxInt32,
	}
	set := wire.Limits{Line: 1, Section: 2, Fields: 3, Trailer: 4, Content: 5, ChunkOverhead: 6, Interim: 7}
	for _, c := range []struct{ in, want wire.Limits }{
		{wire.Limits{}, byDefault},
		{wire.Limits{Line: -1, Section: -1, Fields: -1, Trailer: -1, Content: -1, ChunkOverhead: -1, Interim: -1}, none},
		{set, set},
	} {
		if diff := cmp.Diff(c.want, c.in.Resolved()); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.in, diff)
		}
	}
}

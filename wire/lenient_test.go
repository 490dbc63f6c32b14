package wire_test

import (
	"testing"

	"github.com/strata-http/strata/wire"
)

// narrow are the leniencies that admit one deviation each and change the reading of nothing else. The
// others are broad: they read as old clients do.
const narrow = wire.AllowReasonControls<<1 - 1

// deviation is an element that deviates in one way only.
type deviation struct {
	kind kind
	in   string
	bit  wire.Lenient
}

var deviations = []deviation{
	{fieldLine, "a: b\n", wire.AllowBareLF},
	{requestLine, "GET / HTTP/1.1\n", wire.AllowBareLF},
	{statusLine, "HTTP/1.1 200 OK\n", wire.AllowBareLF},
	{fieldLine, "a: b\rc\r\n", wire.AllowBareCR},
	{fieldLine, "a: b\r\r\n", wire.AllowBareCR},
	{fieldLine, "a: \x00\r\n", wire.AllowNUL},
	{fieldLine, "a: \x01\r\n", wire.AllowControls},
	{fieldLine, "a: \x7f\r\n", wire.AllowControls},
	{fieldLine, "a : b\r\n", wire.AllowSpaceBeforeColon},
	{fieldLine, "a\t: b\r\n", wire.AllowSpaceBeforeColon},
	{statusLine, "HTTP/1.1 200\r\n", wire.AllowMissingReason},
	{statusLine, "HTTP/1.1 200 \x01\r\n", wire.AllowReasonControls},
	{statusLine, "HTTP/1.1 200 \x7f\r\n", wire.AllowReasonControls},
	{requestLine, "GET /\x80 HTTP/1.1\r\n", wire.AllowObsTarget},
	{requestLine, "GET \xff HTTP/1.1\r\n", wire.AllowObsTarget},
	{chunkHead, "5\n", wire.AllowChunkBareLF},
	{chunkHead, "5;a=b\n", wire.AllowChunkBareLF},
	{chunkEnd, "\n", wire.AllowChunkBareLF},
	{chunkHead, "5 \r\n", wire.AllowChunkSpace},
	{chunkHead, "5;a\t\r\n", wire.AllowChunkSpace},
	{statusLine, "HTTP/1.1  200 OK\r\n", wire.AllowLooseStatusLine},
	{statusLine, "HTTP/1.1 200\tOK\r\n", wire.AllowLooseStatusLine},
	{statusLine, "HTTP/1.10 200 OK\r\n", wire.AllowAnyVersion},
	{statusLine, "HTTP/1.x 200 OK\r\n", wire.AllowAnyVersion},
	{fieldLine, "a(b): c\r\n", wire.AllowLooseName},
	{fieldLine, "\"a\": b\r\n", wire.AllowLooseName},
	{chunkHead, "5;\r\n", wire.AllowLooseChunkExt},
	{chunkHead, "5;a b=\x01;;\"\r\n", wire.AllowLooseChunkExt},
	// Two at once need two bits.
	{statusLine, "HTTP/1.x\t200\n", wire.AllowAnyVersion | wire.AllowLooseStatusLine | wire.AllowMissingReason | wire.AllowBareLF},
	{fieldLine, "a(b) : c\x01\n", wire.AllowLooseName | wire.AllowSpaceBeforeColon | wire.AllowControls | wire.AllowBareLF},
	{chunkHead, "5;= \n", wire.AllowLooseChunkExt | wire.AllowChunkSpace | wire.AllowChunkBareLF},
	{fieldLine, "a : b\n", wire.AllowBareLF | wire.AllowSpaceBeforeColon},
	{fieldLine, "a: \x00\r\x01\r\n", wire.AllowNUL | wire.AllowBareCR | wire.AllowControls},
	{requestLine, "GET /\x80 HTTP/1.1\n", wire.AllowBareLF | wire.AllowObsTarget},
	{statusLine, "HTTP/1.1 200\n", wire.AllowBareLF | wire.AllowMissingReason},
	{chunkHead, "5 \n", wire.AllowChunkBareLF | wire.AllowChunkSpace},
}

// elsewhere are the leniencies of what other packages read: headers, body and conn.
const elsewhere = wire.AllowObsFold | wire.AllowLeadingSpace | wire.AllowMissingHost | wire.AllowHTTP09 |
	wire.AllowBadLineEnds | wire.AllowBadLineSkipped | wire.AllowBadLength | wire.AllowManyLengths |
	wire.AllowCloseSubstring | wire.AllowTrailerEOF

// A bit admits its own deviation and no other: with every set of bits that lacks one that is needed, the
// element is refused by the rule of a missing bit, and with every other set it is taken, and says by what.
func TestEachLenientAdmitsItsOwn(t *testing.T) {
	tried := wire.Lenient(0)
	sets := append(bitsOf(wire.LenientAll), 0, narrow, wire.LenientAll, wire.LenientHTTPClient)
	for _, l := range bitsOf(wire.LenientAll) {
		sets = append(sets, wire.LenientAll&^l, narrow&^l)
	}
	for _, d := range deviations {
		tried |= d.bit
		for _, set := range append(sets, d.bit) {
			got := replay(t, d.kind, d.in, set)
			missing := d.bit &^ set
			switch {
			case missing != 0 && (got.err.Rule == 0 || got.err.Rule.Lenient()&missing == 0):
				t.Errorf("%q with %v: %v; want one by the rule of %v", d.in, set, got, missing)
			case missing == 0 && (!got.ok || !endsIn(got.parts, d.bit)):
				t.Errorf("%q with %v: %v; want it admitted by %v", d.in, set, got, d.bit)
			}
		}
	}
	if left := wire.LenientAll &^ tried &^ elsewhere; left != 0 || tried&elsewhere != 0 {
		t.Errorf("not tried: %v", left)
	}
}

func endsIn(parts string, l wire.Lenient) bool {
	suffix := " " + l.String()
	return l == 0 || len(parts) >= len(suffix) && parts[len(parts)-len(suffix):] == suffix
}

// Neighbours of the deviations, which all narrow leniencies together do not admit.
func TestNoLenientAdmits(t *testing.T) {
	for _, c := range []struct {
		kind kind
		in   string
		rule wire.Rule
	}{
		// Bare CR, NUL and controls outside field values and reason phrases.
		{fieldLine, "a\r: b\r\n", wire.RuleMissingColon},
		{fieldLine, "a\x00: b\r\n", wire.RuleFieldName},
		{fieldLine, "a\x01: b\r\n", wire.RuleFieldName},
		{requestLine, "GE\rT / HTTP/1.1\r\n", wire.RuleRequestLine},
		{requestLine, "GE\x00T / HTTP/1.1\r\n", wire.RuleMethod},
		{requestLine, "GET /\r HTTP/1.1\r\n", wire.RuleRequestLine},
		{requestLine, "GET /\x00 HTTP/1.1\r\n", wire.RuleTarget},
		{requestLine, "GET /\x01 HTTP/1.1\r\n", wire.RuleTarget},
		{requestLine, "GET / HTTP/1.1\r\r\n", wire.RuleLineEnd},
		{statusLine, "HTTP/1.1 200 O\rK\r\n", wire.RuleLineEnd},
		{statusLine, "HTTP/1.1 200 O\x00K\r\n", wire.RuleReasonPhrase},
		{chunkHead, "5\x00\r\n", wire.RuleChunkSize},
		{chunkHead, "5\r\r\n", wire.RuleLineEnd},
		{chunkHead, "5;a\x01\r\n", wire.RuleChunkExt},
		{chunkEnd, "\r\r\n", wire.RuleChunkEnd},
		// LF in the middle of something.
		{requestLine, "GET\n/ HTTP/1.1\r\n", wire.RuleRequestLine},
		{requestLine, "GET /\nHTTP/1.1\r\n", wire.RuleRequestLine},
		{statusLine, "HTTP/1.1\n200 OK\r\n", wire.RuleStatusLine},
		{fieldLine, "a\n: b\r\n", wire.RuleMissingColon},
		{chunkHead, "\n5\r\n", wire.RuleChunkSize},
		{chunkHead, "5;a=\"b\nc\"\r\n", wire.RuleChunkExt},
		// Whitespace where none is ever to be.
		{fieldLine, " a: b\r\n", wire.RuleFieldName},
		{fieldLine, "a b: c\r\n", wire.RuleFieldName},
		{fieldLine, "a \r\n", wire.RuleMissingColon},
		{fieldLine, "a\v: b\r\n", wire.RuleFieldName},
		{requestLine, "GET\t/ HTTP/1.1\r\n", wire.RuleMethod},
		{requestLine, "GET  / HTTP/1.1\r\n", wire.RuleRequestLine},
		{requestLine, "GET / HTTP/1.1 \r\n", wire.RuleRequestLine},
		{statusLine, "HTTP/1.1  200 OK\r\n", wire.RuleStatusLine},
		{statusLine, "HTTP/1.1 200\tOK\r\n", wire.RuleStatusLine},
		{chunkHead, " 5\r\n", wire.RuleChunkSize},
		{chunkHead, "5 5\r\n", wire.RuleChunkSize},
		{chunkHead, "5\v\r\n", wire.RuleChunkSize},
		{chunkEnd, " \r\n", wire.RuleChunkEnd},
		// Octets that a target cannot hold beside obs-text, and obs-text elsewhere.
		{requestLine, "GET /# HTTP/1.1\r\n", wire.RuleTarget},
		{requestLine, "GET /\x7f HTTP/1.1\r\n", wire.RuleTarget},
		{requestLine, "G\x80T / HTTP/1.1\r\n", wire.RuleMethod},
		{fieldLine, "\x80: b\r\n", wire.RuleFieldName},
		// More than the reason phrase is missing.
		{statusLine, "HTTP/1.1 20\r\n", wire.RuleStatusCode},
		{statusLine, "HTTP/1.1\r\n", wire.RuleStatusLine},
		{statusLine, "HTTP/1.1 200OK\r\n", wire.RuleStatusLine},
	} {
		if got := replay(t, c.kind, c.in, narrow); got.err.Rule != c.rule {
			t.Errorf("%q: %v; want an error by %q", c.in, got, c.rule.Name())
		}
		if got := replay(t, c.kind, c.in, 0); got.err.Rule == 0 {
			t.Errorf("%q, strict: %v", c.in, got)
		}
	}
}

package body_test

import (
	"errors"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// inConn are the rules about whole messages and connections, which package conn holds.
var inConn = []wire.Rule{
	wire.RuleHostMissing, wire.RuleUpgradeUnasked, wire.RuleIncompleteHead, wire.RuleNoResponse, wire.RuleUnsolicited,
	wire.RuleNoStatusLine, wire.RuleInterimToHTTP10, wire.RuleUpgradeMissing, wire.RuleFramingForbidden, wire.RuleLimitInterim,
}

// Every rule of the catalogue has a case that trips it.
func TestEveryRule(t *testing.T) {
	tripped := map[wire.Rule]error{}
	trip := func(rule wire.Rule, err error) {
		t.Helper()
		if !errors.Is(err, rule) {
			t.Errorf("%v; want one by %q", err, rule.Name())
		}
		tripped[rule] = err
	}
	line := func(rule wire.Rule, in string) {
		_, _, _, err := wire.ConsumeFieldLine([]byte(in), 0, 0, 0)
		trip(rule, err)
	}
	line(wire.RuleBareCR, "a: b\rc")
	line(wire.RuleBareLF, "a: b\n")
	line(wire.RuleNUL, "a: \x00")
	line(wire.RuleFieldName, "(: b")
	line(wire.RuleMissingColon, "a\r\n")
	line(wire.RuleSpaceBeforeColon, "a : b")
	line(wire.RuleFieldValue, "a: \x01")
	trip(wire.RuleEdgeSpace, wire.CheckField("a", " b"))

	request := func(rule wire.Rule, in string) {
		_, _, _, err := wire.ConsumeRequestLine([]byte(in), 0, 0, 0)
		trip(rule, err)
	}
	request(wire.RuleLineEnd, "GET / HTTP/1.1\rX")
	request(wire.RuleRequestLine, "GET /\r\n")
	request(wire.RuleMethod, "(")
	request(wire.RuleTarget, "GET /#")
	request(wire.RuleVersion, "GET / http")
	request(wire.RuleMajorVersion, "GET / HTTP/2.0")
	target := func(rule wire.Rule, method, in string) {
		_, err := wire.ParseTarget(method, in)
		trip(rule, err)
	}
	target(wire.RuleTargetForm, "GET", "*")
	target(wire.RuleAuthority, "CONNECT", "a")
	target(wire.RuleUserinfo, "GET", "http://a@b/")

	response := func(rule wire.Rule, in string) {
		_, _, _, err := wire.ConsumeStatusLine([]byte(in), 0, 0, 0)
		trip(rule, err)
	}
	response(wire.RuleStatusLine, "HTTP/1.1\r\n")
	response(wire.RuleStatusCode, "HTTP/1.1 2x")
	response(wire.RuleMissingReason, "HTTP/1.1 200\r\n")
	response(wire.RuleReasonPhrase, "HTTP/1.1 200 \x01")

	fields := func(rule wire.Rule, in string) {
		p := headers.Parser{Line: 8, Section: 9, Fields: 2, SectionRule: wire.RuleLimitSection}
		p.Start(0)
		_, _, err := p.Parse(new(headers.Fields), []byte(in))
		trip(rule, err)
	}
	fields(wire.RuleObsFold, "a: b\r\n c")
	fields(wire.RuleLeadingSpace, " a: b")
	fields(wire.RuleLimitLine, "a: bcdefgh")
	fields(wire.RuleLimitFields, "a:\r\nb:\r\nc")
	fields(wire.RuleLimitSection, "a: b\r\nb: c\r\n")

	control := func(rule wire.Rule, lines ...string) {
		ctl := section(lines...).Control()
		_, fault := body.RequestFraming(&ctl, wire.HTTP11, false)
		for _, f := range []headers.Fault{fault, ctl.HostFault} {
			if f.Rule == rule {
				trip(rule, f.Rule)
				return
			}
		}
		t.Errorf("%q: %+v; want %q", lines, ctl, rule.Name())
	}
	control(wire.RuleHostRepeated, "Host: a", "Host: a")
	control(wire.RuleHostInvalid, "Host: /")
	control(wire.RuleContentLength, "Content-Length: x")
	control(wire.RuleContentLengths, "Content-Length: 5, 6")
	control(wire.RuleTransferEncoding, "Transfer-Encoding: ,")
	control(wire.RuleChunkedNotFinal, "Transfer-Encoding: chunked, gzip")
	control(wire.RuleChunkedRepeated, "Transfer-Encoding: chunked, chunked")
	control(wire.RuleUnknownCoding, "Transfer-Encoding: gzip, chunked")
	control(wire.RuleCodingAndLength, "Transfer-Encoding: chunked", "Content-Length: 5")
	ctl := section("Transfer-Encoding: chunked").Control()
	_, fault := body.RequestFraming(&ctl, wire.HTTP10, false)
	trip(wire.RuleCodingInHTTP10, fault.Rule)

	decoded := func(rule wire.Rule, f body.Framing, in string) {
		limits := wire.Limits{Trailer: 8, Content: 4, ChunkOverhead: 4}
		got := decode(t, new(body.Decoder), stream{in: in, eof: true, framing: f, limits: limits}, 0)
		trip(rule, &got.Err)
	}
	decoded(wire.RuleChunkSize, chunked, "x")
	decoded(wire.RuleChunkSizeRange, chunked, "8000000000000000")
	decoded(wire.RuleChunkExt, chunked, "1;;")
	decoded(wire.RuleChunkSpace, chunked, "1 \r\n")
	decoded(wire.RuleChunkBareLF, chunked, "1\n")
	decoded(wire.RuleChunkEnd, chunked, "1\r\nxx")
	decoded(wire.RuleIncompleteContent, length(2), "x")
	decoded(wire.RuleLimitTrailer, chunked, "0\r\na: bcdef\r\n")
	decoded(wire.RuleLimitContent, chunked, "5\r\n")
	decoded(wire.RuleLimitChunkOverhead, chunked, "1;aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")

	encoded := func(rule wire.Rule, f body.Framing, s step) {
		_, err := encode1(f, s)
		trip(rule, err)
	}
	encoded(wire.RuleContentForbidden, body.Framing{}, content("x"))
	encoded(wire.RuleContentUnframed, chunked, skip(1))
	encoded(wire.RuleContentExcess, length(0), content("x"))
	encoded(wire.RuleContentShort, length(1), end())
	encoded(wire.RuleTrailerField, chunked, end("Host: a"))
	encoded(wire.RuleTrailerUnframed, length(0), end("a: b"))

	for _, rule := range inConn {
		if tripped[rule] != nil {
			t.Errorf("%q is tripped here", rule.Name())
		}
		tripped[rule] = rule
	}
	for _, rule := range wire.Rules() {
		if tripped[rule] == nil {
			t.Errorf("%q has no case", rule.Name())
		}
	}
}

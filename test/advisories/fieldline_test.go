package advisories_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// deviant is a field section that one recipient reads so and another otherwise, with what follows it.
type deviant struct {
	version string // "" is HTTP/1.1
	section string // behind the start-line, and behind Host in a request
	body    string
	rule    wire.Rule // what a strict recipient finds; 0 when it takes the message
	// admits are the leniencies each of which, alone, lets it pass. The message then has that content, or breaks
	// the rule then.
	admits  wire.Lenient
	content string
	then    wire.Rule
	// dropped says that the line at fault is no field line at all, so that a client can be told to drop it. A
	// server cannot.
	dropped bool
	// last says that the message is taken and the connection not used again.
	last bool
	// client is what is otherwise for a client.
	client *deviant
}

func (d *deviant) protocol() string {
	if d.version == "" {
		return "HTTP/1.1"
	}
	return d.version
}

const dropsLines = wire.AllowBadLineEnds | wire.AllowBadLineSkipped

// fieldLines are advisories about where a field line, its name or the section ends.
func fieldLines() []advisory {
	const coded = "5\r\nhello\r\n0\r\n\r\n"
	spaced := func(section, body string) deviant {
		return deviant{section: section, body: body, rule: wire.RuleSpaceBeforeColon, admits: wire.AllowSpaceBeforeColon, content: "hello", dropped: true}
	}
	return []advisory{
		lineAdvisory("CVE-2019-16276", "Go", "space before colon", "whitespace between a field name and its colon",
			spaced("Transfer-Encoding : chunked\r\n\r\n", coded), spaced("Content-Length : 5\r\n\r\n", "hello")),
		lineAdvisory("CVE-2021-22959", "llhttp", "tab before colon", "other whitespace between a field name and its colon",
			spaced("Transfer-Encoding\t: chunked\r\n\r\n", coded), spaced("X: y\r\nTransfer-Encoding  \t: chunked\r\n\r\n", coded)),
		lineAdvisory("CVE-2022-32214", "llhttp", "bare LF", "LF without CR taken for a line end",
			deviant{section: "A: b\nTransfer-Encoding: chunked\r\n\r\n", body: coded, rule: wire.RuleBareLF, admits: wire.AllowBareLF, content: "hello"},
			deviant{section: "Transfer-Encoding: chunked\r\n\n", body: coded, rule: wire.RuleBareLF, admits: wire.AllowBareLF, content: "hello"}),
		lineAdvisory("CVE-2022-32215", "llhttp", "folded Transfer-Encoding", "a Transfer-Encoding on two lines",
			deviant{section: "Transfer-Encoding:\r\n chunked\r\n\r\n", body: coded, rule: wire.RuleObsFold, admits: wire.AllowObsFold, content: "hello",
				client: &deviant{content: "hello"}},
			deviant{section: "Transfer-Encoding: chunked\r\n\t, identity\r\n\r\n", body: coded, rule: wire.RuleObsFold, admits: wire.AllowObsFold, then: wire.RuleChunkedNotFinal,
				client: &deviant{rule: wire.RuleUnknownCoding}}),
		lineAdvisory("CVE-2022-35256", "llhttp", "CR in field value", "a CR in a value that another takes for a line end",
			deviant{section: "Content-Length: 5\r\nA: b\rTransfer-Encoding: chunked\r\n\r\n", body: "hello", rule: wire.RuleBareCR, admits: wire.AllowBareCR, content: "hello"}),
		lineAdvisory("CVE-2023-30589", "llhttp", "CR alone", "CR alone taken for a line end",
			deviant{section: "Content-Length: 5\r\nA: b\rContent-Length: 7\r\n\r\n", body: "hello", rule: wire.RuleBareCR, admits: wire.AllowBareCR, content: "hello"},
			deviant{section: "A: b\r\r\n\r\n", body: "", rule: wire.RuleBareCR, admits: wire.AllowBareCR},
			deviant{section: "A: b\r\n\rhello", body: "", rule: wire.RuleLineEnd}),
		lineAdvisory("CVE-2025-23167", "Node", "CRLF CR X", "CR and another octet than LF taken for the end of the section",
			deviant{section: "Content-Length: 5\r\n\rX", body: "hello", rule: wire.RuleLineEnd},
			deviant{section: "\rX: y\r\n\r\n", body: "", rule: wire.RuleLineEnd}),
		lineAdvisory("CVE-2024-27982", "Node", "space before the name", "whitespace before the first field line",
			deviant{section: " Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", body: "hello", rule: wire.RuleLeadingSpace, admits: wire.AllowLeadingSpace, content: "hello"},
			deviant{section: "\tContent-Length: 7\r\nContent-Length: 5\r\n\r\n", body: "hello", rule: wire.RuleLeadingSpace, admits: wire.AllowLeadingSpace, content: "hello"}),
		lineAdvisory("issue 65244", "Go", "empty field name", "a field line that begins with its colon",
			deviant{section: ": chunked\r\n\r\n", body: "", rule: wire.RuleFieldName, dropped: true},
			deviant{section: "Content-Length: 5\r\n: chunked\r\n\r\n", body: "hello", rule: wire.RuleFieldName, dropped: true}),
	}
}

// hearing is how one of the subjects is shown octets.
type hearing func(t testing.TB, octets string, config conn.Config) heard

// lineAdvisory tries sections on all subjects, strictly and with each leniency alone.
func lineAdvisory(id, of, name, does string, deviants ...deviant) advisory {
	fromServer := func(hear hearing) func(*testing.T) {
		return func(t *testing.T) {
			for _, d := range deviants {
				octets := d.protocol() + " 200 OK\r\n" + d.section + d.body
				if d.client != nil {
					d = *d.client
				}
				d.try(t, octets, hear)
			}
		}
	}
	fromClient := func(t *testing.T) {
		for _, d := range deviants {
			d.dropped = false
			first, rest := "", d.section
			if rest[0] == ' ' || rest[0] == '\t' { // behind Host it would be a fold
				end := strings.Index(rest, "\r\n") + 2
				first, rest = rest[:end], rest[end:]
			}
			d.try(t, "POST / "+d.protocol()+"\r\n"+first+"Host: h\r\n"+rest+d.body, hearServer)
		}
	}
	return advisory{id, of, name, does, fromServer(hearFacade), fromServer(hearClient), fromClient, nil}
}

// try shows octets strictly, and with each leniency: it admits its own deviation, and leaves all others.
func (d *deviant) try(t *testing.T, octets string, hear hearing) {
	t.Helper()
	strict := hear(t, octets, conn.Config{})
	if strict.Rule != d.rule || d.rule == 0 && (strict.content() != d.content || strict.Reusable == d.last) {
		t.Errorf("%q: %v, reusable %v; want content %q, rule %q, last %v", octets, &strict, strict.Reusable, d.content, d.rule.Name(), d.last)
	}
	for bit := wire.Lenient(1); bit <= wire.LenientAll; bit <<= 1 {
		h := hear(t, octets, conn.Config{Lenient: bit})
		switch {
		case d.admits&bit != 0:
			if h.Rule != d.then || h.Rule == 0 && h.content() != d.content {
				t.Errorf("%q with %v: %v; want content %q, rule %q", octets, bit, &h, d.content, d.then.Name())
			}
		case d.dropped && dropsLines&bit != 0:
			if h.Rule != 0 || h.content() != d.body {
				t.Errorf("%q with %v: %v; want content %q", octets, bit, &h, d.body)
			}
		default:
			if diff := cmp.Diff(strict, h); diff != "" {
				t.Errorf("%q with %v, which is not about it (-strict +lenient):\n%s", octets, bit, diff)
			}
		}
	}
}

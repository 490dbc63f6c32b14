package conformance_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/test/conformance"
)

const (
	title = "# Title\n\nIntroduction.\n\n"
	prose = "## a-case\n\nThe rule (RFC 9112 section 2.2).\n\n"
)

// fence returns a block.
func fence(info string, lines ...string) string {
	return "```" + info + "\n" + strings.Join(append(lines, "```"), "\n") + "\n\n"
}

// receiveCase returns a page with one receive case of these octets.
func receiveCase(octets ...string) string {
	return title + prose + fence("octets client", octets...) + fence("outcome", "verdict: hang")
}

func TestOctets(t *testing.T) {
	tests := map[string]string{
		`a b`:                      "a b",
		`\r\n\t\s\\`:               "\r\n\t \\",
		`\x00\xff\xFF`:             "\x00\xff\xff",
		`\{3 ab}c`:                 "abababc",
		`\{2 \r\n}`:                "\r\n\r\n",
		`\{2 \}\\}}`:               `}\}\}`,
		`\{2  }x`:                  "  x",
		"one\ntwo":                 "onetwo",
		`{"a": 1} $~'` + "`" + `"`: "{\"a\": 1} $~'`\"",
	}
	for source, want := range tests {
		f, err := conformance.Parse("page", receiveCase(strings.Split(source, "\n")...))
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := string(f.Cases[0].Octets); got != want {
			t.Errorf("%s stands for %q; want %q", source, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	page := title + "## first\n\nIn RFC 9112\nsection 2.2.\n\n" +
		fence("octets server eof lenient=AllowNUL,AllowBareLF preset=http.client limit=line=100 limit=content=-1", `GET\r\n`) +
		fence("outcome", "verdict: accept", "host: -", `header: A: b: c\s`, "header: B:", "trailer: -", "body:", "messages: 3",
			"more: GET /b", `more: PUT /c x y`, "more-rule: -", "reusable: true", "interim: -", "leftover: \\x00") +
		"## second\n\nRFC 9112 section 3.\n\n" +
		fence("send client version=HTTP/1.0 pipeline=2 obs-target", `request: G\sT /a b`, "field: A : b", "content: a b", "chunk: ;a=b c d",
			"end", "trailer: T:", "raw: GET,HEAD x y", "receive:", "close") +
		fence("sent", "a", `\r\n`) + fence("outcome", "refused: state")
	got, err := conformance.Parse("page", strings.ReplaceAll(page, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := conformance.File{Name: "page", Title: "Title", Intro: "Introduction.", Cases: []conformance.Case{{
		File: "page", Name: "first", Line: 5, Prose: "In RFC 9112\nsection 2.2.", Direction: conformance.Receive, Role: "server",
		Octets: []byte("GET\r\n"), EOF: true, Lenient: []string{"AllowNUL", "AllowBareLF", "http.client"},
		Limits: []conformance.Limit{{Name: "line", Value: 100}, {Name: "content", Value: -1}},
		Want: []conformance.Expectation{
			{Key: "verdict", Value: "accept"}, {Key: "host"}, {Key: "headers", Value: [][2]string{{"A", "b: c "}, {"B", ""}}},
			{Key: "trailers", Value: [][2]string{}}, {Key: "body_b64", Value: []byte{}}, {Key: "messages", Value: 3},
			{Key: "more", Value: []conformance.Later{{Method: "GET", Target: "/b", Body: []byte{}}, {Method: "PUT", Target: "/c", Body: []byte("x y")}}},
			{Key: "more_rule"}, {Key: "reusable", Value: true}, {Key: "interim", Value: []int{}}, {Key: "leftover_b64", Value: []byte{0}},
		},
	}, {
		File: "page", Name: "second", Line: 30, Prose: "RFC 9112 section 3.", Direction: conformance.Send, Role: "client",
		Octets: []byte("a\r\n"), Version: "HTTP/1.0", Pipeline: 2, ObsTarget: true, Refused: "state",
		Steps: []conformance.Step{
			{Verb: "request", Line: 35, Words: []string{"G T", "/a b"}}, {Verb: "field", Line: 36, Words: []string{"A ", "b"}},
			{Verb: "content", Line: 37, Words: []string{"a b"}}, {Verb: "chunk", Line: 38, Words: []string{";a=b", "c d"}},
			{Verb: "end", Line: 39}, {Verb: "trailer", Line: 40, Words: []string{"T", ""}},
			{Verb: "raw", Line: 41, Words: []string{"GET,HEAD", "x y"}}, {Verb: "receive", Line: 42, Words: []string{""}}, {Verb: "close", Line: 43},
		},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the page (-want +got):\n%s", diff)
	}
	if id := got.Cases[0].ID(); id != "page/first" || !got.Cases[0].Configured() || got.Cases[1].Configured() {
		t.Errorf("case %s", id)
	}
}

// TestParseErrors: each names the file, the line and what is wrong there.
func TestParseErrors(t *testing.T) {
	octets, hang := fence("octets client", "a"), fence("outcome", "verdict: hang")
	outcome := func(lines ...string) string { return title + prose + octets + fence("outcome", lines...) }
	send := func(lines ...string) string { return title + prose + fence("send client", lines...) + fence("sent") }
	tests := []struct{ name, page, want string }{
		{"no heading", "Title\n", "page.md:1: the page begins with a heading"},
		{"no introduction", "# Title\n\n## a-case\n", "there is no introduction"},
		{"a name that is no kebab", title + "## A case\n", "kebab-case"},
		{"a second case", title + strings.Repeat(prose+octets+hang, 2), "page.md:17: a second case a-case"},
		{"no section", title + "## a-case\n\nThe rule.\n\n" + octets + hang, "names no section"},
		{"no block", title + prose, "a block of octets or one of send"},
		{"no outcome", title + prose + octets, "to octets belongs an outcome"},
		{"both directions", title + prose + octets + fence("send client", "close"), "a block of octets or one of send"},
		{"an outcome before its octets", title + prose + hang + octets, "where no block is that it belongs to"},
		{"nothing sent", title + prose + fence("send client", "close"), "to send belongs"},
		{"no steps", title + prose + fence("send client") + fence("sent"), "nothing is sent"},
		{"two blocks", title + prose + octets + octets, "a second block of octets"},
		{"an unknown block", title + prose + fence("text"), `a block of "text"`},
		{"a block without a word", title + prose + fence(""), "does not say what it is"},
		{"a block without end", title + prose + "```octets client\na\n", "a block without end"},
		{"text behind a block", title + prose + octets + "More.\n\n" + hang, "text behind a block"},
		{"no role", title + prose + fence("octets peer", "a") + hang, "client or server"},
		{"an unknown option", title + prose + fence("octets server methods=GET", "a") + hang, `no option "methods=GET"`},
		{"a limit without value", title + prose + fence("octets server limit=line", "a") + hang, "limit=name=value"},
		{"an unknown escape", receiveCase(`a`, `\q`), `page.md:11: a-case: unknown escape "\\q"`},
		{"half an octet", receiveCase(`\x0`), "unknown escape"},
		{"a backslash at the end", receiveCase(`a\`), "a single"},
		{"a repetition without end", receiveCase(`\{3 a`), "without end"},
		{"a repetition of nothing", receiveCase(`\{3 }`), "a repetition is"},
		{"a repetition within one", receiveCase(`\{3 \{2 a}}`), "unknown escape"},
		{"an endless repetition", receiveCase(`\{9999999 a}`), "more than"},
		{"endless octets", receiveCase(`\{4000000 a}\{4000000 a}`), "more than"},
		{"whitespace that nobody sees", receiveCase("a "), "whitespace at the end"},
		{"a raw HTAB", receiveCase("a\tb"), "not printable ASCII"},
		{"no ASCII", receiveCase("é"), "not printable ASCII"},
		{"no verdict", outcome("rule: nul"), "the verdict is"},
		{"an unknown verdict", outcome("verdict: maybe"), "the verdict is"},
		{"accept and no reusable", outcome("verdict: accept"), "does not state reusable"},
		{"reject and no offset", outcome("verdict: reject", "rule: nul"), "does not state offset"},
		{"an unknown key", outcome("verdict: hang", "colour: red"), "no key of an outcome"},
		{"a key twice", outcome("verdict: hang", "verdict: hang"), "a second verdict"},
		{"no key", outcome("verdict"), "key: value"},
		{"no SP behind the colon", outcome("verdict:hang"), "key: value"},
		{"no number", outcome("verdict: hang", "offset: x"), "invalid syntax"},
		{"no field line", outcome("verdict: hang", "header: A"), "Name: value"},
		{"a later message without target", title + prose + fence("octets server", "a") + fence("outcome", "verdict: hang", "more: GET"), "a later message is"},
		{"an unknown step", send("sing: a"), "no step"},
		{"a field line of nothing", send("close", "field: A: b"), "stands behind request or response or field only"},
		{"a trailer of nothing", send("trailer: A: b"), "stands behind end or trailer only"},
		{"words behind end", send("end: now"), "nothing stands behind end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := conformance.Parse("page", tt.page)
			if err == nil {
				t.Fatalf("taken: %+v", f)
			}
			if !strings.HasPrefix(err.Error(), "page.md:") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v; want %q in it", err, tt.want)
			}
		})
	}
}

package wire_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/strata-http/strata/wire"
)

func TestParseTarget(t *testing.T) {
	for _, c := range []struct {
		method, target string
		form           wire.TargetForm
		authority      string
		rule           wire.Rule
		at             int64
	}{
		{"GET", "/", wire.OriginForm, "", 0, 0},
		{"GET", "/a?b=http://c@d", wire.OriginForm, "", 0, 0},
		{"GET", "//evil.example/", wire.OriginForm, "", 0, 0}, // a path, whatever it looks like
		{"OPTIONS", "/", wire.OriginForm, "", 0, 0},
		{"connect", "/", wire.OriginForm, "", 0, 0}, // methods are case-sensitive

		{"OPTIONS", "*", wire.AsteriskForm, "", 0, 0},
		{"GET", "*", 0, "", wire.RuleTargetForm, 0},
		{"options", "*", 0, "", wire.RuleTargetForm, 0},
		{"OPTIONS", "**", 0, "", wire.RuleTargetForm, 0},

		{"GET", "http://example.com", wire.AbsoluteForm, "example.com", 0, 0},
		{"GET", "HTTPS://Example.com:8443/a", wire.AbsoluteForm, "Example.com:8443", 0, 0},
		{"GET", "http://[::1]:80?q", wire.AbsoluteForm, "[::1]:80", 0, 0},
		{"GET", "http://a:/", wire.AbsoluteForm, "a:", 0, 0},
		{"GET", "http://a/b@c:d", wire.AbsoluteForm, "a", 0, 0},
		{"GET", "ftp://user@host/", wire.AbsoluteForm, "user@host", 0, 0}, // another scheme has its own rules
		{"GET", "urn:a:b", wire.AbsoluteForm, "", 0, 0},
		{"GET", "x+-.1:a", wire.AbsoluteForm, "", 0, 0},
		{"GET", "tel:+1", wire.AbsoluteForm, "", 0, 0},

		// By the grammar these are absolute-URIs; what everybody means is authority-form.
		{"GET", "example.com:443", 0, "", wire.RuleTargetForm, 0},
		{"OPTIONS", "a:", 0, "", wire.RuleTargetForm, 0},

		{"GET", "", 0, "", wire.RuleRequestLine, 0},
		{"GET", "a", 0, "", wire.RuleTargetForm, 0},
		{"GET", "?a:b", 0, "", wire.RuleTargetForm, 0},
		{"GET", ":a", 0, "", wire.RuleTargetForm, 0},
		{"GET", "1a://b", 0, "", wire.RuleTargetForm, 0},
		{"GET", "a_b://c", 0, "", wire.RuleTargetForm, 0},
		{"GET", "http:", 0, "", wire.RuleAuthority, 4},
		{"GET", "http:/a", 0, "", wire.RuleAuthority, 4},
		{"GET", "http:a", 0, "", wire.RuleAuthority, 4},
		{"GET", "http://", 0, "", wire.RuleAuthority, 7},
		{"GET", "http:///a", 0, "", wire.RuleAuthority, 7},
		{"GET", "http://?a", 0, "", wire.RuleAuthority, 7},
		{"GET", "http://:80/", 0, "", wire.RuleAuthority, 7},
		{"GET", "http://a b/", 0, "", wire.RuleAuthority, 8},
		{"GET", "http://a\\b/", 0, "", wire.RuleAuthority, 8},
		{"GET", "http://a:b/", 0, "", wire.RuleAuthority, 9},
		{"GET", "http://[::1/", 0, "", wire.RuleAuthority, 10},
		{"GET", "http://user@a/", 0, "", wire.RuleUserinfo, 7},
		{"GET", "https://user:pass@a/", 0, "", wire.RuleUserinfo, 8},
		{"GET", "http://@/", 0, "", wire.RuleUserinfo, 7},

		{"CONNECT", "example.com:443", wire.AuthorityForm, "example.com:443", 0, 0},
		{"CONNECT", "[fe80::1]:1", wire.AuthorityForm, "[fe80::1]:1", 0, 0},
		{"CONNECT", "a:65535", wire.AuthorityForm, "a:65535", 0, 0},
		{"CONNECT", "a", 0, "", wire.RuleAuthority, 1},
		{"CONNECT", "a:", 0, "", wire.RuleAuthority, 1},
		{"CONNECT", "a:0", 0, "", wire.RuleAuthority, 1},
		{"CONNECT", "a:65536", 0, "", wire.RuleAuthority, 6},
		{"CONNECT", ":443", 0, "", wire.RuleAuthority, 0},
		{"CONNECT", "/", 0, "", wire.RuleTargetForm, 0},
		{"CONNECT", "*", 0, "", wire.RuleAuthority, 1}, // a reg-name can be that; a port it has not
		{"CONNECT", "http://a/", 0, "", wire.RuleTargetForm, 5},
		{"CONNECT", "user@a:443", 0, "", wire.RuleTargetForm, 4},
		{"CONNECT", "a:443/", 0, "", wire.RuleTargetForm, 5},
		{"CONNECT", "a:1:2", 0, "", wire.RuleTargetForm, 3},
		{"CONNECT", "", 0, "", wire.RuleRequestLine, 0},
	} {
		got, err := wire.ParseTarget(c.method, c.target)
		want := wire.Target{Form: c.form}
		if c.authority != "" {
			want.AuthorityEnd = got.AuthorityStart + len(c.authority)
			want.AuthorityStart = got.AuthorityStart
		}
		if c.rule == 0 && (err != nil || got != want || c.target[got.AuthorityStart:got.AuthorityEnd] != c.authority) {
			t.Errorf("%s %s: %v, authority %q, %v", c.method, c.target, got.Form, c.target[got.AuthorityStart:got.AuthorityEnd], err)
		}
		var e *wire.SyntaxError
		if c.rule != 0 && (!errors.As(err, &e) || e.Rule != c.rule || e.Offset != c.at || got != wire.Target{}) {
			t.Errorf("%s %q: %v, %v; want %q at %d", c.method, c.target, got, err, c.rule.Name(), c.at)
		}
		octets, err2 := wire.ParseTarget([]byte(c.method), []byte(c.target))
		if octets != got || fmt.Sprint(err2) != fmt.Sprint(err) {
			t.Errorf("%s %q as octets: %v, %v", c.method, c.target, octets, err2)
		}
	}
}

func TestParseAuthority(t *testing.T) {
	for _, c := range []struct {
		in   string
		host string
		port int
		bad  int
	}{
		{"", "", -1, -1},
		{"example.com", "example.com", -1, -1},
		{"example.com:", "example.com", -1, -1},
		{"example.com:80", "example.com", 80, -1},
		{"a:0", "a", 0, -1},
		{"a:00080", "a", 80, -1},
		{"a:65535", "a", 65535, -1},
		{":80", "", 80, -1},
		{"192.0.2.1:8080", "192.0.2.1", 8080, -1},
		{"999.1.1.1", "999.1.1.1", -1, -1}, // a reg-name, if no address
		{"a-._~!$&'()*+,;=%C3%a4", "a-._~!$&'()*+,;=%C3%a4", -1, -1},
		{"[::1]", "[::1]", -1, -1},
		{"[::1]:443", "[::1]", 443, -1},
		{"[v1F.a:b]:1", "[v1F.a:b]", 1, -1},

		{"a:65536", "", 0, 6},
		{"a:99999999999999999999999", "", 0, 6},
		{"a:+1", "", 0, 2},
		{"a:8 0", "", 0, 3},
		{"a:b", "", 0, 2},
		{"a:1:2", "", 0, 3},
		{"a b", "", 0, 1},
		{"a/b", "", 0, 1},
		{"a\\b", "", 0, 1},
		{"u@a", "", 0, 1},
		{"a\r\nb", "", 0, 1},
		{"\xc3\xa4", "", 0, 0},
		{"a%", "", 0, 1},
		{"a%2", "", 0, 1},
		{"a%2g", "", 0, 1},
		{"a%g2", "", 0, 1},
		{"::1", "", 0, 1},
		{"[", "", 0, 0},
		{"[::1", "", 0, 3},
		{"[]", "", 0, 1},
		{"[::1]80", "", 0, 5},
		{"[::1][::1]", "", 0, 5},
		{"[fe80::1%25eth0]", "", 0, 1}, // a zone means nothing to anybody else
		{"[a]:1", "", 0, 1},
	} {
		a, bad := wire.ParseAuthority(c.in)
		if bad != c.bad || bad < 0 && (c.in[:a.HostEnd] != c.host || a.Port != c.port) {
			t.Errorf("%q: %+v, bad at %d; want host %q, port %d, bad at %d", c.in, a, bad, c.host, c.port, c.bad)
		}
		if b, bad2 := wire.ParseAuthority([]byte(c.in)); a != b || bad != bad2 {
			t.Errorf("%q as octets: %+v, %d", c.in, b, bad2)
		}
	}
}

func TestIPLiteral(t *testing.T) {
	valid := []string{
		"::", "::1", "1::", "1:2:3:4:5:6:7:8", "ABCD:ef01::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "1:2:3:4:5:6:7::",
		"1:2:3::6:7:8", "2001:db8::1", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5::1.2.3.4", "::ffff:255.255.255.255",
		"::0.0.0.0", "v1.a", "VfF.a:b", "v0.-._~!$&'()*+,;=:",
	}
	invalid := []string{
		"", ":", ":::", "1:", ":1", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::g",
		"1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7:8", "1:::2",
		// The gap stands for one group at least.
		"1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6::1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
		"1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "::1.2.3.", "::1..3.4", "::1.2.3.4:5", "::a.2.3.4",
		"::1.2.3.0004", "1.2.3.4::", "::1 ", "::1%eth0", "v.a", "v1", "v1.", "v1a", "vg.a", "v1.a/b", "v1.%41", "w1.a",
	}
	check := func(in string, want bool) {
		t.Helper()
		for _, in := range []string{"[" + in + "]", "[" + in + "]:80"} {
			if _, bad := wire.ParseAuthority(in); bad < 0 != want {
				t.Errorf("%q: bad at %d", in, bad)
			}
		}
	}
	for _, in := range valid {
		check(in, true)
	}
	for _, in := range invalid {
		check(in, false)
	}
}

func TestTargetFormString(t *testing.T) {
	got := fmt.Sprint(wire.TargetForm(0), wire.OriginForm, wire.AbsoluteForm, wire.AuthorityForm, wire.AsteriskForm)
	if want := "none origin-form absolute-form authority-form asterisk-form"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

func TestVersion(t *testing.T) {
	for _, c := range []struct {
		v            wire.Version
		text         string
		major, minor int
		atLeast11    bool
	}{
		{wire.HTTP10, "HTTP/1.0", 1, 0, false},
		{wire.HTTP11, "HTTP/1.1", 1, 1, true},
		{19, "HTTP/1.9", 1, 9, true},
		{9, "HTTP/0.9", 0, 9, false},
		{20, "HTTP/2.0", 2, 0, false},
		{99, "HTTP/9.9", 9, 9, false},
	} {
		if got := c.v.String(); got != c.text || c.v.Major() != c.major || c.v.Minor() != c.minor || c.v.AtLeast11() != c.atLeast11 {
			t.Errorf("%d: %s, %d.%d, at least 1.1: %v", c.v, got, c.v.Major(), c.v.Minor(), c.v.AtLeast11())
		}
	}
}

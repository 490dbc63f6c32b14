package target_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/cmd/strata/internal/target"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		raw  string
		want target.URL
	}{
		{"http://example.org/a", target.URL{Host: "example.org", Port: 80, Target: "/a"}},
		{"https://example.org/a", target.URL{Secure: true, Host: "example.org", Port: 443, Target: "/a"}},
		{"HTTPS://Example.ORG:8443", target.URL{Secure: true, Host: "Example.ORG", Port: 8443, Target: "/"}},
		{"example.org", target.URL{Host: "example.org", Port: 80, Target: "/"}},
		{"example.org:8080/x", target.URL{Host: "example.org", Port: 8080, Target: "/x"}},
		{"example.org:080", target.URL{Host: "example.org", Port: 80, Target: "/"}},
		{"example.org?q=1", target.URL{Host: "example.org", Port: 80, Target: "/?q=1"}},
		{"example.org/?", target.URL{Host: "example.org", Port: 80, Target: "/?"}},
		{"example.org#top", target.URL{Host: "example.org", Port: 80, Target: "/"}},
		{"example.org/a#/b?c#d", target.URL{Host: "example.org", Port: 80, Target: "/a"}},
		{"example.org/a?b#c", target.URL{Host: "example.org", Port: 80, Target: "/a?b"}},
		{"http://h/../%zz", target.URL{Host: "h", Port: 80, Target: "/../%zz"}},
		{"http://h//a/./b/../c//", target.URL{Host: "h", Port: 80, Target: "//a/./b/../c//"}},
		{"http://h/*", target.URL{Host: "h", Port: 80, Target: "/*"}},
		{"http://h/{a}|\\^\"<>`", target.URL{Host: "h", Port: 80, Target: "/{a}|\\^\"<>`"}},
		{"http://h/\u00fc?\xff", target.URL{Host: "h", Port: 80, Target: "/\u00fc?\xff"}},
		{"h/?u=http://x/", target.URL{Host: "h", Port: 80, Target: "/?u=http://x/"}},
		{"h/a@b:c", target.URL{Host: "h", Port: 80, Target: "/a@b:c"}},
		{"my_host.local/", target.URL{Host: "my_host.local", Port: 80, Target: "/"}},
		{"b\u00fccher.example/", target.URL{Host: "b\u00fccher.example", Port: 80, Target: "/"}},
		{"127.0.0.1:65535", target.URL{Host: "127.0.0.1", Port: 65535, Target: "/"}},
		{"http://[::1]/", target.URL{Host: "::1", Port: 80, Target: "/"}},
		{"https://[2001:DB8::1]:1/", target.URL{Secure: true, Host: "2001:DB8::1", Port: 1, Target: "/"}},
		{"[fe80::1%25eth0]:8080", target.URL{Host: "fe80::1%eth0", Port: 8080, Target: "/"}},
		{"[fe80::1%eth0]?q", target.URL{Host: "fe80::1%eth0", Port: 80, Target: "/?q"}},
		{"[::ffff:192.0.2.1]", target.URL{Host: "::ffff:192.0.2.1", Port: 80, Target: "/"}},
	} {
		got, err := target.Parse(tt.raw)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.raw, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Parse(%q): (-want +got)\n%s", tt.raw, diff)
		}
	}
}

func TestParseError(t *testing.T) {
	for raw, why := range map[string]string{
		"":                       "there is no host",
		"http://":                "there is no host",
		"http:///path":           "there is no host",
		"/path":                  "there is no host",
		"//h/path":               "there is no host",
		"?q":                     "there is no host",
		"#f":                     "there is no host",
		"://h":                   "no host before the port",
		":80":                    "no host before the port",
		"ftp://h/":               "the scheme is http or https",
		"file:///etc/passwd":     "the scheme is http or https",
		"http:/h":                "no port behind the colon",
		"h:":                     "no port behind the colon",
		"[::1]:":                 "no port behind the colon",
		"mailto:joe":             "is not a number",
		"h:80x":                  "is not a number",
		"h:+80":                  "is not a number",
		"h:-1":                   "is not a number",
		"h:0":                    "not from 1 to 65535",
		"h:65536":                "not from 1 to 65535",
		"h:99999999999999999999": "not from 1 to 65535",
		"::1":                    "stands in brackets",
		"::1/x":                  "stands in brackets",
		"h:80:80":                "stands in brackets",
		"[::1":                   "is not closed",
		"[::1]x":                 "cannot follow",
		"[]":                     "is no IPv6 address",
		"[h]":                    "is no IPv6 address",
		"[127.0.0.1]":            "is no IPv6 address",
		"[::1%]":                 "is no IPv6 address",
		"[::1%25]x":              "cannot follow",
		"u@h":                    "are not sent",
		"http://u:p@h:1/":        "are not sent",
		"a b/":                   "is no host name",
		"h\r\nX: 1":              "is no host name",
		"h\\x/":                  "is no host name",
		"h%41/":                  "is no host name",
		"a\x00b":                 "is no host name",
	} {
		got, err := target.Parse(raw)
		var e *target.Error
		if !errors.As(err, &e) || e.URL != target.Mask(raw) || !strings.Contains(e.Error(), why) {
			t.Errorf("Parse(%q) = %+v, %v; want an error with %q", raw, got, err, why)
		}
	}
}

// TestSecrets has user and password in URLs that cannot be used, however badly they are put.
func TestSecrets(t *testing.T) {
	for raw, want := range map[string]string{
		"http://user:secret@h/":             `"http://***@h/"`,
		"HTTPS://secret@h:80x/":             `"HTTPS://***@h:80x/"`,
		"user:secret@h":                     `"***@h"`,
		"http://user:sec/ret@h/":            `"http://***@h/"`,
		"http://user:sec?ret@h/":            `"http://***@h/"`,
		"http://user:sec#ret@h/":            `"http://***@h/"`,
		"http://user:p@secret@h/":           `"http://***@h/"`,
		"http://user:secret@[::1/":          `"http://***@[::1/"`,
		"ftp://user:secret@h/":              `"ftp://***@h/"`,
		"http://user^:secret\r\n@h":         `"http://***@h"`,
		"gopher://example.org/path@version": `"gopher://example.org/path@version"`,
	} {
		_, err := target.Parse(raw)
		if err == nil || strings.Contains(err.Error(), "sec") || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v; want an error with %s", raw, err, want)
		}
	}
	if _, err := target.Parse("http://example.org:80/a:b@c"); err != nil {
		t.Errorf("an @ in a path: %v", err)
	}
}

func ExampleParse() {
	u, err := target.Parse("example.org:8080/a/../b?q#top")
	fmt.Println(u.Host, u.Port, u.Target, err)
	_, err = target.Parse("example.org:http/")
	fmt.Println(err)
	// Output:
	// example.org 8080 /a/../b?q <nil>
	// "example.org:http/": port "http" is not a number
}

package proxy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/strata-http/strata/proxy"
)

func TestParseURL(t *testing.T) {
	for in, want := range map[string]struct{ scheme, address, user, password string }{
		"http://proxy.example:3128":                 {"http", "proxy.example:3128", "", ""},
		"http://proxy.example":                      {"http", "proxy.example:80", "", ""},
		"https://proxy.example/":                    {"https", "proxy.example:443", "", ""},
		"socks5://127.0.0.1":                        {"socks5", "127.0.0.1:1080", "", ""},
		"SOCKS5h://u:p@[::1]":                       {"socks5h", "[::1]:1080", "u", "p"},
		"proxy.example:3128":                        {"http", "proxy.example:3128", "", ""},
		"u:p@proxy.example":                         {"http", "proxy.example:80", "u", "p"},
		"http://u@proxy.example":                    {"http", "proxy.example:80", "u", ""},
		"http://:p@proxy.example":                   {"http", "proxy.example:80", "", "p"},
		"http://a%40b:c%3a%2Fd+%25@proxy.example:1": {"http", "proxy.example:1", "a@b", "c:/d+%"},
		"http://u:p@q/r?s#t@proxy.example:1":        {"http", "proxy.example:1", "u", "p@q/r?s#t"},
		"http://[fe80::1%25eth0]:3128":              {"http", "[fe80::1%eth0]:3128", "", ""},
		"http://[fe80::1%eth0]":                     {"http", "[fe80::1%eth0]:80", "", ""},
		"http://bücher.example":                     {"http", "xn--bcher-kva.example:80", "", ""},
	} {
		u, err := proxy.ParseURL(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if u.Scheme != want.scheme || u.Address != want.address || u.Userinfo.User() != want.user || u.Userinfo.Password() != want.password ||
			u.Userinfo.IsSet() != strings.Contains(in, "@") {
			t.Errorf("%s: %q %q %q %q", in, u.Scheme, u.Address, u.Userinfo.User(), u.Userinfo.Password())
		}
	}
	if u, err := proxy.ParseURL(""); err != nil || !u.IsZero() || u.String() != "" {
		t.Errorf("nothing is %v, %v", u, err)
	}
	for in, want := range map[string]string{
		"ftp://hunter2:x@h":          `"ftp"`,
		"http://":                    "no host",
		"http://hunter2@":            "no host",
		"http://h/hunter2":           "follows host and port",
		"http://h?hunter2":           "follows host and port",
		"http://h:99999":             "1 to 65535",
		"http://h:0":                 "1 to 65535",
		"http://user:hunter2":        "1 to 65535",
		"http://user:hunter2:1":      "more than one colon",
		"http://hunter%zz2:x@h":      "percent",
		"http://x:%hunter2@h":        "percent",
		"http://::1":                 "brackets",
		"http://[::1":                "brackets",
		"http://[::1]hunter2":        "brackets",
		"http://[1.2.3.4]":           "no IPv6",
		"http://hunter2:x@a b":       "no host name",
		"http://hunter2:x@a\r\nb":    "no host name",
		"http://hunter2:x@\xffa":     "no host name",
		"https://hunter2:x@h:8443/p": "follows host and port",
	} {
		_, err := proxy.ParseURL(in)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: %v, want one with %q", in, err, want)
		}
		if err != nil && (strings.ContainsAny(err.Error(), "\r\n") || !utf8.ValidString(err.Error())) {
			t.Errorf("%q: %q is not quoted", in, err)
		}
	}
}

// However it is shown, a URL keeps its user and its password to itself; and so does what has one in it.
func TestSecretsAreNotPrinted(t *testing.T) {
	u, err := proxy.ParseURL("http://alice:hunter2@proxy.example:3128")
	if err != nil {
		t.Fatal(err)
	}
	server := proxy.Server{URL: u, Auth: proxy.Basic(u.Userinfo)}
	socks := proxy.SOCKS5{Proxy: "p:1", Userinfo: u.Userinfo}
	settings := proxy.Settings{HTTP: u, HTTPS: u}
	route, err := proxy.Server{URL: u}.Route("http", "origin.example:80")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{u, &u, u.Userinfo, server, &server, socks, &socks, settings, &settings, route, []any{u}, map[string]any{"u": u}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		if b, err := json.Marshal(v); err == nil {
			out.Write(b)
		}
		for _, secret := range []string{"alice", "hunter2", "YWxpY2U6aHVudGVyMg", "616c696365", "68756e74657232"} {
			if strings.Contains(strings.ToLower(out.String()), strings.ToLower(secret)) {
				t.Errorf("%T: %q stands in\n%s", v, secret, out.String())
			}
		}
	}
	if got := fmt.Sprint(u); got != "http://***@proxy.example:3128" {
		t.Error(got)
	}
	if got := fmt.Sprint(proxy.Userinfo{}, proxy.UserPassword("", "")); got != " ***" {
		t.Errorf("%q", got)
	}
}

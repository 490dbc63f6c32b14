package har

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// text makes a string for JSON of octets that may be no UTF-8: those of 0x80 and above are then taken as ISO-8859-1,
// which is what RFC 9110 section 5.5 says of older fields.
func text[T wire.Octets](octets T) string {
	s := string(octets)
	if utf8.ValidString(s) {
		return s
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// pairs are the field lines in their order and case.
func pairs(f *headers.Fields) []Pair {
	all := make([]Pair, 0, f.Len())
	for name, value := range f.All() {
		all = append(all, Pair{Name: text(name), Value: text(value)})
	}
	return all
}

// query are the parameters of a request-target. What cannot be decoded stays as it is.
func query(target string) []Pair {
	_, q, _ := strings.Cut(target, "?")
	q, _, _ = strings.Cut(q, "#")
	return parameters(q)
}

// parameters reads name=value, joined by "&".
func parameters(q string) []Pair {
	all := []Pair{}
	for part := range strings.SplitSeq(q, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		all = append(all, Pair{Name: unescape(name), Value: unescape(value)})
	}
	return all
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		s = u
	}
	return text(s)
}

// requestCookies are those of the Cookie fields (RFC 6265 section 4.2).
func requestCookies(f *headers.Fields) []Cookie {
	all := []Cookie{}
	for name, value := range f.All() {
		if !wire.EqualFold(name, "Cookie") {
			continue
		}
		for part := range strings.SplitSeq(text(value), ";") {
			if part = strings.TrimSpace(part); part != "" {
				name, value, _ := strings.Cut(part, "=")
				all = append(all, Cookie{Name: name, Value: value})
			}
		}
	}
	return all
}

// responseCookies are those of the Set-Cookie fields that a browser would take (RFC 6265 section 5.2).
func responseCookies(f *headers.Fields) []Cookie {
	all := []Cookie{}
	for name, value := range f.All() {
		if !wire.EqualFold(name, "Set-Cookie") {
			continue
		}
		c, err := http.ParseSetCookie(text(value))
		if err != nil {
			continue
		}
		cookie := Cookie{Name: c.Name, Value: c.Value, Path: c.Path, Domain: c.Domain, HTTPOnly: c.HttpOnly, Secure: c.Secure}
		if !c.Expires.IsZero() {
			cookie.Expires = c.Expires.UTC().Format(time.RFC3339)
		}
		all = append(all, cookie)
	}
	return all
}

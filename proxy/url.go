package proxy

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/strata-http/strata/wire"
)

// The schemes of a proxy's URL.
const (
	HTTPScheme    = "http"    // HTTP, in the clear; the default port is 80
	HTTPSScheme   = "https"   // HTTP over TLS to the proxy; 443
	SOCKS5Scheme  = "socks5"  // SOCKS 5, names resolved on this machine; 1080
	SOCKS5HScheme = "socks5h" // SOCKS 5, names given to the proxy as they are; 1080
)

var defaultPorts = map[string]int{HTTPScheme: 80, HTTPSScheme: 443, SOCKS5Scheme: 1080, SOCKS5HScheme: 1080}

// URL is where a proxy is, and how to speak with it. The zero URL is no proxy. However it is printed, logged or
// marshalled, its Userinfo is masked.
type URL struct {
	Scheme   string // HTTPScheme, HTTPSScheme, SOCKS5Scheme or SOCKS5HScheme
	Address  string // host:port; the host in ASCII, an IPv6 address in brackets
	Userinfo Userinfo
}

// IsZero reports whether u is no proxy.
func (u URL) IsZero() bool { return u == URL{} }

// String returns the URL with "***" in the place of its Userinfo, and nothing for the zero URL.
func (u URL) String() string {
	switch {
	case u.IsZero():
		return ""
	case u.Userinfo.IsSet():
		return u.Scheme + "://" + masked + "@" + u.Address
	}
	return u.Scheme + "://" + u.Address
}

// Format prints what [URL.String] returns, whatever the verb.
func (u URL) Format(f fmt.State, _ rune) { io.WriteString(f, u.String()) }

// MarshalText returns what [URL.String] returns.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue returns what [URL.String] returns, for package slog.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// ParseURL reads the URL of a proxy: scheme "://" [ user [ ":" password ] "@" ] host [ ":" port ] [ "/" ]. Without a
// scheme it is http, without a port the scheme's. User and password may be percent-encoded. The zone of an IPv6
// address stands behind "%25" or "%". The empty text is the zero URL.
//
// Errors say what is wrong without quoting what is, or may be meant as, user and password.
func ParseURL(text string) (URL, error) {
	if text == "" {
		return URL{}, nil
	}
	u := URL{Scheme: HTTPScheme}
	rest := text
	if scheme, behind, ok := strings.Cut(text, "://"); ok && isScheme(scheme) {
		u.Scheme, rest = strings.ToLower(scheme), behind
	}
	port, known := defaultPorts[u.Scheme]
	if !known {
		return URL{}, fmt.Errorf("proxy: the scheme of a proxy is http, https, socks5 or socks5h, not %q", u.Scheme)
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		var err error
		if u.Userinfo, err = parseUserinfo(rest[:at]); err != nil {
			return URL{}, err
		}
		rest = rest[at+1:]
	}
	rest = strings.TrimSuffix(rest, "/")
	if strings.ContainsAny(rest, "/?#") {
		return URL{}, errors.New("proxy: something follows host and port in the URL of the proxy")
	}
	var err error
	if u.Address, err = parseAddress(rest, port); err != nil {
		return URL{}, err
	}
	return u, nil
}

func isScheme(s string) bool {
	for i := range len(s) {
		switch c := s[i] | 0x20; {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || strings.IndexByte("+-.", s[i]) >= 0):
		default:
			return false
		}
	}
	return s != ""
}

var errUserinfo = errors.New("proxy: a percent sign before the @ is not followed by two hexadecimal digits; it is written as %25 there")

func parseUserinfo(text string) (Userinfo, error) {
	user, password, _ := strings.Cut(text, ":")
	var err1, err2 error
	user, err1 = url.PathUnescape(user)
	password, err2 = url.PathUnescape(password)
	if err1 != nil || err2 != nil {
		return Userinfo{}, errUserinfo
	}
	return UserPassword(user, password), nil
}

// parseAddress reads host [ ":" port ].
func parseAddress(text string, port int) (string, error) {
	host, digits := text, ""
	switch {
	case strings.HasPrefix(text, "["):
		literal, behind, ok := strings.Cut(text[1:], "]")
		digits, _ = strings.CutPrefix(behind, ":")
		if !ok || behind == digits && behind != "" {
			return "", errors.New("proxy: what stands in brackets is followed by a colon and a port, or by nothing")
		}
		if literal, zone, zoned := strings.Cut(literal, "%"); zoned {
			if z, ok := strings.CutPrefix(zone, "25"); ok && z != "" {
				zone = z
			}
			host = literal + "%" + zone
		} else {
			host = literal
		}
		if a, err := netip.ParseAddr(host); err != nil || !a.Is6() {
			return "", fmt.Errorf("proxy: %q in brackets is no IPv6 address", host)
		}
	case strings.Count(text, ":") > 1:
		return "", errors.New("proxy: the URL of the proxy has more than one colon behind the user; an IPv6 address stands in brackets")
	default:
		host, digits, _ = strings.Cut(text, ":")
		var err error
		if host, err = asciiName(host); err != nil {
			return "", err
		}
	}
	if digits != "" {
		n, err := strconv.ParseUint(digits, 10, 16)
		if err != nil || n == 0 {
			return "", errors.New("proxy: the port of the proxy is no number from 1 to 65535")
		}
		port = int(n)
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// asciiName checks a host name, and puts an internationalised one into its ASCII form (RFC 5891).
func asciiName(host string) (string, error) {
	if host == "" {
		return "", errors.New("proxy: there is no host")
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil || !utf8.ValidString(host) { // idna would take a replacement character for the octet
				return "", fmt.Errorf("proxy: %q is no host name", host)
			}
			return ascii, nil
		}
	}
	if a, bad := wire.ParseAuthority(host); bad >= 0 || a.HostEnd != len(host) {
		return "", fmt.Errorf("proxy: %q is no host name", host)
	}
	return host, nil
}

package nethttp

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/strata-http/strata/wire"
)

// check refuses what http.Transport refuses before it dials. What is left to be wrong is found before anything is
// written.
func check(req *http.Request) error {
	switch {
	case req.URL == nil:
		return errors.New("http: nil Request.URL")
	case req.Header == nil:
		return errors.New("http: nil Request.Header")
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return fmt.Errorf("unsupported protocol scheme %q", req.URL.Scheme)
	}
	if err := checkHeader("header", req.Header); err != nil {
		return err
	}
	if err := checkHeader("trailer", req.Trailer); err != nil {
		return err
	}
	switch {
	case req.Method != "" && !wire.IsToken(req.Method):
		return fmt.Errorf("net/http: invalid method %q", req.Method)
	case req.URL.Host == "":
		return errors.New("http: no Host in request URL")
	case req.ContentLength != 0 && req.Body == nil:
		return fmt.Errorf("http: Request.ContentLength=%d with nil Body", req.ContentLength)
	}
	return nil
}

func checkHeader(what string, h http.Header) error {
	for name, values := range h {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("net/http: invalid %s field name %q", what, name)
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return fmt.Errorf("net/http: invalid %s field value for %q", what, name) // which may be secret
			}
		}
	}
	return nil
}

// hostValue returns the value of Host.
func hostValue(req *http.Request, proxied bool) (string, error) {
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	host, err := httpguts.PunycodeHostPort(host)
	if err != nil {
		return "", err
	}
	host = withoutZone(host)
	if _, bad := wire.ParseAuthority(host); bad >= 0 || !httpguts.ValidHostHeader(host) {
		if proxied {
			return "", errors.New("http: invalid Host header")
		}
		return "", nil // an empty one is valid, RFC 9112 section 3.2
	}
	return host, nil
}

// withoutZone takes the zone off an IPv6 address, which means something on this machine only (RFC 6874 section 1).
func withoutZone(host string) string {
	if !strings.HasPrefix(host, "[") {
		return host
	}
	end := strings.LastIndexByte(host, ']')
	zone := strings.IndexByte(host, '%')
	if end < 0 || zone < 0 || zone > end {
		return host
	}
	return host[:zone] + host[end:]
}

// target returns the request-target.
func (x *exchange) target(host string) (string, error) {
	u := x.req.URL
	target := u.RequestURI()
	switch {
	case x.way.absolute && u.Opaque == "":
		target = u.Scheme + "://" + host + target
	case x.method == "CONNECT" && u.Path == "":
		target = host
		if u.Opaque != "" {
			target = u.Opaque
		}
	}
	for i := range len(target) {
		if target[i] < ' ' || target[i] == 0x7f {
			return "", errors.New("net/http: can't write control character in Request.URL")
		}
	}
	return target, nil
}

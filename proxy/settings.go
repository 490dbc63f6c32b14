package proxy

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"

	"golang.org/x/net/http/httpproxy"
)

// Settings say which proxy is for which origins, as environment variables do.
type Settings struct {
	HTTP  URL // for origins of the scheme http; zero for none
	HTTPS URL // for origins of the scheme https; zero for none
	// NoProxy lists the origins that are reached directly, with commas between: names, which stand for their
	// subdomains too (with a leading dot for these alone), addresses, prefixes such as 10.0.0.0/8, each with a port
	// or without, and "*" for all.
	NoProxy string
	// Loopback lets origins on this machine, localhost and loopback addresses, be reached through the proxy also.
	// Otherwise they never are.
	Loopback bool
}

// FromEnvironment reads http_proxy, https_proxy and no_proxy or, where one is not set, the same in upper case.
//
// Where REQUEST_METHOD is set the program is a CGI script, and HTTP_PROXY may come from a field "Proxy" of the request:
// then it is ignored (CVE-2016-5386), and so is http_proxy on Windows, where case makes no difference. A URL that
// cannot be understood is an error that names the variable and does not quote it: to go on without the proxy would
// send requests where they were not meant to go.
func FromEnvironment() (Settings, error) {
	env := httpproxy.FromEnvironment()
	if env.CGI {
		if env.HTTPProxy = os.Getenv("http_proxy"); runtime.GOOS == "windows" {
			env.HTTPProxy = ""
		}
	}
	s := Settings{NoProxy: env.NoProxy}
	var err error
	if s.HTTP, err = ParseURL(env.HTTPProxy); err != nil {
		return Settings{}, fmt.Errorf("http_proxy in the environment: %w", err)
	}
	if s.HTTPS, err = ParseURL(env.HTTPSProxy); err != nil {
		return Settings{}, fmt.Errorf("https_proxy in the environment: %w", err)
	}
	return s, nil
}

// Rule returns the Rule that goes by the settings, as they are now. via says how to use a proxy; its URL is
// not used but for the one that is set for the origin, and origins that are reached directly are dialled by its Dialer.
func (s Settings) Rule(via Server) Rule {
	choose := s.chooser()
	return func(scheme, address string) (Route, error) {
		var err error
		via := via
		if via.URL, err = choose(scheme, address); err != nil {
			return Route{}, err
		}
		return via.Route(scheme, address)
	}
}

// chooser returns the function that finds the proxy for an origin.
func (s Settings) chooser() func(scheme, address string) (URL, error) {
	// httpproxy is asked whether a proxy is to be used, not which: the URLs that it is given stand for HTTP and HTTPS,
	// so that no password passes through it.
	uses := (&httpproxy.Config{HTTPProxy: "http://proxy", HTTPSProxy: "http://proxy", NoProxy: s.NoProxy}).ProxyFunc()
	except := parseExceptions(s.NoProxy)
	return func(scheme, address string) (URL, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return URL{}, fmt.Errorf("proxy: %w", err)
		}
		var u URL
		switch scheme {
		case "http":
			u = s.HTTP
		case "https":
			u = s.HTTPS
		default:
			return URL{}, fmt.Errorf("proxy: the scheme of an origin is http or https, not %q", scheme)
		}
		if u.IsZero() {
			return u, nil
		}
		if s.Loopback {
			if except.match(host, port) {
				u = URL{}
			}
			return u, nil
		}
		through, err := uses(&url.URL{Scheme: scheme, Host: address})
		if err != nil || through == nil {
			u = URL{}
		}
		return u, err
	}
}

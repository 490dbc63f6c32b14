package nethttp

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// DefaultUserAgent is the User-Agent of requests that have none. A request with an empty one sends none.
const DefaultUserAgent = "strata"

// Transport is an http.RoundTripper over Strata, for http.Client in the place of [http.Transport]. Its fields mean what those of
// the same names there mean, and must not be changed once it is in use. The zero Transport is ready; [NewTransport] returns one
// with limits. It should be used again, not made anew: it keeps connections. It may be used by several goroutines at
// once.
type Transport struct {
	// Proxy returns the URL of the proxy for a request, and nil for none: of the scheme http, https, socks5 or socks5h. As with
	// http.Transport, both kinds of SOCKS leave it to the proxy to resolve names.
	Proxy func(*http.Request) (*url.URL, error)
	// ProxyConnectHeader goes into CONNECT requests to proxies; GetProxyConnectHeader, when it is set, is asked for it
	// instead, for each.
	ProxyConnectHeader    http.Header
	GetProxyConnectHeader func(ctx context.Context, proxyURL *url.URL, target string) (http.Header, error)
	// OnProxyConnectResponse, when it is set, is shown each final response to CONNECT. Its error ends the dial.
	OnProxyConnectResponse func(ctx context.Context, proxyURL *url.URL, connectReq *http.Request, connectRes *http.Response) error

	// DialContext opens connections; nil is a net.Dialer. The DialContext of every [transport.Dialer] fits.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// DialTLSContext opens connections with TLS on them, for requests to https without a proxy, and to proxies of the scheme https.
	// TLSClientConfig and TLSHandshakeTimeout are not used then.
	DialTLSContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// TLSClientConfig is for TLS. Only http/1.1 of its NextProtos is offered.
	TLSClientConfig *tls.Config

	// TLSHandshakeTimeout limits handshakes, ResponseHeaderTimeout the time from the end of the request to the end of
	// the head of its final response; 0 is no limit.
	TLSHandshakeTimeout   time.Duration
	ResponseHeaderTimeout time.Duration
	// ExpectContinueTimeout is how long 100 (Continue) is waited for before the content of a request with Expect: 100-continue is
	// sent all the same; 0 is not at all.
	ExpectContinueTimeout time.Duration

	// DisableKeepAlives uses each connection for one request; DisableCompression does not ask for gzip.
	DisableKeepAlives  bool
	DisableCompression bool

	// MaxIdleConns limits the idle connections, 0 is no limit; MaxIdleConnsPerHost those to one host, 0 is
	// [http.DefaultMaxIdleConnsPerHost]; MaxConnsPerHost all connections to one host, in use and being opened too,
	// for which requests then wait; 0 is no limit. IdleConnTimeout is how long they may be idle, 0 without limit.
	MaxIdleConns        int
	MaxIdleConnsPerHost int
	MaxConnsPerHost     int
	IdleConnTimeout     time.Duration

	// MaxResponseHeaderBytes limits the head of a response, and each line of it; 0 is 10 MiB, unless Limits has a Line or
	// a Section.
	MaxResponseHeaderBytes int64
	// Limits bound what else a server can send, and Lenient admits deviations in it: the zero values are the defaults of package
	// wire, and strict. The number of fields has no limit but their octets, unless Limits has one. http.Transport has no such
	// fields.
	Limits  wire.Limits
	Lenient wire.Lenient

	once sync.Once
	pool httpclient.Pool
	tls  *tls.Config
}

// NewTransport returns a Transport with the settings of http.DefaultTransport: proxies by the environment, 30 s for dialling,
// 10 s for handshakes, 100 idle connections for up to 90 s each, and 1 s for 100 (Continue).
func NewTransport() *Transport {
	return &Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           transport.TCP{Dialer: net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}}.DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		MaxIdleConns:          100,
		IdleConnTimeout:       90 * time.Second,
	}
}

// Clone returns a Transport with the settings of t, and no connection.
func (t *Transport) Clone() *Transport {
	c := &Transport{
		Proxy: t.Proxy, ProxyConnectHeader: t.ProxyConnectHeader.Clone(), GetProxyConnectHeader: t.GetProxyConnectHeader,
		OnProxyConnectResponse: t.OnProxyConnectResponse,
		DialContext:            t.DialContext, DialTLSContext: t.DialTLSContext,
		TLSHandshakeTimeout: t.TLSHandshakeTimeout, ResponseHeaderTimeout: t.ResponseHeaderTimeout,
		ExpectContinueTimeout: t.ExpectContinueTimeout,
		DisableKeepAlives:     t.DisableKeepAlives, DisableCompression: t.DisableCompression,
		MaxIdleConns: t.MaxIdleConns, MaxIdleConnsPerHost: t.MaxIdleConnsPerHost, MaxConnsPerHost: t.MaxConnsPerHost,
		IdleConnTimeout: t.IdleConnTimeout, MaxResponseHeaderBytes: t.MaxResponseHeaderBytes,
		Limits: t.Limits, Lenient: t.Lenient,
	}
	if t.TLSClientConfig != nil {
		c.TLSClientConfig = t.TLSClientConfig.Clone()
	}
	return c
}

// CloseIdleConnections closes the connections that are idle now.
func (t *Transport) CloseIdleConnections() { t.ready().CloseIdle() }

// Stats returns the numbers of the pool of connections.
func (t *Transport) Stats() httpclient.PoolStats { return t.ready().Stats() }

// ready returns the pool, which is set up at first.
func (t *Transport) ready() *httpclient.Pool {
	t.once.Do(func() {
		p := &t.pool
		p.New = t.newConn
		p.MaxPerOrigin, p.MaxIdle, p.IdleTime = t.MaxConnsPerHost, max(t.MaxIdleConns, 0), t.IdleConnTimeout
		p.MaxIdlePerOrigin = t.MaxIdleConnsPerHost
		if p.MaxIdlePerOrigin == 0 {
			p.MaxIdlePerOrigin = http.DefaultMaxIdleConnsPerHost
		}
		if t.DisableKeepAlives {
			p.MaxIdlePerOrigin = -1
		}
		t.tls = clientTLS(t.TLSClientConfig)
	})
	return &t.pool
}

// clientTLS returns config so that it offers nothing but what is spoken here: a config that http.Transport has used
// offers h2.
func clientTLS(config *tls.Config) *tls.Config {
	if config == nil {
		return nil
	}
	config = config.Clone()
	config.NextProtos = []string{"http/1.1"}
	return config
}

// dialer returns what opens connections.
func (t *Transport) dialer() transport.Dialer {
	if t.DialContext == nil {
		return transport.TCP{}
	}
	return transport.DialerFunc(t.DialContext)
}

// defaultHeaderBytes is what http.Transport has.
const defaultHeaderBytes = 10 << 20

// limits returns what bounds a server.
func (t *Transport) limits() wire.Limits {
	l, n := t.Limits, t.MaxResponseHeaderBytes
	if n <= 0 && l.Line == 0 && l.Section == 0 {
		n = defaultHeaderBytes
	}
	if n > 0 {
		size := int(min(n, 1<<30))
		l.Line, l.Section = size, size
	}
	if l.Fields == 0 {
		l.Fields = -1 // their octets are limited
	}
	return l
}

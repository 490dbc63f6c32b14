package parity

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/strata-http/strata/internal/testcert"
)

var (
	makeCert  sync.Once
	localhost tls.Certificate
	roots     *x509.CertPool
)

// certificate returns that of this machine.
func (r *run) certificate() tls.Certificate {
	makeCert.Do(func() { localhost, roots, _ = testcert.New(r.t, "127.0.0.1") })
	return localhost
}

// trusted returns a configuration that trusts it.
func (r *run) trusted() *tls.Config {
	r.certificate()
	return &tls.Config{RootCAs: roots}
}

// tlsCases: handshakes and their errors.
func tlsCases() []parityCase {
	serve := func(r *run, config *tls.Config) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		if config.Certificates == nil {
			config.Certificates = []tls.Certificate{r.certificate()}
		}
		r.handle(tls.NewListener(l, config), func(p *peer) {
			for p.requestQuiet() {
				p.say(okay)
			}
		})
		return "https://" + l.Addr().String()
	}
	return []parityCase{
		{"tls: trusted", func(r *run) {
			c := r.client(&http.Transport{TLSClientConfig: r.trusted()})
			url := serve(r, &tls.Config{})
			r.get(c, url)
			r.get(c, url)
		}},
		{"tls: with ALPN", func(r *run) {
			res, err := r.client(&http.Transport{TLSClientConfig: r.trusted()}).Do(r.request("GET", serve(r, &tls.Config{NextProtos: []string{"http/1.1"}}), nil))
			r.response(res, err)
			if err == nil {
				r.sees("version %d, complete %t, peer certificates %d", res.TLS.Version, res.TLS.HandshakeComplete, len(res.TLS.PeerCertificates))
			}
		}},
		{"tls: a certificate of nobody", func(r *run) { r.get(r.client(nil), serve(r, &tls.Config{})) }},
		{"tls: a certificate of nobody that is taken", func(r *run) {
			r.get(r.client(&http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}), serve(r, &tls.Config{}))
		}},
		{"tls: another name", func(r *run) {
			config := r.trusted()
			config.ServerName = "other.example"
			r.get(r.client(&http.Transport{TLSClientConfig: config}), serve(r, &tls.Config{}))
		}},
		{"tls: no version in common", func(r *run) {
			config := r.trusted()
			config.MaxVersion = tls.VersionTLS12
			r.get(r.client(&http.Transport{TLSClientConfig: config}), serve(r, &tls.Config{MinVersion: tls.VersionTLS13}))
		}},
		{"tls: the server speaks HTTP", func(r *run) {
			r.get(r.client(nil), "https"+strings.TrimPrefix(r.answers2("HTTP/1.1 400 Bad Request\r\n\r\n"), "http"))
		}},
		{"tls: the server wants a certificate", func(r *run) {
			url := serve(r, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12})
			r.get(r.client(&http.Transport{TLSClientConfig: r.trusted()}), url)
		}},
		{"tls: the client has a certificate", func(r *run) {
			config := r.trusted()
			config.Certificates = []tls.Certificate{r.certificate()}
			r.get(r.client(&http.Transport{TLSClientConfig: config}), serve(r, &tls.Config{ClientAuth: tls.RequireAnyClientCert}))
		}},
		{"tls: DialTLSContext", func(r *run) {
			url := serve(r, &tls.Config{})
			t := &http.Transport{DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				r.sees("dial %s", network)
				return (&tls.Dialer{Config: r.trusted()}).DialContext(ctx, network, address)
			}}
			r.get(r.client(t), url)
		}},
		{"tls: a handshake that takes too long", func(r *run) {
			url := "https://" + r.peers(func(p *peer) { io.Copy(io.Discard, p.b) })
			r.get(r.client(&http.Transport{TLSHandshakeTimeout: 1e7}), url)
		}},
		{"tls: cut in the handshake", func(r *run) {
			r.get(r.client(nil), "https://"+r.peers(func(p *peer) { p.b.ReadByte() }))
		}},
		{"tls: to a server of the engine", func(r *run) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				panic(err)
			}
			r.after(r.serve(&http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				r.note("handler", "tls %t, complete %t", q.TLS != nil, q.TLS != nil && q.TLS.HandshakeComplete)
			})}, tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{r.certificate()}})))
			r.get(r.client(&http.Transport{TLSClientConfig: r.trusted()}), "https://"+l.Addr().String())
		}},
	}
}

// answers2 is a peer that answers whatever comes.
func (r *run) answers2(answer string) string {
	return "http://" + r.peers(func(p *peer) { p.b.ReadByte(); p.say(answer); p.end() })
}

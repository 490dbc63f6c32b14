// Package swap runs what is configured for net/http over Strata instead: it reads the settings of an [http.Transport]
// or an [http.Server] and makes of them what nethttp has for the same.
//
// # Terminology
//
//   - to swap: to let Strata do what a Transport or a Server of net/http was made for.
package swap

import (
	"context"
	"net"
	"net/http"

	"github.com/strata-http/strata/nethttp"
)

// Transport returns a Transport of Strata with the settings of t.
func Transport(t *http.Transport) *nethttp.Transport {
	n := &nethttp.Transport{
		Proxy:                  t.Proxy,
		ProxyConnectHeader:     t.ProxyConnectHeader,
		GetProxyConnectHeader:  t.GetProxyConnectHeader,
		OnProxyConnectResponse: t.OnProxyConnectResponse,
		DialContext:            t.DialContext,
		DialTLSContext:         t.DialTLSContext,
		TLSClientConfig:        t.TLSClientConfig,
		TLSHandshakeTimeout:    t.TLSHandshakeTimeout,
		ResponseHeaderTimeout:  t.ResponseHeaderTimeout,
		ExpectContinueTimeout:  t.ExpectContinueTimeout,
		DisableKeepAlives:      t.DisableKeepAlives,
		DisableCompression:     t.DisableCompression,
		MaxIdleConns:           t.MaxIdleConns,
		MaxIdleConnsPerHost:    t.MaxIdleConnsPerHost,
		MaxConnsPerHost:        t.MaxConnsPerHost,
		IdleConnTimeout:        t.IdleConnTimeout,
		MaxResponseHeaderBytes: t.MaxResponseHeaderBytes,
	}
	// The two functions without a context are deprecated, and nethttp has not got them; old programs have.
	//lint:ignore SA1019 it is what an old program has set
	if dial := t.Dial; dial != nil && n.DialContext == nil {
		n.DialContext = func(_ context.Context, network, address string) (net.Conn, error) { return dial(network, address) }
	}
	//lint:ignore SA1019 likewise
	if dial := t.DialTLS; dial != nil && n.DialTLSContext == nil {
		n.DialTLSContext = func(_ context.Context, network, address string) (net.Conn, error) { return dial(network, address) }
	}
	return n
}

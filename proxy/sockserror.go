package proxy

import "fmt"

// SOCKSStep is the step of a negotiation with a SOCKS proxy in which it refused.
type SOCKSStep uint8

const (
	SOCKSMethod  SOCKSStep = iota + 1 // it wants a way of authentication that was not offered (RFC 1928 section 3)
	SOCKSAuth                         // it does not take user name and password (RFC 1929 section 2)
	SOCKSConnect                      // it does not connect to the address (RFC 1928 section 6)
)

// SOCKSError is the error when a SOCKS proxy refuses. The connection to it is closed then.
type SOCKSError struct {
	Proxy   string // host:port of the proxy
	Address string // the address asked for
	Step    SOCKSStep
	// Code is what the proxy gave: the REP of RFC 1928 for SOCKSConnect, the STATUS of RFC 1929 for SOCKSAuth, 255
	// for SOCKSMethod.
	Code byte

	offered bool // user name and password were
}

// socksReplies are the meanings of REP (RFC 1928 section 6).
var socksReplies = [...]string{
	1: "general failure",
	2: "its rules do not allow the connection",
	3: "network unreachable",
	4: "host unreachable",
	5: "connection refused",
	6: "TTL expired",
	7: "it does not know CONNECT",
	8: "it does not know addresses of that kind",
}

// Reason says what the proxy's answer means.
func (e *SOCKSError) Reason() string {
	switch {
	case e.Step == SOCKSAuth:
		return fmt.Sprintf("it does not take user name and password (SOCKS 5 status %d)", e.Code)
	case e.Step == SOCKSMethod && e.offered:
		return "it takes neither user name and password nor the lack of them"
	case e.Step == SOCKSMethod:
		return "it asks for authentication"
	case e.Code > 0 && int(e.Code) < len(socksReplies):
		return fmt.Sprintf("%s (SOCKS 5 reply %d)", socksReplies[e.Code], e.Code)
	}
	return fmt.Sprintf("SOCKS 5 reply %d", e.Code)
}

// Error names the proxy, the address and the reason.
func (e *SOCKSError) Error() string {
	return fmt.Sprintf("proxy %s refused a connection to %s: %s", e.Proxy, e.Address, e.Reason())
}

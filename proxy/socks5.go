package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/strata-http/strata/transport"
)

// SOCKS5 dials through a SOCKS proxy: each DialContext opens a connection to the proxy and asks it to connect to the
// address (RFC 1928), with user name and password where the proxy wants them (RFC 1929).
//
// It takes the place of the dialer in golang.org/x/net/proxy, which hides the connection's CloseWrite and descriptor,
// goes on when a proxy chooses a method that was not offered, and tells a refusal by its text alone.
type SOCKS5 struct {
	// Proxy is host:port of the proxy.
	Proxy string
	// Dialer reaches the proxy; nil is [transport.TCP].
	Dialer transport.Dialer
	// Userinfo, when it is set, is offered beside no authentication, of which the proxy chooses. Its parts have 1 to
	// 255 octets each. They pass in the clear.
	Userinfo Userinfo
	// Resolver, when it is set, turns names into addresses on this machine, such as [net.DefaultResolver]: that is
	// what "socks5" means in a URL. Its addresses are tried in their order. Without it names go to the proxy as they
	// are: "socks5h".
	Resolver Resolver
	// Timeout is for each negotiation with the proxy, 0 for none. The proxy connects to the address meanwhile. The
	// error is [os.ErrDeadlineExceeded] and names the proxy.
	Timeout time.Duration
}

// Resolver finds the addresses of a host. [net.Resolver] is one.
type Resolver interface {
	// LookupNetIP returns the addresses of host; network is "ip", "ip4" or "ip6".
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// The numbers of RFC 1928 and RFC 1929.
const (
	socksVersion    = 5
	socksNoAuth     = 0
	socksPassword   = 2
	socksNoMethod   = 0xff
	socksConnect    = 1
	socksIPv4       = 1
	socksName       = 3
	socksIPv6       = 4
	passwordVersion = 1
)

var (
	errSOCKSPassword = errors.New("user name and password must have 1 to 255 octets each for SOCKS 5 (RFC 1929)")
	errSOCKSName     = errors.New("a host name must have 1 to 255 octets for SOCKS 5 (RFC 1928)")
	errSOCKSOctets   = errors.New("a host name has visible ASCII characters alone")
)

// DialContext opens a connection to address, host:port, by way of the proxy. What it returns is the connection that
// Dialer opened, with everything that one can do. Network must be "tcp", "tcp4" or "tcp6", and chooses among the
// addresses that Resolver finds. The zone of an IPv6 address is left out, since it means something on this machine only.
//
// Errors are those of Dialer, of Resolver (in a [*transport.DialError]), [*SOCKSError], [*ReplyError],
// [*AuthError], those of the connection, and the context's.
func (p SOCKS5) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if u := p.Userinfo; u.IsSet() && (!socksLength(u.User()) || !socksLength(u.Password())) {
		return nil, &AuthError{Proxy: p.Proxy, Err: errSOCKSPassword}
	}
	targets, err := p.targets(ctx, network, address)
	if err != nil {
		return nil, &transport.DialError{Network: network, Address: address, Err: err}
	}
	for i, target := range targets {
		nc, err := p.dial(ctx, network, address, target)
		var refused *SOCKSError
		if err == nil || i == len(targets)-1 || !errors.As(err, &refused) || refused.Step != SOCKSConnect {
			return nc, err
		}
	}
	panic("unreachable: there is a target")
}

func socksLength(s string) bool { return 1 <= len(s) && len(s) <= 255 }

// targets returns what the proxy can be asked for to reach address: each is ATYP, DST.ADDR and DST.PORT.
func (p SOCKS5) targets(ctx context.Context, network, address string) ([][]byte, error) {
	host, digits, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || port == 0 {
		return nil, fmt.Errorf("port %q is no number from 1 to 65535", digits)
	}
	var addresses []netip.Addr
	if ip, err := netip.ParseAddr(host); err == nil {
		addresses = []netip.Addr{ip}
	} else if !socksLength(host) {
		return nil, errSOCKSName
	} else if !isVisible(host) {
		return nil, errSOCKSOctets
	} else if p.Resolver == nil {
		name := append([]byte{socksName, byte(len(host))}, host...)
		return [][]byte{append(name, byte(port>>8), byte(port))}, nil
	} else if addresses, err = p.resolve(ctx, network, host); err != nil {
		return nil, err
	}
	var all [][]byte
	for _, ip := range addresses {
		kind := byte(socksIPv6)
		if ip = ip.Unmap().WithZone(""); ip.Is4() {
			kind = socksIPv4
		}
		all = append(all, append(append([]byte{kind}, ip.AsSlice()...), byte(port>>8), byte(port)))
	}
	return all, nil
}

func isVisible(host string) bool {
	for i := range len(host) {
		if host[i] <= ' ' || host[i] >= 0x7f {
			return false
		}
	}
	return true
}

// resolve returns one address at least.
func (p SOCKS5) resolve(ctx context.Context, network, host string) ([]netip.Addr, error) {
	family := "ip"
	switch network {
	case "tcp4":
		family = "ip4"
	case "tcp6":
		family = "ip6"
	}
	addresses, err := p.Resolver.LookupNetIP(ctx, family, host)
	if err == nil && len(addresses) == 0 {
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	return addresses, err
}

// dial opens a connection to the proxy and asks for target.
func (p SOCKS5) dial(ctx context.Context, network, address string, target []byte) (net.Conn, error) {
	d := p.Dialer
	if d == nil {
		d = transport.TCP{}
	}
	nc, err := d.DialContext(ctx, network, p.Proxy)
	if err != nil {
		return nil, err
	}
	contextTrace(ctx).ask("SOCKS5", p.Proxy, address)
	limited := ctx
	if p.Timeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeoutCause(ctx, p.Timeout, &silentError{p.Proxy, p.Timeout})
		defer cancel()
	}
	n := negotiation{SOCKS5: p, nc: nc, address: address}
	release := interruptible(limited, nc)
	err = n.run(target)
	if late := release(); late != nil {
		err = late // whatever it looked like from below
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return nc, nil
}

// past is a deadline that ends an operation at once.
var past = time.Unix(1, 0)

// interruptible lets the end of ctx end I/O on nc, until release, which takes every deadline off and returns why ctx
// has ended, if it has.
func interruptible(ctx context.Context, nc net.Conn) (release func() error) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		nc.SetDeadline(past)
		close(done)
	})
	return func() error {
		if stop() {
			return nil
		}
		<-done
		nc.SetDeadline(time.Time{})
		return context.Cause(ctx)
	}
}

// negotiation is what is said to one proxy. It reads not an octet more than the proxy's replies have: what follows
// is the far side's.
type negotiation struct {
	SOCKS5
	nc      net.Conn
	address string
}

func (n *negotiation) run(target []byte) error {
	if err := n.authenticate(); err != nil {
		return err
	}
	return n.connect(target)
}

// authenticate agrees on a method (RFC 1928 section 3).
func (n *negotiation) authenticate() error {
	methods := []byte{socksVersion, 1, socksNoAuth}
	if n.Userinfo.IsSet() {
		methods = []byte{socksVersion, 2, socksNoAuth, socksPassword}
	}
	var reply [2]byte
	if err := n.exchange(methods, reply[:]); err != nil {
		return err
	}
	switch method := reply[1]; {
	case reply[0] != socksVersion:
		return n.broken("it speaks no SOCKS 5: its reply begins with %#02x", reply[0])
	case method == socksNoMethod:
		return n.refused(SOCKSMethod, method)
	case method == socksNoAuth:
		return nil
	case method == socksPassword && n.Userinfo.IsSet():
		return n.sendPassword()
	default:
		return n.broken("it has chosen method %d, which was not offered (RFC 1928 section 3)", method)
	}
}

// sendPassword is the negotiation of RFC 1929.
func (n *negotiation) sendPassword() error {
	user, password := n.Userinfo.User(), n.Userinfo.Password()
	message := append([]byte{passwordVersion, byte(len(user))}, user...)
	message = append(append(message, byte(len(password))), password...)
	var reply [2]byte
	if err := n.exchange(message, reply[:]); err != nil {
		return err
	}
	switch {
	case reply[0] != passwordVersion:
		return n.broken("its answer to user name and password has version %d, not 1 (RFC 1929 section 2)", reply[0])
	case reply[1] != 0:
		return n.refused(SOCKSAuth, reply[1])
	}
	return nil
}

// connect asks for target (RFC 1928 sections 4 and 6).
func (n *negotiation) connect(target []byte) error {
	var reply [5]byte // up to the first octet of BND.ADDR, which may be its length
	if err := n.exchange(append([]byte{socksVersion, socksConnect, 0}, target...), reply[:4]); err != nil {
		return err
	}
	switch {
	case reply[0] != socksVersion:
		return n.broken("its reply has version %d, not 5", reply[0])
	case reply[1] != 0:
		return n.refused(SOCKSConnect, reply[1]) // what follows does not matter any more
	case reply[2] != 0:
		return n.broken("the reserved octet of its reply is %#02x, not 0 (RFC 1928 section 6)", reply[2])
	}
	var bound int
	switch reply[3] {
	case socksIPv4:
		bound = 4
	case socksIPv6:
		bound = 16
	case socksName:
		if err := n.read(reply[4:]); err != nil {
			return err
		}
		bound = int(reply[4])
	default:
		return n.broken("the address type of its reply is %d, which there is not (RFC 1928 section 6)", reply[3])
	}
	var rest [255 + 2]byte
	return n.read(rest[:bound+2])
}

// exchange writes a message and reads a reply of fixed length.
func (n *negotiation) exchange(message, reply []byte) error {
	if _, err := n.nc.Write(message); err != nil {
		return fmt.Errorf("proxy %s: %w", n.Proxy, err)
	}
	return n.read(reply)
}

func (n *negotiation) read(p []byte) error {
	_, err := io.ReadFull(n.nc, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return n.broken("it closed the connection within the negotiation: %w", io.ErrUnexpectedEOF)
	}
	if err != nil {
		return fmt.Errorf("proxy %s: %w", n.Proxy, err)
	}
	return nil
}

func (n *negotiation) broken(format string, args ...any) error {
	return &ReplyError{Proxy: n.Proxy, Err: fmt.Errorf(format, args...)}
}

func (n *negotiation) refused(step SOCKSStep, code byte) error {
	return &SOCKSError{Proxy: n.Proxy, Address: n.address, Step: step, Code: code, offered: n.Userinfo.IsSet()}
}

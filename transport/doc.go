// Package transport holds the byte streams below the HTTP engine: how a connection is opened, secured, and
// looked at before it is used again. It knows no HTTP and imports nothing else of this module.
//
// Everything is a [Dialer], the shape that [*net.Dialer] and the dialers of golang.org/x/net/proxy already have, so
// that any type with a DialContext method plugs in as it is. An adapter wraps a Dialer and is one, so adapters
// stack; [TLS] over a [Unix] socket is
//
//	transport.TLS{Dialer: transport.Unix{Path: "/run/app.sock"}}
//
// [SourceAddress] chooses where connections come from, [Resolve] and [ConnectTo] where they go to, whatever the name
// says, and [Limit] how fast they are. What they stand on is up to the caller: a Resolve below TLS changes the address
// and leaves the name that the certificate is compared with; a Limit below TLS counts records, above it application
// data.
//
// [TCP] and [Unix] return the *net.TCPConn and *net.UnixConn that package net made, so that sendfile, splice,
// CloseWrite and SyscallConn stay in reach; adapters that need not see the octets return what is below them as it is.
// [TLS] returns a [*TLSConn]. Package transport/memory has a network that lives in memory, and package transporttest a
// suite for dialers, these here and your own.
//
// # Terminology
//
//   - A dialer opens connections; the address that it is given is the dialled address, host and port.
//   - A raw connection is the one below an adapter, such as the TCP connection that carries TLS records.
//   - A session is what a handshake makes of a raw connection.
//   - A connection is quiet when neither octets, nor the end of the stream, nor an error wait to be read from it. Only
//     a quiet connection is fit for another request.
//   - FIN is the peer's orderly end of its sending direction on the raw connection; close_notify is the alert that
//     says the same inside TLS (RFC 8446 section 6.1), where it cannot be forged.
//   - A foreign connection is a net.Conn of a type that this package can neither peek into nor ask.
package transport

// Package transporttest is a suite for whoever writes a [transport.Dialer], or an adapter that wraps one: it finds
// out whether HTTP can be spoken over the connections, and whether they keep what package net promises of its own.
//
// [TestDialer] takes a function that makes a [Stack]: the dialer under test, and a listener that accepts what it
// dials. It runs golang.org/x/net/nettest.TestConn first, in a form of its own where crypto/tls is in the way, then
// exchanges: keep-alive, content chunked in both directions, a switch of protocols, half-close, cancelling, deadlines,
// [transport.Ready], and the classes of errors.
//
//	func TestMyDialer(t *testing.T) {
//		transporttest.TestDialer(t, func(t *testing.T) transporttest.Stack {
//			l, err := net.Listen("tcp", "127.0.0.1:0")
//			if err != nil {
//				t.Fatal(err)
//			}
//			return transporttest.Stack{Dialer: &MyDialer{Below: transport.TCP{}}, Listener: l}
//		})
//	}
//
// The suite runs on the real clock, since subtests cannot run in a testing/synctest bubble. It waits for nothing
// longer than it must; a subtest that takes [Patience] is told to hang, and its connections are closed.
//
// # Terminology
//
//   - A stack is a dialer with all that it wraps, from the base (TCP, a Unix socket, memory) to the outermost adapter,
//     and the listener that accepts its connections.
//   - The client is the connection that the dialer returned, the server the one that the listener accepted.
//   - Half-close ends one direction in order, by CloseWrite; the other goes on.
//   - A connection is quiet when neither octets, nor the end of the stream, nor an error wait to be read from it.
package transporttest

package httpclient

import "time"

// lingering is how long the end of a response waits for the end of its request, which in full duplex may be in the
// course of being written.
const lingering = 50 * time.Millisecond

// sendsOn reports whether content was being sent when the final response began, and its end was not looked at
// yet.
func (c *Conn) sendsOn() bool { return c.connected && c.duplex && c.loop.Helping() }

// linger gives a request whose response was read to its end a moment to end too.
func (c *Conn) linger() {
	if c.sendsOn() && c.loop.AwaitSend(lingering) {
		c.settled()
	}
}

// settle ends an exchange whose response was read to its end: where the request is still being sent, with the
// connection.
func (c *Conn) settle() {
	switch {
	case !c.sendsOn():
	case c.loop.Sending():
		c.disconnect("the response was closed before the request was sent")
	default:
		c.settled()
	}
}

// finishSending takes notice of how sending has ended, which it has.
func (c *Conn) finishSending() {
	panicked := true // a panic of content goes on here
	defer func() {
		if panicked {
			c.disconnect("sending panicked")
		}
	}()
	c.loop.FinishSend() // the machine, or the loop, knows what is wrong then
	panicked = false
}

// Sending reports whether content of the request is still being sent, as it may be with [WithFullDuplex] when the
// response has begun.
func (c *Conn) Sending() bool { return c.sendsOn() && c.loop.Sending() }

package httpclient

import "context"

// SendRaw writes octets that nobody checks, for whoever wants to send what is malformed. methods names the
// method of each request that they complete: as many responses are then to be read by [Conn.Response],
// in order. With none, the octets are a part of what a later call completes. Where [Conn.Request] cannot
// begin a request, SendRaw cannot either.
func (c *Conn) SendRaw(ctx context.Context, octets []byte, methods ...string) (err error) {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave(&err)
	if err := c.mayBegin(); err != nil {
		return err
	}
	if !c.rawBegun {
		c.renew()
	}
	if !c.connected && c.manual {
		return ErrNotConnected
	}
	reused := c.connected
	if !reused {
		c.newMachine()
	}
	if _, err := c.machine.AppendRaw(nil, nil, methods...); err != nil {
		return sendError(err)
	}
	if !c.rawBegun {
		c.newExchange("")
		c.targets = c.targets[:len(c.targets)-1]
	}
	c.rawBegun = len(methods) == 0
	for range methods {
		c.targets = append(c.targets, "")
	}
	err = c.begin(ctx, reused)
	if err == nil {
		c.showHead(octets)
		err = c.loop.Write(octets)
	}
	if err != nil {
		c.rawBegun = false
		if c.connected {
			err = c.exchangeError(err)
		}
		c.disconnect("sending failed")
		return err
	}
	c.waiting += len(methods)
	return nil
}

package httpclient

// Pipeline lets n requests be in flight at once (RFC 9112 section 9.3.2): as many can be sent by
// [Conn.Request] before the first [Conn.Response], and their responses are read in order, each to its end
// before the next. 1 is what a Conn does otherwise. It is [ErrImproperState] while an exchange is under way.
//
// RFC 9112 section 9.3.2 lets a client send only what is safe to repeat so; that is the caller's to see to.
// The content of a pipelined request is sent without looking for responses meanwhile.
func (c *Conn) Pipeline(n int) error {
	if c.waiting > 0 || c.reading || c.step != stepIdle {
		return &protocolError{kind: ErrImproperState, err: errUnread}
	}
	c.depth = max(n, 1)
	if c.connected {
		// The depth belongs to the machine, and so to a connection.
		return c.disconnect("pipelining begins with a new connection")
	}
	return nil
}

// Unanswered returns how many requests were sent whose responses have not been asked for: after an error
// that ended the connection, they are the last so many, and nothing is known of what became of them.
func (c *Conn) Unanswered() int { return c.waiting }

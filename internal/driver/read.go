package driver

import (
	"io"

	"github.com/strata-http/strata/conn"
)

// Content reading. A caller asks for content until End; between the calls the loop may hold a view of
// what was read and not taken yet.

// Read reads content of the message under way into p, as io.Reader does. At the end of the message it
// returns io.EOF, and the trailers are those of the event that End was; onEnd, which may be nil, is
// given that event.
func (l *Loop) Read(p []byte, onEnd func(conn.Event)) (int, error) {
	for len(l.content) == 0 {
		if n, err := l.readPast(p); n > 0 || err != nil {
			return n, err
		}
		ev, err := l.Next()
		if err != nil {
			return 0, err
		}
		switch ev.Kind {
		case conn.Content:
			l.content = ev.Content
		case conn.End:
			if onEnd != nil {
				onEnd(ev)
			}
			return 0, io.EOF
		case conn.Chunk:
			if l.OnChunk != nil {
				l.OnChunk(ev.Size, ev.Ext)
			}
		default:
			return 0, io.ErrUnexpectedEOF
		}
	}
	if len(p) == 0 {
		return 0, nil
	}
	n := copy(p, l.content)
	l.content = l.content[n:]
	return n, nil
}

// readPast reads content from the connection straight into p, when nothing is buffered and what is to
// come is worth it: then each octet is copied once, by the kernel.
func (l *Loop) readPast(p []byte) (int, error) {
	if len(p) < bufferSize || l.r < l.w || l.atEOF || l.readErr != nil {
		return 0, nil
	}
	l.lock()
	ahead := l.Conn.Ahead()
	l.unlock()
	if ahead == 0 || ahead > 0 && ahead < bufferSize {
		return 0, nil
	}
	if ahead > 0 {
		p = p[:min(int64(len(p)), ahead)]
	}
	n, err := l.read(p)
	if n > 0 {
		l.waiting = false
		l.lock()
		skipped := l.Conn.Skip(int64(n))
		l.unlock()
		return n, skipped
	}
	return 0, err
}

// View returns what content is buffered, at least one octet of it, reading when there is none. At the
// end of the message it returns io.EOF as Read does. The view holds until the next call that reads;
// Discard takes octets from its front.
func (l *Loop) View(onEnd func(conn.Event)) ([]byte, error) {
	if len(l.content) == 0 {
		if _, err := l.Read(nil, onEnd); err != nil {
			return nil, err
		}
	}
	return l.content, nil
}

// Pending returns the content that was received and not taken yet.
func (l *Loop) Pending() []byte { return l.content }

// Discard takes n octets from the front of what View returned. Where a writer closed the loop meanwhile,
// there is nothing to take.
func (l *Loop) Discard(n int) { l.content = l.content[min(n, len(l.content)):] }

// Buffered returns the octets received behind the message, for whoever takes the connection over.
func (l *Loop) Buffered() []byte { return l.in[l.r:l.w] }

// TryEnd looks whether the message under way ends with what is buffered, without reading more. Content
// that it meets is kept for Read.
func (l *Loop) TryEnd(onEnd func(conn.Event)) (bool, error) {
	for len(l.content) == 0 {
		ev, err := l.step()
		if err != nil {
			return false, err
		}
		switch ev.Kind {
		case conn.Content:
			l.content = ev.Content
		case conn.Chunk:
			if l.OnChunk != nil {
				l.OnChunk(ev.Size, ev.Ext)
			}
		case conn.End:
			onEnd(ev)
			return true, nil
		default:
			return false, nil
		}
	}
	return false, nil
}

// Started reports whether octets of the message to come were received.
func (l *Loop) Started() bool { return !l.waiting || l.r < l.w }

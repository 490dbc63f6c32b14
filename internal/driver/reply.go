package driver

import (
	"io"
	"net"
	"os"
	"time"
)

// What a server sends with: the goroutine that runs the handler writes, without a helper.

// Put sends out, which the machine has appended, and content of the message under way behind it: in one
// write where that is small or the connection can gather. It returns out, emptied, for more.
func (l *Loop) Put(out, content []byte) ([]byte, error) {
	n := int64(len(content))
	l.lock()
	out, err := l.Conn.AppendPrefix(out, n)
	mid := len(out)
	if err == nil {
		if err = l.Conn.Sent(n); err == nil && mid+len(content) <= small {
			out = append(out, content...)
			content = nil
		}
		if err == nil {
			out, err = l.Conn.AppendSuffix(out)
		}
	}
	l.unlock()
	if err != nil {
		return out[:0], err
	}
	switch {
	case content == nil:
		err = l.write(out)
	case len(out) == 0:
		err = l.write(content)
	default:
		err = l.gather(out[:mid:mid], content, out[mid:])
	}
	return out[:0], plain(err)
}

// gather writes parts by one call where the connection can.
func (l *Loop) gather(parts ...[]byte) error {
	rest := net.Buffers(parts)
	for len(rest) > 0 {
		err := l.armWrite()
		var n int64
		if err == nil {
			if n, err = rest.WriteTo(l.nc); err == nil {
				return nil
			}
			err = l.explain(err, PhaseWrite)
		}
		if n == 0 || !isTimeout(err) {
			l.broken = true
			return &writeError{err}
		}
	}
	return nil
}

// PutFile sends n octets of a file as content of a message that is not chunked, behind out: by the kernel
// where the connection is a socket. An error in reading the file is a [*CallerError]; a file that is too
// short is io.ErrUnexpectedEOF in one. It returns how many octets of the file went out.
func (l *Loop) PutFile(out []byte, f *os.File, n int64) (sent int64, err error) {
	to, ok := l.nc.(io.ReaderFrom)
	if !ok {
		return l.copyFile(out, f, n)
	}
	if err := l.write(out); err != nil {
		return 0, plain(err)
	}
	for sent < n {
		if err := l.armWrite(); err != nil {
			return sent, err
		}
		k, err := to.ReadFrom(io.LimitReader(f, min(n-sent, kernelRun)))
		sent += k
		l.lock()
		recorded := l.Conn.Sent(k)
		l.unlock()
		if recorded != nil {
			return sent, recorded
		}
		if k == 0 && err == nil {
			err = &CallerError{io.ErrUnexpectedEOF}
		}
		if err != nil {
			if file := ofFile(err); file != nil {
				err = file
			} else {
				err = l.explain(err, PhaseWrite)
			}
			if k == 0 || !isTimeout(err) {
				l.broken = true
				return sent, err
			}
		}
	}
	return sent, nil
}

// copyFile is PutFile through memory.
func (l *Loop) copyFile(out []byte, f *os.File, n int64) (sent int64, err error) {
	block := getBuffer()
	defer putBuffer(block)
	for sent < n || len(out) > 0 {
		k, err := io.ReadFull(f, block[:min(n-sent, int64(len(block)))])
		if err != nil && k == 0 {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			l.broken = true
			return sent, &CallerError{err}
		}
		if out, err = l.Put(out, block[:k]); err != nil {
			return sent, err
		}
		sent += int64(k)
	}
	return sent, nil
}

// Unread puts an octet that was read from the connection, past l, behind what l holds.
func (l *Loop) Unread(b byte) {
	l.room()
	l.in[l.w] = b
	l.w++
	if l.waiting && l.w-l.r == 1 && l.OnFirst != nil {
		l.OnFirst()
	}
}

// Lock guards the machine for a caller that uses Conn beside l, as [Loop.Shared] asks.
func (l *Loop) Lock() { l.lock() }

// Unlock ends what Lock began.
func (l *Loop) Unlock() { l.unlock() }

// Linger ends sending and drops what the peer still sends, until it ends too, sends nothing for as long as quiet, or
// has sent for d, or limit octets. Closing at once would make the kernel answer what is unread, or comes later, by a
// reset, with which the end of what was sent last is lost (RFC 9112 section 9.6). The caller closes the connection
// then.
func (l *Loop) Linger(limit int64, quiet, d time.Duration) {
	half, ok := l.nc.(interface{ CloseWrite() error })
	if !ok || l.broken || l.atEOF || l.readErr != nil || half.CloseWrite() != nil {
		return
	}
	l.release()
	end := time.Now().Add(d)
	var block []byte // none before something comes: many connections may end together
	for limit > 0 {
		by := time.Now().Add(quiet)
		if end.Before(by) {
			by = end
		}
		l.nc.SetReadDeadline(by)
		var n int
		var err error
		if block == nil {
			n, err = l.readLazily()
			l.release()
		} else {
			n, err = l.nc.Read(block)
		}
		if limit -= int64(n); err != nil || n <= 0 {
			return
		}
		if block == nil {
			block = getBuffer()
			defer putBuffer(block)
		}
	}
}

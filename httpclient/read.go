package httpclient

import (
	"bytes"
	"errors"
	"io"
	"iter"
)

// ReadAll reads the content to its end. When it is cut short, the [*IncompleteReadError] has in Partial what
// was read, which is returned as well. Memory grows with what arrives, never with what Content-Length says.
func (r Response) ReadAll() ([]byte, error) {
	var all []byte
	for {
		if len(all) == cap(all) {
			all = append(all, 0)[:len(all)]
		}
		n, err := r.Read(all[len(all):cap(all)])
		all = all[:len(all)+n]
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, withPartial(err, all)
		}
	}
}

// ReadN reads n octets, or less where the content ends before: at its end nothing, without an error. So
// http.client's read(amt) does.
func (r Response) ReadN(n int) ([]byte, error) {
	var got []byte
	for len(got) < n {
		if len(got) == cap(got) {
			got = append(got, 0)[:len(got)]
		}
		m, err := r.Read(got[len(got):min(cap(got), n)])
		got = got[:len(got)+m]
		if err == io.EOF {
			return got, nil
		}
		if err != nil {
			return got, withPartial(err, got)
		}
	}
	return got, nil
}

func withPartial(err error, partial []byte) error {
	var cut *IncompleteReadError
	if errors.As(err, &cut) {
		cut.Partial = partial
	}
	return err
}

// Peek returns content that comes next without taking it: at least one octet, and at most n where n is
// positive. It may read once. At the end of the content it returns nothing and io.EOF. The slice holds until
// the next call that reads, or closes: then its memory serves others.
func (r Response) Peek(n int) (view []byte, err error) {
	c, err := r.enter()
	if err != nil {
		return nil, err
	}
	defer c.leave(&err)
	view, err = c.loop.View(c.endFunc)
	if err == io.EOF {
		c.finish()
		return nil, io.EOF
	}
	if err != nil {
		return nil, c.readFailed(err)
	}
	if n > 0 && n < len(view) {
		view = view[:n]
	}
	return view, nil
}

// ReadLine reads up to and with the next LF, or to the end of the content; at that it returns nothing and
// io.EOF. A line has limit octets at most; when that is reached, what was read is returned without a LF, and
// the rest follows. 0 is no limit.
func (r Response) ReadLine(limit int) ([]byte, error) {
	var line []byte
	for limit <= 0 || len(line) < limit {
		view, err := r.Peek(max(limit-len(line), 0))
		if err == io.EOF && len(line) > 0 {
			return line, nil
		}
		if err != nil {
			return line, withPartial(err, line)
		}
		end := bytes.IndexByte(view, '\n') + 1
		take := end
		if end == 0 {
			take = len(view)
		}
		line = append(line, view[:take]...)
		if err := r.take(take); err != nil {
			return line, withPartial(err, line)
		}
		if end > 0 {
			return line, nil
		}
	}
	return line, nil
}

// take takes n octets of what Peek showed.
func (r Response) take(n int) (err error) {
	c, err := r.enter()
	if err != nil {
		return err
	}
	defer c.leave(&err)
	c.loop.Discard(n)
	c.read += int64(n)
	if err := c.tryEnd(); err != nil {
		return c.readFailed(err)
	}
	return nil
}

// Lines returns the lines of the content, each with its LF, and the error that ended it, if that was not its
// end. A line is the caller's to keep.
func (r Response) Lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, err := r.ReadLine(0)
			if err == io.EOF || !yield(line, err) || err != nil {
				return
			}
		}
	}
}

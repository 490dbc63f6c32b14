package cassette

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/strata-http/strata/transport/tap"
)

// A recorder is the sink that writes a cassette. Events go into a file beside the one that is asked for, in their
// order, as soon as their octets are settled; Close gives it the name.
type recorder struct {
	mu     sync.Mutex
	config *config
	path   string
	file   *os.File
	w      *bufio.Writer
	began  time.Time
	left   int64
	conns  map[int]*recorded
	queue  []*entry // of which the first has octets that are not settled
	buf    []byte
	err    error
	done   bool
}

// A recorded is a connection that is being recorded.
type recorded struct {
	streams [tap.In + 1]*redaction
	unready [tap.In + 1][]*entry // segments that wait for octets, by direction
}

// An entry is an event that is to be written.
type entry struct {
	Event
	missing int // octets that are not settled yet
}

// errFinished ends dials once the recording is over.
var errFinished = fmt.Errorf("cassette: the recording is finished: %w", net.ErrClosed)

func newRecorder(path string, c *config) (*recorder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("cassette: %w", err)
	}
	file, err := createBeside(path)
	if err != nil {
		return nil, fmt.Errorf("cassette: %w", err)
	}
	r := &recorder{config: c, path: path, file: file, w: bufio.NewWriter(file), left: c.limit, conns: map[int]*recorded{}}
	_, r.err = r.w.WriteString(Header)
	return r, nil
}

// createBeside makes a new file in the folder of path. os.CreateTemp would make one that its owner alone can read.
func createBeside(path string) (*os.File, error) {
	for try := 0; ; try++ {
		name := path + "." + strconv.FormatUint(rand.Uint64(), 36) + ".tmp"
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !errors.Is(err, os.ErrExist) || try == 100 {
			return file, err
		}
	}
}

// Event implements tap.Sink. A failed recording disturbs no connection: it is told by Close.
func (r *recorder) Event(e tap.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done || r.err != nil {
		return
	}
	if r.err = r.record(e); r.err == nil {
		r.err = r.flush()
	}
	if r.err != nil {
		r.queue, r.conns = nil, nil
	}
}

func (r *recorder) record(e tap.Event) error {
	if r.began.IsZero() {
		r.began = e.Time
	}
	at := e.Time.Sub(r.began)
	if r.config.stable {
		at = NoTime
	}
	id := e.Connection.ID
	ev := Event{Kind: e.Kind, Connection: id, Time: at, Direction: e.Direction}
	switch e.Kind {
	case tap.Dial:
		ev.Network, ev.Address = e.Connection.Network, e.Connection.Address
		r.start(e.Connection)
	case tap.Open:
		if !r.config.stable {
			ev.Local, ev.Remote = addrOf(e.Connection.Local), addrOf(e.Connection.Remote)
		}
	case tap.Fail, tap.Error:
		ev.Fault, ev.Text = classify(e.Err)
	}
	c := r.conns[id]
	if c == nil {
		return nil // a Read that was under way when the connection was closed
	}
	item := &entry{Event: ev}
	r.queue = append(r.queue, item)
	switch e.Kind {
	case tap.Data:
		return r.segment(c, item, e.Octets)
	case tap.End, tap.Error:
		return c.settle(e.Direction, nil, true)
	case tap.Fail, tap.Close:
		delete(r.conns, id)
		return c.end()
	}
	return nil
}

func (r *recorder) start(about tap.Connection) {
	c := &recorded{}
	for _, d := range []tap.Direction{tap.Out, tap.In} {
		c.streams[d] = newRedaction(Stream{about.ID, d, about.Network, about.Address}, r.config.redact)
	}
	r.conns[about.ID] = c
}

func (r *recorder) segment(c *recorded, item *entry, octets []byte) error {
	if r.left -= int64(len(octets)); r.left < 0 {
		return fmt.Errorf("cassette: %s: more than %d octets: %w", r.path, r.config.limit, ErrTooLarge)
	}
	item.missing = len(octets)
	c.unready[item.Direction] = append(c.unready[item.Direction], item)
	return c.settle(item.Direction, octets, false)
}

// settle hands what the filters have settled to the segments that it came in.
func (c *recorded) settle(d tap.Direction, octets []byte, end bool) error {
	settled, changed, err := c.streams[d].push(octets, end)
	if err != nil {
		return err
	}
	whole := 0 // segments that are not waiting any more
	for offset := 0; offset < len(settled); {
		item := c.unready[d][whole]
		n := min(item.missing, len(settled)-offset)
		have := len(item.Octets)
		item.Octets = append(item.Octets, settled[offset:offset+n]...)
		if d == tap.Out {
			for _, s := range changed {
				if from, to := max(s.Start, offset), min(s.End, offset+n); from < to {
					item.Redacted = addSpan(item.Redacted, Span{from - offset + have, to - offset + have})
				}
			}
		}
		offset += n
		if item.missing -= n; item.missing == 0 {
			whole++
		}
	}
	c.unready[d] = slices.Delete(c.unready[d], 0, whole)
	return nil
}

func (c *recorded) end() error {
	return errors.Join(c.settle(tap.Out, nil, true), c.settle(tap.In, nil, true))
}

// flush writes the entries that are whole, up to the first one that is not.
func (r *recorder) flush() error {
	n := 0
	for n < len(r.queue) && r.queue[n].missing == 0 {
		r.buf = Append(r.buf[:0], r.queue[n].Event)
		if _, err := r.w.Write(r.buf); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return nil
	}
	r.queue = slices.Delete(r.queue, 0, n)
	return r.w.Flush()
}

// close ends the recording, and keeps it unless it failed or keep is false.
func (r *recorder) close(keep bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return errFinished
	}
	r.done = true
	for _, c := range r.conns {
		if r.err == nil {
			r.err = c.end()
		}
	}
	if r.err == nil {
		r.err = r.flush()
	}
	if r.err == nil {
		r.err = r.w.Flush()
	}
	if r.err == nil && keep {
		r.err = r.file.Sync()
	}
	if err := r.file.Close(); r.err == nil {
		r.err = err
	}
	if r.err == nil && keep {
		r.err = os.Rename(r.file.Name(), r.path)
		if r.err == nil {
			return nil
		}
	}
	if err := os.Remove(r.file.Name()); r.err == nil {
		r.err = err
	}
	return r.err
}

func (r *recorder) finished() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done
}

func (r *recorder) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

package headers

import (
	"iter"
	"math"

	"github.com/strata-http/strata/wire"
)

// Fields is a field section: field lines in their order, with their case and their duplicates. The
// zero value is empty and ready. It copies with [Fields.Clone] and [Fields.CopyFrom], not by assignment.
//
// Results of type []byte are views: they hold until the Fields is changed or reset, and, for Fields
// that came with an event of package conn, as long as that event. Strings are copies.
//
// A Fields takes any octets. What makes a message of them, checks them (see [Fields.AppendTo]).
type Fields struct {
	// buf holds the octets of every name and value. What it holds is never written again before Reset,
	// only moved, so views stay good across Add and Set. For received fields it is the caller's data,
	// with no capacity beyond, so that nothing here ever writes to that.
	buf   []byte
	spans []span
	// view says that buf may still be the caller's data, whose memory Reset must not keep.
	view bool
}

// span places one field line in buf. Thirty-two bits halve its size; grow keeps offsets below 2^32.
type span struct {
	name, nameEnd   uint32
	value, valueEnd uint32
}

// Len returns the number of field lines.
func (f *Fields) Len() int {
	if f == nil {
		return 0
	}
	return len(f.spans)
}

// At returns views of the name and the value of field line i, counted from 0. It panics unless
// 0 <= i < Len.
func (f *Fields) At(i int) (name, value []byte) {
	s := &f.spans[i]
	return f.buf[s.name:s.nameEnd:s.nameEnd], f.buf[s.value:s.valueEnd:s.valueEnd]
}

// index returns the first line from i on whose name is name, or -1.
func (f *Fields) index(name string, i int) int {
	for ; i < f.Len(); i++ {
		s := &f.spans[i]
		if int(s.nameEnd-s.name) == len(name) && wire.EqualFold(f.buf[s.name:s.nameEnd], name) {
			return i
		}
	}
	return -1
}

// Has reports whether there is a field line of that name, in any case.
func (f *Fields) Has(name string) bool { return f.index(name, 0) >= 0 }

// Get returns a view of the first value of that name, in any case, and nil where there is none. An
// empty value is empty and not nil.
func (f *Fields) Get(name string) []byte {
	i := f.index(name, 0)
	if i < 0 {
		return nil
	}
	_, value := f.At(i)
	return value
}

// GetString returns a copy of the first value of that name, in any case, and "" where there is none.
func (f *Fields) GetString(name string) string { return string(f.Get(name)) }

// Values returns views of all values of that name, in any case, in order.
func (f *Fields) Values(name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := f.index(name, 0); i >= 0; i = f.index(name, i+1) {
			if _, value := f.At(i); !yield(value) {
				return
			}
		}
	}
}

// Combined returns the values of that name joined by ", ", as RFC 9110 section 5.2 lets a recipient
// combine them, and whether there was any. Set-Cookie must not be combined (section 5.3).
func (f *Fields) Combined(name string) (value string, ok bool) {
	var joined []byte
	for v := range f.Values(name) {
		if ok {
			joined = append(joined, ", "...)
		}
		joined = append(joined, v...)
		ok = true
	}
	return string(joined), ok
}

// All returns views of all names and values, in order. The Fields must not change meanwhile.
func (f *Fields) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i := range f.Len() {
			if !yield(f.At(i)) {
				return
			}
		}
	}
}

// Add adds a field line at the end. It panics when the section would exceed 4 GiB.
func (f *Fields) Add(name, value string) { add(f, name, value) }

// AddBytes adds a field line at the end. It keeps copies.
func (f *Fields) AddBytes(name, value []byte) { add(f, name, value) }

func add[N, V wire.Octets](f *Fields, name N, value V) {
	start := f.grow(len(name) + len(value))
	f.buf = append(f.buf, name...)
	mid := uint32(len(f.buf))
	f.buf = append(f.buf, value...)
	f.spans = append(f.spans, span{start, mid, mid, uint32(len(f.buf))})
}

// grow returns where n octets behind buf will begin. Where they make buf move, what Set and Del have left
// in it is dropped if it is more than half, so that a Fields that is changed for ever stays small.
func (f *Fields) grow(n int) uint32 {
	if n > cap(f.buf)-len(f.buf) {
		live := 0
		for i := range f.spans {
			s := &f.spans[i]
			live += int(s.nameEnd-s.name) + int(s.valueEnd-s.value)
		}
		if live < len(f.buf)/2 {
			f.rebuild(make([]byte, 0, 2*(live+n)))
		}
		f.view = false
	}
	if uint64(len(f.buf))+uint64(n) > math.MaxUint32 {
		panic("headers: a field section of 4 GiB or more")
	}
	return uint32(len(f.buf))
}

// rebuild moves the field lines to memory of their own, which has room for them.
func (f *Fields) rebuild(own []byte) {
	data := f.buf
	for i := range f.spans {
		s := &f.spans[i]
		name := len(own)
		own = append(own, data[s.name:s.nameEnd]...)
		value := len(own)
		own = append(own, data[s.value:s.valueEnd]...)
		*s = span{uint32(name), uint32(value), uint32(value), uint32(len(own))}
	}
	f.buf, f.view = own, false
}

// mend puts SP in place of obs-folds and of octets that stand for it, in a copy of the data. What it makes of a
// value is no longer than that was, so every value begins where it did, and [Fields.Offset] still tells where.
func (f *Fields) mend() {
	data := f.buf
	f.buf = append(make([]byte, 0, len(data)), data...)
	for i := range f.spans {
		s := &f.spans[i]
		value := wire.AppendCleanValue(f.buf[:s.value:s.valueEnd], data[s.value:s.valueEnd])
		s.valueEnd = uint32(len(value))
	}
}

// Set gives the first field line of that name, in any case, the value, and removes the others; name's
// case is what that line then has. Without such a line it adds one.
func (f *Fields) Set(name, value string) {
	i := f.index(name, 0)
	if i < 0 {
		f.Add(name, value)
		return
	}
	f.Add(name, value)
	last := len(f.spans) - 1
	f.spans[i] = f.spans[last]
	f.spans = f.spans[:last]
	f.deleteFrom(name, i+1)
}

// Del removes every field line of that name, in any case.
func (f *Fields) Del(name string) { f.deleteFrom(name, 0) }

func (f *Fields) deleteFrom(name string, i int) {
	i = f.index(name, i)
	if i < 0 {
		return
	}
	kept := f.spans[:i]
	for next := i; next < len(f.spans); next++ {
		s := f.spans[next]
		if !wire.EqualFold(f.buf[s.name:s.nameEnd], name) {
			kept = append(kept, s)
		}
	}
	f.spans = kept
}

// Reset removes every field line and keeps the memory, unless that is a caller's.
func (f *Fields) Reset() {
	if f.view {
		f.buf, f.view = nil, false
	}
	f.buf = f.buf[:0]
	f.spans = f.spans[:0]
}

// Clone returns a copy that shares nothing with f.
func (f *Fields) Clone() *Fields {
	c := new(Fields)
	if f != nil {
		c.CopyFrom(f)
	}
	return c
}

// CopyFrom makes f a copy of g that shares nothing with it, in the memory that f has. A nil g is empty.
func (f *Fields) CopyFrom(g *Fields) {
	if f == g {
		g = g.Clone()
	}
	f.Reset()
	f.Append(g)
}

// Append adds every field line of g at the end, in order. A nil g is empty.
func (f *Fields) Append(g *Fields) {
	if g.Len() == 0 {
		return
	}
	if f == g {
		g = g.Clone()
	}
	lo, hi := g.bounds()
	shift := f.grow(int(hi-lo)) - lo
	f.buf = append(f.buf, g.buf[lo:hi]...)
	for _, s := range g.spans {
		f.spans = append(f.spans, span{s.name + shift, s.nameEnd + shift, s.value + shift, s.valueEnd + shift})
	}
}

// bounds returns the smallest range of buf that holds every field line: what stands outside it (a
// start-line, a value that was replaced) need not be copied.
func (f *Fields) bounds() (lo, hi uint32) {
	lo = math.MaxUint32
	for i := range f.spans {
		s := &f.spans[i]
		lo = min(lo, s.name, s.value)
		hi = max(hi, s.nameEnd, s.valueEnd)
	}
	return lo, hi
}

// AppendTo appends the field lines as they go on the wire, without the empty line that ends a section.
// Every name must be a token and every value a field value (RFC 9110 section 5); otherwise dst is
// returned as it was, with a [*wire.SyntaxError] that counts octets from the field line's first.
func (f *Fields) AppendTo(dst []byte) ([]byte, error) {
	if err := f.Check(); err != nil {
		return dst, err
	}
	for i := range f.Len() {
		name, value := f.At(i)
		dst = append(dst, name...)
		dst = append(dst, ':', ' ')
		dst = append(dst, value...)
		dst = append(dst, '\r', '\n')
	}
	return dst, nil
}

// Check returns nil when [Fields.AppendTo] would append the field lines, else the [*wire.SyntaxError]
// that it would return.
func (f *Fields) Check() error {
	for i := range f.Len() {
		name, value := f.At(i)
		if err := wire.CheckField(name, value); err != nil {
			if e, ok := err.(*wire.SyntaxError); ok {
				e.Field = string(name)
			}
			return err
		}
	}
	return nil
}

// String returns the field lines as text, one a line, octets that are not printable ASCII quoted. It
// is for logs and tests, not for the wire.
func (f *Fields) String() string { return string(f.appendText(nil)) }

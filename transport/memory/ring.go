package memory

// firstSize is what a buffer takes when the first octet comes; it doubles from there, so that thousands of
// connections with small messages stay small.
const firstSize = 4 << 10

// A ring is a queue of octets of at most max.
//
// Invariants: 0 <= start < max(1, len(buf)), 0 <= n <= len(buf) <= max.
type ring struct {
	buf   []byte
	start int // where the oldest octet is
	n     int // how many there are
	max   int
}

// put appends as much of p as there is room for.
func (r *ring) put(p []byte) int {
	p = p[:min(len(p), r.max-r.n)]
	r.grow(r.n + len(p))
	end := r.start + r.n
	if end >= len(r.buf) {
		end -= len(r.buf)
	}
	m := copy(r.buf[end:], p)
	copy(r.buf, p[m:])
	r.n += len(p)
	return len(p)
}

// take moves the oldest octets to p.
func (r *ring) take(p []byte) int {
	p = p[:min(len(p), r.n)]
	m := copy(p, r.buf[r.start:])
	copy(p[m:], r.buf)
	r.n -= len(p)
	r.start += len(p)
	if r.start >= len(r.buf) {
		r.start -= len(r.buf)
	}
	if r.n == 0 {
		r.start = 0 // the next octets lie in one piece
	}
	return len(p)
}

// grow makes room for need octets in all; need is at most max.
func (r *ring) grow(need int) {
	if need <= len(r.buf) {
		return
	}
	buf := make([]byte, min(r.max, max(need, 2*len(r.buf), firstSize)))
	n := r.n
	r.take(buf[:n])
	r.buf, r.start, r.n = buf, 0, n
}

// drop forgets everything and frees the memory.
func (r *ring) drop() { r.buf, r.start, r.n = nil, 0, 0 }

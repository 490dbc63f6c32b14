package driver

import "sync"

// bufferSize is what a read asks for and what the first write can hold: large enough for nearly every
// head with a small body, small enough to be cheap for many connections at once.
const bufferSize = 16 << 10

type buffer [bufferSize]byte

// buffers holds read and write buffers. A connection has one only while octets are under way.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

// getBuffer returns a pooled buffer as a slice of full length.
func getBuffer() []byte { return buffers.Get().(*buffer)[:] }

// putBuffer gives back a slice from getBuffer. A slice of another size, made for a large head, is left
// to the garbage collector.
func putBuffer(b []byte) {
	if cap(b) == bufferSize {
		buffers.Put((*buffer)(b[:bufferSize]))
	}
}

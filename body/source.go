package body

import (
	"io"
	"iter"
	"strings"

	"github.com/strata-http/strata/headers"
)

// SourceKind is what a [Source] describes.
type SourceKind uint8

// The kinds of a Source.
const (
	KindNone SourceKind = iota
	KindBytes
	KindString
	KindFile
	KindReader
	KindSeq
)

// String returns "none", "bytes" and the like.
func (k SourceKind) String() string {
	return [...]string{"none", "bytes", "string", "file", "reader", "iterable"}[k]
}

// Source describes content to send. It is a value that holds no state of its own: whoever sends reads
// it. The zero Source is none, and so is one of nothing: a nil slice, reader, file or iterable. Make one
// with [Bytes], [String], [File], [Reader], [SizedReader], [Seq] or [Seq2].
type Source struct {
	kind     SourceKind
	b        []byte
	s        string
	r        io.Reader
	size     int64 // -1 when not known
	seq      iter.Seq2[[]byte, error]
	trailers func() *headers.Fields
	coded    bool
}

// None returns the Source of no content at all. A request without content has no Content-Length, unless
// its method is one that expects content.
func None() Source { return Source{} }

// Bytes returns a Source of b, which must not change until it is sent. A nil b is [None]; an empty one
// that is not nil is content of length 0.
func Bytes(b []byte) Source {
	if b == nil {
		return Source{}
	}
	return Source{kind: KindBytes, b: b, size: int64(len(b))}
}

// String returns a Source of the octets of s. An empty s is content of length 0.
func String(s string) Source { return Source{kind: KindString, s: s, size: int64(len(s))} }

// File returns a Source of what f holds from its present offset to its end, which whoever sends finds
// by seeking. An *os.File of a regular file is sent by the kernel where that is possible. f is not
// closed, unless it blocks when a request is cancelled.
func File(f io.ReadSeeker) Source {
	if f == nil {
		return Source{}
	}
	return Source{kind: KindFile, r: f, size: -1}
}

// Reader returns a Source of what r reads until io.EOF; its length is not known, so it is sent chunked.
// An r that is an io.Closer is closed when it blocks while a request is cancelled, and only then.
func Reader(r io.Reader) Source { return SizedReader(r, -1) }

// FileChunked returns a Source of what r reads, sent chunked even when it is a file whose length could be
// found: what http.client does since Python 3.6.
func FileChunked(r io.Reader) Source { return Reader(r) }

// SizedReader returns a Source of n octets of r. That r ends before or goes on behind is an error on
// sending, never cut in silence. A negative n is as [Reader].
func SizedReader(r io.Reader, n int64) Source {
	if r == nil && n <= 0 {
		return Source{}
	}
	if r == nil {
		r = strings.NewReader("") // too short, which is found on sending
	}
	return Source{kind: KindReader, r: r, size: max(n, -1)}
}

// Seq returns a Source of the elements of seq, sent as one chunk each. An empty element is skipped.
// seq is run once, and each element is used before the next is asked for.
func Seq(seq iter.Seq[[]byte]) Source {
	if seq == nil {
		return Source{}
	}
	return Seq2(func(yield func([]byte, error) bool) {
		for b := range seq {
			if !yield(b, nil) {
				return
			}
		}
	})
}

// Seq2 is [Seq] for an iterable that can fail: the first error ends the content and fails the request,
// whose connection is then closed without a last-chunk.
func Seq2(seq iter.Seq2[[]byte, error]) Source {
	if seq == nil {
		return Source{}
	}
	return Source{kind: KindSeq, seq: seq, size: -1}
}

// WithTrailers returns s with a trailer section, which makes its message chunked. trailers is called
// once, when all content has been read, and may return nil.
func (s Source) WithTrailers(trailers func() *headers.Fields) Source {
	s.trailers = trailers
	return s
}

// Coded returns s as octets that are in the chunked coding already, for a request whose fields say
// Transfer-Encoding: chunked: they go out as they are, checked on the way (see [Encoder.AppendCoded]).
func (s Source) Coded() Source {
	s.coded = true
	return s
}

// IsCoded reports whether s came from [Source.Coded].
func (s *Source) IsCoded() bool { return s.coded }

// Kind returns what s describes.
func (s *Source) Kind() SourceKind { return s.kind }

// Len returns the length of the content in octets, or -1 when s itself does not know it: for files,
// readers without a size, and iterables.
func (s *Source) Len() int64 {
	if s.kind == KindNone {
		return 0
	}
	return s.size
}

// Octets returns the content of a Source of bytes, and of a string: one of them is empty.
func (s *Source) Octets() ([]byte, string) { return s.b, s.s }

// Reader returns the reader of a Source of a reader or a file, and nil for others.
func (s *Source) Reader() io.Reader { return s.r }

// Seq returns the iterable of a Source of one, and nil for others.
func (s *Source) Seq() iter.Seq2[[]byte, error] { return s.seq }

// Trailers returns the function that gives the trailer section, or nil.
func (s *Source) Trailers() func() *headers.Fields { return s.trailers }

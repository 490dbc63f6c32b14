package conn

import (
	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Kind tells what an [Event] is.
type Kind uint8

// The kinds of events.
const (
	// NeedData, the zero value: nothing can be told until data has grown. A driver reads only then.
	NeedData Kind = iota
	// RequestHead: the head of a request has arrived. Head is set.
	RequestHead
	// InterimHead: an interim response, 1xx but 101, has arrived whole. Head is set.
	InterimHead
	// ResponseHead: the head of a final response has arrived, or that of a 101. Head is set.
	ResponseHead
	// Chunk: a chunk of the body begins. Size and Ext are set; the last-chunk has Size 0.
	Chunk
	// Content: octets of content. Content is set.
	Content
	// End: the message is complete. Trailers is set when the body was chunked.
	End
	// Paused: the octets in data, if any, are not for now. To a server they are the next request,
	// which waits until the response to this one is complete; to either party, once the protocol is
	// switched, they belong to another protocol.
	Paused
	// Closed: the peer sends no more, and nothing is missing.
	Closed
)

var kindNames = [...]string{
	"need data", "request head", "interim response", "response head", "chunk", "content", "end", "paused", "closed",
}

// String returns "request head" and the like.
func (k Kind) String() string { return kindNames[k] }

// Event is what [Conn.Next] found. Its slices are views of the data that Next was given; they, Head and
// Trailers hold until that data changes or Next is called again.
type Event struct {
	Kind     Kind
	Head     *Head
	Content  []byte
	Size     int64  // of a chunk, in octets
	Ext      []byte // extensions of a chunk, for wire.ConsumeChunkExt
	Trailers *headers.Fields
}

// Head is the head of a message that was received.
type Head struct {
	// Method, Target, Form and Host are set in requests. Target is the request-target as it came.
	// Host is what the request is to be routed by: of a target in absolute-form or authority-form its
	// authority, empty where it has none (RFC 9112 section 3.2.2); else the value of Host, nil without
	// one (section 3.3).
	Method, Target []byte
	Form           wire.TargetForm
	Host           []byte
	// Status and Reason are set in responses. Reason is the phrase as it came.
	Status int
	Reason []byte

	Version wire.Version
	// Fields is the header section.
	Fields headers.Fields
	// Control is what its control fields say.
	Control headers.Control
	// Framing is how the body is delimited.
	Framing body.Framing
	// Raw is the whole head as it came.
	Raw []byte
	// Admitted is the leniency that the head needed.
	Admitted wire.Lenient
}

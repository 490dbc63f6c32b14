package conformance

// Direction is whether a case is about receiving or about sending.
type Direction string

// The directions.
const (
	Receive Direction = "receive"
	Send    Direction = "send"
)

// File is one page of cases.
type File struct {
	Name  string // of the file, without its extension: "rfc9112-02-message"
	Title string // its heading
	Intro string // what stands between the heading and the first case
	Cases []Case
}

// Case is a rule, octets, and what must come out of them.
type Case struct {
	File  string // File.Name
	Name  string // unique in its file
	Line  int    // of its heading in the file, counted from 1
	Prose string // the rule in words, with its section

	Direction Direction
	Role      string // of the engine: "client" or "server"

	// Octets is, of a receive case, what the peer sent; of a send case, all that the steps send.
	Octets []byte

	// Of a receive case.
	EOF     bool     // the peer closed behind the octets; else the connection stays open and silent
	Methods []string // client: of the outstanding requests, in order; nil for one GET
	Lenient []string // names of bits of wire.Lenient, such as "AllowBareLF", or a preset such as "http.client"
	Limits  []Limit

	// Of a send case.
	Steps     []Step
	Version   string // that is sent: "HTTP/1.0"; empty for HTTP/1.1
	Pipeline  int    // how many requests a client may have in flight; 0 for 1
	ObsTarget bool   // a request-target may hold octets of 0x80 and above
	Refused   string // the rule by which the last step is refused, "state" where it comes at the wrong time; empty for none

	// Want is what must come out of a receive case, in the order of the page.
	Want []Expectation
}

// ID returns the name of the file and that of the case: "rfc9112-02-message/bare-cr-in-field-value".
func (c *Case) ID() string { return c.File + "/" + c.Name }

// Configured reports whether the engine is to admit a deviation or to keep a limit other than its default.
func (c *Case) Configured() bool { return len(c.Lenient) > 0 || len(c.Limits) > 0 }

// Expect returns the value expected for a key of docs/parse.md, and false where the case says nothing of it.
func (c *Case) Expect(key string) (any, bool) {
	for _, w := range c.Want {
		if w.Key == key {
			return w.Value, true
		}
	}
	return nil, false
}

// Limit is one limit of wire.Limits, by the name that strata parse gives it.
type Limit struct {
	Name  string
	Value int64
}

// Expectation is one key of a line of output, as docs/parse.md describes it, and its value. The type of the value is
// string, int, bool, []int, [][2]string or []Later; text has one octet a byte. The keys body_b64 and leftover_b64 have
// a []byte, so all values marshal as docs/parse.md has them, but for text that is no ASCII: see [Text].
type Expectation struct {
	Key   string
	Value any
}

// Later is what is expected of a message behind the first one.
type Later struct {
	Status int // client; 0 for none
	Method string
	Target string
	Body   []byte
}

// Step is one statement of a send case.
type Step struct {
	Verb string // "request", "response", "field", "content", "chunk", "coded", "end", "trailer", "raw", "receive", "close"
	Line int    // in the file
	// Words is what stands behind the verb, told apart as README.md describes it, escapes resolved.
	Words []string
}

package lines

import (
	"encoding/json"
)

// The sides.
const (
	Client = "client" // the octets are what a server sent
	Server = "server" // the octets are what a client sent
)

// The verdicts.
const (
	Accept = "accept"
	Reject = "reject"
	Hang   = "hang"
	Crash  = "crash" // the driver ended, or did not answer; no driver says so itself
)

// Case is what a peer sent on one connection.
type Case struct {
	ID     int    `json:"id"`
	Side   string `json:"side"`
	Octets []byte `json:"bytes_b64"`
	EOF    bool   `json:"eof"`
	Method string `json:"request_method,omitempty"` // of the outstanding request, on the client side
}

// Text is octets that stand for text, each a code point U+0000 to U+00FF in JSON.
type Text string

// MarshalJSON returns the JSON string.
func (t Text) MarshalJSON() ([]byte, error) {
	points := make([]rune, len(t))
	for i := range len(t) {
		points[i] = rune(t[i])
	}
	return json.Marshal(string(points))
}

// UnmarshalJSON takes code points above U+00FF for "?".
func (t *Text) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	octets := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			r = '?'
		}
		octets = append(octets, byte(r))
	}
	*t = Text(octets)
	return nil
}

// Of returns s as a Text that is told.
func Of[T ~string | ~[]byte](s T) *Text {
	t := Text(s)
	return &t
}

// Octets returns a copy of b as octets that are told, though there be none.
func Octets(b []byte) *[]byte {
	told := append([]byte{}, b...)
	return &told
}

// Field is a field line: name and value.
type Field [2]Text

// Later is a complete message behind the first one.
type Later struct {
	Status *int   `json:"status,omitempty"`
	Method *Text  `json:"method,omitempty"`
	Target *Text  `json:"target,omitempty"`
	Body   []byte `json:"body_b64"`
}

// Result is what an engine made of a case. What is nil is not told.
type Result struct {
	ID      int    `json:"id"`
	Skip    string `json:"skip,omitempty"` // why the engine cannot be put to this case
	Verdict string `json:"verdict,omitempty"`
	Error   string `json:"error,omitempty"`
	Rule    string `json:"rule,omitempty"`
	// Reason is the error in few words, the same for all errors of a kind.
	Reason   string  `json:"why,omitempty"`
	Status   *int    `json:"status,omitempty"`
	Phrase   *Text   `json:"reason,omitempty"`
	Method   *Text   `json:"method,omitempty"`
	Target   *Text   `json:"target,omitempty"`
	Host     *Text   `json:"host,omitempty"`
	Version  string  `json:"version,omitempty"`
	Headers  []Field `json:"headers"`
	Trailers []Field `json:"trailers"`
	Body     *[]byte `json:"body_b64,omitempty"`
	Messages *int    `json:"messages,omitempty"`
	More     []Later `json:"more"`
	MoreRule string  `json:"more_rule,omitempty"`
	Reusable *bool   `json:"reusable,omitempty"`
	Interim  []int   `json:"interim"`
	Leftover *[]byte `json:"leftover_b64,omitempty"`
}

// About is the first line of a driver's output.
type About struct {
	Driver  string   `json:"driver"`
	Version string   `json:"version"`
	Sides   []string `json:"sides"`
}

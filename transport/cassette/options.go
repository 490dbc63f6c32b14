package cassette

// An Option changes how a cassette is recorded or replayed. Options that concern the other of the two are without
// effect, so that [Auto] can be given all of them.
type Option func(*config)

type config struct {
	limit  int64
	redact []func(Stream) Filter
	stable bool

	anyOrder  bool
	match     MatchFunc
	segments  Segmentation
	segmentBy func(waiting int) int
	timed     bool
}

func newConfig(options []Option) *config {
	c := &config{limit: DefaultLimit}
	for _, o := range options {
		if o != nil {
			o(c)
		}
	}
	return c
}

// Limit bounds how many octets the segments of a cassette have together, while it is recorded and when it is read; 0
// is [DefaultLimit].
func Limit(octets int64) Option {
	return func(c *config) {
		if c.limit = octets; octets <= 0 {
			c.limit = DefaultLimit
		}
	}
}

// Stable records neither times nor the addresses of the two ends, which differ from one recording to the next: a
// cassette in a repository then changes only where the traffic does.
func Stable() Option { return func(c *config) { c.stable = true } }

// Timed replays the recorded times: a dial takes as long as it took, and what was read arrives as long after what was
// before it on its connection. Without Timed everything is there at once.
func Timed() Option { return func(c *config) { c.timed = true } }

// A Segmentation says how many octets a Read of a replayed connection returns at most.
type Segmentation int

// The segmentations that are no number of octets.
const (
	// Recorded gives each Read what one Read has returned when it was recorded.
	Recorded Segmentation = 0
	// Whole gives each Read as much as is there.
	Whole Segmentation = -1
)

// Segments replays with another segmentation than the recorded one: [Whole], or at most s octets for each Read;
// Segments(1) is octet by octet. Less than -1 counts as Whole.
func Segments(s Segmentation) Option {
	return func(c *config) { c.segments, c.segmentBy = s, nil }
}

// SegmentBy replays with a segmentation of the caller's: f is called for each Read with how many octets wait to be
// read, one at least, and returns how many the Read gives at most; less than one counts as one. f may be called by
// several goroutines at once.
func SegmentBy(f func(waiting int) int) Option {
	return func(c *config) { c.segments, c.segmentBy = Whole, f }
}

// AnyOrder chooses the recorded connection by what is dialled and written, not by the order in which connections are
// dialled: for clients that dial concurrently. A connection becomes one of those that were recorded, and are not
// played yet, when its first turn is complete; of several that fit, the first in the file. One on which the
// peer speaks first is taken by the first dial to its address.
func AnyOrder() Option { return func(c *config) { c.anyOrder = true } }

// A Turn is what a [MatchFunc] compares with: outbound octets that were recorded without anything inbound
// between them.
type Turn struct {
	// Recorded and Dialled are the addresses, host:port, that were dialled for the recording and for the replay.
	Recorded, Dialled string
	// Connection is the number of the connection in the file, Line where the turn begins, and Index counts the
	// turns of the connection from 0.
	Connection, Line, Index int
	// Octets are those that were recorded, Redacted which of them were redacted. They must not be changed.
	Octets   []byte
	Redacted []Span
}

// A MatchFunc compares what was written, and has not been matched with a turn yet, with the recorded turn. It returns
// how many octets of written make up the turn; 0 when more must be written before it can be told; or an error that
// says why it cannot be the turn. It may be asked the same again, and must not keep what it is given.
type MatchFunc func(t Turn, written []byte) (n int, err error)

// Match replays by a function in the place of comparing octets. Recorded connections are chosen as with [AnyOrder],
// whatever address they were dialled at: f is tried with the first turn of each that is not played yet, and decides.
func Match(f MatchFunc) Option { return func(c *config) { c.match = f } }

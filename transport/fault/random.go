package fault

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// A Plan is a script that was made from a seed. The same seed and [Odds] make the same script, on every machine.
type Plan struct {
	Seed   uint64
	Script Script
}

// String returns the seed, as a comment, and the script: what a failed test has to print, and what [Parse] reads.
func (p Plan) String() string { return fmt.Sprintf("# seed %d\n%v", p.Seed, p.Script) }

// Odds say what a random plan may hold. The zero value of a field stands for what its comment tells.
type Odds struct {
	Faults int           // how many at most; 3
	Octets int64         // all offsets are less; 4096
	Time   time.Duration // all delays and stalls are less; 10s
	Conns  int           // among the first so many connections, and sometimes on all; 2
	Change bool          // octets may be changed, which without TLS a receiver cannot always notice
}

// Random returns the plan of the seed with the zero [Odds].
func Random(seed uint64) Plan { return Odds{}.Plan(seed) }

// Plan returns the plan of the seed: one fault at least, in any direction. Small offsets are as likely as large ones,
// since it is at heads that receivers break.
func (o Odds) Plan(seed uint64) Plan {
	if o.Faults < 1 {
		o.Faults = 3
	}
	if o.Octets < 1 {
		o.Octets = 4096
	}
	if o.Time < 1 {
		o.Time = 10 * time.Second
	}
	if o.Conns < 1 {
		o.Conns = 2
	}
	r := rand.New(rand.NewPCG(seed, 0))
	script := make(Script, 1+r.IntN(o.Faults))
	for i := range script {
		script[i] = o.fault(r)
	}
	return Plan{seed, script}
}

func (o Odds) fault(r *rand.Rand) Fault {
	var w Where
	if n := r.IntN(o.Conns + 1); n > 0 {
		w = w.Conn(n)
	}
	if r.IntN(16) == 0 {
		return []Fault{w.Dial().Refuse(), w.Dial().NoSuchHost(), w.Dial().Delay(o.duration(r))}[r.IntN(3)]
	}
	w = w.in(SentOctets + Direction(r.IntN(2)))
	// As many bits as come up, then a number of that many.
	w = w.At(r.Int64N(1<<r.IntN(63)) % o.Octets)
	d := o.duration(r)
	some := []Fault{
		w.Split(1 + r.IntN(16)), w.Delay(d), w.StallFor(d), w.Stall(), w.BlackHole(),
		w.Reset(), w.Close(), w.HalfClose(), w.Truncate(),
	}
	if o.Change {
		some = append(some, w.Xor(byte(1+r.IntN(255))))
	}
	return some[r.IntN(len(some))]
}

// duration is one that String prints in full: whole microseconds.
func (o Odds) duration(r *rand.Rand) time.Duration {
	return max(time.Microsecond, time.Duration(r.Int64N(int64(o.Time))).Truncate(time.Microsecond))
}

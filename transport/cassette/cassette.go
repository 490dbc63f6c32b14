package cassette

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/tap"
)

// A Cassette is a dialer that records, or one that replays. It may be used by several goroutines at once.
type Cassette struct {
	recorder *recorder // or
	player   *player
	tap      *tap.Tap
}

// Record returns a Cassette that dials by d, nil being [transport.TCP], and records into file what passes. The file
// comes into being with Close, whole, in the place of one that was there before; until then what was recorded is in a
// file beside it whose name ends in ".tmp", which is what a crash leaves. Missing folders are made.
//
// Connections are those of d, with what package tap says of them. What goes wrong with the recording
// disturbs no connection; [Cassette.Err] and [Cassette.Close] tell it.
func Record(d transport.Dialer, file string, options ...Option) (*Cassette, error) {
	r, err := newRecorder(file, newConfig(options))
	if err != nil {
		return nil, err
	}
	return &Cassette{recorder: r, tap: tap.New(d, r)}, nil
}

// Replay returns a Cassette that dials nobody and plays back what file holds. The error is that of opening the file, a
// [*FormatError], or [ErrTooLarge].
//
// Connections have the recorded addresses, honour deadlines and Close, and know CloseWrite and Ready. They may be made
// and used inside a testing/synctest bubble. Once what was recorded as read is used up, and nothing tells how that
// direction ended, a Read waits, as it would have waited when it was recorded.
func Replay(file string, options ...Option) (*Cassette, error) {
	p, err := newPlayer(file, newConfig(options))
	if err != nil {
		return nil, err
	}
	return &Cassette{player: p}, nil
}

// Auto is [Replay] when file exists, else [Record]; but when the environment variable CI is set, to anything
// but the empty string, nothing is recorded and a missing file is an error, which is fs.ErrNotExist.
// So a test that was committed without its cassette fails where nobody would commit what it records. What failed while
// it was recorded, a dial too, fails again in each replay: delete the file to record anew. The options are those of
// both.
func Auto(d transport.Dialer, file string, options ...Option) (*Cassette, error) {
	_, err := os.Stat(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return Replay(file, options...) // which reports what else may be wrong with the file
	}
	if ci := os.Getenv("CI"); ci != "" {
		return nil, fmt.Errorf("cassette: %s is missing, and with CI=%q in the environment nothing is recorded; "+
			"to record it run the same command with CI unset, such as `env -u CI go test`, and commit the file: %w",
			file, ci, fs.ErrNotExist)
	}
	return Record(d, file, options...)
}

// DialContext opens a connection that is recorded, or a recorded one.
//
// The error of a replayed dial is a [*transport.DialError] around what was recorded, or around a [*MismatchError] when
// something else is dialled than was recorded.
func (c *Cassette) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if c.player != nil {
		done := transport.TraceDial(ctx, network, address)
		nc, err := c.player.dial(ctx, network, address)
		done(nc, err)
		return nc, err
	}
	if c.recorder.finished() {
		return nil, &transport.DialError{Network: network, Address: address, Err: errFinished}
	}
	return c.tap.DialContext(ctx, network, address)
}

// Recording reports whether c records.
func (c *Cassette) Recording() bool { return c.recorder != nil }

// Close ends a recording and gives the file its name, or ends a replay. The error says why there is no file, or is the
// first [*MismatchError] of the replay, so that one that a client has swallowed is not lost. Connections stay as
// they are; what passes on them is not recorded any more, and no more can be dialled.
func (c *Cassette) Close() error {
	if c.player != nil {
		return c.player.close()
	}
	return c.recorder.close(true)
}

// Discard ends a recording without a file, for a test that has failed, and is Close for a replay.
func (c *Cassette) Discard() error {
	if c.player != nil {
		return c.player.close()
	}
	return c.recorder.close(false)
}

// Err returns what has ended the recording before its time, or the first mismatch of the replay, or nil.
func (c *Cassette) Err() error {
	if c.player != nil {
		return c.player.failure()
	}
	return c.recorder.failure()
}

// Complete returns nil when a replay has played all that there is: every connection was dialled, all that was
// recorded was written, and read. Else the error names what is left, with its lines in the file. A recording is
// always complete.
func (c *Cassette) Complete() error {
	if c.player != nil {
		return c.player.complete()
	}
	return nil
}

package cassette

import (
	"fmt"
	"strings"

	"github.com/strata-http/strata/transport/tap"
)

// A MismatchError tells where a replay and its recording part.
type MismatchError struct {
	// File and Line are where the recorded part stands.
	File string
	Line int
	// Connection is the number of the connection in the file, 0 when it is none of them.
	Connection int
	// Offset counts the outbound octets of the connection before the first one that differs.
	Offset int64
	// What says in words what differs, and Err, which may be nil, why a [MatchFunc] has refused.
	What string
	Err  error
	// Diff shows the recorded lines, in the notation of the file: behind "- " what was recorded, behind "+ " what
	// is written, behind two spaces what is the same.
	Diff string
}

// Error begins with file and line; the diff follows on lines of its own.
func (e *MismatchError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cassette: %s:%d: ", e.File, e.Line)
	if e.Connection > 0 {
		fmt.Fprintf(&b, "connection %d: ", e.Connection)
	}
	b.WriteString(e.What)
	if e.Diff != "" {
		fmt.Fprintf(&b, " at octet %d", e.Offset)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Diff != "" {
		b.WriteString("\n")
		b.WriteString(strings.TrimSuffix(e.Diff, "\n"))
	}
	return b.String()
}

// Unwrap returns Err.
func (e *MismatchError) Unwrap() error { return e.Err }

// What a diff shows at most.
const (
	contextLines = 3
	diffOctets   = 4 << 10
	diffLines    = 40
)

// diff compares what was recorded from offset on, up to the end of its turn, with rest, and shows a few lines before.
//
// What is written passes through the filters that were given to the replay, so that the message tells no secret.
func (p *player) diff(t *track, offset int, rest []byte) string {
	turn := t.turn(offset)
	start := max(turn.start, offset-diffOctets)
	before := t.text(start, offset)
	recorded := t.text(start, min(turn.end, offset+diffOctets))
	// What is written up to offset agrees, so it is shown as it was recorded: a secret stays redacted.
	octets := append(t.out[start:offset:offset], rest[:min(len(rest), diffOctets)]...)
	stream := Stream{t.number, tap.Out, t.dial.Network, t.dial.Address}
	if shown, _, err := newRedaction(stream, p.config.redact).push(octets, true); err == nil {
		octets = shown
	}
	written := appendOctets(nil, "", octets, t.spans(start, offset))
	same := max(0, strings.Count(before, "\n")-1-contextLines)
	a, b := splitLines(recorded), splitLines(string(written))
	same = min(same, len(a), len(b))
	return renderDiff(a[same:], b[same:])
}

// text is a part of what was recorded, in the notation of the file.
func (t *track) text(start, end int) string {
	return string(appendOctets(nil, "", t.out[start:end], t.spans(start, end)))
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// renderDiff shows a longest common subsequence of lines and what is beside it.
func renderDiff(recorded, written []string) string {
	recorded, moreA := cutLines(recorded)
	written, moreB := cutLines(written)
	// common[i][j] is the length of the longest common subsequence of recorded[i:] and written[j:].
	common := make([][]int, len(recorded)+1)
	for i := range common {
		common[i] = make([]int, len(written)+1)
	}
	for i := len(recorded) - 1; i >= 0; i-- {
		for j := len(written) - 1; j >= 0; j-- {
			if recorded[i] == written[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var b strings.Builder
	if n := comparable(common, recorded, written); n < len(recorded) {
		recorded, moreA = recorded[:n], true
	}
	i, j := 0, 0
	for i < len(recorded) || j < len(written) {
		switch {
		case i < len(recorded) && j < len(written) && recorded[i] == written[j]:
			fmt.Fprintf(&b, "  %s\n", recorded[i])
			i, j = i+1, j+1
		case i < len(recorded) && (j == len(written) || common[i+1][j] >= common[i][j+1]):
			fmt.Fprintf(&b, "- %s\n", recorded[i])
			i++
		default:
			fmt.Fprintf(&b, "+ %s\n", written[j])
			j++
		}
	}
	if moreA || moreB {
		b.WriteString("  ...\n")
	}
	return b.String()
}

func cutLines(lines []string) ([]string, bool) {
	if len(lines) > diffLines {
		return lines[:diffLines], true
	}
	return lines, false
}

// comparable returns how many of the recorded lines to show: behind the last one that is the same, no more than were
// written, since the others may still be to come.
func comparable(common [][]int, recorded, written []string) int {
	i, j := 0, 0
	for common[i][j] > 0 {
		switch {
		case recorded[i] == written[j]:
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			i++
		default:
			j++
		}
	}
	if len(written) == 0 {
		return len(recorded)
	}
	return min(len(recorded), i+len(written)-j)
}

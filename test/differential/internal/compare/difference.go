package compare

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/strata-http/strata/test/differential/internal/lines"
)

// Group is what differences have in common.
type Group struct {
	Side, Rule, Key, Engine string
	// Detail tells, where Strata accepts, why the engine does not, or how the message is framed that both accept.
	Detail string
}

// String returns the parts of g in one line.
func (g Group) String() string {
	return strings.TrimSpace(strings.Join([]string{g.Side, g.Rule, g.Key, g.Engine, g.Detail}, " | "))
}

// The outcomes of Strata that are no rules.
const (
	Accepted = "accept"
	Waits    = "hang"
)

// Differences returns in what an engine differs from Strata.
func Differences(c lines.Case, strata, other lines.Result, engine string) []Group {
	if other.Skip != "" {
		return nil
	}
	g := Group{Side: c.Side, Rule: outcome(strata), Engine: engine}
	with := func(key, detail string) []Group {
		g.Key, g.Detail = key, detail
		return []Group{g}
	}
	ours, theirs := strata.Verdict == lines.Accept, other.Verdict == lines.Accept
	switch {
	case strata.Verdict == lines.Crash || other.Verdict == lines.Crash:
		return with("crash", "")
	case ours && !theirs:
		return with("verdict", cmp.Or(other.Reason, other.Verdict))
	case !ours && theirs:
		return with("verdict", "")
	case !ours && strata.Verdict == lines.Hang && other.Verdict == lines.Reject:
		return with("wait", "")
	case !ours:
		return nil
	}
	var found []Group
	for _, key := range differingKeys(c, strata, other) {
		g.Key, g.Detail = key, ""
		switch key {
		case "body", "trailers":
			g.Detail = framing(strata)
		case "messages", "reusable":
			g.Detail, g.Rule = framing(strata), cmp.Or(strata.MoreRule, Accepted)
		}
		found = append(found, g)
		g.Rule = Accepted
	}
	return found
}

// Exactly returns in what two results of Strata differ, which should be nothing.
func Exactly(c lines.Case, whole, split lines.Result, engine string) []Group {
	found := Differences(c, whole, split, engine)
	if whole.Rule != split.Rule || whole.MoreRule != split.MoreRule || whole.Error != split.Error || whole.Verdict != split.Verdict {
		found = append(found, Group{Side: c.Side, Rule: outcome(whole), Key: "split", Engine: engine, Detail: outcome(split)})
	}
	return found
}

// SameRule is Differences for an engine that tells by which of Strata's rules it refuses.
func SameRule(c lines.Case, strata, other lines.Result, engine string) []Group {
	found := Differences(c, strata, other, engine)
	if strata.Verdict != other.Verdict && len(found) == 0 || other.Rule != "" && strata.Rule != other.Rule {
		found = append(found, Group{Side: c.Side, Rule: outcome(strata), Key: "rule", Engine: engine, Detail: outcome(other)})
	}
	return found
}

func outcome(r lines.Result) string {
	switch r.Verdict {
	case lines.Accept:
		return Accepted
	case lines.Hang:
		return Waits
	}
	return r.Rule
}

// differingKeys compares two messages that were both accepted.
func differingKeys(c lines.Case, a, b lines.Result) []string {
	var keys []string
	add := func(key string, differs bool) {
		if differs {
			keys = append(keys, key)
		}
	}
	add("status", differ(a.Status, b.Status))
	if slices.Contains(keys, "status") {
		return keys // it is another message
	}
	add("method", differ(a.Method, b.Method))
	add("target", differ(a.Target, b.Target))
	add("host", b.Host != nil && !strings.EqualFold(string(value(a.Host)), string(value(b.Host))))
	add("reason", differ(a.Phrase, b.Phrase))
	add("version", b.Version != "" && a.Version != b.Version)
	add("body", b.Body != nil && !bytes.Equal(value(a.Body), value(b.Body)))
	add("headers", b.Headers != nil && !slices.Equal(normal(a.Headers), normal(b.Headers)))
	add("trailers", b.Trailers != nil && !slices.Equal(normal(a.Trailers), normal(b.Trailers)))
	add("interim", b.Interim != nil && !slices.Equal(a.Interim, b.Interim))
	add("leftover", b.Leftover != nil && !bytes.Equal(value(a.Leftover), value(b.Leftover)))
	// On the server side what is broken behind the first message takes the reuse from it; that is compared by messages.
	add("reusable", differ(a.Reusable, b.Reusable) && (c.Side == lines.Client || a.MoreRule == ""))
	if c.Side == lines.Server {
		add("messages", differ(a.Messages, b.Messages) || b.Messages != nil && !sameLater(a.More, b.More))
	}
	return keys
}

// differ reports whether b is told and is not a.
func differ[T comparable](a, b *T) bool { return b != nil && (a == nil || *a != *b) }

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func sameLater(a, b []lines.Later) bool {
	return slices.EqualFunc(a, b, func(a, b lines.Later) bool {
		return value(a.Method) == value(b.Method) && value(a.Target) == value(b.Target) && bytes.Equal(a.Body, b.Body)
	})
}

// steering are fields that engines take out of what they give to their users, or add to it.
var steering = []lines.Text{"host", "content-length", "transfer-encoding", "connection", "trailer", "te", "proxy-connection"}

// normal returns field lines as they compare: without those that steer, names in small letters and sorted.
func normal(fields []lines.Field) []lines.Field {
	n := []lines.Field{}
	for _, f := range fields {
		name := lines.Text(strings.ToLower(string(f[0])))
		if !slices.Contains(steering, name) {
			n = append(n, lines.Field{name, f[1]})
		}
	}
	slices.SortStableFunc(n, func(a, b lines.Field) int { return cmp.Compare(a[0], b[0]) })
	return n
}

// framing tells by what fields a message is framed, and its version if that is not 1.1.
func framing(r lines.Result) string {
	var parts []string
	for _, name := range []string{"Transfer-Encoding", "Content-Length"} {
		if slices.ContainsFunc(r.Headers, func(f lines.Field) bool { return strings.EqualFold(string(f[0]), name) }) {
			parts = append(parts, name)
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "unframed")
	}
	if r.Version != "HTTP/1.1" {
		parts = append(parts, r.Version)
	}
	return strings.Join(parts, " ")
}

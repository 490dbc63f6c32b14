package conformance

import "encoding/base64"

// Line is a case as strata parse --jsonl reads it, with what must come out of it; docs/parse.md describes both. Drivers
// ignore the keys that they do not know.
type Line struct {
	ID      string           `json:"id"`
	Side    string           `json:"side"`
	Octets  []byte           `json:"bytes_b64"`
	EOF     bool             `json:"eof"`
	Methods []string         `json:"request_methods,omitempty"`
	Lenient []string         `json:"lenient,omitempty"` // the driver is to be started with --lenient and these
	Limits  map[string]int64 `json:"limits,omitempty"`  // and with --limit and these
	Rule    string           `json:"requirement"`       // the prose of the case
	Want    map[string]any   `json:"want"`              // keys of the line of output; nil stands for one that is left out
}

// JSON returns a receive case as a line.
func (c *Case) JSON() Line {
	l := Line{
		ID: c.ID(), Side: c.Role, Octets: c.Octets, EOF: c.EOF, Methods: c.Methods, Lenient: c.Lenient, Rule: c.Prose,
		Want: map[string]any{},
	}
	for _, limit := range c.Limits {
		if l.Limits == nil {
			l.Limits = map[string]int64{}
		}
		l.Limits[limit.Name] = limit.Value
	}
	for _, w := range c.Want {
		l.Want[w.Key] = plain(w.Value)
	}
	return l
}

// plain returns a value as encoding/json decodes it from a line of output.
func plain(value any) any {
	switch v := value.(type) {
	case string:
		return Text(v)
	case int:
		return float64(v)
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case []int:
		list := []any{}
		for _, n := range v {
			list = append(list, float64(n))
		}
		return list
	case [][2]string:
		list := []any{}
		for _, f := range v {
			list = append(list, []any{Text(f[0]), Text(f[1])})
		}
		return list
	case []Later:
		list := []any{}
		for _, m := range v {
			list = append(list, m.plain())
		}
		return list
	}
	return value
}

func (m Later) plain() map[string]any {
	p := map[string]any{"body_b64": base64.StdEncoding.EncodeToString(m.Body)}
	if m.Status != 0 {
		p["status"] = float64(m.Status)
	} else {
		p["method"], p["target"] = Text(m.Method), Text(m.Target)
	}
	return p
}

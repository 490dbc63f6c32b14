package parse

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// LimitNames returns the names of the limits of wire.Limits, in its order.
func LimitNames() []string {
	return []string{"line", "section", "fields", "trailer", "content", "chunk-overhead", "interim"}
}

// SetLimit sets a limit by its name; a negative value is no limit. An unknown name, 0, and a value that the limit
// cannot hold are errors.
func (o *Options) SetLimit(name string, value int64) error {
	l := &o.Limits
	into := map[string]*int{
		"line": &l.Line, "section": &l.Section, "fields": &l.Fields, "trailer": &l.Trailer,
		"chunk-overhead": &l.ChunkOverhead, "interim": &l.Interim,
	}[name]
	switch {
	case into == nil && name != "content":
		return fmt.Errorf("there is no limit %q; the limits are %s", name, strings.Join(LimitNames(), ", "))
	case value == 0, into != nil && (value < math.MinInt || value > math.MaxInt):
		return errors.New("the value of a limit is a number from 1 on, or a negative one for no limit")
	case into == nil:
		l.Content = value
	default:
		*into = int(value)
	}
	return nil
}

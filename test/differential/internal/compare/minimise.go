package compare

import (
	"slices"

	"github.com/strata-http/strata/test/differential/internal/lines"
)

// Minimise returns the case with as few octets as it finds that still differs in the same way, which differs reports.
// It asks at most about tries times.
func Minimise(c lines.Case, tries int, differs func(lines.Case) bool) lines.Case {
	for size := max(1, len(c.Octets)/2); ; size /= 2 {
		for at := 0; at < len(c.Octets) && tries > 0; {
			less := c
			less.Octets = slices.Delete(slices.Clone(c.Octets), at, min(len(c.Octets), at+size))
			if tries--; differs(less) {
				c = less
			} else {
				at += size
			}
		}
		if size <= 1 || tries <= 0 {
			return c
		}
	}
}

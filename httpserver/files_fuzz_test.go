package httpserver

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever a path is, the name that it means is below the directory, and has nothing that the path has not, decoded
// once.
func FuzzTranslatePath(f *testing.F) {
	for _, path := range []string{"/", "/a%20b/c?d", "/../a", "/%2e%2e/a", "/..%2fa", "//host", "/%2561", `/\..\`, "/a%00", "/%c0%ae%c0%ae/"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		name, err := TranslatePath(path)
		if err != nil {
			if name != "" {
				t.Errorf("%q: %q beside an error", path, name)
			}
			return
		}
		if !filepath.IsLocal(name) || strings.ContainsAny(name, "\x00") || strings.HasPrefix(name, string(filepath.Separator)) {
			t.Errorf("%q: %q is not below the directory", path, name)
		}
		slash := filepath.ToSlash(name)
		for segment := range strings.SplitSeq(slash, "/") {
			if segment == ".." || segment == "" || segment == "." && name != "." || strings.Contains(segment, `\`) {
				t.Errorf("%q: %q has the segment %q", path, name, segment)
			}
		}
		if name == "." {
			return
		}
		var again []string
		for segment := range strings.SplitSeq(slash, "/") {
			again = append(again, escapeSegment(segment))
		}
		if back, err := TranslatePath("/" + strings.Join(again, "/")); back != name || err != nil {
			t.Errorf("%q: %q, which encoded anew is %q, %v", path, name, back, err)
		}
	})
}

// Whatever a Range field is, what it asks for is within the representation, and together no more than that.
func FuzzRanges(f *testing.F) {
	for _, field := range []string{"bytes=0-4", "bytes=5-", "bytes=-3", "bytes=0-0,-1", "bytes=9223372036854775807-", "bytes=0-99999999999999999999", "bytes=-0", "lines=1-2"} {
		f.Add(field, int64(10), 4)
		f.Add(field, int64(0), 1)
	}
	f.Fuzz(func(t *testing.T, field string, size int64, limit int) {
		size = max(size, 0) >> 8
		all, err := parseRanges(field, size, limit)
		if err != nil && all != nil || len(all) > max(limit, 0) {
			t.Fatalf("%q of %d: %v, %v", field, size, all, err)
		}
		var sum int64
		for _, r := range all {
			if r.start < 0 || r.length <= 0 || r.start+r.length > size {
				t.Errorf("%q of %d: %v", field, size, r)
			}
			sum += r.length
		}
		if len(all) > 1 && sum > size {
			t.Errorf("%q of %d: %d octets", field, size, sum)
		}
	})
}

// A date is read as it is written, and no text makes one of the far future.
func FuzzDate(f *testing.F) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, s := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sunday, 06-Nov-76 08:49:37 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		date, ok := parseDate(s, now)
		if !ok {
			return
		}
		if again, ok := parseDate(DateString(date), now); !ok || !again.Equal(date) {
			t.Errorf("%q is %v, and then %v, %v", s, date, again, ok)
		}
		if strings.Contains(s, "-") && date.After(now.AddDate(51, 0, 0)) {
			t.Errorf("%q, of two digits, is %v", s, date)
		}
	})
}

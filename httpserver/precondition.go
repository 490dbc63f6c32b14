package httpserver

import (
	"io/fs"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/strata-http/strata/status"
)

// ETag returns the entity-tag of a file, made of its size and of when it was modified (RFC 9110 section
// 8.8.3). It is a strong one: whoever changes a file without a change of either has to make one of his own.
func ETag(info fs.FileInfo) string {
	return `"` + strconv.FormatInt(info.ModTime().UnixNano(), 36) + "-" + strconv.FormatInt(info.Size(), 36) + `"`
}

// Precondition evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since of a request, in
// the order and with the precedence of RFC 9110 section 13.2.2, against the representation that there is: its
// entity-tag, "" where there is no representation, and its last modification, the zero time where that is not
// known. It returns 0 where the request is to be done, and otherwise what it is to be answered with: 304
// (Not Modified) to GET and HEAD, or 412 (Precondition Failed). A date that is none is ignored. If-Range is
// not its concern.
func Precondition(r Request, etag string, modified time.Time) status.Code {
	read := r.Method() == "GET" || r.Method() == "HEAD"
	if tags, ok := r.Fields().Combined("If-Match"); ok {
		if !matchesTag(tags, etag, true) {
			return status.PreconditionFailed
		}
	} else if date, ok := dateField(r, "If-Unmodified-Since"); ok && !modified.IsZero() && after(modified, date) {
		return status.PreconditionFailed
	}
	if tags, ok := r.Fields().Combined("If-None-Match"); ok {
		if !matchesTag(tags, etag, false) {
			return 0
		}
		if read {
			return status.NotModified
		}
		return status.PreconditionFailed
	}
	if date, ok := dateField(r, "If-Modified-Since"); ok && read && !modified.IsZero() && !after(modified, date) {
		return status.NotModified
	}
	return 0
}

// after reports whether a file was modified after a date, which has whole seconds.
func after(modified, date time.Time) bool { return modified.Truncate(time.Second).After(date) }

// dateField returns the HTTP-date of a field that there is one of.
func dateField(r Request, name string) (time.Time, bool) {
	var value string
	n := 0
	for v := range r.Fields().Values(name) {
		value = string(v)
		n++
	}
	if n != 1 {
		return time.Time{}, false
	}
	return parseDate(value, time.Now())
}

// parseDate reads an HTTP-date in any of its three forms (RFC 9110 section 5.6.7).
func parseDate(s string, now time.Time) (time.Time, bool) {
	if t, err := time.Parse(httpDate, s); err == nil {
		return t, true
	}
	if t, err := time.Parse("Monday, 02-Jan-06 15:04:05 GMT", s); err == nil {
		// Two digits of a year that seem to be more than 50 years ahead are of the past.
		t = t.AddDate(now.Year()/100*100-t.Year()/100*100, 0, 0)
		if t.After(now.AddDate(50, 0, 0)) {
			t = t.AddDate(-100, 0, 0)
		}
		return t, true
	}
	t, err := time.Parse(time.ANSIC, s)
	return t, err == nil
}

// matchesTag reports whether a list of entity-tags has etag in it; "*" has every one that there is. The strong
// comparison fails for a weak tag (RFC 9110 section 8.8.3.2).
func matchesTag(list, etag string, strong bool) bool {
	if etag == "" {
		return false
	}
	if strings.Trim(list, " \t") == "*" {
		return true
	}
	for tag := range tags(list) {
		if strong && tag == etag && !strings.HasPrefix(tag, "W/") {
			return true
		}
		if !strong && strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// tags yields the entity-tags of a list, up to where it is no such list. A tag may have commas in it.
func tags(list string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			list = strings.TrimLeft(list, " \t,")
			opening := 0
			if strings.HasPrefix(list, "W/") {
				opening = 2
			}
			if opening >= len(list) || list[opening] != '"' {
				return
			}
			length := strings.IndexByte(list[opening+1:], '"')
			if length < 0 {
				return
			}
			end := opening + length + 2
			if !yield(list[:end]) {
				return
			}
			list = strings.TrimLeft(list[end:], " \t")
			if list != "" && list[0] != ',' {
				return
			}
		}
	}
}

package headers

import (
	"strconv"
	"testing"
)

// A Fields that is changed for ever takes the memory of what it holds, not of what it held.
func TestFieldsStaySmall(t *testing.T) {
	var f Fields
	f.Add("Host", "example.com")
	for i := range 100_000 {
		f.Set("Date", "Tue, 15 Nov 1994 08:12:31 GMT")
		f.Add("X-Count", strconv.Itoa(i))
		if i%3 == 0 {
			f.Del("X-Count")
		}
		if cap(f.buf) > 1024 {
			t.Fatalf("%d octets after %d changes, for %q", cap(f.buf), i, f.String())
		}
	}
	if got, want := f.String(), "Host: example.com\nDate: Tue, 15 Nov 1994 08:12:31 GMT\n"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}

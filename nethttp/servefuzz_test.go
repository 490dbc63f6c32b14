package nethttp

import (
	"math/rand/v2"
	"net/textproto"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// likely makes strings of octets among which the interesting ones are frequent.
func likely(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, r.IntN(n))
	for i := range b {
		if b[i] = alphabet[r.IntN(len(alphabet))]; r.IntN(50) == 0 {
			b[i] = byte(r.IntN(256))
		}
	}
	return string(b)
}

// checkTarget compares what a request-target is read as with what net/http reads it as.
func checkTarget(t *testing.T, target string) {
	t.Helper()
	want, bad := url.ParseRequestURI(target)
	got, err := new(served).target("GET", target)
	if (err != nil) != (bad != nil) {
		t.Fatalf("%q: %v, want %v", target, err, bad)
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(url.Userinfo{})); err == nil && d != "" {
		t.Fatalf("%q: %s", target, d)
	}
}

func FuzzServedTarget(f *testing.F) {
	for _, target := range []string{"/", "/a?b", "/a?", "//a", "/%41", "/a#b", "/?#", "*", "http://a/b?c", "/é", "/a b"} {
		f.Add(target)
	}
	f.Fuzz(checkTarget)
}

func TestServedTargets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		checkTarget(t, "/"+likely(r, "ab/?%2F.-_~#&=;:@+,$*!", 12))
	}
}

func FuzzCanonicalName(f *testing.F) {
	for _, name := range []string{"", "a", "x-a-b", "HOST", "user-agent", "a b", "é", "-", "a--b", "www-authenticate"} {
		f.Add([]byte(name))
	}
	f.Fuzz(func(t *testing.T, name []byte) {
		if got, want := canonicalName(name), textproto.CanonicalMIMEHeaderKey(string(name)); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	})
}

func TestCanonicalNames(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		name := likely(r, "aBzZ-09_ ", 50)
		if got, want := canonicalName([]byte(name)), textproto.CanonicalMIMEHeaderKey(name); got != want {
			t.Fatalf("%q becomes %q, want %q", name, got, want)
		}
	}
	for name := range canonicalNames {
		if got := textproto.CanonicalMIMEHeaderKey(name); got != name {
			t.Errorf("%q should be %q", name, got)
		}
	}
}

package parity

import (
	"net"
	"net/http"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/strata-http/strata/test/bridge/swap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// theirs is net/http as it is.
var theirs = engine{
	name:      "net/http",
	transport: func(t *http.Transport) http.RoundTripper { return t },
	serve: func(s *http.Server, l net.Listener) func() {
		done := make(chan struct{})
		go func() { s.Serve(l); close(done) }()
		return func() { s.Close(); <-done }
	},
}

// ours is Strata with the same settings.
var ours = engine{
	name:      "Strata",
	transport: func(t *http.Transport) http.RoundTripper { return swap.Transport(t) },
	serve: func(s *http.Server, l net.Listener) func() {
		server := swap.Server(s, nil)
		done := make(chan struct{})
		go func() { server.Serve(l); close(done) }()
		return func() { server.Close(); <-done }
	},
}

// TestParity performs each case over net/http and over Strata. What is noted must be the same, or stand in the table of
// differences, which must have nothing else.
func TestParity(t *testing.T) {
	same, cases := 0, allCases()
	var names []string
	for _, c := range cases {
		if slices.Contains(names, c.name) {
			t.Errorf("two cases are called %q", c.name)
		}
		names = append(names, c.name)
		t.Run(c.name, func(t *testing.T) {
			want, got := perform(t, theirs, c), perform(t, ours, c)
			if len(want) == 0 {
				t.Fatal("the case notes nothing")
			}
			onlyTheirs, onlyOurs := apart(want, got)
			d := differences[c.name]
			if len(onlyTheirs)+len(onlyOurs) == 0 {
				same++
				if d.why != "" {
					t.Errorf("the table has a difference, but there is none: %s", d.why)
				}
				return
			}
			if d.why == "" || !slices.Equal(d.theirs, onlyTheirs) || !slices.Equal(d.ours, onlyOurs) {
				t.Errorf("\nonly net/http:\n%s\nonly Strata:\n%s", quoted(onlyTheirs), quoted(onlyOurs))
			}
		})
	}
	for name := range differences {
		if !slices.Contains(names, name) {
			t.Errorf("there is no case %q", name)
		}
	}
	t.Logf("parity: %d of %d cases are the same over net/http and over Strata; the other %d are in the table", same, len(cases), len(cases)-same)
}

func quoted(lines []string) (all string) {
	for _, line := range lines {
		all += "\t`" + line + "`,\n"
	}
	return all
}

// apart returns the lines that are in one list only, of a longest common subsequence left out.
func apart(a, b []string) (onlyA, onlyB []string) {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			onlyA = append(onlyA, a[i])
			i++
		default:
			onlyB = append(onlyB, b[j])
			j++
		}
	}
	return append(onlyA, a[i:]...), append(onlyB, b[j:]...)
}

// allCases returns the cases of all files.
func allCases() []parityCase {
	return slices.Concat(responseCases(), redirectCases(), requestCases(), bodyCases(), connectionCases(), timeCases(),
		codingCases(), traceCases(), proxyCases(), tlsCases(), upgradeCases(),
		arrivalCases(), handlerCases(), serverCases())
}

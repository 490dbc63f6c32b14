package parity

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/strata-http/strata/test/bridge/swap"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // what both log of peers and handlers that do wrong on purpose
	// A server of net/http lingers for half a second behind a response that it has cut.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}

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
// differences, which must have nothing else; and what it is that differs must be what differences.md says.
func TestParity(t *testing.T) {
	same, cases, why := 0, allCases(), reasons(t)
	var names []string
	found := map[string]string{}
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
			// What its two goroutines find first, net/http tells: it is asked again before that counts for a difference.
			for again := 0; again < 3 && why[c.name] == "" && len(onlyTheirs)+len(onlyOurs) > 0; again++ {
				onlyTheirs, onlyOurs = apart(perform(t, theirs, c), got)
			}
			switch known := why[c.name] != ""; {
			case len(onlyTheirs)+len(onlyOurs) > 0:
				found[c.name] = section(c.name, onlyTheirs, onlyOurs)
				if !known {
					t.Errorf("it differs, and no row of the table says why:\n%s", found[c.name])
				}
			case known:
				t.Errorf("the table has a difference, but there is none: %s", why[c.name])
			default:
				same++
			}
		})
	}
	for name := range why {
		if !slices.Contains(names, name) {
			t.Errorf("there is no case %q", name)
		}
	}
	figure := fmt.Sprintf("parity: %d of %d cases are the same over net/http and over Strata; the other %d are in the table", same, len(cases), len(cases)-same)
	t.Log(figure)
	if name := os.Getenv("STRATA_FIGURES"); name != "" {
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		fmt.Fprintln(file, figure)
	}
	checkPage(t, page(found, figure))
}

// reasons returns why each case that differs does.
func reasons(t *testing.T) map[string]string {
	why := map[string]string{}
	for _, d := range differences {
		for _, name := range d.cases {
			if why[name] != "" {
				t.Errorf("two rows of the table have %q", name)
			}
			why[name] = d.why
		}
	}
	return why
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

package interop

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/strata-http/strata/test/peers"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := errors.Join(peers.Cleanup(), removeBinary()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}))
}

// thorough reports whether the servers are what the run is about; otherwise they should take little of its time.
func thorough() bool { return os.Getenv(peers.RequireEnv) == "1" }

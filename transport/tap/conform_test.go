package tap_test

import (
	"io"
	"testing"

	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transport/tap"
	"github.com/strata-http/strata/transporttest"
)

func TestDialer(t *testing.T) {
	transporttest.TestDialer(t, func(t *testing.T) transporttest.Stack {
		var network memory.Network
		l, err := network.Listen("example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		both := tap.New(&network, tap.NewDump(io.Discard))
		return transporttest.Stack{Dialer: both, Listener: both.Listener(l)}
	})
}

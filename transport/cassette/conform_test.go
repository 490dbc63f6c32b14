package cassette_test

import (
	"testing"

	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transporttest"
)

func TestDialer(t *testing.T) {
	transporttest.TestDialer(t, func(t *testing.T) transporttest.Stack {
		var network memory.Network
		l, err := network.Listen("example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		tape := record(t, &network, path(t))
		t.Cleanup(func() { tape.Close() })
		return transporttest.Stack{Dialer: tape, Listener: l}
	})
}

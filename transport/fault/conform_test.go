package fault_test

import (
	"net"
	"testing"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transporttest"
)

// harmless are scripts that lose and change nothing.
var harmless = map[string]string{
	"no fault":            "",
	"split":               "split 7",
	"cut":                 "at 1: cut; at 5: cut; received at 17: cut; at 100: cut",
	"split and late":      "split 10000; delay 10us",
	"beyond":              "at 1000000000: reset; after 1h: close",
	"another connection":  "conn 1000-: reset",
	"short stall":         "at 10: stall 1ms; at 20: stall 1ms",
	"change without harm": "xor 00000000",
}

// A connection with harmless faults is as good as one without any.
func TestConformance(t *testing.T) {
	for name, text := range harmless {
		script, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transporttest.TestDialer(t, func(t *testing.T) transporttest.Stack {
				network := new(memory.Network)
				l, err := network.Listen("example.org:80")
				if err != nil {
					t.Fatal(err)
				}
				return transporttest.Stack{Dialer: fault.New(network, script...), Listener: l}
			})
		})
	}
}

// TestConformanceTCP is for the sockets of the kernel.
func TestConformanceTCP(t *testing.T) {
	t.Parallel()
	transporttest.TestDialer(t, func(t *testing.T) transporttest.Stack {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return transporttest.Stack{Dialer: fault.New(transport.TCP{}, fault.Anywhere().Split(100)), Listener: fault.Listen(l)}
	})
}

package fault_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
)

// Over sockets of the kernel the client leaves no descriptor open, whatever octet a fault strikes at.
func TestDescriptors(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(handle))
	defer server.Close()
	e := exchanges[0]
	before := descriptors(t)
	report, err := fault.Sweep{
		// Wherever the client wants to go.
		Dialer: transport.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return transport.TCP{}.DialContext(ctx, network, server.Listener.Addr().String())
		}),
		Exchange: func(ctx context.Context, d transport.Dialer) error {
			_, err := e.run(ctx, nil, d)
			return err
		},
		// A stall would take its time here.
		Faults: fault.Script{
			fault.Anywhere().Cut(), fault.Anywhere().Reset(), fault.Anywhere().Close(), fault.Anywhere().HalfClose(),
			fault.Anywhere().Truncate(),
		},
		Class: class,
	}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	// The server closes its ends a little later.
	after := descriptors(t)
	for end := time.Now().Add(10 * time.Second); after > before && time.Now().Before(end); after = descriptors(t) {
		runtime.Gosched()
	}
	if after > before {
		t.Errorf("%d descriptors were open before, and %d are now", before, after)
	}
}

// descriptors counts those of this process, where the system tells.
func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not tell which descriptors are open")
	}
	return len(open)
}

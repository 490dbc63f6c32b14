package fault_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
)

// A connection that cannot be opened, or not secured, is an error of the step that failed.
func TestOpening(t *testing.T) {
	want := map[string]string{
		"conn 1 dial: refuse":           "DialError",
		"conn 1 dial: no such host":     "DialError",
		"conn 1 dial: time out 2s":      "DialError",
		"conn 1 dial: time out 2m0s":    "time-out",
		"conn 1 dial: stall":            "time-out",
		"conn 1 dial: delay 1s":         "correct",
		"conn 1 tls: wrong host":        "TLSError",
		"conn 1 tls: expired":           "TLSError",
		"conn 1 tls: unknown authority": "TLSError",
		"conn 1 tls: alert 40":          "TLSError",
		"conn 1 after 0s: reset":        "TLSError",
	}
	e := exchanges[len(exchanges)-1]
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		var script fault.Script
		for text := range want {
			if err := script.Set(text); err != nil {
				t.Fatal(err)
			}
		}
		report, err := fault.Sweep{
			Dialer: &w.network,
			Exchange: func(ctx context.Context, d transport.Dialer) error {
				_, err := e.run(ctx, w, d)
				return err
			},
			Faults: script,
			Class:  class,
		}.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, c := range report.Cases {
			got[c.Fault.String()] = c.Class
			if !c.Struck {
				t.Errorf("%v did not strike", c.Fault)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || report.Err() != nil {
			t.Errorf("%v (-want +got):\n%s", report.Err(), diff)
		}
	})
}

package engine_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/test/differential/internal/engine"
	"github.com/strata-http/strata/test/differential/internal/lines"
)

// TestCrash: a driver that ends loses the case at which it did, and no other.
func TestCrash(t *testing.T) {
	const driver = `echo '{"driver": "sh", "sides": ["client"]}'
while read line; do
	case $line in
	*'"id":2,'*) echo 'out of order' >&2; exit 1;;
	*'"id":1,'*) echo '{"id": 1, "verdict": "accept"}';;
	*'"id":3,'*) echo '{"id": 3, "verdict": "reject"}';;
	esac
done`
	e, err := engine.Start("sh", "/bin/sh", "-c", driver)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.About.Driver != "sh" {
		t.Errorf("%+v", e.About)
	}
	got, err := e.Ask([]lines.Case{{ID: 1}, {ID: 2}, {ID: 3}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].Verdict != lines.Accept || got[1].Verdict != lines.Crash || got[2].Verdict != lines.Reject || e.Crashes != 1 {
		t.Fatalf("%+v", got)
	}
	if !strings.Contains(got[1].Error, "out of order") {
		t.Errorf("error %q", got[1].Error)
	}
}

// TestAbsent: an engine that is not there is an error that names it.
func TestAbsent(t *testing.T) {
	if _, err := engine.Start("absent", "./no-such-program"); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("%v", err)
	}
	if _, err := engine.Start("mute", "/bin/sh", "-c", "echo nothing that is JSON"); err == nil || !strings.Contains(err.Error(), "mute") {
		t.Errorf("%v", err)
	}
}

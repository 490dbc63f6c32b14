package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestNoControlsInMessages: what stands on the command line may come from elsewhere, and is shown quoted.
func TestNoControlsInMessages(t *testing.T) {
	const evil = "\x1b[31m\u009b31m\x07"
	for _, args := range [][]string{
		{"get", "--" + evil, "http://127.0.0.1:1/"},
		{"get", "-o", "/nonexistent/" + evil, "http://127.0.0.1:1/"},
		{"get", "-d", "@/nonexistent/" + evil, "http://127.0.0.1:1/"},
		{"get", "--cacert", "/nonexistent/" + evil, "https://127.0.0.1:1/"},
		{"get", "-H", evil + ": a", "http://127.0.0.1:1/"},
		{"get", "http://" + evil + "/"},
		{"get", "http://127.0.0.1:1/" + evil},
		{"request", evil, "http://127.0.0.1:1/"},
		{evil},
		{"help", evil},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); code == exitDone {
			t.Errorf("%q: done", args)
		}
		if text := stderr.String(); !strings.HasPrefix(text, "strata: ") || strings.ContainsAny(text, "\x1b\u009b\x07") {
			t.Errorf("%q: %q", args, text)
		}
	}
}

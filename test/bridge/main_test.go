package bridge

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quiet is a log that nobody reads.
var quiet = log.New(io.Discard, "", 0)

func readAll(t *testing.T, body io.ReadCloser) string {
	t.Helper()
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func errorAs[T error](err error) (target T, ok bool) {
	ok = errors.As(err, &target)
	return target, ok
}

// figure logs a line, and appends it to the file that STRATA_FIGURES names, where `make bridge` looks for it.
func figure(t *testing.T, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	t.Log(line)
	name := os.Getenv("STRATA_FIGURES")
	if name == "" {
		return
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fmt.Fprintln(file, line)
}

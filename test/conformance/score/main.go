package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/strata-http/strata/test/conformance"
)

func main() {
	status, err := run(os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		status = 2
	}
	os.Exit(status)
}

// options is the command line.
type options struct {
	export, configured bool
	ignore             map[string]bool
	timeout            time.Duration
	driver             []string
}

// errUsage is the error for a command line that was explained already.
var errUsage = errors.New("see above")

func parseFlags(args []string, stderr io.Writer) (options, error) {
	o := options{ignore: map[string]bool{}}
	f := flag.NewFlagSet("score", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprintln(stderr, "usage: score [flags] -- DRIVER [ARG …]\n       score -export")
		f.PrintDefaults()
	}
	f.BoolVar(&o.export, "export", false, "write the cases, and what is expected of each, a JSON object a line; run nothing")
	f.BoolVar(&o.configured, "configured", false, "cases with leniencies and limits too: the driver takes --lenient, --preset and --limit")
	ignore := f.String("ignore", "", "`KEYS` of the output, joined by commas, that are not compared")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "how long the driver may take for one answer")
	if err := f.Parse(args); err != nil {
		return o, errUsage
	}
	for _, key := range strings.Split(*ignore, ",") {
		o.ignore[key] = true
	}
	o.driver = f.Args()
	if o.export != (len(o.driver) == 0) {
		f.Usage()
		return o, errUsage
	}
	return o, nil
}

// run is the command, but for its process. Status is the exit status where there is no error.
func run(args []string, stdout, stderr io.Writer) (status int, err error) {
	o, err := parseFlags(args, stderr)
	if err != nil {
		return 2, err
	}
	all, err := conformance.All()
	if err != nil {
		return 2, err
	}
	var cases []conformance.Case
	left := 0
	for _, c := range all {
		switch {
		case c.Direction != conformance.Receive:
		case c.Configured() && !o.configured && !o.export:
			left++
		default:
			cases = append(cases, c)
		}
	}
	if o.export {
		return 0, export(stdout, cases)
	}
	s := score{ignore: o.ignore, timeout: o.timeout, out: stdout}
	for _, group := range byConfiguration(cases) {
		if err := s.group(o.driver, group, stderr); err != nil {
			return 2, err
		}
	}
	s.total(left)
	if s.missed() > 0 {
		return 1, nil
	}
	return 0, nil
}

// export writes the cases, a JSON object a line.
func export(w io.Writer, cases []conformance.Case) error {
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, c := range cases {
		if err := encoder.Encode(c.JSON()); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

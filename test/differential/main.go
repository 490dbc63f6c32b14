package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/test/differential/internal/facade"
	"github.com/strata-http/strata/test/differential/internal/fast"
	"github.com/strata-http/strata/test/differential/internal/stdlib"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "driver" {
		if err := drive(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	o := options{extra: map[string]string{}}
	o.register(flag.CommandLine)
	flag.Parse()
	if o.docs != "" {
		if err := os.WriteFile(o.docs, []byte(page()), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "differential:", err)
			os.Exit(2)
		}
		return
	}
	unknown, err := o.compare(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "differential:", err)
		os.Exit(2)
	}
	if o.known && unknown > 0 {
		fmt.Fprintf(os.Stderr, "differential: %d groups that nobody has explained: mend Strata, or add a row to known.go\n", unknown)
		os.Exit(1)
	}
}

// drive is the driver of an engine that is in this program.
func drive(name string, in io.Reader, out io.Writer) error {
	switch name {
	case "strata", "strata/1":
		o := parse.Options{Version: version()}
		if name == "strata/1" {
			o.Split = 1
		}
		_, err := parse.Lines(in, out, o)
		return err
	case "httpclient":
		return facade.Serve(in, out, version())
	case "net/http":
		return stdlib.Serve(in, out)
	case "fasthttp":
		return fast.Serve(in, out)
	}
	return fmt.Errorf("no driver %q", name)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "of this tree"
}

// options are the flags.
type options struct {
	count, from int
	batch       int
	time        time.Duration
	seed        uint64
	known       bool
	docs        string
	all         bool
	save        string
	extra       map[string]string // command by name
	only        string
}

func (o *options) register(f *flag.FlagSet) {
	f.IntVar(&o.count, "count", 0, "stop behind that many cases; 0 is no end")
	f.IntVar(&o.from, "from", 0, "the number of the first case")
	f.IntVar(&o.batch, "batch", 200, "how many cases are put before the engines at once")
	f.DurationVar(&o.time, "time", 0, "stop after that time; 0 is no end")
	f.Uint64Var(&o.seed, "seed", 1, "what the cases depend on besides their number")
	f.BoolVar(&o.known, "known", false, "exit with 1 when there is a group that is not known")
	f.BoolVar(&o.all, "all", false, "print known groups too")
	f.StringVar(&o.docs, "docs", "", "write docs/differences.md to this file and do nothing else")
	f.StringVar(&o.save, "save", "", "append the examples of unknown groups to this file, a case a line")
	f.StringVar(&o.only, "only", "", "compare with these engines alone: names with commas between them")
	f.Func("engine", "compare with another engine too: NAME=COMMAND; COMMAND speaks the lines of docs/parse.md", func(s string) error {
		name, command, ok := strings.Cut(s, "=")
		if !ok || name == "" || len(strings.Fields(command)) == 0 {
			return fmt.Errorf("%q is not NAME=COMMAND", s)
		}
		o.extra[name] = command
		return nil
	})
}

// interruptible returns a context that ends with SIGINT and SIGTERM: what was found so far is then still printed.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

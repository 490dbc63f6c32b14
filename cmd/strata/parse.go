package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/wire"
)

const parseHelp = `Octets that a peer sent are put before the engine, and what becomes of them is shown:
whether it accepts them, rejects them, by which rule, or waits for more; and the
message that it has made of them. FILE may be - for standard input.

  strata parse answer.txt                a server's octets
  strata parse --side server post.txt    a client's
  strata parse --request-method HEAD --eof=false answer.txt

With --jsonl each line of standard input is a JSON object that names octets, and each
line of output one that says the same: to check this engine against others.
docs/parse.md describes the keys. A line that cannot be used has its error in its line
of output, and the exit status is then 2.

Without --jsonl the exit status is 0 when the octets are accepted, 5 when they are
rejected, and 6 when the message was cut short, or more would have to come.`

// parseFlags is the command line of parse.
type parseFlags struct {
	options parse.Options
	lenient lenientFlag
	preset  presetFlag

	jsonl   bool
	side    string
	methods []string
	eof     bool
}

func newParse(env *environment) *cobra.Command {
	var p parseFlags
	cmd := &cobra.Command{
		Use:                   "parse [FLAGS] FILE",
		DisableFlagsInUseLine: true,
		Short:                 "Read octets as a client or a server does, and say what they are",
		Long:                  parseHelp,
		Args:                  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.check(cmd, args); err != nil {
				return err
			}
			if p.jsonl {
				return p.lines(cmd, env)
			}
			return p.file(cmd, env, args[0])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&p.jsonl, "jsonl", false, "read cases from standard input, a JSON object a line, and write results so")
	f.StringVar(&p.side, "side", "client", "the `SIDE` to take: client, which reads responses, or server")
	f.StringArrayVar(&p.methods, "request-method", nil,
		"the `METHOD` of the request that is answered, GET unless given; again for each pipelined one")
	f.BoolVar(&p.eof, "eof", true, "the peer closed the connection behind these octets")
	f.IntVar(&p.options.Split, "split", 0, "let a read yield at most `N` octets; the outcome is the same")
	f.Var(&p.lenient, "lenient", "deviations to admit: names of bits of wire.Lenient, such as AllowBareLF, or all")
	f.Var(&p.preset, "preset", "the deviations that another engine admits: http.client")
	f.Var(&limitFlag{&p.options}, "limit", "a limit: "+strings.Join(parse.LimitNames(), ", ")+"; a negative one is none")
	return cmd
}

// check looks at what the flags do not look at themselves.
func (p *parseFlags) check(cmd *cobra.Command, args []string) error {
	if cmd.Flags().Changed("split") && p.options.Split < 1 {
		return usagef(cmd, "--split: a read cannot yield %d octets", p.options.Split)
	}
	p.options.Lenient = p.lenient.lenient | p.preset.lenient
	p.options.Version = version()
	switch {
	case !p.jsonl && len(args) != 1:
		return usagef(cmd, "parse takes one file, or --jsonl")
	case !p.jsonl:
		return nil
	case len(args) > 0:
		return usagef(cmd, "with --jsonl parse reads standard input, but there is %q", args[0])
	}
	for _, name := range []string{"side", "request-method", "eof"} {
		if cmd.Flags().Changed(name) {
			return usagef(cmd, "--%s has no meaning with --jsonl: each case says so itself", name)
		}
	}
	return nil
}

// lines is --jsonl.
func (p *parseFlags) lines(cmd *cobra.Command, env *environment) error {
	var bad int
	err := interruptible(cmd.Context(), func() (err error) {
		bad, err = parse.Lines(env.stdin, env.stdout, p.options)
		return err
	})
	var read *parse.ReadError
	switch {
	case cmd.Context().Err() != nil:
		return cmd.Context().Err()
	case errors.As(err, &read):
		return fileError(fmt.Errorf("standard input: %w", read))
	case err != nil:
		return outputError(err)
	case bad == 1:
		return usagef(cmd, "a line of input could not be used; its line of output says why")
	case bad > 0:
		return usagef(cmd, "%d lines of input could not be used; their lines of output say why", bad)
	}
	return nil
}

// interruptible returns what f returns, or the error of ctx once that is over: f may wait for input for ever, and the
// process ends with this command.
func interruptible(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// file is parse without --jsonl.
func (p *parseFlags) file(cmd *cobra.Command, env *environment, name string) error {
	side, err := parse.ParseSide(p.side)
	if err != nil {
		return usagef(cmd, "--side: %s", err)
	}
	c := parse.Case{Side: side, Methods: p.methods, EOF: p.eof}
	err = interruptible(cmd.Context(), func() (err error) {
		if name != "-" {
			c.Octets, err = os.ReadFile(name)
			return err
		}
		if c.Octets, err = io.ReadAll(env.stdin); err != nil {
			err = fmt.Errorf("standard input: %w", err)
		}
		return err
	})
	if err != nil {
		return fileError(err)
	}
	result, err := parse.Run(c, p.options)
	if err != nil {
		return fmt.Errorf("the engine failed: %w", err)
	}
	if err := writePage(env.stdout, result); err != nil {
		return outputError(err)
	}
	return verdictError(result)
}

// verdictError returns the error that gives a verdict its exit status.
func verdictError(r *parse.Result) error {
	var syntax *wire.SyntaxError
	switch {
	case r.Verdict == parse.Accept:
		return nil
	case r.Verdict == parse.Hang:
		return &exitError{code: exitCut, err: errors.New("the message is not complete, and the connection stays open")}
	case errors.As(r.Err, &syntax):
		return syntaxError(syntax, reading)
	}
	return &exitError{code: exitCut, err: r.Err}
}

// presetFlag is the value of --preset: what another engine admits.
type presetFlag struct{ lenient wire.Lenient }

func (f *presetFlag) String() string { return "" }
func (f *presetFlag) Type() string   { return "NAME" }

func (f *presetFlag) Set(name string) error {
	if name != "http.client" {
		return fmt.Errorf("there is no %q; the one preset is http.client", name)
	}
	f.lenient |= wire.LenientHTTPClient
	return nil
}

// limitFlag is the value of --limit: limits with their values.
type limitFlag struct{ options *parse.Options }

func (f *limitFlag) String() string { return "" }
func (f *limitFlag) Type() string   { return "NAME=VALUE" }

func (f *limitFlag) Set(text string) error {
	name, digits, ok := strings.Cut(text, "=")
	if !ok {
		return errors.New("a limit is given as name=value")
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return errors.New("the value of a limit is a number from 1 on, or a negative one for no limit")
	}
	return f.options.SetLimit(name, value)
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// The exit statuses. They are for scripts and do not change their meaning.
const (
	exitDone       = 0
	exitFail       = 1
	exitUsage      = 2
	exitConnection = 3
	exitTLS        = 4
	exitProtocol   = 5
	exitCut        = 6
	exitTime       = 7
	exitFile       = 8
	exitSignal     = 128 // and the number of the signal
	exitPipe       = exitSignal + int(syscall.SIGPIPE)
)

var exitTable = []struct {
	code int
	when string
}{
	{exitDone, "done"},
	{exitFail, "the status is 400 or more, and --fail was given"},
	{exitUsage, "usage: the command line, or the request that it asks for, cannot be"},
	{exitConnection, "the name was not found, or the connection failed, or a proxy did, or it refused; or an address is taken"},
	{exitTLS, "TLS failed: the certificate was refused, or there is no common ground"},
	{exitProtocol, "the peer broke the protocol; the message names the rule"},
	{exitCut, "the message was cut short"},
	{exitTime, "time ran out"},
	{exitFile, "a local file, or standard input or output, could not be used"},
	{exitSignal + int(syscall.SIGINT), "ended by Ctrl-C; by another signal, 128 and its number"},
	{exitPipe, "whoever read standard output closed it"},
}

// newExit is the help topic "exit".
func newExit() *cobra.Command {
	var text strings.Builder
	text.WriteString("The exit status of strata says what happened:\n\n")
	for _, e := range exitTable {
		fmt.Fprintf(&text, "  %3d  %s\n", e.code, e.when)
	}
	text.WriteString("\nWith any status but 0 and these last two, a message on standard error says more.")
	return &cobra.Command{Use: "exit", Short: "The exit statuses", Long: text.String()}
}

// exitError is an error with its exit status. Without err there is nothing to be said.
type exitError struct {
	code int
	err  error
	help string // the command whose help shows the way out, if that is what is needed
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef returns the error for a command line that cannot be.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...), help: cmd.CommandPath()}
}

// fileError returns err, which a local file gave rise to, with its exit status; nil for nil.
func fileError(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: exitFile, err: err}
}

// outputError is fileError for what was written to standard output: that its reader has gone is no news to anybody.
func outputError(err error) error {
	if isClosedPipe(err) {
		return &exitError{code: exitPipe}
	}
	return fileError(err)
}

// exitStatus returns the exit status for what a command returned.
func exitStatus(ctx context.Context, err error) int {
	var exit *exitError
	var ended interrupted
	switch {
	case err == nil:
		return exitDone
	case errors.As(context.Cause(ctx), &ended):
		return exitSignal + int(ended.signal)
	case ctx.Err() != nil:
		return exitSignal + int(syscall.SIGINT)
	case errors.As(err, &exit):
		return exit.code
	}
	return exitUsage // of what is left, cobra found a command or an argument that does not exist
}

// exitMessage returns what to say about it.
func exitMessage(err error, code int) string {
	if err == nil || code >= exitSignal {
		return ""
	}
	message := strings.TrimRight(err.Error(), "\n")
	if code == exitUsage {
		help := "strata" // for what cobra found
		if exit := (*exitError)(nil); errors.As(err, &exit) {
			help = exit.help
		}
		message += "\nTry '" + help + " --help'."
	}
	return message
}

// step is the part of an exchange in which an error came up.
type step int

const (
	sending step = iota // dialling included
	awaiting
	reading
)

// String returns "while sending" and the like.
func (s step) String() string {
	return [...]string{"while sending", "while waiting for the response", "within the response"}[s]
}

// exchangeError gives an error of package httpclient its exit status, and says what it means.
func exchangeError(err error, at step) error {
	var (
		syntax    *wire.SyntaxError
		dial      *transport.DialError
		handshake *transport.TLSError
		cut       *httpclient.IncompleteReadError
		path      *fs.PathError
	)
	connecting := errors.As(err, &dial) || errors.As(err, &handshake)
	switch {
	case isTimeout(err) && connecting:
		return &exitError{code: exitTime, err: fmt.Errorf("time ran out while connecting: %w", err)}
	case isTimeout(err):
		return &exitError{code: exitTime, err: fmt.Errorf("time ran out %s", at)}
	case errors.As(err, &dial):
		return &exitError{code: exitConnection, err: err}
	case connecting, isTLS(err):
		return &exitError{code: exitTLS, err: err}
	case errors.Is(err, httpclient.ErrRemoteDisconnected), errors.As(err, &cut):
		return &exitError{code: exitCut, err: hinted{err}}
	case errors.As(err, &syntax):
		return syntaxError(syntax, at)
	case errors.As(err, &path):
		return &exitError{code: exitFile, err: err}
	}
	return &exitError{code: exitConnection, err: fmt.Errorf("the connection failed %s: %w", at, err)}
}

// hinted is an error about what the peer sent, whose message tells how this command would admit that.
type hinted struct{ error }

func (e hinted) Unwrap() error { return e.error }

// Error puts the flag in place of the constants' names. Only the text that a [wire.SyntaxError] makes of its rule is
// replaced, since the message may quote the peer.
func (e hinted) Error() string {
	message := e.error.Error()
	var syntax *wire.SyntaxError
	if !errors.As(e.error, &syntax) {
		return message
	}
	names := strings.Split(syntax.Rule.Lenient().String(), "|")
	hint := func(prefix string) string {
		return "; " + prefix + strings.Join(names, " or "+prefix) + " would admit it"
	}
	return strings.Replace(message, hint("wire."), hint("--lenient "), 1)
}

// syntaxError is exchangeError for a broken rule. The request was looked at before it was sent, so the rules that bind
// whoever sends can only be broken by content that does not fit its length.
func syntaxError(err *wire.SyntaxError, at step) error {
	switch err.Rule {
	case wire.RuleContentShort, wire.RuleContentExcess, wire.RuleContentForbidden:
		if at == sending {
			return &exitError{code: exitFile, err: fmt.Errorf("the content does not fit its length: %w", err)}
		}
	case wire.RuleIncompleteHead, wire.RuleIncompleteContent, wire.RuleNoResponse:
		return &exitError{code: exitCut, err: hinted{err}}
	}
	return &exitError{code: exitProtocol, err: hinted{fmt.Errorf("the peer broke rule %s: %w", err.Rule.Name(), err)}}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &t) && t.Timeout()
}

// isTLS tells errors that a TLS session returns once its handshake is over: with TLS 1.3 a server refuses the client's
// certificate only then.
func isTLS(err error) bool {
	var op *net.OpError
	var record tls.RecordHeaderError
	return errors.As(err, &record) || errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

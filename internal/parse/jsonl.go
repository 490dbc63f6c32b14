package parse

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// driver is the first line of output.
type driver struct {
	Driver  string   `json:"driver"`
	Version string   `json:"version"`
	Sides   []string `json:"sides"`
	Caps    caps     `json:"caps"`
}

type caps struct {
	Trailers bool `json:"trailers"`
}

// unusable is the line of output for a line of input that is no case.
type unusable struct {
	ID    json.RawMessage `json:"id,omitempty"`
	Line  int             `json:"line"` // counted from 1
	Error string          `json:"error"`
}

// ReadError is an error of the input of [Lines], as against one of its output.
type ReadError struct{ Err error }

// Error returns the text of Err.
func (e *ReadError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *ReadError) Unwrap() error { return e.Err }

// Lines reads a case a line and writes a result a line, behind a first one about the driver. Empty lines are passed
// over. It returns how many lines were no case; their line of output has a line number and an error, and no verdict. A
// line of any length is held in memory. The error is a [*ReadError], or one of the output.
//
// What is known is written before more input is waited for, so a program can hold a dialogue over two pipes.
func Lines(in io.Reader, out io.Writer, o Options) (bad int, err error) {
	reader, writer := bufio.NewReader(in), bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	about := driver{Driver: "strata", Version: o.Version, Sides: []string{"client", "server"}, Caps: caps{Trailers: true}}
	if err := encoder.Encode(about); err != nil {
		return 0, err
	}
	for number := 1; ; number++ {
		if ahead, _ := reader.Peek(reader.Buffered()); bytes.IndexByte(ahead, '\n') < 0 {
			if err := writer.Flush(); err != nil {
				return bad, err
			}
		}
		line, failed := reader.ReadBytes('\n')
		if (failed == nil || failed == io.EOF) && !isBlank(line) {
			result, ok := oneLine(line, number, o)
			if !ok {
				bad++
			}
			if err := encoder.Encode(result); err != nil {
				return bad, err
			}
		}
		if failed != nil {
			if err := writer.Flush(); err != nil || errors.Is(failed, io.EOF) {
				return bad, err
			}
			return bad, &ReadError{failed}
		}
	}
}

// oneLine returns what to write for a line of input, and whether that was a case.
func oneLine(line []byte, number int, o Options) (result any, ok bool) {
	c, err := ReadCase(line)
	if err == nil {
		if result, err = Run(c, o); err == nil {
			return result, true
		}
	}
	return unusable{ID: c.ID, Line: number, Error: err.Error()}, false
}

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/strata-http/strata/test/conformance"
)

// driver is a command that answers cases, one at a time.
type driver struct {
	name    string
	about   about
	timeout time.Duration // of one answer
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// about is the first line that a driver writes.
type about struct {
	Driver string   `json:"driver"`
	Sides  []string `json:"sides"`
	Caps   struct {
		Trailers bool `json:"trailers"`
	} `json:"caps"`
}

// start starts a driver and reads what it says about itself.
func start(command []string, timeout time.Duration, stderr io.Writer) (*driver, error) {
	d := &driver{name: command[0], timeout: timeout, cmd: exec.Command(command[0], command[1:]...)}
	d.cmd.Stderr = stderr
	var err error
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.out = bufio.NewReader(out)
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	if err := d.read(&d.about); err != nil {
		d.stop()
		return nil, fmt.Errorf("the first line of output, about the driver: %w", err)
	}
	if len(d.about.Sides) == 0 {
		d.stop()
		return nil, fmt.Errorf("%s names no side that it can take", d.name)
	}
	return d, nil
}

// read decodes the next line of output that is not empty. A driver that is silent for too long is ended.
func (d *driver) read(into any) error {
	late := time.AfterFunc(d.timeout, func() { _ = d.cmd.Process.Kill() })
	defer late.Stop()
	for {
		line, err := d.out.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := json.Unmarshal(line, into); err != nil {
				return fmt.Errorf("%s wrote %q: %w", d.name, line, err)
			}
			return nil
		}
		if err != nil && !late.Stop() {
			return fmt.Errorf("%s gave no answer within %v", d.name, d.timeout)
		}
		if err != nil {
			return fmt.Errorf("%s wrote no more: %w", d.name, err)
		}
	}
}

// ask returns the answer to a case. What is expected of it is kept from the driver.
func (d *driver) ask(line conformance.Line) (map[string]any, error) {
	question := map[string]any{"id": line.ID, "side": line.Side, "bytes_b64": line.Octets, "eof": line.EOF}
	if len(line.Methods) > 0 {
		question["request_methods"], question["request_method"] = line.Methods, line.Methods[0]
	}
	b, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	if _, err := d.in.Write(append(b, '\n')); err != nil {
		return nil, fmt.Errorf("%s reads no more: %w", d.name, err)
	}
	var answer map[string]any
	if err := d.read(&answer); err != nil {
		return nil, err
	}
	if answer["id"] != line.ID {
		return nil, fmt.Errorf("%s answers for %v", d.name, answer["id"])
	}
	return answer, nil
}

// finish ends the input of a driver and waits for its end.
func (d *driver) finish() error {
	if err := d.in.Close(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, d.out); err != nil {
		return err
	}
	if err := d.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	return nil
}

// stop ends a driver that has not ended.
func (d *driver) stop() {
	if d.cmd.ProcessState == nil {
		_ = d.in.Close()
		_ = d.cmd.Process.Kill()
		_ = d.cmd.Wait()
	}
}

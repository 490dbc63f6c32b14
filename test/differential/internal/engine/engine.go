package engine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/strata-http/strata/test/differential/internal/lines"
)

// patience is how long a driver may take for one case. All drivers work in memory, so that is an endless loop.
const patience = 20 * time.Second

// Engine is a driver that can be asked.
type Engine struct {
	Name    string
	About   lines.About // what the driver said of itself
	Crashes int

	command []string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	stderr  tail
}

// Start starts a driver. The error tells why there is none, such as that the program is not installed.
func Start(name string, command ...string) (*Engine, error) {
	e := &Engine{Name: name, command: command}
	return e, e.start()
}

func (e *Engine) start() (err error) {
	e.stderr = tail{}
	e.cmd = exec.Command(e.command[0], e.command[1:]...)
	e.cmd.Stderr = &e.stderr
	if e.in, err = e.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := e.cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", e.Name, err)
	}
	e.out = bufio.NewReader(out)
	watchdog := time.AfterFunc(patience, func() { e.cmd.Process.Kill() })
	defer watchdog.Stop()
	if err := e.read(&e.About); err != nil {
		err = errors.Join(err, e.Close())
		return fmt.Errorf("%s: no first line: %w: %s", e.Name, err, e.stderr.String())
	}
	return nil
}

// Close ends the driver.
func (e *Engine) Close() error {
	e.in.Close()
	stop := time.AfterFunc(patience, func() { e.cmd.Process.Kill() })
	defer stop.Stop()
	return e.cmd.Wait()
}

func (e *Engine) read(v any) error {
	line, err := e.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

// Ask returns what the driver makes of each case. A case that ends the driver has the verdict [lines.Crash], with what
// the driver last wrote to its standard error; those behind it are asked of a new one. The error is that there is none.
func (e *Engine) Ask(cases []lines.Case) ([]lines.Result, error) {
	results := make([]lines.Result, 0, len(cases))
	for len(results) < len(cases) {
		some, err := e.ask(cases[len(results):])
		if results = append(results, some...); err == nil {
			continue
		}
		e.Crashes++
		e.cmd.Process.Kill()
		failed := errors.Join(err, e.Close())
		results = append(results, lines.Result{
			ID: cases[len(results)].ID, Verdict: lines.Crash, Error: failed.Error() + ": " + e.stderr.String(),
		})
		if err := e.start(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// ask returns results up to the first one that does not come.
func (e *Engine) ask(cases []lines.Case) ([]lines.Result, error) {
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		w := bufio.NewWriter(e.in)
		encoder := json.NewEncoder(w)
		for _, c := range cases {
			if encoder.Encode(c) != nil {
				return // the reader learns of it too
			}
		}
		w.Flush()
	})
	process := e.cmd.Process
	watchdog := time.AfterFunc(patience, func() { process.Kill() })
	defer watchdog.Stop()
	var results []lines.Result
	for _, c := range cases {
		var r lines.Result
		if err := e.read(&r); err != nil {
			process.Kill() // else a write to it might block
			return results, err
		}
		if r.ID != c.ID {
			process.Kill()
			return results, fmt.Errorf("answer to case %d where that to %d was due", r.ID, c.ID)
		}
		results = append(results, r)
		watchdog.Reset(patience)
	}
	return results, nil
}

// tail keeps the last octets that were written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

// Write keeps the end of p.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-500):]
	return len(p), nil
}

// String returns what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}

package peers

import (
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a running child.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when the child is gone and waited for
}

// start runs a command with its output appended to a file.
func start(argv []string, logFile string) (*process, error) {
	// Appending, since the child may open the same file a second time.
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	// Messages are read by the harness, so they must be in one language.
	cmd.Env = append(os.Environ(), "LC_ALL=C", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1")
	bind(cmd)

	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// What binds the child's life to this process binds it to the thread
		// that started it, where the system offers it: so keep the thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			// How a child that is told to end exits is of no interest; one
			// that ends too early is shown by its log.
			cmd.Wait()
			// Children of the child may be left. Now or never: later its
			// number may have become another's.
			kill(cmd)
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// running reports whether the child has not exited yet.
func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// stop asks the child to end, insists when it has not after grace, and waits
// for it. Its children end with it.
func (p *process) stop(grace time.Duration) {
	if !p.running() {
		return
	}
	terminate(p.cmd)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		kill(p.cmd)
		<-p.exited
	}
}

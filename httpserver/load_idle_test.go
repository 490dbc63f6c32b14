package httpserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
)

// mostIdle is what a connection may take of the heap that waits for a request: much less than one buffer.
const mostIdle = 8 << 10

// pipes makes n connections in memory, whose own buffers are there already, so that what is measured behind it is
// the server's.
func pipes(t *testing.T, n int) (clients, servers []net.Conn) {
	t.Helper()
	filler := strings.Repeat("x", 512)
	for range n {
		client, server := memory.PipeSize(1 << 10)
		for _, err := range [...]error{exchangedBetween(client, server, filler), exchangedBetween(server, client, filler)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		clients, servers = append(clients, client), append(servers, server)
	}
	return clients, servers
}

func exchangedBetween(from, to net.Conn, octets string) error {
	if _, err := io.WriteString(from, octets); err != nil {
		return err
	}
	return answered(to, octets)
}

// Twenty thousand connections wait for a request, before their first one and behind it. None holds a buffer.
func TestIdleConnections(t *testing.T) {
	n := sized(20_000, 2_000)
	clients, servers := pipes(t, n)
	var entered sync.WaitGroup
	entered.Add(n)
	s := handle(func(httpserver.ResponseWriter, httpserver.Request) {})
	s.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		entered.Done()
		return ctx
	}
	l := newReadyMade()
	before := measureMemory()
	stop := start(t, s, l)
	for _, nc := range servers {
		l.conns <- nc
	}
	entered.Wait()
	fresh := measureMemory().per(n, before)
	for _, nc := range clients {
		if err := exchanged(nc, get, none); err != nil {
			t.Fatal(err)
		}
	}
	behind := measureMemory().per(n, before)
	t.Logf("%d connections over memory; each takes, before a request, %v; behind one, %v", n, fresh, behind)
	fresh.within(t, mostIdle)
	behind.within(t, mostIdle)
	var stopping sync.WaitGroup
	stopping.Go(stop)
	for i, nc := range clients {
		if got, err := nc.Read(make([]byte, 1)); got > 0 || err != io.EOF {
			t.Errorf("connection %d ends with %d octets, %v", i, got, err)
		}
		nc.Close()
	}
	stopping.Wait()
}

// Connections that were busy at the same time, with heads small or as large as a head can be, take no more when they
// are idle again than others.
func TestIdleBehindBusy(t *testing.T) {
	n := sized(300, 100)
	large := strings.Repeat("Large: "+strings.Repeat("x", 12<<10)+"\r\n", 5)
	many := strings.Repeat("Many: x\r\n", 250)
	for _, c := range []struct{ name, fields, content string }{
		{"small heads", "", ""}, {"large heads", large, ""}, {"many field lines", many, ""},
		{"trailers", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n" + large[:12<<10] + "\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clients, servers := pipes(t, n)
			var busy sync.WaitGroup
			busy.Add(n)
			goOn := make(chan struct{})
			s := handle(func(_ httpserver.ResponseWriter, r httpserver.Request) {
				io.Copy(io.Discard, r)
				busy.Done()
				<-goOn
			})
			l := newReadyMade()
			before := measureMemory()
			stop := start(t, s, l)
			for i, nc := range servers {
				l.conns <- nc
				if _, err := io.WriteString(clients[i], get[:len(get)-2]+c.fields+"\r\n"+c.content); err != nil {
					t.Fatal(err)
				}
			}
			busy.Wait()
			during := measureMemory().per(n, before)
			close(goOn)
			for _, nc := range clients {
				if err := answered(nc, none); err != nil {
					t.Fatal(err)
				}
			}
			idle := measureMemory().per(n, before)
			t.Logf("%d connections over memory; each takes, while a handler runs, %v; idle again, %v", n, during, idle)
			idle.within(t, mostIdle)
			for _, nc := range clients {
				nc.Close()
			}
			stop()
		})
	}
}

// clientOf is the environment variable that makes the test binary the client process of TestIdleTCP: the address
// and how many connections to open.
const clientOf = "STRATA_TEST_CLIENT_OF"

// Eight thousand connections over TCP, from another process, wait for a request.
func TestIdleTCP(t *testing.T) {
	if os.Getenv(clientOf) != "" {
		t.Skip("this is the client process")
	}
	const asked, spare = 8_000, 200
	n := sized(asked, 1_000)
	if most := mostDescriptors(); most < n+spare {
		n = max(most-spare, 1)
		t.Logf("the process may have %d descriptors: %d connections in place of %d", most, n, asked)
	}
	s := handle(func(httpserver.ResponseWriter, httpserver.Request) {})
	before, had := measureMemory(), descriptors(t)
	l, _ := listenTCP(t)
	stop := start(t, s, l)

	client := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestClientProcess$")
	client.Env = append(os.Environ(), fmt.Sprint(clientOf, "=", l.Addr(), " ", n))
	var failed strings.Builder
	client.Stderr = &failed
	orders, err := client.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	reports := bufio.NewScanner(out)
	step := func(want string) {
		t.Helper()
		if !reports.Scan() || reports.Text() != want {
			t.Fatalf("the client process says %q, want %q; %v; %s", reports.Text(), want, reports.Err(), &failed)
		}
	}
	step("connected")
	use := measureMemory().per(n, before)
	if got := s.Conns(); got != n {
		t.Errorf("%d connections, want %d", got, n)
	}
	t.Logf("%d connections over TCP behind a request; each takes %v, and %d descriptors are open", n, use, descriptors(t))
	use.within(t, mostIdle)
	io.WriteString(orders, "again\n")
	step("answered again")
	stop()
	step("all closed")
	orders.Close()
	if err := client.Wait(); err != nil {
		t.Errorf("the client process: %v; %s", err, &failed)
	}
	if got := s.Requests(); got != int64(2*n) {
		t.Errorf("%d requests, want %d", got, 2*n)
	}
	noneLeft(t, had)
}

// TestClientProcess is the client of TestIdleTCP, in a process of its own.
func TestClientProcess(t *testing.T) {
	address, count, ok := strings.Cut(os.Getenv(clientOf), " ")
	if !ok {
		t.Skip("TestIdleTCP runs this")
	}
	n, err := strconv.Atoi(count)
	if err == nil {
		err = holdConnections(address, n)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		t.Fatal(err)
	}
}

// holdConnections opens n connections, does an exchange on each, says so, does another when it is told to, and waits
// for the server to close them.
func holdConnections(address string, n int) error {
	conns := make([]net.Conn, n)
	all := func(f func(i int) error) error {
		const atOnce = 32
		errs := make(chan error, atOnce)
		for first := range atOnce {
			go func() {
				var err error
				for i := first; i < n && err == nil; i += atOnce {
					err = f(i)
				}
				errs <- err
			}()
		}
		var failed error
		for range atOnce {
			failed = errors.Join(failed, <-errs)
		}
		return failed
	}
	exchange := func(i int) error { return exchanged(conns[i], get, none) }
	err := all(func(i int) (err error) {
		if conns[i], err = net.Dial("tcp", address); err == nil {
			err = exchange(i)
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Println("connected")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	if err := all(exchange); err != nil {
		return err
	}
	fmt.Println("answered again")
	err = all(func(i int) error {
		defer conns[i].Close()
		if got, err := conns[i].Read(make([]byte, 1)); got > 0 || err != io.EOF {
			return fmt.Errorf("connection %d ends with %d octets, %v", i, got, err)
		}
		return nil
	})
	if err == nil {
		fmt.Println("all closed")
	}
	return err
}

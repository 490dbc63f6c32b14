package httpserver_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
)

// manualAsk sends octets to a server, over a connection in memory, and prints what it answers, without its Date and
// with LF at the end of lines. The client then ends its direction.
func manualAsk(s *httpserver.Server, octets string) {
	s.OnError = func(net.Addr, error) {}
	client, server := memory.Pipe()
	done := make(chan error)
	go func() { done <- s.ServeConn(context.Background(), server) }()
	io.WriteString(client, octets)
	client.CloseWrite()
	answer, err := io.ReadAll(client)
	if err != nil {
		log.Fatal(err)
	}
	<-done
	client.Close()
	for line := range strings.Lines(strings.ReplaceAll(string(answer), "\r\n", "\n")) {
		if !strings.HasPrefix(line, "Date: ") {
			fmt.Print(line)
		}
	}
}

// manualGet sends a request and prints the response. do has methods such as DoGET; what it logs is dropped.
func manualGet(do any, request string) {
	manualAsk(&httpserver.Server{Handler: httpserver.Dispatch{Do: do, Log: io.Discard}}, request+" HTTP/1.1\r\nHost: a\r\n\r\n")
}

// manualFiles makes files in a new directory. Call remove when they are no longer needed.
func manualFiles(files map[string]string) (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "strata")
	if err != nil {
		log.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			log.Fatal(err)
		}
		os.Chtimes(path, modified, modified)
	}
	return dir, func() { os.RemoveAll(dir) }
}

// manualSend sends octets to a server and waits until it is done with them.
func manualSend(s *httpserver.Server, octets string) {
	s.OnError = func(net.Addr, error) {}
	client, server := memory.Pipe()
	done := make(chan error)
	go func() { done <- s.ServeConn(context.Background(), server) }()
	io.WriteString(client, octets)
	client.CloseWrite()
	io.Copy(io.Discard, client)
	<-done
	client.Close()
}

// manualLog prints what is logged, without the time.
type manualLog struct{}

var manualTime = regexp.MustCompile(`\[\d[^]]*\]`)

func (manualLog) Write(p []byte) (int, error) {
	fmt.Printf("%s", manualTime.ReplaceAll(p, []byte("[time]")))
	return len(p), nil
}

// manualCertificate writes a certificate for this machine and its key to a file, and returns what clients trust.
func manualCertificate(file string) *x509.CertPool {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		log.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		log.Fatal(err)
	}
	return roots
}

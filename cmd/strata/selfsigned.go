package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"slices"
	"strings"
	"time"
)

// selfSignedFor is how long a certificate of "strata serve --tls" holds. It is made anew each time.
const selfSignedFor = 30 * 24 * time.Hour

// selfSigned makes a certificate for this machine and the address that is listened on, and its key, which is nowhere but
// in memory.
func selfSigned(bind string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	names, addresses := certificateNames(bind)
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "strata serve"},
		NotBefore:             now.Add(-time.Hour), // for clocks that are a little behind
		NotAfter:              now.Add(selfSignedFor),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              names,
		IPAddresses:           addresses,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// certificateNames returns by what names and addresses clients may reach an address that is listened on.
func certificateNames(bind string) (names []string, addresses []net.IP) {
	names = []string{"localhost"}
	addresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if name, err := os.Hostname(); err == nil && name != "" {
		names = append(names, name)
	}
	ip := net.ParseIP(strings.Trim(bind, "[]"))
	switch {
	case ip == nil && bind != "":
		names = append(names, bind)
	case ip == nil, ip.IsUnspecified():
		own, _ := net.InterfaceAddrs()
		for _, a := range own {
			if a, ok := a.(*net.IPNet); ok {
				addresses = append(addresses, a.IP)
			}
		}
	default:
		addresses = append(addresses, ip)
	}
	slices.Sort(names)
	return slices.Compact(names), addresses
}

// fingerprint returns what a certificate is known by.
func fingerprint(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	return strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", sum)), " ", ":")
}

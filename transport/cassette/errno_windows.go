package cassette

import "syscall"

// Errors of Winsock, which package syscall does not name.
const (
	wsaENETUNREACH  syscall.Errno = 10051
	wsaETIMEDOUT    syscall.Errno = 10060
	wsaECONNREFUSED syscall.Errno = 10061
	wsaEHOSTUNREACH syscall.Errno = 10065
)

// portable makes of the errors of Winsock those by which other systems call the same.
func portable(e syscall.Errno) syscall.Errno {
	switch e {
	case syscall.WSAECONNRESET, syscall.WSAECONNABORTED:
		return syscall.ECONNRESET
	case wsaECONNREFUSED:
		return syscall.ECONNREFUSED
	case wsaETIMEDOUT:
		return syscall.ETIMEDOUT
	case wsaENETUNREACH, wsaEHOSTUNREACH, syscall.ENETUNREACH:
		return syscall.EHOSTUNREACH
	}
	return e
}

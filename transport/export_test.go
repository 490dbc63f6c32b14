package transport

// Unicast is for tests: it has what InterfaceAddrs makes of addresses that this machine need not have.
var Unicast = unicast

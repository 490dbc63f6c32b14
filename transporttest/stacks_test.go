package transporttest_test

import (
	"testing"

	"github.com/strata-http/strata/transporttest"
)

// stacks are adapters in the orders that make sense, the base first. Whole ones run nettest too, which takes longer.
var stacks = []struct {
	name   string
	layers []layer
	whole  bool
}{
	{"TCP", []layer{overTCP}, true},
	{"Unix", []layer{overUnix}, true},
	{"memory", []layer{overMemory}, true},
	{"foreign", []layer{overForeign}, true},
	{"TLS over TCP", []layer{overTCP, withTLS}, true},
	{"TLS over Unix", []layer{overUnix, withTLS}, false},
	{"TLS over memory", []layer{overMemory, withTLS}, false},
	{"TLS over foreign", []layer{overForeign, withTLS}, false},
	{"TLS over TLS", []layer{overMemory, withTLS, withTLS}, true},
	{"another TLS over TCP", []layer{overTCP, withOtherTLS}, true},
	{"TLS over another TLS over memory", []layer{overMemory, withOtherTLS, withTLS}, false},

	{"link", []layer{overLink}, false},
	{"TLS over link", []layer{overLink, withTLS}, false},

	{"SourceAddress", []layer{overSourceAddress}, true},
	{"TLS over SourceAddress", []layer{overSourceAddress, withTLS}, false},

	{"Resolve over TCP", []layer{overTCP, withResolve}, true},
	{"Resolve over memory", []layer{overMemory, withResolve}, false},
	{"Resolve over SourceAddress", []layer{overSourceAddress, withResolve}, false},
	{"TLS over Resolve over TCP", []layer{overTCP, withResolve, withTLS}, false},
	{"Resolve over TLS over memory", []layer{overMemory, withTLS, withResolve}, false},
	{"ConnectTo over TCP", []layer{overTCP, withConnectTo}, true},
	{"ConnectTo over Resolve over Unix", []layer{overUnix, withResolve, withConnectTo}, false},
	{"TLS over ConnectTo over memory", []layer{overMemory, withConnectTo, withTLS}, false},

	{"Limit over TCP", []layer{overTCP, withLimit}, true},
	{"Limit over Unix", []layer{overUnix, withLimit}, false},
	{"Limit over memory", []layer{overMemory, withLimit}, true},
	{"Limit over link", []layer{overLink, withLimit}, false},
	{"Limit over Limit", []layer{overMemory, withLimit, withLimit}, false},
	{"Limit over TLS over TCP", []layer{overTCP, withTLS, withLimit}, true},
	{"TLS over Limit over TCP", []layer{overTCP, withLimit, withTLS}, true},
	{"TLS over Limit over Resolve over SourceAddress", []layer{overSourceAddress, withResolve, withLimit, withTLS}, false},

	{"fault over TCP", []layer{overTCP, withFault}, true},
	{"fault over TLS over Unix", []layer{overUnix, withTLS, withFault}, false},
	{"TLS over fault over memory", []layer{overMemory, withFault, withTLS}, false},
	{"tap over TCP", []layer{overTCP, withTap}, true},
	{"tap over TLS over memory", []layer{overMemory, withTLS, withTap}, false},
	{"TLS over tap over Unix", []layer{overUnix, withTap, withTLS}, false},
	{"cassette over TCP", []layer{overTCP, withCassette}, true},
	{"cassette over TLS over memory", []layer{overMemory, withTLS, withCassette}, false},
	{"TLS over cassette over memory", []layer{overMemory, withCassette, withTLS}, false},
	{"cassette over tap over fault over Limit over link", []layer{overLink, withLimit, withFault, withTap, withCassette}, false},
	{"Limit over fault over tap over cassette over memory", []layer{overMemory, withCassette, withTap, withFault, withLimit}, false},
	{"tap over TLS over cassette over TLS over fault over TCP", []layer{overTCP, withFault, withTLS, withCassette, withTLS, withTap}, false},

	{"CONNECT over TCP", []layer{overTCP, withConnect}, true},
	{"CONNECT over TLS over memory", []layer{overMemory, withTLS, withConnect}, false},
	{"TLS over CONNECT over TLS over TCP", []layer{overTCP, withTLS, withConnect, withTLS}, false},
	{"SOCKS over TCP", []layer{overTCP, withSOCKS}, true},
	{"TLS over SOCKS over Unix", []layer{overUnix, withSOCKS, withTLS}, false},
	{"SOCKS over CONNECT over Resolve over memory", []layer{overMemory, withResolve, withConnect, withSOCKS}, false},
	{"TLS over CONNECT over tap over fault over memory", []layer{overMemory, withFault, withTap, withConnect, withTLS}, false},
	{"cassette over TLS over CONNECT over Limit over TCP", []layer{overTCP, withLimit, withConnect, withTLS, withCassette}, false},
	{"CONNECT through a relay", []layer{overMemory, withRelay}, true},
	{"TLS over CONNECT through a relay", []layer{overTCP, withRelay, withTLS}, false},
}

func TestStacks(t *testing.T) {
	for _, st := range stacks {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			build := func(t *testing.T) (s transporttest.Stack) {
				for _, add := range st.layers {
					s = add(t, s)
				}
				return s
			}
			if st.whole {
				transporttest.TestDialer(t, build)
			} else {
				transporttest.TestExchanges(t, build)
			}
		})
	}
}

package main

import "github.com/spf13/cobra"

const proxyHelp = `A request can go to its server through proxies, which are named by a URL:

  http://HOST:PORT      HTTP: requests to http servers are forwarded, https goes
                        through a tunnel (CONNECT)
  https://HOST:PORT     the same, with TLS to the proxy
  socks5://HOST:PORT    SOCKS 5; names are resolved on this machine
  socks5h://HOST:PORT   SOCKS 5; names are resolved by the proxy

User and password stand before the host: http://USER:PASSWORD@HOST:PORT, with
percent-encoding where they have %, and user names where they have a colon. They go to
that proxy alone, and -v shows asterisks in their place. An HTTP proxy is given them by
Basic at once, and by Digest when it asks for that; --proxy-digest leaves Basic out. For
any other scheme, --proxy-header 'Proxy-Authorization: ...' sends credentials as they
are.

Without --proxy the environment says which proxy is used: http_proxy for http servers,
https_proxy for https servers, and no_proxy lists hosts that are reached directly; in
lower case or, where that is not set, in upper case. Servers on this machine, localhost
and loopback addresses, are then reached directly. In a CGI script, where
REQUEST_METHOD is set, HTTP_PROXY is ignored, since a request can set it. --noproxy
takes the place of no_proxy; --proxy '' that of all.

A list of hosts has commas between: example.org, which stands for all names below it
too, .example.org for these alone, 10.0.0.1, 10.0.0.0/8, each with a port or without; *
is every host.

--proxy given again is a chain: each proxy is reached through those before it, and the
last one is next to the server. --resolve, --interface and --unix-socket are about the
first connection, to the proxy or the server. --connect-to is about the server.

A proxy that refuses is exit status 3, and the message has its status.`

// newProxyTopic is the help topic "proxy".
func newProxyTopic() *cobra.Command {
	return &cobra.Command{Use: "proxy", Short: "Ways through a proxy", Long: proxyHelp}
}

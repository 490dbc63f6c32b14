// Package peers runs real HTTP servers for tests: nginx, Apache and Python's
// http.server, each by its own binary, as a child process on loopback, with a
// configuration that is made for the occasion and gone with the test.
//
// All of them serve the same files over HTTP and over HTTPS, under the same
// paths, so one test runs against every one of them:
//
//	peers.Each(t, func(t *testing.T, p *peers.Peer) {
//		for _, f := range peers.Files(t) {
//			// fetch p.URL("/"+f.Name), compare size and hash with f
//		}
//	})
//
// What a peer cannot do it does not claim: see [Feature] and [Peer.Has].
//
// It runs real proxies too: Squid, tinyproxy, microsocks, and HAProxy and stunnel
// in front of another, see [ProxyKinds]; and HAProxy in front of an origin, see
// [HAProxy].
//
// A test that needs a server whose binary is not there is skipped, and the
// message says how to install it. With STRATA_REQUIRE_PEERS=1 in the
// environment it fails instead, so that a run that is meant to cover the peers
// cannot pass without them.
//
// The served files are generated once for each test binary, in a folder that
// all peers share; TestMain removes it with [Cleanup].
//
// # Terminology
//
//   - proxy: a server that reaches others for its clients; in front of another
//     server stands one that takes its clients and passes on what they send.
//   - peer: a server that is not this project's, started for one test.
//   - probe: the request by which the harness learns that the server that
//     answers on a port is the one that it started.
//   - document root: the folder whose files a peer serves, see [Peer.Root].
//   - upload folder: where a peer stores what is sent to [PathUpload].
//   - echo: the description of a request that a peer sends back, see [Echo].
package peers

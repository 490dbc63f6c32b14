package main

import (
	"github.com/spf13/cobra"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/cmd/strata/internal/demo"
)

const demoHelp = `Strata's own client and server exchange one request and response over a network in
memory. The left column is the client's, the right one the server's, and time goes
down. It shows

  - each call that a party makes, and the octets which that call adds, with the layer
    that makes them: CR and LF are \r and \n;
  - what each layer reads from them at the other end;
  - each change of state. Both parties keep a machine for themselves and one for
    their peer, so a change is seen twice, when it happens and when it is heard of.

Change one thing and compare:

  strata demo --method HEAD    the fields of GET, and no content
  strata demo --method POST    a request with content
  strata demo --chunked        content in chunks, with extensions and trailers
  strata demo --split 7        octets that arrive in pieces, as on a real network`

func newDemo(env *environment) *cobra.Command {
	var o demo.Options
	cmd := &cobra.Command{
		Use:                   "demo [FLAGS]",
		DisableFlagsInUseLine: true,
		Short:                 "Show one exchange from both ends, layer by layer, without a network",
		Long:                  demoHelp,
		Args:                  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("split") && o.Split < 1 {
				return usagef(cmd, "--split: the network cannot hand over %d octets", o.Split)
			}
			if o.Chunked && !cmd.Flags().Changed("method") {
				o.Method = "POST"
			}
			if err := o.Check(); err != nil {
				return usagef(cmd, "%s", err)
			}
			return outputError(demo.Run(cmd.Context(), env.stdout, console.NewPalette(env.colour.Colour(env.stdout)), o))
		},
	}
	cmd.Flags().StringVar(&o.Method, "method", "GET", "the request's `METHOD`; POST, PUT and PATCH send content")
	cmd.Flags().BoolVar(&o.Chunked, "chunked", false, "send both messages in chunks, the request as POST unless --method says otherwise")
	cmd.Flags().IntVar(&o.Split, "split", 0, "let the network hand over at most `N` octets a read")
	return cmd
}

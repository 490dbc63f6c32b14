package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/strata-http/strata/cmd/strata/internal/target"
)

// request is what the flags and arguments of a command that sends one ask for.
type request struct {
	method string
	url    target.URL

	fields   fieldFlag
	data     once
	output   once
	target   once
	include  bool
	verbose  bool
	fail     bool
	insecure bool
	caFile   once
	timeout  seconds
	lenient  lenientFlag
	dialling dialling
}

const requestHelp = `The request-target goes out as it stands in the URL: nothing in it is decoded,
escaped or made shorter, and only a fragment is left out. Without a scheme the URL
is one of http. Content goes to standard output.

Sent by themselves are Host, User-Agent, Accept-Encoding: identity and, with content,
Content-Length or, where its length is not known, Transfer-Encoding: chunked. Of
these, one that is given by -H is not. What is given follows them in the order, in
the case and as often as it is given; only Host always goes first.
-H 'User-Agent:', with no value, leaves that field out, and Accept-Encoding likewise;
of any other name it sends nothing, and Host and the fields that frame content cannot
be left out. -H 'Name;' sends a field with an empty value.

No redirect is followed. The variables http_proxy, https_proxy and no_proxy are
obeyed; --proxy takes their place.

'strata help proxy' tells of proxies, 'strata help exit' lists the exit statuses.`

// methods are those with a command of their own.
var methods = []struct{ name, short, long string }{
	{"get", "Fetch a resource", ""},
	{"head", "Fetch the head of a response", " The head is printed, as with -i."},
	{"post", "Send content to a resource", ""},
	{"put", "Replace a resource", ""},
	{"patch", "Change a resource in part", ""},
	{"delete", "Delete a resource", ""},
	{"options", "Ask what a resource, or a server, can do",
		" To ask about the server as a\nwhole, give --request-target '*'."},
}

// newRequests returns the commands that send a request.
func newRequests(env *environment) []*cobra.Command {
	var all []*cobra.Command
	for _, m := range methods {
		r := &request{method: strings.ToUpper(m.name), include: m.name == "head"}
		cmd := &cobra.Command{
			Use:                   m.name + " [FLAGS] URL",
			Short:                 m.short,
			Long:                  "Send a request with the method " + r.method + "." + m.long + "\n\n" + requestHelp,
			DisableFlagsInUseLine: true,
			Args:                  exactArguments("a URL"),
			RunE:                  func(cmd *cobra.Command, args []string) error { return r.run(cmd, env, args[0]) },
		}
		r.addFlags(cmd)
		all = append(all, cmd)
	}
	return append(all, newRequest(env))
}

func newRequest(env *environment) *cobra.Command {
	r := new(request)
	cmd := &cobra.Command{
		Use:                   "request [FLAGS] METHOD URL",
		DisableFlagsInUseLine: true,
		Short:                 "Send a request with any method",
		Long:                  "Send a request with a method of your own, in the case in which it is given.\n\n" + requestHelp,
		Args:                  exactArguments("a method", "a URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r.method = args[0]
			return r.run(cmd, env, args[1])
		},
	}
	r.addFlags(cmd)
	return cmd
}

// exactArguments takes just these arguments.
func exactArguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch n := len(names); {
		case len(args) < n:
			return usagef(cmd, "%s needs %s", cmd.Name(), strings.Join(names[len(args):], " and "))
		case len(args) > n:
			return usagef(cmd, "%s takes %s, but there is %q too", cmd.Name(), strings.Join(names, " and "), target.Mask(args[n]))
		}
		return nil
	}
}

func (r *request) addFlags(cmd *cobra.Command) {
	r.data.name, r.output.name, r.target.name, r.caFile.name = "DATA", "FILE", "TARGET", "FILE"
	f := cmd.Flags()
	f.SortFlags = false
	f.VarP(&r.fields, "header", "H", "send a field, or with no value leave it out; can be given more than once")
	f.VarP(&r.data, "data", "d", "send these octets as content, those of a file with @FILE, of standard input with @-")
	f.VarP(&r.output, "output", "o", "write to a file, which appears when it is complete")
	f.BoolVarP(&r.include, "include", "i", r.include, "print the head of the response before the content")
	f.BoolVarP(&r.verbose, "verbose", "v", false, "tell on standard error what happens (*), is sent (>) and received (<)")
	f.BoolVar(&r.fail, "fail", false, "exit with status 1, and print no content, when the status is 400 or more")
	f.Var(&r.timeout, "timeout", "give up after this time in all: seconds, or 1m30s")
	f.Var(&r.caFile, "cacert", "trust the certificates in this PEM file in place of the system's")
	f.BoolVar(&r.insecure, "insecure", false, "do not verify the server's certificate")
	f.Var(&r.lenient, "lenient", "admit what a response should not have, by the names that messages tell; http.client "+
		"for what Python's takes, or all; can be given more than once")
	f.Var(&r.target, "request-target", "send this request-target in place of the one in the URL")
	r.dialling.addFlags(f)
}

// run checks what was asked for, and does it.
func (r *request) run(cmd *cobra.Command, env *environment, url string) error {
	var err error
	if r.url, err = target.Parse(url); err != nil {
		return usagef(cmd, "%s", err)
	}
	if r.target.given {
		r.url.Target = r.target.value
	}
	x := &exchange{request: r, env: env, usage: func(err error) error { return usagef(cmd, "%s", err) }}
	return x.run(cmd.Context())
}

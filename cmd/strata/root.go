package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/strata-http/strata/cmd/strata/internal/console"
)

// environment is what the subcommands share.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	colour         console.When
}

// run runs the command with args, those behind its name, and returns its exit status. It reads and writes
// nothing but what it is given, and files and connections that args name.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	env := &environment{stdin: stdin, stdout: stdout, stderr: stderr, colour: console.Auto}
	root := newRoot(env)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	code := exitStatus(ctx, err)
	if message := exitMessage(err, code); message != "" {
		for line := range strings.SplitSeq("strata: "+message, "\n") {
			fmt.Fprintln(stderr, console.Printable(line)) // file names and flags may hold anything
		}
	}
	return code
}

const rootHelp = `Strata speaks HTTP/1.1 in layers that can be looked at.

It sends what you type: the order and the case of fields, duplicates, and the
request-target as it stands in the URL. It shows what comes back, and says by name
which rule a peer has broken.

  strata demo                        an exchange seen from both ends, offline
  strata get http://example.com/     the content, on standard output
  strata get -v https://example.com/ and what passed on the wire, on standard error
  strata post -d @report.json -H 'Content-Type: application/json' example.com/in
  strata serve site                  the files of a directory, on http://127.0.0.1:8000/`

func init() {
	cobra.EnableCommandSorting = false
	cobra.AddTemplateFunc("wrapped", func(f *pflag.FlagSet) string { return f.FlagUsagesWrapped(80) })
}

func newRoot(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:           "strata",
		Short:         "HTTP/1.1 in layers that can be looked at",
		Long:          rootHelp,
		Version:       version(),
		SilenceErrors: true, // run prints them
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("strata {{.Version}}\n")
	root.Flags().Bool("version", false, "print the version") // without cobra's -v, which is --verbose here
	root.SetUsageTemplate(strings.NewReplacer(
		".LocalFlags.FlagUsages", "wrapped .LocalFlags",
		".InheritedFlags.FlagUsages", "wrapped .InheritedFlags").Replace(root.UsageTemplate()))
	root.PersistentFlags().Var(&env.colour, "color", "when to colour: auto (on a terminal), always or never")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usagef(cmd, "%s", err) })
	const send, serve, look = "send", "serve", "look"
	root.AddGroup(&cobra.Group{ID: send, Title: "To send a request:"},
		&cobra.Group{ID: serve, Title: "To answer them:"}, &cobra.Group{ID: look, Title: "To look at the layers:"})
	grouped(root, send, newRequests(env)...)
	grouped(root, serve, newServe(env))
	grouped(root, look, newDemo(env), newParse(env))
	root.AddCommand(newVersion(env), newExit(), newProxyTopic())
	root.SetHelpCommand(newHelp())
	return root
}

func grouped(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, cmd := range commands {
		cmd.GroupID = group
		root.AddCommand(cmd)
	}
}

// newHelp differs from the help command that cobra brings in that a topic which does not exist is an error.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:                   "help [COMMAND|TOPIC]",
		DisableFlagsInUseLine: true,
		Short:                 "Explain a command or a topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || topic == nil || len(rest) > 0 {
				return usagef(cmd.Root(), "there is no help on %q; the topics are exit and proxy", strings.Join(args, " "))
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}

// noArguments refuses arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef(cmd, "%s takes no arguments, but there is %q", cmd.Name(), args[0])
	}
	return nil
}

func newVersion(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(env.stdout, "strata", version())
			return outputError(err)
		},
	}
}

// version tells from what this binary was built, as far as the build has noted it.
func version() string {
	v, revision, modified := "(devel)", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && len(s.Value) >= 12:
				revision = " " + s.Value[:12]
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = "+"
			}
		}
	}
	return v + revision + modified + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
	self "github.com/passkeylab/passkeylab/relyingparty/subject"
)

type conformRPVerb struct {
	Target string `help:"The relying party: self, one of ours in this process, or its address, which speaks the FIDO server conformance interface unless --adapter says otherwise." default:"self" placeholder:"self|URL"`
	siteFlags
	choiceFlags
	judgeFlags
}

// siteFlags say more of the relying party that is judged.
type siteFlags struct {
	Adapter  string            `help:"The routes of a relying party that does not speak the FIDO interface (docs/aiming-at-your-server.md)." type:"path" placeholder:"FILE"`
	Origin   string            `help:"The origin that answers come from; that of the target by default." placeholder:"ORIGIN"`
	RPID     string            `name:"rp-id" help:"The RP ID where options name none; the host of the origin by default." placeholder:"ID"`
	Switch   map[string]string `help:"A choice of the relying party that no answer tells. Repeatable; --switches lists them." placeholder:"NAME=VALUE"`
	Switches bool              `help:"Only list the switches."`
	Roots    string            `help:"Write the roots of the judge's authenticators, and of its metadata, to this folder, for the relying party to believe (--switch trust=judge)." type:"path" placeholder:"DIR"`
	Fault    []string          `name:"fault" help:"With self: a mistake that the relying party makes. Repeatable." placeholder:"ID" sep:"none"`
}

func (v *conformRPVerb) Run(c *console) error {
	if v.Switches {
		return writeSwitches(c)
	}
	if v.Roots != "" {
		if err := writeRoots(v.Roots); err != nil {
			return fmt.Errorf("--roots: %w", err)
		}
	}
	return c.judge(v.choiceFlags, v.judgeFlags, judgement{
		suite: relyingparties.Cases(), name: v.Target, target: func() (conformance.Target, error) { return v.target(c) }, repeat: v.repeat,
	})
}

// target is the relying party that the flags name.
func (v *conformRPVerb) target(c *console) (conformance.Target, error) {
	if v.Target == selfName {
		return v.selfTarget()
	}
	if len(v.Fault) > 0 {
		return nil, errors.New("--fault goes with --target self: only our own relying party makes mistakes on demand")
	}
	at, err := url.Parse(v.Target)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, fmt.Errorf("--target %q: give self, or an address such as https://localhost:8443", v.Target)
	}
	site := relyingparties.Site{URL: v.Target, Origin: v.Origin, RPID: v.RPID, Run: strconv.FormatInt(time.Now().UnixNano(), 36)}
	if site.Switches, err = v.choices(); err != nil {
		return nil, err
	}
	if v.Adapter != "" {
		text, err := os.ReadFile(v.Adapter)
		if err != nil {
			return nil, fmt.Errorf("--adapter: %w", err)
		}
		if site.Adapter, err = relyingparties.ReadAdapter(text); err != nil {
			return nil, fmt.Errorf("--adapter %s: %w", v.Adapter, err)
		}
	}
	return relyingparties.Target{At: site}, v.reach(c)
}

// reach finds out before the first case whether anybody answers at all.
func (v *conformRPVerb) reach(c *console) error {
	ctx, cancel := context.WithTimeout(c, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.Target, nil)
	if err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("--target: %w: is it running?", err)
	}
	return response.Body.Close()
}

func (v *conformRPVerb) choices() (relyingparties.Choices, error) {
	choices := relyingparties.Choices{}
	for name, value := range v.Switch {
		if err := choices.Set(name, value); err != nil {
			return nil, fmt.Errorf("--switch %s=%s: %w", name, value, err)
		}
	}
	return choices, nil
}

// selfTarget is our own relying party, with mistakes where some are wanted.
func (v *conformRPVerb) selfTarget() (conformance.Target, error) {
	if v.Adapter != "" || v.Origin != "" || v.RPID != "" || len(v.Switch) > 0 {
		return nil, errors.New("--adapter, --origin, --rp-id and --switch go with an address as --target: of self all that is known")
	}
	for _, id := range v.Fault {
		if _, err := fault.Lookup(id); err != nil {
			return nil, fmt.Errorf("--fault: %w", err)
		}
	}
	return self.Target{Seams: func() []relyingparty.Seams {
		var seams []relyingparty.Seams
		for _, id := range v.Fault {
			if f, err := fault.Lookup(id); err == nil {
				seams = append(seams, f.Seams)
			}
		}
		return seams
	}}, nil
}

// repeat is the command line that runs one case again.
func (v *conformRPVerb) repeat(seed uint64) func(string) string {
	args := []string{"passkeylab conform rp"}
	if v.Target != selfName {
		args = append(args, "--target", quoted(v.Target))
	}
	for _, flag := range []struct{ name, value string }{{"--adapter", v.Adapter}, {"--origin", v.Origin}, {"--rp-id", v.RPID}} {
		if flag.value != "" {
			args = append(args, flag.name, quoted(flag.value))
		}
	}
	var names []string
	for name := range v.Switch {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		args = append(args, "--switch", quoted(name+"="+v.Switch[name]))
	}
	for _, id := range v.Fault {
		args = append(args, "--fault", id)
	}
	if v.Level != "must" {
		args = append(args, "--level", v.Level)
	}
	return func(id string) string {
		return fmt.Sprintf("%s --match %s --seed %d", strings.Join(args, " "), id, seed)
	}
}

func writeSwitches(c *console) error {
	for _, s := range relyingparties.Switches() {
		if _, err := fmt.Fprintf(c.out, "%s\n    %s\n", s.Name, s.Doc); err != nil {
			return err
		}
		for i, value := range s.Values {
			word := ""
			if i == 0 {
				word = " (default)"
			}
			if _, err := fmt.Fprintf(c.out, "    %s%s: %s\n", value, word, s.Meaning[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeRoots writes a PEM file for each format, one for all, and the root of metadata
// with the BLOB that leads to it.
func writeRoots(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	roots, err := relyingparties.Roots()
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for format, certificates := range roots {
		for _, certificate := range certificates {
			text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
			files[format+".pem"] = append(files[format+".pem"], text...)
		}
	}
	service, err := relyingparties.Metadata(time.Now, "")
	if err != nil {
		return err
	}
	blob, err := service.BLOB()
	if err != nil {
		return err
	}
	files["metadata-root.pem"], files["metadata.jwt"] = service.RootPEM(), blob
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
)

// apiFlags say which programs may use the site's APIs.
type apiFlags struct {
	Applications    string            `help:"Applications that people log in to, as a JSON list (docs/api.md). Without it there is one, \"sample\", that keeps no secret and takes codes at http://localhost:3000/callback." type:"path" placeholder:"FILE"`
	ManagementToken string            `name:"management-token" help:"Takes this as an access token for the Management API." placeholder:"TOKEN"`
	TenantDomain    string            `name:"tenant-domain" help:"A second host name under which the APIs answer, but which passkeys are refused on. Without --url it is the address that is listened on: pages there lead to http://localhost." placeholder:"HOST"`
	RPID            string            `name:"rp-id" help:"Relying party identifier: the host of the site, by default, or a registrable suffix of it." placeholder:"NAME"`
	Domain          map[string]string `help:"Another name of the site, with the RP ID that passkeys have there, or nothing behind = for the name itself. Repeatable." placeholder:"HOST=[RPID]" mapsep:"none"`
	Conformance     bool              `help:"Also answer the FIDO conformance interface: /attestation/options and result, /assertion/options and result. Anybody may register anything there."`
	ConformanceList bool              `name:"conformance-list" help:"There, hold to the published test list where it differs from WebAuthn Level 3: logins without user presence, tokenBinding, U2F with an AAGUID."`
}

// maxApplications bounds the file of --applications, in bytes.
const maxApplications = 1 << 20

// sampleApplication is what there is without --applications.
func sampleApplication() relyingparty.Application {
	return relyingparty.Application{
		ID: "sample",
		Grants: []relyingparty.GrantType{
			relyingparty.GrantPasskey, relyingparty.GrantAuthorizationCode, relyingparty.GrantRefreshToken,
			relyingparty.GrantOTP, relyingparty.GrantOOB, relyingparty.GrantRecoveryCode,
		},
		Callbacks:  []string{"http://localhost:3000/callback"},
		LogoutURLs: []string{"http://localhost:3000"},
		Origins:    []string{"http://localhost:3000"},
	}
}

// applyTo puts the flags into a configuration.
func (f apiFlags) applyTo(c *relyingparty.Config) (err error) {
	if f.ConformanceList && !f.Conformance {
		return errors.New("--conformance-list goes with --conformance")
	}
	c.ManagementToken, c.TenantDomain, c.RPID = f.ManagementToken, f.TenantDomain, f.RPID
	for _, host := range slices.Sorted(maps.Keys(f.Domain)) {
		c.Domains = append(c.Domains, relyingparty.CustomDomain{Host: host, RPID: f.Domain[host]})
	}
	c.Applications = []relyingparty.Application{sampleApplication()}
	if f.Applications != "" {
		c.Applications, err = readApplications(f.Applications)
	}
	return err
}

func readApplications(file string) (all []relyingparty.Application, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--applications: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxApplications+1))
	if err != nil {
		return nil, fmt.Errorf("--applications: %w", err)
	}
	if len(data) > maxApplications {
		return nil, fmt.Errorf("--applications %s: larger than %d bytes", file, maxApplications)
	}
	if err := readStrict(data, &all); err != nil {
		return nil, fmt.Errorf("--applications %s: %w", file, err)
	}
	return all, nil
}

// namesOf lists the client IDs of applications.
func namesOf(all []relyingparty.Application) string {
	ids := make([]string, len(all))
	for i, a := range all {
		ids[i] = a.ID
	}
	return strings.Join(ids, ", ")
}

// handler is the site, with the conformance interface before it where that is wanted,
// which has seams of its own.
func (f apiFlags) handler(site *relyingparty.Site, seams []relyingparty.Seams) (http.Handler, error) {
	if !f.Conformance {
		return site, nil
	}
	server, err := conformanceapi.New(conformanceapi.Config{
		RPID: site.RPID(), RPName: "passkeylab", Origin: site.Origin(), Clock: time.Now, Random: rand.Reader,
		Metadata: site.Metadata(), Models: site.Policy().Models,
		WithoutPresence: f.ConformanceList, TokenBinding: f.ConformanceList, ZeroAAGUID: f.ConformanceList,
		Seams: seams,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", site)
	for _, path := range conformanceapi.Paths() {
		mux.Handle("POST "+path, server)
	}
	return mux, nil
}

package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// modelFlags say which authenticator models the site admits, and who tells it about
// them.
type modelFlags struct {
	Attestation string   `help:"What authenticators have to say of themselves: none (nothing is asked), direct (asked, anything will do), enterprise (likewise, and which single device it is where the browser is managed for that), known (metadata must know the model and have nothing against it), hardware (and say that it keeps passkeys in hardware)." default:"none" enum:"none,direct,enterprise,known,hardware"`
	MDS         string   `name:"mds" help:"Where metadata are: an address or a file with a BLOB." placeholder:"URL|FILE"`
	MDSRoot     string   `name:"mds-root" help:"The certificate that metadata have to lead to, PEM or DER." type:"path" placeholder:"FILE"`
	MDSHost     string   `name:"mds-host" help:"What the certificate that signs metadata has to be for. Needed where --mds-root is a public root." placeholder:"NAME"`
	MDSCache    string   `name:"mds-cache" help:"Keep the last good BLOB in this file." type:"path" placeholder:"FILE"`
	AllowModel  []string `name:"allow-model" help:"Admit only models with these AAGUIDs." placeholder:"AAGUID"`
	DenyModel   []string `name:"deny-model" help:"Admit no models with these AAGUIDs." placeholder:"AAGUID"`
}

// applyTo puts the flags into a policy, and returns where metadata come from.
func (f modelFlags) applyTo(p *relyingparty.Policy) (*ceremony.MetadataConfig, error) {
	asksForModels := f.Attestation == "known" || f.Attestation == "hardware"
	p.Attestation = ceremony.Attestation(f.Attestation)
	if asksForModels {
		p.Attestation = ceremony.AttestationDirect
		p.Models = &ceremony.ModelRules{HardwareBacked: f.Attestation == "hardware"}
	}
	metadata, err := f.metadata()
	switch {
	case err != nil:
		return nil, err
	case asksForModels && metadata == nil:
		return nil, fmt.Errorf("--attestation %s: say with --mds and --mds-root where metadata are", f.Attestation)
	case !asksForModels && len(f.AllowModel)+len(f.DenyModel) > 0:
		return nil, errors.New("--allow-model and --deny-model go with --attestation known or hardware")
	case !asksForModels:
		return metadata, nil
	}
	if p.Models.Allow, err = aaguids("--allow-model", f.AllowModel); err != nil {
		return nil, err
	}
	p.Models.Deny, err = aaguids("--deny-model", f.DenyModel)
	return metadata, err
}

func (f modelFlags) metadata() (*ceremony.MetadataConfig, error) {
	if (f.MDS == "") != (f.MDSRoot == "") {
		return nil, errors.New("--mds and --mds-root go together")
	}
	if f.MDS == "" {
		if f.MDSHost+f.MDSCache != "" {
			return nil, errors.New("--mds-host and --mds-cache go with --mds")
		}
		return nil, nil
	}
	root, err := readCertificate(f.MDSRoot)
	if err != nil {
		return nil, fmt.Errorf("--mds-root: %w", err)
	}
	source := ceremony.FromFile(f.MDS)
	if strings.HasPrefix(f.MDS, "http://") || strings.HasPrefix(f.MDS, "https://") {
		source = ceremony.FromURL(nil, f.MDS)
	}
	return &ceremony.MetadataConfig{Source: source, Root: root, Host: f.MDSHost, Cache: f.MDSCache}, nil
}

// readCertificate reads PEM or DER, and returns DER.
func readCertificate(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(data); block != nil {
		return block.Bytes, nil
	}
	return data, nil
}

func aaguids(flag string, all []string) (ids []ceremony.AAGUID, err error) {
	for _, s := range all {
		id, err := ceremony.ParseAAGUID(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

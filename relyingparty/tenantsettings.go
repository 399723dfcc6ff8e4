package relyingparty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// What programs change of the policy through the Management API is kept in the
// database, part by part, and so holds when the site is started again, and in other
// sites on the same database.

// tenantSetting is one part.
type tenantSetting struct {
	key   string // in the database
	of    func(Policy) any
	apply func(json.RawMessage, *Policy) error
}

var (
	connectionSetting = &tenantSetting{
		key: "connection/options",
		of:  func(p Policy) any { return optionsOf(p) },
		apply: func(value json.RawMessage, p *Policy) error {
			o := defaultOptions()
			if err := json.Unmarshal(value, &o); err != nil {
				return err
			}
			return o.applyTo(p)
		},
	}
	promptsSetting = &tenantSetting{
		key: "prompts",
		of:  func(p Policy) any { return promptsOf(p.Tenant) },
		apply: func(value json.RawMessage, p *Policy) error {
			o := promptsOf(p.Tenant)
			if err := json.Unmarshal(value, &o); err != nil {
				return err
			}
			return o.applyTo(p)
		},
	}
	loginPageSetting = &tenantSetting{
		key: "custom-login-page",
		of:  func(p Policy) any { return clientPatch{p.Tenant.CustomLoginPage} },
		apply: func(value json.RawMessage, p *Policy) error {
			o := clientPatch{}
			err := json.Unmarshal(value, &o)
			p.Tenant.CustomLoginPage = o.CustomLoginPage
			return err
		},
	}
	factorSetting = &tenantSetting{
		key: "guardian/policies",
		of:  func(p Policy) any { return storedFactor{p.SecondFactor} },
		apply: func(value json.RawMessage, p *Policy) error {
			o := storedFactor{}
			err := json.Unmarshal(value, &o)
			p.SecondFactor = o.SecondFactor
			return err
		},
	}
	tenantSettings = []*tenantSetting{connectionSetting, promptsSetting, loginPageSetting, factorSetting}
)

// changeSetting changes a part of the policy and keeps it.
func (s *Site) changeSetting(part *tenantSetting, change func(*Policy) error) error {
	return s.changePolicy(change, func(p Policy) error {
		value, err := json.Marshal(part.of(p))
		if err != nil {
			return err
		}
		if err := s.store.SetSetting(part.key, value); err != nil {
			return err
		}
		s.settled[part.key] = value
		return nil
	})
}

// loadSettings applies what is stored and has not been applied yet. The caller holds
// changing, or is the only one there is.
func (s *Site) loadSettings(p *Policy) (changed bool, err error) {
	for _, part := range tenantSettings {
		value, err := s.store.Setting(part.key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return changed, err
		}
		if bytes.Equal(value, s.settled[part.key]) {
			continue
		}
		if err := part.apply(value, p); err != nil {
			return changed, fmt.Errorf("relyingparty: stored setting %s: %w", part.key, err)
		}
		s.settled[part.key], changed = value, true
	}
	return changed, nil
}

// settle makes the policy what is stored, and then what the configuration insists on.
func (s *Site) settle() error {
	if err := s.loadRPIDs(); err != nil {
		return err
	}
	p := s.config.Policy
	changed, err := s.loadSettings(&p)
	if err != nil {
		return err
	}
	if changed && s.config.Insist != nil {
		stored := p
		s.config.Insist(&p)
		for _, part := range tenantSettings {
			s.tellOverruled(part, stored, p)
		}
	}
	if err := errors.Join(p.validate(), s.config.servesModels(p)); err != nil {
		return fmt.Errorf("%w; what the Management API has stored does not go with the configuration", err)
	}
	s.policy.Store(&p)
	return nil
}

// tellOverruled logs where the configuration holds against what is stored.
func (s *Site) tellOverruled(part *tenantSetting, stored, used Policy) {
	before, after := flattened(part.of(stored)), flattened(part.of(used))
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if was := before[name]; was != after[name] {
			s.config.Logger.Warn("the configuration overrules what the Management API has stored",
				"setting", part.key, "member", name, "stored", was, "used", after[name])
		}
	}
}

// flattened lists the members of a value as JSON has them, by their paths.
func flattened(value any) map[string]any {
	all := map[string]any{}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		object, is := value.(map[string]any)
		if !is {
			all[path] = value
			return
		}
		for name, member := range object {
			walk(path+"."+name, member)
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return all
	}
	var tree map[string]any
	if json.Unmarshal(text, &tree) == nil {
		for name, member := range tree {
			walk(name, member)
		}
	}
	return all
}

// followInterval is how often a site looks for settings that another one has changed.
const followInterval = time.Second

// followSettings does so until the site is closed.
func (s *Site) followSettings() {
	defer close(s.followed)
	ticker := time.NewTicker(followInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.closing.Done():
			return
		case <-ticker.C:
		}
		if err := s.followOnce(); err != nil {
			s.config.Logger.Error("settings of other sites on the same database cannot be followed", "error", err)
		}
	}
}

func (s *Site) followOnce() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	if err := s.loadRPIDs(); err != nil {
		return err
	}
	p := s.Policy()
	changed, err := s.loadSettings(&p)
	if err != nil || !changed {
		return err
	}
	if err := errors.Join(p.validate(), s.config.servesModels(p)); err != nil {
		return err
	}
	s.policy.Store(&p)
	return nil
}

package relyingparty

import (
	"encoding/json"
	"net/http"
	"slices"
)

// factorForAll is the policy of the Management API that asks every login for a second
// factor. The product has another one, by the risk that it sees in a login.
const factorForAll = "all-applications"

// storedFactor is how the policy is kept in the database.
type storedFactor struct {
	SecondFactor SecondFactor `json:"second_factor"`
}

// factorPolicies are a policy as the API has it: empty for never.
func factorPolicies(p Policy) []string {
	if p.SecondFactor == SecondFactorAlways {
		return []string{factorForAll}
	}
	return []string{}
}

func getFactorPolicies(v *visit) error { return v.answer(http.StatusOK, factorPolicies(v.policy)) }

func putFactorPolicies(v *visit) error {
	wanted := SecondFactorNever
	var all []string
	switch err := json.Unmarshal(v.body, &all); {
	case err == nil && slices.Equal(all, []string{factorForAll}):
		wanted = SecondFactorAlways
	case err != nil || all == nil || len(all) > 0:
		return badRequest(`The body must be [] or ["%s"].`, factorForAll).because(err)
	}
	if err := v.site.changeSetting(factorSetting, func(p *Policy) error {
		p.SecondFactor = wanted
		return nil
	}); err != nil {
		return err
	}
	return v.answer(http.StatusOK, factorPolicies(v.site.Policy()))
}

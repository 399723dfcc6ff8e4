package authenticator

type enrolment struct{}

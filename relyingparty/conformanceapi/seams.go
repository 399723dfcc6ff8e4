package conformanceapi

// seenRequest is what is carried out: what was sent, unless a seam has another request.
func (s *Server) seenRequest(path string, body []byte) (string, []byte) {
	for i := range s.config.Seams {
		if f := s.config.Seams[i].Request; f != nil {
			path, body = f(path, body)
		}
	}
	return path, body
}

// seenAnswer is what is answered: what was laid out, unless a seam has another answer.
func (s *Server) seenAnswer(path string, status int, body []byte) (int, []byte) {
	for i := range s.config.Seams {
		if f := s.config.Seams[i].Answer; f != nil {
			status, body = f(path, status, body)
		}
	}
	return status, body
}

package sizing

// Person is what is remembered of somebody, on average.
type Person struct {
	Noes     float64 `json:"noes"`
	Contacts float64 `json:"contacts"` // that are remembered
	Heard    float64 `json:"heard"`    // signals of the last 400 days, beside the noes
	Recent   float64 `json:"recent"`   // intents that were vetoed in the last 24 hours
	Spent    float64 `json:"spent"`    // other intents that were decided
}

// Standing is how large the value is of what stands, for good.
func (p Person) Standing() float64 {
	if p.Noes == 0 && p.Heard == 0 {
		return 0
	}
	bytes := standingBase + noBytes*p.Noes + heardBytes*min(p.Heard, mostHeard)
	return bytes + firstNoBytes*min(p.Noes, 1)
}

// Log is how large the value is of what may be forgotten.
func (p Person) Log() float64 {
	if p.Contacts == 0 && p.Recent == 0 && p.Spent == 0 {
		return 0
	}
	return logBase + contactBytes*p.Contacts + namesBytes*min(p.Contacts, 1) + knownBytes*p.Recent + spentBytes*min(p.Spent, mostSpent)
}

// InRedis is what both take in Redis.
func (p Person) InRedis() float64 { return key(p.Standing()) + key(p.Log()) }

// key is what a key with a value of so many bytes takes.
func key(value float64) float64 {
	if value == 0 {
		return 0
	}
	return keyBytes + allocated(value+valueHeader)
}

// allocated is what jemalloc hands out for so many bytes: multiples of 16 up to 128,
// and of an eighth of the next power of two beyond, so that up to a fifth is for nothing.
func allocated(bytes float64) float64 {
	step := 16.0
	for next := 128.0; bytes > next; next *= 2 {
		step = next / 4
	}
	for whole := step; ; whole += step {
		if whole >= bytes {
			return whole
		}
	}
}

package rules

// Fitness says what is wrong with the way out of a campaign; nil if nothing is.
func Fitness(c *CampaignSpec) []string {
	if c.WayOut.Steps > c.WayIn.Steps {
		return []string{"way out is longer than its way in: make it as short"}
	}
	return nil
}

// Package crowd is traffic as campaign engines and people make it: intents of many
// purposes, channels and engines to people in many places, most of whom nobody wanted
// anything of for days, and what they answer. The same seed makes the same traffic.
//
// Notices of service or collection name no subject, though engines do: with one the policy
// no-means-no lets them wait 15 minutes for others about the same, and no bench waits so long.
package crowd

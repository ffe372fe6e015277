package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/segmentio/kafka-go"
)

// Why it cannot be told who may write.
var (
	// ErrNoAuthorizer says that the brokers let everybody do everything.
	ErrNoAuthorizer = errors.New("the brokers have no authorizer: everybody who reaches them may write every topic")

	// ErrUnseen says that this principal may not see what others may do.
	ErrUnseen = errors.New("this principal may not see the access rules (DESCRIBE on the cluster)")
)

// Writers tells, of each topic, who is allowed to write it by the access rules of the
// cluster. Super users need no rule, and are not among them.
func (a *Admin) Writers(ctx context.Context, topics []string) (map[string][]string, error) {
	client, done := a.client([]string{})
	defer done()
	res, err := client.DescribeACLs(ctx, &kafka.DescribeACLsRequest{Filter: kafka.ACLFilter{
		ResourceTypeFilter: kafka.ResourceTypeTopic, ResourcePatternTypeFilter: kafka.PatternTypeAny,
		Operation: kafka.ACLOperationTypeAny, PermissionType: kafka.ACLPermissionTypeAllow,
	}})
	if err == nil {
		err = res.Error
	}
	switch {
	case errors.Is(err, kafka.SecurityDisabled):
		return nil, ErrNoAuthorizer
	case errors.Is(err, kafka.ClusterAuthorizationFailed):
		return nil, ErrUnseen
	case err != nil:
		return nil, fmt.Errorf("describe access rules: %w", err)
	}
	out := make(map[string][]string)
	for _, topic := range topics {
		for _, r := range res.Resources {
			if !names(r, topic) {
				continue
			}
			for _, rule := range r.ACLs {
				if rule.Operation == kafka.ACLOperationTypeWrite || rule.Operation == kafka.ACLOperationTypeAll {
					out[topic] = append(out[topic], rule.Principal)
				}
			}
		}
	}
	return out, nil
}

// names tells whether a rule is about the topic.
func names(r kafka.ACLResource, topic string) bool {
	switch r.PatternType {
	case kafka.PatternTypePrefixed:
		return strings.HasPrefix(topic, r.ResourceName)
	case kafka.PatternTypeLiteral:
		return r.ResourceName == topic || r.ResourceName == "*"
	}
	return false
}

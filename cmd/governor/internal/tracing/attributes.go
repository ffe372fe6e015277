package tracing

import "go.opentelemetry.io/otel/attribute"

// The attributes of spans. Those of OpenTelemetry's semantic conventions are as there in
// version 1.43; that of messaging is still in development, so its names are written down
// here and nowhere else, and a test compares them.
const (
	attrSystem        = attribute.Key("messaging.system")
	attrOperation     = attribute.Key("messaging.operation.name")
	attrOperationType = attribute.Key("messaging.operation.type")
	attrDestination   = attribute.Key("messaging.destination.name")
	attrPartition     = attribute.Key("messaging.destination.partition.id")
	attrOffset        = attribute.Key("messaging.kafka.offset")
	attrGroup         = attribute.Key("messaging.consumer.group.name")
	attrBatchCount    = attribute.Key("messaging.batch.message_count")
	attrErrorType     = attribute.Key("error.type")
	attrMethod        = attribute.Key("http.request.method")
	attrRoute         = attribute.Key("http.route")
	attrStatus        = attribute.Key("http.response.status_code")

	attrIntents  = attribute.Key("governor.intents")
	attrSignals  = attribute.Key("governor.signals")
	attrVerdict  = attribute.Key("governor.verdict")
	attrReason   = attribute.Key("governor.reason")
	attrLine     = attribute.Key("governor.line")
	attrFinal    = attribute.Key("governor.final")
	attrDecision = attribute.Key("governor.decision")
	attrChannel  = attribute.Key("governor.channel")
	attrPurpose  = attribute.Key("governor.purpose")
	attrCampaign = attribute.Key("governor.campaign")
	attrPolicy   = attribute.Key("governor.policy")
	attrAgain    = attribute.Key("governor.again")
)

// The operations on records.
const (
	opBatch  = "batch"
	opDecide = "decide"
	opRedeem = "redeem"
	opRevoke = "revoke"
	opLeak   = "leak"
	opBury   = "bury"
)

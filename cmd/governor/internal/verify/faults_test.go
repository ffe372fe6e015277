package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/contactgovernor/governor/cmd/governor/internal/verify"
)

// plant changes a healthy log.
type plant func(l *lab)

// lab is a log and somebody who spoils it.
type lab struct {
	t *testing.T
	memory
	o verify.Options
}

// find is the only record of a topic whose value has all of the texts.
func (l *lab) find(topic string, texts ...string) *verify.Record {
	l.t.Helper()
	var found []*verify.Record
	for _, partition := range l.Partitions() {
		records := l.memory[fmt.Sprint(topic, partition)]
		for i := range records {
			has := func(text string) bool { return !bytes.Contains(records[i].Value, []byte(text)) }
			if !slices.ContainsFunc(texts, has) {
				found = append(found, &records[i])
			}
		}
	}
	if len(found) != 1 {
		l.t.Fatalf("%d records of %s have %q", len(found), topic, texts)
	}
	return found[0]
}

// heard makes a decision say how far the signals were heard.
func (l *lab) heard(r *verify.Record, signals int) {
	l.t.Helper()
	_, said, _ := strings.Cut(string(r.Value), `"signals":`)
	said, _, _ = strings.Cut(said, "}")
	l.edit(r, `"signals":`+said, fmt.Sprint(`"signals":`, signals))
}

func (l *lab) approved(intent string) *verify.Record {
	l.t.Helper()
	return l.find(verify.Approved, fmt.Sprintf(`"intent":%q`, intent))
}

func (l *lab) vetoed(intent string) *verify.Record {
	l.t.Helper()
	return l.find(verify.Vetoed, fmt.Sprintf(`"intent":%q`, intent))
}

// lastVeto is a veto behind which its batch has only rates.
func (l *lab) lastVeto() *verify.Record {
	l.t.Helper()
	for _, partition := range l.Partitions() {
		last := map[int]int{}
		for _, topic := range verify.Topics() {
			for _, r := range l.memory[fmt.Sprint(topic, partition)] {
				batch := number(&r, "governor_batch")
				if topic == verify.VetoRates {
					continue
				}
				last[batch] = max(last[batch], number(&r, "governor_index"))
			}
		}
		vetoes := l.memory[fmt.Sprint(verify.Vetoed, partition)]
		for i := range vetoes {
			if r := &vetoes[i]; number(r, "governor_index") == last[number(r, "governor_batch")] {
				return r
			}
		}
	}
	l.t.Fatal("no veto is the last of its batch")
	return nil
}

// edit replaces texts in a value, in pairs. The bytes of others are not touched.
func (l *lab) edit(r *verify.Record, pairs ...string) {
	l.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !bytes.Contains(r.Value, []byte(pairs[i])) {
			l.t.Fatalf("%s has no %q: %s", r.Place, pairs[i], r.Value)
		}
		r.Value = bytes.ReplaceAll(r.Value, []byte(pairs[i]), []byte(pairs[i+1]))
	}
}

// header sets a header, or takes it away where there is no value.
func header(r *verify.Record, name, value string) {
	r.Headers = slices.DeleteFunc(slices.Clone(r.Headers), func(h verify.Header) bool { return h.Key == name })
	if value != "" {
		r.Headers = append(r.Headers, verify.Header{Key: name, Value: []byte(value)})
	}
}

func headerOf(r *verify.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

func number(r *verify.Record, name string) int {
	n, _ := strconv.Atoi(headerOf(r, name))
	return n
}

// drop takes a record away as if it had never been there.
func (l *lab) drop(r *verify.Record) {
	slot := fmt.Sprint(r.Topic, r.Partition)
	l.memory[slot] = slices.Delete(slices.Clone(l.memory[slot]), int(r.Offset), int(r.Offset)+1)
	l.number(slot)
}

// lose takes a record away and leaves its place empty, as compaction does.
func (l *lab) lose(r *verify.Record) {
	slot, offset := fmt.Sprint(r.Topic, r.Partition), r.Offset
	l.memory[slot] = slices.DeleteFunc(slices.Clone(l.memory[slot]), func(r verify.Record) bool { return r.Offset == offset })
}

func (l *lab) number(slot string) {
	for i := range l.memory[slot] {
		l.memory[slot][i].Offset = int64(i)
	}
}

// copied is a record that shares no bytes with another.
func copied(r *verify.Record) *verify.Record {
	c := *r
	c.Key, c.Value, c.Headers = slices.Clone(r.Key), slices.Clone(r.Value), slices.Clone(r.Headers)
	return &c
}

// put puts a record where its place in its batch belongs.
func (l *lab) put(r *verify.Record) *verify.Record {
	slot := fmt.Sprint(r.Topic, r.Partition)
	at := len(l.memory[slot])
	for i := range l.memory[slot] {
		if o := &l.memory[slot][i]; number(o, "governor_batch")*1000+number(o, "governor_index") > number(r, "governor_batch")*1000+number(r, "governor_index") {
			at = i
			break
		}
	}
	l.memory[slot] = slices.Insert(slices.Clone(l.memory[slot]), at, *r)
	l.number(slot)
	return &l.memory[slot][at]
}

// never takes away what a batch wrote to the topics.
func (l *lab) never(batch int, partition int32, topics ...string) {
	for _, topic := range topics {
		slot := fmt.Sprint(topic, partition)
		l.memory[slot] = slices.DeleteFunc(slices.Clone(l.memory[slot]), func(r verify.Record) bool { return number(&r, "governor_batch") == batch })
		l.number(slot)
	}
}

// next puts a record behind everything, as a batch of its own.
func (l *lab) next(r *verify.Record) *verify.Record {
	last, heard := 0, 0
	for _, topic := range verify.Topics() {
		for _, o := range l.memory[fmt.Sprint(topic, r.Partition)] {
			last, heard = max(last, number(&o, "governor_batch")), max(heard, number(&o, "governor_signals"))
		}
	}
	header(r, "governor_batch", strconv.Itoa(last+1))
	header(r, "governor_index", "0")
	header(r, "governor_signals", strconv.Itoa(heard))
	return l.put(r)
}

// approve makes an approval of a veto, by a governor that overlooked something.
func (l *lab) approve(intent string) *verify.Record {
	l.t.Helper()
	r := l.vetoed(intent)
	a := copied(r)
	l.drop(r)
	a.Topic = verify.Approved
	decided, _, _ := strings.Cut(after(string(a.Value), `"decided":"`), `"`)
	at, err := time.Parse(time.RFC3339, decided)
	if err != nil {
		l.t.Fatal(err)
	}
	l.edit(a, `"verdict":"vetoed"`, fmt.Sprintf(`"verdict":"approved","not_after":%q`, at.Add(15*time.Minute).Format("2006-01-02T15:04:05.000Z")))
	return l.put(a)
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}

// endOfStory is when the last decisions of the story are.
const endOfStory = "2026-05-12T12:00:00.000Z"

// Each fault is planted into a log of the real governor, which is healthy, and is
// told by its names, and by no other.
func TestPlantedFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long, in one goroutine")
	}
	told := map[string]bool{}
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			l := &lab{t: t, memory: healthy(t), o: verify.Options{Settled: true, Partitions: 2, TrustTimes: true}}
			f.plant(l)
			found, _ := check(t, l, l.o)
			names := map[string]bool{}
			for _, b := range found {
				names[b.Name], told[b.Name] = true, true
				t.Log(b)
				if at := strings.Split(b.At, "/"); len(at) != 3 || b.Why == "" {
					t.Errorf("%+v does not say where and why", b)
				}
				for _, person := range []string{"ada", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "kim", "mia", "ned", "oda", "pat", "quin", "rex"} {
					if slices.Contains(strings.Fields(b.Why), person) {
						t.Errorf("%q names the person", b.Why)
					}
				}
			}
			want := strings.Fields(f.told)
			if len(want) > 0 && !slices.Contains(want, verify.FalseRate) {
				delete(names, verify.FalseRate) // what was not decided like that was not counted like that
			}
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, want) {
				t.Errorf("it is told as %v, and not as %v", got, want)
			}
		})
	}
	for _, name := range verify.Names() {
		if !told[name] && !t.Failed() {
			t.Errorf("nobody planted a fault that is told as %s", name)
		}
	}
}

type fault struct {
	name  string
	plant plant
	told  string // the names, "" where it is no fault
}

func faults() []fault {
	return slices.Concat(ofAnswers(), ofNoes(), ofWindows(), ofWorkers(), ofLeaks(), ofBatches(), ofLetters(), ofRates(), ofThePast(), harmless())
}

func ofRates() []fault {
	rate := func(l *lab) *verify.Record { return l.find(verify.VetoRates, `"channel":"call"`, `"approved"`) }
	return []fault{
		{"a decision that is counted twice", func(l *lab) { l.edit(rate(l), `"count":1`, `"count":2`) }, "false-rate"},
		{"a decision that is not counted", func(l *lab) { l.drop(rate(l)) }, "false-rate batch-gap"},
		{"a count of another sort", func(l *lab) { l.edit(rate(l), `"call"`, `"sms"`) }, "false-rate"},
		{"a count of another partition", func(l *lab) { l.edit(rate(l), `"partition":1`, `"partition":0`) }, "false-rate"},
		{"a count of no minute", func(l *lab) { l.edit(rate(l), `:00.000Z"`, `:00.001Z"`) }, "misfiled false-rate"},
		{"a count of nothing", func(l *lab) { l.edit(rate(l), `"count":1`, `"count":0`) }, "misfiled false-rate"},
	}
}

func ofAnswers() []fault {
	return []fault{
		{"a missing decision", func(l *lab) { l.drop(l.vetoed("c1")) }, "lost-intent batch-gap"},
		{"a missing decision, the last of its batch", func(l *lab) {
			r := l.lastVeto()
			l.drop(r)
			l.never(number(r, "governor_batch"), r.Partition, verify.VetoRates)
		}, "lost-intent"},
		{"a commit whose output was never emitted", func(l *lab) {
			l.never(number(l.approved("a6"), "governor_batch"), 1, verify.Approved, verify.Vetoed, verify.Standing, verify.VetoRates)
		}, "lost-intent lost-no"},
		{"a doubled approval under another id", func(l *lab) {
			r := copied(l.approved("g2"))
			id := "d-" + strings.Repeat("7", 32)
			l.edit(r, `"id":"`+headerOf(r, "ce_id"), `"id":"`+id, "2026-05-04T12:00:00.000Z", endOfStory, "2026-05-04T12:15:00.000Z", "2026-05-12T12:15:00.000Z")
			header(r, "ce_id", id)
			l.next(r)
		}, "double-answer double-approval wrong-id"},
		{"one intent published twice and approved twice", func(l *lab) {
			q := copied(l.find(verify.Intents, `"id":"c3"`))
			slot := fmt.Sprint(q.Topic, q.Partition)
			q.Offset = int64(len(l.memory[slot]))
			l.memory[slot] = append(l.memory[slot], *q)
			r := copied(l.approved("c3"))
			header(r, "governor_source", q.Place.String())
			l.edit(r, headerOf(r, "ce_id"), "d-"+strings.Repeat("7", 32), "2026-05-04T12:00:00.000Z", endOfStory, "2026-05-04T12:15:00.000Z", "2026-05-12T12:15:00.000Z")
			header(r, "ce_id", "d-"+strings.Repeat("7", 32))
			l.next(r)
		}, "double-approval wrong-id"},
		{"other bytes under one id", func(l *lab) {
			r := copied(l.approved("b1"))
			l.heard(r, 7)
			l.next(r)
		}, "divergent"},
		{"the same decision, made again in another batch", func(l *lab) { l.next(copied(l.approved("b1"))) }, "divergent"},
		{"an approval of an id that was vetoed within 24 h, under the same decision id", func(l *lab) {
			r := copied(l.vetoed("d3"))
			r.Topic = verify.Approved
			l.edit(r, `"verdict":"vetoed"`, `"verdict":"approved","not_after":"2026-05-12T12:15:00.000Z"`, "2026-05-04T12:05:00.000Z", endOfStory)
			l.next(r)
		}, "contradiction approval-after-refusal"},
		{"an id judged anew a millisecond too early", func(l *lab) {
			l.edit(l.approved("a3"), "2026-05-05T12:00:00.000Z", "2026-05-05T11:59:59.999Z")
		}, "asked-again"},
		{"a decision under an id made up", func(l *lab) {
			r := l.vetoed("c4")
			id := "d-" + strings.Repeat("7", 32)
			l.edit(r, headerOf(r, "ce_id"), id)
			header(r, "ce_id", id)
		}, "wrong-id"},
		{"a duplicate that names somebody else's decision", func(l *lab) {
			l.edit(l.vetoed("a1"), headerOf(l.approved("a1"), "ce_id"), headerOf(l.approved("d1"), "ce_id"))
		}, "wrong-original"},
		{"a decision on an intent whose transaction was aborted", func(l *lab) { l.lose(l.find(verify.Intents, `"id":"k2"`)) }, "invented"},
		{"a decision on another channel than was asked for", func(l *lab) { l.edit(l.approved("c2"), `"in_app"`, `"chat"`) }, "miscopied"},
		{"a veto among the approvals", func(l *lab) {
			l.edit(l.approved("e3"), `"verdict":"approved"`, `"verdict":"vetoed"`)
		}, "misfiled"},
		{"an approval that is no JSON", func(l *lab) { l.edit(l.approved("c3"), `{`, ``) }, "misfiled lost-intent"},
		{"an approval without the id of its event", func(l *lab) { header(l.approved("c3"), "ce_id", "") }, "bad-headers"},
		{"an approval that does not say where it came from", func(l *lab) { header(l.approved("c3"), "governor_source", "") }, "bad-headers lost-intent"},
		{"an approval that is good for an hour", func(l *lab) {
			house := verify.NoMeansNo()
			l.o.Limits = &house
			l.edit(l.approved("c3"), "2026-05-04T12:15:00.000Z", "2026-05-04T13:00:00.000Z")
		}, "long-life"},
		{"a person on the wrong partition", func(l *lab) {
			r := copied(l.approved("b1"))
			r.Partition = 1
			l.edit(r, "2026-05-04T12:00:00.000Z", endOfStory, "2026-05-04T12:15:00.000Z", "2026-05-12T12:15:00.000Z")
			l.next(r)
		}, "wrong-partition bad-headers"},
		{"an intent on the wrong partition that was decided there", func(l *lab) {
			q, r := l.find(verify.Intents, `"id":"c3"`), l.approved("c3")
			q.Key = []byte("bob")
			l.edit(q, `"cyd"`, `"bob"`)
			l.edit(r, `"cyd"`, `"bob"`)
			r.Key = []byte("bob")
		}, "wrong-partition wrong-id"},
	}
}

func ofNoes() []fault {
	return []fault{
		{"a no that was heard, and an approval", func(l *lab) { l.approve("c1") }, "approval-after-refusal"},
		{"a no in the disguise of what partitions tell one another", func(l *lab) {
			l.approve("c1")
			header(l.find(verify.Signals, `"id":"s1"`, `"refusal"`), "governor_from", "1")
		}, "approval-after-refusal"},
		{"a campaign that was stopped, and an approval", func(l *lab) { l.stop("s12", "spring") }, "approval-after-refusal"},
		{"a no in words, to a subject, on another channel", func(l *lab) { l.approve("g1") }, "approval-after-refusal"},
		{"a winback after the person left", func(l *lab) { l.approve("i1") }, "approval-after-refusal"},
		{"a complaint, and a yes that is no later", func(l *lab) { l.approve("l1") }, "approval-after-refusal"},
		{"a call to a number that is not the person's", func(l *lab) { l.approve("k3") }, "approval-after-refusal"},
		{"a no that nobody could read", func(l *lab) { l.approve("f1") }, "approval-after-refusal"},
		{"a no that somebody else took back", func(l *lab) {
			l.edit(l.find(verify.Signals, `"id":"s8"`), `"settings"`, `"agent"`)
		}, "approval-after-refusal"},
		{"a no that was overtaken", func(l *lab) {
			r := l.approve("c1")
			l.heard(r, 0)
			q := l.find(verify.Intents, `"id":"c1"`)
			q.Time = q.Time.Add(2 * time.Second)
		}, "overtaken-no left-standing"},
		{"a no that was overtaken, by the order of acknowledgements", func(l *lab) {
			r := l.approve("c1")
			l.heard(r, 0)
			l.find(verify.Signals, `"id":"s1"`, `"refusal"`).Order = 7
			l.find(verify.Intents, `"id":"c1"`).Order = 8
		}, "overtaken-no left-standing"},
		{"a lost revocation, and an outcome that came after the no", func(l *lab) {
			l.drop(l.find(verify.Revoked, `"d1"`))
			l.say(signal("s99", "dan", "outcome", "intent:d1", "result:sent"))
		}, "left-standing batch-gap"},
		{"a lost revocation", func(l *lab) { l.drop(l.find(verify.Revoked, `"d1"`)) }, "left-standing batch-gap"},
		{"a revocation of nothing", func(l *lab) {
			r := copied(l.find(verify.Revoked, `"d1"`))
			l.edit(r, headerOf(l.approved("d1"), "ce_id"), "d-"+strings.Repeat("7", 32))
			l.next(r)
		}, "false-revocation"},
		{"a revocation of a veto", func(l *lab) {
			r := copied(l.find(verify.Revoked, `"d1"`))
			l.edit(r, headerOf(l.approved("d1"), "ce_id"), headerOf(l.vetoed("d2"), "ce_id"))
			l.next(r)
		}, "false-revocation"},
		{"a no with an end", func(l *lab) {
			r := copied(l.lastStanding("cyd"))
			r.Value = []byte(`{"person":"cyd","opt_out":"2026-05-04T12:00:00.000Z"}`)
			l.next(r)
		}, "forgotten-no lost-no"},
		{"a no of somebody who was erased, which nothing sealed took the place of", func(l *lab) {
			l.say(signal("s99", "cyd", "erasure"))
			r := copied(l.lastStanding("cyd"))
			r.Value = nil
			l.next(r)
		}, "forgotten-no lost-no"},
		{"a no that was deleted", func(l *lab) {
			r := copied(l.lastStanding("cyd"))
			r.Value = nil
			l.next(r)
		}, "forgotten-no lost-no"},
		{"a no that stands nowhere", func(l *lab) {
			for _, partition := range l.Partitions() {
				slot := fmt.Sprint(verify.Standing, partition)
				l.memory[slot] = slices.DeleteFunc(l.memory[slot], func(r verify.Record) bool { return string(r.Key) == "ida" })
			}
		}, "lost-no"},
		{"a no that stands for something narrower", func(l *lab) {
			for _, partition := range l.Partitions() {
				for i, r := range l.memory[fmt.Sprint(verify.Standing, partition)] {
					if string(r.Key) == "ida" {
						l.edit(&l.memory[fmt.Sprint(verify.Standing, partition)][i], `"brand":"acme"`, `"brand":"acme","subject":"x"`)
					}
				}
			}
		}, "lost-no"},
	}
}

// lastStanding is the last that stands for a person.
func (l *lab) lastStanding(person string) (last *verify.Record) {
	for _, partition := range l.Partitions() {
		records := l.memory[fmt.Sprint(verify.Standing, partition)]
		for i := range records {
			if string(records[i].Key) == person {
				last = &records[i]
			}
		}
	}
	return last
}

func ofWindows() []fault {
	return []fault{
		{"a cap exceeded by one", func(l *lab) { l.approve("b2") }, "cap-exceeded"},
		{"a cap exceeded by one that was not counted", func(l *lab) {
			l.edit(l.approve("b2"), `{"rule":"cap.sms","used":1`, `{"rule":"cap.sms","used":0`)
		}, "cap-exceeded"},
		{"a cap that only the evidence tells of", func(l *lab) {
			l.edit(l.approved("c2"), `{"rule":"cap.any","used":0`, `{"rule":"cap.any","used":3`)
		}, "cap-exceeded"},
		{"a window that is a millisecond too short", func(l *lab) {
			l.edit(l.approve("b3"), `{"rule":"cap.sms","used":1`, `{"rule":"cap.sms","used":0`)
		}, "cap-exceeded"},
		{"a window that is closed instead of half-open", func(l *lab) {
			r := l.approved("b4")
			v := copied(r)
			l.drop(r)
			v.Topic = verify.Vetoed
			l.edit(v, `"verdict":"approved","reason":"","reasons":[]`, `"verdict":"vetoed","reason":"cap.sms","reasons":[{"rule":"cap.sms","reason":"cap.sms"}]`)
			l.put(v)
		}, "unfounded-veto"},
		{"a cap exceeded by what a worker has, of which nothing was heard", func(l *lab) { l.approve("r6") }, "cap-exceeded"},
		{"a veto for a window that is not full", func(l *lab) { l.drop(l.approved("a2")) }, "unfounded-veto lost-intent batch-gap"},
	}
}

func ofBatches() []fault {
	return []fault{
		{"an index of a batch that nobody has", func(l *lab) {
			slot := fmt.Sprint(verify.Standing, 1)
			for i := range l.memory[slot] {
				r := &l.memory[slot][i]
				if next := &l.memory[slot][i+1]; string(r.Key) == "ada" && number(next, "governor_batch") == number(r, "governor_batch") {
					l.drop(r) // neither the last of its person nor of its batch
					return
				}
			}
		}, "batch-gap"},
		{"two owners at one time", func(l *lab) {
			r := copied(l.vetoed("c4"))
			l.edit(r, headerOf(r, "ce_id"), "other")
			header(r, "ce_id", "other")
			l.put(r)
		}, "batch-clash double-answer asked-again"},
		{"batches out of order", func(l *lab) {
			a, b := l.approved("c3"), l.approved("k1")
			x, y := headerOf(a, "governor_batch"), headerOf(b, "governor_batch")
			header(a, "governor_batch", y)
			header(b, "governor_batch", x)
		}, "batch-order batch-clash batch-gap time-back"},
		{"signals that were unheard again", func(l *lab) { header(l.approved("k1"), "governor_signals", "0") }, "batch-order"},
		{"a record without a place", func(l *lab) { header(l.lastStanding("ada"), "governor_batch", "") }, "bad-headers batch-gap"},
		{"a host's clock that jumped back", func(l *lab) {
			l.edit(l.vetoed("a4"), "2026-05-04T12:20:00.000Z", "2026-05-04T11:20:00.000Z")
		}, "time-back"},
		{"revocations that go back in time", func(l *lab) {
			r := copied(l.find(verify.Revoked, `"d1"`))
			l.edit(r, headerOf(l.approved("d1"), "ce_id"), headerOf(l.approved("g2"), "ce_id"), `"d1"`, `"g2"`, `"dan"`, `"gus"`, "2026-05-04T12:05:00", "2026-05-04T12:04:00")
			r.Key = []byte("gus")
			l.next(r)
		}, "time-back"},
	}
}

func ofLetters() []fault {
	letter := func(l *lab, topic string) *verify.Record {
		for _, partition := range l.Partitions() {
			records := l.memory[fmt.Sprint(verify.DeadLetter, partition)]
			for i := range records {
				if headerOf(&records[i], "__connect.errors.topic") == topic {
					return &records[i]
				}
			}
		}
		l.t.Fatalf("no dead letter came from %s", topic)
		return nil
	}
	return []fault{
		{"a dead letter without headers", func(l *lab) {
			r := letter(l, verify.Intents)
			r.Headers = slices.DeleteFunc(slices.Clone(r.Headers), func(h verify.Header) bool { return strings.HasPrefix(h.Key, "__connect") })
		}, "bad-letter lost-intent"},
		{"a dead letter that does not say why", func(l *lab) {
			header(letter(l, verify.Intents), "__connect.errors.exception.message", "")
		}, "bad-letter"},
		{"a dead letter from another partition", func(l *lab) {
			header(letter(l, verify.Intents), "__connect.errors.partition", "7")
		}, "bad-letter lost-intent"},
		{"a dead letter that was mended", func(l *lab) {
			r := letter(l, verify.Intents)
			r.Value = append(slices.Clone(r.Value), '}')
		}, "altered-letter"},
		{"a dead letter from nowhere", func(l *lab) {
			header(letter(l, verify.Intents), "__connect.errors.offset", "7777")
		}, "invented lost-intent"},
		{"an unreadable no without a dead letter", func(l *lab) {
			s := l.find(verify.Signals, `"id":"s2"`)
			l.edit(s, `{`, ``)
			l.drop(letter(l, verify.Signals))
		}, "lost-letter batch-gap"},
		{"an intent that was decided and buried", func(l *lab) {
			r := copied(letter(l, verify.Intents))
			q := l.find(verify.Intents, `"id":"f1"`)
			header(r, "__connect.errors.offset", strconv.FormatInt(q.Offset, 10))
			header(r, "__connect.errors.partition", strconv.Itoa(int(q.Partition)))
			r.Key, r.Value, r.Partition = q.Key, q.Value, q.Partition
			l.next(r)
		}, "double-answer"},
	}
}

// harmless is what looks like a fault and is none.
func harmless() []fault {
	return []fault{
		{"nothing", func(*lab) {}, ""},
		{"somebody who was erased, and whose noes were sealed", func(l *lab) {
			l.say(signal("s99", "cyd", "erasure"))
			r, gone := copied(l.lastStanding("cyd")), copied(l.lastStanding("cyd"))
			r.Key, r.Value, gone.Value = []byte("\x1eAAAA.BBBB"), []byte("sealed"), nil
			l.next(r)
			l.next(gone)
		}, ""},
		{"a zombie's repeat, byte for byte", func(l *lab) {
			r := copied(l.approved("b1"))
			slot := fmt.Sprint(r.Topic, r.Partition)
			r.Offset = int64(len(l.memory[slot]))
			l.memory[slot] = append(l.memory[slot], *r)
		}, ""},
		{"another campaign that was stopped", func(l *lab) { l.stop("s12", "autumn") }, ""},
		{"an audit", func(l *lab) { l.audit("h-FbSvBTnLqnl0hCBqc_5nJfPW", `"person":"h-FbSvBTnLqnl0hCBqc_5nJfPW"`) }, ""},
		{"a worker that asks while the system runs", func(l *lab) {
			l.o.Settled = false
			l.say(signal("q99", "bob", "redeem", "intent:b1", "worker:w1"))
		}, ""},
		{"compaction", func(l *lab) {
			for _, partition := range l.Partitions() {
				for _, topic := range []string{verify.Standing, verify.VetoRates} {
					slot, last := fmt.Sprint(topic, partition), map[string]int64{}
					for _, r := range l.memory[slot] {
						last[string(r.Key)] = r.Offset
					}
					l.memory[slot] = slices.DeleteFunc(l.memory[slot], func(r verify.Record) bool { return last[string(r.Key)] != r.Offset })
				}
			}
		}, ""},
		{"what came last, while the system runs", func(l *lab) {
			l.o.Settled = false
			batch := number(l.approved("a5"), "governor_batch")
			for _, topic := range []string{verify.Approved, verify.Vetoed, verify.Standing} {
				slot := fmt.Sprint(topic, 1)
				l.memory[slot] = slices.DeleteFunc(l.memory[slot], func(r verify.Record) bool { return number(&r, "governor_batch") >= batch })
			}
		}, ""},
	}
}

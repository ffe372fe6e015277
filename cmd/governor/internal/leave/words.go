package leave

import (
	"net/http"
	"strings"

	"golang.org/x/text/language"
)

// words are what the pages say in one language. {what} is what the channel carries
// and {who} the brand, as the language has them in this place.
type words struct {
	tag    language.Tag
	ask    string // one sentence, above the button
	button string
	done   string
	failed string // it could not be stored
	broken string // the link is none of ours
	mailto string // how broken goes on where there is an address; {address}
	us     string // {who} where no brand is named
	from   string // {who} where one is; {brand}
	what   map[string]string
	other  string // {what} of a channel that is not known here
	titles titles
}

// titles are what a browser shows of each page, and a screen reader says first.
type titles struct{ ask, done, failed, broken string }

// languages lists what is spoken; the first is for everybody else.
func languages() []words {
	return []words{english(), german(), french(), spanish(), italian(), portuguese(), dutch()}
}

func english() words {
	return words{
		tag:    language.English,
		ask:    "Press the button and you will get no more {what} {who}, except what you ask for yourself or what the law requires.",
		button: "No more {what} {who}",
		done:   "Your no is stored: you will get no more {what} {who}, except what you ask for yourself or what the law requires.",
		failed: "Your no could not be stored just now; please press the button again in a minute.",
		broken: "This link is not complete: open it again from the message itself, or answer the message with the word STOP",
		mailto: ", or write to {address}",
		us:     "from us",
		from:   "from {brand}",
		what: map[string]string{
			"email": "e-mail", "sms": "text messages", "call": "calls", "push": "notifications",
			"mail": "letters", "in_app": "messages in the app", "chat": "chat messages",
		},
		other:  "messages of this kind",
		titles: titles{"Say no", "You have said no", "Not stored", "Link not complete"},
	}
}

func german() words {
	return words{
		tag:    language.German,
		ask:    "Drücken Sie auf den Knopf, und Sie bekommen keine {what} mehr {who}, außer was Sie selbst anfordern oder was das Gesetz verlangt.",
		button: "Keine {what} mehr {who}",
		done:   "Ihr Nein ist gespeichert: Sie bekommen keine {what} mehr {who}, außer was Sie selbst anfordern oder was das Gesetz verlangt.",
		failed: "Ihr Nein konnte gerade nicht gespeichert werden; bitte drücken Sie in einer Minute noch einmal auf den Knopf.",
		broken: "Dieser Link ist nicht vollständig: Öffnen Sie ihn noch einmal aus der Nachricht selbst, oder antworten Sie auf die Nachricht mit dem Wort STOP",
		mailto: ", oder schreiben Sie an {address}",
		us:     "von uns",
		from:   "von {brand}",
		what: map[string]string{
			"email": "E-Mails", "sms": "SMS", "call": "Anrufe", "push": "Push-Nachrichten",
			"mail": "Briefe", "in_app": "Nachrichten in der App", "chat": "Chat-Nachrichten",
		},
		other:  "Nachrichten dieser Art",
		titles: titles{"Nein sagen", "Sie haben Nein gesagt", "Nicht gespeichert", "Link nicht vollständig"},
	}
}

// french has its {what} with de, since plus takes it; and its button says ne plus
// recevoir, for plus alone may mean more.
func french() words {
	return words{
		tag:    language.French,
		ask:    "Appuyez sur le bouton et vous ne recevrez plus {what} {who}, sauf ce que vous demandez vous-même ou ce que la loi exige.",
		button: "Ne plus recevoir {what} {who}",
		done:   "Votre refus est enregistré : vous ne recevrez plus {what} {who}, sauf ce que vous demandez vous-même ou ce que la loi exige.",
		failed: "Votre refus n’a pas pu être enregistré pour le moment ; veuillez appuyer de nouveau sur le bouton dans une minute.",
		broken: "Ce lien n’est pas complet : ouvrez-le de nouveau depuis le message lui-même, ou répondez au message par le mot STOP",
		mailto: ", ou écrivez à {address}",
		us:     "de notre part",
		from:   "de la part de {brand}",
		what: map[string]string{
			"email": "d’e-mails", "sms": "de SMS", "call": "d’appels", "push": "de notifications",
			"mail": "de courriers", "in_app": "de messages dans l’application", "chat": "de messages de chat",
		},
		other:  "de messages de ce genre",
		titles: titles{"Dire non", "Vous avez dit non", "Non enregistré", "Lien incomplet"},
	}
}

func spanish() words {
	return words{
		tag:    language.Spanish,
		ask:    "Pulse el botón y no recibirá más {what} {who}, salvo lo que usted pida o lo que exija la ley.",
		button: "No recibir más {what} {who}",
		done:   "Su negativa está guardada: no recibirá más {what} {who}, salvo lo que usted pida o lo que exija la ley.",
		failed: "Su negativa no se ha podido guardar en este momento; vuelva a pulsar el botón dentro de un minuto.",
		broken: "Este enlace no está completo: ábralo de nuevo desde el propio mensaje, o responda al mensaje con la palabra STOP",
		mailto: ", o escriba a {address}",
		us:     "de nuestra parte",
		from:   "de {brand}",
		what: map[string]string{
			"email": "correos electrónicos", "sms": "SMS", "call": "llamadas", "push": "notificaciones",
			"mail": "cartas", "in_app": "mensajes en la aplicación", "chat": "mensajes de chat",
		},
		other:  "mensajes de este tipo",
		titles: titles{"Decir no", "Ha dicho que no", "No guardado", "Enlace incompleto"},
	}
}

func italian() words {
	return words{
		tag:    language.Italian,
		ask:    "Prema il pulsante e non riceverà più {what} {who}, salvo ciò che chiede Lei o che la legge impone.",
		button: "Non ricevere più {what} {who}",
		done:   "Il Suo no è salvato: non riceverà più {what} {who}, salvo ciò che chiede Lei o che la legge impone.",
		failed: "In questo momento non è stato possibile salvare il Suo no; prema di nuovo il pulsante tra un minuto.",
		broken: "Questo link non è completo: lo apra di nuovo dal messaggio stesso, o risponda al messaggio con la parola STOP",
		mailto: ", o scriva a {address}",
		us:     "da parte nostra",
		from:   "da parte di {brand}",
		what: map[string]string{
			"email": "e-mail", "sms": "SMS", "call": "chiamate", "push": "notifiche",
			"mail": "lettere", "in_app": "messaggi nell’app", "chat": "messaggi in chat",
		},
		other:  "messaggi di questo tipo",
		titles: titles{"Dire no", "Ha detto no", "Non salvato", "Link incompleto"},
	}
}

func portuguese() words {
	return words{
		tag:    language.Portuguese,
		ask:    "Ao pressionar o botão, não receberá mais {what} {who}, exceto o que pedir ou o que a lei exigir.",
		button: "Não receber mais {what} {who}",
		done:   "A sua recusa está guardada: não receberá mais {what} {who}, exceto o que pedir ou o que a lei exigir.",
		failed: "Neste momento não foi possível guardar a sua recusa; pressione de novo o botão dentro de um minuto.",
		broken: "Este link não está completo: abra-o de novo a partir da própria mensagem, ou responda à mensagem com a palavra STOP",
		mailto: ", ou escreva para {address}",
		us:     "da nossa parte",
		from:   "de {brand}",
		what: map[string]string{
			"email": "e-mails", "sms": "SMS", "call": "chamadas", "push": "notificações",
			"mail": "cartas", "in_app": "mensagens na app", "chat": "mensagens de chat",
		},
		other:  "mensagens deste tipo",
		titles: titles{"Dizer não", "Disse que não", "Não guardado", "Link incompleto"},
	}
}

func dutch() words {
	return words{
		tag:    language.Dutch,
		ask:    "Druk op de knop en u krijgt geen {what} meer {who}, behalve wat u zelf aanvraagt of wat de wet vereist.",
		button: "Geen {what} meer {who}",
		done:   "Uw nee is opgeslagen: u krijgt geen {what} meer {who}, behalve wat u zelf aanvraagt of wat de wet vereist.",
		failed: "Uw nee kon nu niet worden opgeslagen; druk over een minuut nog eens op de knop.",
		broken: "Deze link is niet volledig: open hem nog eens vanuit het bericht zelf, of beantwoord het bericht met het woord STOP",
		mailto: ", of schrijf naar {address}",
		us:     "van ons",
		from:   "van {brand}",
		what: map[string]string{
			"email": "e-mails", "sms": "sms’jes", "call": "telefoontjes", "push": "pushberichten",
			"mail": "brieven", "in_app": "berichten in de app", "chat": "chatberichten",
		},
		other:  "berichten van deze soort",
		titles: titles{"Nee zeggen", "U hebt nee gezegd", "Niet opgeslagen", "Link niet volledig"},
	}
}

// fill puts channel and brand in their places.
func (w *words) fill(sentence string, t Ticket) string {
	what, known := w.what[t.Channel]
	if !known {
		what = w.other
	}
	who := w.us
	if t.Brand != "" {
		who = strings.Replace(w.from, "{brand}", t.Brand, 1)
	}
	// The brand goes in last: what it says is not looked at for places.
	return strings.Replace(strings.Replace(sentence, "{what}", what, 1), "{who}", who, 1)
}

// gone is what is said of a link that is none.
func (w *words) gone(address string) string {
	if address == "" {
		return w.broken + "."
	}
	return w.broken + strings.Replace(w.mailto, "{address}", address, 1) + "."
}

// spoken picks the language that a browser asks for.
type spoken struct {
	all     []words
	matcher language.Matcher
}

func newSpoken() spoken {
	s := spoken{all: languages()}
	var tags []language.Tag
	for _, w := range s.all {
		tags = append(tags, w.tag)
	}
	s.matcher = language.NewMatcher(tags)
	return s
}

func (s *spoken) to(r *http.Request) *words {
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return &s.all[0]
	}
	_, i, _ := s.matcher.Match(wanted...)
	return &s.all[i]
}

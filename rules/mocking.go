package rules

// mocking makes the person say what nobody would say of themselves, or that they
// throw something away.
const mocking = `
# en
full|regular|retail|higher|highest price|prices
pay|paying|pays|spend|spending more|extra|full|double|too
overpay*
hate|hates|dislike|despise|loathe ... saving*|money|discount*|deal*|free|fun|offer*|good|nice|to
miss|missing|missed out
^ ... ill|i|will miss the|this|these|my|all|your|great
wast* money|time|my
want|wanna|like|love|need|care|interested ... save|saving|savings
dont|not|never want|like|need|care|love ... save|saving|savings|money|discount*|deal|deals|free|bonus*|coupon*|benefits|bargain*
take|taking my chances|chance
my luck
being|stay|staying|remain|remaining|be poor|broke|alone|bored|boring|uninformed|ignorant|cold|miserable|limited|behind|average|mediocre|fat|sick|stupid|lonely|unhealthy|ugly|clueless|sad|unhappy
lose|losing|forfeit|waive|sacrifice|throw|give|giving|surrender ... benefit|benefits|discount|discounts|savings|perks|rewards|advantage*|bonus*|privileges|coupon*|deal|deals
^ ... cancel|end|remove|want my benefits|perks|privileges $
for other|others|losers|suckers
already know|rich|perfect
know|knows everything
not into|hungry|ready|worthy|smart
# de
voll*|hohere*|regular*|teure* preis*
zahl*|bezahl* ... mehr|voll*|gern*|lieber|zuviel|viel|drauf
lieber mehr|voll*|teuer*
nicht|nichts|kein* ... sparen|spare
sparen ... nicht*|kein*
kein* toll*|gunstig*|exklusiv*|attraktiv*|gut*|kostenlos*|super|gratis|geld|schnappchen
hasse|hass|verabscheue
verzicht* ... rabatt*|vorteil*|ersparnis*|gutschein*|angebot*|bonus|pramie*|schnappchen*|spar*
rabatt*|vorteil*|ersparnis*|gutschein*|bonus|pramie* ... verzicht*|verlieren|aufgeben|verfallen|wegwerfen
unwissend|uninformiert|dumm|langweilig|arm bleib*|sterben|$
bleib* ... unwissend|uninformiert|dumm|arm|langweilig
# fr
plein|prix tarif|fort|plein|pot
payer|paye|payant ... plus|cher|plein|trop
plus|trop cher
pas|sans|aucune ... economi*|economis*
gaspill*
moque|fiche|fous de|pas
renonc*|perdre|abandonner|sacrifier|gacher ... avantage*|reduction*|remise*|economies|bonus|cadeau*|promo|promos|promotion*|points|privilege*
mal|peu|moins informe*
ignorant*|bete|pauvre
# es
pagar|pagando|pago ... mas|completo|entero|total|demas
precio completo|entero|total
no ... ahorr*
odio|detesto
gusta|gustan|importa|importan ... ahorr*|descuento*|oferta*|ganga*|salud|dinero|gratis|regalo*|bueno*|mejor*
renunciar|perder|desperdiciar|tirar ... ventaja*|beneficio*|descuento*|ahorro*|regalo*|bono*|privilegio*
desinformad*|ignorante*|pobre|aburrid*
malgast*|desperdici*|derroch*
# it
prezzo pieno|intero
pag* ... pieno|piu|troppo|tutto|caro
non ... risparmi*
odio|detesto
sprecare|sprecando|sprecato|spreco|spreca
piace|piacciono|importa|interessano ... risparmi*|scont*|offert*|salute|soldi|gratis|affari|regal*
rinunci*|perd* ... vantagg*|scont*|benefic*|risparmi*|regal*|privileg*|bonus
disinformat*|ignorant*|povero|povera|noios*
# pt
pagar|pago|pagando ... mais|caro|inteiro|cheio|total|demais
preco cheio|inteiro|total
mais caro
nao ... economizar|poupar|economia|poupanca
odeio|detesto
gosto|importo|ligo ... poupar|economizar|desconto*|oferta*|saude|dinheiro|gratis
abdic*|renunci*|perder|abrir|desperdic*|desisti* ... desconto*|vantage*|beneficio*|oferta*|premio*|privilegio*|bonus
desinformad*|ignorante*|pobre
deixar de aproveitar|ganhar|poupar|economizar
# nl
volle|hoge|hogere prijs
betaal|betalen ... meer|liever|graag|volle|veel|teveel
haat
hou|houd niet van
geen|niet ... besparen|bespaar|sparen|voordeel
geen geld|gratis|mooie|leuke|geweldige
afzien|afstand|verlies|verliezen|weggooien|verspelen|opgeven|missen ... voordel*|korting*|punten|beloning*|cadeau*|bonus*
voordel*|korting*|bonus*|beloning* ... weggooien|verliezen|opgeven|missen|verspelen|laten|mislopen
onwetend|dom|arm|saai blij*|$
blij* ... onwetend|dom|arm|saai
`

// confessing is a person who says more of themselves than that they go. It mocks
// unless it is about being contacted.
const confessing = `
# en
^ no|nah|nope|nay|nein|never ... i|im|id|ill|ive|my
^ i|im|id|ill|ive ... rather|prefer|hate|love|enjoy|dont|already
^ i like|can
^ i|im|ive ... enough
# de
^ nein|ne|nee|no ... ich|mein|meine|meinen
^ ich ... lieber|gern|gerne|hasse|liebe|mag|geniesse
^ ich ... schon|bereits genug|alles|reich
# fr
^ non ... je|j*|mon|ma|mes
^ je|j* ... prefere|adore|aime|naime|deteste|hais
^ jaime|jadore|jen
# es
^ no ... prefiero|quiero|tengo|soy|estoy|necesito|amo|adoro|me ... *
^ prefiero|adoro|amo|ya
# it
^ no ... preferisco|voglio|ho|sono|amo|adoro|mi
^ preferisco|adoro|amo
# pt
^ nao ... eu|prefiro|quero|tenho|sou|estou|preciso|gosto|adoro|amo
^ eu|prefiro|adoro|amo ... prefiro|adoro|gosto|*
# nl
^ nee ... ik|mijn
^ ik ... liever|graag|haat|hou|geniet
`

// ofContact is what a plain no is about: being contacted, the list, the contract,
// consent, or nothing further.
const ofContact = `
# in most of the languages
email*|mail|mails|mailing*|e|newsletter*|sms|spam|marketing|cookie*|account*|data|tracking|profil*|contact*|promo|push
subscri*|unsubscri*|abonn*|abo|abos|iscri*|inscri*|suscri*|desuscri*|disiscri*|subscre*|abonnement*|registr*
cancel*|annul*|anul*|stop|stops|stopp*|consent*|accept*|accett*|aceit*|acept*|intere*
# en
messag*|text|texts|texting|call|calls|calling|called|phone|letters|post|notif*|alert*|reminder*|advert*|ads|updates
receiv*|sent|send|sending|hear|hearing|informed|agree*|allow*|permit*|share|sharing|sold|sell
leave|leaving|go|going|out|quit|end|ending|done|finished|renew*|member*|trial|plan|list|opt|anymore|longer|delete|remove|erase|use|using|used|afford
sign|signing|join|joining|attend|participat*
not to
no|any more
want|need|like|care|think it|this|that|to|them|any|these $
want|need|like|care|think|dont|wont|not|pass|decline|refuse $
# de
nachricht*|anruf*|angerufen|brief*|post|werb*|benachricht*|meldung*|erinnerung*|information*|*mails|*mail
erhalt*|bekomm*|empfang*|kontakt*|kundig*|abmeld*|abbestell*|austrag*|beend*|widerr*|widersp*|einwillig*|zustimm*|einverstand*|daten|konto|mitglied*|vertrag*|verteiler*
kein* ... mehr
nicht ... mehr
lehne|ablehn*|stimme|teilnehm*|mitmach*
mochte|will|brauche|kann das|es $
mochte|will|nicht $
# fr
courrier*|courriel*|message*|appel*|publicite*|pub|notification*|rappel*
recevoir|recois|contact*|resili*|desabonn*|desinscri*|quitter|partir|compte|donnees|daccord|consen*|demarch*
ne ... plus
pas $
# es
correo*|mensaje*|llam*|publicidad|notificac*|aviso*|carta*|boletin*
recib*|contact*|baja|cuenta|datos|lista|consent*|salir|irme|acuerdo
no quiero|deseo|me|nos ... mas
no quiero|puedo|gracias $
# it
messagg*|chiam*|pubblicit*|notific*|avvis*|posta|lettere
ricev*|contatt*|disd*|cancell*|lista|dati|acconsent*|uscire|andare|accordo
non voglio|desidero|mi|ne ... piu
non voglio|posso $
# pt
mensage*|chamad*|publicidade|notificac*|aviso*|carta*|lembrete*
receb*|contat*|contact*|lista|conta|dados|consint*|sair|concordo
nao quero|desejo|gostaria|vou|aguento ... mais
nao quero|posso $
# nl
bericht*|bel|bellen|gebeld|telefoon*|reclame|melding*|post|brieven|nieuwsbrief*
ontvang*|krijg*|benader*|uitschrijv*|afmeld*|opzeg*|lijst|gegevens|lidmaatschap|akkoord|toestem*|weg
geen|niet ... meer
dit|het|niet $
`

package rules

// stalling puts the choice off, offers something less, or sends the person to
// where it costs them time.
const stalling = `
# en
later $
later on|maybe|perhaps
^ remind me|us
remind me later|again|tomorrow|next|in|before
^ ... not now|today|yet|tonight
not right now
not at this moment|time
^ maybe|perhaps
another|other time|day
^ ask ... later|again|tomorrow
decide|think later|tomorrow
more time
^ pause|pausing|suspend|freeze|snooze|hold|postpone|delay|defer
pause|suspend|freeze|snooze ... instead|for|my
take|taking|need a break|breather
skip a|this|next|one|my
put ... on|my hold
on hold
instead
fewer|less|reduce|lower email*|mail*|messages|often|frequen*|texts|number|of|updates|notifications
^ fewer|less|reduce
^ weekly|monthly|daily digest|summary|only|emails|newsletter
^ get|receive|send ... weekly|monthly|daily|digest|summary
just|only one|once|twice ... a|per|every day|week|month
just|only weekly|monthly|important
switch|change|move to a|weekly|monthly|another|basic|free|cheaper|less
downgrade
change ... frequency
^ ... contact|call|phone|ring|email|message|write|chat|text|reach|visit us|our
contact|call|phone|ring|email|reach customer|support|sales|member|service|client|your|the|an|a|one
call|phone|dial|ring|write|email|mail to
call|dial|ring|phone 0*|1*|2*|3*|4*|5*|6*|7*|8*|9*
chat|talk|speak|speaking with|to
cancel* ... by|via phone|post|letter|mail|fax|telephone|chat
cancel* ... in writing|person|branch|store
send ... letter|fax|form
visit ... branch|store|office|shop|website|center|centre
business|office|opening hours
our|the|call hotline|helpline
log|sign|login in|to ... to|first|and
^ login|log|sign to|in
tell us
take|answer|complete|fill ... survey|questionnaire|quiz
^ see|view|show|claim|accept|unlock|redeem|explore|reveal|grab ... offer|offers|discount*|deal|deals|options|alternatives|coupon*|saving*
^ get my|a|the|your ... offer|discount*|coupon*
# de
spater|demnachst
^ nicht|jetzt|heute|noch|momentan|gerade jetzt|nicht|heute|im $
im moment|augenblick nicht
vielleicht
anderes|anderen|nachstes mal|tag
andermal
erinner* mich|uns|sie
^ erneut|nochmal|wieder fragen|erinnern
paus*
statt|stattdessen|anstatt
ruhend|ruhen|aussetzen|unterbrechen|einfrieren
weniger|seltener
nur|einmal wochentlich*|monatlich*|einmal|wichtig*|pro
rufen|ruf|ruft ... uns|unser*
zum|zur|um ... anrufen|telefonieren
^ ... jetzt|bitte|uns anrufen $
^ anrufen
telefonisch|schriftlich|brieflich kundig*|abmeld*|widerruf*
kundig* ... telefonisch|schriftlich|brieflich
kontaktier* uns|den|unser*
kontaktieren sie uns|den|unser*
^ kontakt aufnehmen
an|mit|beim den|unser*|kundenservice|kundendienst|support|einem|einer|dem|der ... kundenservice|kundendienst|support|berater*|mitarbeiter*|hotline|service|sprechen|chatten|wenden
berater*|mitarbeiter*|kundenservice|kundendienst|kundenbetreuung sprechen|anrufen|kontaktieren|chatten|fragen|$
hotline
kundig* ... per brief|post|fax|telefon|einschreiben|chat
einloggen|anmelden $|und
zum|zur ... einloggen|login
logg* dich|sie|dir ein
^ ... angebot*|vorteil*|rabatt*|gutschein*|alternativen|optionen ansehen|anzeigen|sichern|annehmen|nutzen|einlosen|prufen|zeigen
filiale|geschaftsstelle
tarif|abo wechseln
# fr
plus tard
^ ... pas maintenant|aujourdhui|encore|tout
peut etre
autre|prochaine fois|moment|jour
me|le rappeler
pause|suspendre|suspendez|geler|reporter
plutot
moins de|d*|souvent
appelez|contactez|ecrivez|joignez|telephonez|appeler|contacter|joindre|ecrire nous|le|notre|la|au|un|les|a|pour
appelez|contactez
service|relation client*
conseiller|conseillere|conseillers
resili*|annul*|desabonn*|desinscri* par|en courrier|telephone|lettre|fax|recommande|agence|magasin|boutique|chat
connect* ... pour|dabord
^ voir|decouvrir|profiter|obtenir|accepter|consulter ... offre|offres|remise*|reduction*|options|alternatives
pourquoi
# es
mas tarde|adelante
^ luego|despues
^ ... ahora|hoy|todavia|aun|aca no
^ no ahora|hoy|todavia|aun|por
por ahora|el momento
quiza|quizas
tal vez
otro momento|dia|rato
otra vez|ocasion $
recuerda*|recordar*
pausa*|suspender|congelar|aplazar|posponer
lugar|vez de
menos correo*|mensaje*|email*|mail*|a|frecuen*|veces
^ llama|llame|llamanos|llamenos|contacta|contacte|contactanos|contactenos|escribe|escriba|escribenos|escribanos|hable|habla|habla*
llamanos|llamenos|contactanos|contactenos|contacta|contacte|escribenos ... para|con|$
atencion al cliente
asesor|asesora|agente|operador|ejecutivo
cancel*|baja|anul* por telefono|carta|escrito|fax|correo
^ ver|aprovechar|obtener|aceptar|reclamar|conseguir ... oferta*|descuento*|opciones|alternativas
inicia*|inicie sesion
iniciar sesion para
# it
piu tardi|avanti
^ ... non ora|adesso|oggi|ancora
^ ... dopo $
forse|magari
unaltra|altra|prossima volta
altro|unaltro momento|giorno
ricorda|ricordami|ricordamelo|ricordare|ricordatemelo
pausa|sospend*|congela*|rimanda*
invece|piuttosto
meno email|mail|messaggi|spesso|frequen*|e|comunicazioni
chiamaci|chiamateci|contattaci|contattateci|scrivici|telefona*
chiama|contatta|chiamare|contattare il|lo|la|noi|un|i|per
servizio|assistenza clienti
operatore|consulente
disd*|cancell*|annull*|recess* ... per|tramite|via|con raccomandata|lettera|posta|fax|telefono|chat
^ guarda|vedi|scopri|accetta|ottieni|richiedi ... offert*|scont*|opzioni|alternative
accedi|effettua ... per|laccesso
# pt
mais tarde|logo
^ ... agora|hoje|ainda nao
^ nao agora|hoje|ainda
^ talvez
outra|proxima hora|altura|vez|ocasiao
outro momento|dia
lembrar|lembre|relembrar|lembra*me
^ depois
pausar|pausa|suspender|congelar|adiar
vez|lugar de|disso
menos email*|mail*|mensage*|e|frequen*
^ ligue|ligar|telefone|contacte|contate|fale|falar|converse|conversar|escreva|contactar|contatar
ligue|contacte|contate|fale ... para|com|connosco|conosco
entre|entrar em contato|contacto
apoio|atendimento ao cliente
call center
cancel*|anul* por telefone|carta|correio|escrito|chat
^ ver|aproveitar|obter|aceitar|resgatar ... oferta*|desconto*|opcoes|alternativas
inicie|inicia|iniciar sessao
faca login
# nl
^ ... later $
later herinner*|opnieuw|beslissen|vragen
^ ... niet nu|vandaag
^ ... nu|vandaag|nog niet
misschien
andere|volgende keer|moment|week
ander moment
herinner me|mij|mijn
pauze*|pauzer*|opschort*|onderbrek*|bevries*
plaats van
minder
alleen|een wekelijks*|maandelijks*
een keer per
bel|mail|app|schrijf|chat ons|met|naar|onze
^ bel de|om
neem|contact contact|op|opnemen|met op|met|$
klantenservice|klantenservices
medewerker|adviseur
opzeg* ... per|via telefoon|post|brief|fax|chat
telefonisch|schriftelijk opzeg*|afmeld*|uitschrijv*
^ bekijk|ontvang|claim|pak|gebruik ... aanbod|aanbieding*|korting*|opties|alternatieven
log|inloggen in|om
`

// noMore is a label that only says no to what it names, even if that is a call.
const noMore = `
dont|not|never|stop|no|without|end call*|contact*|email*|mail*|text*|messag*|phon*|writ*|send*|remind*|ring*|visit*
nicht|kein*|nie ... mehr|wieder|anrufen|kontaktieren|schreiben|kontakt*|anruf*
ne ... plus|pas|jamais
^ no ... me|nos|quiero|deseo|recibir
no ... mas $|correo*|mensaje*|llamada*|oferta*|publicidad|email*|mail*|sms|notif*
non ... piu $|email*|mail*|messagg*|chiamat*|offert*|pubblicit*|sms|notif*
non mi|voglio|desidero|ricevere|chiam*|contatt*|scriv*|invi*
nao ... mais $|email*|mail*|mensage*|chamada*|oferta*|publicidade|sms|notif*
nao me|quero|desejo|receber|enviar|contactar|contatar|ligar|entrar
niet|geen|nooit ... meer|bellen|mailen|contact*|benader*
`

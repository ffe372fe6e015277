package rules

// begging pleads, threatens, asks again, or says that the person may as well stay.
const begging = `
# en
dont|not go $
dont|not go yet|away|now|please|just
^ ... please dont|not go|leave|unsubscribe|cancel|quit
dont|not leave us|me|yet|now|$
are|r you|u ... sure|certain|positive
^ really|sure|certain $
^ sure you|thing
im|am really|very|quite|absolutely|pretty|totally sure
^ ... im|am sure|certain|positive
really want|wish|leaving|going|cancel|unsubscribe|leave|quit
do|did you really|truly
miss you|u|ya
well|will be sad|lost|heartbroken
sad|sorry|sorrow*|hate|unhappy to|youre|you|that|were ... see|lose|go|going|leave|leaving|hear|want|youre
sorry you
^ wait $
^ wait dont|do|we|before|please|youll|a|not|but|why|wait|stay
before you go|leave|cancel|unsubscribe|quit
more|last|another|second|final chance|try
last chance
changed|change my|your mind
^ keep my|me|it|us|receiving|getting|sending|enjoying|the|subscription|subscribed|plan|benefits|going|membership|them
mind|no|yes|wait|want|instead keep|stay
^ ... stay|remain subscribed|with|connected|tuned|on|$
anyway|anyways|regardless|nonetheless|nevertheless
break|breaking|broke our|my ... heart|hearts
broken|breaks heart*
heartbroken|heartless
cry|crying|weep|tears|sob
leave|abandon|desert|ditch|dump|forsake|divorce us
break|breaking up with
regret|regrets
^ but why
^ why $
^ why ... leaving|leave|go|going
was it something
what did|have we ... do|done|wrong
how could you
think|thinking it|again|about|twice over|again|it|twice|$
think twice|again
reconsider|reconsidering
come back
youll|will lose|forfeit
forgive us
i|we beg
# de
geh|gehen|geht sie|doch|noch|bitte|jetzt nicht|noch
geh|gehen|geht nicht
verlass* uns|mich nicht
nicht verlassen
bleib|bleibt|bleiben sie|bei|hier|dabei|doch|bitte|$|uns
^ ... abonniert|angemeldet|mitglied|dabei bleiben
abo|vertrag|vorteil*|mitgliedschaft|rabatt* behalten
bist|sind|seid du|sie|ihr ... sicher
^ ... sicher|sicher $
^ ... wirklich|tatsachlich
vermiss*
du|sie|ihr fehl*|uns fehlen|uns|$
schade|traurig
trotzdem|dennoch
doch|lieber nicht|bleiben kundigen|abmelden|gehen|verlassen|widerrufen|$
doch|lieber bleiben
noch eine chance
letzte|zweite|weitere|neue chance
uberleg*|uberdenk*
denk* noch|daruber
uns verlassen
meinung geandert
warte|moment $
warte|warten doch|noch|sie|kurz
bevor du|sie|ihr gehst|gehen|kundigst|kundigen|geht
weinen|heulen|traurig*
verlierst|verlieren du|sie ... alle|alles|deine|ihre
# fr
ne|nous pars|partez|quitte|quittez pas
ne vous|ten allez|va pas
reste|restez avec|abonne*|inscrit*|ici|encore|parmi|$
^ rester
^ conserver|garder
etes|es vous|tu ... sur|sure|certain*
^ sur|sure|certain $|de
vraiment|reellement
nous|me manqu*
nous allez|vas manquer
quand|tout|malgre meme|de|tout meme|$
quand meme
dommage|desole|desoles|tristes|triste
derniere|autre|nouvelle|seconde chance
reflechi*
^ attends|attendez
avant de|que partir|vous|nous|tu
change davis
nous quitter|abandonner|laisser
allez|vas perdre
# es
no te|se|os vayas|vaya|vayan|vayais
no nos|me dejes|deje|dejen
quedate|quedese|quedense|quedarme|quedarse
^ mantener|conservar
^ seguir suscrit*|recibiendo|con|conmigo
estas|esta|estan ... seguro|segura|seguros|seguras
^ seguro|segura $|que|quieres|quiere|deseas|desea
de verdad|veras
realmente
echaremos|echare|echamos|echar de menos
extranar*
todos|todas modos|formas|maneras
^ lo|nos siento|sentimos|lamentamos|apena
sentimos|lamentamos|pena que
otra|ultima|segunda|nueva oportunidad
perder|pierdas|perderas esta|la|una oportunidad
perderas|perdera
piensa*|piense*|pensarlo
^ espera|espere|esperen|esperate
antes de ... irte|irse|irme
cambie|cambiado de opinion|idea
quieres|quiere dejarnos|irte|irse|abandonarnos
# it
non andar*|andate|partire|te ... via|$|andare
non lasciar*|abbandonar*
resta|rimani|restate|rimanete|resti con|iscritt*|qui|$|ancora
^ restare|rimanere
^ mantieni|conserva|mantenere|conservare
sei|siete|e ... sicuro|sicura|sicuri|sicure
^ sicuro|sicura|sicuri $|di|che
davvero|veramente
mancherai|mancherete|mancate|manchi
dispiace|peccato|tristi|triste
comunque
lo stesso
altra|unaltra|ultima|seconda possibilita|occasione|chance|opportunita
^ aspetta|aspettate|attendi
ripens*|pensaci|pensateci
prima di andar*
cambiato idea
lasciarci|abbandonarci
perderai|perderete
# pt
nao va|vas|vao embora|ja|$
nao nos|me deixe|deixes|abandone
fique|fica|ficar connosco|conosco|com|aqui|inscrit*|$
^ manter|conservar
^ continuar inscrit*|subscrit*|a|recebendo|com
certeza
mesmo|realmente|verdade sair|cancelar|embora|assim|ir
quer|queres|deseja mesmo|realmente
realmente
sentir|sentiremos ... falta|saudade*
saudade|saudades
lamentamos|tristes|triste
que|uma pena
uma|outra|ultima|nova|segunda chance|oportunidade
^ espere|espera|aguarde
pense|pensa bem|melhor|nisso|duas
mudei|mudar de ideia
antes de sair|ir|partir
vai|vais|ira perder
# nl
ga niet|nog weg|niet|$
niet weg*
verlaat ons
blijf|blijven bij|ingeschreven|geabonneerd|lid|hier|$|nog
^ behoud|behouden
weet|bent|ben|weten je|u|jij|jullie ... zeker
^ zeker $|weten
^ ... echt
missen je|u|jou
gaan|zullen je|u|jou missen
mis|missen je|u $
jammer|helaas|verdrietig
toch|desondanks|alsnog afmelden|opzeggen|uitschrijven|annuleren|stoppen|weg*|verder|beeindigen
nog een kans
laatste|tweede kans
^ wacht
denk er|nog|even
heroverweeg|heroverwegen
voor|voordat je|u gaat|weggaat|vertrekt|opzegt
ons verlaten
gedachten veranderd
`

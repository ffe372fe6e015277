package rules

// The wordings by which labels of a way out are judged, as likeAny reads them and
// Plain writes them: lower case, no accents, "don't" is dont. Each was chosen so
// that a plain label does not fall under it; what the corpus in
// testdata/ways-out.tsv teaches belongs here.

// plainly are labels that are fit whatever else they are like.
const plainly = `
^ continue|proceed|weiter|fortfahren|continuer|continuar|continua|prosegui|doorgaan without|ohne|sans|sin|senza|sem|zonder
^ pause or cancel*|unsubscribe|end|quit|stop
^ id|i would|would|prefer|rather rather|prefer|not not|$
^ no thanks|thank im good|fine|ok|okay|done|out|not $
^ no im good|fine|ok|okay|done|out|not $
^ keep me|my|it ... off|out|away|private
`

// sayingNothing is a label that would fit any button, if nothing in it is about
// leaving.
const sayingNothing = `
^ continue|ok|okay|k|next|submit|send|yes|yep|yeah|sure|done|confirm|proceed|go|accept|agree|apply|save|more|options|help|info|details|account|menu|here|link|settings|preferences|manage|select|choose|finish|start|open|press|enter|back|return $
^ i agree|accept $
^ yes please $
^ learn|read|find|see|show|view|know more|out|details|all $
^ more options|info|information|details|links $
^ click|tap|press|go|follow here|this|now|below|link|button|me $
^ got|thats it|fine|ok $
^ my account|profile|settings|preferences $
^ weiter|fortfahren|absenden|senden|bestatigen|ja|hier|mehr|verstanden|einstellungen|optionen|verwalten|speichern|einverstanden|akzeptieren|zustimmen|klicken|hilfe|auswahlen|zuruck|los $
^ hier klicken|drucken|tippen $
^ klick*|drucken hier $
^ klick*|drucken sie hier $
^ mehr|weitere erfahren|infos|informationen|optionen|dazu|anzeigen $
^ weitere links ...
^ alles klar $
^ continuer|suivant|valider|envoyer|confirmer|oui|ici|plus|daccord|compris|parametres|options|preferences|accepter|enregistrer|aide|retour $
^ cliquez|cliquer|appuyez ici|sur $|ici|ce
^ en savoir plus $
^ plus doptions|dinfos|dinformations $
^ continuar|siguiente|aceptar|enviar|confirmar|si|aqui|mas|vale|opciones|ajustes|configuracion|preferencias|guardar|ayuda|volver|gestionar $
^ haga|haz|pulse|pulsa clic|click|aqui aqui|$
^ ... clic|click aqui $
^ saber|ver|leer mas $
^ mas informacion|opciones|detalles $
^ de acuerdo $
^ continua|avanti|prosegui|invia|conferma|qui|altro|opzioni|impostazioni|preferenze|accetta|salva|aiuto|indietro|capito $
^ clicca|premi|fai qui|clic $|qui
^ scopri|leggi|per|maggiori di|informazioni|saperne|altro|tutto piu|$
^ va bene $
^ daccordo $
^ avancar|seguinte|proximo|prosseguir|sim|opcoes|configuracoes|definicoes|aceitar|guardar|salvar|ajuda|voltar|gerenciar|gerir $
^ clique|carregue|toque aqui $
^ saiba|saber|ver|ler mais $
^ mais informacoes|opcoes|detalhes $
^ doorgaan|verder|volgende|verzenden|bevestig|bevestigen|meer|prima|begrepen|instellingen|opties|voorkeuren|accepteren|akkoord|opslaan|terug|beheren $
^ klik|tik|druk hier $
^ meer|lees informatie|info|weten|opties|meer $
# a page of settings, which does not say that one may leave there
^ manage|change|edit|update|review|adjust|modify|set|customize|customise|view|your|my|email|billing|subscription|notification|communication|contact|account|privacy|mail|marketing|message ... preferences|preference|settings|options|choices|plan|subscription|subscriptions|account|profile|notifications|center|centre|emails|billing $
^ ... *einstellungen|praferenzen|optionen|*praferenzen $
^ ... *einstellungen|praferenzen|optionen|abo|abonnement|profil|konto andern|anpassen|verwalten|bearbeiten|aktualisieren $
^ mettre a jour ...
^ gerer|gerez|modifier|modifiez|changer|changez|actualiser|personnaliser|ajuster ... preferences|parametres|options|abonnement|abonnements|dabonnement|profil|compte|reglages $
^ gestionar|administrar|actualizar|cambiar|modificar|editar|configurar|ajustar|personalizar|gestiona|administra ... preferencias|ajustes|configuracion|opciones|suscripcion|suscripciones|cuenta|perfil|correo $
^ gestisci|modifica|aggiorna|cambia|gestire|modificare|personalizza|imposta ... preferenze|impostazioni|opzioni|iscrizione|abbonamento|account|profilo|email|notifiche $
^ gerenciar|gerir|alterar|atualizar|editar|mudar|configurar|personalizar|ajustar|modificar ... preferencias|configuracoes|definicoes|opcoes|assinatura|subscricao|conta|perfil|mail|email|comunicacao $
^ ... voorkeuren|*voorkeuren|*instellingen|opties|abonnement|profiel|account wijzigen|aanpassen|beheren|bijwerken|veranderen $
^ beheer|wijzig ... voorkeuren|*voorkeuren|*instellingen|abonnement|profiel|account $
`

// leaving is what makes such a label a way out all the same.
const leaving = `
unsubscri*|opt|optout|cancel*|stop*|end|quit|leave|remove|delete|erase|off|disable|deactivate|no|none|dont|decline|reject|withdraw|terminate|opting|cancelling|leaving
*abmeld*|abzumeld*|*abbestell*|abzubestell*|kundig*|austrag*|beend*|losch*|deaktiv*|widerr*|widerspr*|ablehn*|ausschalten|abschalten|keine|nein
desabonn*|desinscri*|resili*|annul*|arret*|supprim*|desactiv*|refus*|retir*|non|quitter
baja|desuscri*|anul*|elimin*|borr*|rechaz*|retir*|desactiv*|salir
disiscri*|disdi*|cancell*|disattiv*|elimin*|rifiut*|revoc*|recedi
descadastr*|anul*|sair|remov*|exclu*|encerr*|recus*|rejeit*|desativ*
afmeld*|uitschr*|opzeg*|beeindig*|verwijder*|weiger*|intrek*|uitschakel*|geen
`

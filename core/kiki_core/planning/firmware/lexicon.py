"""Words of requests that ask for nothing by themselves, or for what is checked elsewhere; all others are told as unread.

The open world's side of the check: `unread` knows behaviours, this knows what isn't one. A word that is missing here
costs an answer its "verified", a wrong one here nothing but this net; so no verb of what a program does stands here
(those are in `actions`), only the small words of four languages, the words of setting up, and what things are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_core.planning.wording import language

_SMALL = """
a about above according actual again ago all almost along already also although always am an and another any anything are as aside ask
at available away back be because been before being beside besides between both bring but by call* came can cannot care case certain
come comes coming could course did do does doesn doing don done down each easy either else enough etc even ever every everything exact*
example extra far few fine first following follows for forever free from further get gets give given gives go goes going good got great
had has have having he hello help hence her here hey hi him his how however i if in indeed inside instead into is isn it its itself
just keep keeps kind know known last later least less let lets like likewise ll long look lot made main mainly make makes making many
matter may maybe me mean means mere* might mind mine minimal minimum maximum more most much must my myself near* need needs needed neither never new next
nice no nor normal* not note nothing now of off ok okay old on once one ones only onto or order other others our out over own part per perhaps
place plain please pls plus point possible prefer* present pretty pure put puts putting quick* quite rather re really regard* respect* rest right
s same say says second see seen set sets setting shall she should side similar* simple simplest simply since single small so some something
somewhere sort soon still straight* such sure t take taken takes taking than thank* thanks that the their them then there these they thing
things think this those though three through throughout thus till time times to together too top total toward* turn two typical* under
up upon us use used useful user uses using usual* ve very via want wants wanted was way ways we well were what whatever when whenever where
whereas which while whole whose why will wish with within without won word would x y yes yet you your
à ai ainsi alors après assez au aucun* aussi autre autres aux avant avec avoir bien bonjour c ce ceci cela celle celui ces cet cette ceux chaque chez comme comment
contre d dans de déjà depuis dernier derrière des deux devant dis doit doivent donc dont du elle elles en encore entre est et étant été être
eux faire fais fait faites faudrait faut fois fût grâce hors il ils j jamais je jusqu juste l la là laisse le les leur leurs lors lui lorsque
m mais me même merci mes mettre mets mon n ne ni non nos notre nous on ont ou où par parmi pas pendant peu peut peux plus plusieurs plutôt
point pour pourquoi pouvez près presque puis puisque qu quand que quel quelle quelque* qui quoi rien s sa sans se selon ses seul* seulement si
sien soit son sont sous souhaite suis sur surtout ta tant te tel telle tes toi ton toujours tous tout toute toutes très trop tu un une va
vais vers veux via voici voilà voudrais vous y s'il plaît svp exact*
ab aber all* als also am an andere* anderen auch auf aus außer außerdem bei beim bereits bis bitte brauch* da dabei dafür dagegen daher damit danach dann
daran darauf darf darin das dass dein* dem den denn der deren des deshalb dessen dich die dies* dir doch dort du durch eben ein* einfach einmal
er erst es etwa etwas für gar ganz gegen genau gern* gibt gut* habe haben hallo hat hätte hier hinter ich ihm ihn ihr* im immer in ins ist
ja je jed* jedoch jetzt jener kann kein* können könnt* machen mach mal man mehr mein* mich mir mit möchte möglichst muss müssen nach nachdem
neben nein nicht nichts nie noch nun nur ob oder ohne reichen reicht schon sehr sein* selbst sich sie sind so sobald sogar soll* sollte sondern
sonst soviel sowie über überhaupt um und uns unser* unten unter vergessen viel* vom von vor während wann war warum was weder weil weiter* welche* wenig*
wenn wer werden wie wieder will wir wird wo wozu wurde würde* zu zum zur zwar zwei zwischen zuerst beide* gleich* los
a acuérdate ahora al algo alguno algún alguna allí ambos ambas ante antes aquel aquí así aún aunque bajo bien bueno cada casi como con cómo contra cual cuál cuales cualquier*
cuando cuanto de debe deben debajo del delante demás dentro desde después detrás donde dos durante e el él ella ellas ellos en encima
entonces entre era es esa ese eso esta está están este esto estos favor fuera gracias ha hace hacer hacia han hasta hay haz hola igual incluso la
las le les lo los luego más me mediante menos mi mí mientras mis misma mismo mucho muy nada necesit* ni ningún ninguna no nos nosotros nunca o os otra
otro otros otras para pero poco pon por porque pues puede pueden que qué queda quien quiero quisiera se sea según ser si sí siempre sin sino sobre
solo sólo son su sus también tan tanto te tiene tienen toda todas todo todos tras tu un una unas uno unos usa usando usar usted va ya yo
"""
_SETTING_UP = """
pwm dac adc* uart* lpuart i2c iic can canfd fdcan bxcan hse hsi lse lsi lsi pll* sysclk hclk mco* rtc iwdg wwdg awd hal cmsis ll rxne txe tc trgo cpol cpha lsb msb rts cts tcxo xtal xin nss cs etr bkin eoc jeoc exti afr systick rcc
milliseconds milliseconde* millisekunde* milisegundo* microsecond* microseconde* mikrosekunde* microsegundo* nanosecond* nanosekunde* second seconds seconde* sekunde* segundo* minute* stunde* hour* heure* hora* percent* prozent* baud bauds mbaud kbaud megabaud* kilobaud* mbps kbps ksps msps mhz khz hertz* millivolt* volts ohm kohm bpm
isr's refresh* trigger* read* vrefint wkup rvb rgb mli devid cdc stm nucleo delay timer wear per-channel after change avg paced mod char chars interupt agree dynamixel bar burst sentence* nineteen max min addr id ids vdd vcc gnd vref vbat swdio swclk jtag mux
tree nacht divisor* reach* reache* roughly somehow around remain* remaining upfront overflow* underflow* until begin begins began whichever heart tie tied pill disco disc1 discovery eval kit shield breakout motorola futaba sbus midi gps modbus rs rs485 rs232 ttl cmos analog's logic-level isolated opto* optocoupl* encoder* step-down smps sbc machine* lathe robot* drone* car vehicle* pump* oven tank door window* garage garden greenhouse fridge kitchen lab workshop school student* beginner* colleague* boss customer* client* team project* prototype* product*
ausgäng* ergebnis* richte richten boost* antirrebote chien garde tourne touche contient valoir identif* identifier* duties aligned
abstract* accept* access* act active activ* adapt* add added address* adjust* advanced ahb allow* alternate amplitude analog* apart api apb application arm array* asm assembl* assign* assum* async* attach* auto*
background bare bank base* basic* bit bits bitrate block blocking board* boot booted boots bootup bring* buffer* build* built bus* bypass* byte bytes c cache caches
carr* catch* center centre* channel* check* chip* choos* circuit* circular class* classic clean* clear* clock* cmsis code codes coded coding comment* commented common compile* complement* complet* compil* component* config* cofigure connect* connector
constant* continuous* controller* conversion* convert* converter* core correct* cortex cpu create* crystal* current* cycle* data debug* deactiv* dead deadtime declar* default* define* demo depend* describ* desire* detail* develop* device* devices diagnos* different digital direct* disable* discovery
divid* divider division dma doc* dominant double down drain dribbl* driv* driver* dual duplex duty edge edges edit eight eighth else emit empty enabl* end* engine* ensur* entire entr* equal* error* event* exception* exchange exist* expect* exter* external* extended fail fallback famil* fast faster fastest fault*
feature* fetch* fifo file* final* fire* firmware fit* fix* flag* flash* float* flow forward foc form* format four frame* frequenc* fresh front full function* gate* gener* global gnd gpio* ground* group* half handl* hard* head* header* hertz high highest hold* host* idle* immediate* implement* includ* independent index individual*
inferr* init* input* instance* instruct* int integer* interfac* internal* interrupt* invalid inverter invert* irq* isr item* job kernel khz kbaud kbit* kbps label* language latency layer* layout lead learn* left length letter level* lib* library limit* line* link* linker list* listen* load* local* location lock logger logic* loop* loopback low lower lowest
machine macro* magic map* mapped maker mandatory manual* mask* master match mbit* mcu measure* member memory mention* method mhz micro* middle* miso mode* model module* monitor mosi motor* move multi* name* named native negative nested network non nss nucleo nuclo nvic object obtain* occur* offset open operat* opt option* original oscillator* oled other* output* package* pad* pair parallel param* parity parti* pass* path pattern pclk peripheral* period* phase* phases pick* piece pin pins pinout placed plac* plenty
polar* poll* port ports position* positive power* pre preemption preload* prepar* prescal* press* prevent* prio* process* processor* produc* program* project* proper* protocol* prototype provid* pull* pullup* pulse* push* quad* quarter queue* range* rate* rates ratio raw ready real reason* recei* reception recommend* reference* regist* regular* relat* release* remap* remember remind* reload* report* request* require* requir* reserv* reset* resist* resolution respective* result* return* ring rising falling rotary routine* run* running sample* sampl* scale* scan* schem* scope screen* scl sda sck se section select* sense sens* sensor* separate* sequence* serial serv* server setup* settings shape* share* shared shift* short shot* signal* signed silent sinc* six sixteen size* slave* sleep* slow* snippet soft* software solder* source* spare spec* specif* speed* spi standard* standalone start* startup state* stated status stay* step* still stop* stream* string* struct* structure style sub* suitab* sum* suppl* support* swap swd switch* switching symmetric* sync* synchron* system* table* tag talk* target* task* teach* tell* template* term* test* text thread* threshold tick* tim* tolerance* tool* total track transceiver* transfer* transmi* transmitter* transition* trigger* tri true type* typed undivided unit* unmask* unsigned unused update* usart* user* usable valid* value* variab* vector* version* virtual volat* volt* voltage* wait* waiting watch* wave* width* wire* wired wiring word* words work* works wrap* write* yield zero
button* led leds lamp* lamps relay* buzzer* board boards switch* key keys knob* pot* potent* joystick* microphone* thermistor* ntc ldr photo* fan fans pump* valve* heater* servo* motor* bldc esc mosfet* transistor* bridge inverter* converter* battery gps receiver* radio* module* modem* bluetooth wifi wi-fi accelerometer* gyro* magnetometer* barometer* eeprom* flash* display* lcd oled speaker* amplifier* regulator* header* connector* cable* jack jumper* probe* oscilloscope* scope analyser analyzer logic arduino pc laptop computer terminal usb st-link stlink debugger* programmer blue red green yellow orange white blackpill bluepill color colou*
push pull open drain floating bare metal bare-metal baremetal asap quick clean readable minimal tiny thx cheers regards
accéléro* activ* adresse* affect* alimentation* allum* alternative* analogique* appel* appu* arrêt* asservi* attente autom* avance barre* base basse bascul* baud* boucle* bout* bouton* broche* brut* bus but câbl* cadenc* canal canaux capteur* carte carré* cœur coeur compl* compt* conf* connect* consomm* continu* conversion* convert* courant* cristal cycl* cyclique débit déboguer décal* déclench* défaut délai* démarr* descend* dérive deuxième différ* divis* donn* durée échantillon* écran écri* écout* éléments éléments émission émet* encodeur* enregistr* ensemble entrée* entr* envo* état* éten* externe* faible* fenêtre fichier* filtre* fonction* fonct* fréquence* front* génér* génère gestion* haut* horloge* impair* impuls* indép* init* inform* installe* interface* intern* interrupt* inver* largeur* led lecture lent* lien* ligne* lire liaison limite* lis logic* logiciel* lumi* maître masque* masse matériel* mémoire* mesur* milieu mode* module* monte* montant* mot* moteur* mots nive* nombre octet* oscill* paire parallèle param* parit* paroles partir passe* périod* périph* petit* pilot* place* plage* port* possib* prend* préchargé premier première prio* program* propre* prédiv* quartz rapide* rapport* récep* reç* réduire réfé* réglag* régl* registre* relai* répon* requête* réseau réseaux résol* résult* retour* rythme* serie série* serre seuil* signal* simple* sortie* source* stock* syst* tact* taille* tampon* temps temporis* tens* tirage tourner transmission* tranche* travail* trame* type* unité* util* valeur* vérif* veille* vide* virtuel* vitesse* voie* zéro minuterie* compliqu* redirig* père recharg* principale* caudalímetro
ablegen abfrag* abgeleit* abstand abtast* adress* aktiv* aktivier* alarm* alternat* analog* anfang* anschl* anschließen ansteuer* anwend* anzeig* auflös* ausgang* ausgel* ausgab* ausgeb* auslös* auslesen auswert* automat* bauteil* baud* beginn* benutz* bereich* beispiel* beschleunig* bestückt betrieb* bit* board breite* bus byte* code* daten* datenbit* dauer* deaktiv* dreh* dreieck* eigen* eingang* eingänge eingestellt einheit* einrichten einricht* einschalt* einstell* einzeln* element* empfang* empfäng* ende entprell* ereignis* erfass* erst* erzeug* externe* faktor fach facher fallend* fehler* fenster flanke* folge* form* frei* frequenz* funktion* geber geht gemessen* genutz* gerät* gesch* geschw* geschwind* geschoben gestellt getakt* gesamt* gleichz* grün halb* hardware* hinter* hoch höchst* impuls* init* intern* invert* jeweil* kabel kanal kanäle* kanälen kern* kerntakt komplement* komplett* konfig* kontinu* kurz* lang* langsam* lauf* läuft led* leitung* leer* lese* letzt* leucht* linie* liest links maximal* mess* mindest* mitte* modul* modus motor* muster* nächst* netz niedrig* nutz* oszill* parit* paar pegel* peripher* periode* pins platine* poti* prio* prior* programm* prüf* puffer* pullup puls* quarz quelle* quarze rechne* rechteck* rechts referenz* register* reihe* reset* richtung* richtungen rolle* rot* samm* schalt* schaltung schleife* schnell* schnittstelle* schreib* schritt* schwelle* seriell* sende* sensor* setz* signal* simpel slave software spannung* speicher* sperr* spiel* standard* start* statt* status* stell* steig* steuer* stoppbit* stopp* stopbit* strom* stufe* system* takt* takten taster* tast* teiler teil* temperatur* test* timer* timerinterrupt totzeit treiber* übertrag* überabtast* uhr* umgebung umschalt* unabh* ungerade* unterbrech* verbind* verbunden* verbrauch* verfüg* vergleich* versorg* verwend* verzöger* volle* vorteil* voreinst* wandel* wandeln wartezyklen warte* wecker* wechsel* weit* wellen* wert* wiederhol* wort* wörter zähl* zeich* zeig* zeit* zentr* zugriff* zustand* zyklus*
acceler* activ* actual* adc ajust* alarma* alimentación alta* alto* ancho* apag* arranc* arrancando ascend* automát* bajo* base baudios bit* bloquear borr* boot* botón* bucle búfer buffer* bus byte* canal* captur* carga* celda centr* ciclo* código* complement* comunic* conect* config* configura* consumo* contador* contar continu* control* conversión conversion* convert* copia* corri* cristal* cuenta* dato* datos defecto descend* desplaz* destell* detec* diferenci* digital* direcc* dispar* disposit* divis* display ejemplo ejecut* elemento* encend* encoder* enlace* entrada* envía* envi* error* escri* esclavo espera* estado* evento* extend* extern* factor* filtro* flanco* flujo forma* frecuencia* fuente función* funcion* gener* genera* grupo* habilit* hardware hilo* impar* impuls* inactiv* inici* inicial* intern* interrup* invert* iz* lado lect* led* lee leer lento* libre* línea* linea* llam* logic* lógic* maestro mand* manej* mapa máscara* máx* maxim* med* memoria* mensaje* micro* milis* mín* minim* modo* módulo* motor* mues* muestr* nivel* nombre normal* número* octet* onda* oscil* palabra* palabras pant* par* parad* parid* parpad* parte* perif* período* periodo* pin* pines placa* polar* posic* potenci* predef* preescal* prior* program* prueba* puente puert* puerto* puls* pulso* punto* rápid* razón recarga recep* recib* reci* reg* registro* registros reinic* rel* reloj* repos* resist* resol* respuest* result* salida* seg* segundo* señal* sensor* serie* servo* silici* simple* sincron* sistema* software subida* tabla* tamaño* tarjeta* temp* tempor* tiempo* tipo* tira trabaj* trama* trans* transmi* últim* unidad* usart utiliz* valor* vector* veloc* ventana* verif* vez voltaje* zumb* verde rojo amarillo azul bajada despert* intermit* orden* orient* tensión flanco necesita*
"""
_WORDS: frozenset[str] = frozenset(each for each in (_SMALL + _SETTING_UP).split() if not each.endswith("*"))
_STEMS: tuple[str, ...] = tuple(
    sorted({each[:-1] for each in _SETTING_UP.split() + _SMALL.split() if each.endswith("*")})
)
_WORD = re.compile(r"(?<![\w'’./\\-])[^\W\d_]{2,}(?:['’-][^\W\d_]+)*(?![\w]|-\d)")


_ACTS = re.compile(r"\w{4,}(?:ing|ed|est|ly)|\w{4,}er")
"""What an English word ends in that tells of doing, or of how: "refreshing", "largest", "slowly"."""


def strangers(text: str) -> Iterator[str]:
    """The words of a text that aren't here and mean something to it, each once, in their order.

    Those are abbreviations in capitals, and of an English text what tells of doing; a thing's name asks for nothing.
    """
    seen: set[str] = set()
    english = language(text) == "en"
    for match in _WORD.finditer(text):
        for word in re.split(r"['’-]", match.group(0)):
            low = word.lower()
            telling = (word.isupper() and len(word) > 2) or (english and _ACTS.fullmatch(low))
            if low in seen or not telling:
                continue
            seen.add(low)
            if not (low in _WORDS or low.rstrip("s") in _WORDS or _stemmed(low)):
                yield word


def _stemmed(word: str) -> bool:
    return any(word[:size] in _STEM_SET for size in range(2, len(word) + 1))


_STEM_SET = frozenset(_STEMS)

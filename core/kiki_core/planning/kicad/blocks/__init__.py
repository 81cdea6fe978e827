"""The blocks that a sheet is drawn from, by the words that ask for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiki_core.planning.kicad.blocks import amplifiers, chips, networks, supplies, switching
from kiki_core.planning.kicad.sheet import Ask, Sheet


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its name, the pattern that asks for it, what draws it."""

    name: str
    asks: re.Pattern[str]
    draws: Callable[[Ask, Sheet], None]


def _block(name: str, pattern: str, draws: Callable[[Ask, Sheet], None]) -> Block:
    return Block(name, re.compile(pattern, re.IGNORECASE), draws)


BLOCKS: Sequence[Block] = (
    _block("usb", r"usb[- ]?(?:type[- ]?)?c\b|type-c|usbc", supplies.usb_c),
    _block("jack", r"barrel jack|dc jack|jack d'alim|hohlstecker|power inlet|conector (?:de )?barril|netzteilbuchse", supplies.jack),
    _block("bridge", r"bridge rectif|pont (?:de )?(?:\d |quatre )?(?:diodes|redresseur|graetz)|brückengleichrichter|full[- ]wave rectif|puente (?:de diodes|"
           r"rectificador)|graetz|gleichrichter|redresseur|rectificador", supplies.bridge),
    _block("charger", r"charger|chargeur|ladeschaltung|lader\b|cargador|mcp73831|tp4056", supplies.charger),
    _block("reverse", r"reverse[- ](?:polarity|voltage|battery)(?! diode)|verpolschutz|inversion de polarité|polaridad inversa|protection contre l'inversion",
           switching.reverse),
    _block("buck", r"\bbuck\b|step-?down|lm2596|abaisseur|abwärtswandler|reductor|boost converter|step-?up", supplies.buck),
    _block("lm317", r"lm317|adjustable (?:linear )?regulator|einstellbarer (?:spannungs)?regler|régulateur (?:réglable|ajustable)", supplies.lm317),
    _block("ldo", r"\bldo\b|linear regulator|voltage regulator|régulateur|spannungsregler|linearregler|regulador|ams1117|lm1117|ap2112|mcp1700|"
           r"\b(?:lm|l|ua)?78(?:l|m)?(?:05|06|08|09|12|15|18|24)\w*|lp2985|3[.v]3 ?v? regulator|regulated supply|low[- ]dropout", supplies.ldo),
    _block("mcu", r"stm32|\batmega\d+|\battiny\d+|esp32|\barduino[- ](?:uno )?minimal|microcontroller|\bmcu\b(?= (?:minimal|board|circuit))", chips.mcu),
    _block("crystal", r"crystal|quartz|quarz|cristal|xtal", chips.crystal),
    _block("shift", r"74hc595|shift register|schieberegister|registre à décalage|registro de desplazamiento", chips.shift),
    _block("darlington", r"uln2003", chips.darlington),
    _block("strip", r"ws2812|neopixel|addressable led", chips.strip),
    _block("onewire", r"ds18b20|1-wire", chips.onewire),
    _block("flash", r"spi flash|w25q|flash memory|nor flash|mémoire flash", chips.flash),
    _block("i2c", r"\bi2c\b|i²c|\biic\b|24lc|24c\d\d|eeprom", chips.i2c),
    _block("can", r"\bcan[- ](?:bus|trans|interface|phy|node|knoten)|can-?transceiver|mcp2551|sn65hvd|tja10|transceiver can|bus can|émetteur-récepteur can|"
           r"\bcan\b(?= 120)", chips.can),
    _block("rs485", r"rs-?485|max485|max3485", chips.rs485),
    _block("rs232", r"rs-?232|max232|max3232", chips.rs232),
    _block("levels", r"level[- ]?(?:shift|conver|translat)|pegelwandler|adaptateur de niveau|convert\w+ (?:de )?niv|bss138", chips.levels),
    _block("opto", r"opto|isolated input|galvanisch|isolation galvanique|pc817|4n35", chips.opto),
    _block("timer", r"\bne?555\b|555 timer|timer 555|astab|monostab|temporisateur 555", chips.timer555),
    _block("comparator", r"comparator|comparateur|komparator|comparador|lm393|schmitt", amplifiers.comparator),
    _block("sense", r"current[- ]sens|shunt|mesure de courant|strommess|sensor de corriente|ina180|ina169", amplifiers.sense),
    _block("bridge sensor", r"wheatstone|strain gauge bridge|load cell", chips.bridge_sensor),
    _block("sallen", r"sallen|(?:active|aktive\w*|actif|activo)\W+(?:\w+\W+){0,2}(?:filter|filtre|filtro|low-?pass|high-?pass|tiefpass|hochpass|passe)|"
           r"(?:filter|filtre|filtro|tiefpass\w*|hochpass\w*)\W+(?:\w+\W+){0,2}(?:actif|activo|aktiv)|(?:op-?amp|opv|aop)[- ](?:low|high)[- ]?pass|"
           r"(?:second|2nd)[- ]order (?:butterworth|bessel)|butterworth", amplifiers.sallen_key),
    _block("amplifier", r"op-?amp|operational|amplifier|opérationnel|operationsverstärker|\bopv\b|amplificador|amplificateur|verstärker|follower|suiveur|"
           r"spannungsfolger|seguidor|inverting|summing|\bbuffer\b|tl07\d|lm358|mcp600\d|integrator", amplifiers.amplifier),
    _block("high side", r"high[- ]?side|côté haut|lado alto|plusseitig|(?:p-?(?:channel|kanal|ch|mos\w*|fet)|canal p)\b(?:(?!revers|verpol|inversion|polari).){0,80}(?:switch|schalt|commut|conmut|load|"
           r"last|charge|carga)|load switch", switching.high_side),
    _block("switch", r"(?:transistor|mosfet|npn|nmos|n-channel|low[- ]side|\bfet\b)\w*(?:(?! filter).){0,90}(?:switch|driv|allum|enciend|activ|ansteuer|command|turn|relay|relais|relé|motor|load|solenoid|lamp|fan|pump|"
           r"schalt|commut|interrup|treib|pilot|control|led|buzzer|strip)|(?:switch|driv|schalt|commut|pilot|treib|control|steuer)\w*(?:.){0,60}(?:transistor|mosfet|npn|"
           r"nmos|bc547|2n7002|2n3904)|rela(?:y|is)\w*.{0,40}(?:command|driven|gesteuert|pilot)|relé.{0,40}(?:controlad|accionad|mandad)|relay driver|relaistreiber|motor driver|low-?side switch|flyback diode|relay (?:with|circuit|control)|"
           r"(?:driver|pilote|treiber|control) (?:for|de|für|para) (?:a |un |ein )?(?:relay|relais|relé|motor|solenoid)|relais(?:ansteuerung|treiber)|commande de relais", switching.switch),
    _block("zener", r"zener", supplies.zener),
    _block("pad", r"attenuat|atténuat|dämpfungsglied|atenuador|\bpi[- ]pad|t-pad", networks.pad),
    _block("filter", r"filter|filtre|filtro|low[- ]?pass|high[- ]?pass|passe-?bas|passe-?haut|tiefpass|hochpass|pasa-?baj|pasa-?alt|\brc\b(?! time)", networks.filter),
    _block("divider", r"divider|diviseur|spannungsteiler|teiler|divisor", networks.divider),
    _block("sensor", r"thermistor|\bntc\b|\bpt-?100\d?\b|\brtd\b|\bldr\b|photo-?resist|fotowider|fotorresist|potentiomet|potentiomètre|potenció|\bpoti\b|light sensor", amplifiers.sensor),
    _block("button", r"push[- ]?button|button|taster|bouton|pulsador|botón", switching.button),
    _block("decoupling", r"decoupl|bypass cap|découplage|entkoppl|desacoplo", chips.decoupling),
    _block("led", r"\bleds?\b|light-emitting|leuchtdiode|diode électrolum|\bdel\b", switching.led),
)  # fmt: skip
"""The blocks in the order in which a sheet is drawn: supplies first, so that the rest lives from them."""

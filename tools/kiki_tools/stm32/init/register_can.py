"""CAN in C for CMSIS registers: bxCAN and FDCAN, sending and receiving frames of CAN 2.0."""

from __future__ import annotations

from collections.abc import Sequence

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import interrupt
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Can, ImpossiblePlan
from kiki_tools.stm32.init.register_blocks import (
    Block,
    clock_on,
    enabled,
    pins_on,
    where_of,
)
from kiki_tools.stm32.init.setup import Setup

FRAME = [
    "typedef struct",
    "{",
    "  uint32_t id; /* 11 or 29 bits */",
    "  uint8_t extended;",
    "  uint8_t length;",
    "  uint8_t bytes[8];",
    "} CanFrame;",
]


def bxcan(setup: Setup, number: int, one: Placed, wish: Can) -> Block:
    """F4's CAN."""
    port, name = one.instance, one.instance.lower()
    if wish.data_bitrate:
        raise ImpossiblePlan(f"{where_of(number, one)}: this CAN has no faster data phase (CAN FD); a G4's FDCAN has")
    bits = rates.can_bits(
        setup.tree.pclk1, wish.bitrate, wish.sample_percent / 100, where_of(number, one), flexible=False
    )
    mode = {"normal": "", "loopback": " | CAN_BTR_LBKM", "silent": " | CAN_BTR_SILM"}[wish.mode]
    bank = 14 if port == "CAN2" else 0
    once = " | CAN_MCR_NART" if wish.once else ""
    timing = (bits.jump - 1) << 24 | (bits.after - 1) << 20 | (bits.before - 1) << 16 | (bits.prescaler - 1)
    asked, care = 0, 0
    if wish.filter_id >= 0:
        up, extended = (3, 4) if wish.extended else (21, 0)
        asked, care = wish.filter_id << up | extended, _mask(wish) << up | 4
    init = [
        *(clock_on(setup, "CAN1") if port != "CAN1" else []),
        *clock_on(setup, port),
        *pins_on(one),
        f"{port}->MCR = CAN_MCR_INRQ | CAN_MCR_ABOM{once};",
        f"await(&{port}->MSR, CAN_MSR_INAK, CAN_MSR_INAK);",
        f"{port}->BTR = 0x{timing:X}U{mode}; /* {bits.actual:.0f} bit/s, sampled at {bits.sample:.1%} */",
        f"CAN1->FMR |= CAN_FMR_FINIT; /* {_taken_of(wish)} */",
        f"CAN1->FS1R |= 1U << {bank}U;",
        f"CAN1->sFilterRegister[{bank}].FR1 = 0x{asked:X}U;",
        f"CAN1->sFilterRegister[{bank}].FR2 = 0x{care:X}U;",
        f"CAN1->FA1R |= 1U << {bank}U;",
        "CAN1->FMR &= ~CAN_FMR_FINIT;",
        f"{port}->MCR = CAN_MCR_ABOM{once};",
    ]
    taken = [
        f"CAN_FIFOMailBox_TypeDef *box = &{port}->sFIFOMailBox[0];",
        "frame->extended = (box->RIR & CAN_RI0R_IDE) != 0U;",
        "frame->id = frame->extended ? box->RIR >> 3 : box->RIR >> 21;",
        "frame->length = box->RDTR & 0xFU;",
        "for (uint32_t at = 0U; at < 8U; at++)", "{",
        "  frame->bytes[at] = (uint8_t)((at < 4U ? box->RDLR : box->RDHR) >> (8U * (at % 4U)));", "}",
        f"{port}->RF0R = CAN_RF0R_RFOM0;",
    ]  # fmt: skip
    sent = [
        f"if (({port}->TSR & CAN_TSR_TME0) == 0U)", "{", "  return 0;", "}",
        f"CAN_TxMailBox_TypeDef *box = &{port}->sTxMailBox[0];",
        "uint32_t words[2] = {0U, 0U};",
        "for (uint32_t at = 0U; at < frame->length && at < 8U; at++)", "{",
        "  words[at / 4U] |= (uint32_t)frame->bytes[at] << (8U * (at % 4U));", "}",
        "box->TDTR = frame->length;", "box->TDLR = words[0];", "box->TDHR = words[1];",
        "box->TIR = (frame->extended ? (frame->id << 3) | CAN_TI0R_IDE : frame->id << 21) | CAN_TI0R_TXRQ;",
        "return 1;",
    ]  # fmt: skip
    waiting = f"({port}->RF0R & CAN_RF0R_FMP0) != 0U"
    enabling = f"{port}->IER = CAN_IER_FMPIE0;"
    return _bus(setup, one, wish, name, init, taken, sent, waiting, enabling, "RX0")


def _mask(wish: Can) -> int:
    every = 0x1FFFFFFF if wish.extended else 0x7FF
    return every if wish.filter_mask < 0 else wish.filter_mask & every


def _taken_of(wish: Can) -> str:
    if wish.filter_id < 0:
        return "every frame is taken"
    return f"identifier 0x{wish.filter_id:X} is taken, under the mask 0x{_mask(wish):X}"


def _sending(name: str, wish: Can) -> list[str]:
    """Main's frame, sent."""
    fields = [f".id = 0x{wish.send_id:X}U", f".extended = {int(wish.extended)}U", f".length = {len(wish.payload)}U"]
    listed = ", ".join(f"0x{byte:02X}U" for byte in wish.payload) or "0U"
    return [f"static const CanFrame frame = {{{', '.join([*fields, f'.bytes = {{{listed}}}'])}}};",
            f"(void){name}_send(&frame);"]  # fmt: skip


def _bus(
    setup: Setup, one: Placed, wish: Can, name: str, init: list[str], taken: Sequence[str], sent: Sequence[str],
    waiting: str, enabling: str, part: str, cleared: Sequence[str] = (),
) -> Block:  # fmt: skip
    """What both CAN controllers have in common: sending, receiving, the last frame by interrupt."""
    shared = [f"int {name}_send(const CanFrame *frame); /* 0: no room */"]
    functions: list[tuple[str, Sequence[str]]] = [(f"int {name}_send(const CanFrame *frame)", sent)]
    start: list[str] = []
    if wish.send_id >= 0:
        functions.append((f"void {name}_send_mine(void)", _sending(name, wish)))
        shared.append(f"void {name}_send_mine(void);")
        start = [f"{name}_send_mine();"]
    if not wish.interrupt:
        shared.append(f"int {name}_receive(CanFrame *frame); /* 0: nothing has come */")
        body = [f"if (!({waiting}))", "{", "  return 0;", "}", *taken, "return 1;"]
        functions.append((f"int {name}_receive(CanFrame *frame)", body))
        return Block(name, init, (), functions, shared, {}, start)
    vector = interrupt(setup.part.device, one.instance, part)
    shared += [f"extern volatile CanFrame {name}_frame; /* the last one */", f"extern volatile uint32_t {name}_frames;"]
    handler = [
        *cleared, f"volatile CanFrame *frame = &{name}_frame;", f"while ({waiting})", "{",
        *(f"  {line}" for line in taken), f"  {name}_frames++;", "}",
    ]  # fmt: skip
    variables = [f"volatile CanFrame {name}_frame;", f"volatile uint32_t {name}_frames;"]
    return Block(name, [*init, enabling, *enabled(vector, wish.priority)], variables, functions, shared,
                 {vector: handler}, start)  # fmt: skip


_EXTENDED = 0x70
"""Where the filters of identifiers of 29 bits begin."""
_RAM_BYTES, _RX0, _TX, _ELEMENT = 0x350, 0xB0, 0x278, 18
"""FDCAN's message memory: bytes of one controller, where FIFO 0 and the transmit buffers begin, words of an element
(RM0440, 44.3.3)."""


def _filter_g4(port: str, base: int, wish: Can) -> list[str]:
    """What is taken into FIFO 0: every frame, or an identifier under a mask (RM0440, 44.3.8, 44.4.20)."""
    if wish.filter_id < 0:
        return [f"{port}->RXGFC = 0U; /* every frame is taken, into FIFO 0 */"]
    counts = "1U << 24" if wish.extended else "1U << 16"
    filters = f"((volatile uint32_t *)(SRAMCAN_BASE + 0x{base + (_EXTENDED if wish.extended else 0):X}U))"
    values = [2 << 30 | 1 << 27 | wish.filter_id << 16 | _mask(wish)]
    if wish.extended:
        values = [1 << 29 | wish.filter_id, 2 << 30 | _mask(wish)]
    return [
        f"{port}->RXGFC = ({counts}) | (2U << 4) | (2U << 2); /* {_taken_of(wish)} */",
        *(f"{filters}[{at}] = 0x{value:X}U;" for at, value in enumerate(values)),
    ]


def _data_phase(setup: Setup, port: str, wish: Can, where: str) -> list[str]:
    """CAN FD's second rate, with the transmitter's delay made up for (RM0440, 44.4.4, 44.4.7)."""
    if not wish.data_bitrate:
        return []
    bits = rates.can_bits(setup.tree.pclk1, wish.data_bitrate, 0.75, where, flexible=True, data=True)
    timing = 1 << 23 | (bits.prescaler - 1) << 16 | (bits.before - 1) << 8 | (bits.after - 1) << 4 | (bits.jump - 1)
    offset = min(127, bits.prescaler * (bits.before + 1))
    return [
        f"{port}->CCCR |= (1U << 8) | (1U << 9); /* FDOE, BRSE */",
        f"{port}->DBTP = 0x{timing:X}U; /* {bits.actual:.0f} bit/s, sampled at {bits.sample:.1%} */",
        f"{port}->TDCR = {offset}U << 8;",
    ]


def fdcan(setup: Setup, number: int, one: Placed, wish: Can) -> Block:
    """G4's CAN."""
    port, name = one.instance, one.instance.lower()
    bits = rates.can_bits(
        setup.tree.pclk1, wish.bitrate, wish.sample_percent / 100, where_of(number, one), flexible=True
    )
    base = (int(port[-1]) - 1) * _RAM_BYTES
    timing = (bits.jump - 1) << 25 | (bits.prescaler - 1) << 16 | (bits.before - 1) << 8 | (bits.after - 1)
    control = {"normal": "", "loopback": " | FDCAN_CCCR_TEST | FDCAN_CCCR_MON", "silent": " | FDCAN_CCCR_MON"}[
        wish.mode
    ]
    control += " | FDCAN_CCCR_DAR" if wish.once else ""
    init = [
        "RCC->CCIPR = (RCC->CCIPR & ~RCC_CCIPR_FDCANSEL) | RCC_CCIPR_FDCANSEL_1; /* by APB1's clock */",
        *clock_on(setup, port),
        *pins_on(one),
        f"{port}->CCCR = FDCAN_CCCR_INIT;",
        f"await(&{port}->CCCR, FDCAN_CCCR_INIT, FDCAN_CCCR_INIT);",
        f"{port}->CCCR = FDCAN_CCCR_INIT | FDCAN_CCCR_CCE{control};",
        f"{port}->NBTP = 0x{timing:X}U; /* {bits.actual:.0f} bit/s, sampled at {bits.sample:.1%} */",
        *([f"{port}->TEST = FDCAN_TEST_LBCK;"] if wish.mode == "loopback" else []),
        *_filter_g4(port, base, wish),
    ]
    init += _data_phase(setup, port, wish, where_of(number, one))
    leave = f"{port}->CCCR &= ~FDCAN_CCCR_INIT;"
    ram = f"(SRAMCAN_BASE + 0x{base:X}U"
    taken = [
        f"uint32_t index = ({port}->RXF0S >> FDCAN_RXF0S_F0GI_Pos) & 3U;",
        f"const volatile uint32_t *element = (const volatile uint32_t *){ram} + 0x{_RX0:X}U) + index * {_ELEMENT}U;",
        "frame->extended = (element[0] >> 30) & 1U;",
        "frame->id = frame->extended ? element[0] & 0x1FFFFFFFU : (element[0] >> 18) & 0x7FFU;",
        "uint32_t length = (element[1] >> 16) & 0xFU;",
        "frame->length = (uint8_t)(length > 8U ? 8U : length);",
        "for (uint32_t at = 0U; at < 8U; at++)", "{",
        "  frame->bytes[at] = (uint8_t)(element[2U + at / 4U] >> (8U * (at % 4U)));", "}",
        f"{port}->RXF0A = index;",
    ]  # fmt: skip
    flexible = " | (3UL << 20) /* FD, faster data */" if wish.data_bitrate else ""
    sent = [
        f"if (({port}->TXFQS & FDCAN_TXFQS_TFQF) != 0U)", "{", "  return 0;", "}",
        f"uint32_t index = ({port}->TXFQS >> FDCAN_TXFQS_TFQPI_Pos) & 3U;",
        f"volatile uint32_t *element = (volatile uint32_t *){ram} + 0x{_TX:X}U) + index * {_ELEMENT}U;",
        "uint32_t words[2] = {0U, 0U};",
        "for (uint32_t at = 0U; at < frame->length && at < 8U; at++)", "{",
        "  words[at / 4U] |= (uint32_t)frame->bytes[at] << (8U * (at % 4U));", "}",
        "element[0] = frame->extended ? (1UL << 30) | frame->id : frame->id << 18;",
        f"element[1] = (uint32_t)frame->length << 16{flexible};", "element[2] = words[0];", "element[3] = words[1];",
        f"{port}->TXBAR = 1UL << index;", "return 1;",
    ]  # fmt: skip
    waiting = f"({port}->RXF0S & FDCAN_RXF0S_F0FL) != 0U"
    enabling = f"{port}->IE = FDCAN_IE_RF0NE;"
    if wish.interrupt:
        init.append(f"{port}->ILE = FDCAN_ILE_EINT0;")
    return _bus(
        setup, one, wish, name, [*init, leave], taken, sent, waiting, enabling, "IT0", [f"{port}->IR = FDCAN_IR_RF0N;"]
    )

"""Design kits: circuits that engineering knows how to compute, from a plan to a deck that carries its own test."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from kiki_tools.spice.kits.model import Impossible, Kit

KITS: Mapping[str, str] = {
    "rc_lowpass": "passive:RC_LOWPASS",
    "rc_highpass": "passive:RC_HIGHPASS",
    "rl_lowpass": "passive:RL_LOWPASS",
    "rl_highpass": "passive:RL_HIGHPASS",
    "rc_bandpass": "passive:RC_BANDPASS",
    "rlc_lowpass": "resonant:LOWPASS",
    "rlc_highpass": "resonant:HIGHPASS",
    "rlc_bandpass": "resonant:BANDPASS",
    "rlc_notch": "resonant:NOTCH",
    "twin_t_notch": "notches:TWIN_T",
    "active_notch": "notches:NOTCH",
    "allpass": "notches:ALLPASS",
    "voltage_divider": "dividers:DIVIDER",
    "attenuator": "attenuators:PAD",
    "matching_network": "matching:MATCH",
    "wilkinson_divider": "radio:WILKINSON",
    "bias_tee": "radio:BIAS_TEE",
    "rc_delay": "timing:DELAY",
    "crossover": "crossovers:CROSSOVER",
    "lc_lowpass": "lc:LOWPASS",
    "lc_highpass": "lc:HIGHPASS",
    "lc_bandpass": "lc:BANDPASS",
    "lc_bandstop": "lc:BANDSTOP",
    "active_lowpass": "active:LOWPASS",
    "active_highpass": "active:HIGHPASS",
    "active_bandpass": "bandpass:BANDPASS",
    "state_variable": "bandpass:STATE_VARIABLE",
    "inverting_amplifier": "opamp_stages:INVERTING",
    "noninverting_amplifier": "opamp_stages:NONINVERTING",
    "voltage_follower": "opamp_stages:FOLLOWER",
    "summing_amplifier": "opamp_stages:SUMMING",
    "difference_amplifier": "opamp_stages:DIFFERENCE",
    "instrumentation_amplifier": "opamp_stages:INSTRUMENTATION",
    "ac_amplifier": "opamp_stages:AC_COUPLED",
    "riaa_preamp": "equalisers:RIAA",
    "shelf": "equalisers:SHELF",
    "tone_control": "tone:TONE",
    "weighting_filter": "tone:WEIGHTING",
    "level_shifter": "range_mapper:LEVEL_SHIFTER",
    "common_emitter": "transistors:COMMON_EMITTER",
    "cascode": "transistors:CASCODE",
    "emitter_follower": "transistors:EMITTER_FOLLOWER",
    "common_base": "transistors:COMMON_BASE",
    "common_source": "transistors:COMMON_SOURCE",
    "source_follower": "transistors:SOURCE_FOLLOWER",
    "jfet_amplifier": "jfets:AMPLIFIER",
    "jfet_follower": "jfets:FOLLOWER",
    "jfet_current_source": "jfets:CURRENT_SOURCE",
    "differential_pair": "transistor_pairs:DIFFERENTIAL_PAIR",
    "current_mirror": "transistor_pairs:CURRENT_MIRROR",
    "integrator": "opamp_functions:INTEGRATOR",
    "differentiator": "opamp_functions:DIFFERENTIATOR",
    "transimpedance_amplifier": "opamp_functions:TRANSIMPEDANCE",
    "hysteresis_comparator": "schmitts:SCHMITT",
    "precision_rectifier": "opamp_functions:PRECISION_RECTIFIER",
    "voltage_to_current": "opamp_functions:VOLTAGE_TO_CURRENT",
    "log_amplifier": "logarithm:LOG",
    "antilog_amplifier": "logarithm:ANTILOG",
    "sample_and_hold": "sampling:SAMPLE_AND_HOLD",
    "transistor_bias": "small_stages:BIAS",
    "logic_inverter": "small_stages:LOGIC_INVERTER",
    "reverse_polarity": "small_stages:REVERSE",
    "fixed_regulator": "fixed_regulators:FIXED",
    "tl431_pass": "fixed_regulators:TL431_PASS",
    "logic_shifter": "interfaces:LOGIC_SHIFTER",
    "compensated_probe": "interfaces:PROBE",
    "tl431_shunt": "interfaces:TL431",
    "howland_pump": "howland:HOWLAND",
    "rectifier": "rectifiers:RECTIFIER",
    "voltage_doubler": "rectifiers:VOLTAGE_DOUBLER",
    "voltage_multiplier": "multipliers:MULTIPLIER",
    "soft_start": "inrush:SOFT_START",
    "charge_pump": "rectifiers:CHARGE_PUMP",
    "zener_regulator": "rectifiers:ZENER_REGULATOR",
    "led_resistor": "rectifiers:LED_RESISTOR",
    "buck_converter": "converters:BUCK",
    "boost_converter": "converters:BOOST",
    "buck_boost_converter": "converters:BUCK_BOOST",
    "linear_regulator": "regulators:LDO",
    "adjustable_regulator": "pass_regulators:ADJUSTABLE",
    "variable_supply": "pass_regulators:VARIABLE",
    "lm317_current_source": "bipolar_sources:LM317_CURRENT",
    "transistor_current_source": "bipolar_sources:SINK",
    "zener_pass": "pass_regulators:ZENER_PASS",
    "current_limiter": "regulators:CURRENT_LIMITER",
    "lc_supply_filter": "regulators:LC_FILTER",
    "clipper": "limits:CLIPPER",
    "input_protection": "limits:PROTECTION",
    "rail_splitter": "limits:SPLITTER",
    "zero_crossing": "zero_cross:ZERO_CROSSING",
    "gyrator": "gyrators:GYRATOR",
    "rc_snubber": "regulators:SNUBBER",
    "load_switch": "switches:LOAD_SWITCH",
    "relay_driver": "switches:RELAY_DRIVER",
    "high_side_switch": "drivers:HIGH_SIDE",
    "led_current_driver": "drivers:LED_CURRENT",
    "push_pull": "drivers:PUSH_PULL",
    "current_loop": "signals:CURRENT_LOOP",
    "triangle_generator": "signals:TRIANGLE",
    "window_comparator": "signals:WINDOW",
    "peak_detector": "drivers:PEAK_DETECTOR",
    "led_driver": "switches:LED_DRIVER",
    "wien_oscillator": "oscillators:WIEN",
    "phase_shift_oscillator": "oscillators:PHASE_SHIFT",
    "relaxation_oscillator": "oscillators:RELAXATION",
    "ring_oscillator": "oscillators:RING",
    "colpitts_oscillator": "lc_oscillators:COLPITTS",
    "hartley_oscillator": "lc_oscillators:HARTLEY",
    "clapp_oscillator": "more_oscillators:CLAPP",
    "quadrature_oscillator": "more_oscillators:QUADRATURE",
    "type2_compensator": "more_oscillators:COMPENSATOR",
    "crystal_oscillator": "lc_oscillators:PIERCE",
    "astable_555": "timers:ASTABLE_555",
    "monostable_555": "timers:MONOSTABLE_555",
    "astable_multivibrator": "timers:ASTABLE_BJT",
    "monostable_multivibrator": "timers:MONOSTABLE_BJT",
}
"""The name of each kit, and ``module:NAME`` of its `Kit`; modules are imported when a kit is asked for."""


@cache
def load(name: str) -> Kit:
    """The kit of a name.

    Raises:
        Impossible: if there is none.
    """
    if name not in KITS:
        near = get_close_matches(name, KITS, 1)
        known = f"did you mean {near[0]}?" if near else f"there are {', '.join(KITS)}"
        raise Impossible(f"there is no design kit {name[:40]!r}; {known}")
    module, attribute = KITS[name].split(":")
    kit: Kit = getattr(import_module(f"{__name__}.{module}"), attribute)
    return kit

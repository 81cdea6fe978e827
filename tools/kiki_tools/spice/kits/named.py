"""Models of parts that requests name, and the kits' generic models that they may stand in for.

Parameters from the vendors' published models (onsemi 2N3904, 2N2222A, 2N3906, TIP31; Nexperia BC547, BC557, BC337); the
MOSFETs as level 1 with the threshold, transconductance and on-resistance of their datasheets.
"""

from __future__ import annotations

from collections.abc import Mapping

_NPN, _PNP, _POWER = ("QN", "QSW"), ("QP",), ("QPOW", "QSW")
_SMALL_MOS, _POWER_MOS = ("MN",), ("MPOW",)
_SIGNAL, _RECTIFIER, _SCHOTTKY = ("DS",), ("DR", "DFLY"), ("DSK", "DPOW")
_BC547 = "NPN(IS=7.05f BF=375 NF=0.99 VAF=90 IKF=0.1 ISE=20f NE=1.5 BR=6 RC=0.6 RB=10 CJC=4p CJE=12p TF=640p TR=50n)"
_BC557 = "PNP(IS=14f BF=290 VAF=40 IKF=80m ISE=20f NE=1.5 BR=6 RC=0.7 RB=10 CJC=6p CJE=16p TF=600p TR=50n)"
_2N2222 = "NPN(IS=14.3f BF=256 VAF=74 NE=1.31 ISE=14.3f IKF=0.285 BR=6.1 RC=0.3 RB=3 CJC=7.3p CJE=22p TR=47n TF=411p)"
_BC337 = "NPN(IS=41f BF=280 VAF=100 IKF=0.7 ISE=40f NE=1.5 BR=8 RC=0.2 RB=3 CJC=12p CJE=40p TF=800p TR=60n)"
_TIP31 = "NPN(IS=1p BF=100 VAF=100 IKF=3 RC=0.06 RB=1 BR=5 CJC=120p CJE=250p TF=15n TR=300n)"
_BD139 = "NPN(IS=0.25p BF=110 VAF=130 IKF=0.6 RC=0.1 RB=1 BR=8 CJC=30p CJE=100p TF=1.2n TR=200n)"
MODELS_OF: Mapping[str, tuple[tuple[str, ...], str]] = {
    "2N3904": (_NPN, "NPN(IS=6.734f BF=300 VAF=74 NE=1.26 ISE=6.734f IKF=66.8m XTB=1.5 BR=0.74 RC=1 RB=10 CJC=3.64p "
               "MJC=0.31 CJE=4.49p MJE=0.26 TR=240n TF=301p)"),
    "2N2222": (_NPN, _2N2222), "2N4401": (_NPN, _2N2222),
    "BC547": (_NPN, _BC547), "BC548": (_NPN, _BC547), "BC549": (_NPN, _BC547), "BC847": (_NPN, _BC547),
    "BC337": (_NPN, _BC337), "BC817": (_NPN, _BC337), "BC107": (_NPN, _BC547), "BC108": (_NPN, _BC547),
    "BC557": (_PNP, _BC557), "BC558": (_PNP, _BC557), "BC857": (_PNP, _BC557),
    "2N3906": (_PNP, "PNP(IS=1.41f BF=180 VAF=18.7 IKF=80m XTB=1.5 BR=4.98 RC=2.5 RB=10 CJC=9.73p MJC=0.58 CJE=8.06p "
               "MJE=0.37 TR=33n TF=179p)"),
    "TIP31": (_POWER, _TIP31), "TIP41": (_POWER, _TIP31), "BD139": (_POWER, _BD139), "BD135": (_POWER, _BD139),
    "2N3055": (_POWER, "NPN(IS=2p BF=70 VAF=100 IKF=5 RC=0.03 RB=0.6 BR=4 CJC=300p CJE=600p TF=60n TR=1u)"),
    "2N7000": (_SMALL_MOS, "NMOS(LEVEL=1 VTO=1.8 KP=0.1 LAMBDA=0.01 RD=0.5 RS=0.1 CGSO=20u CGDO=5u)"),
    "BS170": (_SMALL_MOS, "NMOS(LEVEL=1 VTO=1.9 KP=0.3 LAMBDA=0.01 RD=0.6 RS=0.1 CGSO=30u CGDO=6u)"),
    "BSS138": (_SMALL_MOS, "NMOS(LEVEL=1 VTO=1.3 KP=0.2 LAMBDA=0.01 RD=0.6 RS=0.1 CGSO=20u CGDO=5u)"),
    "IRF540": (_POWER_MOS, "NMOS(LEVEL=1 VTO=3.3 KP=20 LAMBDA=0.005 RD=30m RS=5m CGSO=1.7m CGDO=0.12m)"),
    "IRF520": (_POWER_MOS, "NMOS(LEVEL=1 VTO=3.2 KP=4 LAMBDA=0.005 RD=0.15 RS=20m CGSO=0.4m CGDO=40u)"),
    "IRF530": (_POWER_MOS, "NMOS(LEVEL=1 VTO=3.2 KP=8 LAMBDA=0.005 RD=70m RS=10m CGSO=0.9m CGDO=80u)"),
    "IRFZ44": (_POWER_MOS, "NMOS(LEVEL=1 VTO=3.2 KP=30 LAMBDA=0.005 RD=10m RS=3m CGSO=1.5m CGDO=0.17m)"),
    "IRLZ44": (_POWER_MOS, "NMOS(LEVEL=1 VTO=1.8 KP=40 LAMBDA=0.005 RD=12m RS=3m CGSO=1.7m CGDO=0.15m)"),
    "IRL540": (_POWER_MOS, "NMOS(LEVEL=1 VTO=1.7 KP=25 LAMBDA=0.005 RD=30m RS=5m CGSO=1.7m CGDO=0.15m)"),
    "1N4148": (_SIGNAL, "D(IS=2.52n RS=0.568 N=1.752 CJO=4p M=0.4 TT=20n)"),
    "1N914": (_SIGNAL, "D(IS=2.52n RS=0.568 N=1.752 CJO=4p M=0.4 TT=20n)"),
    **{f"1N400{n}": (_RECTIFIER, "D(IS=7.03n RS=0.034 N=1.81 CJO=10p M=0.33)") for n in range(1, 8)},
    **{f"1N540{n}": (_RECTIFIER, "D(IS=60n RS=0.012 N=1.9 CJO=50p M=0.4)") for n in range(9)},
    **{f"1N581{n}": (_SCHOTTKY, "D(IS=10u RS=30m N=1.05 CJO=200p M=0.4)") for n in range(7, 10)},
    "1N5822": (_SCHOTTKY, "D(IS=20u RS=15m N=1.05 CJO=500p M=0.4)"),
    "BAT54": (_SCHOTTKY, "D(IS=0.2u RS=0.4 N=1.05 CJO=10p M=0.4)"),
}  # fmt: skip
"""The generic models that a part may replace, the first that a deck has, and the part's own parameters."""

"""Clock trees of the families: right ones are left alone, each limit is told at the setting that breaks it."""

from pathlib import Path

import pytest
from told import told

from kiki_tools.stm32.service import STM32
from kiki_tools.text import Span
from kiki_tools.workspace import gather, read_snapshot


def tree(*settings: str, latency: int, scale: str = "") -> str:
    """A `SystemClock_Config` with these settings of the PLL and the buses."""
    lines = [f"  HAL_PWREx_ControlVoltageScaling({scale});"] if scale else []
    for setting in settings:
        name = setting.partition(" ")[0]
        is_bus = name.endswith(("CLKDivider", "SYSCLKSource"))
        owner = "clk" if is_bus else "osc" if name in ("HSEPredivValue", "MSIClockRange", "HSIDiv") else "osc.PLL"
        lines.append(f"  {owner}.{setting};")
    lines.append(f"  if (HAL_RCC_ClockConfig(&clk, FLASH_LATENCY_{latency}) != HAL_OK) {{ }}")
    return "void SystemClock_Config(void)\n{\n" + "\n".join(lines) + "\n}\n"


PLL = "SYSCLKSource = RCC_SYSCLKSOURCE_PLLCLK"
AHB = "AHBCLKDivider = RCC_SYSCLK_DIV1"
HSE, HSI = "PLLSource = RCC_PLLSOURCE_HSE", "PLLSource = RCC_PLLSOURCE_HSI"
TREES = {
    "STM32F072xB": tree(HSE, "PREDIV = RCC_PREDIV_DIV1", "PLLMUL = RCC_PLL_MUL6", PLL, AHB, latency=1),
    "STM32F103xB": tree(
        HSE, "HSEPredivValue = RCC_HSE_PREDIV_DIV1", "PLLMUL = RCC_PLL_MUL9", PLL, AHB,
        "APB1CLKDivider = RCC_HCLK_DIV2", "APB2CLKDivider = RCC_HCLK_DIV1", latency=2,
    ),
    "STM32F205xx": tree(HSE, "PLLM = 8", "PLLN = 240", "PLLP = RCC_PLLP_DIV2", PLL, AHB, latency=3),
    "STM32F303xE": tree(HSE, "PREDIV = RCC_PREDIV_DIV1", "PLLMUL = RCC_PLL_MUL9", PLL, AHB, latency=2),
    "STM32F407xx": tree(
        HSE, "PLLM = 8", "PLLN = 336", "PLLP = RCC_PLLP_DIV2", PLL, AHB, "APB1CLKDivider = RCC_HCLK_DIV4",
        "APB2CLKDivider = RCC_HCLK_DIV2", latency=5, scale="PWR_REGULATOR_VOLTAGE_SCALE1",
    ),
    "STM32F746xx": tree(
        HSE, "PLLM = 8", "PLLN = 360", "PLLP = RCC_PLLP_DIV2", PLL, AHB, "APB1CLKDivider = RCC_HCLK_DIV4",
        "APB2CLKDivider = RCC_HCLK_DIV2", latency=5,
    ),
    "STM32G071xx": tree(
        HSI, "PLLM = RCC_PLLM_DIV1", "PLLN = 8", "PLLR = RCC_PLLR_DIV2", PLL, AHB, latency=2,
        scale="PWR_REGULATOR_VOLTAGE_SCALE1",
    ),
    "STM32G474xx": tree(
        HSI, "PLLM = RCC_PLLM_DIV4", "PLLN = 85", "PLLR = RCC_PLLR_DIV2", PLL, AHB, latency=4,
        scale="PWR_REGULATOR_VOLTAGE_SCALE1_BOOST",
    ),
    "STM32H743xx": tree(
        HSE, "PLLM = 1", "PLLN = 120", "PLLP = 2", PLL, "SYSCLKDivider = RCC_SYSCLK_DIV1",
        "AHBCLKDivider = RCC_HCLK_DIV2", "APB1CLKDivider = RCC_APB1_DIV2", latency=4,
    ),
    "STM32H563xx": tree(
        HSE, "PLLM = 2", "PLLN = 125", "PLLP = 2", PLL, AHB, latency=5, scale="PWR_REGULATOR_VOLTAGE_SCALE0"
    ),
    "STM32L053xx": tree(
        HSI, "PLLMUL = RCC_PLLMUL_4", "PLLDIV = RCC_PLLDIV_2", PLL, AHB, latency=1,
        scale="PWR_REGULATOR_VOLTAGE_SCALE1",
    ),
    "STM32L152xE": tree(HSI, "PLLMUL = RCC_PLL_MUL6", "PLLDIV = RCC_PLL_DIV3", PLL, AHB, latency=1),
    "STM32L476xx": tree(
        "PLLSource = RCC_PLLSOURCE_MSI", "PLLM = 1", "PLLN = 40", "PLLR = RCC_PLLR_DIV2", PLL, AHB, latency=4,
        scale="PWR_REGULATOR_VOLTAGE_SCALE1",
    ),
    "STM32L4R5xx": tree(
        "PLLSource = RCC_PLLSOURCE_MSI", "PLLM = 1", "PLLN = 60", "PLLR = RCC_PLLR_DIV2", PLL, AHB, latency=5
    ),
    "STM32U575xx": tree(
        "PLLSource = RCC_PLLSOURCE_MSI", "PLLM = 1", "PLLN = 80", "PLLR = 2", PLL, AHB, latency=4,
        scale="PWR_REGULATOR_VOLTAGE_SCALE1",
    ),
    "STM32WB55xx": tree(
        "PLLSource = RCC_PLLSOURCE_MSI", "PLLM = RCC_PLLM_DIV1", "PLLN = 32", "PLLR = RCC_PLLR_DIV2", PLL, AHB,
        latency=3,
    ),
    "STM32WL55xx": tree(
        "PLLSource = RCC_PLLSOURCE_MSI", "PLLM = RCC_PLLM_DIV1", "PLLN = 24", "PLLR = RCC_PLLR_DIV2", PLL, AHB,
        latency=2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("device", TREES)
def test_a_tree_within_its_limits_is_left_alone(tmp_path: Path, device: str) -> None:
    assert told(tmp_path, TREES[device], device) == []


def hints(folder: Path) -> list[str]:
    snapshot = read_snapshot(folder / "main.c")
    found = STM32.hints(snapshot, Span(0, len(snapshot.text)), gather(STM32, snapshot))
    return [hint.label for hint in found]


@pytest.mark.parametrize(
    ("device", "megahertz"),
    [
        ("STM32F072xB", 48), ("STM32F103xB", 72), ("STM32F205xx", 120), ("STM32F303xE", 72), ("STM32F407xx", 168),
        ("STM32F746xx", 180), ("STM32G071xx", 64), ("STM32G474xx", 170), ("STM32H743xx", 480), ("STM32H563xx", 250),
        ("STM32L053xx", 32), ("STM32L152xE", 32), ("STM32L476xx", 80), ("STM32L4R5xx", 120), ("STM32U575xx", 160),
        ("STM32WB55xx", 64), ("STM32WL55xx", 48),
    ],
)  # fmt: skip
def test_what_a_tree_comes_to(tmp_path: Path, device: str, megahertz: int) -> None:
    told(tmp_path, TREES[device], device)
    assert any(f"SYSCLK = {megahertz} MHz" in each for each in hints(tmp_path)), hints(tmp_path)


FAULTS = [
    ("STM32F072xB", "ST211", "RCC_PLL_MUL6", "RCC_PLL_MUL8", "osc.PLL.PLLMUL"),
    ("STM32F103xB", "ST211", "RCC_PLL_MUL9", "RCC_PLL_MUL12", "osc.PLL.PLLMUL"),
    ("STM32F103xB", "ST213", "APB1CLKDivider = RCC_HCLK_DIV2", "APB1CLKDivider = RCC_HCLK_DIV1", "clk.APB1"),
    ("STM32F103xB", "ST214", "LATENCY_2", "LATENCY_1", "if (HAL_RCC"),
    ("STM32F205xx", "ST211", "PLLN = 240", "PLLN = 160", "osc.PLL.PLLN"),
    ("STM32F407xx", "ST210", "PLLM = 8", "PLLM = 2", "osc.PLL.PLLM"),
    ("STM32F407xx", "ST211", "PLLM = 8", "PLLM = 4", "osc.PLL.PLLM"),
    ("STM32F407xx", "ST212", "PLLN = 336", "PLLN = 400", "osc.PLL.PLLN"),
    ("STM32F407xx", "ST213", "RCC_HCLK_DIV4", "RCC_HCLK_DIV2", "clk.APB1"),
    ("STM32F407xx", "ST214", "LATENCY_5", "LATENCY_4", "if (HAL_RCC"),
    ("STM32F407xx", "ST215", "SCALE1", "SCALE2", "HAL_PWREx"),
    ("STM32G071xx", "ST212", "PLLN = 8", "PLLN = 12", "osc.PLL.PLLN"),
    ("STM32G071xx", "ST215", "SCALE1", "SCALE2", "HAL_PWREx"),
    ("STM32G474xx", "ST215", "SCALE1_BOOST", "SCALE1", "HAL_PWREx"),
    ("STM32G474xx", "ST214", "LATENCY_4", "LATENCY_3", "if (HAL_RCC"),
    ("STM32G474xx", "ST210", "RCC_PLLM_DIV4", "RCC_PLLM_DIV8", "osc.PLL.PLLM"),
    ("STM32H743xx", "ST213", "RCC_APB1_DIV2", "RCC_APB1_DIV1", "clk.APB1"),
    ("STM32H743xx", "ST214", "LATENCY_4", "LATENCY_2", "if (HAL_RCC"),
    ("STM32H563xx", "ST215", "SCALE0", "SCALE1", "HAL_PWREx"),
    ("STM32L053xx", "ST211", "RCC_PLLMUL_4", "RCC_PLLMUL_8", "osc.PLL.PLLMUL"),
    ("STM32L476xx", "ST212", "PLLN = 40", "PLLN = 60", "osc.PLL.PLLN"),
    ("STM32L476xx", "ST214", "LATENCY_4", "LATENCY_3", "if (HAL_RCC"),
    ("STM32U575xx", "ST215", "SCALE1", "SCALE2", "HAL_PWREx"),
    ("STM32WB55xx", "ST212", "PLLN = 32", "PLLN = 40", "osc.PLL.PLLN"),
]


@pytest.mark.parametrize(("device", "code", "old", "new", "line"), FAULTS)
def test_a_limit_is_told_at_the_setting(tmp_path: Path, device: str, code: str, old: str, new: str, line: str) -> None:
    assert old in TREES[device]
    found = told(tmp_path, TREES[device].replace(old, new, 1), device)
    assert [(code, True)] == [(each, at.startswith(line)) for each, at, _ in found if each == code], found


LL = """
void SystemClock_Config(void)
{
  LL_FLASH_SetLatency(LL_FLASH_LATENCY_3);
  LL_RCC_PLL_ConfigDomain_SYS(LL_RCC_PLLSOURCE_HSI, LL_RCC_PLLM_DIV_16, 400, LL_RCC_PLLP_DIV_4);
  LL_RCC_SetAHBPrescaler(LL_RCC_SYSCLK_DIV_1);
  LL_RCC_SetSysClkSource(LL_RCC_SYS_CLKSOURCE_PLL);
  LL_RCC_SetAPB1Prescaler(LL_RCC_APB1_DIV_2);
  LL_SetSystemCoreClock(100000000);
}
"""


def test_ll_is_read_and_held_to_what_the_program_believes(tmp_path: Path) -> None:
    assert told(tmp_path, LL, "STM32F411xE") == []
    ((code, line, _),) = told(tmp_path, LL.replace("400", "384"), "STM32F411xE")
    assert (code, line.partition("(")[0]) == ("ST219", "LL_RCC_PLL_ConfigDomain_SYS")


REGISTERS = """
void SystemClock_Config(void)
{
  RCC->PLLCFGR = (8 << RCC_PLLCFGR_PLLM_Pos) | (336 << RCC_PLLCFGR_PLLN_Pos) | RCC_PLLCFGR_PLLSRC_HSE
               | (7 << RCC_PLLCFGR_PLLQ_Pos);
  FLASH->ACR = FLASH_ACR_LATENCY_5WS;
  RCC->CFGR |= RCC_CFGR_HPRE_DIV1 | RCC_CFGR_PPRE1_DIV4 | RCC_CFGR_PPRE2_DIV2;
  RCC->CFGR |= RCC_CFGR_SW_PLL;
}
"""


def test_registers_are_read(tmp_path: Path) -> None:
    assert told(tmp_path, REGISTERS, "STM32F407xx") == []
    for old, new, code in (("336", "400", "ST212"), ("PPRE1_DIV4", "PPRE1_DIV2", "ST213"), ("5WS", "3WS", "ST214")):
        assert [code] == [each for each, _, _ in told(tmp_path, REGISTERS.replace(old, new), "STM32F407xx")]


RATES = """
void rates(void)
{
  __HAL_RCC_SPI1_CLK_ENABLE(); __HAL_RCC_I2C1_CLK_ENABLE(); __HAL_RCC_ADC1_CLK_ENABLE();
  hspi1.Instance = SPI1;
  hspi1.Init.BaudRatePrescaler = SPI_BAUDRATEPRESCALER_4;
  hi2c1.Instance = I2C1;
  hi2c1.Init.ClockSpeed = 400000;
  hadc1.Instance = ADC1;
  hadc1.Init.ClockPrescaler = ADC_CLOCK_SYNC_PCLK_DIV4;
  hadc1.Init.Resolution = ADC_RESOLUTION_12B;
  channel.Channel = ADC_CHANNEL_1;
  channel.SamplingTime = ADC_SAMPLETIME_3CYCLES;
}
"""


def test_what_buses_and_conversions_come_to(tmp_path: Path) -> None:
    assert told(tmp_path, TREES["STM32F407xx"] + RATES, "STM32F407xx") == []
    assert hints(tmp_path)[1:] == ["SPI1: 21 MHz", "I2C1: 400 kHz, +0.00%", "714.29 ns a conversion at 21 MHz"]
    fast = RATES.replace("PCLK_DIV4", "PCLK_DIV2")
    ((code, _, message),) = told(tmp_path, TREES["STM32F407xx"] + fast, "STM32F407xx")
    assert (code, message) == ("ST218", "the ADC's clock is 42 MHz; it goes up to 36 MHz")

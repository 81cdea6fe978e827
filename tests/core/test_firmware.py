"""Firmware at the command line: checked, compiled, run in QEMU."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """/* @expect uart "hello" */
/* @expect uart "sum 55" */
#include <stdint.h>
#include <stdio.h>
#define USART1_SR (*(volatile uint32_t *)0x40011000u)
#define USART1_DR (*(volatile uint32_t *)0x40011004u)
#define USART1_CR1 (*(volatile uint32_t *)0x4001100Cu)
static void put(const char *s) { while (*s) { while (!(USART1_SR & 0x80)) { } USART1_DR = (uint32_t)*s++; } }
int main(void)
{
  int sum = 0;
  USART1_CR1 = 0x2008;
  put("hello\\n");
  for (int i = 1; i <= 10; i++) sum += i;
  char text[32];
  snprintf(text, sizeof text, "sum %d\\n", sum);
  put(text);
  printf("semihosting too\\n");
  return 0;
}
"""


def kiki(*words: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "kiki_core.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_firmware_is_built_and_run_and_held_to_its_expectations(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text(PROGRAM)
    code, shown, _ = kiki("run", tmp_path / "main.c", "--json")
    found = json.loads(shown)
    assert (code, found["ok"], found["exit_code"]) == (0, True, 0)
    assert found["machine"] == "netduinoplus2"
    assert found["uart"] == "hello\nsum 55\nsemihosting too\n"
    assert [each["ok"] for each in found["expectations"]] == [True, True]


def test_what_the_firmware_does_not_say_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text(PROGRAM.replace('"sum %d', '"total %d'))
    code, shown, _ = kiki("run", tmp_path / "main.c", "--json")
    found = json.loads(shown)
    assert code == 1
    assert found["expectations"][1] == {"line": 1, "text": "sum 55", "ok": False}


def test_a_fault_ends_the_run_and_says_its_number(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("int main(void) { *(volatile int *)0xF0000000 = 1; return 0; }\n")
    code, shown, told = kiki("run", tmp_path / "main.c")
    assert code == 1
    assert "exception 003" in shown + told


def test_endless_firmware_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("int main(void) { for (;;) { } }\n")
    code, shown, _ = kiki("run", tmp_path / "main.c", "--json", "--timeout", "1")
    found = json.loads(shown)
    assert (code, found["exit_code"]) == (1, None)
    assert found["elapsed_s"] < 60


def test_what_can_not_be_built_or_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("int main(void) { return missing; }\n")
    code, _, told = kiki("run", tmp_path / "main.c")
    assert (code, "'missing' undeclared" in told) == (2, True)
    (tmp_path / "a.elf").write_bytes(b"MZ")
    code, _, told = kiki("run", tmp_path / "a.elf")
    assert (code, "no ELF file" in told) == (2, True)
    code, _, told = kiki("run", tmp_path / "a.elf", "--machine", "pdp11")
    assert (code, "netduinoplus2" in told) == (2, True)


def test_firmware_sees_no_file_of_the_host(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    program = (
        "#include <stdio.h>\n"
        f'int main(void) {{ char t[40] = "nothing"; FILE *f = fopen("{secret}", "r");\n'
        'if (f) { fgets(t, 40, f); } printf("%s\\n", t); return 0; }\n'
    )
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "main.c").write_text(program)
    code, shown, _ = kiki("run", folder / "main.c")
    assert (code, shown.strip()) == (0, "nothing")


def test_check_joins_the_compiler_s_words(tmp_path: Path) -> None:
    (tmp_path / "compile_flags.txt").write_text("-DSTM32F446xx\n")
    (tmp_path / "main.c").write_text("/* STM32 */\nint main(void) { return missing; }\n")
    code, shown, _ = kiki("check", tmp_path, "--format", "json")
    (found,) = json.loads(shown)
    assert code == 1
    assert (found["source"], found["range"]["start"]) == ("arm-none-eabi-gcc", {"line": 1, "character": 24})
    code, shown, _ = kiki("check", tmp_path, "--format", "json", "--no-tools")
    assert (code, json.loads(shown)) == (0, [])


def test_what_is_for_circuits_says_so(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text(PROGRAM)
    for command in ("sim", "netlist"):
        code, shown, told = kiki(command, tmp_path / "main.c")
        assert (code, shown) == (2, "")
        assert "is firmware" in told


def test_a_project_s_folder_is_built_from_its_database(tmp_path: Path) -> None:
    for name in ("Core/Src", "Core/Inc", "lib"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "Core/Inc/sum.h").write_text("int sum(int, int);\n")
    (tmp_path / "lib/sum.c").write_text('#include "sum.h"\nint sum(int a, int b) { return a + b; }\n')
    main = '/* @expect uart "5" */\n#include <stdio.h>\n#include "sum.h"\n'
    (tmp_path / "Core/Src/main.c").write_text(main + 'int main(void)\n{ printf("%d\\n", sum(2, 3)); return 0; }\n')
    (tmp_path / "Core/Src/other.c").write_text("not C, and not in the database\n")
    flags = ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-DSTM32F407xx", "-ICore/Inc"]
    database = [
        {"directory": str(tmp_path), "file": name, "arguments": [*flags, "-c", name]}
        for name in ("Core/Src/main.c", "lib/sum.c")
    ]
    (tmp_path / "compile_commands.json").write_text(json.dumps(database))
    code, shown, told = kiki("run", tmp_path, "--json")
    assert code == 0, told
    found = json.loads(shown)
    assert (found["uart"], found["ok"], "STM32F405" in found["not_modelled"]) == ("5\n", True, True)


def test_every_uart_is_heard_and_an_endless_program_ends_when_all_is_said(tmp_path: Path) -> None:
    bases = {"one": 0x40011000, "two": 0x40004400, "six": 0x40011400}
    says = "\n".join(f'  put({base:#x}, "{word}\\n");' for word, base in bases.items())
    put = "static void put(unsigned base, const char *text)\n{\n  R(base + 12) = 0x2008;\n"
    put += "  while (*text) { while (!(R(base) & 0x80)) { } R(base + 4) = (unsigned)*text++; }\n}\n"
    text = '/* @expect uart "two" */\n#define R(at) (*(volatile unsigned *)(at))\n' + put
    (tmp_path / "main.c").write_text(text + f"int main(void)\n{{\n{says}\n  for (;;) {{ }}\n}}\n")
    code, shown, _ = kiki("run", tmp_path / "main.c", "--json", "--timeout", "100")
    found = json.loads(shown)
    assert (code, found["uart"], found["exit_code"]) == (0, "one\ntwo\nsix\n", None)
    assert found["elapsed_s"] < 60


def test_a_folder_with_no_program_or_several_is_told(tmp_path: Path) -> None:
    code, _, told = kiki("run", tmp_path)
    assert (code, "has no C file with main" in told) == (2, True)
    for name in ("a.c", "b.c"):
        (tmp_path / name).write_text("int main(void) { return 0; }\n")
    code, _, told = kiki("run", tmp_path)
    assert (code, "has several programs" in told) == (2, True)


def test_drivers_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("void HAL_Init(void);\nint main(void) { HAL_Init(); return 0; }\n")
    code, _, told = kiki("run", tmp_path / "main.c")
    assert code == 2
    assert "the sources of ST's drivers (HAL_Init) aren't among its files" in told

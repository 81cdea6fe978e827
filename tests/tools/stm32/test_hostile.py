"""Code that nobody would write, and code that no one has finished: no crash, no hang."""

import pytest

from kiki_tools.language import Workspace
from kiki_tools.stm32.service import STM32
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Edit, Snapshot, Span

TEXTS = {
    "open braces": "void f(void){" + "{" * 100_000,
    "open parentheses": "int x=" + "(" * 200_000 + "1;",
    "nested calls": "void f(void){" + "g(" * 20_000 + ";}",
    "nested loops": "void f(void){" + "while(1){g();" * 20_000 + "}",
    "a table": "const int t[]={" + "1," * 200_000 + "0};",
    "many functions": "".join(f"void f{number}(void){{ g({number}); }}\n" for number in range(30_000)),
    "macros in a ring": "#define A A\n#define B C\n#define C B\nvoid f(void){HAL_GPIO_Init(A,&x);HAL_GPIO_Init(B,&x);}",
    "wide characters": "// " + "é" * 100_000 + "\nvoid EXTI0_IRQHandler(void){HAL_Delay(1);}",
    "half a character": "\0\0void f(void){}\ud800",
    "stops in a ring": "".join(
        f"void f{n}(void){{ c.SYSCLKSource = RCC_SYSCLKSOURCE_HSE; HAL_PWR_EnterSTOPMode(0); f{(n + 1) % 2000}(); }}\n"
        for n in range(2000)
    ),
    "flash in loops": "void f(void){" + "while(1){HAL_FLASH_Lock();HAL_FLASH_Program(0,a,b);a+=4;" * 400 + "}" * 401,
    "one pin, many times": "".join(
        f"void f{n}(void){{GPIO_InitTypeDef a;a.Pin=GPIO_PIN_1;a.Mode=GPIO_MODE_{'INPUT' if n % 2 else 'OUTPUT_PP'};"
        "HAL_GPIO_Init(GPIOA,&a);}\n"
        for n in range(2000)
    ),
    "a long chain of calls": "int main(void){f0();}"
    + "".join(f"void f{n}(void){{f{n + 1}();f{n + 1}();}}\n" for n in range(3000)),
    "deep expressions": f"void f(void){{GPIOA->AFR[0]={'(' * 5000}1{')' * 5000};RCC->PLLCFGR=1{'|1' * 5000};}}",
    "calls that nothing closes": "void f(void){" + "f(" * 250_000,
    "parentheses that close nothing": "void f(void){" + ")" * 500_000,
    "hidden braces": "#define BEGIN {\n#define END }\nvoid f(void) BEGIN HAL_Delay(1); END\nint main(void) BEGIN",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", TEXTS)
def test_it_is_read(name: str) -> None:
    snapshot = Snapshot("/* STM32 */\n#include <stm32f446xx.h>\n" + TEXTS[name], "/nowhere/x.c")
    workspace = Workspace({snapshot.path: snapshot})
    STM32.diagnostics(snapshot, workspace)
    STM32.hover(snapshot, 20, workspace)
    STM32.completions(snapshot, len(snapshot.text), workspace)
    STM32.hints(snapshot, Span(0, len(snapshot.text)), workspace)


def test_places_are_characters_where_bytes_are_more() -> None:
    text = "/* STM32 é € 😀 */\nvoid EXTI0_IRQHandler(void)\n{\n  /* é */ HAL_Delay(1); /* 😀 */ HAL_Delay(2);\n}\n"
    snapshot = Snapshot(text, "/nowhere/x.c")
    found = STM32.diagnostics(snapshot, Workspace({snapshot.path: snapshot}))
    blocking = [one for one in found if one.code == "ST304"]
    assert [snapshot.slice(one.span) for one in blocking] == ["HAL_Delay", "HAL_Delay"]


def test_an_edit_gives_what_a_new_reading_gives() -> None:
    text = "/* STM32 */\n" + "".join(f"void f{n}(void)\n{{\n  HAL_UART_Init(&h{n});\n}}\n" for n in range(50))
    snapshot = Snapshot(text, "/nowhere/edited.c")
    for number in range(30):
        at = (number * 97) % len(text)
        text = text[:at] + "é{}();"[number % 6] + text[at + number % 3 :]
        snapshot = Snapshot(text, snapshot.path)
        fresh = Snapshot(text, "/nowhere/fresh.c" if number % 2 else f"/nowhere/{number}.c")
        edited = STM32.diagnostics(snapshot, Workspace({snapshot.path: snapshot}))
        anew = STM32.diagnostics(fresh, Workspace({fresh.path: fresh}))
        assert [(one.code, one.span) for one in edited] == [(one.code, one.span) for one in anew]


def test_what_lies_around_an_edit_is_where_it_was_moved_to() -> None:
    blocks = "".join(
        f'#define N{n} {n}\nstatic int v{n};\n#include "a{n}.h"\nvoid f{n}(void)\n{{\n  h{n}.x = N{n}; /* ü */\n}}\n'
        for n in range(40)
    )
    snapshot = Snapshot("/* STM32 */\n" + blocks, "/nowhere/moved.c")
    source_of(snapshot)
    for number in range(60):
        at = (number * 997) % snapshot.length
        insert = ("é", "\n", "{", "}", "/*", "*/", "#if 1\n", "\n#endif\n", ";", "")[number % 10]
        snapshot = snapshot.edited([Edit(Span(at, min(at + number % 3, snapshot.length)), insert)])
        assert source_of(snapshot) == source_of(Snapshot(snapshot.text, f"/nowhere/{number}.c"))

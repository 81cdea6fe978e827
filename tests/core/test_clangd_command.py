"""`kiki clangd`: what is deduced of a project, and what is written beside it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiki_tools.stm32 import buildfiles

MAKEFILE = """# CubeMX
TARGET = blinky
CPU = -mcpu=cortex-m4
FPU = -mfpu=fpv4-sp-d16
FLOAT-ABI = -mfloat-abi=hard
MCU = $(CPU) -mthumb $(FPU) $(FLOAT-ABI)
C_DEFS =  \\
-DUSE_HAL_DRIVER \\
-DSTM32F446xx
C_INCLUDES =  \\
-ICore/Inc \\
-IDrivers/CMSIS/Include
CFLAGS += $(MCU) $(C_DEFS) $(C_INCLUDES) $(OPT) -Wall -fdata-sections
"""
CMAKE = """cmake_minimum_required(VERSION 3.22)
set(INCLUDES ${CMAKE_CURRENT_SOURCE_DIR}/Core/Inc
    ${CMAKE_CURRENT_SOURCE_DIR}/Drivers/CMSIS/Include)
target_include_directories(${CMAKE_PROJECT_NAME} PRIVATE ${INCLUDES})
target_compile_definitions(${CMAKE_PROJECT_NAME} PRIVATE
    USE_HAL_DRIVER # the HAL
    $<$<CONFIG:Debug>:DEBUG>
    STM32F446xx)
set(TARGET_FLAGS "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard ")
"""
PLATFORMIO = """[env:nucleo]
platform = ststm32
board = nucleo_f446re
framework = stm32cube
build_flags = -DUSE_HAL_DRIVER -I lib/own
"""
CPROJECT = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<cproject><storageModule><cconfiguration>
<option superClass="com.st.stm32cube.ide.mcu.gnu.managedbuild.option.target_mcu" value="STM32F446RETx"/>
<option superClass="com.st.stm32cube.ide.mcu.gnu.managedbuild.tool.c.compiler.option.definedsymbols">
<listOptionValue value="USE_HAL_DRIVER"/><listOptionValue value="STM32F446xx"/></option>
<option superClass="com.st.stm32cube.ide.mcu.gnu.managedbuild.tool.c.compiler.option.includepaths">
<listOptionValue value="../Core/Inc"/>
<listOptionValue value="&quot;${workspace_loc:/${ProjName}/Drivers/CMSIS/Include}&quot;"/></option>
</cconfiguration></storageModule></cproject>
"""
BUILDS = {"Makefile": MAKEFILE, "CMakeLists.txt": CMAKE, "platformio.ini": PLATFORMIO, ".cproject": CPROJECT}


def kiki(*words: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "kiki_core.cli", "clangd", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Core/Inc", "Core/Src", "Drivers/CMSIS/Include", "lib/own"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "Core/Src/main.c").write_text('#include "main.h"\nint main(void) { return LED; }\n')
    (tmp_path / "Core/Inc/main.h").write_text("#include <stdint.h>\n#define LED 1\n")
    for header in ("stm32f4xx.h", "core_cm4.h"):
        (tmp_path / "Drivers/CMSIS/Include" / header).write_text("")
    return tmp_path


@pytest.mark.parametrize("name", BUILDS)
def test_build_files_are_read(name: str) -> None:
    build = buildfiles.read(f"/p/{name}", BUILDS[name])
    assert build is not None
    assert buildfiles.device_of([build]) in ("STM32F446xx", "nucleo_f446re")
    assert "USE_HAL_DRIVER" in build.defines
    wanted = "/p/lib/own" if name == "platformio.ini" else "/p/Core/Inc"
    assert wanted in build.includes
    if name in ("Makefile", "CMakeLists.txt"):
        assert {"-mcpu=cortex-m4", "-mfloat-abi=hard"} <= set(build.options)
    if name != "platformio.ini":
        assert "/p/Drivers/CMSIS/Include" in build.includes


@pytest.mark.parametrize("text", ["", "x = $(x)", "A += $(B)\nB += $(A) -I", "<cproject", "[env\nx", "set(", "\0" * 50])
@pytest.mark.parametrize("name", [*BUILDS, "a.ioc", "b.cmake"])
def test_broken_build_files_say_nothing(name: str, text: str) -> None:
    build = buildfiles.read(f"/p/{name}", text)
    assert build is not None
    assert build.defines == ()


def test_hostile_build_files_are_read_to_an_end() -> None:
    bombs = {
        "Makefile": "A = " + "x" * 20_000 + "\nB = " + "$(A)" * 20_000 + "\nC = " + "$(B)" * 20_000 + "\n",
        "makefile": "A += -DX\n" * 80_000,
        "CMakeLists.txt": "set(a ${a}${a}${a})\n" * 20_000 + "set(" * 50_000,
        ".cproject": '<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><a>&b;</a>',
    }
    for name, text in bombs.items():
        assert buildfiles.read(f"/p/{name}", text) is not None


@pytest.mark.parametrize("name", BUILDS)
def test_a_database_is_deduced(name: str, project: Path) -> None:
    (project / name).write_text(BUILDS[name])
    code, shown, told = kiki(project, "--json")
    found = json.loads(shown)
    assert (code, found["missing_headers"]) == (0, []), told
    assert found["device"].startswith("STM32F446")
    assert {"-DSTM32F446xx", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard"} <= set(found["arguments"])
    database = json.loads(next(each["text"] for each in found["files"] if each["path"].endswith(".json")))
    assert [each["file"] for each in database] == ["Core/Src/main.c"]
    assert not (project / "compile_commands.json").exists(), "nothing is written without --write"


def test_what_is_written_is_used_by_the_compiler_and_kept_from_others(project: Path) -> None:
    (project / "Makefile").write_text(MAKEFILE)
    code, _, told = kiki(project, "--write")
    assert (code, "1 sources for STM32F446xx, by Makefile" in told) == (0, True)
    text = (project / ".clangd").read_text()
    assert "--target=arm-none-eabi" in text
    assert "-isystem/usr" in text
    (project / ".clangd").write_text("CompileFlags:\n  Add: [-DMINE]\n")
    code, _, told = kiki(project, "--write")
    assert (code, "--force" in told) == (2, True)
    assert "MINE" in (project / ".clangd").read_text()
    assert kiki(project, "--write", "--force")[0] == 0
    assert "MINE" not in (project / ".clangd").read_text()


def test_a_build_tool_s_own_database_is_used(project: Path) -> None:
    (project / "build").mkdir()
    (project / "build/compile_commands.json").write_text("[]")
    code, shown, _ = kiki(project, "--json")
    found = json.loads(shown)
    assert (code, found["database"]) == (0, "build")
    (only,) = found["files"]
    assert 'CompilationDatabase: "build"' in only["text"]


def test_what_is_missing_is_told(project: Path, tmp_path: Path) -> None:
    _, _, told = kiki(project)
    assert "nothing names the device: give --device" in told
    code, shown, _ = kiki(project, "--device", "STM32G474RE", "--json")
    assert (code, json.loads(shown)["missing_headers"]) == (0, ["stm32g4xx.h"])
    code, _, told = kiki(project, "--device", "STM99")
    assert (code, "there is no device STM99" in told) == (2, True)
    code, _, told = kiki(tmp_path / "Drivers")
    assert (code, "has no C or C++ files" in told) == (2, True)

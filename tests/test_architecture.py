"""The shape of the code, kept by tests: layers, budgets, light modules, and one part a file."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

import regard
from regard.build import find, names, options
from regard.config import PARTS, SCHEMAS

ROOT = Path(regard.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = {path: ".".join(("regard", *path.relative_to(ROOT).with_suffix("").parts)) for path in FILES}
NAMES = {path: name.removesuffix(".__init__") for path, name in MODULES.items()}

# The tree is the data flow: what stands further down may import what stands further up.
LAYERS = (
    *(
        "looks",
        "types",
        "stacking",
        "errors",
        "processor",
        "files",
        "growing",
        "toml",
        "text",
        "sentences",
        "idx",
        "quiet",
        "pictures",
        "kernels",
        "tensors",
        "windows",
        "build",
        "patches",
        "sections",
        "fitting",
        "config",
        "codecs",
        "data",
    ),
    *(
        "embedding",
        "cells",
        "recurrence",
        "blocks",
        "encoders",
        "normalisers",
        "attention",
        "hops",
        "decoders",
        "outputs",
        "objectives",
        "model",
        "decode",
    ),
    *(
        "metrics",
        "view",
        "tasks",
        "wording",
        "reading",
        "predictor",
        "loading",
        "lesson",
        "alignment",
        "evaluation",
        "card",
        "export",
        "training",
        "comparison",
        "demo",
        "running",
        "watching",
        "serve",
        "cli",
        "__main__",
    ),
)
# What runs, serves or shows a model, or answers a command, needs no PyTorch before it does.
LIGHT = (
    *(
        "regard",
        "looks",
        "types",
        "stacking",
        "errors",
        "processor",
        "files",
        "growing",
        "toml",
        "text",
        "sentences",
        "idx",
        "quiet",
        "pictures",
        "build",
        "patches",
        "sections",
        "fitting",
        "config",
        "codecs",
        "data",
        "view",
        "metrics",
        "tasks",
        "wording",
    ),
    *(
        "decode.backend",
        "decode.ensemble",
        "decode.exported",
        "decode.search",
        "decode.sketch",
        "decode.engine",
        "decode.stream",
        "reading",
        "predictor",
        "loading",
        "alignment",
        "evaluation",
        "card",
        "serve",
        "cli",
    ),
)
HEAVY = ("torch", "onnx", "jaxtyping", "tensorboard", "sacrebleu", "babel", "num2words", "matplotlib", "pandas", "PIL")
LINES, FUNCTION, ARGUMENTS = 250, 45, 6

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
every_part = pytest.mark.parametrize(
    "part", [(kind, name) for kind in (*PARTS.values(), "metrics", "tasks") for name in names(kind)], ids=".".join
)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(path: Path, *kinds: type[ast.AST]) -> Iterator[Any]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, kinds))


def layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module of ours that a file imports, wherever in it and for whatever purpose."""
    known = set(NAMES.values())
    for node in nodes(path, ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        else:
            assert not node.level, f"{path.name}:{node.lineno}: imports are absolute"
            module = node.module or ""
            found = [f"{module}.{a.name}" if f"{module}.{a.name}" in known else module for a in node.names]
        yield from (name for name in found if name.split(".")[0] == "regard")


def test_every_file_has_its_place_in_the_data_flow() -> None:
    assert {layer(path) for path in FILES} - {"__init__"} == set(LAYERS)


@every_file
def test_imports_point_up_the_data_flow(path: Path) -> None:
    if layer(path) == "__init__":
        return  # the public face, above all
    for name in imports(path):
        assert name != "regard", f"{path.name} imports the public face"
        target = name.split(".")[1]
        assert LAYERS.index(target) <= LAYERS.index(layer(path)), f"{path.name} must not import {name}"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {NAMES[path]: set(imports(path)) - {NAMES[path]} for path in FILES if layer(path) != "__init__"}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError


@every_file
def test_modules_functions_and_signatures_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES
    for node in nodes(path, ast.FunctionDef, ast.AsyncFunctionDef):
        where = f"{path.name}:{node.lineno} {node.name}"
        assert (node.end_lineno or 0) - node.lineno < FUNCTION, f"{where} is too long"
        given = [a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls", "ctx")]
        assert len(given) <= ARGUMENTS, f"{where} takes {len(given)} positional arguments"


@every_file
def test_every_file_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path))


@every_file
def test_nothing_is_guessed_hidden_or_unsafe(path: Path) -> None:
    for node in nodes(path, ast.Call):
        called = ast.unparse(node.func)
        assert called not in ("hasattr", "torch.load", "torch.save", "eval", "exec"), f"{path.name}:{node.lineno}"
    for node in nodes(path, ast.FunctionDef, ast.Lambda):
        assert node.args.kwarg is None, f"{path.name}:{node.lineno} takes any keyword"
    for node in nodes(path, ast.Global):
        pytest.fail(f"{path.name} changes a global: {ast.unparse(node)}")
    for node in nodes(path, ast.Import, ast.ImportFrom):
        assert "pickle" not in ast.unparse(node)


@every_file
def test_text_files_are_utf_8_everywhere(path: Path) -> None:
    for node in nodes(path, ast.Call):
        if not isinstance(node.func, ast.Attribute):
            continue
        modes = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        text = node.func.attr in ("read_text", "write_text")
        text |= node.func.attr == "open" and not any("b" in mode for mode in modes)
        safe = ("zipfile.open", "safetensors.safe_open", "os.open", "Image.open", "pillow.open")
        own = ast.unparse(node.func) in safe
        if text and not own:
            assert "encoding" in {keyword.arg for keyword in node.keywords}, f"{path.name}:{node.lineno}"


def test_light_modules_import_nothing_heavy() -> None:
    wanted = {f"regard.{name}".removesuffix(".regard") for name in LIGHT}
    modules = sorted(name for name in NAMES.values() if {name, ".".join(name.split(".")[:2])} & wanted)
    modules = [name for name in modules if not name.startswith("regard.data.phrasebook.")]  # made of Babel
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
        f"    heavy = [m for m in {HEAVY!r} if m in sys.modules]\n"
        "    if heavy: sys.exit(f'{name} imports {heavy}')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(modules) > 40


def test_help_is_printed_before_anything_heavy_is_imported() -> None:
    heavy = (*HEAVY, "numpy", "sentencepiece")
    code = f"import sys, regard.cli as c; c.main(['--help']); sys.exit(str([m for m in {heavy!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
    assert "regard demo" in done.stdout


@every_part
def test_a_part_is_one_class_that_its_file_name_finds(part: tuple[str, str]) -> None:
    kind, name = part
    found = find(kind, name)
    assert found.__module__ == f"regard.{kind}.{name}"
    base = importlib.import_module(f"regard.{kind}")
    assert any(parent.__module__ == base.__name__ for parent in found.__mro__)
    assert found.__doc__


@pytest.mark.parametrize("kind", [*PARTS.values(), "metrics", "tasks"])
def test_a_folder_of_parts_holds_parts_only(kind: str) -> None:
    package = importlib.import_module(f"regard.{kind}")
    assert [module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg] == []
    assert any(inspect.isabstract(thing) for thing in vars(package).values())


SCHEMA = [
    *SCHEMAS.values(),
    *(find(kind, name) for kind in (*PARTS.values(), "metrics", "tasks") for name in names(kind)),
]


@pytest.mark.parametrize("schema", SCHEMA, ids=lambda schema: schema.__name__)
def test_every_option_has_a_type_and_a_help_and_every_help_an_option(schema: type) -> None:
    known = options(schema)
    block = (inspect.getdoc(schema) or "").partition("Options:\n")[2].splitlines()
    told = {line.partition(":")[0].strip() for line in block if line.startswith("    ") and ": " in line}
    assert {name for name, option in known.items() if not option.help} == set()
    assert {name for name in told if name.isidentifier()} == set(known)
    assert all("typing." not in option.wants and "<" not in option.wants for option in known.values())

"""Whether a cassette has a test, by its name: what sources say, in each language."""

import subprocess
import sys
from pathlib import Path

import pytest

from cassette_cli.operations.unused.names import python_cases, textual
from cassette_cli.operations.unused.names.base import Cases
from cassette_cli.operations.unused.names.deciding import Names
from cassette_cli.operations.unused.names.sources import project, read_all
from commands.suites import lay


def decided(root: Path, sources: dict[str, str], recorder: str, *paths: str) -> list[str]:
    """Return the state of each cassette."""
    lay(root, sources)
    names = Names(read_all(str(root), [str(root)]))
    return [str(names.decide(path, recorder).state) for path in paths]


MARKED = "import pytest\npytestmark = pytest.mark.vcr\n"
DIR = "t/cassettes/test_a/"

CASES = [
    ("@pytest.mark.parametrize('a', ['x', 1, None, True, -2, 1.5])\ndef test(a): pass",
     {"[x]": 1, "[1]": 1, "[None]": 1, "[True]": 1, "[-2]": 1, "[1.5]": 1, "[2]": 0, "": 0}),
    ("@pytest.mark.parametrize('a,b', [('x', 1), ('y', 2)])\ndef test(a, b): pass", {"[x-1]": 1, "[x-2]": 0}),
    ("@pytest.mark.parametrize(('a', 'b'), [('x', {})])\ndef test(a, b): pass", {"[x-b0]": 1, "[x-b1]": 0}),
    ("@pytest.mark.parametrize('a', ['x', 'y'])\n@pytest.mark.parametrize('b', [0, 1])\ndef test(a, b): pass",
     {"[0-x]": 1, "[1-y]": 1, "[2-x]": 0, "[x]": 0}),
    ("@pytest.mark.parametrize('a', [pytest.param({}, id='one'), 'x-y'])\ndef test(a): pass",
     {"[one]": 1, "[x-y]": 1, "[a0]": 0}),
    ("@pytest.mark.parametrize('a', [[], []], ids=['p', 'q'])\ndef test(a): pass", {"[p]": 1, "[a0]": 0}),
    ("@pytest.mark.parametrize('a', ['x', 'x'])\ndef test(a): pass", {"[x0]": 1, "[x1]": 1, "[y0]": 0}),
    ("@pytest.mark.parametrize('a', ['a/b', 'c:d', 'e?f'])\ndef test(a): pass", {"[a-b]": 1, "[c-d]": 1, "[e-f]": 1}),
    ("@pytest.mark.parametrize('a', ['ü'])\ndef test(a): pass", {"[-xfc]": 1}),
    ("VALUES = ['x']\n@pytest.mark.parametrize('a', VALUES)\ndef test(a): pass", {"[x]": 1, "[y]": 0}),
    ("@pytest.mark.parametrize('a', load())\ndef test(a): pass", {"[x]": None, "": 0}),
    ("@pytest.mark.parametrize('a', [*load(), 'x'])\ndef test(a): pass", {"[x]": None}),
    ("@pytest.mark.parametrize('a', ['x'], ids=name)\ndef test(a): pass", {"[x]": None}),
    ("@pytest.fixture(params=['p', 'q'])\ndef f(request): pass\ndef test(f): pass", {"[p]": 1, "[r]": 0, "": 0}),
    ("@pytest.fixture(params=['p'])\ndef f(request): pass\n@pytest.fixture\ndef g(f): pass\ndef test(g): pass",
     {"[p]": 1, "[r]": 0}),
    ("@pytest.fixture(params=['p'], autouse=True)\ndef f(request): pass\ndef test(): pass", {"[p]": 1, "": 0}),
    ("def test(of_a_plugin): pass", {"": 1, "[p]": None}),
    ("def test(tmp_path): pass", {"": 1, "[p]": 0}),
    ("def pytest_generate_tests(metafunc): pass\ndef test(x): pass", {"[p]": None}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "cases"), CASES)
def test_cases_of_pytest(tmp_path: Path, code: str, cases: dict[str, int | None]):
    paths = [f"{DIR}test{case}.yaml" for case in cases]
    states = {1: "used", 0: "unused", None: "unknown"}
    assert decided(tmp_path, {"t/test_a.py": f"{MARKED}{code}\n"}, "vcrpy", *paths) == [
        states[one] for one in cases.values()
    ]


def test_cases_are_those_that_pytest_makes(tmp_path: Path):
    codes = [
        code for code, _ in CASES if not any(word in code for word in ("load", "ids=name", "of_a_plugin", "generate"))
    ]
    sources = {f"t{number}/test_a.py": f"{MARKED}{code}\n" for number, code in enumerate(codes)}
    lay(tmp_path, {**sources, "pytest.ini": "[pytest]\nmarkers = vcr\naddopts = --import-mode=importlib\n"})
    program = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    nodes = [line for line in done.stdout.splitlines() if "::" in line]
    assert len(nodes) > len(codes), done.stdout
    names = Names(read_all(str(tmp_path), [str(tmp_path)]))
    for node in nodes:
        folder, _, test = node.partition("/test_a.py::")
        decision = names.decide(f"{folder}/cassettes/test_a/{python_cases.plain(test)}.yaml", "vcrpy")
        assert (node, str(decision.state)) == (node, "used"), decision


PYTHON = [
    ("a mark on a class", "@pytest.mark.vcr\nclass TestA:\n    def test_b(self): pass\n", DIR + "TestA.test_b.yaml", "used"),
    ("a test without mark", "def test_a(): pass\n", DIR + "test_a.yaml", "unused"),
    ("a decorator that may hold a mark", "from x import y\n@y\ndef test_a(): pass\n", DIR + "test_a.yaml", "used"),
    ("inherited", "class Base:\n    def test_b(self): pass\n@pytest.mark.vcr\nclass TestC(Base): pass\n",
     DIR + "TestC.test_b.yaml", "used"),
    ("of a base that is not here", "from x import Base\n@pytest.mark.vcr\nclass TestC(Base): pass\n",
     DIR + "TestC.test_b.yaml", "unknown"),
    ("of a class that is not here", "@pytest.mark.vcr\nclass TestC: pass\n", DIR + "TestD.test_b.yaml", "unused"),
    ("a test of another module", "@pytest.mark.vcr\ndef test_a(): pass\n", "t/cassettes/test_b/test_a.yaml", "unused"),
    ("pytest-vcr's folder", "@pytest.mark.vcr\ndef test_a(): pass\n", "t/cassettes/test_a.yaml", "used"),
    ("unittest", "from vcr.unittest import VCRTestCase\nclass A(VCRTestCase):\n    def test_b(self): pass\n",
     "t/cassettes/A.test_b.yaml", "used"),
    ("another name by a mark", "@pytest.mark.vcr\n@pytest.mark.default_cassette('x.yaml')\ndef test_a(): pass\n",
     DIR + "x.yaml", "used"),
    ("its own name then", "@pytest.mark.vcr\n@pytest.mark.default_cassette('x.yaml')\ndef test_a(): pass\n",
     DIR + "test_a.yaml", "unused"),
    ("more by a mark", "@pytest.mark.vcr('x.yaml', 'y.yaml')\ndef test_a(): pass\n", DIR + "y.yaml", "used"),
    ("a long name", "@pytest.mark.vcr\ndef test_a(): pass\n", DIR + "test_a..." + "0" * 32 + ".yaml", "unknown"),
    ("a second suffix", "@pytest.mark.vcr\ndef test_a(): pass\n", DIR + "test_a.grpc.yaml", "used"),
    ("in a condition", "if True:\n    @pytest.mark.vcr\n    def test_a(): pass\n", DIR + "test_a.yaml", "used"),
    ("the folder is moved", "@pytest.fixture\ndef vcr_cassette_dir(): return 'x'\n@pytest.mark.vcr\ndef test_a(): pass\n",
     "x/test_a.yaml", "used"),
    ("a decorator without a name", "@my_vcr.use_cassette\ndef fetch(): pass\n", "any/fetch.yaml", "used"),
    ("a decorator that is called", "@my_vcr.use_cassette()\ndef fetch(): pass\n", "any/fetch", "used"),
    ("a name", "def test_a():\n    with vcr.use_cassette('t/x/one.yaml'): pass\n", "t/x/one.yaml", "used"),
    ("another", "def test_a():\n    with vcr.use_cassette('t/x/one.yaml'): pass\n", "t/x/two.yaml", "unused"),
    ("joined", "import os\nwith vcr.use_cassette(os.path.join(HERE, 'x', 'one.yaml')): pass\n", "t/x/one.yaml", "used"),
    ("a path", "HERE = Path(__file__).parent\nwith vcr.use_cassette(str(HERE / 'x' / 'one')): pass\n", "t/x/one.yaml", "used"),
    ("a constant", "NAME = 'one'\nwith vcr.use_cassette(NAME + '.yaml'): pass\n", "t/one.yaml", "used"),
    ("formatted, by a string", "for m in ['a', 'b']:\n    with vcr.use_cassette(f'c_{m}.yaml'): pass\n", "t/c_b.yaml", "used"),
    ("formatted, by none", "for m in ['a', 'b']:\n    with vcr.use_cassette(f'c_{m}.yaml'): pass\n", "t/c_z.yaml", "unknown"),
    ("formatted, another", "for m in ['a', 'b']:\n    with vcr.use_cassette(f'c_{m}.yaml'): pass\n", "t/d_b.yaml", "unused"),
    ("percent", "with vcr.use_cassette('c_%s.yaml' % 'a'): pass\n", "t/c_a.yaml", "used"),
    ("by a helper", "def play(name):\n    return vcr.use_cassette(f'x/{name}.yaml')\nplay('one')\n", "t/x/one.yaml", "used"),
    ("by none of its calls", "def play(name):\n    return vcr.use_cassette(f'x/{name}.yaml')\nplay('one')\n",
     "t/x/two.yaml", "unused"),
    ("by a method", ("class A:\n    def name(self, end): return '_'.join(['A', end])\n"
     "    def test(self):\n        n = self.name('x')\n        with r.use_cassette(n): pass\n"), "t/A_x.json", "used"),
    ("by the test's name", ("@pytest.fixture\ndef tape(request):\n    with vcr.use_cassette(request.node.name): yield\n"
     "def test_a(tape): pass\n"), "t/test_a", "used"),
    ("by no test's name", ("@pytest.fixture\ndef tape(request):\n    with vcr.use_cassette(request.node.name): yield\n"
     "def test_a(tape): pass\n"), "t/test_b", "unused"),
    ("assigned twice", "def test_a():\n    n = 'x'\n    vcr.use_cassette(n)\n    n = 'y'\n    vcr.use_cassette(n)\n", "t/y.yaml", "used"),
    ("assigned twice, another", "def test_a():\n    n = 'x'\n    vcr.use_cassette(n)\n    n = 'y'\n    vcr.use_cassette(n)\n", "t/z.yaml", "unused"),
    ("a helper of another kind", "def test_a():\n    check_cassette(path)\n    vcr.use_cassette('x')\n", "t/y.yaml", "unused"),
    ("by a value", "with vcr.use_cassette(sys.argv[1]): pass\n", "t/x.yaml", "unknown"),
    ("a string elsewhere", "with vcr.use_cassette('x'): pass\nREAD = 'fixtures/y.yaml'\n", "fixtures/y.yaml", "used"),
    ("a docstring", "def test_a():\n    'fixtures/y.yaml'\n    with vcr.use_cassette('x'): pass\n", "fixtures/y.yaml", "unused"),
    ("a comment", "# fixtures/y.yaml\nwith vcr.use_cassette('x'): pass\n", "fixtures/y.yaml", "unused"),
    ("nothing plays any", "def test_b(): pass\n", "fixtures/y.yaml", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "state"), [row[1:] for row in PYTHON], ids=[row[0] for row in PYTHON])
def test_python(tmp_path: Path, code: str, path: str, state: str):
    others = (
        {"t/test_other.py": f"{MARKED}def test_other(): pass\n"}
        if "plays any" not in code and state != "unknown"
        else {}
    )
    assert decided(tmp_path, {**others, "t/test_a.py": f"import pytest, vcr\n{code}"}, "vcrpy", path) == [state]


def test_a_module_that_is_no_python_makes_the_rest_unknown(tmp_path: Path):
    sources = {"t/test_a.py": f"{MARKED}def test_a(): pass\n", "t/test_b.py": "import vcr\ndef test_b(:\n"}
    paths = (DIR + "test_a.yaml", "t/cassettes/test_b/test_b.yaml")
    assert decided(tmp_path, sources, "vcrpy", *paths) == ["used", "unknown"]
    assert decided(tmp_path, {"t/test_b.py": "{{ template }}: (\n"}, "vcrpy", *paths) == ["used", "unused"]


def test_hooks_may_mark_every_test(tmp_path: Path):
    sources = {
        "t/conftest.py": "def pytest_collection_modifyitems(items):\n    for one in items: one.add_marker('vcr')\n",
        "t/test_a.py": "def test_a(): pass\n", "t/test_b.py": f"{MARKED}def test_b(): pass\n",
    }  # fmt: skip
    assert decided(tmp_path, sources, "vcrpy", DIR + "test_a.yaml", DIR + "test_c.yaml") == ["used", "unused"]


RUBY = [
    ("a tag above", "describe A, :vcr do\n  it 'does it' do\n  end\nend", "A/does_it", "used"),
    ("no tag", "describe A do\n  it 'does it' do\n  end\nend", "A/does_it", "unused"),
    ("a tag that is true", "describe A do\n  it 'does it', vcr: true do\n  end\nend", "A/does_it", "used"),
    ("a tag with options", "describe A do\n  it 'does it', vcr: { record: :none } do\n  end\nend", "A/does_it", "used"),
    ("a rocket", "describe A, :vcr => true do\n  it 'does it' do\n  end\nend", "A/does_it", "used"),
    ("a variable", "describe A, vcr: OPTIONS do\n  it 'does it' do\n  end\nend", "A/does_it", "unknown"),
    ("two descriptions", "describe A, '#b', :vcr do\n  it 'does it' do\n  end\nend", "A_b/does_it", "used"),
    ("a method of a constant", "describe A::B, :vcr do\n  it 'x' do\n  end\nend", "A_B/x", "used"),
    ("nested otherwise", "describe A, :vcr do\n  context 'b' do\n    it 'x' do\n    end\n  end\nend", "A/x", "unused"),
    ("after a block", "describe A, :vcr do\n  context 'b' do\n  end\n  [1].each do |i|\n    it 'x' do\n    end\n  end\nend",
     "A/x", "used"),
    ("a loop", "describe A, :vcr do\n  %w[p q].each do |n|\n    it \"does #{n}\" do\n    end\n  end\nend", "A/does_q", "used"),
    ("a loop, another", "describe A, :vcr do\n  %w[p q].each do |n|\n    it \"does #{n}\" do\n    end\n  end\nend",
     "A/does_z", "unused"),
    ("a loop over what is not known", "describe A, :vcr do\n  all.each do |n|\n    it \"does #{n}\" do\n    end\n  end\nend",
     "A/does_z", "unknown"),
    ("over several lines", "describe A, :vcr do\n  it 'does ' \\\n     'it', :x,\n     y: 1 do\n  end\nend", "A/does_it", "used"),
    ("a comment", "describe A, :vcr do\n  # it 'x' do\n  it 'y' do\n  end\nend", "A/x", "unused"),
    ("a name in the tag", "describe A do\n  it 'x', vcr: { cassette_name: 'given' } do\n  end\nend", "given", "used"),
    ("its own name then", "describe A do\n  it 'x', vcr: { cassette_name: 'given' } do\n  end\nend", "A/x", "unused"),
    ("a call", "VCR.use_cassette('a b/c') { }", "a_b/c", "used"),
    ("interpolated", "%w[x y].each { |n| VCR.use_cassette(\"a/#{n}\") { } }", "a/y", "used"),
    ("interpolated, another", "%w[x y].each { |n| VCR.use_cassette(\"a/#{n}\") { } }", "b/y", "unused"),
    ("of the description", ("RSpec.configure { |c| c.around { |e| VCR.use_cassette(e.metadata[:full_description]) { e.run } } }\n"
     "describe A do\n  it 'x y' do\n  end\nend"), "a/x_y", "used"),
    ("a statement that skips", "describe A, :vcr do\n  def f\n    skip \"#{x} is not here\" unless y\n  end\n  it 'x' do\n  end\nend", "A/y", "unused"),
    ("behind a quote in a regex", "x =~ /it's/\ny = %q(\")\nVCR.use_cassette('a') { }\nz = 'b'", "a", "used"),
    ("not as it nests", "describe A, :vcr do\nit 'x' do\nend\nend", "B/x", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "state"), [row[1:] for row in RUBY], ids=[row[0] for row in RUBY])
def test_ruby(tmp_path: Path, code: str, path: str, state: str):
    sources = {"spec/a_spec.rb": code, "spec/b_spec.rb": "describe Other, :vcr do\n  it 'is' do\n  end\nend\n"}
    assert decided(tmp_path, sources, "ruby-vcr", f"spec/cassettes/{path}.yml") == [state]


HEAD = 'package a\nimport "testing"\nfunc own(t *testing.T) { recorder.New("testdata/" + t.Name()) }\n'
GO = [
    ("a test", "func TestA(t *testing.T) {\n\town(t)\n}\n", "TestA", "used"),
    ("no test", "func TestA(t *testing.T) {\n\town(t)\n}\n", "TestB", "unused"),
    ("a subtest", 'func TestA(t *testing.T) {\n\tt.Run("b c", func(t *testing.T) {\n\t\town(t)\n\t})\n}\n', "TestA/b_c", "used"),
    ("with an underscore", 'func TestA(t *testing.T) {\n\tt.Run("b", func(t *testing.T) {\n\t\town(t)\n\t})\n}\n', "TestA_b", "used"),
    ("twice", 'func TestA(t *testing.T) {\n\tt.Run("b", func(t *testing.T) {\n\t})\n}\n', "TestA/b#01", "used"),
    ("a list", 'func TestA(t *testing.T) {\n\tfor _, n := range []string{"p", "q"} {\n\t\tt.Run(n, f)\n\t}\n}\n', "TestA/z", "unused"),
    ("a list from elsewhere", "func TestA(t *testing.T) {\n\tfor _, n := range names {\n\t\tt.Run(n, f)\n\t}\n}\n", "TestA/z", "unknown"),
    ("a format", 'func TestA(t *testing.T) {\n\tt.Run(fmt.Sprintf("n%d", 1), f)\n}\n', "TestA/n7", "unknown"),
    ("a format, another", 'func TestA(t *testing.T) {\n\tt.Run(fmt.Sprintf("n%d", 1), f)\n}\n', "TestA/m7", "unused"),
    ("a hole is one part", "func TestA(t *testing.T) {\n\tfor _, n := range names {\n\t\tt.Run(n, func(t *testing.T) {\n\t\t\tt.Run(\"b\", f)\n\t\t})\n\t}\n}\n",
     "TestA/x/c", "unused"),
    ("a helper", 'func TestA(t *testing.T) {\n\tplay(t, "x")\n}\nfunc play(t *testing.T, n string) { recorder.New(filepath.Join("d", n)) }\n',
     "d/x", "used"),
    ("another of a helper", 'func TestA(t *testing.T) {\n\tplay(t, "x")\n}\nfunc play(t *testing.T, n string) { recorder.New(filepath.Join("d", n)) }\n',
     "d/y", "unused"),
    ("options", 'var r = recorder.NewWithOptions(&recorder.Options{CassetteName: "d/x"})\n', "d/x", "used"),
    ("a string that tells of a call", 'func TestA(t *testing.T) {\n\tt.Log("own (t)")\n}\n', "TestC", "unused"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "state"), [row[1:] for row in GO], ids=[row[0] for row in GO])
def test_go(tmp_path: Path, code: str, path: str, state: str):
    folder = "" if path.startswith("d/") else "testdata/"
    assert decided(tmp_path, {"a_test.go": HEAD + code}, "go-vcr", f"{folder}{path}.yaml") == [state]


OTHERS = [
    ("a.test.js", "nockBack('one.json', done => {})", "nock", "fixtures/one.json", "used"),
    ("a.test.js", "nockBack('one.json', done => {})", "nock", "fixtures/two.json", "unused"),
    ("a.test.ts", "await useCassette(`a-${model}`)", "nock", "fixtures/a-b.json", "unknown"),
    ("ATest.php", "<?php VCR::insertCassette('one.yml');", "php-vcr", "fixtures/one.yml", "used"),
    ("ATest.php", "<?php VCR::insertCassette('one.yml');", "php-vcr", "fixtures/two.yml", "unused"),
    ("a_test.exs", 'use_cassette "one two" do', "exvcr", "fixture/one_two.json", "used"),
    ("a_test.exs", 'use_cassette "one two" do', "exvcr", "fixture/two.json", "unused"),
    ("test-a.R", 'vcr::use_cassette("one", {})', "ruby-vcr", "tests/fixtures/one.yml", "used"),
    ("test-a.R", 'vcr::use_cassette("one", {})', "ruby-vcr", "tests/fixtures/two.yml", "unused"),
    ("a.test.js", "nockBack('x')", "har", "recordings/suite_123456/test_1234567/recording.har", "unknown"),
    ("a.js", "const x = 'fixtures/one.json'", "nock", "fixtures/one.json", "used"),
    ("a.js", "const x = 'fixtures/one.json'", "nock", "fixtures/two.json", "unknown"),
]


@pytest.mark.parametrize(("file", "code", "recorder", "path", "state"), OTHERS)
def test_other_languages(tmp_path: Path, file: str, code: str, recorder: str, path: str, state: str):
    assert decided(tmp_path, {f"test/{file}": code}, recorder, path) == [state]


def test_code_is_split_outside_of_brackets_and_strings():
    assert textual.split('a, f(b, c), "d, e", {f, g}') == ["a", "f(b, c)", '"d, e"', "{f, g}"]
    assert textual.argument('f("x)", 1), 2', 0) == 'f("x)", 1)'
    assert textual.inside("a(b), [c]) d", 0) == "a(b), [c]"


@pytest.mark.parametrize(
    ("groups", "case", "found"),
    [
        ([{"a"}, {"b"}], "a-b", True), ([{"a"}, {"b"}], "b-a", True), ([{"a", "a-b"}, {"b", "c"}], "a-b-c", True),
        ([{"a"}], "a-b", False), ([], "a", False), ([{"a"}, None], "a-x", None),
    ],
)  # fmt: skip
def test_ids_are_joined_by_hyphens(groups: list, case: str, found: bool | None):
    assert Cases(tuple(one and frozenset(one) for one in groups)).has(case) is found


def test_the_project_of_a_cassette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    deep = tmp_path / "p" / "tests" / "cassettes"
    deep.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p" / "go.mod").touch()
    assert project(str(deep)) == str(tmp_path / "p")
    (tmp_path / ".git").mkdir()
    assert project(str(deep)) == str(tmp_path)

"""Finds what stands in for our own code in a test: the house's rule is that nothing does.

A test gives settings, time and data, and lets the system fail: a full disk, a lock, a program or a
process that dies. Then our own functions, methods and constants are all there, and are what is tested.
"""

import ast

# Where a test may reach in: the system's calls, its clock, and what other people's code computes.
BORDER = (
    "builtins",
    "ctypes",
    "importlib",
    "io",
    "os",
    "sysconfig",
    "time",
    "django.contrib.auth.hashers",
    "django.db.backends.base.base.BaseDatabaseWrapper",
    "django.utils.timezone",
)
# The register of engines takes another one beside those of the house; none of these is replaced.
PORTS = ("rongdang.capture.ocr.ports.ENGINES",)
SETTERS = {"setattr", "delattr", "setitem", "delitem"}
OURS = ("rongdang", "tests")


def stand_ins(text):
    """[(line, what)] in the source of a test, programs that it starts from a string included."""
    tree = ast.parse(text)
    found = _Finder(_own_things(tree))
    found.visit(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            found.faults += [(node.lineno, what) for _line, what in _in_a_program(node.value)]
    return sorted(set(found.faults))


def _in_a_program(text):
    try:
        return stand_ins(text) if "rongdang" in text else []
    except SyntaxError:
        return []


def _own_things(tree):
    """Names of things of classes that the test's own file defines: it may make them as it likes."""
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return {"self"} | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if isinstance(node.value.func, ast.Name) and node.value.func.id in classes
        for target in node.targets
        if isinstance(target, ast.Name)
    }


class _Finder(ast.NodeVisitor):
    """Names of this file → where they come from; a function's own names hide them."""

    def __init__(self, own):
        self.own = own
        self.faults, self.origins = [], {}

    def visit_Import(self, node):
        for name in node.names:
            self._import(name)
            bound = name.asname or name.name.partition(".")[0]
            self.origins[bound] = name.name if name.asname else bound

    def visit_ImportFrom(self, node):
        module = "tests." * bool(node.level) + (node.module or "")
        for name in node.names:
            whole = f"{module}.{name.name}"
            if whole.startswith(("unittest.mock", "mock.")) or whole == "unittest.mock":
                self._fault(node, whole)
            self.origins[name.asname or name.name] = whole

    def _import(self, name):
        if name.name in ("mock", "unittest.mock"):
            self._fault(name, name.name)

    def visit_FunctionDef(self, node):
        """Its parameters, fixtures among them, are things, whatever is imported under their name."""
        given = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
        if "mocker" in given:
            self._fault(node, "mocker")
        outside, self.origins = self.origins, {**self.origins, **dict.fromkeys(given, "")}
        self.generic_visit(node)
        self.origins = outside

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in SETTERS and node.args:
            target = node.args[0]
            named = target.value if isinstance(target, ast.Constant) else self._origin(target)
            if not _below(str(named), BORDER):
                self._fault(node, named or ast.unparse(target))
        if isinstance(node.func, ast.Name) and node.func.id in SETTERS and node.args:
            self._assigned(node.args[0])
        self.generic_visit(node)

    def visit_Assign(self, node):
        for target in node.targets:
            self._target(target, node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node):
        self._target(node.target, node.value)

    def visit_Delete(self, node):
        for target in node.targets:
            self._target(target, None)

    def _target(self, target, value):
        if isinstance(target, ast.Tuple | ast.List):
            for one in target.elts:
                self._target(one, None)
        if isinstance(target, ast.Attribute | ast.Subscript):
            self._assigned(target.value)
            if isinstance(value, ast.Lambda) and isinstance(target, ast.Attribute):
                if not self._is_the_test_s_own(target):
                    self._fault(target, f"{ast.unparse(target)} = lambda")

    def _is_the_test_s_own(self, target):
        own = isinstance(target.value, ast.Name) and target.value.id in self.own
        return own or _below(self._origin(target), BORDER)

    def _assigned(self, owner):
        named = self._origin(owner)
        if _below(named, OURS) and not _below(named, PORTS):
            self._fault(owner, named)

    def _origin(self, node):
        """`os.path` of a name that was imported, or of an attribute of one; "" of anything else."""
        if isinstance(node, ast.Attribute | ast.Subscript):
            above = self._origin(node.value)
            last = f".{node.attr}" if isinstance(node, ast.Attribute) else ""
            return above and above + last
        return self.origins.get(node.id, "") if isinstance(node, ast.Name) else ""

    def _fault(self, node, what):
        self.faults.append((node.lineno, what))


def _below(name, places):
    return any(name == place or name.startswith(f"{place}.") for place in places)

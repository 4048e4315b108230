"""The tree against RFC 9162, published vectors and a second implementation."""

import base64
import json
from pathlib import Path

import pytest
from pymerkle import InmemoryTree

from rongdang.base.ledger import merkle

# The eight leaves used by the public reference implementations, and their root.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOT_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def grown(leaves):
    """All subtrees by (level, index), and the root at each size."""
    nodes, roots, frontier = {}, [merkle.EMPTY], merkle.Frontier()
    for index, leaf in enumerate(leaves):
        nodes[0, index] = merkle.leaf_hash(leaf)
        for level, place, value in frontier.append(nodes[0, index]):
            nodes[level, place] = value
        roots.append(frontier.root())
    return nodes, roots


def test_the_published_root():
    assert grown(LEAVES)[1][8].hex() == ROOT_8
    assert merkle.EMPTY.hex().startswith("e3b0c44298fc1c14")


def test_a_second_implementation_agrees_at_every_size():
    leaves = [str(number).encode() for number in range(70)]
    other, roots = InmemoryTree(algorithm="sha256"), grown(leaves)[1]
    for size, leaf in enumerate(leaves, 1):
        other.append_entry(leaf)
        assert roots[size] == other.get_root()


def test_every_proof_up_to_40_holds_and_no_other_does():
    nodes, roots = grown([str(number).encode() for number in range(40)])
    node = lambda level, index: nodes[level, index]
    for size in range(1, 41):
        assert merkle.root(size, node) == roots[size]
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, node)
            assert merkle.inclusion_holds(index, size, nodes[0, index], proof, roots[size])
            assert not merkle.inclusion_holds(index, size, nodes[0, index], proof, roots[size - 1])
            assert not merkle.inclusion_holds(
                index,
                size,
                nodes[0, index],
                [*proof, proof[0] if proof else merkle.EMPTY],
                roots[size],
            )
            wrong = (index + 1) % size
            if wrong != index:
                assert not merkle.inclusion_holds(wrong, size, nodes[0, index], proof, roots[size])
        for first in range(1, size + 1):
            proof = merkle.consistency_proof(first, size, node)
            assert merkle.consistency_holds(first, size, roots[first], roots[size], proof)
            assert not merkle.consistency_holds(first, size, roots[first - 1], roots[size], proof)
            if first > 1:
                assert not merkle.consistency_holds(
                    first - 1, size, roots[first], roots[size], proof
                )


@pytest.mark.parametrize("sizes", [(0, 1), (0, 0), (3, 2), (-1, 2)])
def test_sizes_that_mean_nothing_are_refused(sizes):
    assert not merkle.consistency_holds(*sizes, merkle.EMPTY, merkle.EMPTY, [])
    with pytest.raises(ValueError):
        merkle.consistency_proof(*sizes, lambda level, index: b"")


def test_outside_inclusion_vectors(conformance):
    files = sorted((conformance / "merkle-inclusion").rglob("*.json"))
    assert len(files) > 90
    for file in files:
        case = json.loads(file.read_text())
        decode = lambda text: base64.b64decode(text or "")
        holds = merkle.inclusion_holds(
            case["leafIdx"],
            case["treeSize"],
            decode(case["leafHash"]),
            [decode(step) for step in case["proof"] or []],
            decode(case["root"]),
        )
        assert holds is not case["wantErr"], file


def test_outside_consistency_vectors(conformance):
    vectors = json.loads((conformance / "crypto" / "vectors.json").read_text())["merkle_sha256"]
    roots = [bytes.fromhex(root) for root in vectors["roots_by_tree_size"]]
    assert grown(LEAVES)[1] == roots
    nodes = grown(LEAVES)[0]
    for case in vectors["consistency"]:
        first, second = case["first"], case["second"]
        proof = [bytes.fromhex(step) for step in case["proof"]]
        assert merkle.consistency_holds(first, second, roots[first], roots[second], proof)
        assert merkle.consistency_proof(first, second, lambda l, i: nodes[l, i]) == proof


@pytest.fixture
def conformance():
    import os

    folder = Path(
        os.environ.get("RONGDANG_CONFORMANCE")
        or Path(__file__).parents[6] / "shared/data/conformance"
    )
    if not folder.is_dir():
        pytest.skip("the folder of public conformance data is not on this machine")
    return folder

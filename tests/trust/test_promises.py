"""Every promise of the privacy page names tests that are there, and the pages show them all."""

import ast
from functools import cache

import pytest
from flask import Flask

from letters.web.promises import SECTIONS
from tests.kit.pages import checking, parse, text_of
from tests.server import ROOT

PROMISES = [promise for section in SECTIONS for promise in section.promises]


@cache
def functions_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: str(promise.number))
def test_every_promise_names_tests_that_are_there(promise) -> None:
    assert promise.tests
    for test in promise.tests:
        file, _, name = test.partition("::")
        assert name.startswith("test_"), test
        assert name in functions_in(file), test


def test_promises_are_numbered_from_one_without_a_gap() -> None:
    assert [promise.number for promise in PROMISES] == list(range(1, len(PROMISES) + 1))


@pytest.mark.check(29)
def test_the_privacy_page_shows_every_promise_with_its_number_and_its_tests(app: Flask) -> None:
    page = parse(checking(app).get("/fr/confidentialite").text)
    items = page.select("main > ol[start] > li")
    folded = page.select("main > details > ol[start] > li")
    for item, proof, promise in zip(items, folded, PROMISES, strict=True):
        assert plain(item) == promise.text
        assert number_of(item) == number_of(proof) == promise.number
        assert tuple(text_of(code) for code in proof.select("code")) == promise.tests


def test_the_page_to_check_with_names_the_tests_of_every_promise(app: Flask) -> None:
    page = parse(checking(app).get("/fr/verifier").text)
    items = page.select("main ol[start] > li")
    assert len(items) == len(PROMISES)
    for item, promise in zip(items, PROMISES, strict=True):
        assert number_of(item) == promise.number
        assert tuple(text_of(code) for code in item.select("code")) == promise.tests
    [link] = parse(checking(app).get("/fr/confidentialite").text).select("main a[href$=verifier]")
    assert text_of(link) == "Comment vérifier que nous ne gardons rien"


def plain(item) -> str:
    return text_of(item).replace("\u202f", " ").replace("\u00a0", " ")


def number_of(item) -> int:
    """The number that a browser shows before an item."""
    items = item.parent.find_all("li", recursive=False)
    return int(item.parent["start"]) + items.index(item)

"""DeepSeek's model list."""

from unigate_deepseek import PROVIDER

LIST = {"object": "list", "data": [{"id": "deepseek-flash", "object": "model", "owned_by": "deepseek"}]}


def test_the_list_is_one_page() -> None:
    models, following = PROVIDER.backend.models.parse(LIST)
    assert [model.id for model in models] == ["deepseek-flash"]
    assert following is None


def test_a_missing_date_is_zero() -> None:
    models, _ = PROVIDER.backend.models.parse(LIST)
    assert models[0].created == 0


def test_the_overlay_tells_what_the_list_does_not() -> None:
    models, _ = PROVIDER.backend.models.parse(LIST)
    assert PROVIDER.backend.models.overlay(models[0]).context_window == 1_000_000

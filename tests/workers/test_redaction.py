"""However a text is cut into chunks, the masked stream equals the masked whole, and no secret is in it."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.redaction import MASK, Redactor, variants

SECRETS = st.lists(st.text(alphabet="abcs3-/+=", min_size=4, max_size=9), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(secrets=SECRETS, data=st.data())
def test_every_cut_gives_what_the_whole_gives(secrets: list[str], data: st.DataObject) -> None:
    redactor = Redactor(secrets)
    pieces = data.draw(st.lists(st.one_of(st.sampled_from(secrets), st.text(alphabet="abcs3-/+=x", max_size=4)), max_size=8))
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    stream = redactor.stream()
    chunks = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    out = "".join(stream.feed(chunk) for chunk in chunks) + stream.close()
    assert out == redactor.redact(text)
    left = out.replace(MASK, "\0")
    assert not [secret for secret in secrets if secret in left]


def test_the_longer_of_two_secrets_leaves_no_tail() -> None:
    redactor = Redactor(["token", "token-and-tail"])
    stream = redactor.stream()
    assert stream.feed("a token") + stream.feed("-and-ta") + stream.feed("il b") + stream.close() == f"a {MASK} b"
    assert redactor.redact("token token-and-tail") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    "spelled",
    [
        "s3cr3t value+",
        base64.b64encode(b"s3cr3t value+").decode(),
        base64.b64encode(b"user:s3cr3t value+").decode(),
        base64.b64encode(b"us:s3cr3t value+:x").decode(),
        "s3cr3t%20value%2B",
        "s3cr3t+value%2B",
        b"s3cr3t value+".hex(),
    ],
)
def test_encoded_spellings_are_masked_too(spelled: str) -> None:
    masked = Redactor(["s3cr3t value+"]).redact(f"<{spelled}>")
    assert MASK in masked
    assert spelled not in masked


def test_each_line_of_a_secret_is_masked_and_short_ones_are_not() -> None:
    redactor = Redactor(["-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----", "abc"])
    assert redactor.redact("x abcdefgh y abc") == f"x {MASK} y abc"
    assert variants("abc") == {"616263"} or "abc" not in variants("abc")

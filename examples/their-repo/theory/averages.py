"""What the paper states of averages under attention weights."""

from verify import Setting, total

S = Setting("averages")
tokens = S.dims("tokens")
i, k = tokens.index("i"), tokens.index("k")
scores, values = S.letters(scores=tokens, values=tokens)
s = S.softmax("s", scores[i], i, over=i)
average = S.define("average", total(s[i] * values[i], i))

S.identity("the weights sum to one", total(s[i], i), 1)
S.identity("gradient", S.gradient(average, scores[k]), s[k] * (values[k] - average))
S.identity(
    "gradient in the first version", S.gradient(average, scores[k]), s[k] * values[k],
    expected="fails", reason="the average was missing; a reader found that",
)  # fmt: skip

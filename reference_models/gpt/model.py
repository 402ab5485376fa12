"""Token and place embeddings, blocks of attention and feed-forward with the norm before each, a linear head.

After Radford et al. 2019, "Language models are unsupervised multitask learners" (GPT-2), section 2.3, in the
form that https://github.com/karpathy/nanoGPT teaches (model.py). GELU is the exact one of Hendrycks and
Gimpel 2016, not its tanh approximation.

Letters: B batch, T tokens, C width, H heads, V vocabulary.
With 65 tokens and the other parameters left as they are it has 809,856 weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from reference_models.gpt.shapes import WIDENING, resolve


class Attention(nn.Module):
    """Each token gathers from itself and those before it (Vaswani et al. 2017, section 3.2)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, T, C) to what each gathers (B, T, C)."""
        n, length, width = x.shape
        parts = self.qkv(x).view(n, length, 3, self.heads, width // self.heads)  # (B, T, 3, H, C/H)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind()  # (B, H, T, C/H) each
        gathered = functional.scaled_dot_product_attention(
            query, key, value, dropout_p=self.dropout if self.training else 0.0, is_causal=True
        )
        out: Tensor = self.project(gathered.transpose(1, 2).reshape(n, length, width))  # (B, T, C)
        return functional.dropout(out, self.dropout, self.training)


class FeedForward(nn.Module):
    """Each token by itself: wider, GELU, back."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.widen = nn.Linear(width, WIDENING * width)
        self.project = nn.Linear(WIDENING * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, T, C) to tokens (B, T, C)."""
        x = self.project(functional.gelu(self.widen(x)))
        return functional.dropout(x, self.dropout, self.training)


class Block(nn.Module):
    """Both, each added to what comes in."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.norm2 = nn.LayerNorm(width)
        self.feedforward = FeedForward(width, dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, T, C) to tokens (B, T, C)."""
        x = x + self.attention(self.norm1(x))
        out: Tensor = x + self.feedforward(self.norm2(x))
        return out


class Gpt(nn.Module):
    """Tokens (B, T) to logits of the next token at each place (B, T, V)."""

    def __init__(self, p: Mapping[str, Any]) -> None:
        super().__init__()
        self.dropout: float = p["dropout"]
        self.token_embedding = unfilled(p["vocabulary"], p["width"])
        self.place_embedding = unfilled(p["block"], p["width"])
        self.blocks = nn.ModuleList(Block(p["width"], p["heads"], p["dropout"]) for _ in range(p["layers"]))
        self.norm = nn.LayerNorm(p["width"])
        self.head = None if p["tied"] else nn.Linear(p["width"], p["vocabulary"], bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits (B, T, V) of tokens (B, T); those of a place depend on it and the places before."""
        x = self.token_embedding(tokens) + self.place_embedding.weight[: tokens.shape[1]]  # (B, T, C)
        x = functional.dropout(x, self.dropout, self.training)
        for block in self.blocks:
            x = block(x)
        # One tensor under one name also where it is used twice: stored weights then cannot disagree.
        weight = self.token_embedding.weight if self.head is None else self.head.weight
        return functional.linear(self.norm(x), weight)  # (B, T, V)


def unfilled(rows: int, width: int) -> nn.Embedding:
    """An embedding whose weights nobody drew: drawing, even on the meta device, imports torch's compiler."""
    empty = torch.empty(rows, width)
    embedding: nn.Embedding = nn.Embedding.from_pretrained(empty, freeze=False)  # type: ignore[no-untyped-call]
    return embedding


def build(given: Mapping[str, Any]) -> Gpt:
    """The network for parameters that `shapes.resolve` accepts, on the meta device: shapes without memory."""
    with torch.device("meta"):
        return Gpt(resolve(given))

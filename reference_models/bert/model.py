"""Token and place embeddings, blocks of attention and feed-forward with the norm after each, a masked head.

After Devlin et al. 2019, "BERT: Pre-training of deep bidirectional transformers for language understanding",
sections 3 and 3.1, in the form of https://github.com/google-research/bert (modeling.py; run_pretraining.py,
`get_masked_lm_output`): one kind of segment, no next-sentence task, the head tied to the token embedding.
Logits are taken at the masked places alone, which is where the loss looks.

Letters: B batch, T tokens, C width, H heads, V vocabulary, M masked places.
With 8,000 tokens and the other parameters left as they are it has 1,850,432 weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from reference_models.bert.shapes import WIDENING, resolve

EPS = 1e-12  # of the norms; google-research/bert, modeling.py, `layer_norm`: TensorFlow's default then


class Attention(nn.Module):
    """Each token gathers from all tokens (Vaswani et al. 2017, section 3.2)."""

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
            query, key, value, dropout_p=self.dropout if self.training else 0.0
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
    """Both, each added to what comes in and the sum brought to one scale."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(width, heads, dropout)
        self.norm1 = nn.LayerNorm(width, EPS)
        self.feedforward = FeedForward(width, dropout)
        self.norm2 = nn.LayerNorm(width, EPS)

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, T, C) to tokens (B, T, C)."""
        x = self.norm1(x + self.attention(x))
        out: Tensor = self.norm2(x + self.feedforward(x))
        return out


class Bert(nn.Module):
    """Tokens (B, T), some of them the mask, to logits of what stood there."""

    def __init__(self, p: Mapping[str, Any]) -> None:
        super().__init__()
        self.dropout: float = p["dropout"]
        self.token_embedding = unfilled(p["vocabulary"] + 1, p["width"])  # the last is the mask
        self.place_embedding = unfilled(p["block"], p["width"])
        self.norm = nn.LayerNorm(p["width"], EPS)
        self.blocks = nn.ModuleList(Block(p["width"], p["heads"], p["dropout"]) for _ in range(p["layers"]))
        self.transform = nn.Linear(p["width"], p["width"])
        self.transform_norm = nn.LayerNorm(p["width"], EPS)
        self.head_bias = nn.Parameter(torch.empty(p["vocabulary"]))

    def forward(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Logits (M, V) at `positions`, (M) places in the flattened tokens (B, T)."""
        x = self.token_embedding(tokens) + self.place_embedding.weight[: tokens.shape[1]]  # (B, T, C)
        x = functional.dropout(self.norm(x), self.dropout, self.training)
        for block in self.blocks:
            x = block(x)
        x = x.flatten(0, 1).index_select(0, positions)  # (M, C)
        x = self.transform_norm(functional.gelu(self.transform(x)))
        return functional.linear(x, self.token_embedding.weight[:-1], self.head_bias)  # (M, V)


def unfilled(rows: int, width: int) -> nn.Embedding:
    """An embedding whose weights nobody drew: drawing, even on the meta device, imports torch's compiler."""
    empty = torch.empty(rows, width)
    embedding: nn.Embedding = nn.Embedding.from_pretrained(empty, freeze=False)  # type: ignore[no-untyped-call]
    return embedding


def build(given: Mapping[str, Any]) -> Bert:
    """The network for parameters that `shapes.resolve` accepts, on the meta device: shapes without memory."""
    with torch.device("meta"):
        return Bert(resolve(given))

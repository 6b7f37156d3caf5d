"""TransMIL in plain eager PyTorch: Nyström attention around a convolutional position encoding."""
import math

import torch
import torch.nn.functional as F
from torch import nn

from models import Embedding, cross_entropy


class NystromAttention(nn.Module):
    """Softmax attention through the means of 256 groups of rows, and a convolution of the values along the sequence."""

    heads, landmarks, iterations = 8, 256, 6

    def __init__(self, width):
        super().__init__()
        self.scale = (width // self.heads) ** -0.5
        self.projection = nn.Linear(width, 3 * width, bias=False)
        self.output = nn.Sequential(nn.Linear(width, width), nn.Dropout(0.1))
        self.residual = nn.Conv2d(self.heads, self.heads, (33, 1), padding=(16, 0), groups=self.heads, bias=False)

    def inverse(self, x):
        sums = x.abs().sum(dim=-1).max() * x.abs().sum(dim=-2).max()
        z = x.transpose(-1, -2) / sums
        identity = torch.eye(x.shape[-1]).unsqueeze(0)
        for _ in range(self.iterations):
            xz = x @ z
            z = 0.25 * z @ (13 * identity - (xz @ (15 * identity - (xz @ (7 * identity - xz)))))
        return z

    def forward(self, x, returns_attention=False):
        rows = x.shape[1]
        padding = (-rows) % self.landmarks
        x = F.pad(x, (0, 0, padding, 0))
        count = x.shape[1]
        split = [t.view(1, count, self.heads, -1).transpose(1, 2) for t in self.projection(x).chunk(3, dim=-1)]
        query, key, value = split[0] * self.scale, split[1], split[2]
        group = count // self.landmarks
        query_marks = query.reshape(1, self.heads, self.landmarks, group, -1).sum(dim=3) / group
        key_marks = key.reshape(1, self.heads, self.landmarks, group, -1).sum(dim=3) / group
        first = (query @ key_marks.transpose(-1, -2)).softmax(dim=-1)
        second = (query_marks @ key_marks.transpose(-1, -2)).softmax(dim=-1)
        third = (query_marks @ key.transpose(-1, -2)).softmax(dim=-1)
        inverse = self.inverse(second)
        out = (first @ inverse) @ (third @ value) + self.residual(value)
        out = self.output(out.transpose(1, 2).reshape(1, count, -1))[:, -rows:]
        if not returns_attention:
            return out
        row = first[:, :, padding].unsqueeze(-2) @ inverse @ third
        return out, value[:, :, padding + 1 :], row[:, :, 0, padding + 1 :]


class PPEG(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(width, width, k, padding=k // 2, groups=width) for k in (7, 5, 3)
        )

    def forward(self, x, minimum=1):
        rows = x.shape[1]
        side = math.ceil(math.sqrt(rows))
        x = torch.cat([x, x[:, : side * side - rows]], dim=1)
        if side < minimum:
            x, side = F.pad(x, (0, 0, 0, minimum * minimum - side * side)), minimum
        grid = x.transpose(1, 2).view(1, -1, side, side)
        grid = self.convolutions[0](grid) + grid + self.convolutions[1](grid) + self.convolutions[2](grid)
        return grid.flatten(2).transpose(1, 2)[:, :rows]


class TransformerEncoder(nn.Module):
    """Tokens [n, D] → the class token [1, D]; also the first layer's values and its class token's attention."""

    def __init__(self, width, fills_square):
        super().__init__()
        self.fills_square = fills_square
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.layers = nn.ModuleList(NystromAttention(width) for _ in range(2))
        self.position = PPEG(width)

    def forward(self, x, returns_attention=False):
        x = x.unsqueeze(0)
        if self.fills_square:
            side = math.ceil(math.sqrt(x.shape[1]))
            x = torch.cat([x, x[:, : side * side - x.shape[1]]], dim=1)
        x = torch.cat([self.token, x], dim=1)
        values = attention = None
        if returns_attention:
            out, values, attention = self.layers[0](self.norms[0](x), True)
        else:
            out = self.layers[0](self.norms[0](x))
        x = x + out
        x = torch.cat([x[:, :1], self.position(x[:, 1:], 7)], dim=1)
        x = x + self.layers[1](self.norms[1](x))
        return self.norms[2](x)[:, 0], values, attention


class TransMIL(nn.Module):
    def __init__(self, inputs, width, classes):
        super().__init__()
        self.embedding = Embedding(inputs, width, bias=True, dropout=0.25)
        self.encoder = TransformerEncoder(width, fills_square=True)
        self.classifier = nn.Linear(width, classes)

    def forward(self, bag):
        return self.classifier(self.encoder(self.embedding(bag))[0])

    def loss(self, bag, label):
        return cross_entropy(self(bag), label)

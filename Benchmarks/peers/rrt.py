"""RRT-MIL in plain eager PyTorch: all regions of a bag at once, as its paper tells it."""
import math

import torch
import torch.nn.functional as F
from torch import nn

import models


class Attention(nn.Module):
    def __init__(self, width, heads=8, taps=None):
        super().__init__()
        self.heads = heads
        self.qkv, self.output, self.dropout = nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Dropout(0.1)
        self.encoding = nn.Conv2d(heads, heads, (taps, 1), padding=(taps // 2, 0), groups=heads) if taps else None

    def forward(self, x):
        count, length, width = x.shape
        q, k, v = self.qkv(x).view(count, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        logits = q @ k.transpose(2, 3) / math.sqrt(width // self.heads)
        if self.encoding is not None:
            logits = logits + self.encoding(logits)
        return self.dropout(self.output((logits.softmax(-1) @ v).transpose(1, 2).reshape(count, length, width)))


class RRT(nn.Module):
    def __init__(self, inputs, width, classes, regions=8, tokens=3):
        super().__init__()
        self.regions = regions
        self.embedding = models.Embedding(inputs, width, bias=True, dropout=0.25)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.inner, self.cross = Attention(width, taps=15), Attention(width)
        self.phi = nn.Parameter(torch.randn(width, tokens) / math.sqrt(width))
        self.pool = nn.Sequential(nn.Linear(width, 128, bias=False), nn.ReLU(), nn.Linear(128, 1, bias=False))
        self.head = nn.Linear(width, classes)

    def in_regions(self, x, body):
        (count, width), r = x.shape, self.regions
        side = -(-math.ceil(math.sqrt(count)) // r)
        x = F.pad(x, (0, 0, 0, (r * side) ** 2 - count)).view(r, side, r, side, width).transpose(1, 2)
        x = body(x.reshape(r * r, side * side, width)).view(r, r, side, side, width).transpose(1, 2)
        return x.reshape(-1, width)[:count]

    def crossed(self, x):
        logits = (x @ self.phi).transpose(1, 2)
        gathered = self.cross((logits.softmax(2) @ x).transpose(0, 1)).transpose(0, 1)
        low, high = logits.amin(2, keepdim=True), logits.amax(2, keepdim=True)
        return ((logits - low) / (high - low + 1e-8) * logits.softmax(1)).transpose(1, 2) @ gathered

    def forward(self, bag):
        x = self.embedding(bag)
        x = x + self.in_regions(self.norms[0](x), self.inner)
        x = self.norms[2](x + self.in_regions(self.norms[1](x), self.crossed))
        return self.head(self.pool(x).transpose(0, 1).softmax(1) @ x)

    def loss(self, bag, label):
        return models.cross_entropy(self(bag), label)

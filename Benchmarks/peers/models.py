"""Plain eager PyTorch models of multiple-instance learning, computed the way their papers' authors do: full key and value
projections, nn.Dropout, masks by top-k and scatter. Bags are [N, D_in]; every model has `loss(bag, label)` for a training
pass and `forward(bag)` for a prediction.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


def cross_entropy(logits, label):
    return F.cross_entropy(logits, torch.full((logits.shape[0],), label))


class Embedding(nn.Sequential):
    def __init__(self, inputs, width, bias, activation=nn.ReLU, dropout=0.0):
        super().__init__(nn.Linear(inputs, width, bias=bias), activation(), nn.Dropout(dropout))


class Pooling(nn.Module):
    def __init__(self, inputs, width, classes, kind):
        super().__init__()
        self.kind = kind
        self.embedding = Embedding(inputs, width, bias=True, dropout=0.25)
        self.classifier = nn.Linear(width, classes)

    def forward(self, bag):
        logits = self.classifier(self.embedding(bag))
        return logits.mean(0, keepdim=True) if self.kind == "mean" else logits.max(0, keepdim=True)[0]

    def loss(self, bag, label):
        return cross_entropy(self(bag), label)


class Attention(nn.Module):
    """Attention logits [K, N]; with the sigmoid gate or without."""

    def __init__(self, width, hidden, branches, gated):
        super().__init__()
        self.tanh = nn.Linear(width, hidden)
        self.gate = nn.Linear(width, hidden) if gated else None
        self.weights = nn.Linear(hidden, branches)

    def forward(self, x):
        hidden = torch.tanh(self.tanh(x))
        if self.gate is not None:
            hidden = hidden * torch.sigmoid(self.gate(x))
        return self.weights(hidden).transpose(0, 1)


class ABMIL(nn.Module):
    def __init__(self, inputs, width, classes, gated):
        super().__init__()
        self.embedding = Embedding(inputs, width, bias=False)
        self.attention = Attention(width, 128, 1, gated)
        self.classifier = nn.Linear(width, classes)

    def forward(self, bag):
        x = self.embedding(bag)
        return self.classifier(F.softmax(self.attention(x), dim=1) @ x)

    def loss(self, bag, label):
        return cross_entropy(self(bag), label)


def masked(logits, count=10, share=0.6):
    """Logits [..., N] with a random share of every row's top ones hidden."""
    count = min(count, logits.shape[-1])
    _, top = torch.topk(logits, count, dim=-1)
    order = torch.argsort(torch.rand(*top.shape), dim=-1)[..., : int(count * share)]
    return logits.scatter(-1, torch.gather(top, -1, order), -1e9)


def diversity(logits):
    """Mean cosine similarity of all pairs of branches of [..., K, N]."""
    attention = F.softmax(logits, dim=-1)
    branches = attention.shape[-2]
    total = 0
    for i in range(branches):
        for j in range(i + 1, branches):
            total = total + F.cosine_similarity(attention[..., i, :], attention[..., j, :], dim=-1).mean()
    return total / (branches * (branches - 1) / 2)


class GatedACMIL(nn.Module):
    def __init__(self, inputs, width, classes, branches=5):
        super().__init__()
        self.embedding = Embedding(inputs, width, bias=False)
        self.attention = Attention(width, 128, branches, gated=True)
        self.heads = nn.ModuleList(nn.Linear(width, classes) for _ in range(branches))
        self.bag_head = nn.Linear(width, classes)

    def run(self, bag):
        x = self.embedding(bag)
        logits = self.attention(x)
        if self.training:
            logits = masked(logits)
        attention = F.softmax(logits, dim=1)
        pooled = attention @ x
        branches = torch.cat([head(pooled[k : k + 1]) for k, head in enumerate(self.heads)])
        return branches, self.bag_head(attention.mean(0, keepdim=True) @ x), logits

    def forward(self, bag):
        return self.run(bag)[1]

    def loss(self, bag, label):
        branches, bag_logits, logits = self.run(bag)
        return cross_entropy(bag_logits, label) + cross_entropy(branches, label) + diversity(logits)


class CrossAttention(nn.Module):
    """One query over the instances, eight heads."""

    heads = 8

    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))
        self.dropout = nn.Dropout(0.1)
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def split(self, x):
        return x.view(x.shape[0], self.heads, -1).transpose(0, 1)

    def forward(self, token, x):
        query, key, value = self.split(self.query(token)), self.split(self.key(x)), self.split(self.value(x))
        logits = query @ key.transpose(1, 2) / math.sqrt(query.shape[-1])
        if self.training:
            logits = masked(logits)
        pooled = (F.softmax(logits, dim=-1) @ value).transpose(0, 1).reshape(1, -1)
        return self.norm(self.dropout(self.output(pooled))), logits


class MultiHeadACMIL(nn.Module):
    def __init__(self, inputs, width, classes, branches=5):
        super().__init__()
        self.embedding = Embedding(inputs, width, bias=False)
        self.queries = nn.Parameter(torch.randn(branches, width) * 1e-6)
        self.blocks = nn.ModuleList(CrossAttention(width) for _ in range(branches))
        self.value, self.output = nn.Linear(width, width), nn.Linear(width, width)
        self.dropout, self.norm = nn.Dropout(0.1), nn.LayerNorm(width, eps=1e-6)
        self.heads = nn.ModuleList(nn.Linear(width, classes) for _ in range(branches))
        self.bag_head = nn.Linear(width, classes)

    def run(self, bag):
        x = self.embedding(bag)
        passes = [block(self.queries[k : k + 1], x) for k, block in enumerate(self.blocks)]
        branches = torch.cat([head(feature) for head, (feature, _) in zip(self.heads, passes)])
        logits = torch.cat([logits for _, logits in passes], dim=1)
        mean = F.softmax(logits, dim=-1).mean(1, keepdim=True)
        value = self.blocks[0].split(self.value(x))
        feature = self.norm(self.dropout(self.output((mean @ value).transpose(0, 1).reshape(1, -1))))
        return branches, self.bag_head(feature), logits

    forward = GatedACMIL.forward
    loss = GatedACMIL.loss


class CLAM(nn.Module):
    """Gated attention with an instance classifier per class, trained on the instances attended to most and least."""

    sampled = 8

    def __init__(self, inputs, width, classes, multi):
        super().__init__()
        self.classes, self.multi = classes, multi
        self.embedding = Embedding(inputs, width, bias=True, dropout=0.25)
        self.attention = Attention(width, 256, classes if multi else 1, gated=True)
        self.attention_dropout = nn.Dropout(0.25)
        self.instance_heads = nn.ModuleList(nn.Linear(width, 2) for _ in range(classes))
        self.heads = nn.ModuleList(nn.Linear(width, 1) for _ in range(classes)) if multi else None
        self.head = None if multi else nn.Linear(width, classes)

    def run(self, bag):
        x = self.embedding(bag)
        gated = self.attention_dropout(torch.tanh(self.attention.tanh(x)))
        gated = gated * self.attention_dropout(torch.sigmoid(self.attention.gate(x)))
        attention = F.softmax(self.attention.weights(gated).transpose(0, 1), dim=1)
        pooled = attention @ x
        if not self.multi:
            return x, attention, self.head(pooled)
        return x, attention, torch.cat([head(pooled[c : c + 1]) for c, head in enumerate(self.heads)], dim=1)

    def forward(self, bag):
        return self.run(bag)[2]

    def loss(self, bag, label):
        x, attention, logits = self.run(bag)
        row = attention[label if self.multi else 0]
        top, bottom = torch.topk(row, self.sampled)[1], torch.topk(-row, self.sampled)[1]
        chosen = self.instance_heads[label](torch.cat([x[top], x[bottom]]))
        instances = F.cross_entropy(chosen, torch.tensor([1] * self.sampled + [0] * self.sampled))
        return 0.7 * cross_entropy(logits, label) + 0.3 * instances


class DSMILEncoder(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.instances = nn.Linear(width, classes)
        self.query = nn.Sequential(nn.Linear(width, 128), nn.ReLU(), nn.Linear(128, 128), nn.Tanh())
        self.value = nn.Sequential(nn.Dropout(0.0), nn.Linear(width, width), nn.ReLU())
        self.bag = nn.Conv1d(classes, classes, kernel_size=width)

    def forward(self, x):
        logits = self.instances(x)
        order = torch.sort(logits, 0, descending=True)[1]
        query, value = self.query(x), self.value(x)
        critical = self.query(x[order[0]])
        attention = F.softmax(query @ critical.transpose(0, 1) / math.sqrt(query.shape[1]), dim=0)
        bags = attention.transpose(0, 1) @ value
        bag_logits = self.bag(bags.unsqueeze(0)).view(1, -1)
        return bags, bag_logits, logits.max(0, keepdim=True)[0], logits


class DSMIL(nn.Module):
    def __init__(self, inputs, width, classes):
        super().__init__()
        self.embedding = Embedding(inputs, width, bias=True, dropout=0.25)
        self.encoder = DSMILEncoder(width, classes)

    def forward(self, bag):
        _, bag_logits, top_logits, _ = self.encoder(self.embedding(bag))
        return 0.5 * (F.softmax(bag_logits, 1) + F.softmax(top_logits, 1))

    def loss(self, bag, label):
        _, bag_logits, top_logits, _ = self.encoder(self.embedding(bag))
        return 0.5 * cross_entropy(bag_logits, label) + 0.5 * cross_entropy(top_logits, label)

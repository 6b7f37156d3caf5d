"""MHIM, version 2, in plain eager PyTorch: a teacher scores the whole bag, the student learns from what masking leaves, and
a few queries recycle a part of that.
"""
import copy
import math

import torch
import torch.nn.functional as F
from torch import nn

import models
import transmil


class AttentionHost(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.attention = nn.Sequential(
            nn.Linear(width, 128, bias=False), nn.ReLU(), nn.Linear(128, 1, bias=False)
        )
        self.predictor = nn.Linear(width, classes)

    def forward(self, x):
        attention = F.softmax(self.attention(x).transpose(0, 1), dim=-1)
        bag = attention @ x
        return bag, self.predictor(bag), (attention, x)

    def score(self, view):
        attention, x = view
        logits = (attention.transpose(0, 1) * x) @ self.predictor.weight.t() + self.predictor.bias[0]
        return logits.softmax(dim=-1).max(dim=-1)[0]


class TransformerHost(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.encoder = transmil.TransformerEncoder(width, fills_square=False)
        self.predictor = nn.Linear(width, classes)

    def forward(self, x):
        bag, values, attention = self.encoder(x, returns_attention=self.scores)
        return bag, self.predictor(bag), (values, attention)

    scores = False

    def score(self, view):
        values, attention = view
        weighted = (values * attention.unsqueeze(-1)).transpose(1, 2).flatten(2)
        logits = self.encoder.layers[0].output(weighted)[0] @ self.predictor.weight.t()
        return logits.softmax(dim=-1).max(dim=-1)[0]


class DSMILHost(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.encoder = models.DSMILEncoder(width, classes)

    def forward(self, x):
        bag, bag_logits, top_logits, logits = self.encoder(x)
        return bag, 0.5 * bag_logits + 0.5 * top_logits, logits

    def score(self, logits):
        return logits.max(dim=-1)[0]


class Merge(nn.Module):
    """Eight heads of a few queries over the instances that the random split leaves over."""

    def __init__(self, width, count=5, momentum=0.9999):
        super().__init__()
        self.momentum = momentum
        bound = math.sqrt(6 / (3 * 16 * 16 + width))
        self.queries = nn.Parameter(torch.empty(1, count, width).uniform_(-bound, bound), requires_grad=False)
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.output = nn.Sequential(nn.Linear(width, width), nn.Dropout(0.1))
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        split = lambda t: t.view(1, t.shape[1], 8, -1).transpose(1, 2)
        key, value = map(split, self.key_value(self.norm(x.unsqueeze(0))).chunk(2, dim=-1))
        query = split(self.query(self.norm(self.queries.clone())))
        attention = self.dropout((query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])).softmax(dim=-1))
        out = self.output((attention @ value).transpose(1, 2).flatten(2))
        with torch.no_grad():
            self.queries.mul_(self.momentum).add_(out * (1 - self.momentum))
        return out[0]


class Net(nn.Module):
    def __init__(self, inputs, width, classes, host):
        super().__init__()
        self.embedding = models.Embedding(inputs, width, bias=True, activation=nn.GELU, dropout=0.25)
        self.host = host(width, classes)
        self.merge = Merge(width)


class MHIM(nn.Module):
    def __init__(self, inputs, width, classes, host):
        super().__init__()
        self.student = Net(inputs, width, classes, host)
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        self.teacher.host.scores = True

    def forward(self, bag):
        return self.student.host(self.student.embedding(bag))[1]

    def loss(self, bag, label, masked=0.03, kept=0.9):
        with torch.no_grad():
            target, _, view = self.teacher.host(self.teacher.embedding(bag))
            score = self.teacher.host.score(view)
        x = self.student.embedding(bag)
        rows = x.shape[0]
        hidden = torch.topk(score, math.ceil(rows * masked))[1]
        stays = torch.ones(rows, dtype=torch.bool)
        stays[hidden] = False
        x = x[stays.nonzero().flatten()]
        order = torch.argsort(torch.rand(x.shape[0]))
        cut = int(x.shape[0] * kept)
        x = torch.cat([x[order[:cut]], self.student.merge(x[order[cut:]])])
        bag_feature, logits, _ = self.student.host(x)
        consistency = -(F.softmax(target / 0.1, dim=-1) * F.log_softmax(bag_feature, dim=-1)).sum(dim=-1).mean()
        return models.cross_entropy(logits, label) + 0.5 * consistency

    def finish(self, momentum=0.9997):
        with torch.no_grad():
            for taught, own in zip(self.teacher.parameters(), self.student.parameters()):
                taught.mul_(momentum).add_(own * (1 - momentum))

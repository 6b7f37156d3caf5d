"""WiKG in plain eager PyTorch: the likeness of all pairs at once, as its paper tells it."""
import math

import torch
import torch.nn.functional as F
from torch import nn

import models


class WiKG(nn.Module):
    def __init__(self, inputs, width, classes, neighbours=6):
        super().__init__()
        self.neighbours = neighbours
        self.embedding = models.Embedding(inputs, width, bias=True, activation=nn.LeakyReLU)
        self.head, self.tail, self.sum, self.product = (nn.Linear(width, width) for _ in range(4))
        self.pooling = nn.Sequential(nn.Linear(width, width // 2), nn.LeakyReLU(), nn.Linear(width // 2, 1))
        self.dropout, self.norm, self.classifier = nn.Dropout(0.3), nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, bag):
        x = self.embedding(bag)
        x = (x + x.mean(0, keepdim=True)) / 2
        heads, tails = self.head(x), self.tail(x)
        likeness, near = torch.topk(heads @ tails.T / math.sqrt(heads.shape[1]), min(self.neighbours, len(x)))
        near, share = tails[near], F.softmax(likeness, dim=1).unsqueeze(2)
        edges = share * near + (1 - share) * heads.unsqueeze(1)
        wanted = near.sum(2) * torch.tanh(heads.unsqueeze(1) + edges).sum(2)
        gathered = (F.softmax(wanted, dim=1).unsqueeze(2) * near).sum(1)
        x = F.leaky_relu(self.sum(heads + gathered)) + F.leaky_relu(self.product(heads * gathered))
        x = self.dropout(x)
        return self.classifier(self.norm(F.softmax(self.pooling(x), dim=0).T @ x))

    def loss(self, bag, label):
        return models.cross_entropy(self(bag), label)

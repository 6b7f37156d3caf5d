"""DTFD-MIL in plain eager PyTorch: a gather, an attention and a head for each pseudo-bag, as its paper tells it."""
import torch
import torch.nn.functional as F
from torch import nn

import models


class DTFD(nn.Module):
    def __init__(self, inputs, width, classes, bags=4):
        super().__init__()
        self.bags = bags
        self.embedding = models.Embedding(inputs, width, bias=False)
        self.attention, self.second = (models.Attention(width, 128, 1, gated=True) for _ in range(2))
        self.head, self.second_head = nn.Linear(width, classes), nn.Linear(width, classes)

    def run(self, bag):
        pooled = []
        for rows in torch.randperm(bag.shape[0]).chunk(self.bags):
            x = self.embedding(bag[rows])
            pooled.append(F.softmax(self.attention(x), dim=1) @ x)
        pooled = torch.cat(pooled)
        distilled = pooled.detach()
        return self.head(pooled), self.second_head(F.softmax(self.second(distilled), dim=1) @ distilled)

    def forward(self, bag):
        return self.run(bag)[1]

    def loss(self, bag, label):
        return sum(models.cross_entropy(logits, label) for logits in self.run(bag))

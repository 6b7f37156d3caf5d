"""Networks whose speed is measured: vision transformers and ResNet-50, with random weights, in plain PyTorch."""
import torch
import torch.nn.functional as F
from torch import nn

MEAN, STD, SIDE = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 224


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        count, length, width = x.shape
        queries, keys, values = self.qkv(x).view(count, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(queries, keys, values)
        return self.proj(mixed.transpose(1, 2).reshape(count, length, width))


class MLP(nn.Module):
    """Two layers with GELU, or the gated kind whose first layer gives gate and value."""

    def __init__(self, width, hidden, gated):
        super().__init__()
        self.gated = gated
        self.fc1, self.fc2 = nn.Linear(width, hidden), nn.Linear(hidden // 2 if gated else hidden, width)

    def forward(self, x):
        x = self.fc1(x)
        if not self.gated:
            return self.fc2(F.gelu(x))
        gate, value = x.chunk(2, dim=-1)
        return self.fc2(F.silu(gate) * value)


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x):
        return x * self.gamma


class Block(nn.Module):
    def __init__(self, width, heads, hidden, gated, scaled):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attn, self.mlp = Attention(width, heads), MLP(width, hidden, gated)
        self.ls1, self.ls2 = (Scale(width), Scale(width)) if scaled else (nn.Identity(), nn.Identity())

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class Embedding(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class ViT(nn.Module):
    """Gives the class token. Registers have no positions."""

    def __init__(self, patch, width, depth, heads, hidden, gated=False, scaled=False, registers=0):
        super().__init__()
        prefix = 0 if registers else 1
        self.patch_embed = Embedding(patch, width)
        self.cls_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        if registers:
            self.reg_token = nn.Parameter(torch.randn(1, registers, width) * 0.02)
        self.pos_embed = nn.Parameter(torch.randn(1, (SIDE // patch) ** 2 + prefix, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads, hidden, gated, scaled) for _ in range(depth)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.architecture = {
            "family": "vit", "patch": patch, "width": width, "depth": depth, "heads": heads, "hidden": hidden,
            "mlp": "swiglu" if gated else "gelu", "layer_scale": scaled, "register_tokens": registers,
            "prefix_positions": not registers,
        }
        self.dim = width

    def forward(self, x):
        x, token = self.patch_embed(x), self.cls_token.expand(len(x), -1, -1)
        if hasattr(self, "reg_token"):
            x = torch.cat([token, self.reg_token.expand(len(x), -1, -1), x + self.pos_embed], dim=1)
        else:
            x = torch.cat([token, x], dim=1) + self.pos_embed
        return self.norm(self.blocks(x)[:, 0])


class Bottleneck(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, channels, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels)
        self.conv3, self.bn3 = nn.Conv2d(channels, 4 * channels, 1, bias=False), nn.BatchNorm2d(4 * channels)
        self.downsample = nn.Identity()
        if stride != 1 or inputs != 4 * channels:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, 4 * channels, 1, stride, bias=False), nn.BatchNorm2d(4 * channels))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x), inplace=True)


class ResNet50(nn.Module):
    """Gives the global average."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        inputs = 64
        for stage, count in enumerate((3, 4, 6, 3)):
            channels, blocks = 64 << stage, []
            for index in range(count):
                blocks.append(Bottleneck(inputs, channels, 2 if stage and not index else 1))
                inputs = 4 * channels
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.architecture = {"family": "resnet", "block": "bottleneck", "layers": [3, 4, 6, 3]}
        self.dim = inputs

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x)), inplace=True), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


MODELS = {
    # The gated network with registers, in small: for golden patches.
    "vit-tiny": lambda: ViT(14, 64, 3, 4, 256, gated=True, scaled=True, registers=4),
    "vit-s16": lambda: ViT(16, 384, 12, 6, 1536),
    "vit-l16": lambda: ViT(16, 1024, 24, 16, 4096, scaled=True),
    "vit-g14": lambda: ViT(14, 1536, 40, 24, 8192, gated=True, scaled=True, registers=4),
    "resnet50": ResNet50,
}


class Network:
    """A model on a device, from bytes [B, 3, side, side] to fp32 features on the CPU."""

    def __init__(self, name, device, precision):
        self.device, self.dtype = torch.device(device), torch.bfloat16 if precision == "bf16" else torch.float32
        torch.manual_seed(0)
        with self.device:
            self.model = MODELS[name]().eval()
        # Of a network of convolutions, the layout that their kernels want.
        self.layout = torch.channels_last if name == "resnet50" else torch.contiguous_format
        self.model.to(self.dtype).to(memory_format=self.layout)
        self.mean = torch.tensor(MEAN, device=self.device).view(1, 3, 1, 1) * 255
        self.std = torch.tensor(STD, device=self.device).view(1, 3, 1, 1) * 255

    @torch.inference_mode()
    def __call__(self, pixels):
        x = pixels.to(self.device, non_blocking=True).float()
        if x.shape[-1] != SIDE:
            x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", antialias=True)
        x = ((x - self.mean) / self.std).to(self.dtype).contiguous(memory_format=self.layout)
        return self.model(x).float()

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def gflop(self):
        """Multiplications and additions of one patch, by the shapes that go through its layers."""
        total = 0

        def count(layer, inputs, output):
            nonlocal total
            if isinstance(layer, Attention):
                length, width = inputs[0].shape[1:]
                total += 4 * length * length * width
            elif isinstance(layer, nn.Linear):
                total += 2 * output.numel() * layer.in_features
            elif isinstance(layer, nn.Conv2d):
                total += 2 * output.numel() * layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1]

        hooks = [layer.register_forward_hook(count) for layer in self.model.modules()]
        self(torch.zeros(1, 3, SIDE, SIDE, dtype=torch.uint8))
        for hook in hooks:
            hook.remove()
        return total / 1e9

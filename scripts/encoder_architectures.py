"""The numbers of timm's networks that wsi builds itself; NotNative where one has a part that wsi does not know."""
import re

import torch


class NotNative(Exception):
    """What a model has that wsi does not build itself."""


def expect(holds, reason):
    if not holds:
        raise NotNative(reason)


def vit_architecture(model, pool):
    """The numbers of a timm VisionTransformer; NotNative where it has a part that wsi does not know."""
    from timm.layers import GluMlp, Mlp

    block = model.blocks[0]
    attention, mlp = block.attn, block.mlp
    names = set(model.state_dict())
    allowed = ("cls_token", "reg_token", "pos_embed", "patch_embed.proj.", "norm.")
    parts = ("norm1.", "norm2.", "attn.qkv.", "attn.proj.", "ls1.gamma", "ls2.gamma", "mlp.fc1.", "mlp.fc2.")
    for name in sorted(names):
        inner = name.split(".", 2)[2] if name.startswith("blocks.") else None
        expect(inner.startswith(parts) if inner else name.startswith(allowed), f"the tensor {name}")
    expect({"cls_token", "pos_embed", "norm.weight", "blocks.0.attn.qkv.bias"} <= names, "no class token, positions or bias")
    if type(mlp) is Mlp:
        kind = "gelu"
        expect(isinstance(mlp.act, torch.nn.GELU) and mlp.act.approximate == "none", f"the activation {mlp.act}")
    else:
        kind = "swiglu"
        expect(type(mlp) is GluMlp and isinstance(mlp.act, torch.nn.SiLU) and not mlp.gate_last, f"the MLP {mlp}")
    patch = model.patch_embed.patch_size
    expect(patch[0] == patch[1], "patches that are no squares")
    expect(pool == "cls+mean" or model.global_pool == "token", f"the pooling '{model.global_pool}'")
    return {
        "family": "vit", "patch": patch[0], "width": model.embed_dim, "depth": len(model.blocks),
        "heads": attention.num_heads, "hidden": mlp.fc1.out_features, "mlp": kind,
        "layer_scale": "blocks.0.ls1.gamma" in names, "register_tokens": model.num_reg_tokens,
        "prefix_positions": not model.no_embed_class, "pool": pool, "epsilon": model.norm.eps,
    }


def resnet_architecture(model, stages):
    """The numbers of a timm ResNet; NotNative where it has a part that wsi does not know."""
    from timm.models.resnet import BasicBlock, Bottleneck

    kinds = {type(block) for stage in (model.layer1, model.layer2, model.layer3, model.layer4) for block in stage}
    expect(len(kinds) == 1 and kinds <= {BasicBlock, Bottleneck}, f"the blocks {kinds}")
    expect(isinstance(model.conv1, torch.nn.Conv2d) and model.conv1.kernel_size == (7, 7), "another stem")
    expect(isinstance(model.maxpool, torch.nn.MaxPool2d), "another pooling in its stem")
    expect(model.global_pool.pool_type == "avg", f"the pooling '{model.global_pool.pool_type}'")
    first = model.layer1[0]
    expect(all(getattr(b, "se", None) is None for s in (model.layer1, model.layer4) for b in s), "attention in its blocks")
    expect(first.conv2.groups == 1 and first.conv2.out_channels == 64 and model.conv1.out_channels == 64, "other widths")
    layers = [len(stage) for stage in (model.layer1, model.layer2, model.layer3, model.layer4)][:stages]
    return {
        "family": "resnet", "block": "basic" if kinds == {BasicBlock} else "bottleneck", "layers": layers,
    }


def expect_gelu(activation):
    """PyTorch's, or timm's of the same name."""
    exact = getattr(activation, "approximate", "none") == "none"
    expect(type(activation).__name__ == "GELU" and exact, f"the activation {activation}")


def stages_of(names, allowed, parts):
    """Refuses tensors that are neither below `allowed` nor one of the `parts` of a block."""
    for name in names:
        block = re.fullmatch(r"(?:layers|stages)\.\d+\.blocks\.\d+\.(.+)", name)
        inner = block.group(1) if block else re.sub(r"^(layers|stages)\.\d+\.downsample\.", "downsample.", name)
        expect(inner.startswith(parts if block else allowed), f"the tensor {name}")


def swin_architecture(model):
    """The numbers of a timm SwinTransformer of the first version."""
    from timm.layers import Mlp

    names = set(model.state_dict())
    attention = ("attn.qkv.", "attn.proj.", "attn.relative_position_bias_table")
    stages_of(names, ("patch_embed.proj.", "patch_embed.norm.", "downsample.norm.", "downsample.reduction.", "norm."),
              ("norm1.", "norm2.", "mlp.fc1.", "mlp.fc2.") + attention)
    expect("layers.0.blocks.0.attn.qkv.bias" in names, "queries, keys and values without a bias")
    expect(model.global_pool == "avg", f"the pooling '{model.global_pool}'")
    window, patch = model.layers[0].blocks[0].window_size[0], model.patch_embed.patch_size
    for stage in model.layers:
        for index, block in enumerate(stage.blocks):
            side = block.input_resolution[0]
            wanted = min(window, side), window // 2 if index % 2 and side > window else 0
            expect((*block.window_size, *block.shift_size) == (wanted[0],) * 2 + (wanted[1],) * 2, "windows of several sides")
            mlp = block.mlp
            expect(type(mlp) is Mlp and mlp.fc1.out_features == 4 * mlp.fc1.in_features, f"the MLP {mlp}")
            expect_gelu(mlp.act)
    expect(patch[0] == patch[1], "patches that are no squares")
    return {
        "family": "swin", "patch": patch[0], "width": model.embed_dim, "layers": [len(s.blocks) for s in model.layers],
        "heads": [s.blocks[0].attn.num_heads for s in model.layers], "window": window, "stem": "patch",
        "stem_norm": "patch_embed.norm.weight" in names, "epsilon": model.norm.eps,
    }


def convnext_architecture(model):
    """The numbers of a timm ConvNeXt of either version."""
    names = set(model.state_dict())
    stages_of(names, ("stem.0.", "stem.1.", "downsample.0.", "downsample.1.", "norm_pre.", "head.norm."),
              ("conv_dw.", "norm.", "mlp.fc1.", "mlp.fc2.", "mlp.grn.", "gamma"))
    blocks = [block for stage in model.stages for block in stage.blocks]
    stem, first = model.stem[0], blocks[0]
    for block in blocks:
        hidden = block.mlp.fc1.weight
        expect(block.conv_dw.weight.shape[1:] == (1, 7, 7), f"the convolution {block.conv_dw}")
        expect_gelu(block.mlp.act)
        expect(hidden.shape[0] == 4 * hidden.shape[1], f"the MLP {block.mlp}")
        expect(isinstance(block.shortcut, torch.nn.Identity), "a shortcut with weights")
    widths = [stage.blocks[0].conv_dw.out_channels for stage in model.stages]
    expect(widths == [widths[0] << i for i in range(len(widths))], f"the widths {widths}")
    expect(stem.kernel_size == stem.stride and stem.kernel_size[0] == stem.kernel_size[1], "another stem")
    expect(model.head.global_pool.pool_type == "avg", f"the pooling '{model.head.global_pool.pool_type}'")
    return {
        "family": "convnext", "patch": stem.kernel_size[0], "width": widths[0], "layers": [len(s.blocks) for s in model.stages],
        "layer_scale": "stages.0.blocks.0.gamma" in names, "response_norm": "stages.0.blocks.0.mlp.grn.weight" in names,
        "norm_first": "norm_pre.weight" in names, "epsilon": first.norm.eps,
    }


def of(model, pool, stages):
    """The architecture of a timm model, of which a pooling and, of a ResNet, the number of stages are chosen."""
    from timm.models.convnext import ConvNeXt
    from timm.models.resnet import ResNet
    from timm.models.swin_transformer import SwinTransformer
    from timm.models.vision_transformer import VisionTransformer

    makers = {
        VisionTransformer: lambda: vit_architecture(model, pool), ResNet: lambda: resnet_architecture(model, stages),
        SwinTransformer: lambda: swin_architecture(model), ConvNeXt: lambda: convnext_architecture(model),
    }
    expect(type(model) in makers, f"a {type(model).__name__}")
    return makers[type(model)]()


def stored(name, tensor):
    """A tensor as wsi wants it: layers that are written as convolutions of one pixel are matrices."""
    if re.search(r"\.mlp\.fc[12]\.weight$", name):
        tensor = tensor.flatten(1)
    return tensor.contiguous().clone()
